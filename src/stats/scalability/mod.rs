//! How throughput scales with concurrency: Gunther's Universal Scalability Law, fitted to levels.
//!
//! ```text
//! X(N) = λN / (1 + σ(N−1) + κN(N−1))
//! ```
//!
//! N shoppers at once get X purchases per second. λ is the throughput of one shopper alone, per second;
//! σ ≥ 0 the share of the work that has to queue (contention: at most λ/σ purchases per second);
//! κ ≥ 0 the cost of each pair of shoppers (coherency: above N* = √((1−σ)/κ), throughput
//! falls). N. J. Gunther, *Guerrilla Capacity Planning*, Springer 2007, chapters 4 to 6, N* by (4.33).
//!
//! # The fit
//!
//! Throughputs differ by orders of magnitude from level to level and have errors in proportion,
//! so relative residuals are used. With a = 1/λ, b = σ/λ, c = κ/λ the ratio of the measured
//! to the fitted throughput is linear,
//!
//! ```text
//! t = X / X(N) = (X/N) · (a + b(N−1) + cN(N−1)),    a > 0, b ≥ 0, c ≥ 0,
//! ```
//!
//! and a point costs t − 1 − ln t: the square of its relative residual, halved, where the law comes
//! near it. (It is the deviance of a gamma distribution, the usual model of a constant coefficient
//! of variation: McCullagh and Nelder, *Generalized Linear Models*, 1989, chapter 8.) Rather than
//! the squares themselves, because it is convex in a, b, c, so that there is one minimum and no
//! starting point can miss it; because the squares of t − 1 would let the law pass over a level that broke
//! down for no more than 1; and because rounds of a level weigh as their arithmetic mean does.
//!
//! The minimum is found by Newton's method, that is by least squares reweighted at each step.
//! The cost is self-concordant, so damping by 1 / (1 + d), d the length of the step, is safe without
//! a line search (Nesterov, *Introductory Lectures on Convex Optimization*, 2004, section 4.1; with
//! bounds: Tran-Dinh, Kyrillidis and Cevher, *Composite Self-Concordant Minimization*, JMLR 16, 2015).

mod minimum;

use std::collections::BTreeMap;

use minimum::{PARAMETERS, Row, dot, minimum};

/// The highest throughput that is accepted, in purchases per second: larger values would overflow.
const MEASURABLE: std::ops::RangeInclusive<f64> = 1e-9..=1e12;

/// With a root mean square of relative residuals above this the law does not describe the levels.
const POOR: f64 = 0.2;

/// A fall by less than this share is ignored: runs on a quiet machine vary that much.
const NOTABLE: f64 = 0.05;

/// A difference of two means is noise up to this number of its standard errors.
const NOISE: f64 = 2.0;

/// A term with less than this share in every level's N/X is rounding: its parameter is zero.
const NO_SHARE: f64 = 1e-9;

/// The law with its parameters.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Law {
    /// λ, purchases per second of one shopper alone: above 0.
    pub lambda: f64,
    /// σ, contention: 0 or more; from 1 on, throughput falls from the first level on.
    pub sigma: f64,
    /// κ, coherency: 0 or more.
    pub kappa: f64,
}

impl Law {
    /// The throughput of `n` concurrent shoppers in purchases per second; `n` is 1 or more.
    pub fn throughput(&self, n: f64) -> f64 {
        let pairs = n * (n - 1.0);
        self.lambda * n / (1.0 + self.sigma * (n - 1.0) + self.kappa * pairs)
    }

    /// The level of the highest throughput, 1 or more; absent where throughput never falls.
    pub fn peak(&self) -> Option<f64> {
        if self.sigma >= 1.0 {
            return Some(1.0);
        }
        (self.kappa > 0.0).then(|| ((1.0 - self.sigma) / self.kappa).sqrt().max(1.0))
    }
}

/// The law that describes some levels best.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fit {
    /// The law.
    pub law: Law,
    /// The root mean square of the relative residuals, measured less fitted throughput by the
    /// fitted one: 0.1 is 10 %.
    pub error: f64,
    /// Distinct levels that went into it: 3 or more.
    pub levels: usize,
    /// The knee.
    pub finding: Finding,
}

impl Fit {
    /// Whether there were more levels than parameters. If not, the law can follow any
    /// measured, and an error is but the scatter of the rounds.
    pub fn is_tested(&self) -> bool {
        self.levels > PARAMETERS
    }

    /// Whether the law comes near the levels.
    pub fn describes_levels(&self) -> bool {
        self.error <= POOR
    }
}

/// The knee, as far as the levels show it.
///
/// The law turns every bend into a knee: a server with a fixed number of workers
/// is fitted with κ > 0 although its throughput never falls. So a fall counts only if both show
/// it, the law from its highest point and the measured means from the best level, to the last level,
/// by more than 5 %; the means also by more than twice the standard error of the rounds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Finding {
    /// Between the first level and the last.
    Knee {
        /// N*, shoppers.
        at: f64,
        /// The fitted throughput there, purchases per second.
        peak: f64,
    },
    /// From the first level on: the knee is there, or where nothing was measured below.
    Falls {
        /// The first level, shoppers.
        from: u64,
        /// The fitted throughput there, purchases per second.
        peak: f64,
    },
    /// Not up to the last level.
    NoKnee {
        /// The last level, shoppers.
        up_to: u64,
        /// Purchases per second that the law does not exceed: its highest point if that lies between
        /// the levels, λ/σ if κ = 0. Absent where it is beyond the levels.
        ceiling: Option<f64>,
    },
}

