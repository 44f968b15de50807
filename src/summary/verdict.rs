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
//! - where the end of the connection had come before the response was read, how long servers took from the one
//!   to the other: the kernel merges both, with the timestamp of the end. The responses that were read before
//!   that show it.
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
//! | the event loop used at least 90 % of a core (the spin of `--precise` left out), in a run of 0.5 s or more | at 90 % an event waits nine times as long as its handling takes (M/M/1): the rate is limited by the client. Shorter runs consist of the burst itself, which keeps the loop busy; the rules below judge them |
//! | TLS handshakes took at least half of the span, and the wait for one another explains more than 10 % of the typical response | their CPU time is the client's |
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

use crate::rows::judged::{FigureVerdict, OwnShare, ReasonGiven, Trust, Verdict};
use crate::stats::Quantile;

use super::evidence::{Evidence, Requests};
use super::own::{latency_reasons, own, share_at};
use super::pace::pace_reasons;
use super::reason::{Reason, Step};

/// The share of a core up to which a loop is not busy.
const NOT_BUSY: f64 = 0.5;

/// The most shoppers in flight that keep no loop busy.
const FEW_IN_FLIGHT: u64 = 4;

/// The share of the time in which this thread wanted a CPU that others may take.
const TAKEN: f64 = 0.25;

/// Waits up to this, nanoseconds in all, are ignored.
const LITTLE: u64 = 1_000_000;

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
        let own = own(requests, mean_wait_for_cpu(evidence).unwrap_or(0));
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

/// Whether the loop itself had little to do.
fn is_idle(evidence: &Evidence) -> bool {
    let is_few = (1..=FEW_IN_FLIGHT).contains(&evidence.in_flight);
    is_few || evidence.cpu_share().is_some_and(|share| share < NOT_BUSY)
}

/// What others took of the CPU, where that is much.
fn contention(evidence: &Evidence) -> Option<Reason> {
    let of = &evidence.contention;
    let used = evidence.cpu.as_nanos() as f64;
    let (waited, stolen) = (of.run_queue_nanos.unwrap_or(0), of.steal_nanos.unwrap_or(0));
    let is_waiting = waited > LITTLE && waited as f64 >= TAKEN * (used + waited as f64);
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

#[cfg(test)]
#[path = "verdict_tests.rs"]
mod tests;
