//! Which figures of a run are those of the server and the network, and which were limited by this client.
//!
//! Three kinds of figures are judged apart: the latencies of the home pages, those of the purchases, and
//! the pace, which is the rate and density of the requests.
//!
//! # Latencies
//!
//! What of this client stands inside an elapsed time is measured request by request:
//!
//! - the send delay: on a connection that stands, from the start to the moment at which the request leaves;
//!   on a new one, of that what passed since the sockets were last looked at, or since the start;
//! - the hop delay: from the arrival of a redirect to the start of the request that it asks for;
//! - without kernel timestamps, how late the arrival may have been stamped: the time since the sockets were
//!   last looked at, and the mean wait for a CPU;
//! - on a contended machine the mean wait for a CPU too, where the end of the stream had come before the data
//!   was read: the kernel merges both, with the timestamp of the end, and the server waits between them as
//!   this client does.
//!
//! The client's share of a percentile is by how much it would be smaller without them. Latencies are not
//! trusted
//!
//! | if | because |
//! |---|---|
//! | that is more than 5 % and more than 100 µs, of the median or of the largest percentile up to p99 that the number of values supports | differences of that size between two configurations are what this program is used to find |
//! | a request failed because no file descriptor or source port was left | its time is among the latencies, and says nothing about the server |
//!
//! A late reading is not part of them where the kernel stamps the arrivals: the read delay concerns the pace.
//!
//! # Pace
//!
//! | this client sets the pace if | because |
//! |---|---|
//! | a request failed because no file descriptor or source port was left | fewer were in flight than was planned |
//! | arrivals of an open workload were given up at the end, though max in flight was not reached | the rate is limited by the client |
//! | the event loop used at least 90 % of a core, in a run of 0.5 s or more | at 90 % an event waits nine times as long as its handling takes (M/M/1): the rate is limited by the client. Shorter runs consist of the burst itself, which keeps the loop busy; the rules below judge them |
//! | this program was stopped (SIGSTOP, SIGTSTP) for more than 1 ms | it neither launched nor read anything during that time |
//! | of a burst: the launch delay, at its largest supported percentile up to p99, exceeds the median time from due to the home page | when the last shoppers started, half of them had been served already: they were not concurrent |
//! | of an open workload: the launch delay there exceeds 10 % of the typical home page | the arrivals are not those of the configured rate |
//! | of a closed workload: the mean launch delay exceeds 10 % of the mean iteration | virtual users waited for this client between their iterations |
//! | purchases start, on average, later after their home pages than 10 % of the mean response | the load was 10 % lower than the shop would have allowed: the page waited to be read, the purchase for its turn, or a burst for the end of its launch |
//! | of a closed workload: the mean read delay of the purchases exceeds 10 % of the mean response | every next iteration started that much later |
//!
//! Of the pace, spans below 1 ms are ignored.
//!
//! # Contention
//!
//! Where others took the CPU (a quarter or more of the time that this thread wanted it, or 5 % of the span
//! to a hypervisor), a delay is theirs: it is named beside the delay, and the hint is about the machine.
//! Contention alone is not a reason. The hint is the same where the loop was not busy: it used less than half
//! of a core or had at most 4 shoppers in flight.
//!
//! A stepped wall clock is not a reason: durations are by the monotonic clock. It is reported separately.

use std::time::Duration;

use crate::plan::Kind;
use crate::rows::judged::{FigureVerdict, OwnShare, ReasonGiven, Trust, Verdict};
use crate::stats::{Distribution, Quantile};

use super::evidence::{Evidence, Requests};
use super::reason::{Cause, Reason, Step};

/// The share of a latency that the client may have.
const OWN_SHARE: f64 = 0.05;

/// A client's own part of a latency that is at most this, nanoseconds, is ignored.
const OWN_IGNORED: i64 = 100_000;

/// The share of a response's time by which the pace may be late.
const LATE_SHARE: f64 = 0.1;

/// Of the pace, spans up to this, nanoseconds, are ignored.
const LATE_IGNORED: i64 = 1_000_000;

/// The share of a core above which a loop is a bottleneck.
const BUSY: f64 = 0.9;

/// Shorter runs are not judged by their CPU time.
const LONG_ENOUGH: Duration = Duration::from_millis(500);

/// The share of a core up to which a loop is not busy.
const NOT_BUSY: f64 = 0.5;

/// The most shoppers in flight that keep no loop busy.
const FEW_IN_FLIGHT: u64 = 4;

/// The share of the time in which this thread wanted a CPU that others may take.
const TAKEN: f64 = 0.25;

/// The share of a span that a hypervisor may take.
const STOLEN: f64 = 0.05;

