//! All parts, made into one comparison.

use std::collections::BTreeMap;

use crate::stats::scalability::{self, Finding};

use super::blocks::{Matched, matched};
use super::metric::Metric;
use super::part::{Context, PartMetrics, Replicate};
use super::place;
use super::resource::{LawFacts, LevelFacts, mean, resource};
use super::row::{Sides, row, untold, values};
use super::settle::settle;
use super::timings;
use super::value::{
    Block, Comparison, Design, Group, Number, Pair, Question, Row, SCHEMA_VERSION, Side,
};
use super::verdict::Verdict;
use super::warnings;

impl Comparison {
    /// The comparison of sides, the first of which is the baseline, by their parts.
    pub fn of(question: &Question, sides: &[String], parts: Vec<Replicate>) -> Comparison {
        let mut groups: BTreeMap<Context, Vec<Replicate>> = BTreeMap::new();
        for part in parts {
            groups.entry(part.context.clone()).or_default().push(part);
        }
        let pairs_of = |parts: &[Replicate]| -> Vec<usize> {
            let has = |side: usize| parts.iter().any(|part| part.side == side);
            (1..sides.len())
                .filter(|side| has(0) && has(*side))
                .collect()
        };
        let tests: usize = groups.values().map(|parts| pairs_of(parts).len()).sum();
        let looks = groups.values().flat_map(|parts| {
            let looks = pairs_of(parts).into_iter();
            looks.map(|other| matched(parts, 0, other).looks())
        });
        let looks = looks.max().unwrap_or(1);
        let alpha = (1.0 - question.confidence) / looks as f64;
        let mut comparison = Comparison {
            schema_version: SCHEMA_VERSION,
            by: question.by,
            primary: question.metric,
            margin: question.margin,
            confidence: question.confidence,
            looks,
            groups: Vec::new(),
            warnings: Vec::new(),
        };
        for (context, parts) in &groups {
            let others = pairs_of(parts);
            let mut found = Vec::new();
            let mut pairs = Vec::new();
            for other in others {
                let matched = matched(parts, 0, other);
                let names = [&sides[0], &sides[other]];
                let pair = pair(question, names, &matched, alpha, tests);
                warnings::of_pair(question, &pair, &matched, &mut found);
                pairs.push(pair);
            }
            let mut group = Group {
                level: context.level,
                variant: context.variant.clone(),
                sides: Vec::new(),
                pairs,
            };
            for (side, name) in sides.iter().enumerate() {
                let of_side: Vec<&PartMetrics> = (parts.iter())
                    .filter(|part| part.side == side)
                    .map(|part| &part.part)
                    .collect();
                if !of_side.is_empty() {
                    warnings::of_side(question, name, &of_side, &mut found);
                    let up_to = groups.range(..=context.clone());
                    let levels = up_to
                        .flat_map(|(_, parts)| parts)
                        .filter(|part| part.side == side);
                    group.sides.push(side_of(name, &of_side, levels));
                }
            }
            let place = match groups.len() {
                1 => String::new(),
                _ => place_of(&group),
            };
            for warning in found {
                let warning = format!("{place}{warning}");
                if !comparison.warnings.contains(&warning) {
                    comparison.warnings.push(warning);
                }
            }
            comparison.groups.push(group);
        }
        if looks > 1 {
            comparison.warnings.push(format!(
                "the rounds are of {looks} runs: rounds that were added after looking divide the {:.3} % of error \
                 over {looks} looks",
                (1.0 - question.confidence) * 100.0
            ));
        }
        comparison
    }
}

/// The beginning of a warning about one of several groups.
fn place_of(group: &Group) -> String {
    match (&group.level, &group.variant) {
        (Some(level), _) => format!("at -c {level}: "),
        (None, Some(variant)) => format!("{variant}: "),
        (None, None) => String::new(),
    }
}

/// A side of a group; `levels`: its parts at this level and those below.
fn side_of<'a>(
    name: &str,
    parts: &[&PartMetrics],
    levels: impl Iterator<Item = &'a Replicate>,
) -> Side {
    let mut by_level: BTreeMap<u64, Vec<&PartMetrics>> = BTreeMap::new();
    for part in levels {
        let level = part.context.level.unwrap_or(0);
        by_level.entry(level).or_default().push(&part.part);
    }
    let law = law(&by_level);
    let levels: Vec<LevelFacts> = (by_level.into_iter())
        .map(|(level, parts)| LevelFacts {
            level,
            facts: mean(&parts.iter().map(|part| part.resource).collect::<Vec<_>>()),
        })
        .collect();
    Side {
        name: name.to_owned(),
        parts: parts.len(),
        shoppers: parts.iter().map(|part| part.due).sum(),
        bought: parts.iter().map(|part| part.bought).sum(),
        resource: resource(&levels, law.as_ref()),
    }
}

