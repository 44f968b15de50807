//! The open load: shoppers come when they are due, however slow the server is.

use std::time::Duration;

use super::random::{SplitMix64, mix};
use super::{Due, nanos};

/// Shoppers by the clock.
#[derive(Clone, Debug, PartialEq)]
pub struct Open {
    /// How many come in a second, and for how long.
    pub curve: Curve,
    /// How they lie between one another.
    pub pattern: Pattern,
    /// How many in all; `None` for as many as there is time for.
    pub count: Option<u64>,
    /// Nobody comes this long after the origin, or later.
    pub duration: Option<Duration>,
    /// The most in flight at once; who comes beyond them is not launched.
    pub max_in_flight: usize,
}

/// How arrivals lie between one another.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pattern {
    /// At equal distances, as far as the rate is constant.
    #[default]
    Constant,
    /// A Poisson process: independent of one another, as customers are.
    Poisson,
}

/// Arrivals per second over time.
#[derive(Clone, Debug, PartialEq)]
pub enum Curve {
    /// Always as many; more than 0.
    Constant(f64),
    /// From 0 to the first stage's rate, from there to the second's, and so on.
    Stages(Vec<Stage>),
}

/// A part of a curve: linear from the rate of the stage before.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stage {
    /// How long it takes.
    pub length: Duration,
    /// The rate at its end, arrivals per second; 0 or more.
    pub rate: f64,
}

impl Curve {
    /// The instant, in seconds, at which `count` arrivals are to have been expected; `None` where
    /// there will never be so many.
    ///
    /// It is the inverse of the integral of the rate: within a stage of length L from r0 to r1,
    /// r0·t + (r1 − r0)/(2L)·t² = count.
    fn instant(&self, count: f64) -> Option<f64> {
        let stages = match self {
            Curve::Constant(rate) => return Some(count / rate),
            Curve::Stages(stages) => stages,
        };
        let (mut before, mut begin, mut left) = (0.0, 0.0, count);
        for stage in stages {
            let length = stage.length.as_secs_f64();
            let area = (before + stage.rate) / 2.0 * length;
            if left < area {
                let slope = (stage.rate - before) / length;
                // Nothing is lost by cancellation in this form; the root is 0 only with `left`.
                let root = (before * before + 2.0 * slope * left).max(0.0).sqrt();
                let within = if left > 0.0 {
                    2.0 * left / (before + root)
                } else {
                    0.0
                };
                return Some(begin + within.min(length));
            }
            left -= area;
            begin += length;
            before = stage.rate;
        }
        None
    }

    /// The first rate that is not 0: what a server is warmed up with.
    pub fn first_rate(&self) -> Option<f64> {
        match self {
            Curve::Constant(rate) => Some(*rate),
            Curve::Stages(stages) => stages
                .iter()
                .map(|stage| stage.rate)
                .find(|rate| *rate > 0.0),
        }
    }
}

impl Open {
    pub(super) fn arrivals(&self, seed: u64) -> Arrivals {
        Arrivals {
            curve: self.curve.clone(),
            pattern: self.pattern,
            next: 0,
            count: self.count.unwrap_or(u64::MAX),
            end: self.duration.map_or(u64::MAX, nanos),
            expected: 0.0,
            random: SplitMix64(mix(seed)),
        }
    }
}

/// Everybody who comes.
#[derive(Clone, Debug)]
pub struct Arrivals {
    curve: Curve,
    pattern: Pattern,
    next: u64,
    count: u64,
    end: u64,
    /// Of a Poisson process: arrivals that were to be expected by the time of the last one.
    expected: f64,
    random: SplitMix64,
}

impl Iterator for Arrivals {
    type Item = Due;

    fn next(&mut self) -> Option<Due> {
        if self.next >= self.count {
            return None;
        }
        let expected = match self.pattern {
            Pattern::Constant => self.next as f64,
            Pattern::Poisson => {
                self.expected += self.random.exponential();
                self.expected
            }
        };
        let after = (self.curve.instant(expected)? * 1e9).round() as u64;
        let index = self.next;
        self.next += 1;
        (after < self.end).then_some(Due { index, after })
    }
}

#[cfg(test)]
#[path = "open_tests.rs"]
mod tests;
