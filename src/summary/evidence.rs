//! The evidence for the verdict on a part of a run: its figures, and the resources that the program used.

use std::time::Duration;

use crate::net::tls::TlsFigures;
use crate::plan::Kind;
use crate::row::Phase;
use crate::stats::{Distribution, Quantile, Sample};
use crate::sys::contention::Contention;

use super::facts::PartFacts;
use super::figures::Figures;
use super::handshakes::Handshakes;
use super::instrument::Usage;
use super::step::StepFigures;

/// What is known about the client's influence on a part of a run. Spans are in nanoseconds.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evidence {
    /// CPU time used between the arming and the last row.
    pub cpu: Duration,
    /// The length of that span.
    pub wall: Duration,
    /// What others took of the CPU in that span.
    pub contention: Contention,
    /// Launch delay: from due to started.
    pub launch_delay: Option<Distribution>,
    /// From due to the end of the home page.
    pub served: Option<Distribution>,
    /// The mean time from the end of a home page to the start of the purchase.
    pub purchase_delay: Option<i64>,
    /// The kind of load.
    pub kind: Kind,
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
    /// Arrivals given up because this program was too far behind the plan.
    pub dropped_late: u64,
    /// Arrivals, in all.
    pub due: u64,
}

impl Evidence {
    /// The share of a core that the part used; absent if its span is 0.
    pub fn cpu_share(&self) -> Option<f64> {
        let wall = self.wall.as_secs_f64();
        (wall > 0.0).then(|| self.cpu.as_secs_f64() / wall)
    }
}

/// What is known about the requests of one kind.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Requests {
    /// From start to stop, of successful requests.
    pub elapsed: Option<Distribution>,
    /// The same without the client's part: send delay, hop delay and late stamps.
    pub net: Option<Distribution>,
    /// Send delay, of successful requests.
    pub send_delay: Option<Distribution>,
    /// From the arrivals of redirects to the starts of the requests that they asked for, of successful
    /// requests that were redirected.
    pub hop_delay: Option<Distribution>,
    /// How late arrivals may have been stamped, of successful requests without kernel timestamps.
    pub stamp_delay: Option<Distribution>,
    /// Read delay, of successful requests with kernel timestamps that were read before the end of the
    /// connection.
    pub before_end: Option<Distribution>,
    /// Successful requests with kernel timestamps that were read after the end of the connection.
    pub after_end: u64,
    /// Read delay, of successful requests with kernel timestamps.
    pub read_delay: Option<Distribution>,
    /// Requests that failed because no file descriptor was left.
    pub without_descriptor: u64,
    /// Requests that failed because no source port was left.
    pub without_port: u64,
}

/// The evidence for the verdict on a part of a run.
pub fn evidence(figures: &Figures, usage: &Usage, part: &PartFacts) -> Evidence {
    Evidence {
        // A loop that spins has nothing else to do.
        cpu: usage.cpu.saturating_sub(usage.spun),
        wall: usage.wall,
        contention: usage.contention,
        launch_delay: figures.instrument.launch_delay.summary(),
        served: figures.instrument.served.summary(),
        purchase_delay: figures.instrument.mean_purchase_delay(),
        kind: part.kind,
        paused: part.paused_nanos,
        in_flight: part.most_in_flight,
        handshakes: handshakes(figures, part.tls.as_ref()),
        home: requests(&figures.home),
        buy: requests(&figures.buy),
        dropped_late: figures.dropped_late,
        due: figures.due(),
    }
}

/// The handshakes of a part, and of the requests that have most of them how long they took.
fn handshakes(figures: &Figures, tls: Option<&TlsFigures>) -> Handshakes {
    let Some(tls) = tls else {
        return Handshakes::default();
    };
    let (home, buy) = (&figures.home, &figures.buy);
    let number = |step: &StepFigures| step.phases.of(Phase::Tls).len();
    let step = match number(buy) > number(home) {
        true => buy,
        false => home,
    };
    let median = |sample: &Sample| sample.percentile(Quantile::P50).or(sample.max());
    Handshakes {
        number: tls.complete() + tls.failed,
        cpu: Duration::from_nanos(tls.handshake_cpu_nanos),
        median: median(step.phases.of(Phase::Tls)),
        typical: median(&step.elapsed_ok),
    }
}

fn requests(step: &StepFigures) -> Requests {
    Requests {
        elapsed: step.elapsed_ok.summary(),
        net: step.net.summary(),
        send_delay: step.send_delay.summary(),
        hop_delay: step.hop_delay.summary(),
        stamp_delay: step.stamp_delay.summary(),
        before_end: step.before_end.summary(),
        after_end: step.after_end.len() as u64,
        read_delay: step.read_delay().summary(),
        without_descriptor: step.without_descriptor,
        without_port: step.without_port,
    }
}
