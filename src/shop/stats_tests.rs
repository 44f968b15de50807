//! Tests of stats.

use super::*;

#[test]
fn addresses_are_distinguished() {
    let mut emails = Emails::default();
    for n in 0..10_000 {
        emails.count(&format!("{n}@example.com"));
    }
    emails.count("7@example.com");
    emails.count("7@example.com");
    assert_eq!((emails.distinct, emails.duplicates), (10_000, 2));
    assert_eq!(emails.uncounted, 0);
}

#[test]
fn the_counts_are_rendered() {
    let mut stats = Stats::default();
    stats.count_open();
    stats.count_open();
    stats.connections_open -= 1;
    stats.count_in_flight();
    stats.count_fault(FaultKind::SlowDrip);
    let text = stats.json(&Emails::default(), &Inventory::new(9));
    let told: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(told["most_connections"], 2);
    assert_eq!(told["connections_open"], 1);
    assert_eq!(told["most_in_flight"], 1);
    assert_eq!(told["faults"]["slow-drip"], 1);
    assert_eq!(told["faults"]["500"], 0);
    assert_eq!(told["inventory"]["rdbms"]["2"], 9);
    assert_eq!(
        told["inventory"]["cassandra"].as_object().map(Map::len),
        Some(5)
    );
}
