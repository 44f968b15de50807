//! Whether runs may be compared: one load, not at the same time.

use crate::report::FoundRun;
use crate::text::counted;

use super::error::CompareError;
use super::sides::Sides;
use super::unlike::{called, unlike};

/// Refuses runs that are not of one load or took place at the same time; returns warnings.
pub(super) fn check(runs: &[FoundRun], sides: &Sides) -> Result<Vec<String>, CompareError> {
    let used: Vec<&FoundRun> = (runs.iter().enumerate())
        .filter(|(place, _)| sides.members.iter().any(|of| of.place.run == *place))
        .map(|(_, run)| run)
        .collect();
    overlap(&used)?;
    let mut warnings = Vec::new();
    let Some((first, others)) = used.split_first() else {
        return Ok(warnings);
    };
    // What differs from the first run, the run it was found in, and in how many more.
    let mut found: Vec<(String, &FoundRun, u64)> = Vec::new();
    for other in others {
        if let Some(what) = unlike(first, other, sides.by)? {
            match found.iter_mut().find(|(of, ..)| *of == what) {
                Some((.., more)) => *more += 1,
                None => found.push((what, other, 0)),
            }
        }
    }
    for (what, other, more) in found {
        let others = match more {
            0 => called(other),
            more => format!(
                "{} and {}",
                called(other),
                counted(more, "other run", "other runs")
            ),
        };
        warnings.push(format!("{} and {others}: {what}", called(first)));
    }
    if sides.cut > 0 {
        warnings.push(format!(
            "{} that a signal ended early {} left out: only whole rounds are compared",
            counted(sides.cut as u64, "part", "parts"),
            if sides.cut == 1 { "is" } else { "are" }
        ));
    }
    if sides.ignores_levels {
        warnings.push("some levels are not recorded: the others may not be the same".to_owned());
    }
    levels(sides, &mut warnings)?;
    Ok(warnings)
}

fn overlap(runs: &[&FoundRun]) -> Result<(), CompareError> {
    let mut spans: Vec<(i64, i64, &FoundRun)> = (runs.iter())
        .filter_map(|run| {
            let starts = run.parts.iter().filter_map(|part| part.facts.first_start);
            let ends = run.parts.iter().filter_map(|part| {
                let end = part
                    .facts
                    .first_start?
                    .saturating_add(part.facts.wall_nanos);
                Some(end.max(part.last_start.unwrap_or(end)))
            });
            Some((starts.min()?, ends.max()?, *run))
        })
        .collect();
    spans.sort_by_key(|(from, ..)| *from);
    for pair in spans.windows(2) {
        let ((_, end, a), (begin, _, b)) = (&pair[0], &pair[1]);
        // Instants of rows are cut to microseconds.
        if *begin < end.saturating_sub(1_000) {
            return Err(CompareError::Overlap {
                a: called(a),
                b: called(b),
            });
        }
    }
    Ok(())
}

/// Sides that have no level or variant in common with the baseline are refused; what only some have is left
/// out.
fn levels(sides: &Sides, warnings: &mut Vec<String>) -> Result<(), CompareError> {
    let of = |side: usize| {
        let mut contexts: Vec<_> = (sides.members.iter())
            .filter(|member| member.side == side)
            .map(|member| &member.context)
            .collect();
        contexts.sort();
        contexts.dedup();
        contexts
    };
    let baseline = of(0);
    for (side, name) in sides.names.iter().enumerate().skip(1) {
        let other = of(side);
        let lacking = |a: &[&crate::comparison::Context], b: &[&crate::comparison::Context]| {
            a.iter().filter(|of| !b.contains(of)).count()
        };
        let [of_baseline, of_other] = [lacking(&baseline, &other), lacking(&other, &baseline)];
        if of_baseline == baseline.len() {
            let shown = |contexts: &[&crate::comparison::Context]| {
                let levels: Vec<String> = (contexts.iter())
                    .map(|of| match (&of.level, &of.variant) {
                        (Some(level), _) => format!("-c {level}"),
                        (None, Some(variant)) => variant.clone(),
                        (None, None) => "no recorded level".to_owned(),
                    })
                    .collect();
                levels.join(", ")
            };
            return Err(CompareError::Unlike {
                a: sides.names[0].clone(),
                b: name.clone(),
                what: format!("{} and {}", shown(&baseline), shown(&other)),
            });
        }
        if of_baseline + of_other > 0 {
            warnings.push(format!(
                "{} and {name}: levels or variants that only one of them has are left out",
                sides.names[0]
            ));
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "alike_tests.rs"]
mod tests;
