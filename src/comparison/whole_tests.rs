//! Tests of whole comparisons.

use super::*;
use crate::comparison::{Level, Resource, ResourceFacts, Series, Short, Stage, Stages};
use crate::plan::random::{SplitMix64, mix};

const BUY: Metric = Metric::Buy(Level::P50);

/// A part with 1,000 shoppers whose times are those of a shop that takes `seconds`.
fn part(seconds: f64) -> PartMetrics {
    let mut part = PartMetrics {
        due: 1_000,
        bought: 1_000,
        opened: 1_000,
        ..PartMetrics::default()
    };
    for metric in Metric::ALL {
        part.values.set(metric, Some(seconds));
    }
    part.values
        .set(Metric::PurchasesPerSecond, Some(4.0 / seconds));
    part.values.set(Metric::Errors, Some(0.0));
    part.stages.buy = vec![
        (Stage::Connect, 0.0001),
        (Stage::Queueing, 0.0005),
        (Stage::Service, seconds - 0.0008),
        (Stage::After, 0.0002),
    ];
    part.stages.home = vec![
        (Stage::Connect, 0.0001),
        (Stage::Wait, 0.001),
        (Stage::Receive, 0.0),
    ];
    part.resource = ResourceFacts {
        queue_share: Some(0.1),
        service_share: Some(0.84),
        queueing: Some(0.0005),
        service: Some(seconds),
        server_cpu: Some(0.95),
        on_cpu: Some(0.9),
        ..ResourceFacts::default()
    };
    part
}

fn replicate(side: usize, run: usize, round: u64, part: PartMetrics) -> Replicate {
    let began = (run as i64 * 1_000 + round as i64 * 10 + side as i64) * 1_000_000_000;
    Replicate {
        side,
        run,
        round,
        context: Context::default(),
        part: PartMetrics {
            began: Some(began),
            ended: Some(began + 1_000_000_000),
            ..part
        },
    }
}

fn names(sides: usize) -> Vec<String> {
    ["A", "B", "C", "D"][..sides]
        .iter()
        .map(|name| name.to_string())
        .collect()
}

/// Scatters a little, differently in every round.
fn scattered(seconds: f64, round: u64, salt: u64) -> f64 {
    let step = (mix(round * 1_000 + salt) % 1_000) as f64 / 1_000.0;
    seconds * (1.0 + 0.004 * (step - 0.5))
}

/// Rounds of two sides, interleaved.
fn rounds(number: u64, a: f64, b: f64) -> Vec<Replicate> {
    let round = |round| {
        [(0, a), (1, b)].map(|(side, seconds)| {
            let seconds = scattered(seconds, round, side as u64);
            replicate(side, 0, round, part(seconds))
        })
    };
    (1..=number).flat_map(round).collect()
}

/// A comparison of two variants in so many rounds, in which nothing is absent.
pub(crate) fn compared(number: u64) -> Comparison {
    Comparison::of(
        &Question::default(),
        &names(2),
        rounds(number, 0.005, 0.0055),
    )
}

/// The same of sides that take 5 ms and `seconds`.
pub(crate) fn compared_with(seconds: f64, number: u64) -> Comparison {
    Comparison::of(
        &Question::default(),
        &names(2),
        rounds(number, 0.005, seconds),
    )
}

fn of(question: Question, parts: Vec<Replicate>, sides: usize) -> Comparison {
    Comparison::of(&question, &names(sides), parts)
}

fn verdict(comparison: &Comparison) -> String {
    let row = comparison.primary_rows().next().expect("a pair");
    row.verdict_in_words()
}

/// Rounds whose server sends times: `db` on both sides, `cache` with the baseline only.
pub(crate) fn rounds_with_timings(number: u64, a: f64, b: f64) -> Vec<Replicate> {
    let mut parts = rounds(number, 0.005, 0.005);
    for replicate in &mut parts {
        let seconds = if replicate.side == 0 { a } else { b };
        let seconds = scattered(seconds, replicate.round, replicate.side as u64);
        let values = &mut replicate.part.values;
        let metric = |name: &str| Metric::named(name).expect(name);
        values.set(metric("buy.timing.db"), Some(seconds));
        values.set(metric("buy.timing.db.p99"), Some(2.0 * seconds));
        values.set(metric("buy.timing.db.mean"), Some(seconds));
        values.set(metric("buy.timing.db:queries"), Some(7.0));
        if replicate.side == 0 {
            values.set(metric("buy.timing.cache"), Some(0.001));
        }
    }
    parts
}

