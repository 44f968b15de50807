//! Whether a run's figures describe the server and the network, or the run was client-limited.
//!
//! The rules, each with its threshold and the reason for it. Spans below 1 ms are ignored: a Django shop
//! takes longer than that for anything, and a delay of this program below it would be noise on a
//! busy machine.
//!
//! | the client limits the run if | because |
//! |---|---|
//! | a request failed because no file descriptor or source port was left | the failure says nothing about the server |
//! | arrivals of an open workload were given up at the end, though max in flight was not reached | the rate is limited by the client |
//! | the event loop used at least 90 % of a core (the spin of `--precise` left out), in a run of 0.5 s or more | at 90 % an event waits nine times as long as its handling takes (M/M/1): the rate is limited by the client. Shorter runs consist of the burst itself, which keeps the loop busy; the rules below judge them |
//! | TLS handshakes took at least half of the span, and the wait for one another explains more than 10 % of the typical response | their CPU time is the client's, and stands in `elapsed` |
//! | this program was stopped (SIGSTOP, SIGTSTP) for more than 1 ms | it neither launched nor read anything during that time |
//! | the median send delay, as far as the launch and the loop explain it, exceeds 10 % of the typical response | the send delay is part of `elapsed`. The network's share of it cannot be separated from the client's, so at most what the launch and the longest iteration of the loop can explain is attributed to the client |
//! | redirects waited to be followed for more than 10 % of the typical response, or at the 99th percentile of the hop delay for more than 10 % of that of the responses | the hop delay is part of `elapsed` |
//! | of a burst: the 99th percentile of the launch delay exceeds the median time from due to the home page | when the last shoppers started, half of them had been served already: they were not concurrent |
//! | of an open workload: the 99th percentile of the launch delay exceeds 10 % of the typical response | the arrivals are not those of the configured rate |
//! | the mean read delay exceeds 10 % of the mean response (kernel timestamps) | it is not part of `elapsed`, but every purchase started that much later, so the load was 10 % lower than the shop would have allowed |
//! | the longest iteration of the event loop exceeds 10 % of the 99th percentile of the responses, where more than 1 % of them have this process's clock | the read delay is then an unknown part of `elapsed`, at worst as long as an iteration |
//!
//! The threshold is 10 %, because differences of that size between two configurations are what this
//! program is used to find. A typical response is the median of successful requests.
//!
//! The hint of a delay is an idle machine where the event loop used less than half of a core or had at
//! most 4 shoppers in flight: then other processes caused it.
//!
//! A stepped wall clock is not a reason: durations are by the monotonic clock. It is reported separately.

use std::fmt;
use std::time::Duration;

use crate::plan::Kind;
use crate::stats::Distribution;

use super::handshakes::Handshakes;
use super::reason::Reason;

/// The share of a response's time that the client may take.
const SHARE: f64 = 0.1;

/// Spans below this, nanoseconds, are ignored.
const IGNORED: i64 = 1_000_000;

/// The share of a core above which a loop is a bottleneck.
const BUSY: f64 = 0.9;

/// Shorter runs, in nanoseconds, are not judged by their CPU time.
const LONG_ENOUGH: Duration = Duration::from_millis(500);

/// The share of a core up to which a loop is not busy.
const NOT_BUSY: f64 = 0.5;

/// The most shoppers in flight that keep no loop busy.
const FEW_IN_FLIGHT: u64 = 4;

/// The share of responses with this process's clock that a 99th percentile does not show.
const FEW: f64 = 0.01;

/// What is known about the client's influence on a run. Spans are in nanoseconds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evidence {
    /// CPU time used between the arming and the last row, but for that spent in spinning before launches.
    pub cpu: Duration,
    /// The length of that span.
    pub wall: Duration,
    /// Launch delay: from due to started.
    pub launch_delay: Option<Distribution>,
    /// From due to the end of the home page.
    pub served: Option<Distribution>,
    /// The kind of load.
    pub kind: Kind,
    /// From the first start to the last.
    pub start_spread: Option<i64>,
    /// The longest iteration of the event loop.
    pub longest_iteration: i64,
    /// How long this program was stopped.
    pub paused: i64,
    /// The most shoppers in flight at once; 0 where that is not known.
    pub in_flight: u64,
    /// The TLS handshakes.
    pub handshakes: Handshakes,
    /// The home requests.
    pub home: Requests,
    /// The purchases.
    pub buy: Requests,
    /// Complete responses.
    pub responses: u64,
    /// Of these, responses with kernel timestamps.
    pub kernel_stamped: u64,
    /// Requests that failed because no file descriptor was left.
    pub without_descriptor: u64,
    /// Requests that failed because no source port was left.
    pub without_port: u64,
    /// Arrivals given up because this program was too far behind the plan.
    pub dropped_late: u64,
    /// Arrivals, in all.
    pub due: u64,
}

/// What is known about the requests of one kind.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Requests {
    /// From start to stop, of successful requests.
    pub elapsed: Option<Distribution>,
    /// The median time until the request was sent: the parts connect and send.
    pub until_sent: Option<i64>,
    /// Read delay, of successful requests with kernel timestamps.
    pub read_delay: Option<Distribution>,
    /// From the arrivals of redirects to the starts of the requests that they asked for, of successful
    /// requests that were redirected.
    pub hop_delay: Option<Distribution>,
}

/// Whether the figures can be trusted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// No rule applies.
    Trusted,
    /// The client was the bottleneck, for these reasons, at least one.
    ClientLimited(Vec<Reason>),
}

