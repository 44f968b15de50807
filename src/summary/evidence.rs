//! The evidence for the verdict on a part of a run: its figures, and the resources that the program used.

use std::time::Duration;

use crate::net::tls::TlsFigures;
use crate::plan::Kind;
use crate::row::Phase;
use crate::stats::{Quantile, Sample};

use super::figures::Figures;
use super::handshakes::Handshakes;
use super::instrument::{InstrumentFigures, Usage};
use super::step::StepFigures;
use super::verdict::{Evidence, Requests};

/// The evidence for the verdict on a part of a run. `spread`: from the first start to the last,
/// nanoseconds.
pub fn evidence(figures: &Figures, usage: &Usage, spread: Option<i64>, kind: Kind) -> Evidence {
    let InstrumentFigures {
        ref launch_delay,
        ref served,
        responses,
        kernel_stamped,
        without_descriptor,
        without_port,
    } = figures.instrument;
    Evidence {
        // A loop that spins has nothing else to do.
        cpu: usage.cpu.saturating_sub(usage.spun),
        wall: usage.wall,
        launch_delay: launch_delay.summary(),
        served: served.summary(),
        kind,
        start_spread: spread,
        paused: 0,
        handshakes: Handshakes::default(),
        in_flight: 0,
        longest_iteration: usage.longest_iteration_nanos,
        home: requests(&figures.home),
        buy: requests(&figures.buy),
        responses,
        kernel_stamped,
        without_descriptor,
        without_port,
        dropped_late: figures.dropped_late,
        due: figures.due(),
    }
}

/// The handshakes of a part, and of the requests that have most of them how long they took.
pub fn handshakes(figures: &Figures, tls: Option<&TlsFigures>) -> Handshakes {
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
    let median = |phase| {
        let sample = step.phases.of(phase);
        sample.percentile(Quantile::P50).or(sample.max())
    };
    let send = median(Phase::Send).unwrap_or(0);
    Requests {
        elapsed: step.elapsed_ok.summary(),
        until_sent: median(Phase::Connect).map(|connect| connect.saturating_add(send)),
        read_delay: step.read_delay.summary(),
        hop_delay: step.hop_delay.summary(),
    }
}
