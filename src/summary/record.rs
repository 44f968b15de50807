//! What rows cannot carry: recorded with a part, and restored to the figures that were read from its rows.

use std::time::Duration;

use crate::row::{Phase, Source};
use crate::rows::judged::{Trust, Verdict};
use crate::rows::runs::{PartFigures, PartLine, StepRecord};
use crate::stats::{Quantile, Sample, SampleRecord};
use crate::sys::contention::Contention;

use super::facts::PartFacts;
use super::figures::{Figures, FromDue};
use super::instrument::Usage;
use super::journeys::Timed;
use super::site::SiteFigures;
use super::step::StepFigures;

impl Figures {
    /// What rows cannot carry.
    pub fn record(&self) -> PartFigures {
        let own = &self.instrument;
        let from_due = |sample: fn(&FromDue) -> &Sample| {
            let of = self.from_due.as_ref().map(sample);
            of.map(Sample::record).unwrap_or_default()
        };
        PartFigures {
            dropped_without_row: self.dropped_without_row,
            dropped_late: self.dropped_late,
            launch_delay: own.launch_delay.record(),
            home_since_due: own.served.record(),
            home_from_due: from_due(|of| &of.home),
            visit_from_due: from_due(|of| &of.visit),
            home: step_record(&self.home),
            buy: step_record(&self.buy),
            before_server: self.journeys.before.record(),
            in_server: self.journeys.inside.record(),
            after_server: self.journeys.after.record(),
            after_server_receive: self.journeys.receive.record(),
            server_clock: self.journeys.main.clone(),
            rest_clock: self.journeys.rest.clone(),
            server_cpu: self.server.cpu_time.record(),
            rest_cpu: self.rest.cpu_time.record(),
            odd_reports: self.odd.messages(),
            responses: own.responses,
            kernel_stamped: own.kernel_stamped,
            without_descriptor: own.without_descriptor,
            without_port: own.without_port,
            failures: self.errors.failures(),
            timed: self.journeys.timed.as_ref().map(|timed| timed.record()),
            site: self.site.as_ref().map(|site| site.record()),
        }
    }

    /// Restores the recorded figures that bare rows lack.
    pub fn complete(&mut self, record: &PartFigures) {
        let own = &mut self.instrument;
        self.dropped_without_row = record.dropped_without_row;
        self.dropped_late = record.dropped_late;
        own.launch_delay = sample(&record.launch_delay);
        own.served = sample(&record.home_since_due);
        own.responses = record.responses;
        own.kernel_stamped = record.kernel_stamped;
        own.without_descriptor = record.without_descriptor;
        own.without_port = record.without_port;
        let from_due = FromDue {
            home: sample(&record.home_from_due),
            visit: sample(&record.visit_from_due),
        };
        self.from_due = (!from_due.home.is_empty()).then_some(from_due);
        self.server.cpu_time = sample(&record.server_cpu);
        self.rest.cpu_time = sample(&record.rest_cpu);
        for (message, count) in &record.odd_reports {
            self.odd.add_messages(Source::Server, message, *count);
        }
        complete_step(&mut self.home, &record.home);
        complete_step(&mut self.buy, &record.buy);
        self.journeys.before = sample(&record.before_server);
        self.journeys.inside = sample(&record.in_server);
        self.journeys.after = sample(&record.after_server);
        self.journeys.receive = sample(&record.after_server_receive);
        self.journeys.timed = record.timed.as_ref().map(Timed::of_record).map(Box::new);
        self.site = record
            .site
            .as_ref()
            .map(SiteFigures::of_record)
            .map(Box::new);
        self.journeys.main = record.server_clock.clone();
        self.journeys.rest = record.rest_clock.clone();
    }
}

fn sample(record: &SampleRecord) -> Sample {
    let mut sample = Sample::default();
    sample.merge_record(record);
    sample
}

fn step_record(step: &StepFigures) -> StepRecord {
    let phase = |phase| step.phases.of(phase).record();
    StepRecord {
        connect: phase(Phase::Connect),
        tls: phase(Phase::Tls),
        send: phase(Phase::Send),
        wait: phase(Phase::Wait),
        receive: phase(Phase::Receive),
        read_delay: step.read_delay().record(),
        hop_delay: step.hop_delay.record(),
        send_delay: step.send_delay.record(),
    }
}

