//! Tests of quantile.

use super::*;

#[test]
fn too_small_a_sample_supports_no_high_percentile() {
    for (text, needed) in [
        ("0.001", 2),
        ("50", 2),
        ("66.666", 3),
        ("66.667", 4),
        ("90", 10),
        ("99", 100),
        ("99.9", 1_000),
        ("99.99", 10_000),
        ("99.999", 100_000),
    ] {
        let quantile = Quantile::percent(text).expect(text);
        assert_eq!(quantile.values_needed(), needed, "{quantile}");
        assert!(quantile.is_supported_by(needed), "{quantile}");
        assert!(!quantile.is_supported_by(needed - 1), "{quantile}");
        assert!(quantile.rank(needed) < needed, "a value lies above");
    }
}

#[test]
fn quantiles_lie_between_the_ends() {
    assert_eq!(Quantile::per_mille(999), Some(Quantile::P99_9));
    assert_eq!(Quantile::per_mille(0), None);
    assert_eq!(Quantile::per_mille(1000), None);
    assert_eq!(Quantile::per_mille(u32::MAX), None);
    assert_eq!(Quantile::per_100_000(99_000), Some(Quantile::P99));
    assert_eq!(Quantile::per_100_000(0), None);
    assert_eq!(Quantile::per_100_000(100_000), None);
}

#[test]
fn percentiles_in_usual_notation() {
    for (text, expected) in [
        ("50", Some(Quantile::P50)),
        ("99.9", Some(Quantile::P99_9)),
        ("99.900", Some(Quantile::P99_9)),
        ("099", Some(Quantile::P99)),
        ("99.999", Quantile::per_100_000(99_999)),
        ("0.001", Quantile::per_100_000(1)),
    ] {
        assert!(expected.is_some());
        assert_eq!(Quantile::percent(text), expected, "{text}");
    }
    for text in [
        "",
        ".",
        "0",
        "100",
        "101",
        "99.",
        ".5",
        "99.9999",
        "-1",
        "+1",
        "1e1",
        "9 9",
        "99.9.9",
        "99999999999",
    ] {
        assert_eq!(Quantile::percent(text), None, "{text}");
    }
    for text in ["p50", "p99.9", "p99.99", "p99.999", "p0.001", "p99.05"] {
        let quantile = Quantile::percent(&text[1..]).expect(text);
        assert_eq!(quantile.to_string(), text);
    }
}
