//! Tests of the sections of variants.

use crate::show::text::{Detail, write};
use crate::summary::samples::{facts, part, sample};
use crate::summary::{PartFacts, RunFacts, Summary, VariantFacts, Whole};

fn written(detail: Detail, hostile: &str) -> String {
    let named = |name: &str| VariantFacts {
        name: name.to_owned(),
        target: Some("http://127.0.0.1:81".to_owned()),
    };
    let mut run = RunFacts {
        variants: vec![named(hostile), named("not there")],
        ..facts()
    };
    run.load.rounds = 2;
    let part = PartFacts {
        variant: Some(hostile.to_owned()),
        ..part()
    };
    let mut whole = Whole::default();
    whole.add(&part, &sample());
    let mut out = Vec::new();
    write(&Summary::of(run, whole, &[]), detail, &mut out).expect("a vector");
    String::from_utf8(anstream::adapter::strip_bytes(&out).into_vec()).expect("UTF-8")
}

#[test]
fn each_variant_has_a_section_and_what_is_mixed_is_absent() {
    let text = written(Detail::Brief, "a");
    for part in [
        "96 of 100 purchases over 2 variants, 4 failed",
        "2 rounds of 2 variants, 0 of which are complete",
        "Variant \"a\" at http://127.0.0.1:81: 96 of 100 purchases in 1 part, 4 failed,\n  48.0/s",
        "Variant \"not there\" at http://127.0.0.1:81: not run",
    ] {
        assert!(text.contains(part), "{part:?} is not in {text}");
    }
    assert_eq!(text.matches("Latency, ms").count(), 1, "{text}");
    assert_eq!(text.matches("\nStatus ").count(), 1, "{text}");
}

#[test]
fn a_hostile_name_is_printable_and_lines_stay_short() {
    for detail in [Detail::Brief, Detail::Full] {
        let text = written(detail, &"\u{1b}[2J\u{202e}x".repeat(60));
        let is_bad = |c: char| c != '\n' && crate::text::is_unprintable(c);
        assert!(!text.contains(is_bad), "{text:?}");
    }
}
