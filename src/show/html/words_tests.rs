use super::*;

#[test]
fn spans_have_three_digits_and_a_unit() {
    let spans = [
        0.0, 1.5e-8, 2.34567e-5, 0.0123456, 0.9996, 7.334, 124.0, -0.5,
    ];
    assert_eq!(
        spans.map(span),
        [
            "0 s", "15 ns", "23.5 µs", "12.3 ms", "1 s", "7.33 s", "124 s", "-500 ms"
        ]
    );
    assert_eq!(millis(1_234_567), "1.235");
}

#[test]
fn counts_are_grouped_and_shares_are_percent() {
    assert_eq!(count(1000), "1000");
    assert_eq!(count(1_000_000), "1\u{202f}000\u{202f}000");
    assert_eq!(short(123_456.7), "123\u{202f}457");
    assert_eq!(
        [0.0, 0.0001, 0.012, 0.975, 0.9968, 0.9999, 1.0].map(percent),
        [
            "0 %", "< 0.1 %", "1.2 %", "98 %", "99.7 %", "99.9 %", "100 %"
        ]
    );
}

#[test]
fn coordinates_have_one_decimal_at_most() {
    assert_eq!(
        [1.0, 1.25, -0.04, 480.06].map(at),
        ["1", "1.3", "0", "480.1"]
    );
}

#[test]
fn the_first_and_the_last_are_among_evenly_chosen_values() {
    let all: Vec<usize> = (0..1000).collect();
    let shown = |n: usize, most: usize| thinned(&all[..n], most).copied().collect::<Vec<_>>();
    assert_eq!(shown(0, 5), [0; 0]);
    assert_eq!(shown(1, 5), [0]);
    assert_eq!(shown(5, 5), [0, 1, 2, 3, 4]);
    assert_eq!(shown(1000, 4), [0, 333, 666, 999]);
    assert_eq!(shown(1000, 600).len(), 600);
    assert!(shown(1000, 600).windows(2).all(|two| two[0] < two[1]));
}
