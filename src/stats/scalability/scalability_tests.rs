use proptest::prelude::*;

use super::*;

const DECADES: [u64; 6] = [1, 10, 100, 1_000, 10_000, 100_000];

fn law(lambda: f64, sigma: f64, kappa: f64) -> Law {
    Law {
        lambda,
        sigma,
        kappa,
    }
}

fn points(law: Law, levels: &[u64]) -> Vec<(u64, f64)> {
    let point = |n: &u64| (*n, law.throughput(*n as f64));
    levels.iter().map(point).collect()
}

fn fitted(points: &[(u64, f64)]) -> Fit {
    fit(points).expect("enough levels")
}

fn is_close(one: f64, other: f64, share: f64) -> bool {
    (one - other).abs() <= share * other.abs()
}

/// The same noise at every run: −1 to 1, evenly.
fn noise(draw: &mut u64) -> f64 {
    *draw = draw
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407);
    (*draw >> 11) as f64 / (1u64 << 52) as f64 - 1.0
}

/// As a server with that many workers, each of which takes 0.1 s.
fn saturating(workers: f64, levels: &[u64]) -> Vec<(u64, f64)> {
    let point = |n: &u64| (*n, (*n as f64).min(workers) / 0.1);
    levels.iter().map(point).collect()
}

#[test]
fn the_fit_recovers_the_parameters() {
    let ranges: [&[u64]; 5] = [
        &DECADES,
        &[1, 2, 4, 8, 16],
        &[1, 10, 100],
        &[20, 30, 40, 50],
        &[99_000, 99_500, 100_000],
    ];
    for levels in ranges {
        for (sigma, kappa) in [
            (0.0, 0.0),
            (0.001, 0.0),
            (0.3, 0.0),
            (0.0, 1e-6),
            (0.01, 1e-4),
            (0.3, 0.01),
            (2.0, 0.5),
        ] {
            let given = law(12.5, sigma, kappa);
            if levels[0] > 1 && given.peak().is_some_and(|peak| peak < levels[0] as f64) {
                continue; // λ is open, then.
            }
            let fit = fitted(&points(given, levels));
            // Levels 0.5 % apart tell the parameters apart by as little.
            let share = if levels[0] > 1_000 { 1e-3 } else { 1e-8 };
            let context = format!("{given:?} {levels:?} {fit:?}");
            assert!(is_close(fit.law.lambda, 12.5, share), "{context}");
            assert!(is_close(fit.law.sigma, sigma, share), "{context}");
            assert!(is_close(fit.law.kappa, kappa, share), "{context}");
            assert!(fit.error < 1e-9, "{context}");
            assert!(fit.describes_levels());
            assert_eq!(fit.is_tested(), levels.len() > 3);
        }
    }
}

#[test]
fn the_knee_is_the_maximum_of_the_law() {
    let given = law(10.0, 0.02, 1e-4); // N* = √9,800
    let fit = fitted(&points(given, &[1, 10, 100, 1_000]));
    let Finding::Knee { at, peak } = fit.finding else {
        panic!("{fit:?}");
    };
    assert!(is_close(at, 98.995, 1e-4), "{at}");
    assert!(is_close(peak, 251.896, 1e-4), "{peak}");
    assert!(given.throughput(at) > given.throughput(at - 1.0));
    assert!(given.throughput(at) > given.throughput(at + 1.0));
    // The same up to where it has not fallen yet.
    let fit = fitted(&points(given, &[1, 10, 50, 99]));
    assert!(
        matches!(fit.finding, Finding::NoKnee { up_to: 99, .. }),
        "{fit:?}"
    );
}

#[test]
fn contention_alone_gives_a_ceiling_and_without_it_there_is_none() {
    let fit = fitted(&points(law(10.0, 0.05, 0.0), &DECADES));
    assert_eq!(fit.law.kappa, 0.0);
    let Finding::NoKnee {
        up_to: 100_000,
        ceiling: Some(ceiling),
    } = fit.finding
    else {
        panic!("{fit:?}");
    };
    assert!(is_close(ceiling, 200.0, 1e-6), "{ceiling}");
    let none = Finding::NoKnee {
        up_to: 100_000,
        ceiling: None,
    };
    assert_eq!(fitted(&points(law(10.0, 0.0, 0.0), &DECADES)).finding, none);
    // More than N times as much for N is beyond the law: the nearest it has is a straight line.
    let fit = fitted(&[(1, 1.0), (10, 20.0), (100, 400.0)]);
    assert_eq!((fit.law.sigma, fit.law.kappa), (0.0, 0.0));
    assert!(!fit.describes_levels());
}

