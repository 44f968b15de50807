use super::super::collect::tests::visit_of;
use super::*;

const MS: i64 = 1_000_000;

#[test]
fn points_are_the_percentiles_of_the_sample() {
    let sample: Sample = (1..=1000).map(|ms| ms * MS).collect();
    let curve = curve(&sample).expect("a curve");
    let at = |quantile: f64| {
        let found = curve
            .points
            .iter()
            .find(|of| (of.quantile - quantile).abs() < 1e-9);
        *found.expect("a point")
    };
    assert_eq!(at(0.9).value, 900 * MS);
    assert_eq!(at(0.99).value, 990 * MS);
    assert_eq!(at(0.999).value, 999 * MS);
    assert_eq!((curve.n, curve.max), (1000, 1000 * MS));
    assert!(curve.points.is_sorted_by_key(|point| point.value));
    for point in &curve.points {
        let [low, high] = point.interval;
        assert!(low.is_none_or(|low| low <= point.value), "{point:?}");
        assert!(high.is_none_or(|high| high >= point.value), "{point:?}");
    }
    // p90 of 1000: ranks 881 to 919, give or take one.
    let [low, high] = at(0.9).interval.map(|end| end.expect("an end") / MS);
    assert!(
        (880..=883).contains(&low) && (917..=921).contains(&high),
        "{low} {high}"
    );
    assert_eq!(at(0.999).interval[1], None);
}

#[test]
fn each_level_has_its_own_curves_and_small_ones_are_points() {
    let mut collected = Collector::default();
    collected.add(&visit_of(0, 5, 40), Some(10), 0);
    collected.add(&visit_of(0, 5, 40), Some(20), 1);
    let curves = curves(&collected);
    let named: Vec<_> = curves.iter().map(|of| (of.step, of.level, of.n)).collect();
    let level = |level| [("home", Some(level), 1), ("purchase", Some(level), 1)];
    assert_eq!(named, [level(10), level(20)].concat());
    assert_eq!(curves[0].points.len(), 1);
    assert_eq!(
        (curves[1].points[0].quantile, curves[1].max),
        (0.0, 40 * MS)
    );
    assert!(curve(&Sample::default()).is_none());
}