/// Fits the law to points (N shoppers at once, X purchases per second); several rounds of a level
/// are several points. Points without a shopper or a measurable throughput (zero, not a number,
/// infinite) are ignored. Absent if fewer than three distinct levels are left.
///
/// If no level is 1, λ is at most the highest throughput measured: more would be an extrapolation
/// to levels that were not measured, and the points may not bound it.
pub fn fit(points: &[(u64, f64)]) -> Option<Fit> {
    let mut levels: BTreeMap<u64, Vec<f64>> = BTreeMap::new();
    for &(n, rate) in points {
        if n > 0 && MEASURABLE.contains(&rate) {
            levels.entry(n).or_default().push(rate);
        }
    }
    if levels.len() < PARAMETERS {
        return None;
    }
    let rates = || {
        levels
            .iter()
            .flat_map(|(n, rates)| rates.iter().map(|rate| (*n, *rate)))
    };
    let least_a = match levels.contains_key(&1) {
        true => 0.0,
        false => 1.0 / rates().map(|(_, rate)| rate).fold(0.0, f64::max),
    };
    let rows: Vec<Row> = rates().map(|(n, rate)| row(n, rate)).collect();
    let parts = without_rounding(minimum(&rows, least_a), &rows);
    let [a, b, c] = parts;
    let law = Law {
        lambda: 1.0 / a,
        sigma: b / a,
        kappa: c / a,
    };
    let squares: f64 = rows
        .iter()
        .map(|row| (dot(row, &parts) - 1.0).powi(2))
        .sum();
    Some(Fit {
        law,
        error: (squares / rows.len() as f64).sqrt(),
        levels: levels.len(),
        finding: finding(&law, &levels)?,
    })
}

/// The conclusion from the law and the levels (rates by shoppers); absent without levels.
fn finding(law: &Law, levels: &BTreeMap<u64, Vec<f64>>) -> Option<Finding> {
    let (&lowest, &highest) = (levels.keys().next()?, levels.keys().next_back()?);
    let (first, last) = (lowest as f64, highest as f64);
    let at = law.peak().map_or(last, |peak| peak.clamp(first, last));
    let peak = law.throughput(at);
    let fitted_fall = 1.0 - law.throughput(last) / peak;
    Some(if fitted_fall <= NOTABLE || !is_fall_measured(levels) {
        let limit = (law.kappa == 0.0 && law.sigma > 0.0).then(|| law.lambda / law.sigma);
        Finding::NoKnee {
            up_to: highest,
            ceiling: if at < last { Some(peak) } else { limit },
        }
    } else if at > first {
        Finding::Knee { at, peak }
    } else {
        Finding::Falls { from: lowest, peak }
    })
}

/// Whether the last level has less than the best one, beyond noise.
fn is_fall_measured(levels: &BTreeMap<u64, Vec<f64>>) -> bool {
    let best = levels
        .values()
        .max_by(|one, other| mean(one).total_cmp(&mean(other)));
    let (Some(best), Some(last)) = (best, levels.values().next_back()) else {
        return false;
    };
    // Of a constant coefficient of variation, which all levels estimate together.
    let deviations = levels.values().flat_map(|rates| {
        let mean = mean(rates);
        rates.iter().map(move |rate| (rate / mean - 1.0).powi(2))
    });
    let spare: usize = levels.values().map(|rates| rates.len() - 1).sum();
    let variance = deviations.sum::<f64>() / spare.max(1) as f64;
    let of_means = variance * (1.0 / best.len() as f64 + 1.0 / last.len() as f64);
    1.0 - mean(last) / mean(best) > (NOISE * of_means.sqrt()).max(NOTABLE)
}

fn mean(rates: &[f64]) -> f64 {
    rates.iter().sum::<f64>() / rates.len() as f64
}

/// The factors of a point, such that their product with a, b, c is measured by fitted throughput.
fn row(n: u64, rate: f64) -> Row {
    let n = n as f64;
    let share = rate / n;
    [share, share * (n - 1.0), share * n * (n - 1.0)]
}

/// Sets b and c to zero where they are rounding errors.
fn without_rounding(parts: Row, rows: &[Row]) -> Row {
    let share = |column: usize| {
        let shares = rows
            .iter()
            .map(|row| row[column] * parts[column] / dot(row, &parts));
        shares.fold(0.0, f64::max)
    };
    std::array::from_fn(|column| match column {
        1.. if share(column) < NO_SHARE => 0.0,
        _ => parts[column],
    })
}

#[cfg(test)]
#[path = "scalability_tests.rs"]
mod tests;