/// The verdict on a part of a run.
pub fn judge(evidence: &Evidence) -> Verdict {
    let contended = contention(evidence);
    let is_of_machine = contended.is_some() || is_idle(evidence);
    let given = |reasons: Vec<Reason>| {
        let is_delay = reasons.iter().any(Reason::is_delay);
        let named = contended.clone().filter(|_| is_delay);
        let all = reasons.into_iter().chain(named);
        let all: Vec<ReasonGiven> = all.map(|of| of.given(is_of_machine)).collect();
        FigureVerdict::of(all)
    };
    let latencies = |step: Step, requests: &Requests| {
        let own = own(
            requests,
            mean_wait_for_cpu(evidence).unwrap_or(0),
            contended.is_some(),
        );
        let mut verdict = given(latency_reasons(step, requests, &own));
        verdict.own_share = OwnShare {
            p50: share_at(&own, Quantile::P50),
            p99: share_at(&own, Quantile::P99),
        };
        if own.is_empty() && verdict.reasons.is_empty() {
            verdict.state = Trust::NotJudged;
        }
        verdict
    };
    let mut verdict = Verdict {
        home: latencies(Step::Home, &evidence.home),
        purchase: latencies(Step::Purchase, &evidence.buy),
        pace: given(pace_reasons(evidence)),
    };
    let has_success = evidence.home.elapsed.is_some() || evidence.buy.elapsed.is_some();
    if !has_success && verdict.pace.reasons.is_empty() {
        verdict.pace.state = Trust::NotJudged;
    }
    verdict
}