fn complete_step(step: &mut StepFigures, record: &StepRecord) {
    for (phase, record) in [
        (Phase::Connect, &record.connect),
        (Phase::Tls, &record.tls),
        (Phase::Send, &record.send),
        (Phase::Wait, &record.wait),
        (Phase::Receive, &record.receive),
    ] {
        *step.phases.of_mut(phase) = sample(record);
    }
    step.before_end = sample(&record.read_delay);
    step.after_end = Sample::default();
    step.hop_delay = sample(&record.hop_delay);
    step.send_delay = sample(&record.send_delay);
}

/// The part line without figures; the caller fills in run, number, instants and range.
pub fn part_line(facts: &PartFacts, figures: &Figures, verdict: Option<&Verdict>) -> PartLine {
    let usage = facts.usage.clone().unwrap_or_default();
    let nanos = |span: Duration| u64::try_from(span.as_nanos()).unwrap_or(u64::MAX);
    let own = |step: &StepFigures| {
        let (connect, send) = (step.phases.of(Phase::Connect), step.phases.of(Phase::Send));
        [Quantile::P50, Quantile::P99].map(|quantile| {
            let [connect, send] = [connect, send].map(|sample| sample.percentile(quantile));
            Some(connect?.saturating_add(send?))
        })
    };
    PartLine {
        variant: facts.variant.clone(),
        cut: facts.is_cut,
        level: facts.level,
        round: facts.round,
        kind: facts.kind,
        rows: figures.shoppers,
        warm_up: facts.warmed_up.map(|(shoppers, failed)| [shoppers, failed]),
        wall_nanos: facts.wall_nanos,
        span_nanos: facts.span_nanos,
        starts_spread_nanos: facts.starts_spread_nanos,
        paused_nanos: facts.paused_nanos,
        backoffs: facts.backoffs,
        most_in_flight: facts.most_in_flight,
        tls: facts.tls.clone(),
        verdict: verdict.cloned(),
        trusted: verdict.is_none_or(|of| of.latencies() != Trust::NotTrusted),
        reasons: verdict.map_or(Vec::new(), Verdict::reasons_of_latencies),
        run_queue_nanos: usage.contention.run_queue_nanos,
        steal_nanos: usage.contention.steal_nanos,
        involuntary_switches: usage.contention.involuntary_switches,
        timeslices: usage.contention.timeslices,
        cpu_nanos: nanos(usage.cpu),
        spun_nanos: nanos(usage.spun),
        cpu_span_nanos: nanos(usage.wall),
        longest_iteration_nanos: usage.longest_iteration_nanos,
        descriptors: [usage.descriptors_used, usage.descriptors_limit],
        ports_used: usage.ports_used,
        ports_available: usage.ports_available,
        own_home_nanos: own(&figures.home),
        own_buy_nanos: own(&figures.buy),
        figures: figures.record(),
        ..PartLine::default()
    }
}

/// The facts that a part line keeps.
pub fn part_facts(line: &PartLine, first_start: Option<i64>) -> PartFacts {
    let of_all = || Verdict::of_all(line.trusted, &line.reasons);
    PartFacts {
        variant: line.variant.clone(),
        is_cut: line.cut,
        level: line.level,
        round: line.round,
        kind: line.kind,
        first_start,
        wall_nanos: line.wall_nanos,
        span_nanos: line.span_nanos,
        starts_spread_nanos: line.starts_spread_nanos,
        paused_nanos: line.paused_nanos,
        backoffs: line.backoffs,
        most_in_flight: line.most_in_flight,
        tls: line.tls.clone(),
        warmed_up: line.warm_up.map(|[shoppers, failed]| (shoppers, failed)),
        usage: Some(Usage {
            cpu: Duration::from_nanos(line.cpu_nanos),
            spun: Duration::from_nanos(line.spun_nanos),
            wall: Duration::from_nanos(line.cpu_span_nanos),
            longest_iteration_nanos: line.longest_iteration_nanos,
            descriptors_used: line.descriptors[0],
            descriptors_limit: line.descriptors[1],
            ports_used: line.ports_used,
            ports_available: line.ports_available,
            contention: Contention {
                run_queue_nanos: line.run_queue_nanos,
                timeslices: line.timeslices,
                steal_nanos: line.steal_nanos,
                involuntary_switches: line.involuntary_switches,
            },
        }),
        verdict: Some(line.verdict.clone().unwrap_or_else(of_all)),
    }
}