fn row_of<'a>(comparison: &'a Comparison, name: &str) -> Option<&'a Row> {
    let mut rows = comparison.groups[0].pairs[0].metrics.iter();
    rows.find(|row| row.metric.name() == name)
}

#[test]
fn times_of_the_server_are_metrics_of_a_family_of_their_own() {
    let comparison = of(
        Question::default(),
        rounds_with_timings(11, 0.001, 0.002),
        2,
    );
    let verdict_of = |name: &str| {
        let row = row_of(&comparison, name).expect(name);
        (row.verdict_in_words(), row.reason.clone())
    };
    assert_eq!(verdict_of("buy.timing.db.p50"), ("SLOWER".to_owned(), None));
    assert_eq!(verdict_of("buy.timing.db.p99"), ("SLOWER".to_owned(), None));
    assert_eq!(
        verdict_of("buy.timing.db:queries.p50"),
        ("SAME".to_owned(), None)
    );
    // Means are there where they are asked for.
    assert_eq!(row_of(&comparison, "buy.timing.db.mean"), None);
    let (verdict, reason) = verdict_of("buy.timing.cache.p50");
    assert_eq!(
        (&*verdict, reason.as_deref()),
        ("", Some("11 of 22 parts have no such figure"))
    );
    let confidence = |name: &str| row_of(&comparison, name).and_then(|row| row.confidence);
    assert_eq!(confidence("buy.timing.db.p50"), Some(1.0 - 0.05 / 3.0));
    let without = of(Question::default(), rounds(11, 0.005, 0.005), 2);
    assert_eq!(
        confidence("buy.p99"),
        row_of(&without, "buy.p99").and_then(|row| row.confidence)
    );
}

#[test]
fn a_time_of_the_server_can_be_the_primary_metric() {
    let asked = |name: &str| Question {
        metric: Metric::named(name).expect(name),
        ..Question::default()
    };
    let parts = rounds_with_timings(10, 0.001, 0.002);
    let comparison = of(asked("buy.timing.db.mean"), parts.clone(), 2);
    assert_eq!(verdict(&comparison), "SLOWER");
    assert!(comparison.is_any_worse());
    let primary = &comparison.groups[0].pairs[0].metrics[0];
    assert_eq!(primary.confidence, Some(0.95));
    let unknown = of(asked("buy.timing.view"), parts.clone(), 2);
    let primary = &unknown.groups[0].pairs[0].metrics[0];
    assert_eq!(primary.verdict, Some(Verdict::CannotTell));
    assert_eq!(
        primary.reason.as_deref(),
        Some("no part has it; there are buy.timing.cache, buy.timing.db, buy.timing.db:queries")
    );
    // Those of failed purchases would be left out.
    let mut failed = parts;
    failed[3].part.bought -= 1;
    let comparison = of(asked("buy.timing.db"), failed, 2);
    assert_eq!(verdict(&comparison), "CANNOT TELL");
    let primary = &comparison.groups[0].pairs[0].metrics[0];
    assert_eq!(
        primary.reason.as_deref(),
        Some("purchases failed, and it is of successful ones only")
    );
}

#[test]
fn a_count_that_rises_is_higher_and_worse() {
    let mut parts = rounds_with_timings(10, 0.001, 0.001);
    let queries = Metric::named("buy.timing.db:queries").expect("a metric");
    for replicate in parts.iter_mut().filter(|of| of.side == 1) {
        replicate.part.values.set(queries, Some(9.0));
    }
    let question = Question {
        metric: queries,
        ..Question::default()
    };
    let comparison = of(question, parts, 2);
    assert_eq!(verdict(&comparison), "HIGHER");
    assert!(comparison.is_any_worse());
}

