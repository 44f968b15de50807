//! Whether runs may be compared: one load, not at the same time.

use crate::comparison::By;
use crate::report::{FoundPlan, FoundRun};
use crate::rows::load::Load;
use crate::rows::runs::SiteChoices;
use crate::text::counted;

use super::error::CompareError;
use super::sides::Sides;

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

/// A run in a sentence.
fn called(run: &FoundRun) -> String {
    let file = run.files.first().map(|path| path.display().to_string());
    let file = file.unwrap_or_default();
    match run.facts.title.as_str() {
        "" => format!("run {} of {file}", run.number),
        title => format!("run {} ({title}) of {file}", run.number),
    }
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

/// What differs in the loads of two runs: an error where it matters, a warning where it may.
fn unlike(a: &FoundRun, b: &FoundRun, by: By) -> Result<Option<String>, CompareError> {
    let refuse = |what: String| {
        Err(CompareError::Unlike {
            a: called(a),
            b: called(b),
            what,
        })
    };
    let (Some(plan_a), Some(plan_b)) = (&a.plan, &b.plan) else {
        if a.kind() != b.kind() {
            return refuse(format!("{} and {}", kind(a), kind(b)));
        }
        return Ok(match a.is_guessed || b.is_guessed {
            true => Some("their loads are not recorded, and may not be the same".to_owned()),
            false => None,
        });
    };
    if plan_a.hash == plan_b.hash {
        return Ok(None);
    }
    if a.kind() != b.kind() {
        return refuse(format!("{} and {}", kind(a), kind(b)));
    }
    let visits = visits(plan_a, plan_b);
    if visits != Visits::Same
        && let Some(what) = visit(a, b, plan_a, plan_b)
    {
        return refuse(what);
    }
    if visits == Visits::Different {
        return refuse(HIDDEN.to_owned());
    }
    let (load_a, load_b) = (&a.facts.load, &b.facts.load);
    if let Some(what) = load(load_a, load_b) {
        return refuse(what);
    }
    if load_a.levels != load_b.levels && by != By::Level {
        return Ok(Some(
            "their levels are not the same: what they have in common is compared".to_owned(),
        ));
    }
    if (load_a.rounds, load_a.pause_seconds.to_bits())
        != (load_b.rounds, load_b.pause_seconds.to_bits())
        || load_a.levels != load_b.levels
    {
        return Ok(Some("their rounds or pauses are not the same".to_owned()));
    }
    refuse(HIDDEN.to_owned())
}

/// What can differ without being named: only a hash of it is recorded.
const HIDDEN: &str =
    "values of header fields, product ids, what is posted, or paths are not the same";

/// Whether the shoppers of two runs do the same.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Visits {
    Same,
    Different,
    /// An earlier version did not record it.
    NotKnown,
}

fn visits(a: &FoundPlan, b: &FoundPlan) -> Visits {
    if a.visit_hash.is_empty() || b.visit_hash.is_empty() {
        return Visits::NotKnown;
    }
    match a.visit_hash == b.visit_hash {
        true => Visits::Same,
        false => Visits::Different,
    }
}

/// What differs in what shoppers do, of what can be named.
fn visit(a: &FoundRun, b: &FoundRun, plan_a: &FoundPlan, plan_b: &FoundPlan) -> Option<String> {
    if a.facts.app != b.facts.app && plan_a.choices == plan_b.choices {
        let app = |run: &FoundRun| run.facts.app.clone().unwrap_or_default();
        return Some(format!("app {:?} and {:?}", app(a), app(b)));
    }
    if plan_a.choices != plan_b.choices {
        return Some(choices(plan_a, plan_b));
    }
    let connections = |run: &FoundRun| [run.facts.keep_alive, run.facts.preconnect];
    (connections(a) != connections(b))
        .then(|| "only one has --keep-alive or --preconnect".to_owned())
}

fn kind(run: &FoundRun) -> &'static str {
    use crate::plan::Kind;
    match run.kind() {
        Kind::Burst => "a burst",
        Kind::Closed => "a closed workload",
        Kind::Open => "an open workload",
    }
}

fn choices(a: &FoundPlan, b: &FoundPlan) -> String {
    let (a, b) = (&a.choices, &b.choices);
    if a.page != b.page {
        return format!("page {:?} and {:?}", a.page, b.page);
    }
    if a.buy_query != b.buy_query {
        return format!("purchase {:?} and {:?}", a.buy_query, b.buy_query);
    }
    if a.tls != b.tls {
        return "options of TLS".to_owned();
    }
    if a.headers != b.headers {
        let names = |names: &[String]| match names {
            [] => "none".to_owned(),
            names => names.join(", "),
        };
        return format!(
            "header fields (--header): {} and {}",
            names(&a.headers),
            names(&b.headers)
        );
    }
    if a.purchases != b.purchases {
        return format!("{} and {} product ids", a.purchases, b.purchases);
    }
    if a.site != b.site {
        // What holds without these options.
        let usual = SiteChoices {
            method: "POST".to_owned(),
            expect: "200".to_owned(),
            report: "json".to_owned(),
            ..SiteChoices::default()
        };
        let of = |site: &Option<SiteChoices>| site.clone().unwrap_or_else(|| usual.clone());
        return site(&of(&a.site), &of(&b.site));
    }
    "time limits, --retry-delay, --max-body, --user-agent or --csrf".to_owned()
}

/// What differs in the options of an ordinary site.
fn site(a: &SiteChoices, b: &SiteChoices) -> String {
    let of = |option: &str, a: &str, b: &str| format!("{option} {a:?} and {b:?}");
    if a.expect != b.expect {
        return of("--expect", &a.expect, &b.expect);
    }
    if a.report != b.report {
        return of("--report", &a.report, &b.report);
    }
    if a.cookies != b.cookies {
        return "only one has --cookies".to_owned();
    }
    if a.method != b.method {
        return of("--method", &a.method, &b.method);
    }
    if a.csrf_page != b.csrf_page {
        return "--csrf-page".to_owned();
    }
    if a.posted != b.posted || a.content_type != b.content_type {
        return "what is posted: --form, --form-file, --body or their values".to_owned();
    }
    "--server-timing-total or --server-header".to_owned()
}

/// What differs in the load but for levels, rounds and pauses.
fn load(a: &Load, b: &Load) -> Option<String> {
    let seconds = |of: Option<f64>| of.map_or("none".to_owned(), |of| format!("{of} s"));
    if a.duration_seconds != b.duration_seconds {
        let [a, b] = [a, b].map(|load| seconds(load.duration_seconds));
        return Some(format!("duration {a} and {b}"));
    }
    if a.rate_per_second != b.rate_per_second {
        let [a, b] = [a, b].map(|load| load.rate_per_second.unwrap_or(0.0));
        return Some(format!("{a} and {b} arrivals per second"));
    }
    let without = |load: &Load| Load {
        levels: Vec::new(),
        rounds: 0,
        pause_seconds: 0.0,
        ..load.clone()
    };
    (without(a) != without(b)).then(|| "iterations, think time, stages or warm-up".to_owned())
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
