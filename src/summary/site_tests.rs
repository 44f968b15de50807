//! Tests of the figures of an ordinary site.

use super::*;

fn row(buy: &str) -> Row {
    Row {
        site: Some(Box::new(SiteRow {
            buy_timing: Some(buy.into()),
            buy_times: vec![("X-Runtime".into(), 0.25)],
            cookies_dropped: 2,
            ..SiteRow::default()
        })),
        ..Row::default()
    }
}

#[test]
fn each_metric_is_a_figure() {
    let mut figures = SiteFigures::default();
    for _ in 0..3 {
        figures.add(&row("db;dur=41;desc=\"7 queries\", total;dur=60, hit"));
    }
    let mut twice = figures.clone();
    twice.merge(&figures);
    let restored = SiteFigures::of_record(&twice.record());
    for (figures, count) in [(figures, 3), (twice, 6), (restored, 6)] {
        let found = figures.timings();
        let found: Vec<_> = (found.iter())
            .map(|of| {
                (
                    of.step,
                    of.name.as_str(),
                    of.unit.as_str(),
                    of.p50,
                    of.count,
                )
            })
            .collect();
        assert_eq!(
            found,
            [
                ("buy", "db", "seconds", Some(0.041), count),
                ("buy", "db", "queries", Some(7.0), count),
                ("buy", "total", "seconds", Some(0.06), count),
                ("buy", "X-Runtime", "seconds", Some(0.25), count),
            ]
        );
        assert_eq!(figures.cookies_dropped, 2 * count);
    }
}

#[test]
fn metrics_without_end_are_left_out_and_counted() {
    let mut figures = SiteFigures::default();
    for number in 0..100 {
        figures.add(&row(&format!("m{number};dur=1")));
    }
    assert_eq!(figures.timings().len(), MOST_METRICS);
    assert_eq!(figures.metrics_left_out, 100 + 1 - MOST_METRICS as u64);
}