#[test]
fn a_tenth_more_is_slower_and_its_place_is_named() {
    let comparison = compared(10);
    assert_eq!(verdict(&comparison), "SLOWER");
    let pair = &comparison.groups[0].pairs[0];
    assert_eq!(
        (pair.design, pair.baseline_rounds),
        (Design::Interleaved, 10)
    );
    let place = pair.place.as_deref().expect("a place");
    assert!(
        place.contains("arose in the server's code (service time)"),
        "{place}"
    );
    assert!(comparison.is_any_worse() && comparison.is_any_different());
    assert_eq!(comparison.groups[0].sides[1].resource.short, Short::Cpu);
    assert_eq!(pair.blocks.len(), 10);
}

#[test]
fn verdict_interval_and_table_agree() {
    for row in &compared(10).groups[0].pairs[0].metrics {
        let Some([Number(low), Number(high)]) = row.ratio_interval else {
            assert_eq!(row.metric, Metric::Errors);
            continue;
        };
        let verdict = row.verdict.expect("a verdict");
        assert_eq!(
            verdict,
            Verdict::of(row.metric, [low, high], 0.05),
            "{row:?}"
        );
        let Number(ratio) = row.ratio.expect("a ratio");
        assert!(low <= ratio && ratio <= high);
        let (Number(base), Number(change)) = (row.baseline.expect("one"), row.change.expect("one"));
        assert!((change - base * (ratio - 1.0)).abs() < 1e-9 * base);
    }
}

#[test]
fn the_primary_metric_has_the_full_level_and_the_others_share_it() {
    let comparison = compared(10);
    let rows = &comparison.groups[0].pairs[0].metrics;
    assert_eq!(rows.len(), 17);
    assert!(rows[0].is_primary && rows[0].metric == BUY);
    assert!((rows[0].confidence.expect("a level") - 0.95).abs() < 1e-12);
    for row in &rows[1..] {
        let confidence = row.confidence.expect("a level");
        assert!((confidence - (1.0 - 0.05 / 16.0)).abs() < 1e-12, "{row:?}");
        assert!(row.verdict.is_some());
    }
}

#[test]
fn the_full_level_is_divided_among_the_others_compared() {
    let three = |round| {
        [0, 1, 2].map(|side| replicate(side, 0, round, part(scattered(0.005, round, side as u64))))
    };
    let parts = (1..=10).flat_map(three).collect();
    let comparison = of(Question::default(), parts, 3);
    assert_eq!(comparison.groups[0].pairs.len(), 2);
    for row in comparison.primary_rows() {
        assert!((row.confidence.expect("a level") - 0.975).abs() < 1e-12);
    }
}

#[test]
fn rounds_that_do_not_reach_the_level_say_how_many_do() {
    let five = of(Question::default(), rounds(5, 0.005, 0.0055), 2);
    let row = five.primary_rows().next().expect("a pair");
    assert_eq!(row.verdict, Some(Verdict::CannotTell));
    assert_eq!(row.ratio_interval, None);
    assert_eq!(
        row.reason.as_deref(),
        Some("6 rounds reach this level, there are 5")
    );
    assert_eq!(row.rounds_needed, Some(6));
    let six = of(Question::default(), rounds(6, 0.005, 0.0055), 2);
    assert_eq!(verdict(&six), "SLOWER");
    let secondary = &six.groups[0].pairs[0].metrics[1];
    assert_eq!(
        secondary.reason.as_deref(),
        Some("10 rounds reach this level, there are 6")
    );
}

#[test]
fn equal_sides_are_the_same() {
    let comparison = of(Question::default(), rounds(10, 0.005, 0.005), 2);
    assert_eq!(verdict(&comparison), "SAME");
    assert_eq!(comparison.groups[0].pairs[0].place, None);
    assert!(!comparison.is_any_different() && !comparison.is_any_open());
}

#[test]
fn a_percent_is_different_but_small() {
    let comparison = of(Question::default(), rounds(10, 0.005, 0.00505), 2);
    assert_eq!(verdict(&comparison), "DIFFERENT BUT SMALL");
    assert!(comparison.is_any_different() && !comparison.is_any_worse());
    let strict = Question {
        margin: 0.0,
        ..Question::default()
    };
    assert_eq!(
        verdict(&of(strict, rounds(10, 0.005, 0.00505), 2)),
        "SLOWER"
    );
}

