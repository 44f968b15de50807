//! What a run says of the instrument itself: the verdict, and the figures it rests on.

use std::io::{self, Write};
use std::time::Duration;

use crate::plan::Kind;
use crate::row::failure::FailureKind;
use crate::row::{ClockSource, Exchange, Row};
use crate::show::text::{aligned, line, span};
use crate::stats::{Distribution, Quantile, Sample};
use crate::summary::verdict::{Evidence, Requests, Verdict, cpu_share};
use crate::summary::{RunFacts, Step, Summary};
use crate::sys::clock::Discipline;

/// What the rows say of this program.
#[derive(Clone, Debug, Default)]
pub struct Instrument {
    /// From the moment a shopper was due to its start, nanoseconds.
    pub launch_lag: Sample,
    /// From the moment a shopper was due to its home page, of those that satisfied, nanoseconds: what
    /// a customer who came on time would have felt.
    pub served: Sample,
    /// Responses that came whole.
    pub responses: u64,
    /// Those of them with the kernel's stamps.
    pub kernel_stamped: u64,
    /// Requests that failed for want of a descriptor.
    pub without_descriptor: u64,
    /// Requests that failed for want of a source port.
    pub without_port: u64,
}

impl Instrument {
    pub(crate) fn add(&mut self, row: &Row) {
        if let (Some(due), Some(started)) = (row.due, row.home.started) {
            self.launch_lag.push(started.since(due));
            if let Some(stopped) = row.home.stopped.filter(|_| row.home.satisfied()) {
                self.served.push(stopped.since(due));
            }
        }
        for exchange in [&row.home, &row.buy] {
            self.add_exchange(exchange);
        }
    }

    fn add_exchange(&mut self, exchange: &Exchange) {
        if exchange.has_whole_response() {
            self.responses += 1;
            self.kernel_stamped += u64::from(exchange.clock == ClockSource::Kernel);
        }
        match exchange.failure.as_ref().map(|failure| failure.kind) {
            Some(FailureKind::NoDescriptors) => self.without_descriptor += 1,
            Some(FailureKind::NoPorts) => self.without_port += 1,
            _ => {}
        }
    }
}

/// What this program was given for a run, and what it took.
#[derive(Clone, Debug, Default)]
pub struct InstrumentFacts {
    /// CPU time between the arming and the last row.
    pub cpu: Duration,
    /// How long that was.
    pub wall: Duration,
    /// The longest turn of the loop, nanoseconds.
    pub longest_turn_nanos: i64,
    /// Descriptors open at most.
    pub descriptors_used: u64,
    /// The limit of them.
    pub descriptors_limit: u64,
    /// Source ports used: connections begun, since one that was closed keeps its port for a minute.
    pub ports_used: u64,
    /// Those that the system gives out, of all source addresses; absent where that is not known.
    pub ports_available: Option<u64>,
    /// How this machine's clock is kept; absent where the system does not say.
    pub discipline: Option<Discipline>,
    /// Whether the target is another machine.
    pub is_remote: bool,
}

/// What the verdict on a run rests on.
pub fn evidence(summary: &Summary, facts: &RunFacts) -> Evidence {
    let spread = facts.starts_spread_nanos;
    evidence_of(summary, &facts.instrument, spread, facts.load.kind)
}

/// The verdict on a run; of several parts, what was found of each: figures of different levels mixed
/// say nothing of any.
pub fn verdict(summary: &Summary, facts: &RunFacts) -> Verdict {
    match &facts.reasons_of_parts {
        None => Verdict::of(&evidence(summary, facts)),
        Some(reasons) if reasons.is_empty() => Verdict::Trusted,
        Some(reasons) => Verdict::ClientLimited(reasons.clone()),
    }
}

