//! Tests of offset.

use super::*;
use proptest::prelude::*;

const MS: i64 = 1_000_000;

fn bounds(at_least: i64, at_most: i64) -> Bounds {
    Bounds {
        at_least: Some(at_least),
        at_most: Some(at_most),
    }
}

fn offsets(rows: impl IntoIterator<Item = Bounds>) -> Offsets {
    let mut offsets = Offsets::default();
    rows.into_iter().for_each(|row| offsets.add(row));
    offsets
}

#[test]
fn an_answer_bounds_the_offset_on_both_sides() {
    let answer = Answered {
        sent: Some(50_000),
        received: Some(400_000),
        started: Some(150_000),
        stopped: Some(350_000),
        resolution: 1_000,
    };
    assert_eq!(Bounds::of(answer), bounds(-50_000, 101_000));
    let one_sided = Answered {
        stopped: None,
        ..answer
    };
    let found = Bounds::of(one_sided);
    assert_eq!((found.at_least, found.at_most), (None, Some(101_000)));
    assert_eq!(Bounds::of(Answered::default()), Bounds::default());
    let far = Answered {
        started: Some(i64::MAX),
        sent: Some(-1),
        ..answer
    };
    assert_eq!(Bounds::of(far).at_most, None, "beyond what can be told");
}

#[test]
fn all_rows_together_narrow_the_bounds() {
    let all = offsets([bounds(-9, 3), bounds(-2, 8), Bounds::default()]);
    assert_eq!((all.bounds(), all.rows()), (bounds(-2, 3), 2));
    assert_eq!(all.finding(), Finding::Agrees);
    assert_eq!(all.correction(), 0);
    assert_eq!(Offsets::default().finding(), Finding::Unknown);
}

#[test]
fn differences_are_classified() {
    for (at_least, at_most, finding, correction) in [
        (-MS, MS, Finding::Agrees, 0),
        (MS, 2 * MS, Finding::Agrees, 3 * MS / 2),
        (MS + 1, 2 * MS, Finding::Differs, 3 * MS / 2),
        (-2 * MS, -MS, Finding::Agrees, -3 * MS / 2),
        (-2 * MS, -MS - 1, Finding::Differs, -3 * MS / 2 - 1),
        (MS, 0, Finding::Agrees, MS / 2),
        (MS + 1, 0, Finding::Contradictory, 0),
    ] {
        let found = offsets([bounds(at_least, at_most)]);
        assert_eq!(found.finding(), finding, "{at_least} {at_most}");
        let off = (found.correction() - correction).abs();
        assert!(off <= 1, "{at_least} {at_most} {}", found.correction());
    }
    let ahead = Bounds {
        at_least: Some(7 * MS),
        at_most: None,
    };
    let found = offsets([ahead]);
    assert_eq!(
        (found.finding(), found.correction()),
        (Finding::Differs, 7 * MS)
    );
}

#[test]
fn time_zones_are_recognised() {
    let hour = 3_600_000 * MS;
    for (middle, quarters) in [
        (hour, 4),
        (-5 * hour, -20),
        (hour + 2_000 * MS, 4),
        (-hour / 4 - 4_000 * MS, -1),
        (hour + 6_000 * MS, 0),
        (5_000 * MS, 0),
        (hour / 3, 0),
    ] {
        let found = offsets([bounds(middle - MS, middle + MS)]);
        assert_eq!(found.quarters_of_an_hour(), quarters, "{middle}");
    }
}

#[test]
fn a_time_zone_is_taken_exactly_where_the_bounds_allow_it() {
    let (second, hour) = (1_000 * MS, 3_600_000 * MS);
    for (low, high, correction) in [
        // A server that goes on for a second after its last reading.
        (hour - second, hour + 20 * MS, hour),
        (hour - 40 * second, hour + MS, hour),
        (-2 * hour - MS, -2 * hour + second, -2 * hour),
        // Its clock is off besides.
        (hour + 2 * second, hour + 4 * second, hour + 3 * second),
        // No zone.
        (10 * second, 12 * second, 11 * second),
        (hour - 400 * second, hour + MS, hour - 200 * second + MS / 2),
    ] {
        let found = offsets([bounds(low, high)]).correction();
        assert!((found - correction).abs() <= 1, "{low} {high}: {found}");
    }
}

#[test]
fn drift_is_distinguished_from_an_offset() {
    // 1 ms in 1,000 rows.
    let drifting =
        offsets((0..1_000).map(|row| bounds(row * 1_000 - 50_000, row * 1_000 + 50_000)));
    let drift = drifting.drift().expect("enough rows");
    assert_eq!(drift.contradiction(), 0);
    assert!(drift.at_least >= Some(300_000), "{drift:?}");
    assert!(drift.at_most <= Some(1_000_000), "{drift:?}");
    let off = offsets([bounds(5 * MS, 6 * MS); 1_000]).drift();
    assert_eq!(off, Some(bounds(-MS, MS)));
    assert_eq!(offsets([bounds(0, 1); 2]).drift(), None);
}

#[test]
fn extremes_do_not_overflow() {
    let wild = offsets([
        bounds(i64::MIN, i64::MAX),
        bounds(i64::MAX, i64::MIN),
        bounds(i64::MIN, i64::MIN),
    ]);
    wild.drift();
    wild.quarters_of_an_hour();
    assert_eq!(wild.finding(), Finding::Contradictory);
}

proptest! {
    #[test]
    fn blocks_lose_nothing(rows in proptest::collection::vec((-99i64..99, -99i64..99), 1..500)) {
        let all = offsets(rows.iter().map(|&(low, high)| bounds(low, high)));
        let low = rows.iter().map(|row| row.0).max();
        let high = rows.iter().map(|row| row.1).min();
        prop_assert_eq!((all.bounds().at_least, all.bounds().at_most), (low, high));
        prop_assert_eq!(all.rows(), rows.len() as u64);
        prop_assert!(all.blocks.len() <= Offsets::MOST_BLOCKS);
    }
}

#[test]
fn bounds_that_are_moved_are_those_of_a_clock_that_is_behind() {
    let mut offsets = Offsets::default();
    for answer in 0..200 {
        offsets.add(Bounds {
            at_least: Some(-5 - answer),
            at_most: Some(7 + answer),
        });
    }
    let moved = offsets.shifted(1_000);
    assert_eq!(moved.bounds().at_least, Some(995));
    assert_eq!(moved.bounds().at_most, Some(1_007));
    assert_eq!(moved.rows(), offsets.rows());
    assert_eq!(moved.shifted(-1_000), offsets);
}
