use super::*;

fn starts(axis: &Axis) -> u64 {
    axis.columns().iter().map(|column| column.started).sum()
}

#[test]
fn columns_become_wider_and_lose_nothing() {
    let mut axis = Axis::new(8);
    for at in 0..1000 {
        axis.at(1_700_000_000_000_000_000 + at * 1_000_000).started += 1;
    }
    assert!(axis.columns().len() <= 8);
    assert_eq!(starts(&axis), 1000);
    assert!(axis.begin() <= 1_700_000_000_000_000_000);
    assert!(1_700_000_000_000_000_000 - axis.begin() < axis.width());
    // 999 ms in at most 8 columns.
    assert!(axis.width() * 8 >= 999_000_000, "{}", axis.width());
    assert!(axis.width() * 3 <= 999_000_000, "{}", axis.width());
    axis.limit(2);
    assert_eq!((axis.columns().len() <= 2, starts(&axis)), (true, 1000));
}

#[test]
fn the_order_of_instants_does_not_matter_and_extremes_have_a_place() {
    let instants = [0, i64::MAX, 5_000_000_000, 7, i64::MAX / 2, -3];
    let (mut one, mut other) = (Axis::new(128), Axis::new(128));
    instants.iter().for_each(|at| one.at(*at).started += 1);
    instants
        .iter()
        .rev()
        .for_each(|at| other.at(*at).started += 1);
    assert_eq!(one.width(), other.width());
    assert_eq!(one.begin(), other.begin());
    assert_eq!((starts(&one), starts(&other)), (6, 6));
}