/// What the verdict on a run, or a part of one, rests on. `spread`: from the first start to the last,
/// nanoseconds. `kind`: what load it was.
pub fn evidence_of(
    summary: &Summary,
    facts: &InstrumentFacts,
    spread: Option<i64>,
    kind: Kind,
) -> Evidence {
    let requests = |step: &Step| {
        let median = |sample: &Sample| sample.percentile(Quantile::P50).or(sample.max());
        let connect = median(&step.phases.parts[0]);
        let send = median(&step.phases.parts[1]).unwrap_or(0);
        Requests {
            elapsed: step.elapsed_ok.summary(),
            until_sent: connect.map(|connect| connect.saturating_add(send)),
            seen_delay: step.seen_delay.summary(),
        }
    };
    let Instrument {
        ref launch_lag,
        ref served,
        responses,
        kernel_stamped,
        without_descriptor,
        without_port,
    } = summary.instrument;
    Evidence {
        cpu: facts.cpu,
        wall: facts.wall,
        launch_lag: launch_lag.summary(),
        served: served.summary(),
        kind,
        start_spread: spread,
        longest_turn: facts.longest_turn_nanos,
        home: requests(&summary.home),
        buy: requests(&summary.buy),
        responses,
        kernel_stamped,
        without_descriptor,
        without_port,
    }
}

/// How long responses lay unseen, home pages and purchases together.
pub(super) fn seen_delay(summary: &Summary) -> Option<Distribution> {
    let mut delays = summary.home.seen_delay.clone();
    delays.merge(&summary.buy.seen_delay);
    delays.summary()
}

/// The figures, at the end of the summary.
pub(super) fn write(
    summary: &Summary,
    facts: &RunFacts,
    evidence: &Evidence,
    verdict: &Verdict,
    out: &mut impl Write,
) -> io::Result<()> {
    if summary.launched == 0 {
        return Ok(());
    }
    let title = ["This client's own, ms", "p50", "p99", "max"].map(str::to_owned);
    let mut rows = vec![title];
    rows.extend(row("launch lag", evidence.launch_lag.as_ref()));
    rows.extend(row("seen late", seen_delay(summary).as_ref()));
    writeln!(out)?;
    aligned(&rows, out)?;
    let InstrumentFacts {
        wall,
        longest_turn_nanos,
        descriptors_used,
        descriptors_limit,
        ports_used,
        ports_available,
        ..
    } = facts.instrument;
    let share = cpu_share(evidence).unwrap_or(0.0) * 100.0;
    let wall = span(wall.as_nanos() as i64);
    let turn = span(longest_turn_nanos);
    line(
        out,
        "Its loop",
        format_args!("busy {share:.0} % of {wall}, longest turn {turn}"),
    )?;
    let ports = match ports_available {
        Some(available) => format!("{ports_used} of {available}"),
        None => ports_used.to_string(),
    };
    line(
        out,
        "Descriptors, ports",
        format_args!("{descriptors_used} of {descriptors_limit}, {ports}"),
    )?;
    arrivals(&summary.instrument, out)?;
    match verdict {
        Verdict::Trusted => line(out, "Verdict", verdict),
        // It is the first line already.
        Verdict::ClientLimited(_) => Ok(()),
    }
}

fn row(name: &str, of: Option<&Distribution>) -> Option<[String; 4]> {
    let of = of?;
    let ms = |nanos: i64| format!("{:.3}", nanos as f64 / 1e6);
    let maybe = |nanos: Option<i64>| nanos.map_or("-".to_owned(), ms);
    Some([name.to_owned(), maybe(of.p50), maybe(of.p99), ms(of.max)])
}

/// Whose clock the figures have, where it is not the kernel's for all of them.
fn arrivals(instrument: &Instrument, out: &mut impl Write) -> io::Result<()> {
    let (kernel, all) = (instrument.kernel_stamped, instrument.responses);
    match all - kernel {
        0 => Ok(()),
        _ if kernel == 0 => line(out, "Arrivals", "by this process's clock"),
        others => line(
            out,
            "Arrivals",
            format_args!(
                "kernel stamps for {kernel} of {all} responses, this process's clock for {others}"
            ),
        ),
    }
}
