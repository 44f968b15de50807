//! Tests of the summaries of variants.

use serde_json::{Value, json};

use crate::cli::fail_if::threshold;
use crate::summary::samples::{facts, part, sample};
use crate::summary::{Figures, PartFacts, RunFacts, Summary, VariantFacts, Whole};

fn named(name: &str, port: u16) -> VariantFacts {
    VariantFacts {
        name: name.to_owned(),
        target: Some(format!("http://127.0.0.1:{port}")),
    }
}

fn run() -> RunFacts {
    let mut run = RunFacts {
        variants: vec![named("a", 81), named("b", 82), named("c", 83)],
        target: None,
        ..facts()
    };
    run.load.rounds = 2;
    run.load.levels = vec![100, 7];
    run
}

fn part_of(name: &str, level: u64) -> PartFacts {
    PartFacts {
        variant: Some(name.to_owned()),
        level: Some(level),
        ..part()
    }
}

/// The parts of two variants: b has no rows but failures.
fn whole(levels: &[u64]) -> Whole {
    let mut whole = Whole::default();
    for level in levels {
        whole.add(&part_of("b", *level), &Figures::default());
        whole.add(&part_of("a", *level), &sample());
    }
    whole
}

#[test]
fn figures_of_variants_are_apart() {
    let limits = [
        threshold("buy.p50>1h").expect("one"),
        threshold("errors>1%").expect("one"),
    ];
    let summary = Summary::of(run(), whole(&[100, 100]), &limits);
    let variants = summary.variants.as_ref().expect("variants");
    let told: Vec<_> = (variants.iter())
        .map(|of| (of.name.as_str(), of.parts, of.launched, of.bought))
        .collect();
    assert_eq!(told, [("a", 2, 200, 192), ("b", 2, 0, 0), ("c", 0, 0, 0)]);
    let a = &variants[0];
    assert_eq!(a.target.as_deref(), Some("http://127.0.0.1:81"));
    assert_eq!(a.buy_elapsed_seconds.expect("purchases").n, 200);
    assert!(a.purchases_per_second.is_some());
    assert_eq!(a.levels.as_ref().expect("one level").len(), 1);
    // All of them together are counted, and nothing else.
    assert_eq!((summary.launched, summary.bought), (200, 192));
    let value = serde_json::to_value(&summary).expect("JSON");
    for mixture in [
        "purchases_per_second",
        "home_elapsed_seconds",
        "buy_elapsed_seconds",
        "server_elapsed_seconds",
        "server_max_cpu_percent",
        "levels",
        "scalability",
    ] {
        assert_eq!(value[mixture], Value::Null, "{mixture}");
    }
    assert_eq!(value["whole_blocks"], json!(0), "c was not run");
    assert_eq!(value["server_clock"]["finding"], json!("unknown"));
    let outcomes: Vec<_> = (summary.thresholds.iter())
        .map(|of| (of.variant.as_deref(), of.threshold.as_str(), of.failed))
        .collect();
    assert_eq!(
        outcomes,
        [
            (Some("a"), "buy.p50>1h", false),
            (Some("a"), "errors>1%", true),
            (Some("b"), "buy.p50>1h", true),
            (Some("b"), "errors>1%", true),
            (Some("c"), "buy.p50>1h", true),
            (Some("c"), "errors>1%", true),
        ]
    );
}

#[test]
fn levels_of_a_variant_are_in_the_order_given() {
    let summary = Summary::of(run(), whole(&[7, 100]), &[]);
    let a = &summary.variants.expect("variants")[0];
    let levels: Vec<u64> = (a.levels.iter().flatten())
        .map(|level| level.concurrent)
        .collect();
    assert_eq!(levels, [100, 7]);
    assert_eq!(a.buy_elapsed_seconds, None, "over two levels");
}

#[test]
fn blocks_are_whole_where_no_part_is_missing_or_cut() {
    let run = RunFacts {
        variants: vec![named("a", 81), named("b", 82)],
        ..run()
    };
    let mut whole = Whole::default();
    for (round, levels, cut) in [
        (1, &[100, 7][..], false),
        (2, &[100], false),
        (3, &[7, 100], true),
    ] {
        for (name, level) in levels.iter().flat_map(|of| [("a", *of), ("b", *of)]) {
            let part = PartFacts {
                round,
                is_cut: cut && name == "a" && level == 100,
                ..part_of(name, level)
            };
            whole.add(&part, &sample());
        }
    }
    let summary = Summary::of(run, whole, &[]);
    assert_eq!(summary.whole_blocks, Some(1));
}