#[test]
fn a_saturated_server_has_no_knee() {
    let ranges: [&[u64]; 3] = [
        &[1, 10, 100, 1_000],
        &[1, 3, 10, 30, 100, 300, 1_000],
        &[1, 2, 4, 8, 16, 32, 64],
    ];
    for levels in ranges {
        for workers in [1.0, 4.0, 10.0] {
            let fit = fitted(&saturating(workers, levels));
            let Finding::NoKnee { ceiling, .. } = fit.finding else {
                panic!("{workers} {levels:?} {fit:?}");
            };
            // The law is round where such a server has a corner.
            let ceiling = ceiling.expect("seen");
            assert!(is_close(ceiling, workers / 0.1, 0.3), "{workers} {fit:?}");
        }
        // Just saturated: how high it may come is not seen yet.
        let fit = fitted(&saturating(levels[levels.len() - 2] as f64, levels));
        assert!(matches!(fit.finding, Finding::NoKnee { .. }), "{fit:?}");
    }
}

#[test]
fn throughput_that_falls_from_the_first_level_on() {
    let fit = fitted(&points(law(100.0, 1.5, 0.001), &[1, 10, 100]));
    let Finding::Falls { from: 1, peak } = fit.finding else {
        panic!("{fit:?}");
    };
    assert!(is_close(peak, 100.0, 1e-6), "{peak}");
    // What is below the first level is not made up.
    let fit = fitted(&[(10, 100.0), (100, 80.0), (1_000, 50.0)]);
    assert!(matches!(fit.finding, Finding::Falls { from: 10, .. }));
    assert!(is_close(fit.law.lambda, 100.0, 1e-6), "{fit:?}");
    let fit = fitted(&[(10, 1_000.0), (100, 50.0), (1_000, 1.0)]);
    assert!(matches!(fit.finding, Finding::Falls { from: 10, .. }));
}

#[test]
fn a_level_that_collapsed_is_not_ignored() {
    let fit = fitted(&[(1, 100.0), (10, 800.0), (100, 1_000.0), (1_000, 5.0)]);
    assert!(matches!(fit.finding, Finding::Knee { .. }), "{fit:?}");
    assert!(!fit.describes_levels());
    assert!(fit.law.throughput(1_000.0) < 100.0, "{fit:?}");
}

/// The throughput of a SPARCcenter 2000 in the SPEC SDM91 benchmark, the example of the R package
/// usl; its least squares, of residuals that are not relative, have the knee at N = 96.5.
#[test]
fn a_known_measurement() {
    let fit = fitted(&[
        (1, 64.9),
        (18, 995.9),
        (36, 1652.4),
        (72, 1853.2),
        (108, 1828.9),
        (144, 1775.0),
        (216, 1702.2),
    ]);
    let Finding::Knee { at, peak } = fit.finding else {
        panic!("{fit:?}");
    };
    assert!(is_close(at, 96.5, 0.05), "{fit:?}");
    assert!(is_close(peak, 1_880.0, 0.05), "{fit:?}");
    assert!(fit.error < 0.06, "{fit:?}");
}

#[test]
fn noise_barely_moves_a_knee_and_rarely_creates_one() {
    let levels = [1, 3, 10, 30, 100, 300, 1_000];
    let mut draw = 1;
    let mut noisy = |given: Law| -> Vec<(u64, f64)> {
        (points(given, &levels).into_iter().cycle())
            .take(3 * levels.len())
            .map(|(n, rate)| (n, rate * (1.0 + 0.05 * noise(&mut draw))))
            .collect()
    };
    let mut made = 0;
    for _ in 0..100 {
        let fit = fitted(&noisy(law(10.0, 0.02, 1e-4)));
        let Finding::Knee { at, peak } = fit.finding else {
            panic!("{fit:?}");
        };
        assert!(is_close(at, 99.0, 0.15), "{fit:?}");
        assert!(is_close(peak, 251.9, 0.1), "{fit:?}");
        assert!((0.01..0.05).contains(&fit.error), "{fit:?}");
        let flat = fitted(&noisy(law(10.0, 1.0, 0.0))).finding;
        made += u32::from(!matches!(flat, Finding::NoKnee { .. }));
    }
    assert!(made <= 5, "{made}");
}

