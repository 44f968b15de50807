//! Whether a run's figures are the server's and the network's, or the client's own.
//!
//! The rules, each with its threshold and the reason for it. "Of no account" is what lies below
//! 1 ms: a Django shop takes longer than that for anything, and a figure of this program's own below
//! it would be noise on a busy machine.
//!
//! | the client limits the run if | because |
//! |---|---|
//! | a request failed for want of a descriptor or a source port | the failure says nothing of the server |
//! | it used at least 90 % of a core, in a run of 0.5 s or more | at 90 % what arrives waits nine times as long as it takes to handle (M/M/1): the rate is the client's. Shorter runs are the burst itself, which is nothing but work; the rules below judge them |
//! | the typical request waited before it left, for the launch of the others and for the loop, longer than 10 % of the typical response | both are within `elapsed`. The network's share of that wait cannot be told from the client's, so no more of it is blamed than the launch and the longest turn of the loop can explain |
//! | of a burst: the 99th percentile of the launch lag exceeds the median time from due to the home page | when the last of the shoppers started, half of them were served already: they were not there at once |
//! | of an open load: the 99th percentile of the launch lag exceeds 10 % of the typical response | the arrivals are not those that were asked for |
//! | what arrived lay unseen for longer than 10 % of the responses' time, on average (kernel stamps) | no `elapsed` is wrong by it, but every purchase started that much later, so the load was 10 % less dense than the shop would have allowed |
//! | the longest turn of the loop exceeds 10 % of the 99th percentile of the responses, where more than 1 % of them have this process's clock | then the delay between arrival and sight is within `elapsed`, unknown, and as long as a turn at worst |
//!
//! 10 %, because differences of that size between two configurations are what people run this
//! program for. A typical response is the median, of requests that satisfied.
//!
//! A stepped wall clock is no reason: durations are by the monotonic clock. It is reported beside.

use std::fmt;
use std::time::Duration;

use crate::plan::Kind;
use crate::stats::Distribution;

/// The share of a response's time that the client may take.
const SHARE: f64 = 0.1;

/// Spans below this, nanoseconds, are of no account.
const NO_ACCOUNT: i64 = 1_000_000;

/// The share of a core from which on a loop is a bottleneck.
const BUSY: f64 = 0.9;

/// Runs below this are not judged by their CPU time.
const LONG_ENOUGH: Duration = Duration::from_millis(500);

/// The share of responses with this process's clock that a 99th percentile does not show.
const FEW: f64 = 0.01;

/// What is known of the instrument's part in a run. Spans are in nanoseconds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evidence {
    /// CPU time used between the arming and the last row.
    pub cpu: Duration,
    /// How long that was.
    pub wall: Duration,
    /// From the moment a shopper was due to its start.
    pub launch_lag: Option<Distribution>,
    /// From the moment a shopper was due to its home page.
    pub served: Option<Distribution>,
    /// What load it was.
    pub kind: Kind,
    /// From the first start to the last.
    pub start_spread: Option<i64>,
    /// The longest turn of the loop.
    pub longest_turn: i64,
    /// The home requests.
    pub home: Requests,
    /// The purchases.
    pub buy: Requests,
    /// Responses that came whole.
    pub responses: u64,
    /// Those of them with the kernel's stamp.
    pub kernel_stamped: u64,
    /// Requests that failed for want of a descriptor.
    pub without_descriptor: u64,
    /// Requests that failed for want of a source port.
    pub without_port: u64,
}

/// What is known of the requests of one kind.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Requests {
    /// From start to stop, of those that satisfied.
    pub elapsed: Option<Distribution>,
    /// The median time until the request was sent: the parts connect and send.
    pub until_sent: Option<i64>,
    /// From stopped to seen, of those that satisfied and have the kernel's stamps.
    pub seen_delay: Option<Distribution>,
}

/// Whether the figures deserve trust.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing shows the client in them.
    Trusted,
    /// The client was the bottleneck, for these reasons, at least one.
    ClientLimited(Vec<Reason>),
}

