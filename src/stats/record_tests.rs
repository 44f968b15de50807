//! Tests of records of samples.

use proptest::prelude::*;

use super::*;
use crate::stats::{EXACT, Quantile, Sample};

fn merged(records: &[SampleRecord]) -> Sample {
    let mut sample = Sample::default();
    records
        .iter()
        .for_each(|record| sample.merge_record(record));
    sample
}

proptest! {
    /// Number, extremes, sum and negatives survive exactly, percentiles to 0.05 %; and two records
    /// together are the record of all.
    #[test]
    fn a_record_is_the_sample(
        values in prop::collection::vec(prop_oneof![any::<i32>().prop_map(i64::from), -5i64..5, 0i64..1 << 50], 0..300),
        cut in 0usize..300,
    ) {
        let all: Sample = values.iter().copied().collect();
        let cut = cut.min(values.len());
        let [first, second] = [&values[..cut], &values[cut..]].map(|part| part.iter().copied().collect::<Sample>());
        for records in [vec![all.record()], vec![first.record(), second.record()]] {
            let text = serde_json::to_string(&records).expect("JSON");
            let read: Vec<SampleRecord> = serde_json::from_str(&text).expect("a record");
            prop_assert_eq!(&read, &records);
            let back = merged(&read);
            prop_assert_eq!((back.len(), back.min(), back.max()), (all.len(), all.min(), all.max()));
            prop_assert_eq!((back.sum(), back.negatives()), (all.sum(), all.negatives()));
            for quantile in [Quantile::P50, Quantile::P90, Quantile::P99] {
                match (back.percentile(quantile), all.percentile(quantile)) {
                    (Some(back), Some(exact)) => {
                        prop_assert!((back - exact).abs() as f64 <= 0.0005 * (exact as f64).abs() + 0.5);
                    }
                    (back, exact) => prop_assert_eq!(back, exact),
                }
            }
        }
    }

    #[test]
    fn a_hostile_record_is_no_panic(
        list in prop::collection::vec(any::<i64>(), 0..50),
        n: u64,
        sum: i64,
        extremes: [Option<i64>; 2],
        by: i64,
    ) {
        let [min, max] = extremes;
        let record = SampleRecord { n, min, max, sum, negatives: n, counts: list };
        let sample = merged(&[record.clone(), record]);
        for sample in [sample.shifted(by), sample] {
            let summary = sample.summary();
            prop_assert!(summary.is_none_or(|of| of.min <= of.max));
            let _ = sample.at_ranks(&[1, 2, 3]);
        }
    }
}

#[test]
fn long_samples_merge_with_short_ones() {
    let long: Sample = (0..EXACT as i64 + 100).collect();
    let mut short: Sample = [7].into_iter().collect();
    short.merge_record(&long.record());
    assert_eq!(short.len(), EXACT + 101);
    assert_eq!(
        short.record().counts.len() / 2,
        long.record().counts.len() / 2
    );
}