/// The law of scalability that the levels follow, where there are enough of them and it describes them.
fn law(levels: &BTreeMap<u64, Vec<&PartMetrics>>) -> Option<LawFacts> {
    let of_level = |(level, parts): (&u64, &Vec<&PartMetrics>)| -> Vec<(u64, f64)> {
        let rates = parts
            .iter()
            .filter_map(|part| part.values.of(Metric::PurchasesPerSecond));
        rates
            .filter(|rate| *rate > 0.0)
            .map(|rate| (*level, rate))
            .collect()
    };
    let points: Vec<(u64, f64)> = levels.iter().flat_map(of_level).collect();
    let fit = scalability::fit(&points)?;
    if !(fit.is_tested() && fit.describes_levels()) {
        return None;
    }
    Some(match fit.finding {
        Finding::Knee { at, .. } => LawFacts {
            knee: Some(at),
            ceiling: None,
        },
        Finding::Falls { from, .. } => LawFacts {
            knee: Some(from as f64),
            ceiling: None,
        },
        Finding::NoKnee { ceiling, .. } => LawFacts {
            knee: None,
            ceiling,
        },
    })
}

/// The baseline and another side; `alpha` is the error of all the primary tests together.
fn pair(
    question: &Question,
    [baseline, other]: [&String; 2],
    matched: &Matched,
    alpha: f64,
    tests: usize,
) -> Pair {
    let [of_baseline, of_other] = matched.parts();
    let sides = Sides {
        design: matched.design,
        baseline: &of_baseline,
        other: &of_other,
    };
    let parts = || of_baseline.iter().chain(&of_other).copied();
    let named = timings::metrics(question.metric, parts());
    let all: Vec<_> = (Metric::ALL.into_iter().chain(named))
        .map(|metric| (metric, values(metric, &sides)))
        .collect();
    let is_secondary = |metric: Metric| metric != question.metric;
    // The times that a server sends are a family of their own: they leave the others the levels they have.
    let secondary = |is_of_server: bool| {
        (all.iter())
            .filter(|(metric, values)| is_secondary(*metric) && values.is_ok())
            .filter(|(metric, _)| metric.timing_key().is_some() == is_of_server)
            .count()
            .max(1)
    };
    let families = [false, true].map(secondary);
    let mut metrics: Vec<Row> = (all.into_iter())
        .map(|(metric, values)| match values {
            Err(reason) => untold(metric, !is_secondary(metric), reason),
            Ok(values) => {
                let alpha = match is_secondary(metric) {
                    true => {
                        let family = usize::from(metric.timing_key().is_some());
                        alpha / families[family] as f64
                    }
                    false => alpha / tests.max(1) as f64,
                };
                row(question, metric, alpha, &sides, values)
            }
        })
        .collect();
    metrics.sort_by_key(|row| !row.is_primary);
    let is_claimed = metrics[0].verdict.is_some_and(Verdict::is_claim);
    let stages = stages(question, &sides);
    let is_home = question.metric.is_of_home();
    // The mean of the successful ones does not have what failures added.
    let failed = |part: &&PartMetrics| match is_home {
        true => part.opened < part.due,
        false => part.bought < part.due,
    };
    let has_failures = of_baseline.iter().chain(&of_other).any(failed);
    let what = match is_home {
        true => "home page",
        false => "purchase",
    };
    Pair {
        baseline: baseline.clone(),
        other: other.clone(),
        design: matched.design,
        baseline_rounds: matched.baseline.len(),
        other_rounds: matched.other.len(),
        place: match is_claimed && !has_failures {
            true => place::sentence(what, &stages),
            false => None,
        },
        stage_changes: stages,
        settle: settle(question, &metrics, matched),
        metrics,
        blocks: blocks(question.metric, matched),
    }
}

fn stages(question: &Question, sides: &Sides) -> Vec<place::StageChange> {
    let of = |part: &PartMetrics| match question.metric.is_of_home() {
        true => part.stages.home.clone(),
        false => part.stages.buy.clone(),
    };
    let all: [Vec<Vec<(place::Stage, f64)>>; 2] =
        [sides.baseline, sides.other].map(|side| side.iter().map(|part| of(part)).collect());
    match sides.design {
        Design::Interleaved => {
            let pairs: Vec<_> = (all[0].iter().zip(&all[1]))
                .map(|(a, b)| [a.as_slice(), b.as_slice()])
                .collect();
            place::changes(&pairs)
        }
        _ => {
            let [a, b] = all.map(|side| mean_stages(&side));
            place::changes(&[[&a, &b]])
        }
    }
}

/// The means over parts of the stages that all of them have.
fn mean_stages(parts: &[Vec<(place::Stage, f64)>]) -> Vec<(place::Stage, f64)> {
    let Some(first) = parts.first() else {
        return Vec::new();
    };
    let means = first.iter().filter_map(|(stage, _)| {
        let mut sum = 0.0;
        for part in parts {
            sum += part.iter().find(|(of, _)| of == stage)?.1;
        }
        Some((*stage, sum / parts.len() as f64))
    });
    means.collect()
}

fn blocks(metric: Metric, matched: &Matched) -> Vec<Block> {
    if matched.design == Design::Separate {
        return Vec::new();
    }
    let pairs = matched.baseline.iter().zip(&matched.other);
    let value = |of: &Replicate| of.part.values.of(metric).and_then(Number::of);
    pairs
        .map(|(a, b)| Block {
            run: a.run + 1,
            round: a.round,
            began: a.part.began.into_iter().chain(b.part.began).min(),
            baseline: value(a),
            other: value(b),
        })
        .collect()
}

#[cfg(test)]
#[path = "whole_tests.rs"]
pub(crate) mod tests;
