//! Tests of the labelled lines.

use super::*;
use crate::cli::fail_if::parse;
use crate::summary::Whole;
use crate::summary::samples::{facts, part, sample, summary};

const MS: i64 = 1_000_000;

fn plain_text(write: impl Fn(&mut Vec<u8>) -> io::Result<()>) -> String {
    let mut out = Vec::new();
    write(&mut out).expect("written");
    anstream::adapter::strip_str(&String::from_utf8(out).expect("text")).to_string()
}

#[test]
fn a_line_for_each_threshold() {
    let limits = ["buy.p99>300ms", "errors > 4%", "rate<40", "buy.p99.9>1s"];
    let limits: Vec<_> = limits.iter().map(|text| parse(text).expect(text)).collect();
    let mut whole = Whole::default();
    whole.add(&part(), &sample());
    let summary = Summary::of(facts(), whole, &limits);
    assert_eq!(
        plain_text(|out| thresholds(&summary, out)),
        "\
Thresholds        FAILED buy.p99>300ms is met: 2.000 s
                  ok errors > 4% is not met: 4.0 % (4 of 100)
                  ok rate<40 is not met: 48.000 per second
                  FAILED buy.p99.9>1s cannot be evaluated: p99.9 needs 1000
                  values, of which there are 100
"
    );
    assert_eq!(plain_text(|out| thresholds(&self::summary(), out)), "");
}

#[test]
fn the_clock_of_the_figures_is_named() {
    let mut of = summary();
    let text = plain_text(|out| figures(&of, out)).replace("\n                  ", " ");
    let expected = "Figures           latencies trusted (kernel timestamps for 197 of 199 responses, this process's clock \
                    for the others, event loop 2 % busy)\n";
    assert_eq!(text, expected);
    of.instrument.kernel_stamped_responses = 0;
    assert!(plain_text(|out| figures(&of, out)).contains("(this process's clock, "));
    of.instrument.kernel_stamped_responses = 199;
    assert!(plain_text(|out| figures(&of, out)).contains("(kernel timestamps, "));
    of.verdict = Default::default();
    assert!(plain_text(|out| figures(&of, out)).contains("not judged"));
}

#[test]
fn one_bound_and_a_negligible_contradiction() {
    let bounds = |at_least, at_most| Interval { at_least, at_most };
    assert_eq!(interval(bounds(None, Some(MS))), "at most +1.000 ms");
    assert_eq!(interval(bounds(Some(MS), None)), "at least +1.000 ms");
    assert_eq!(
        interval(bounds(Some(1_000), Some(0))),
        "+0.000 ms to +0.001 ms"
    );
}
