//! Latencies: how much of them is the client's, and the rules about that.

use crate::stats::{Distribution, Quantile};

use super::evidence::Requests;
use super::reason::{Cause, Reason, Step};

/// The share of a latency that the client may have.
const OWN_SHARE: f64 = 0.05;

/// A client's part of a latency that is at most this, nanoseconds, is ignored.
const OWN_IGNORED: i64 = 100_000;

/// The client's part of a percentile.
pub struct Own {
    /// Absent for a single value, which has no percentiles.
    quantile: Option<Quantile>,
    /// Nanoseconds.
    own: i64,
    /// The percentile itself, nanoseconds.
    of: i64,
}

impl Own {
    fn share(&self) -> f64 {
        match self.of {
            ..=0 => 0.0,
            of => (self.own as f64 / of as f64).clamp(0.0, 1.0),
        }
    }

    fn is_too_much(&self) -> bool {
        self.own > OWN_IGNORED && self.own as f64 > OWN_SHARE * self.of as f64
    }
}

/// Of the median, and of the largest percentile up to p99 that is supported. `wait`: how long this thread waits
/// for a CPU, nanoseconds; without kernel timestamps, arrivals are stamped that much later.
pub fn own(requests: &Requests, wait: i64) -> Vec<Own> {
    let (Some(elapsed), Some(net)) = (&requests.elapsed, &requests.net) else {
        return Vec::new();
    };
    let at = |quantile: Option<Quantile>| {
        let value = |of: &Distribution| quantile.map_or(Some(of.max), |quantile| of.at(quantile));
        let (of, net) = (value(elapsed)?, value(net)?);
        let late = late(requests, quantile, wait);
        let own = of.saturating_sub(net).saturating_add(late);
        let own = own.clamp(0, of.max(0));
        Some(Own { quantile, own, of })
    };
    let middle = elapsed.p50.map(|_| Quantile::P50);
    let tail = largest_supported(elapsed).filter(|of| Some(*of) != middle);
    std::iter::once(at(middle))
        .chain(tail.map(|tail| at(Some(tail))))
        .flatten()
        .collect()
}

/// How late the stamps are at a percentile, where enough may be late to move it; nanoseconds.
///
/// The timestamp of a response that is read after the end of its connection is that of the end, by as much later as
/// the server took from the one to the other. The responses that were read before the end had come show how much
/// that can be: at least as long as they waited to be read.
fn late(requests: &Requests, quantile: Option<Quantile>, wait: i64) -> i64 {
    let all = requests.elapsed.as_ref().map_or(0, |of| of.n) as f64;
    let share = 1.0 - quantile.map_or(0.5, Quantile::share);
    let is_moved = |count: f64| count > share * all;
    let unstamped = requests.stamp_delay.as_ref().map_or(0, |of| of.n);
    let late = if is_moved(unstamped as f64) { wait } else { 0 };
    late.saturating_add(match is_moved(requests.after_end as f64) {
        true => until_end(requests).unwrap_or(0),
        false => 0,
    })
}

/// From a response to the end of its connection: typically at least so long.
fn until_end(requests: &Requests) -> Option<i64> {
    requests.before_end.as_ref().map(Distribution::middle)
}

/// The share at a percentile; absent where that was not judged.
pub fn share_at(own: &[Own], quantile: Quantile) -> Option<f64> {
    let own = own.iter().find(|own| own.quantile == Some(quantile))?;
    Some(own.share())
}

/// Why the latencies cannot be trusted; empty if they can.
pub fn latency_reasons(step: Step, requests: &Requests, own: &[Own]) -> Vec<Reason> {
    let mut reasons = Reason::resources(requests.without_descriptor, requests.without_port);
    let mut causes: Vec<Cause> = Vec::new();
    for own in own.iter().filter(|own| own.is_too_much()) {
        let cause = cause(requests, own.quantile);
        if causes.contains(&cause) {
            continue;
        }
        causes.push(cause);
        reasons.push(Reason::Own {
            step,
            cause,
            quantile: own.quantile,
            own: own.own,
            of: own.of,
        });
    }
    reasons
}

/// What most of the client's part of a percentile consists of: the cause that is the largest there.
fn cause(requests: &Requests, quantile: Option<Quantile>) -> Cause {
    let all = requests.elapsed.as_ref().map_or(0, |of| of.n);
    let size = |of: &Option<Distribution>| {
        let Some(of) = of else { return 0 };
        // Few of a kind are in the tail only.
        match quantile {
            Some(Quantile::P50) if 2 * of.n <= all => 0,
            Some(Quantile::P50) => of.middle(),
            _ => of.at(Quantile::P99).unwrap_or(of.max),
        }
    };
    let is_ended = late(requests, quantile, 0) > 0;
    let until_end = until_end(requests).filter(|_| is_ended);
    let until_end = until_end.unwrap_or(0);
    let causes = [
        (Cause::Hop, size(&requests.hop_delay)),
        (Cause::Stamp, size(&requests.stamp_delay)),
        (Cause::End, until_end),
        (Cause::Send, size(&requests.send_delay)),
    ];
    let largest = causes.into_iter().rev().max_by_key(|(_, size)| *size);
    largest.map_or(Cause::Send, |(cause, _)| cause)
}

/// The largest percentile up to p99 that the number of values supports.
pub fn largest_supported(of: &Distribution) -> Option<Quantile> {
    [Quantile::P99, Quantile::P95, Quantile::P90, Quantile::P50]
        .into_iter()
        .find(|quantile| of.at(*quantile).is_some())
}
