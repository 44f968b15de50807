//! Truth and what was said of it, side by side.

use profilerclient::stats::{Quantile, percentile};

/// p50, p99 and max of a sample, nanoseconds. A percentile that the number of values cannot support
/// is absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Three {
    pub count: usize,
    pub p50: Option<i64>,
    pub p99: Option<i64>,
    pub max: Option<i64>,
}

impl Three {
    pub fn of(mut values: Vec<i64>) -> Three {
        values.sort_unstable();
        Three {
            count: values.len(),
            p50: percentile(&values, Quantile::P50),
            p99: percentile(&values, Quantile::P99),
            max: values.last().copied(),
        }
    }
}

/// By how much a p99 may be off: 1 % or 50 µs, whichever is larger.
pub fn allowed(truth: i64) -> i64 {
    (truth / 100).max(50_000)
}

/// Whether the p99 that was said is within what is allowed; absent where there is none.
pub fn is_within(truth: &Three, said: &Three) -> Option<bool> {
    let (truth, said) = (truth.p99?, said.p99?);
    Some((said - truth).abs() <= allowed(truth))
}

pub fn heading(title: &str) {
    println!("\n{title}");
    println!(
        "  {:<34}{:>8}{:>11}{:>11}{:>11}   off by: p50, p99, max, µs",
        "", "n", "p50, ms", "p99, ms", "max, ms"
    );
}

/// What the wire had.
pub fn truth(name: &str, truth: &Three) {
    println!("{}", line(name, truth));
}

/// What was said, by how much that is off, and whether that is near enough.
pub fn said(name: &str, truth: &Three, said: &Three) {
    let off = |of: fn(&Three) -> Option<i64>| match (of(said), of(truth)) {
        (Some(said), Some(truth)) => format!("{:+.1}", (said - truth) as f64 / 1e3),
        _ => "-".to_owned(),
    };
    let verdict = match is_within(truth, said) {
        Some(true) => "met",
        Some(false) => "MISSED",
        None => "-",
    };
    println!(
        "{}   {:>9} {:>9} {:>9}  {verdict}",
        line(name, said),
        off(|of| of.p50),
        off(|of| of.p99),
        off(|of| of.max)
    );
}

/// How single requests are off, in µs.
pub fn each(name: &str, of: &Three) {
    let micros = |nanos: Option<i64>| match nanos {
        Some(nanos) => format!("{:.1}", nanos as f64 / 1e3),
        None => "-".to_owned(),
    };
    println!(
        "      {name:<30}{:>8}{:>11}{:>11}{:>11}   µs, request by request",
        of.count,
        micros(of.p50),
        micros(of.p99),
        micros(of.max)
    );
}

fn line(name: &str, of: &Three) -> String {
    let millis = |nanos: Option<i64>| match nanos {
        Some(nanos) => format!("{:.3}", nanos as f64 / 1e6),
        None => "-".to_owned(),
    };
    format!(
        "  {name:<34}{:>8}{:>11}{:>11}{:>11}",
        of.count,
        millis(of.p50),
        millis(of.p99),
        millis(of.max)
    )
}