/// Why a run is limited by the client. Spans are in nanoseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Descriptors ran out for so many requests.
    Descriptors(u64),
    /// Source ports ran out for so many requests.
    Ports(u64),
    /// The CPU share, percent.
    Busy(u32),
    /// Requests waited to be sent.
    LateToLeave {
        /// The kind: home or buy.
        step: &'static str,
        /// How long, of what the client can be blamed for.
        waited: i64,
        /// The typical response.
        of: i64,
    },
    /// The shoppers were not there at once.
    LateToStart {
        /// The 99th percentile of the launch lag.
        lag: i64,
        /// The median time from due to the home page.
        served: i64,
    },
    /// Shoppers of an open load were not launched when they were due.
    LateToLaunch {
        /// The 99th percentile of the launch lag.
        lag: i64,
        /// The typical response.
        of: i64,
    },
    /// One level of several, or one round of it, is limited by the client.
    At {
        /// The shoppers at once.
        level: u64,
        /// Why.
        reason: Box<Reason>,
    },
    /// Responses lay unseen, and purchases started late.
    LateToSee {
        /// The average delay.
        delay: i64,
        /// The average response.
        of: i64,
    },
    /// Responses may have been stamped late.
    LateToStamp {
        /// The longest turn of the loop.
        turn: i64,
        /// The 99th percentile of the responses.
        of: i64,
    },
}

impl Verdict {
    /// Applies the rules.
    pub fn of(evidence: &Evidence) -> Verdict {
        let launch = evidence.start_spread.unwrap_or(0).max(0);
        let turn = evidence.longest_turn;
        let reasons: Vec<Reason> = [
            (evidence.without_descriptor > 0)
                .then_some(Reason::Descriptors(evidence.without_descriptor)),
            (evidence.without_port > 0).then_some(Reason::Ports(evidence.without_port)),
            busy(evidence),
            late_to_leave("home", &evidence.home, launch.saturating_add(turn)),
            late_to_leave("buy", &evidence.buy, turn),
            match evidence.kind {
                Kind::Burst => late_to_start(evidence),
                // Nobody is to be there at once, and who follows comes when the other is through.
                Kind::Closed => None,
                Kind::Open => late_to_launch(evidence),
            },
            late_to_see(evidence),
            late_to_stamp(evidence),
        ]
        .into_iter()
        .flatten()
        .collect();
        match reasons.is_empty() {
            true => Verdict::Trusted,
            false => Verdict::ClientLimited(reasons),
        }
    }

    /// Why not; empty where trusted.
    pub fn reasons(&self) -> &[Reason] {
        match self {
            Verdict::Trusted => &[],
            Verdict::ClientLimited(reasons) => reasons,
        }
    }

    /// Whether the figures deserve trust.
    pub fn is_trusted(&self) -> bool {
        *self == Verdict::Trusted
    }
}

/// The share of a core that the run took, if it lasted at all.
pub fn cpu_share(evidence: &Evidence) -> Option<f64> {
    let wall = evidence.wall.as_secs_f64();
    (wall > 0.0).then(|| evidence.cpu.as_secs_f64() / wall)
}

fn busy(evidence: &Evidence) -> Option<Reason> {
    let share = cpu_share(evidence).filter(|_| evidence.wall >= LONG_ENOUGH)?;
    (share >= BUSY).then(|| Reason::Busy((share * 100.0).round() as u32))
}

fn late_to_leave(step: &'static str, requests: &Requests, explained: i64) -> Option<Reason> {
    let of = typical(requests)?;
    let waited = requests.until_sent?.min(explained);
    exceeds(waited, SHARE, of).then_some(Reason::LateToLeave { step, waited, of })
}

fn late_to_start(evidence: &Evidence) -> Option<Reason> {
    let lag = tail(evidence.launch_lag.as_ref()?);
    let served = middle(evidence.served.as_ref()?);
    exceeds(lag, 1.0, served).then_some(Reason::LateToStart { lag, served })
}

fn late_to_launch(evidence: &Evidence) -> Option<Reason> {
    let lag = tail(evidence.launch_lag.as_ref()?);
    let of = typical(&evidence.home)?;
    exceeds(lag, SHARE, of).then_some(Reason::LateToLaunch { lag, of })
}