/// A server that sheds half its load.
#[test]
fn failed_purchases_are_infinitely_slow_and_cannot_win() {
    let mut parts = rounds(10, 0.005, 0.001);
    for part in parts.iter_mut().filter(|part| part.side == 1) {
        part.part.bought = 480;
        part.part.values.set(BUY, Some(f64::INFINITY));
        part.part.values.set(Metric::Errors, Some(0.52));
    }
    let comparison = of(Question::default(), parts, 2);
    assert_eq!(verdict(&comparison), "SLOWER");
    let rows = &comparison.groups[0].pairs[0].metrics;
    assert_eq!(rows[0].ratio, Some(Number(f64::INFINITY)));
    let row = |metric: Metric| rows.iter().find(|row| row.metric == metric).expect("a row");
    // The mean of the successful ones would look faster.
    for metric in [Metric::BuyMean, Metric::ServerP50, Metric::Service] {
        assert_eq!(row(metric).verdict, None, "{metric:?}");
    }
    assert_eq!(row(Metric::HomeMean).verdict, Some(Verdict::Faster));
    let errors = row(Metric::Errors);
    assert_eq!(errors.verdict, Some(Verdict::Higher));
    assert_eq!((errors.change, errors.ratio), (Some(Number(0.52)), None));
}

#[test]
fn a_primary_metric_without_figures_cannot_be_told() {
    let mut parts = rounds(10, 0.005, 0.006);
    for part in &mut parts {
        part.part.due = 100;
        part.part.bought = 100;
        part.part.values.set(Metric::Buy(Level::P99_9), None);
    }
    let question = Question {
        metric: Metric::Buy(Level::P99_9),
        ..Question::default()
    };
    let comparison = of(question, parts, 2);
    assert_eq!(verdict(&comparison), "CANNOT TELL");
    let row = comparison.primary_rows().next().expect("a pair");
    assert_eq!(
        row.reason.as_deref(),
        Some("too few shoppers in 20 of 20 parts: 1000 are needed in each")
    );
}

#[test]
fn separate_runs_cannot_be_told_unless_the_risk_is_taken() {
    let parts = || -> Vec<Replicate> {
        let mut parts = rounds(10, 0.005, 0.006);
        parts.iter_mut().for_each(|part| part.run = part.side);
        parts
    };
    let comparison = of(Question::default(), parts(), 2);
    assert_eq!(verdict(&comparison), "CANNOT TELL (not interleaved)");
    let row = comparison.primary_rows().next().expect("a pair");
    assert!(row.ratio.is_some() && row.ratio_interval.is_some());
    let settle = &comparison.groups[0].pairs[0].settle;
    assert_eq!(settle.len(), 1, "no number of such rounds: {settle:?}");
    assert!(settle[0].contains("--variant"), "{settle:?}");
    let accepted = Question {
        accept_separate: true,
        ..Question::default()
    };
    let comparison = of(accepted, parts(), 2);
    assert_eq!(verdict(&comparison), "SLOWER (not interleaved)");
    assert_eq!(comparison.groups[0].pairs[0].design, Design::Separate);
}

#[test]
fn single_runs_stand_side_by_side() {
    let mut random = SplitMix64(3);
    let mut single = |side: usize, seconds: f64| {
        let mut part = part(seconds);
        part.values.set(BUY, Some(seconds * 2f64.ln()));
        part.series = Series {
            home: Vec::new(),
            buy: (0..1_000).map(|_| seconds * random.exponential()).collect(),
        };
        replicate(side, side, 1, part)
    };
    let parts = vec![single(0, 0.005), single(1, 0.006)];
    let comparison = of(Question::default(), parts, 2);
    assert_eq!(verdict(&comparison), "CANNOT TELL (single runs)");
    let pair = &comparison.groups[0].pairs[0];
    let row = &pair.metrics[0];
    assert_eq!((row.ratio_interval, row.confidence), (None, None));
    let [Number(low), Number(high)] = row.baseline_interval.expect("an interval");
    // The median of exponential times.
    assert!(low < 0.005 * 2f64.ln() && 0.005 * 2f64.ln() < high && high - low < 0.001);
    assert!(row.other_interval.is_some());
    assert!(pair.settle[0].contains("--variant"));
}

