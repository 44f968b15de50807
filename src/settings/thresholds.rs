//! The thresholds of a run.

use crate::row::Source;
use crate::row::timing_key::TimingKey;
use crate::stats::Quantile;
use crate::stats::share::Share;

/// A threshold (`--fail-if`): a run fails where it is met or cannot be evaluated.
#[derive(Clone, Debug, PartialEq)]
pub struct Threshold {
    /// As it was given, on one line.
    pub text: String,
    /// How the figure has to compare with the limit.
    pub comparison: Comparison,
    /// The figure, and the limit in its unit.
    pub limit: Limit,
}

/// How a figure has to compare with a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `>`
    Above,
    /// `>=`
    AtLeast,
    /// `<`
    Below,
    /// `<=`
    AtMost,
}

/// A figure of a run, and its limit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Limit {
    /// Elapsed times, of all requests (or reports) that have one.
    Elapsed {
        /// Whose.
        of: Source,
        /// Which of them.
        statistic: Statistic,
        /// The limit, nanoseconds.
        nanos: i64,
    },
    /// TLS handshakes within requests of the client, of all that have one.
    Tls {
        /// Whose: home or buy.
        of: Source,
        /// Which of them.
        statistic: Statistic,
        /// The limit, nanoseconds.
        nanos: i64,
    },
    /// Times, or counts, that the server sent with its answers, of all answers that have it.
    Timing {
        /// Which one.
        key: TimingKey,
        /// Which of its values.
        statistic: Statistic,
        /// The limit, billionths of the unit.
        billionths: i64,
    },
    /// The pages of the form with the CSRF token, of all that have an elapsed time.
    FormPage {
        /// Which of them.
        statistic: Statistic,
        /// The limit, nanoseconds.
        nanos: i64,
    },
    /// The failed pages of the form, of all shoppers.
    FormErrors {
        /// The limit.
        share: Share,
    },
    /// A share of failures.
    Errors {
        /// Failed requests of all shoppers, or the reports of a server with the result false of those
        /// that have a result; `None`: shoppers without a purchase of all shoppers.
        of: Option<Source>,
        /// The limit.
        share: Share,
    },
    /// Successful purchases per second of the run.
    Rate {
        /// The limit, 0 or more.
        per_second: f64,
    },
}

/// Which figure of a distribution.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Statistic {
    /// The smallest value.
    Min,
    /// The arithmetic mean.
    Mean,
    /// The value at a quantile.
    Percentile(Quantile),
    /// The largest value.
    Max,
}

impl Threshold {
    /// Why it can never be met, if that is so: it would check nothing.
    pub fn never_met(&self) -> Option<&'static str> {
        match (self.limit, self.comparison) {
            (Limit::Errors { share, .. } | Limit::FormErrors { share }, Comparison::Above)
                if share == Share::WHOLE =>
            {
                Some("a share is at most 1, which is 100 %")
            }
            (Limit::Errors { share, .. } | Limit::FormErrors { share }, Comparison::Below)
                if share == Share::default() =>
            {
                Some("a share is never below 0")
            }
            (
                Limit::Timing {
                    key, billionths: 0, ..
                },
                Comparison::Below,
            ) if !key.is_time() => Some("a count is never below 0"),
            (Limit::Rate { per_second: 0.0 }, Comparison::Below) => Some("a rate is never below 0"),
            _ => None,
        }
    }
}
