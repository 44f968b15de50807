//! Arithmetic with infinite values that never makes a NaN.
//!
//! A round in which too many purchases failed has an infinite quantile. Its ratio to a finite one is
//! infinite or zero, the logarithm of that plus or minus infinity; two infinite ones are a tie.

/// `b - a`; 0 where both are the same infinity.
pub fn difference(a: f64, b: f64) -> f64 {
    // Negative zeros are the same as zeros.
    if a == b { 0.0 } else { b - a + 0.0 }
}

/// The logarithm of `b / a`, for values of 0 or more, infinite ones included; absent for others.
/// Two equal values are a tie, also if both are 0 or infinite.
pub fn log_ratio(a: f64, b: f64) -> Option<f64> {
    (a >= 0.0 && b >= 0.0).then(|| difference(a.ln(), b.ln()))
}

/// The mean of two values; that of opposite infinities is 0, a tie.
pub fn average(a: f64, b: f64) -> f64 {
    let mean = (a + b) / 2.0;
    if mean.is_nan() { 0.0 } else { mean + 0.0 }
}

/// The median of values in ascending order; absent where there are none.
pub fn median(sorted: &[f64]) -> Option<f64> {
    let n = sorted.len();
    let upper = *sorted.get(n / 2)?;
    match n % 2 {
        0 => Some(average(sorted[n / 2 - 1], upper)),
        _ => Some(upper),
    }
}

/// The mean and the standard deviation of values, with n - 1; absent for fewer than 2, or if one is
/// infinite.
pub fn mean_and_deviation(values: &[f64]) -> Option<(f64, f64)> {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    let deviation = (squares / (n - 1.0)).sqrt();
    deviation.is_finite().then_some((mean, deviation))
}

#[cfg(test)]
#[path = "extended_tests.rs"]
mod tests;
