//! The open workload: arrivals at a rate that does not depend on the server.

use std::time::Duration;

use super::due::{Due, nanos};
use super::random::{SplitMix64, mix};
use super::shard::Shard;

/// Arrivals of an open workload.
#[derive(Clone, Debug, PartialEq)]
pub struct Open {
    /// The arrival rate over time.
    pub curve: Curve,
    /// How they are spaced.
    pub pattern: Pattern,
    /// The total number; `None` for no limit but the duration.
    pub count: Option<u64>,
    /// The duration: arrivals end this long after the origin.
    pub duration: Option<Duration>,
    /// The most in flight at once; arrivals above this limit are dropped.
    pub max_in_flight: usize,
}

/// How arrivals are spaced.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Pattern {
    /// Evenly spaced while the rate is constant.
    #[default]
    Constant,
    /// A Poisson process.
    Poisson,
}

/// Arrivals per second over time.
#[derive(Clone, Debug, PartialEq)]
pub enum Curve {
    /// A constant rate, more than 0.
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
    /// The instant, in seconds, by which `count` arrivals are expected; `None` where
    /// that count is never reached.
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

    /// How many arrivals are expected within the first `seconds`: the integral of the rate.
    pub fn expected_by(&self, seconds: f64) -> f64 {
        let stages = match self {
            Curve::Constant(rate) => return seconds * rate,
            Curve::Stages(stages) => stages,
        };
        let (mut before, mut left, mut expected) = (0.0, seconds, 0.0);
        for stage in stages {
            let length = stage.length.as_secs_f64();
            if left < length {
                let slope = (stage.rate - before) / length;
                return expected + left * (before + slope * left / 2.0);
            }
            expected += (before + stage.rate) / 2.0 * length;
            left -= length;
            before = stage.rate;
        }
        expected
    }

    /// When the last stage ends; a constant rate does not end.
    pub fn length(&self) -> Option<Duration> {
        match self {
            Curve::Constant(_) => None,
            Curve::Stages(stages) => Some(stages.iter().map(|stage| stage.length).sum()),
        }
    }

    /// The first rate that is not 0: the rate of a warm-up.
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
    /// How long arrivals go on: N of them span N intervals.
    pub(super) fn span(&self) -> Option<Duration> {
        let counted = self
            .count
            .and_then(|count| self.curve.instant(count as f64))
            .map(|seconds| Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX));
        let spans = [self.duration, self.curve.length(), counted];
        spans.into_iter().flatten().min()
    }

    pub(super) fn arrivals(&self, seed: u64, shard: Shard) -> Arrivals {
        Arrivals {
            shard,
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

/// The limit of Poisson draws in one call that skips arrivals: less than a millisecond.
const SKIPPED_DRAWS: u64 = 20_000;

/// The limit of draws to the end of a Poisson process; the rest is counted as expected.
const LAST_DRAWS: u64 = 1_000_000;

/// The arrivals that a shard owns: every shard derives all, so that they are those of one stream.
///
/// Of evenly spaced arrivals those of other shards cost nothing. Of a Poisson process each costs a draw, some 6 ns
/// (measured by the bench `shards` on a shared 2-core virtual machine), beside the 25 ns of an own one: of 100 shards
/// each spends 0.6 µs before each of its arrivals, of 1,000 shards 7 µs. A run of 1,000,000 arrivals a second takes
/// 0.6 % of each shard's CPU for the arrivals of others, however many shards there are.
#[derive(Clone, Debug)]
pub struct Arrivals {
    shard: Shard,
    curve: Curve,
    pattern: Pattern,
    /// Among all arrivals.
    next: u64,
    count: u64,
    end: u64,
    /// Of a Poisson process: arrivals expected by the time of the last one.
    expected: f64,
    random: SplitMix64,
}

impl Arrivals {
    /// See [`super::Arrivals::skip_through`].
    pub fn skip_through(&mut self, until: u64) -> u64 {
        let until = until.min(self.end.saturating_sub(1));
        match self.pattern {
            Pattern::Constant => self.skip_spaced(until),
            Pattern::Poisson => self.skip_drawn(until, self.draws(SKIPPED_DRAWS)),
        }
    }

    /// See [`super::Arrivals::skip_rest`].
    pub fn skip_rest(&mut self) -> u64 {
        let left = self.shard.share(self.count) - self.shard.share(self.next.min(self.count));
        let end = match (self.end, self.curve.length()) {
            (u64::MAX, None) => {
                self.next = self.count;
                return left;
            }
            (end, length) => end.min(length.map_or(u64::MAX, nanos)),
        };
        if self.pattern == Pattern::Constant {
            return self.skip_spaced(end);
        }
        let most = self.draws(LAST_DRAWS);
        let skipped = self.skip_drawn(end.saturating_sub(1), most);
        let rest = (self.curve.expected_by(end as f64 / 1e9) - self.expected).max(0.0);
        let rest = match skipped < most {
            true => 0,
            false => ((rest / self.shard.count() as f64).round() as u64).min(left - skipped),
        };
        self.next = self.count;
        skipped + rest
    }

    /// When the evenly spaced arrival with that index is due; `None` after the last.
    fn spaced(&self, index: u64) -> Option<u64> {
        if index >= self.count {
            return None;
        }
        let after = (self.curve.instant(index as f64)? * 1e9).round() as u64;
        (after < self.end).then_some(after)
    }

    /// The index is calculated from the time; rounding may leave it a little off.
    fn skip_spaced(&mut self, until: u64) -> u64 {
        let first = self.next;
        let is_due = |index| self.spaced(index).is_some_and(|after| after <= until);
        let estimate = self.curve.expected_by(until as f64 / 1e9).floor() as u64;
        let mut index = estimate.clamp(first, self.count.max(first));
        while index > first && !is_due(index - 1) {
            index -= 1;
        }
        while is_due(index) {
            index += 1;
        }
        self.next = index;
        self.shard.share(index) - self.shard.share(first)
    }

    /// How many of its own arrivals a number of draws makes; at least one.
    fn draws(&self, of_all: u64) -> u64 {
        (of_all / self.shard.count()).max(1)
    }

    fn skip_drawn(&mut self, until: u64, most: u64) -> u64 {
        for skipped in 0..most {
            let (next, expected, random) = (self.next, self.expected, self.random);
            match self.next() {
                Some(due) if due.after <= until => {}
                _ => {
                    // Drawn again by the next call.
                    (self.next, self.expected, self.random) = (next, expected, random);
                    return skipped;
                }
            }
        }
        most
    }
}

impl Iterator for Arrivals {
    type Item = Due;

    fn next(&mut self) -> Option<Due> {
        let index = self.shard.first_from(self.next);
        if index >= self.count {
            return None;
        }
        let expected = match self.pattern {
            Pattern::Constant => index as f64,
            Pattern::Poisson => {
                // Those in between are the other shards'.
                for _ in self.next..=index {
                    self.expected += self.random.exponential();
                }
                self.expected
            }
        };
        let after = (self.curve.instant(expected)? * 1e9).round() as u64;
        self.next = index + 1;
        (after < self.end).then_some(Due { index, after })
    }
}

#[cfg(test)]
#[path = "open_tests.rs"]
mod tests;
