//! Tests of what becomes of thresholds.

use super::*;
use crate::cli::fail_if::parse;
use crate::summary::samples::sample;
use crate::summary::sweeps::level;

#[derive(Debug, PartialEq)]
enum Finding {
    Met(Value),
    NotMet(Value),
    Unknown(String),
}

/// Evaluates a threshold over a span of two seconds.
fn finding(text: &str, figures: &Figures, rate: Option<f64>) -> Finding {
    let threshold = parse(text).expect(text);
    let outcome = evaluate(&threshold, figures, rate, &[]);
    assert_eq!(outcome.threshold, threshold.text);
    let is_well = outcome.state == ThresholdState::NotMet;
    assert_eq!(
        outcome.failed, !is_well,
        "what cannot be evaluated has failed"
    );
    match judged(&threshold, figures, rate) {
        Ok((true, value)) => Finding::Met(value),
        Ok((false, value)) => Finding::NotMet(value),
        Err(why) => Finding::Unknown(why),
    }
}

#[test]
fn a_figure_is_compared_with_its_limit() {
    let figures = sample();
    let ms = |ms: i64| Value::Nanos(ms * 1_000_000);
    for (condition, crossed, value) in [
        ("buy.p99>300ms", true, ms(2000)),
        ("buy.p99>2s", false, ms(2000)),
        ("buy.p99>=2s", true, ms(2000)),
        ("buy.p99<2s", false, ms(2000)),
        ("buy.p99<=2s", true, ms(2000)),
        ("buy.p50<50ms", true, ms(49)),
        ("buy.min<1ms", false, ms(1)),
        ("buy.max>1h", false, ms(2000)),
        ("buy.mean>100ms", true, Value::Nanos(106_610_000)),
        ("home.max>1500us", false, Value::Nanos(1_500_000)),
        ("server.p90>0.4ms", true, Value::Nanos(500_000)),
        ("rest.max>1", true, ms(1250)),
        ("errors>4%", false, Value::Part(4, 100)),
        ("errors>=4%", true, Value::Part(4, 100)),
        ("home.errors>0", false, Value::Part(0, 100)),
        ("buy.errors>2.99%", true, Value::Part(3, 100)),
        ("server.errors>1%", true, Value::Part(1, 97)),
        ("rest.errors>=100%", true, Value::Part(1, 1)),
        ("rate<48", false, Value::Rate(48.0)),
        ("rate<=48/s", true, Value::Rate(48.0)),
        ("purchases_per_second<48.1", true, Value::Rate(48.0)),
    ] {
        let expected = match crossed {
            true => Finding::Met(value),
            false => Finding::NotMet(value),
        };
        assert_eq!(
            finding(condition, &figures, Some(48.0)),
            expected,
            "{condition}"
        );
    }
}

/// Answers with times of the server, and pages of forms of which one failed.
fn of_site() -> Figures {
    let mut figures = sample();
    let site = figures.site.get_or_insert_default();
    let mut row = crate::row::Row::default();
    for number in 1..=100 {
        row.site = Some(Box::new(crate::row::SiteRow {
            buy_timing: Some(format!("db;dur={number};desc=\"{number} queries\"").into()),
            home_timing: Some("db;dur=2".into()),
            ..Default::default()
        }));
        site.add(&row);
    }
    site.form_page = (1..=100).map(|ms| ms * 1_000_000).collect();
    site.form_pages_failed = 1;
    figures
}

#[test]
fn times_of_the_server_and_pages_of_forms_have_thresholds() {
    let figures = of_site();
    let ms = |ms: i64| Value::Nanos(ms * 1_000_000);
    let count = |count: i64| Value::Count(count * 1_000_000_000);
    for (condition, crossed, value) in [
        ("buy.timing.db.p99>50ms", true, ms(99)),
        ("buy.timing.db.p50>50ms", false, ms(50)),
        ("buy.timing.db.max>=0.1", true, ms(100)),
        ("home.timing.db.mean<2ms", false, ms(2)),
        ("buy.timing.db:queries.max>99", true, count(100)),
        ("buy.timing.db:queries.p90>90", false, count(90)),
        ("form.p99>98ms", true, ms(99)),
        ("form.max>100ms", false, ms(100)),
        ("form.errors>1%", false, Value::Part(1, 100)),
        ("form.errors>=1%", true, Value::Part(1, 100)),
    ] {
        let expected = match crossed {
            true => Finding::Met(value),
            false => Finding::NotMet(value),
        };
        assert_eq!(finding(condition, &figures, None), expected, "{condition}");
    }
    let outcome = |text: &str| evaluate(&parse(text).expect(text), &figures, None, &[]);
    let queries = outcome("buy.timing.db:queries.max>99");
    assert_eq!((queries.value, queries.unit), (Some(100.0), "count"));
    assert_eq!(outcome("buy.timing.db.max>99s").unit, "seconds");
    assert_eq!(outcome("form.errors>5%").unit, "share");
    for (condition, figures, why) in [
        (
            "buy.timing.view.p50>1s",
            &figures,
            "no response has it; there are home.timing.db, buy.timing.db, buy.timing.db:queries",
        ),
        (
            "buy.timing.db.p99.9>1s",
            &figures,
            "p99.9 needs 1000 values, of which there are 100",
        ),
        (
            "buy.timing.db.p50>1s",
            &sample(),
            "no response has times of the server (Server-Timing)",
        ),
        ("form.p50>1s", &sample(), NO_FORM_PAGE),
        ("form.errors>0", &sample(), NO_FORM_PAGE),
    ] {
        let expected = Finding::Unknown(why.to_owned());
        assert_eq!(finding(condition, figures, None), expected, "{condition}");
    }
}