/// the client's part of a percentile.
struct Own {
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
/// for a CPU, nanoseconds; so much later are stamps where so many may be late that the percentile has them. Those of the ends of
/// connections are where the machine is contended (`is_contended`): then a server waits too, between its answer
/// and the end.
fn own(requests: &Requests, wait: i64, is_contended: bool) -> Vec<Own> {
    let (Some(elapsed), Some(net)) = (&requests.elapsed, &requests.net) else {
        return Vec::new();
    };
    let count = |of: &Option<Distribution>| of.as_ref().map_or(0, |of| of.n);
    let ends = if is_contended {
        count(&requests.end_delay)
    } else {
        0
    };
    let late = count(&requests.stamp_delay) + ends;
    let at = |quantile: Option<Quantile>| {
        let is_late =
            late as f64 > (1.0 - quantile.map_or(0.5, Quantile::share)) * elapsed.n as f64;
        let late_by = if is_late { wait } else { 0 };
        let value = |of: &Distribution| quantile.map_or(Some(of.max), |quantile| of.at(quantile));
        let (of, net) = (value(elapsed)?, value(net)?);
        let own = of
            .saturating_sub(net)
            .saturating_add(late_by)
            .clamp(0, of.max(0));
        Some(Own { quantile, own, of })
    };
    let middle = elapsed.p50.map(|_| Quantile::P50);
    let tail = largest_supported(elapsed).filter(|of| Some(*of) != middle);
    std::iter::once(at(middle))
        .chain(tail.map(|tail| at(Some(tail))))
        .flatten()
        .collect()
}

fn share_at(own: &[Own], quantile: Quantile) -> Option<f64> {
    let own = own.iter().find(|own| own.quantile == Some(quantile))?;
    Some(own.share())
}

/// The largest percentile up to p99 that the number of values supports.
fn largest_supported(of: &Distribution) -> Option<Quantile> {
    [Quantile::P99, Quantile::P95, Quantile::P90, Quantile::P50]
        .into_iter()
        .find(|quantile| of.at(*quantile).is_some())
}

/// The value there; absent for a single value.
fn largest_supported_value(of: &Distribution) -> Option<i64> {
    of.at(largest_supported(of)?)
}

fn latency_reasons(step: Step, requests: &Requests, own: &[Own]) -> Vec<Reason> {
    let mut reasons = resources(requests.without_descriptor, requests.without_port);
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
    let causes = [
        (Cause::Hop, size(&requests.hop_delay)),
        (Cause::Stamp, size(&requests.stamp_delay)),
        (Cause::End, size(&requests.end_delay)),
        (Cause::Send, size(&requests.send_delay)),
    ];
    let largest = causes.into_iter().rev().max_by_key(|(_, size)| *size);
    largest.map_or(Cause::Send, |(cause, _)| cause)
}

fn resources(descriptors: u64, ports: u64) -> Vec<Reason> {
    let descriptors = (descriptors > 0).then_some(Reason::Descriptors(descriptors));
    let ports = (ports > 0).then_some(Reason::Ports(ports));
    descriptors.into_iter().chain(ports).collect()
}

fn pace_reasons(evidence: &Evidence) -> Vec<Reason> {
    let (home, buy) = (&evidence.home, &evidence.buy);
    let mut reasons = resources(
        home.without_descriptor + buy.without_descriptor,
        home.without_port + buy.without_port,
    );
    reasons.extend((evidence.dropped_late > 0).then_some(Reason::Behind {
        late: evidence.dropped_late,
        of: evidence.due,
    }));
    reasons.extend(busy(evidence));
    reasons.extend((evidence.paused > LATE_IGNORED).then_some(Reason::Paused(evidence.paused)));
    reasons.extend(match evidence.kind {
        Kind::Burst => late_start(evidence),
        Kind::Open => launch_delay(evidence),
        Kind::Closed => wait_between(evidence),
    });
    reasons.extend(purchase_delay(evidence));
    reasons.extend(read_delay(evidence));
    reasons
}

/// The share of a core that the part used; absent if its span is 0.
fn cpu_share(evidence: &Evidence) -> Option<f64> {
    let wall = evidence.wall.as_secs_f64();
    (wall > 0.0).then(|| evidence.cpu.as_secs_f64() / wall)
}

fn busy(evidence: &Evidence) -> Option<Reason> {
    let share = cpu_share(evidence).filter(|_| evidence.wall >= LONG_ENOUGH)?;
    (share >= BUSY).then(|| Reason::Busy((share * 100.0).round() as u32))
}

/// Whether the loop itself had little to do.
fn is_idle(evidence: &Evidence) -> bool {
    let is_few = (1..=FEW_IN_FLIGHT).contains(&evidence.in_flight);
    is_few || cpu_share(evidence).is_some_and(|share| share < NOT_BUSY)
}

/// What others took of the CPU, where that is much.
fn contention(evidence: &Evidence) -> Option<Reason> {
    let of = &evidence.contention;
    let used = evidence.cpu.as_nanos() as f64;
    let (waited, stolen) = (of.run_queue_nanos.unwrap_or(0), of.steal_nanos.unwrap_or(0));
    let is_waiting =
        waited as i64 > LATE_IGNORED && waited as f64 >= TAKEN * (used + waited as f64);
    let is_robbed = stolen > 0 && stolen as f64 >= STOLEN * evidence.wall.as_nanos() as f64;
    (is_waiting || is_robbed).then_some(Reason::Contention {
        waited: waited as i64,
        stolen: if is_robbed { stolen as i64 } else { 0 },
    })
}

/// How long this thread waited for a CPU each time it was to go on.
fn mean_wait_for_cpu(evidence: &Evidence) -> Option<i64> {
    let of = &evidence.contention;
    let (waited, times) = of.run_queue_nanos.zip(of.timeslices)?;
    i64::try_from(waited.checked_div(times)?).ok()
}

fn late_start(evidence: &Evidence) -> Option<Reason> {
    let delay = largest_supported_value(evidence.launch_delay.as_ref()?)?;
    let served = evidence.served.as_ref()?.middle();
    exceeds(delay, 1.0, served).then_some(Reason::LateStart { delay, served })
}

fn launch_delay(evidence: &Evidence) -> Option<Reason> {
    let delays = evidence.launch_delay.as_ref()?;
    let quantile = largest_supported(delays)?;
    let delay = delays.at(quantile)?;
    let of = evidence.home.elapsed.as_ref()?.middle();
    exceeds(delay, LATE_SHARE, of).then_some(Reason::LaunchDelay {
        quantile,
        delay,
        of,
    })
}

fn wait_between(evidence: &Evidence) -> Option<Reason> {
    let delay = evidence.launch_delay.as_ref()?.mean;
    let mean = |of: &Requests| of.elapsed.as_ref().map(|of| of.mean);
    let (home, buy) = (mean(&evidence.home), mean(&evidence.buy));
    let of = home
        .or(buy)?
        .saturating_add(buy.filter(|_| home.is_some()).unwrap_or(0));
    exceeds(delay, LATE_SHARE, of).then_some(Reason::WaitBetween { delay, of })
}

fn read_delay(evidence: &Evidence) -> Option<Reason> {
    // Nothing follows a purchase but in a closed workload.
    let delay = match evidence.kind {
        Kind::Closed => evidence.buy.read_delay.as_ref()?.mean,
        Kind::Burst | Kind::Open => return None,
    };
    let of = mean_response(evidence)?;
    exceeds(delay, LATE_SHARE, of).then_some(Reason::ReadDelay { delay, of })
}

fn purchase_delay(evidence: &Evidence) -> Option<Reason> {
    let (delay, of) = (evidence.purchase_delay?, mean_response(evidence)?);
    exceeds(delay, LATE_SHARE, of).then_some(Reason::PurchaseDelay { delay, of })
}

fn mean_response(evidence: &Evidence) -> Option<i64> {
    mean([&evidence.home, &evidence.buy].map(|of| of.elapsed.as_ref()))
}

fn exceeds(span: i64, share: f64, of: i64) -> bool {
    span > LATE_IGNORED && span as f64 > share * of as f64
}

fn mean(of: [Option<&Distribution>; 2]) -> Option<i64> {
    let (sum, n) = (of.into_iter().flatten()).fold((0i128, 0i128), |(sum, n), of| {
        let count = of.n as i128;
        (sum + i128::from(of.mean) * count, n + count)
    });
    // The mean of i64 values fits into an i64.
    (n > 0).then(|| (sum / n) as i64)
}

#[cfg(test)]
#[path = "verdict_tests.rs"]
mod tests;
