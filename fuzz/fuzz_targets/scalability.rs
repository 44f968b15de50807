//! The fit of the scalability law to any points: finite, within its bounds, and of less cost than the laws
//! around it.
//!
//! Each line of the input is a level and a throughput; other lines do not count.
#![no_main]

use libfuzzer_sys::fuzz_target;
use profilerclient::stats::scalability::{Finding, fit};

/// The cost that the fit is to make least: Σ (t − 1 − ln t).
fn cost(points: &[(u64, f64)], [lambda, sigma, kappa]: [f64; 3]) -> f64 {
    let costs = points.iter().map(|&(n, rate)| {
        let n = n as f64;
        let t = rate * (1.0 + sigma * (n - 1.0) + kappa * n * (n - 1.0)) / (lambda * n);
        t - 1.0 - t.ln()
    });
    costs.sum()
}

fuzz_target!(|input: &str| {
    let lines = input.lines().take(64).filter_map(|line| {
        let (n, rate) = line.split_once(' ')?;
        Some((n.parse().ok()?, rate.parse().ok()?))
    });
    let points: Vec<(u64, f64)> = lines.collect();
    let Some(fit) = fit(&points) else { return };
    let law = fit.law;
    assert!(law.lambda > 0.0 && law.lambda.is_finite(), "{law:?}");
    assert!(law.sigma >= 0.0 && law.sigma.is_finite(), "{law:?}");
    assert!(law.kappa >= 0.0 && law.kappa.is_finite(), "{law:?}");
    assert!(fit.error >= 0.0 && fit.error.is_finite(), "{fit:?}");
    assert!(fit.levels >= 3);
    let (first, last) = (
        points.iter().map(|(n, _)| *n).min(),
        points.iter().map(|(n, _)| *n).max(),
    );
    let (first, last) = first.zip(last).expect("there are points");
    match fit.finding {
        Finding::Knee { at, peak } => {
            assert!(at >= first as f64 && at <= last as f64, "{fit:?}");
            assert!(peak > 0.0 && peak.is_finite(), "{fit:?}");
        }
        Finding::Falls { from, peak } => {
            assert!(from >= first && peak > 0.0 && peak.is_finite(), "{fit:?}");
        }
        Finding::NoKnee { up_to, ceiling } => {
            assert!(up_to <= last, "{fit:?}");
            assert!(
                ceiling.is_none_or(|rate| rate > 0.0 && rate.is_finite()),
                "{fit:?}"
            );
        }
    }
    // Levels beyond what a machine can hold leave nothing to compare but rounding.
    let used: Vec<(u64, f64)> = (points.into_iter())
        .filter(|(n, rate)| *n > 0 && (1e-9..=1e12).contains(rate))
        .collect();
    if used.iter().any(|(n, _)| *n > 1_000_000) {
        return;
    }
    let is_bounded = used.iter().all(|(n, _)| *n != 1);
    let highest = used.iter().map(|(_, rate)| *rate).fold(0.0, f64::max);
    let best = cost(&used, [law.lambda, law.sigma, law.kappa]);
    for factor in [0.5, 0.9, 1.1, 2.0] {
        let lambda = law.lambda * factor;
        for other in [
            [lambda, law.sigma, law.kappa],
            [law.lambda, law.sigma * factor, law.kappa],
            [law.lambda, law.sigma, law.kappa * factor],
            [lambda, law.sigma * factor, law.kappa * factor],
        ] {
            if is_bounded && other[0] > highest {
                continue;
            }
            let other = cost(&used, other);
            assert!(
                best <= other + 1e-6 * (1.0 + other.abs()),
                "{law:?} {best} {other}"
            );
        }
    }
});