#[test]
fn incomplete_rounds_are_left_out() {
    let mut parts = rounds(10, 0.005, 0.0055);
    parts.pop();
    let comparison = of(Question::default(), parts, 2);
    let pair = &comparison.groups[0].pairs[0];
    assert_eq!(pair.baseline_rounds, 9);
    assert_eq!(
        comparison.warnings,
        ["A and B: 1 part of an incomplete round is left out"]
    );
}

#[test]
fn rounds_of_several_runs_divide_the_level_over_the_looks() {
    let mut parts = rounds(10, 0.005, 0.0055);
    for mut part in rounds(10, 0.005, 0.0055) {
        part.run = 1;
        parts.push(part);
    }
    let comparison = of(Question::default(), parts, 2);
    assert_eq!(comparison.looks, 2);
    let row = comparison.primary_rows().next().expect("a pair");
    assert!((row.confidence.expect("a level") - 0.975).abs() < 1e-12);
    assert!(
        comparison
            .warnings
            .iter()
            .any(|of| of.contains("over 2 looks"))
    );
}

#[test]
fn levels_have_tables_of_their_own() {
    let mut parts = Vec::new();
    for level in [10, 1] {
        for mut part in rounds(10, 0.005, 0.0055) {
            part.context.level = Some(level);
            parts.push(part);
        }
    }
    let comparison = of(Question::default(), parts, 2);
    let levels: Vec<Option<u64>> = comparison.groups.iter().map(|group| group.level).collect();
    assert_eq!(levels, [Some(1), Some(10)]);
    for row in comparison.primary_rows() {
        assert!((row.confidence.expect("a level") - 0.975).abs() < 1e-12);
    }
}

#[test]
fn drift_distrust_and_small_differences_are_warned_of() {
    let mut parts = rounds(10, 0.005, 0.00505);
    for part in &mut parts {
        let drift = 1.0 + 0.01 * part.round as f64;
        let value = part.part.values.of(BUY).expect("a value");
        part.part.values.set(BUY, Some(value * drift));
        part.part.own_buy = [Some(0.0001), Some(0.0002)];
        if part.side == 1 && part.round <= 3 {
            part.part.distrust_buy = Some("too late".to_owned());
        }
    }
    let question = Question {
        floor_seconds: Some(0.0003),
        ..Question::default()
    };
    let warnings = of(question, parts, 2).warnings.join("\n");
    for expected in [
        "A: buy.p50 rose over the rounds (Kendall's tau 1.00)",
        "B: the latencies of 3 of 10 parts are NOT TRUSTED (too late)",
        "is below the share of this client of 0.100 ms",
        "is below the floor of 0.300 ms that calibrate measured",
    ] {
        assert!(warnings.contains(expected), "{expected}: {warnings}");
    }
    // Both sides drifted alike.
    assert!(!warnings.contains("the ratio of"), "{warnings}");
}

#[test]
fn an_open_verdict_says_how_many_rounds_would_settle_it() {
    let mut parts = rounds(8, 0.005, 0.0051);
    for part in &mut parts {
        let value = part.part.values.of(BUY).expect("a value");
        let step = (mix(part.round * 31 + part.side as u64) % 1_000) as f64 / 1_000.0;
        part.part.values.set(BUY, Some(value * (0.9 + 0.2 * step)));
    }
    let comparison = of(Question::default(), parts, 2);
    assert_eq!(verdict(&comparison), "CANNOT TELL");
    let pair = &comparison.groups[0].pairs[0];
    let needed = pair.metrics[0].rounds_needed.expect("a number");
    assert!(needed > 8);
    let sentence = format!(
        "buy.p50: {} more rounds would settle it, in one run: --rounds {needed} (",
        needed - 8
    );
    assert!(pair.settle[0].starts_with(&sentence), "{:?}", pair.settle);
}

