//! Tests of the names of a server's times.

use super::*;

#[test]
fn names_are_read_as_they_are_written() {
    for (text, source, name, unit) in [
        ("buy.timing.db", Source::Buy, "db", "seconds"),
        (
            "home.timing.X-Runtime",
            Source::Home,
            "X-Runtime",
            "seconds",
        ),
        ("buy.timing.db:queries", Source::Buy, "db", "queries"),
        (
            "buy.timing.db.pool.p99",
            Source::Buy,
            "db.pool.p99",
            "seconds",
        ),
        (
            "home.timing.a.timing.b",
            Source::Home,
            "a.timing.b",
            "seconds",
        ),
    ] {
        let key = TimingKey::parse(text).expect(text);
        assert_eq!((key.source(), key.name(), key.unit()), (source, name, unit));
        assert_eq!(key.to_string(), text);
        assert_eq!(TimingKey::new(source.name(), name, unit), Some(key));
    }
    assert_eq!(
        TimingKey::parse("buy.timing.db:seconds").map(|key| key.to_string()),
        Some("buy.timing.db".to_owned())
    );
}

#[test]
fn what_no_server_can_name_is_not_a_name() {
    let long = format!("buy.timing.{}", "a".repeat(LONGEST_NAME + 1));
    for text in [
        "buy.timing.",
        "buy.timing.db:",
        "buy.timing.db:Queries",
        "buy.timing.db:7",
        "buy.timing.:queries",
        "buy.timing.a b",
        "buy.timing.é",
        "server.timing.db",
        "timing.db",
        "buy.timing",
        "",
        &long,
    ] {
        assert_eq!(TimingKey::parse(text), None, "{text:?}");
    }
    let longest = format!("buy.timing.{}", "a".repeat(LONGEST_NAME));
    assert!(TimingKey::parse(&longest).is_some());
}
