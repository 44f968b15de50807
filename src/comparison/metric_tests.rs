//! Tests of the metrics' names.

use super::*;

#[test]
fn every_name_names_its_metric() {
    for (place, metric) in Metric::ALL.into_iter().enumerate() {
        assert_eq!(Metric::named(metric.name()), Some(metric));
        assert_eq!(metric.place(), place);
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
fn means_and_server_metrics_are_of_successes() {
    let of_successes: Vec<&str> = (Metric::ALL.into_iter())
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