#[test]
fn the_other_way_round_is_the_mirror_image() {
    let forward = of(Question::default(), rounds(10, 0.005, 0.0055), 2);
    let mut exchanged = rounds(10, 0.005, 0.0055);
    exchanged
        .iter_mut()
        .for_each(|part| part.side = 1 - part.side);
    let backward = of(Question::default(), exchanged, 2);
    let [a, b] = [&forward, &backward].map(|of| of.primary_rows().next().expect("a pair").clone());
    let number = |of: Option<Number>| of.expect("a number").0;
    assert!((number(a.ratio) * number(b.ratio) - 1.0).abs() < 1e-12);
    let ([a_low, a_high], [b_low, b_high]) = (
        a.ratio_interval.expect("one"),
        b.ratio_interval.expect("one"),
    );
    assert!((a_low.0 * b_high.0 - 1.0).abs() < 1e-12 && (a_high.0 * b_low.0 - 1.0).abs() < 1e-12);
    assert_eq!(b.verdict, Some(Verdict::Faster));
}

#[test]
fn a_sweep_is_told_by_all_its_levels() {
    let side = side_of(
        "A",
        &[&part(0.005)],
        [1, 10]
            .map(|level| {
                let mut at = replicate(0, 0, 1, part(0.005 * level as f64));
                at.context.level = Some(level);
                at
            })
            .iter(),
    );
    let Resource { short, sentence } = side.resource;
    assert_eq!(short, Short::Cpu);
    assert!(sentence.contains("grows with the level"), "{sentence}");
}

/// Purchases of both sides fail in most of the shoppers: neither is slower, and that is said.
#[test]
fn two_infinite_sides_are_a_tie_and_warned_of() {
    let mut parts = rounds(10, 0.005, 0.006);
    for part in &mut parts {
        part.part.bought = part.part.due / 10;
        part.part.values.set(BUY, Some(f64::INFINITY));
        let share = if part.side == 1 { 0.9 } else { 0.7 };
        part.part.values.set(Metric::Errors, Some(share));
    }
    let comparison = of(Question::default(), parts, 2);
    let rows = &comparison.groups[0].pairs[0].metrics;
    assert_eq!(verdict(&comparison), "SAME");
    assert_eq!(rows[0].ratio, Some(Number(1.0)));
    assert_eq!(rows[0].ratio_interval, Some([Number(1.0); 2]));
    assert_eq!(rows[0].change, Some(Number(0.0)));
    assert_eq!(rows[0].baseline, Some(Number(f64::INFINITY)));
    // Nothing was subtracted from infinity.
    let json = serde_json::to_string(&comparison).expect("JSON");
    assert!(
        !json.contains("NaN") && json.contains("\"infinite\""),
        "{json}"
    );
    let errors = rows.iter().find(|row| row.metric == Metric::Errors);
    let errors = errors.expect("a row");
    assert_eq!(errors.verdict, Some(Verdict::Higher));
    assert!((errors.change.expect("points").0 - 0.2).abs() < 1e-12);
    for name in ["A", "B"] {
        let told = format!(
            "{name}: buy.p50 is that of a failed shopper in 10 of 10 parts, and counts as infinite"
        );
        assert!(
            comparison.warnings.contains(&told),
            "{:?}",
            comparison.warnings
        );
    }
}

