//! Tests of the labelled lines.

use super::*;
use crate::cli::fail_if::parse;
use crate::summary::samples::{facts, part, sample, summary, summary_of};
use crate::summary::{Figures, Whole};
use crate::time::offset::Bounds;

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

/// As in 2015: the server works for 0.9 s, the client waits for 100 s.
#[test]
fn time_before_the_server_jumps_to_the_eye() {
    let mut figures = Figures::default();
    let journeys = &mut figures.journeys;
    for row in 0..100 {
        journeys.before.push(99_000 * MS + row * MS);
        journeys.inside.push(900 * MS);
        journeys.after.push(100 * MS);
        journeys.receive.push(0);
        journeys.main.add(Bounds {
            at_least: Some(-50 * MS),
            at_most: Some(50 * MS),
        });
    }
    let summary = summary_of(facts(), &part(), &figures);
    assert_eq!(
        plain_text(|out| where_time_went(&summary, out)),
        "\
Where time went   purchase: queueing and network 99 %, service time 1 %, after
                  <1 %
                  99.0 % of purchase time was queueing or network, 0.9 % service
                  time: look at the queue before the server's code (workers,
                  backlog, proxy) and at the network first
"
    );
}

#[test]
fn little_time_is_no_finding_and_none_no_line() {
    let nothing = summary_of(facts(), &part(), &Figures::default());
    assert_eq!(plain_text(|out| where_time_went(&nothing, out)), "");
    let mut figures = Figures::default();
    figures.journeys.before.push(10 * MS);
    figures.journeys.inside.push(MS);
    let short = summary_of(facts(), &part(), &figures);
    let text = plain_text(|out| where_time_went(&short, out));
    assert!(
        text.starts_with("Where time went   purchase: queueing"),
        "{text}"
    );
    assert!(!text.contains("of purchase time was"), "{text}");
}

#[test]
fn whose_clock_the_figures_have() {
    let mut of = summary();
    let text = plain_text(|out| figures(&of, out)).replace("\n                  ", " ");
    let expected = "Figures           trusted (kernel timestamps for 197 of 199 responses, this process's clock \
                    for the others, event loop 2 % busy)\n";
    assert_eq!(text, expected);
    of.instrument.kernel_stamped_responses = 0;
    assert!(plain_text(|out| figures(&of, out)).contains("(this process's clock, "));
    of.instrument.kernel_stamped_responses = 199;
    assert!(plain_text(|out| figures(&of, out)).contains("(kernel timestamps, "));
    of.instrument.trusted = None;
    assert!(plain_text(|out| figures(&of, out)).contains("not judged"));
}

#[test]
fn one_bound_and_a_hair_of_contradiction() {
    let bounds = |at_least, at_most| Interval { at_least, at_most };
    assert_eq!(interval(bounds(None, Some(MS))), "at most +1.000 ms");
    assert_eq!(interval(bounds(Some(MS), None)), "at least +1.000 ms");
    assert_eq!(
        interval(bounds(Some(1_000), Some(0))),
        "+0.000 ms to +0.001 ms"
    );
}