fn late_to_see(evidence: &Evidence) -> Option<Reason> {
    let requests = [&evidence.home, &evidence.buy];
    let delay = mean(requests.map(|of| of.seen_delay.as_ref()))?;
    let of = mean(requests.map(|of| of.elapsed.as_ref()))?;
    exceeds(delay, SHARE, of).then_some(Reason::LateToSee { delay, of })
}

fn late_to_stamp(evidence: &Evidence) -> Option<Reason> {
    let by_user = evidence.responses.saturating_sub(evidence.kernel_stamped);
    if by_user as f64 <= FEW * evidence.responses as f64 {
        return None;
    }
    let tails = [&evidence.home, &evidence.buy].map(|of| of.elapsed.as_ref().map(tail));
    let of = tails.into_iter().flatten().min()?;
    let turn = evidence.longest_turn;
    exceeds(turn, SHARE, of).then_some(Reason::LateToStamp { turn, of })
}

fn exceeds(span: i64, share: f64, of: i64) -> bool {
    span > NO_ACCOUNT && span as f64 > share * of as f64
}

fn typical(requests: &Requests) -> Option<i64> {
    requests.elapsed.as_ref().map(middle)
}

/// The median; of one value, that.
fn middle(of: &Distribution) -> i64 {
    of.p50.unwrap_or(of.max)
}

/// The 99th percentile; of fewer than 100 values, the largest.
fn tail(of: &Distribution) -> i64 {
    of.p99.unwrap_or(of.max)
}

fn mean(of: [Option<&Distribution>; 2]) -> Option<i64> {
    let (sum, n) = (of.into_iter().flatten()).fold((0i128, 0i128), |(sum, n), of| {
        let count = of.n as i128;
        (sum + i128::from(of.mean) * count, n + count)
    });
    // The mean of i64 values is one.
    (n > 0).then(|| (sum / n) as i64)
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = |nanos: i64| nanos as f64 / 1e6;
        match *self {
            Reason::Descriptors(count) => {
                write!(
                    f,
                    "requests without a descriptor: {count} (raise ulimit -n)"
                )
            }
            Reason::Ports(count) => write!(
                f,
                "requests without a source port: {count} (--bind A,B, or widen \
                 net.ipv4.ip_local_port_range)"
            ),
            Reason::Busy(percent) => write!(
                f,
                "it used {percent} % of its core (give it a faster or less busy one, or fewer shoppers)"
            ),
            Reason::LateToLeave { step, waited, of } => {
                let mend = match step {
                    "home" => "--preconnect, or fewer shoppers at once",
                    _ => "fewer shoppers at once",
                };
                write!(
                    f,
                    "{step} requests typically waited {:.1} ms to be sent, of {:.1} ms that they took \
                     ({mend})",
                    ms(waited),
                    ms(of)
                )
            }
            Reason::LateToStart { lag, served } => write!(
                f,
                "the last shoppers started {:.1} ms late, when half of them, after {:.1} ms, were \
                 served already: they were not there at once (fewer at once, or a slower page)",
                ms(lag),
                ms(served)
            ),
            Reason::LateToLaunch { lag, of } => write!(
                f,
                "shoppers were launched {:.1} ms late at p99, of {:.1} ms that a typical response took \
                 (a lower --rate)",
                ms(lag),
                ms(of)
            ),
            Reason::At { level, ref reason } => write!(f, "at -c {level}: {reason}"),
            Reason::LateToSee { delay, of } => write!(
                f,
                "responses lay unseen for {:.1} ms on average, of {:.1} ms that they took, and the \
                 purchases started as much later (fewer shoppers at once)",
                ms(delay),
                ms(of)
            ),
            Reason::LateToStamp { turn, of } => write!(
                f,
                "without kernel stamps, arrivals may be stamped up to {:.1} ms late, of {:.1} ms at \
                 p99 (--clock kernel, or fewer shoppers at once)",
                ms(turn),
                ms(of)
            ),
        }
    }
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