/// No purchase of the variant succeeds in any round: it has no times of purchases at all.
#[test]
fn a_variant_in_which_every_purchase_fails_loses() {
    for side in [0, 1] {
        let mut parts = rounds(10, 0.005, 0.005);
        for part in parts.iter_mut().filter(|part| part.side == side) {
            let part = &mut part.part;
            part.bought = 0;
            for metric in Metric::ALL {
                let failed = match metric {
                    Metric::Buy(_) => Some(f64::INFINITY),
                    Metric::PurchasesPerSecond => Some(0.0),
                    Metric::Errors => Some(1.0),
                    of if of.is_of_home() => part.values.of(of),
                    _ => None,
                };
                part.values.set(metric, failed);
            }
            part.stages = Stages::default();
            part.resource = ResourceFacts {
                failures: 1.0,
                ..ResourceFacts::default()
            };
        }
        let comparison = of(Question::default(), parts, 2);
        let (expected, ratio) = match side {
            0 => ("FASTER", 0.0),
            _ => ("SLOWER", f64::INFINITY),
        };
        assert_eq!(verdict(&comparison), expected);
        let pair = &comparison.groups[0].pairs[0];
        let row = |metric: Metric| pair.metrics.iter().find(|row| row.metric == metric);
        assert_eq!(pair.metrics[0].ratio, Some(Number(ratio)));
        assert_eq!(pair.place, None);
        for metric in [
            Metric::BuyMean,
            Metric::ServerP50,
            Metric::Queueing,
            Metric::Service,
        ] {
            let row = row(metric).expect("a row");
            assert_eq!(row.verdict, None, "{metric:?}");
            assert!(
                row.reason
                    .as_deref()
                    .is_some_and(|of| of.contains("failed")),
                "{row:?}"
            );
        }
        let errors = row(Metric::Errors).expect("a row");
        assert_eq!(errors.change.map(|of| of.0.abs()), Some(1.0));
        let rate = row(Metric::PurchasesPerSecond).expect("a row");
        let towards = if side == 0 {
            Verdict::Higher
        } else {
            Verdict::Lower
        };
        assert_eq!(rate.verdict, Some(towards));
    }
}

#[test]
fn identical_values_are_the_same_at_every_margin() {
    for margin in [0.0, 0.05, 0.99] {
        let round = |round| [0, 1].map(|side| replicate(side, 0, round, part(0.005)));
        let question = Question {
            margin,
            ..Question::default()
        };
        let comparison = of(question, (1..=10).flat_map(round).collect(), 2);
        for row in &comparison.groups[0].pairs[0].metrics {
            assert_eq!(row.verdict, Some(Verdict::Same), "{margin}: {row:?}");
            assert_eq!(row.change, Some(Number(0.0)), "{row:?}");
        }
        assert!(comparison.warnings.is_empty(), "{:?}", comparison.warnings);
    }
}

/// Half of the rounds are ties: an interval of so few differences contains none.
#[test]
fn ties_do_not_become_claims() {
    let round = |round: u64| {
        [0, 1].map(|side| {
            let more = if side == 1 && round > 5 { 1.2 } else { 1.0 };
            replicate(side, 0, round, part(0.005 * more))
        })
    };
    let comparison = of(Question::default(), (1..=10).flat_map(round).collect(), 2);
    let row = comparison.primary_rows().next().expect("a pair");
    assert_eq!(row.verdict, Some(Verdict::CannotTell), "{row:?}");
    assert_eq!(row.ratio_interval.map(|of| of[0]), Some(Number(1.0)));
}

/// The part of a variant that a signal ended is missing; the block before it is whole.
#[test]
fn a_block_without_one_of_three_variants_does_not_count_for_any_pair() {
    let mut parts: Vec<Replicate> = (1..=8)
        .flat_map(|round| {
            [0, 1, 2]
                .map(|side| replicate(side, 0, round, part(scattered(0.005, round, side as u64))))
        })
        .collect();
    parts.retain(|part| (part.side, part.round) != (2, 8));
    let comparison = of(Question::default(), parts, 3);
    let rounds = comparison.groups[0].pairs.iter();
    let rounds: Vec<[usize; 2]> = rounds
        .map(|pair| [pair.baseline_rounds, pair.other_rounds])
        .collect();
    assert_eq!(rounds, [[7, 7], [7, 7]]);
    assert_eq!(
        comparison.warnings,
        [
            "A and B: 2 parts of incomplete rounds are left out",
            "A and C: 1 part of an incomplete round is left out"
        ]
    );
}

