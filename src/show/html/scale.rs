//! Scales: where a value lies between two ends, and which values have a tick.

use super::words;

/// How values are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    /// Seconds.
    Span,
    /// Rates and other numbers.
    Number,
    /// Whole numbers.
    Count,
    /// Percent, 0 to 100 and more.
    Percent,
}

impl Unit {
    /// The step between ticks of a linear scale over that span.
    fn step(self, span: f64) -> f64 {
        match self {
            Unit::Count => step(span).max(1.0),
            _ => step(span),
        }
    }

    pub fn text(self, value: f64) -> String {
        match self {
            Unit::Span => words::span(value),
            Unit::Number | Unit::Count => words::short(value),
            Unit::Percent => format!("{} %", words::short(value)),
        }
    }
}

/// A scale.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Scale {
    /// Even.
    Linear { from: f64, to: f64, unit: Unit },
    /// Logarithmic; both ends above 0.
    Log { from: f64, to: f64, unit: Unit },
    /// Of quantiles: each further nine takes the same room, up to that many nines.
    Nines { to: f64 },
}

/// The most ticks of a linear scale.
const TICKS: f64 = 5.0;

impl Scale {
    /// From 0 to a nice value that is at least `to`.
    pub fn up_to(to: f64, unit: Unit) -> Scale {
        let to = if to > 0.0 && to.is_finite() { to } else { 1.0 };
        let step = unit.step(to);
        Scale::Linear {
            from: 0.0,
            to: (to / step).ceil() * step,
            unit,
        }
    }

    /// Logarithmic over those values, with some room where they are one.
    pub fn log(from: f64, to: f64, unit: Unit) -> Scale {
        let from = if from > 0.0 && from.is_finite() {
            from
        } else {
            1e-6
        };
        let to = if to.is_finite() { to.max(from) } else { from };
        let narrow = to / from < 1.5;
        Scale::Log {
            from: if narrow { from / 1.3 } else { from },
            to: if narrow { to * 1.3 } else { to },
            unit,
        }
    }

    /// Where a value lies, from 0 to 1; values outside are moved to the ends.
    pub fn place(&self, value: f64) -> f64 {
        let place = match self {
            Scale::Linear { from, to, .. } => (value - from) / (to - from),
            Scale::Log { from, to, .. } => (value.max(*from) / from).ln() / (to / from).ln(),
            Scale::Nines { to } => -(1.0 - value.min(1.0 - 1e-15)).log10() / to,
        };
        match place.is_finite() {
            true => place.clamp(0.0, 1.0),
            false => 0.0,
        }
    }

    /// The values with a tick, and their texts.
    pub fn ticks(&self) -> Vec<(f64, String)> {
        match *self {
            Scale::Linear { from, to, unit } => {
                let step = unit.step(to - from);
                let first = (from / step).ceil() as i64;
                let ticks = (first..first + 12).map(|tick| tick as f64 * step);
                let ticks = ticks.take_while(|tick| *tick <= to + step * 1e-6);
                ticks.map(|tick| (tick, unit.text(tick))).collect()
            }
            Scale::Log { from, to, unit } => log_ticks(from, to)
                .into_iter()
                .map(|tick| (tick, unit.text(tick)))
                .collect(),
            Scale::Nines { to } => {
                let nines = (0..=to as u32).map(|nines| 1.0 - 0.1f64.powi(nines as i32));
                let named = nines.map(|of| (of, format!("{} %", quantile(of))));
                std::iter::once((0.5, "50 %".to_owned()))
                    .chain(named.filter(|(of, _)| *of > 0.5))
                    .collect()
            }
        }
    }
}

/// A quantile in percent, with as many nines as it has.
pub(super) fn quantile(of: f64) -> String {
    let text = format!("{:.7}", of * 100.0);
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// A step of 1, 2 or 5 times a power of ten, of which `span` has five at most.
fn step(span: f64) -> f64 {
    let raw = span / TICKS;
    let power = 10f64.powf(raw.log10().floor());
    let of = [1.0, 2.0, 5.0, 10.0].map(|times| times * power);
    of.into_iter()
        .find(|step| *step >= raw * (1.0 - 1e-9))
        .unwrap_or(power * 10.0)
}

/// The sparsest of these with enough ticks: powers of ten, some of their multiples; over less than that, even steps.
fn log_ticks(from: f64, to: f64) -> Vec<f64> {
    const ENOUGH: usize = 3;
    let times: [&[f64]; 4] = [
        &[1.0],
        &[1.0, 3.0],
        &[1.0, 2.0, 5.0],
        &[1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0],
    ];
    let is_within = |tick: &f64| (from * 0.999..=to * 1.001).contains(tick);
    let (first, last) = (from.log10().floor() as i32, to.log10().ceil() as i32);
    let found = times.iter().map(|times| -> Vec<f64> {
        let all =
            (first..=last).flat_map(|power| times.iter().map(move |of| of * 10f64.powi(power)));
        all.filter(is_within).collect()
    });
    if let Some(enough) = found.into_iter().find(|ticks| ticks.len() >= ENOUGH) {
        return enough;
    }
    let step = step(to - from);
    let first = (from / step).ceil() as i64;
    (first..first + 12)
        .map(|tick| tick as f64 * step)
        .filter(is_within)
        .collect()
}

#[cfg(test)]
#[path = "scale_tests.rs"]
mod tests;
