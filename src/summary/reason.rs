//! Why a run is client-limited: what was found, and the hint.

use std::fmt;

use crate::rows::runs::ReasonGiven;

/// Why a run is limited by the client. Spans are in nanoseconds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Descriptors ran out for this number of requests.
    Descriptors(u64),
    /// Source ports ran out for this number of requests.
    Ports(u64),
    /// Arrivals were given up although max in flight was not reached.
    Behind {
        /// How many.
        late: u64,
        /// Of how many.
        of: u64,
    },
    /// The CPU share, percent.
    Busy(u32),
    /// Requests waited to be sent.
    SendDelay {
        /// The kind of requests: home or buy.
        step: &'static str,
        /// The delay that is attributed to the client.
        waited: i64,
        /// The typical response.
        of: i64,
    },
    /// Redirects waited to be followed.
    HopDelay {
        /// Of which requests: home or buy.
        step: &'static str,
        /// How long, at the median or at the 99th percentile.
        waited: i64,
        /// The responses there.
        of: i64,
    },
    /// TLS handshakes waited for one another.
    Handshakes {
        /// How long, at the median.
        waited: i64,
        /// The typical response.
        of: i64,
        /// The CPU time of one.
        each: i64,
    },
    /// The shoppers were not concurrent.
    LateStart {
        /// The 99th percentile of the launch delay.
        delay: i64,
        /// The median time from due to the home page.
        served: i64,
    },
    /// Arrivals of an open workload were not launched when they were due.
    LaunchDelay {
        /// The 99th percentile of the launch delay.
        delay: i64,
        /// The typical response.
        of: i64,
    },
    /// One level of several, or one round of it, is limited by the client.
    At {
        /// The virtual users.
        level: u64,
        /// Why.
        reason: Box<Reason>,
    },
    /// Responses waited to be read, and purchases started late.
    ReadDelay {
        /// The mean delay.
        delay: i64,
        /// The mean response.
        of: i64,
    },
    /// Responses may have been stamped late.
    LateStamp {
        /// The longest iteration of the event loop.
        iteration: i64,
        /// The 99th percentile of the responses.
        of: i64,
    },
    /// This program was stopped (SIGSTOP, SIGTSTP), for how long.
    Paused(i64),
    /// A delay while the loop itself was not busy: the machine was.
    OfMachine(Box<Reason>),
    /// A reason as an earlier run recorded it.
    Recorded(Box<ReasonGiven>),
}

impl Reason {
    /// The finding and the hint.
    pub fn given(&self) -> ReasonGiven {
        ReasonGiven {
            reason: self.finding(),
            hint: self.hint().to_owned(),
        }
    }

    /// The hint; empty where an earlier version recorded it as part of the reason's text.
    pub fn hint(&self) -> &str {
        match self {
            Reason::Descriptors(_) => "raise ulimit -n",
            Reason::Ports(_) => {
                "give more source addresses (--bind A,B), or widen net.ipv4.ip_local_port_range"
            }
            Reason::Behind { .. } => "use a lower --rate, or more than one client",
            Reason::Busy(_) => "a faster or less busy core, or fewer virtual users",
            Reason::SendDelay { step: "home", .. } => "--preconnect, or fewer virtual users",
            Reason::HopDelay { step: "home", .. } => {
                "ask for the page behind the redirect (-p), or fewer virtual users"
            }
            Reason::HopDelay { .. } | Reason::SendDelay { .. } | Reason::ReadDelay { .. } => {
                "fewer virtual users"
            }
            Reason::Handshakes { .. } => {
                "--preconnect, --keep-alive or --tls-resume, or fewer virtual users"
            }
            Reason::LateStart { .. } => "fewer virtual users, or a slower page",
            Reason::LaunchDelay { .. } => "a lower --rate",
            Reason::LateStamp { .. } => "--clock kernel, or fewer virtual users",
            Reason::At { reason, .. } => reason.hint(),
            Reason::OfMachine(_) => "other processes took the CPU: run it on an idle machine",
            Reason::Paused(_) => "run it again",
            Reason::Recorded(given) => &given.hint,
        }
    }

    /// What was found.
    pub fn finding(&self) -> String {
        let ms = |nanos: i64| nanos as f64 / 1e6;
        match self {
            Reason::Descriptors(count) => {
                format!("requests failed because no file descriptor was left: {count}")
            }
            Reason::Ports(count) => {
                format!("requests failed because no source port was left: {count}")
            }
            Reason::Behind { late, of } => format!(
                "{late} of {of} arrivals were not launched: this client could not keep up with the rate"
            ),
            Reason::Busy(percent) => format!("the event loop used {percent} % of its core"),
            Reason::Paused(nanos) => {
                format!("this program was stopped for {:.1} ms", ms(*nanos))
            }
            Reason::SendDelay { step, waited, of } => format!(
                "median send delay of {step} requests {:.1} ms of {:.1} ms",
                ms(*waited),
                ms(*of)
            ),
            Reason::HopDelay { step, waited, of } => format!(
                "redirects of {step} requests waited {:.1} ms of {:.1} ms to be followed",
                ms(*waited),
                ms(*of)
            ),
            Reason::Handshakes { waited, of, each } => format!(
                "TLS handshakes waited for the client's CPU for {:.1} ms of {:.1} ms ({:.2} ms each)",
                ms(*waited),
                ms(*of),
                ms(*each)
            ),
            Reason::LateStart { delay, served } => format!(
                "the last shoppers started {:.1} ms late, when half of them had been served \
                 (after {:.1} ms): they were not concurrent",
                ms(*delay),
                ms(*served)
            ),
            Reason::LaunchDelay { delay, of } => format!(
                "launch delay p99 {:.1} ms, where a typical response took {:.1} ms",
                ms(*delay),
                ms(*of)
            ),
            Reason::At { level, reason } => {
                format!("at -c {level}: {}", reason.finding())
            }
            Reason::ReadDelay { delay, .. } => format!(
                "mean read delay {:.1} ms (not part of the latencies)",
                ms(*delay)
            ),
            Reason::LateStamp { iteration, of } => format!(
                "without kernel timestamps, arrivals may be stamped up to {:.1} ms late, of {:.1} ms \
                 at p99",
                ms(*iteration),
                ms(*of)
            ),
            Reason::OfMachine(reason) => reason.finding(),
            Reason::Recorded(given) => given.reason.clone(),
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.given().fmt(f)
    }
}
