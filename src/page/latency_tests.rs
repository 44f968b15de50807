use super::*;

#[test]
fn every_span_lies_in_its_bucket() {
    for nanos in [
        1024,
        1025,
        4_095,
        4_096,
        999_999,
        1_000_000,
        123_456_789_012,
    ] {
        let bucket = bucket(nanos);
        assert!(begin(bucket) <= nanos, "{nanos}");
        assert!(nanos < begin(bucket + 1), "{nanos}");
        let width = begin(bucket + 1) - begin(bucket);
        assert!(width * 32 <= begin(bucket), "{nanos}: {width}");
    }
    assert_eq!((bucket(-5), bucket(0), bucket(1_023)), (0, 0, 0));
    assert_eq!(bucket(i64::MAX), BUCKETS - 1);
}

#[test]
fn ranks_are_found_and_the_largest_value_is_exact() {
    let mut counts = Counts::default();
    assert_eq!(counts.at_rank(1), None);
    (1..=100).for_each(|ms| counts.add(ms * 1_000_000));
    assert_eq!((counts.n, counts.max), (100, 100_000_000));
    let median = counts.at_rank(50).expect("a median");
    assert!((median - 50_000_000).abs() < 50_000_000 / 60, "{median}");
    assert_eq!(counts.at_rank(101), None);
    let mut both = Counts::default();
    both.merge(&counts);
    both.merge(&counts);
    assert_eq!((both.n, both.at_rank(100)), (200, counts.at_rank(50)));
}