/// Two levels and three variants make four primary tests.
#[test]
fn levels_of_three_variants_share_the_level() {
    let mut parts = Vec::new();
    for level in [1, 10] {
        for round in 1..=12 {
            for side in 0..3 {
                let mut part =
                    replicate(side, 0, round, part(scattered(0.005, round, side as u64)));
                part.context.level = Some(level);
                parts.push(part);
            }
        }
    }
    let comparison = of(Question::default(), parts, 3);
    let confidences: Vec<f64> = comparison
        .primary_rows()
        .map(|row| row.confidence.expect("a level"))
        .collect();
    assert_eq!(confidences.len(), 4);
    assert!(
        confidences.iter().all(|of| (of - 0.9875).abs() < 1e-12),
        "{confidences:?}"
    );
    assert!(
        comparison
            .primary_rows()
            .all(|row| row.verdict == Some(Verdict::Same))
    );
}

#[test]
fn a_margin_of_nothing_needs_no_finite_number_of_rounds() {
    let question = Question {
        margin: 0.0,
        ..Question::default()
    };
    let comparison = of(question, rounds(10, 0.005, 0.005), 2);
    let row = comparison.primary_rows().next().expect("a pair");
    assert_eq!(
        (row.verdict, row.rounds_needed),
        (Some(Verdict::CannotTell), None)
    );
    let settle = &comparison.groups[0].pairs[0].settle;
    assert_eq!(settle.len(), 1, "{settle:?}");
    assert!(settle[0].contains("--margin"), "{settle:?}");
}

#[test]
fn what_longer_rounds_would_settle_is_not_told_as_a_number_of_rounds() {
    let mut parts = rounds(10, 0.005, 0.005);
    for part in &mut parts {
        let wild = (mix(part.round * 7 + part.side as u64) % 1_000) as f64 / 1_000.0;
        part.part
            .values
            .set(Metric::HomeMean, Some(0.001 * (0.5 + wild)));
        part.part.due = 90;
        part.part.bought = 90;
        part.part.opened = 90;
        part.part.values.set(Metric::Buy(Level::P99), None);
    }
    let comparison = of(Question::default(), parts.clone(), 2);
    let settle = &comparison.groups[0].pairs[0].settle;
    let far = settle
        .iter()
        .find(|of| of.contains("--duration"))
        .expect("a sentence");
    assert!(far.ends_with("(--duration): home.mean"), "{settle:?}");
    assert!(
        settle.iter().all(|of| !of.contains("home.mean 1")),
        "{settle:?}"
    );

    let question = Question {
        metric: Metric::Buy(Level::P99),
        ..Question::default()
    };
    let settle = of(question, parts, 2).groups[0].pairs[0].settle.clone();
    let told = "buy.p99: longer rounds, of 100 shoppers or more each, would tell it: --duration or --repeat";
    assert_eq!(settle[0], told);
}

/// One block: the rounds are what is missing, not the variants.
#[test]
fn a_single_round_of_variants_asks_for_rounds() {
    let comparison = of(Question::default(), rounds(1, 0.005, 0.006), 2);
    assert_eq!(verdict(&comparison), "CANNOT TELL (single runs)");
    let settle = &comparison.groups[0].pairs[0].settle;
    assert_eq!(settle.len(), 1, "{settle:?}");
    assert!(settle[0].contains("--rounds 10"), "{settle:?}");
}

/// Some rounds of one side are infinite: more of them would not make it finite.
#[test]
fn rounds_in_which_shoppers_failed_ask_for_their_cause() {
    let mut parts = rounds(10, 0.005, 0.0051);
    for part in parts
        .iter_mut()
        .filter(|part| part.side == 1 && part.round > 5)
    {
        part.part.bought = 10;
        part.part.values.set(BUY, Some(f64::INFINITY));
    }
    let comparison = of(Question::default(), parts, 2);
    let row = comparison.primary_rows().next().expect("a pair");
    assert_eq!(
        (row.verdict, row.rounds_needed),
        (Some(Verdict::Slower), None)
    );
    let mut parts = rounds(10, 0.005, 0.004);
    for part in parts
        .iter_mut()
        .filter(|part| part.side == 1 && part.round > 5)
    {
        part.part.values.set(BUY, Some(f64::INFINITY));
    }
    let comparison = of(Question::default(), parts, 2);
    assert_eq!(verdict(&comparison), "CANNOT TELL");
    let settle = &comparison.groups[0].pairs[0].settle;
    assert!(
        settle[0].contains("find out why shoppers failed"),
        "{settle:?}"
    );
}
