//! The figures of a comparison: values in their units, and changes with their intervals.

use crate::comparison::{Number, Row, Unit};

/// The change of a row with its interval, relative where it is a ratio.
pub(in crate::show) fn row_change(row: &Row) -> Option<String> {
    if row.metric.is_difference() {
        return own_change(row);
    }
    let ratio = row.ratio?;
    Some(match row.ratio_interval {
        Some([low, high]) if low != high => {
            format!("{} % [{}, {}]", percent(ratio), percent(low), percent(high))
        }
        _ => format!("{} %", percent(ratio)),
    })
}

/// The same in the unit of the metric.
pub(in crate::show) fn own_change(row: &Row) -> Option<String> {
    let unit = match row.unit {
        Unit::Seconds => " ms",
        Unit::PerSecond => "/s",
        Unit::Share => " points",
        Unit::Count => "",
    };
    let change = row.change?;
    Some(match row.change_interval {
        Some([low, high]) if low != high => format!(
            "{}{unit} [{}, {}]",
            signed(row.unit, change),
            signed(row.unit, low),
            signed(row.unit, high)
        ),
        _ => format!("{}{unit}", signed(row.unit, change)),
    })
}

/// A ratio as a change in percent: `+1.04`.
pub(in crate::show) fn percent(Number(ratio): Number) -> String {
    if ratio.is_infinite() {
        return "+inf".to_owned();
    }
    let percent = (ratio - 1.0) * 100.0;
    // Not -0.00.
    let percent = if percent.abs() < 0.005 { 0.0 } else { percent };
    match percent.abs() {
        ..9.995 => format!("{percent:+.2}"),
        ..99.95 => format!("{percent:+.1}"),
        _ => format!("{percent:+.0}"),
    }
}

/// A figure in its unit: `5.012 ms`, `812.3/s`, `1.2 %`.
pub(in crate::show) fn figure_of(unit: Unit, value: Number) -> String {
    if is_long(unit, value) {
        return format!("{} s", four_digits(value.0));
    }
    let text = bare(unit, value);
    match (value.0.is_finite(), unit) {
        (false, _) => text,
        (true, Unit::Seconds) => format!("{text} ms"),
        (true, Unit::PerSecond) => format!("{text}/s"),
        (true, Unit::Share) => format!("{text} %"),
        (true, Unit::Count) => text,
    }
}

/// Whether a time is shown in seconds.
pub(super) fn is_long(unit: Unit, Number(value): Number) -> bool {
    unit == Unit::Seconds && value >= 10.0 && value.is_finite()
}

/// A figure without its unit.
pub(super) fn bare(unit: Unit, Number(value): Number) -> String {
    let shown = match unit {
        Unit::Seconds => value * 1e3,
        Unit::PerSecond => value,
        Unit::Count if value.is_finite() => return trimmed(&four_digits(value)),
        Unit::Count => value,
        Unit::Share => value * 100.0,
    };
    four_digits(shown)
}

/// Without zeros at the end of decimals: counts are mostly whole.
fn trimmed(number: &str) -> String {
    match number.contains('.') && !number.contains('e') {
        true => number
            .trim_end_matches('0')
            .trim_end_matches('.')
            .to_owned(),
        false => number.to_owned(),
    }
}

fn signed(unit: Unit, value: Number) -> String {
    if value.0.is_infinite() {
        return if value.0 > 0.0 { "+inf" } else { "-inf" }.to_owned();
    }
    match value.0 >= 0.0 {
        true => format!("+{}", bare(unit, value)),
        false => format!("-{}", bare(unit, Number(-value.0))),
    }
}

/// A figure with four significant digits, or all those before the point.
fn four_digits(value: f64) -> String {
    if value.is_infinite() {
        return "infinite".to_owned();
    }
    match value.abs() {
        0.0 => "0".to_owned(),
        ..1e-4 | 1e9.. => format!("{value:.2e}"),
        size => {
            let decimals = (3 - size.log10().floor() as i32).clamp(0, 5);
            format!("{value:.*}", decimals as usize)
        }
    }
}

#[cfg(test)]
#[path = "comparison_figures_tests.rs"]
mod tests;
