//! Tests of skew and spread.

use super::*;

/// The interval that a shard whose clock is that far ahead finds, when the ways take so long.
fn seen_by(ahead: i64, out: i64, back: i64) -> ShopClock {
    ShopClock {
        low: -ahead - back,
        high: -ahead + out,
    }
}

#[test]
fn the_interval_of_two_clocks_holds_their_skew() {
    for ahead in [-3_600_000_000_000, -5_000, 0, 1, 250_000_000] {
        for (out, back) in [(0, 0), (10_000, 90_000), (90_000, 10_000)] {
            let [low, high] = skew(seen_by(0, 40_000, 60_000), seen_by(ahead, out, back));
            assert!(low <= ahead && ahead <= high, "{ahead}: {low} to {high}");
            assert_eq!(high - low, 100_000 + out + back);
        }
    }
}

#[test]
fn the_largest_skew_is_at_least_the_gap_and_at_most_the_whole_width() {
    let clocks = [
        seen_by(0, 10, 10),
        seen_by(1_000, 10, 10),
        seen_by(400, 10, 10),
    ];
    assert_eq!(largest(&clocks), Some([980, 1_020]));
    assert_eq!(largest(&clocks[..2]), Some([980, 1_020]));
    let alike = [seen_by(0, 10, 50), seen_by(0, 30, 20)];
    assert_eq!(largest(&alike), Some([0, 80]));
    assert_eq!(largest(&clocks[..1]), None);
}

#[test]
fn bounds_that_cross_a_little_are_those_of_a_slewed_clock() {
    let bounds = |low, high| Bounds {
        at_least: Some(low),
        at_most: Some(high),
    };
    let crossed = ShopClock {
        low: 100,
        high: 900,
    };
    assert_eq!(ShopClock::of(bounds(900, 100)), Some(crossed));
    assert_eq!(ShopClock::of(bounds(2_000_000, 0)), None);
    let half = Bounds {
        at_least: Some(1),
        at_most: None,
    };
    assert_eq!(ShopClock::of(half), None);
}

#[test]
fn a_shop_without_an_offset_read_in_two_zones_is_one_clock() {
    let hour = 3_600_000_000_000;
    let utc = seen_by(0, 10, 10);
    let mut clocks = [Some(utc), Some(utc.ahead(-2 * hour))];
    in_one_zone(&mut clocks, &[0, 2 * hour]);
    assert_eq!(clocks, [Some(utc), Some(utc)]);
    // Times with an offset are the same in every zone.
    let mut clocks = [Some(utc), Some(utc)];
    in_one_zone(&mut clocks, &[0, 2 * hour]);
    assert_eq!(clocks, [Some(utc), Some(utc)]);
}

#[test]
fn the_spread_is_corrected_by_the_clocks_and_holds_the_true_one() {
    let ahead = 5_000_000_000;
    let starts = |first: i64, last: i64, ahead: i64| Starts {
        first: first + ahead,
        last: last + ahead,
        clock: Some(seen_by(ahead, 1_000, 1_000)),
    };
    let found = spread(&[starts(100, 20_000, 0), starts(0, 30_000, ahead)]);
    let expected = Spread {
        nanos: 30_000,
        bounds: Some([30_000, 32_000]),
    };
    assert_eq!(found, Some(expected));
    let unknown = Starts {
        clock: None,
        ..starts(0, 10, ahead)
    };
    let found = spread(&[starts(0, 10, 0), unknown]).expect("starts");
    assert_eq!(found.bounds, None);
    assert_eq!(found.nanos, ahead + 10);
    assert_eq!(spread(&[]), None);
}

#[test]
fn clocks_that_may_be_one_are_not_put_apart_by_wide_intervals() {
    let starts = |first: i64, last: i64, back: i64| Starts {
        first,
        last,
        clock: Some(seen_by(0, 1_000, back)),
    };
    let found = spread(&[starts(0, 500, 90_000), starts(20, 600, 2_000)]);
    let found = found.expect("starts");
    assert_eq!(found.nanos, 600);
    let [at_least, at_most] = found.bounds.expect("bounds");
    assert!(at_least <= 600 && at_most >= 91_000, "{found:?}");
}
