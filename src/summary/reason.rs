//! Why figures were limited by this client: what was found, and the hint.

use crate::rows::judged::ReasonGiven;
use crate::stats::Quantile;

/// What helps where the machine delays this client.
const LESS_CONTENTION: &str = "another machine for this client, a CPU of its own (--cpu), \
    priority there (--precise), or fewer server workers on this machine";

/// What helps where the end of a connection is stamped: a connection that is kept has no end.
const KEPT: &str = "--keep-alive, if the server keeps connections";

/// Why figures are limited by the client. Spans are in nanoseconds.
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
    /// The client has too large a share of a latency.
    Own {
        /// The kind of requests.
        step: Step,
        /// What most of it is.
        cause: Cause,
        /// Of which percentile; absent for a single value.
        quantile: Option<Quantile>,
        /// How much.
        own: i64,
        /// Of how much.
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
        /// The launch delay of the last ones.
        delay: i64,
        /// The median time from due to the home page.
        served: i64,
    },
    /// Arrivals of an open workload were not launched when they were due.
    LaunchDelay {
        /// The percentile.
        quantile: Quantile,
        /// The launch delay there.
        delay: i64,
        /// The typical home page.
        of: i64,
    },
    /// Virtual users waited for the client between their iterations.
    WaitBetween {
        /// The mean launch delay.
        delay: i64,
        /// The mean iteration.
        of: i64,
    },
    /// Purchases started late after their home pages.
    PurchaseDelay {
        /// The mean delay.
        delay: i64,
        /// The mean response.
        of: i64,
    },
    /// Responses waited to be read, and what follows them started late.
    ReadDelay {
        /// The mean delay.
        delay: i64,
        /// The mean response.
        of: i64,
    },
    /// This program was stopped (SIGSTOP, SIGTSTP), for how long.
    Paused(i64),
    /// Others took the CPU.
    Contention {
        /// How long this client waited in the run queue.
        waited: i64,
        /// CPU time that a hypervisor took; 0 if that is little.
        stolen: i64,
    },
}

/// The kind of requests that a latency is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// The home pages.
    Home,
    /// The purchases.
    Purchase,
}

/// What of the client stands inside a latency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// Requests waited to be sent.
    Send,
    /// Redirects waited to be followed.
    Hop,
    /// Arrivals were stamped late, without kernel timestamps.
    Stamp,
    /// Arrivals have the timestamps of the ends of their connections.
    End,
}

impl Reason {
    /// Those for requests that failed since descriptors or ports ran out.
    pub fn resources(descriptors: u64, ports: u64) -> Vec<Reason> {
        let descriptors = (descriptors > 0).then_some(Reason::Descriptors(descriptors));
        let ports = (ports > 0).then_some(Reason::Ports(ports));
        descriptors.into_iter().chain(ports).collect()
    }

    /// The finding and the hint. `of_machine`: a delay is to be blamed on the machine, since others took the
    /// CPU or the event loop was not busy.
    pub fn given(&self, of_machine: bool) -> ReasonGiven {
        let hint = match of_machine {
            true => self.hint_of_machine().unwrap_or(self.hint()),
            false => self.hint(),
        };
        ReasonGiven {
            kind: self.kind().to_owned(),
            level: None,
            reason: self.finding(),
            hint: hint.to_owned(),
        }
    }

    /// Whether it is a delay, which contention may have caused.
    pub fn is_delay(&self) -> bool {
        self.hint_of_machine().is_some()
    }