#[test]
fn rounds_count_as_their_mean() {
    let mean = points(law(10.0, 0.02, 1e-4), &[1, 10, 100, 1_000]);
    let rounds: Vec<_> = (mean.iter())
        .flat_map(|(n, rate)| [(*n, 0.8 * rate), (*n, 1.2 * rate)])
        .collect();
    let fit = fitted(&rounds);
    assert!(is_close(fit.law.kappa, 1e-4, 1e-6), "{fit:?}");
    assert!(is_close(fit.error, 0.2, 1e-6), "{fit:?}");
}

#[test]
fn too_few_levels_and_invalid_points_give_no_fit() {
    let good = points(law(10.0, 0.02, 1e-4), &[1, 10, 100]);
    assert_eq!(fit(&[]), None);
    assert_eq!(fit(&good[..2]), None);
    assert_eq!(fit(&[good[0], good[1], good[1], (1, 9.0)]), None);
    let bad = [0.0, -1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 1e300];
    let mut with_bad = good.clone();
    with_bad.push((0, 10.0));
    with_bad.extend(bad.map(|rate| (1_000, rate)));
    assert_eq!(fit(&with_bad), fit(&good));
    with_bad.remove(0);
    assert_eq!(fit(&with_bad), None);
}

#[test]
fn peaks() {
    assert_eq!(law(1.0, 0.0, 0.01).peak(), Some(10.0));
    assert_eq!(law(1.0, 0.5, 0.0).peak(), None);
    assert_eq!(law(1.0, 1.0, 0.0).peak(), Some(1.0));
    assert_eq!(law(1.0, 0.9, 1.0).peak(), Some(1.0));
}

proptest! {
    /// Whatever was measured: finite parameters within their ranges, finite positive throughputs,
    /// and findings within the levels.
    #[test]
    fn fits_are_finite(
        points in proptest::collection::vec(
            (
                prop_oneof![1u64..20, 1u64..100_001, any::<u64>()],
                prop_oneof![(-9.0f64..12.0).prop_map(|power| 10f64.powf(power)), any::<f64>()],
            ),
            0..12,
        ),
    ) {
        let Some(fit) = fit(&points) else { return Ok(()) };
        let Law { lambda, sigma, kappa } = fit.law;
        prop_assert!(lambda.is_finite() && lambda > 0.0, "{fit:?}");
        prop_assert!(sigma.is_finite() && sigma >= 0.0, "{fit:?}");
        prop_assert!(kappa.is_finite() && kappa >= 0.0, "{fit:?}");
        prop_assert!(fit.error.is_finite() && fit.error >= 0.0, "{fit:?}");
        for (n, _) in points.iter().filter(|(n, _)| *n > 0) {
            let rate = fit.law.throughput(*n as f64);
            prop_assert!(rate.is_finite() && rate > 0.0, "{fit:?} {n} {rate}");
        }
        let highest = points.iter().map(|(n, _)| *n).max().unwrap_or(0);
        match fit.finding {
            Finding::Knee { at, peak } => {
                prop_assert!(at > 1.0 && at < highest as f64, "{fit:?}");
                prop_assert!(peak.is_finite() && peak > 0.0, "{fit:?}");
            }
            Finding::Falls { from, peak } => {
                prop_assert!(from < highest, "{fit:?}");
                prop_assert!(peak.is_finite() && peak > 0.0, "{fit:?}");
            }
            Finding::NoKnee { up_to, ceiling } => {
                prop_assert!(up_to <= highest, "{fit:?}");
                prop_assert!(ceiling.is_none_or(|rate| rate.is_finite() && rate > 0.0), "{fit:?}");
            }
        }
    }

    /// No law nearby costs less: the minimum is one.
    #[test]
    fn nothing_nearby_is_better(
        rates in proptest::collection::vec(-2.0f64..4.0, 6),
        tilt in proptest::array::uniform3(-0.01f64..0.01),
    ) {
        let points: Vec<_> = (DECADES.iter().zip(rates))
            .map(|(n, power)| (*n, 10f64.powf(power)))
            .collect();
        let cost = |law: Law| -> f64 {
            let ratios = points.iter().map(|(n, rate)| rate / law.throughput(*n as f64));
            ratios.map(|ratio| ratio - 1.0 - ratio.ln()).sum()
        };
        let best = fitted(&points).law;
        let other = law(
            best.lambda * (1.0 + tilt[0]),
            best.sigma * (1.0 + tilt[1]) + tilt[1].abs() * 1e-3,
            best.kappa * (1.0 + tilt[2]) + tilt[2].abs() * 1e-6,
        );
        prop_assert!(cost(best) <= cost(other) + 1e-9, "{best:?} {other:?}");
    }
}
