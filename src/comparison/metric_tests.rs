//! Tests of the metrics' names.

use super::*;

#[test]
fn every_name_names_its_metric() {
    for (place, metric) in Metric::ALL.into_iter().enumerate() {
        assert_eq!(Metric::named(&metric.name()), Some(metric));
        assert_eq!(metric.place(), Some(place));
    }
    assert_eq!(Metric::named("rate"), Some(Metric::PurchasesPerSecond));
    assert_eq!(
        Metric::named("purchases-per-second"),
        Some(Metric::PurchasesPerSecond)
    );
    assert_eq!(Metric::named("queueing"), Some(Metric::Queueing));
    assert_eq!(Metric::named("buy.p42"), None);
}

#[test]
fn times_that_servers_name_are_metrics_too() {
    let key = |text| TimingKey::parse(text).expect(text);
    for (text, metric, name, unit) in [
        (
            "buy.timing.db.p99.9",
            Metric::Timing(key("buy.timing.db"), Level::P99_9),
            "buy.timing.db.p99.9",
            Unit::Seconds,
        ),
        (
            " home.timing.X-Runtime ",
            Metric::Timing(key("home.timing.X-Runtime"), Level::P50),
            "home.timing.X-Runtime.p50",
            Unit::Seconds,
        ),
        (
            "buy.timing.db:queries.mean",
            Metric::TimingMean(key("buy.timing.db:queries")),
            "buy.timing.db:queries.mean",
            Unit::Count,
        ),
        (
            "buy.timing.pool.wait.p90",
            Metric::Timing(key("buy.timing.pool.wait"), Level::P90),
            "buy.timing.pool.wait.p90",
            Unit::Seconds,
        ),
    ] {
        assert_eq!(Metric::named(text), Some(metric), "{text}");
        assert_eq!((&*metric.name(), metric.unit()), (name, unit));
        assert!(metric.is_of_successes() && metric.place().is_none());
        assert_eq!(metric.is_of_home(), name.starts_with("home"));
    }
    for text in [
        "buy.timing",
        "buy.timing.",
        "buy.timing.a b.p50",
        "server.timing.db",
        "form.p50",
    ] {
        assert_eq!(Metric::named(text), None, "{text}");
    }
}

#[test]
fn means_and_server_metrics_are_of_successes() {
    let of_successes: Vec<_> = (Metric::ALL.into_iter())
        .filter(|metric| metric.is_of_successes())
        .map(Metric::name)
        .collect();
    assert_eq!(
        of_successes,
        [
            "buy.mean",
            "home.mean",
            "server.p50",
            "server.p99",
            "queueing.p50",
            "service.p50",
            "after.p50"
        ]
    );
}
