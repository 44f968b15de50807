//! Tests of where the time went.

use super::*;
use crate::summary::Figures;
use crate::summary::samples::{facts, part, summary_of};
use crate::time::offset::Bounds;

const MS: i64 = 1_000_000;

fn plain_text(shown: impl Fn(&mut Vec<u8>) -> io::Result<()>) -> String {
    let mut out = Vec::new();
    shown(&mut out).expect("written");
    anstream::adapter::strip_str(&String::from_utf8(out).expect("text")).to_string()
}

/// As in 2015: the server works for 0.9 s, the client waits for 100 s.
#[test]
fn long_queueing_is_remarked_upon() {
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
        plain_text(|out| write(&summary, out)),
        "\
Where time went   purchase: queueing and network 99 %, service time 1 %, after
                  <1 %
                  most of it passed before the server's code began: look at the
                  queue before it (workers, backlog, proxy) and at the network
                  first
"
    );
}

#[test]
fn short_queueing_is_not_remarked_upon() {
    let nothing = summary_of(facts(), &part(), &Figures::default());
    assert_eq!(plain_text(|out| write(&nothing, out)), "");
    let mut figures = Figures::default();
    figures.journeys.before.push(10 * MS);
    figures.journeys.inside.push(MS);
    let short = summary_of(facts(), &part(), &figures);
    let text = plain_text(|out| write(&short, out));
    assert!(
        text.starts_with("Where time went   purchase: queueing"),
        "{text}"
    );
    assert!(!text.contains("most of it passed"), "{text}");
}

/// The offset of a clock 5 s ahead is known to within 60 ms: of purchases of 100 ms, 30 % is unknown.
#[test]
fn a_clock_known_roughly_gives_shares_that_say_so_and_too_roughly_none() {
    let shares = |half_millis: i64| {
        let mut figures = Figures::default();
        let journeys = &mut figures.journeys;
        for _ in 0..100 {
            journeys.before.push(5_010 * MS);
            journeys.inside.push(80 * MS);
            journeys.after.push(-4_990 * MS);
            journeys.receive.push(0);
            journeys.main.add(Bounds {
                at_least: Some((5_000 - half_millis) * MS),
                at_most: Some((5_000 + half_millis) * MS),
            });
        }
        let summary = summary_of(facts(), &part(), &figures);
        let uncertainty = summary.journey.uncertainty_nanos;
        assert_eq!(uncertainty, Some(half_millis * MS));
        plain_text(|out| write(&summary, out))
    };
    assert_eq!(
        shares(30),
        "\
Where time went   purchase: queueing and network 10 %, service time 80 %, after
                  10 % (± 30 %: the clock offset is uncertain)
"
    );
    assert_eq!(shares(60), "");
}
