use super::*;
use crate::show::text::{Detail, write as write_summary};
use crate::summary::samples::{facts, part, sample, summary, summary_of};

fn written(summary: &Summary) -> String {
    let mut out = Vec::new();
    write_summary(summary, Detail::Brief, &mut out).expect("written");
    anstream::adapter::strip_str(&String::from_utf8(out).expect("text")).to_string()
}

fn reason(text: &str, hint: &str) -> ReasonGiven {
    ReasonGiven {
        reason: text.to_owned(),
        hint: hint.to_owned(),
        ..ReasonGiven::default()
    }
}

#[test]
fn a_sound_run_names_what_can_be_trusted() {
    let text = written(&summary());
    let third = text.lines().nth(2).expect("a line");
    assert_eq!(third, "Trusted: home and purchase latencies, pace");
}

/// Good latencies of a burst at pages that are quicker than the launch.
#[test]
fn a_limited_pace_leaves_the_latencies_trusted() {
    let mut part = part();
    if let Some(usage) = &mut part.usage {
        usage.cpu = usage.wall;
    }
    let text = written(&summary_of(facts(), &part, &sample()));
    let lines: Vec<&str> = text.lines().skip(2).take(3).collect();
    assert_eq!(
        lines,
        [
            "Trusted: home and purchase latencies",
            "PACE LIMITED BY THIS CLIENT: the event loop used 100 % of its core (hint: a",
            "  faster or less busy core, or fewer virtual users)",
        ]
    );
    assert!(!text.contains("NOT TRUSTED"), "{text}");
}

#[test]
fn each_latency_that_is_not_trusted_has_its_reasons() {
    let mut summary = summary();
    let verdict = &mut summary.verdict;
    verdict.home = FigureVerdict::of(vec![reason("one", "x"), reason("two", "x")]);
    let text = written(&summary);
    assert!(
        text.contains("\nTrusted: purchase latencies, pace\n"),
        "{text}"
    );
    let line = "\nNOT TRUSTED: home latencies: one; two (hint: x)\n";
    assert!(text.contains(line), "{text}");

    summary.verdict.purchase = FigureVerdict::of(vec![reason("three", "")]);
    let text = written(&summary);
    assert!(text.contains("\nTrusted: pace\n"), "{text}");
    assert!(
        text.contains("\nNOT TRUSTED: purchase latencies: three\n"),
        "{text}"
    );
    assert!(
        text.contains(" NOT TRUSTED, see above (kernel timestamps"),
        "{text}"
    );
    let told = "home latencies: one; two (hint: x); purchase latencies: three";
    assert_eq!(limited(&summary.verdict, true), told);

    summary.verdict.purchase = summary.verdict.home.clone();
    summary.verdict.pace = FigureVerdict::of(vec![reason("late", "y")]);
    let text = written(&summary);
    assert!(
        text.contains("\nNOT TRUSTED: home and purchase latencies: one;"),
        "{text}"
    );
    assert!(!text.contains("\nTrusted"), "{text}");
    let told = "home and purchase latencies: one; two (hint: x)";
    assert_eq!(limited(&summary.verdict, false), told);
    let told = format!("{told}; pace: late (hint: y)");
    assert_eq!(limited(&summary.verdict, true), told);
}

#[test]
fn what_is_not_judged_is_not_named() {
    let mut summary = summary();
    summary.verdict = Verdict::default();
    let text = written(&summary);
    assert!(
        !text.contains("\nTrusted:") && !text.contains("NOT TRUSTED"),
        "{text}"
    );
}

/// Reasons may come from a file.
#[test]
fn reasons_of_files_are_made_printable() {
    let mut summary = summary();
    summary.verdict.home = FigureVerdict::of(vec![reason("a\u{1b}[2Jb", "")]);
    assert!(!written(&summary).contains('\u{1b}'));
}