#[test]
fn decimal_shares_are_compared_exactly() {
    let figures = Figures {
        shoppers: 1000,
        bought: 993,
        ..Figures::default()
    };
    let value = Value::Part(7, 1000);
    assert_eq!(
        finding("errors>0.7%", &figures, None),
        Finding::NotMet(value)
    );
    assert_eq!(
        finding("errors>0.6999999%", &figures, None),
        Finding::Met(value)
    );
}

#[test]
fn an_outcome_has_its_value_in_its_unit() {
    let outcome = |text: &str| evaluate(&parse(text).expect(text), &sample(), Some(48.0), &[]);
    let seconds = outcome("buy.p99>300ms");
    assert_eq!((seconds.value, seconds.unit), (Some(2.0), "seconds"));
    let share = outcome("errors>4%");
    assert_eq!((share.value, share.unit), (Some(0.04), "share"));
    assert_eq!((share.part, share.whole), (Some(4), Some(100)));
    let rate = outcome("rate<48");
    assert_eq!((rate.value, rate.unit), (Some(48.0), "per_second"));
    let unknown = outcome("buy.p99.9>1h");
    assert_eq!((unknown.value, unknown.part), (None, None));
    assert!(unknown.reason.is_some());
}

#[test]
fn what_cannot_be_evaluated_has_failed() {
    let figures = sample();
    let nothing = Figures::default();
    for (condition, summary, why) in [
        (
            "buy.p99.9>1h",
            &figures,
            "p99.9 needs 1000 values, of which there are 100",
        ),
        (
            "rest.p50>1h",
            &figures,
            "p50 needs 2 values, of which there are 1",
        ),
        ("buy.p50>1h", &nothing, "no purchase has an elapsed time"),
        ("home.mean>1h", &nothing, "no home page has an elapsed time"),
        (
            "server.min<0",
            &nothing,
            "no report has the server's elapsed time",
        ),
        (
            "rest.max>1h",
            &nothing,
            "no report has the second server's elapsed time",
        ),
        ("errors>1%", &nothing, "no shopper was launched"),
        ("buy.errors>1%", &nothing, "no shopper was launched"),
        (
            "server.errors>1%",
            &nothing,
            "no report has the server's result",
        ),
        (
            "rest.errors>1%",
            &nothing,
            "no report has the second server's result",
        ),
        ("rate>1", &figures, "the run has a span of 0 s"),
    ] {
        let expected = Finding::Unknown(why.to_owned());
        assert_eq!(finding(condition, summary, None), expected, "{condition}");
    }
}

/// Three levels: at 100 virtual users purchases take up to 900 ms, at the others up to 100 ms.
#[test]
fn elapsed_times_and_rates_of_a_sweep_are_judged_level_by_level() {
    let mut levels = vec![
        level(1, &[10.0]),
        level(100, &[50.0]),
        level(10, &[40.0, 60.0]),
    ];
    levels[1].figures.buy.elapsed_ok = (1..=100).map(|n| n * 9_000_000).collect();
    let mut pool = Figures::default();
    for level in &levels {
        pool.merge(&level.figures);
    }
    let outcome = |text: &str| evaluate(&parse(text).expect(text), &pool, Some(1e9), &levels);
    for (text, failed, at, value) in [
        ("buy.p99>300ms", true, Some(100), Some(0.891)),
        ("buy.p99>2s", false, Some(100), Some(0.891)),
        ("buy.p99<100ms", true, Some(1), Some(0.099)),
        ("rate<15", true, Some(1), Some(10.0)),
        ("rate<5", false, Some(1), Some(10.0)),
        ("rate>=50", true, Some(100), Some(50.0)),
    ] {
        let of = outcome(text);
        assert_eq!(
            (of.failed, of.level, of.value),
            (failed, at, value),
            "{text}"
        );
    }
    let share = outcome("errors>1%");
    assert_eq!(
        (share.level, share.part, share.whole),
        (None, Some(0), Some(121))
    );
    // One level has too few values.
    levels[2].figures.buy.elapsed_ok = (1..=9).collect();
    let of = evaluate(&parse("buy.p99>2s").expect("valid"), &pool, None, &levels);
    assert_eq!(
        (of.state, of.level),
        (ThresholdState::CannotBeEvaluated, Some(10))
    );
    let of = evaluate(&parse("buy.p99>1ms").expect("valid"), &pool, None, &levels);
    assert_eq!((of.state, of.level), (ThresholdState::Met, Some(100)));
}