impl Verdict {
    /// Applies the rules.
    pub fn of(evidence: &Evidence) -> Verdict {
        let launch = evidence.start_spread.unwrap_or(0).max(0);
        let iteration = evidence.longest_iteration;
        let is_idle = is_idle(evidence);
        let delay = |reason: Option<Reason>| match reason {
            Some(reason) if is_idle => Some(Reason::OfMachine(Box::new(reason))),
            reason => reason,
        };
        let reasons: Vec<Reason> = [
            (evidence.without_descriptor > 0)
                .then_some(Reason::Descriptors(evidence.without_descriptor)),
            (evidence.without_port > 0).then_some(Reason::Ports(evidence.without_port)),
            (evidence.dropped_late > 0).then_some(Reason::Behind {
                late: evidence.dropped_late,
                of: evidence.due,
            }),
            busy(evidence),
            (evidence.handshakes).reason(evidence.wall, evidence.in_flight),
            (evidence.paused > IGNORED).then_some(Reason::Paused(evidence.paused)),
            delay(send_delay(
                "home",
                &evidence.home,
                launch.saturating_add(iteration),
            )),
            delay(send_delay("buy", &evidence.buy, iteration)),
            delay(hop_delay("home", &evidence.home)),
            delay(hop_delay("buy", &evidence.buy)),
            delay(match evidence.kind {
                Kind::Burst => late_start(evidence),
                // Only bursts require concurrent starts.
                Kind::Closed => None,
                Kind::Open => launch_delay(evidence),
            }),
            delay(read_delay(evidence)),
            delay(late_stamp(evidence)),
        ]
        .into_iter()
        .flatten()
        .collect();
        Verdict::from(reasons)
    }

    /// The reasons; empty if trusted.
    pub fn reasons(&self) -> &[Reason] {
        match self {
            Verdict::Trusted => &[],
            Verdict::ClientLimited(reasons) => reasons,
        }
    }

    /// Whether the figures can be trusted.
    pub fn is_trusted(&self) -> bool {
        *self == Verdict::Trusted
    }
}

impl From<Vec<Reason>> for Verdict {
    fn from(reasons: Vec<Reason>) -> Verdict {
        match reasons.is_empty() {
            true => Verdict::Trusted,
            false => Verdict::ClientLimited(reasons),
        }
    }
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

fn send_delay(step: &'static str, requests: &Requests, explained: i64) -> Option<Reason> {
    let of = typical(requests)?;
    let waited = requests.until_sent?.min(explained);
    exceeds(waited, SHARE, of).then_some(Reason::SendDelay { step, waited, of })
}

/// Of a few redirects among many requests nothing is said: they are not in the figures that are compared.
fn hop_delay(step: &'static str, requests: &Requests) -> Option<Reason> {
    let (hops, elapsed) = (requests.hop_delay.as_ref()?, requests.elapsed.as_ref()?);
    if (hops.n as f64) < FEW * elapsed.n as f64 {
        return None;
    }
    let is_usual = 2 * hops.n > elapsed.n;
    let typical = (hops.middle(), elapsed.middle());
    let tail = (hops.tail(), elapsed.tail());
    [Some(typical).filter(|_| is_usual), Some(tail)]
        .into_iter()
        .flatten()
        .find(|&(waited, of)| exceeds(waited, SHARE, of))
        .map(|(waited, of)| Reason::HopDelay { step, waited, of })
}

fn late_start(evidence: &Evidence) -> Option<Reason> {
    let delay = evidence.launch_delay.as_ref()?.tail();
    let served = evidence.served.as_ref()?.middle();
    exceeds(delay, 1.0, served).then_some(Reason::LateStart { delay, served })
}

fn launch_delay(evidence: &Evidence) -> Option<Reason> {
    let delay = evidence.launch_delay.as_ref()?.tail();
    let of = typical(&evidence.home)?;
    exceeds(delay, SHARE, of).then_some(Reason::LaunchDelay { delay, of })
}

fn read_delay(evidence: &Evidence) -> Option<Reason> {
    let requests = [&evidence.home, &evidence.buy];
    let delay = mean(requests.map(|of| of.read_delay.as_ref()))?;
    let of = mean(requests.map(|of| of.elapsed.as_ref()))?;
    exceeds(delay, SHARE, of).then_some(Reason::ReadDelay { delay, of })
}

fn late_stamp(evidence: &Evidence) -> Option<Reason> {
    let by_user = evidence.responses.saturating_sub(evidence.kernel_stamped);
    if by_user as f64 <= FEW * evidence.responses as f64 {
        return None;
    }
    let tails =
        [&evidence.home, &evidence.buy].map(|of| of.elapsed.as_ref().map(Distribution::tail));
    let of = tails.into_iter().flatten().min()?;
    let iteration = evidence.longest_iteration;
    exceeds(iteration, SHARE, of).then_some(Reason::LateStamp { iteration, of })
}

fn exceeds(span: i64, share: f64, of: i64) -> bool {
    span > IGNORED && span as f64 > share * of as f64
}

fn typical(requests: &Requests) -> Option<i64> {
    requests.elapsed.as_ref().map(Distribution::middle)
}

fn mean(of: [Option<&Distribution>; 2]) -> Option<i64> {
    let (sum, n) = (of.into_iter().flatten()).fold((0i128, 0i128), |(sum, n), of| {
        let count = of.n as i128;
        (sum + i128::from(of.mean) * count, n + count)
    });
    // The mean of i64 values fits into an i64.
    (n > 0).then(|| (sum / n) as i64)
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Verdict::Trusted => f.write_str("trusted"),
            Verdict::ClientLimited(reasons) => {
                f.write_str("client-limited: ")?;
                for (place, reason) in reasons.iter().enumerate() {
                    let link = if place > 0 { "; " } else { "" };
                    write!(f, "{link}{reason}")?;
                }
                Ok(())
            }
        }
    }
}

#[cfg(test)]
#[path = "verdict_tests.rs"]
mod tests;