    /// The name for programs.
    pub fn kind(&self) -> &'static str {
        match self {
            Reason::Descriptors(_) => "descriptors",
            Reason::Ports(_) => "ports",
            Reason::Behind { .. } => "arrivals_dropped",
            Reason::Busy(_) => "busy_loop",
            Reason::Own { cause, .. } => match cause {
                Cause::Send => "send_delay",
                Cause::Hop => "hop_delay",
                Cause::Stamp => "late_stamps",
                Cause::End => "end_stamps",
            },
            Reason::Handshakes { .. } => "tls_handshakes",
            Reason::LateStart { .. } => "not_concurrent",
            Reason::LaunchDelay { .. } => "launch_delay",
            Reason::WaitBetween { .. } => "wait_between_iterations",
            Reason::PurchaseDelay { .. } => "purchase_delay",
            Reason::ReadDelay { .. } => "read_delay",
            Reason::Paused(_) => "stopped",
            Reason::Contention { .. } => "contention",
        }
    }

    /// The hint.
    fn hint(&self) -> &'static str {
        match self {
            Reason::Descriptors(_) => "raise ulimit -n, or fewer virtual users",
            Reason::Ports(_) => {
                "give more source addresses (--bind A,B), or widen net.ipv4.ip_local_port_range"
            }
            Reason::Behind { .. } => "use a lower --rate, or more than one client",
            Reason::Busy(_) => "a faster or less busy core, or fewer virtual users",
            Reason::Own { step, cause, .. } => match (cause, step) {
                (Cause::Send, Step::Home) => "--preconnect, or fewer virtual users",
                (Cause::Send, Step::Purchase) => "--keep-alive, or fewer virtual users",
                (Cause::Hop, Step::Home) => {
                    "ask for the page behind the redirect (-p), or fewer virtual users"
                }
                (Cause::Hop, Step::Purchase) => {
                    "ask for the address behind the redirect (-b), or fewer virtual users"
                }
                (Cause::Stamp, _) => "--clock kernel, or fewer virtual users",
                (Cause::End, _) => KEPT,
            },
            Reason::Handshakes { .. } => {
                "--preconnect, --keep-alive or --tls-resume, or fewer virtual users"
            }
            Reason::LateStart { .. } => "fewer virtual users, or a slower page",
            Reason::LaunchDelay { .. } => "a lower --rate",
            Reason::WaitBetween { .. }
            | Reason::PurchaseDelay { .. }
            | Reason::ReadDelay { .. } => "fewer virtual users",
            Reason::Paused(_) => "run it again",
            Reason::Contention { .. } => LESS_CONTENTION,
        }
    }

    /// The hint where the machine is to blame; absent where it cannot be.
    fn hint_of_machine(&self) -> Option<&'static str> {
        match self {
            Reason::Own {
                cause: Cause::Stamp,
                ..
            } => Some("--clock kernel"),
            Reason::Own {
                cause: Cause::End, ..
            } => Some(KEPT),
            Reason::Own { .. }
            | Reason::LateStart { .. }
            | Reason::LaunchDelay { .. }
            | Reason::WaitBetween { .. }
            | Reason::PurchaseDelay { .. }
            | Reason::ReadDelay { .. } => Some(LESS_CONTENTION),
            _ => None,
        }
    }

    /// What was found.
    pub fn finding(&self) -> String {
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
            Reason::Own {
                step,
                cause,
                quantile,
                own,
                of,
            } => own_part(*step, *cause, *quantile, *own, *of),
            Reason::Handshakes { waited, of, each } => format!(
                "TLS handshakes waited for this client's CPU for {:.1} ms of {:.1} ms ({:.2} ms each)",
                ms(*waited),
                ms(*of),
                ms(*each)
            ),
            Reason::LateStart { delay, served } => format!(
                "not concurrent: launched within {:.1} ms, half of them served after {:.1} ms",
                ms(*delay),
                ms(*served)
            ),
            Reason::LaunchDelay {
                quantile,
                delay,
                of,
            } => format!(
                "launch delay {quantile} {:.1} ms, where a typical home page took {:.1} ms",
                ms(*delay),
                ms(*of)
            ),
            Reason::WaitBetween { delay, of } => format!(
                "virtual users waited {:.1} ms on average for this client before an iteration of {:.1} ms",
                ms(*delay),
                ms(*of)
            ),
            Reason::PurchaseDelay { delay, .. } => {
                format!("purchases started {:.1} ms late on average", ms(*delay))
            }
            Reason::ReadDelay { delay, .. } => format!(
                "mean read delay {:.1} ms (not part of the latencies)",
                ms(*delay)
            ),
            Reason::Paused(nanos) => {
                format!("this program was stopped for {:.1} ms", ms(*nanos))
            }
            Reason::Contention { waited, stolen } => contention(*waited, *stolen),
        }
    }
}

fn ms(nanos: i64) -> f64 {
    nanos as f64 / 1e6
}

fn own_part(step: Step, cause: Cause, quantile: Option<Quantile>, own: i64, of: i64) -> String {
    let what = match cause {
        Cause::Send => "send delay",
        Cause::Hop => "hop delay: redirects waited to be followed",
        Cause::Stamp => "late stamps: the arrivals have no kernel timestamps",
        Cause::End => "late stamps: responses were read after the end of their connections",
    };
    let step = match step {
        Step::Home => "home",
        Step::Purchase => "purchase",
    };
    let at = quantile.map_or(String::new(), |quantile| format!(" {quantile}"));
    let share = 100.0 * own as f64 / of.max(1) as f64;
    format!(
        "{share:.0} % of {step}{at} is this client's delay, {:.1} ms of {:.1} ms ({what})",
        ms(own),
        ms(of)
    )
}

fn contention(waited: i64, stolen: i64) -> String {
    let processes = format!("other processes took the CPU for {:.1} ms", ms(waited));
    let hypervisor = format!("the hypervisor took the CPU for {:.1} ms", ms(stolen));
    match (waited, stolen) {
        (_, 0) => processes,
        (0, _) => hypervisor,
        _ => format!("{processes}, {hypervisor}"),
    }
}
