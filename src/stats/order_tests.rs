use super::*;

/// Known from tables (Hahn and Meeker, *Statistical Intervals*, 1991): 95 % intervals of the median.
#[test]
fn medians_have_the_intervals_of_tables() {
    assert_eq!(rank_bounds(10, 0.5), [Some(2), Some(9)]);
    assert_eq!(rank_bounds(20, 0.5), [Some(6), Some(15)]);
    assert_eq!(rank_bounds(100, 0.5), [Some(40), Some(61)]);
    assert_eq!(rank_bounds(6, 0.5), [Some(1), Some(6)]);
    // Five values do not enclose the median with 95 %: 2 * 0.5^5 is more than 5 %.
    assert_eq!(rank_bounds(5, 0.5), [None, None]);
}

#[test]
fn tails_without_enough_values_have_no_upper_end() {
    let [below, above] = rank_bounds(100, 0.99);
    assert_eq!(above, None);
    assert!(
        below.is_some_and(|rank| (95..=97).contains(&rank)),
        "{below:?}"
    );
    // 0.99^368 is 2.5 %: from 368 values on the largest is an upper end of p99.
    assert_eq!(rank_bounds(300, 0.99)[1], None);
    assert_eq!(rank_bounds(400, 0.99)[1], Some(400));
}

#[test]
fn both_ways_of_computing_meet_where_they_change() {
    // 1,000,000 values: the sum at p99.9 and below, the normal distribution elsewhere.
    for (n, q) in [
        (1_000_000, 0.9996),
        (1_000_000, 0.999_59),
        (500_000, 0.999_21),
        (500_000, 0.999_19),
    ] {
        let [below, above] = rank_bounds(n, q);
        let mean = n as f64 * q;
        let spread = (mean * (1.0 - q)).sqrt();
        let (below, above) = (below.expect("an end") as f64, above.expect("an end") as f64);
        assert!(
            (mean - below - 1.96 * spread).abs() < 2.5,
            "{n} {q} {below}"
        );
        assert!(
            (above - mean - 1.96 * spread).abs() < 3.5,
            "{n} {q} {above}"
        );
    }
    assert_eq!(rank_bounds(0, 0.5), [None, None]);
    assert_eq!(rank_bounds(10, f64::NAN), [None, None]);
}

/// From above, probabilities of the nearest values underflow: those bounds had been the largest value.
#[test]
fn bounds_enclose_the_quantile_closely_for_every_number_of_values() {
    for n in (10..2000).step_by(7) {
        for percent in 1..100 {
            let q = f64::from(percent) / 100.0;
            let (mean, spread) = (n as f64 * q, (n as f64 * q * (1.0 - q)).sqrt());
            let [below, above] = rank_bounds(n, q).map(|rank| rank.map(|rank| rank as f64));
            let near = |rank: f64| (rank - mean).abs() <= 1.96 * spread + 3.0;
            assert!(
                below.is_none_or(|rank| rank <= mean + 1.0 && near(rank)),
                "{n} {q} {below:?}"
            );
            assert!(
                above.is_none_or(|rank| rank >= mean && near(rank)),
                "{n} {q} {above:?}"
            );
        }
    }
}
