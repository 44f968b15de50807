//! Rows that were read, made into the figures of parts.

use crate::comparison::{Level, Metric, PartMetrics, ResourceFacts, Series, Stage, Stages};
use crate::report::{FoundPart, FoundRun, Place, Visitor};
use crate::row::figure::Figure;
use crate::row::{Phase, Row};
use crate::rows::runs::{PartFigures, StepRecord};
use crate::stats::{Quantile, Sample, SampleRecord};
use crate::summary::{FigureVerdict, Journeys, PhaseSamples, SiteFigures, Trust};
use crate::time::clock::Clock;

/// Elapsed times of a part that are kept in their order, at most. Of more, every second, fourth ... is kept.
const MOST_IN_ORDER: usize = 16_384;

/// Up to this share of a purchase by which the offset of the server's clock may be wrong, it is known well
/// enough to tell what was before the server's code from what was after it.
const KNOWN_OFFSET: f64 = 0.1;

/// Makes the figures of each part of the runs that are read.
#[derive(Debug, Default)]
pub struct Collector {
    /// By run and part.
    parts: Vec<Vec<Part>>,
    /// Which parts need their elapsed times in order: those that are alone.
    in_order: Vec<Place>,
}

/// One part: its rows until all are read, then its figures.
#[derive(Debug, Default)]
struct Part {
    found: FoundPart,
    rows: Option<Box<Rows>>,
    figures: Option<PartMetrics>,
}

#[derive(Debug, Default)]
struct Rows {
    launched: u64,
    bought: u64,
    opened: u64,
    home: Sample,
    buy: Sample,
    server: Sample,
    server_cpu_time: Sample,
    server_cpu_usage: f64,
    with_cpu_usage: u64,
    journeys: Journeys,
    home_phases: PhaseSamples,
    buy_phases: PhaseSamples,
    order: Option<Order>,
    site: SiteFigures,
}

/// Elapsed times with their starts.
#[derive(Debug)]
struct Order {
    seen: usize,
    step: usize,
    /// Start, home page and purchase.
    kept: Vec<(i64, f64, f64)>,
}

impl Collector {
    /// `in_order`: the parts that are all there is of a side.
    pub fn new(in_order: Vec<Place>) -> Collector {
        Collector {
            parts: Vec::new(),
            in_order,
        }
    }

    /// The figures of the parts of each run.
    pub fn finish(self) -> Vec<Vec<PartMetrics>> {
        let of_run = |parts: Vec<Part>| {
            let parts = parts.into_iter();
            parts.map(|part| part.figures.unwrap_or_default()).collect()
        };
        self.parts.into_iter().map(of_run).collect()
    }
}

impl Visitor for Collector {
    fn begin(&mut self, runs: &[FoundRun]) {
        let parts = |run: &FoundRun| {
            let parts = run.parts.iter().map(|found| Part {
                found: found.clone(),
                ..Part::default()
            });
            parts.collect()
        };
        self.parts = runs.iter().map(parts).collect();
    }

    fn row(&mut self, at: Place, row: &Row, clock: &Clock) {
        let part = &mut self.parts[at.run][at.part];
        let is_in_order = self.in_order.contains(&at);
        let rows = part.rows.get_or_insert_with(|| {
            Box::new(Rows {
                order: is_in_order.then(Order::default),
                ..Rows::default()
            })
        });
        rows.add(row, clock, part.found.is_recorded);
    }

    fn part_read(&mut self, at: Place, record: Option<&PartFigures>) {
        let part = &mut self.parts[at.run][at.part];
        let rows = part.rows.take().unwrap_or_default();
        part.figures = Some(rows.finish(&part.found, record));
    }
}

impl Rows {
    fn add(&mut self, row: &Row, clock: &Clock, is_recorded: bool) {
        self.launched += 1;
        let home = row.home.elapsed().filter(|_| row.home.satisfied());
        let buy = row.buy.elapsed().filter(|_| row.bought());
        self.bought += u64::from(row.bought());
        self.opened += u64::from(row.home.satisfied());
        if let Some(nanos) = home {
            self.home.push(nanos);
        }
        if let Some(nanos) = buy {
            self.buy.push(nanos);
        }
        if let Some(order) = &mut self.order {
            let start = row.home.started.or(row.buy.started);
            let start = start.map_or(i64::MIN, |at| clock.unix_nanos(at));
            let seconds = |nanos: Option<i64>| nanos.map_or(f64::INFINITY, |of| of as f64 / 1e9);
            order.add(start, seconds(home), seconds(buy));
        }
        if !is_recorded {
            self.site.add(row);
            self.journeys.add(row, clock);
            if !row.is_bare {
                self.home_phases.add(&row.home);
                self.buy_phases.add(&row.buy);
            }
        }
        let Some(report) = row.report.as_ref().filter(|_| row.bought()) else {
            return;
        };
        let number = |figure: &Option<Figure>| figure.as_ref().and_then(Figure::as_f64);
        for (sample, seconds) in [
            (&mut self.server, &report.main.elapsed_seconds),
            (&mut self.server_cpu_time, &report.main.cpu_seconds),
        ] {
            if let Some(seconds) = number(seconds) {
                sample.push((seconds * 1e9).round() as i64);
            }
        }
        if let Some(usage) = number(&report.main.cpu_usage).filter(|usage| usage.is_finite()) {
            self.server_cpu_usage += usage;
            self.with_cpu_usage += 1;
        }
    }

    /// Restores what rows of 28 columns cannot carry.
    fn complete(&mut self, record: &PartFigures) {
        let journeys = &mut self.journeys;
        journeys.before = sample(&record.before_server);
        journeys.inside = sample(&record.in_server);
        journeys.after = sample(&record.after_server);
        journeys.receive = sample(&record.after_server_receive);
        journeys.main = record.server_clock.clone();
        if record.server_cpu.n > 0 {
            self.server_cpu_time = sample(&record.server_cpu);
        }
        complete_phases(&mut self.home_phases, &record.home);
        complete_phases(&mut self.buy_phases, &record.buy);
        if let Some(site) = &record.site {
            self.site = SiteFigures::of_record(site);
        }
    }

    fn finish(mut self: Box<Self>, found: &FoundPart, record: Option<&PartFigures>) -> PartMetrics {
        if let Some(record) = record {
            self.complete(record);
        }
        let facts = &found.facts;
        let due = self.launched + record.map_or(0, |record| record.dropped_without_row);
        let seconds = |nanos: Option<i64>| nanos.map(|nanos| nanos as f64 / 1e9);
        let mut figures = PartMetrics {
            due,
            bought: self.bought,
            opened: self.opened,
            own_home: found.own_home_nanos.map(seconds),
            own_buy: found.own_buy_nanos.map(seconds),
            distrust_home: distrust(facts.verdict.as_ref().map(|of| &of.home)),
            distrust_buy: distrust(facts.verdict.as_ref().map(|of| &of.purchase)),
            began: facts.first_start,
            ended: facts.first_start.map(|began| {
                let end = began.saturating_add(facts.wall_nanos);
                end.max(found.last_start.unwrap_or(end))
            }),
            ..PartMetrics::default()
        };
        for metric in Metric::ALL {
            figures
                .values
                .set(metric, self.value(metric, due, facts.span_nanos));
        }
        self.set_timings(&mut figures);
        figures.stages = self.stages();
        figures.resource = self.resource(due, found);
        figures.series = self.order.take().map(Order::finish).unwrap_or_default();
        figures
    }

    fn value(&self, metric: Metric, due: u64, span_nanos: i64) -> Option<f64> {
        let seconds = |nanos: i64| nanos as f64 / 1e9;
        let among = |sample: &Sample, quantile: Quantile| {
            Some(sample.percentile_among(quantile, due as usize)? / 1e9)
        };
        let stages = self.journeys.stages();
        let of_stage = |stage: &crate::summary::Stage| {
            stage.share?;
            let nanos = stage.sample.percentile(Quantile::P50)?;
            Some(seconds(nanos.saturating_add(stage.added)))
        };
        match metric {
            Metric::Buy(level) => among(&self.buy, level.quantile()),
            Metric::Home(level) => among(&self.home, level.quantile()),
            Metric::BuyMean => self.buy.mean().map(seconds),
            Metric::HomeMean => self.home.mean().map(seconds),
            Metric::PurchasesPerSecond => {
                (span_nanos > 0 && due > 0).then(|| self.bought as f64 / seconds(span_nanos))
            }
            Metric::Errors => {
                (due > 0).then(|| due.saturating_sub(self.bought) as f64 / due as f64)
            }
            Metric::ServerP50 => self.server.percentile(Quantile::P50).map(seconds),
            Metric::ServerP99 => self.server.percentile(Quantile::P99).map(seconds),
            Metric::Queueing => of_stage(&stages.before),
            Metric::Service => (self.journeys.inside.percentile(Quantile::P50)).map(seconds),
            Metric::After => of_stage(&stages.after),
            // Set by their names.
            Metric::Timing(..) | Metric::TimingMean(_) => None,
        }
    }

    /// What the server said of its own times.
    fn set_timings(&self, figures: &mut PartMetrics) {
        let unit = |billionths: i64| billionths as f64 / 1e9;
        for key in self.site.timing_keys() {
            let Some(sample) = self.site.timing(&key) else {
                continue;
            };
            for level in Level::ALL {
                let value = sample.percentile(level.quantile()).map(unit);
                figures.values.set(Metric::Timing(key, level), value);
            }
            let mean = sample.mean().map(unit);
            figures.values.set(Metric::TimingMean(key), mean);
        }
    }

    /// The mean times of the stages, seconds.
    fn stages(&self) -> Stages {
        let mean = |sample: &Sample| sample.mean().map(|nanos| nanos as f64 / 1e9);
        let handshakes = |phases: &PhaseSamples| {
            let of = |phase: Phase, stage: Stage| Some((stage, mean(phases.of(phase))?));
            let both = [
                of(Phase::Connect, Stage::Connect),
                of(Phase::Tls, Stage::Tls),
            ];
            both.into_iter().flatten().collect::<Vec<_>>()
        };
        let plain = |phases: &PhaseSamples| {
            let mut stages = handshakes(phases);
            let send = mean(phases.of(Phase::Send)).unwrap_or(0.0);
            stages.extend(mean(phases.of(Phase::Wait)).map(|wait| (Stage::Wait, send + wait)));
            stages.extend(mean(phases.of(Phase::Receive)).map(|of| (Stage::Receive, of)));
            stages
        };
        let mut stages = Stages {
            home: plain(&self.home_phases),
            buy: plain(&self.buy_phases),
        };
        let journeys = &self.journeys;
        let Some(inside) = mean(&journeys.inside) else {
            return stages;
        };
        stages.buy = handshakes(&self.buy_phases);
        let connecting: f64 = stages.buy.iter().map(|(_, mean)| mean).sum();
        let corrected = journeys.stages();
        let is_known = corrected.before.share.is_some()
            && (corrected.share_uncertainty).is_none_or(|share| share <= KNOWN_OFFSET);
        let of = |sample: &Sample, added: i64| Some(mean(sample)? + added as f64 / 1e9);
        let before = of(&journeys.before, corrected.before.added);
        let after = of(&journeys.after, corrected.after.added);
        let receive = mean(&journeys.receive).unwrap_or(0.0);
        stages.buy.push((Stage::Service, inside));
        match (before, after) {
            (Some(before), Some(after)) if is_known => {
                stages.buy.push((Stage::Queueing, before - connecting));
                stages.buy.push((Stage::After, after + receive));
            }
            (Some(before), Some(after)) => {
                let around = before + after + receive - connecting;
                stages.buy.push((Stage::AroundService, around));
            }
            _ => {}
        }
        stages
    }

    fn resource(&self, due: u64, found: &FoundPart) -> ResourceFacts {
        let stages = self.journeys.stages();
        let verdict = found.facts.verdict.as_ref();
        let is_limited = verdict.is_some_and(|of| {
            [&of.home, &of.purchase, &of.pace]
                .iter()
                .any(|of| of.state == Trust::NotTrusted)
        });
        let mean =
            |sample: &Sample, added: i64| Some(sample.mean()?.saturating_add(added) as f64 / 1e9);
        let known = stages.before.share.is_some();
        let share = |part: &Sample, whole: &Sample| {
            (whole.sum() > 0 && !part.is_empty()).then(|| part.sum() as f64 / whole.sum() as f64)
        };
        ResourceFacts {
            queue_share: stages.before.share,
            service_share: stages.inside.share,
            queueing: mean(stages.before.sample, stages.before.added).filter(|_| known),
            service: mean(stages.inside.sample, 0),
            server_cpu: (self.with_cpu_usage > 0)
                .then(|| self.server_cpu_usage / self.with_cpu_usage as f64 / 100.0),
            on_cpu: share(&self.server_cpu_time, &self.server),
            failures: match due {
                0 => 0.0,
                due => due.saturating_sub(self.bought) as f64 / due as f64,
            },
            is_client_limited: is_limited,
        }
    }
}

/// Why latencies are not to be trusted; absent where they are, or where it is not known.
fn distrust(verdict: Option<&FigureVerdict>) -> Option<String> {
    let verdict = verdict.filter(|of| of.state == Trust::NotTrusted)?;
    let first = verdict.reasons.first();
    Some(first.map_or_else(
        || "the reason is not recorded".to_owned(),
        |reason| reason.reason.clone(),
    ))
}

fn sample(record: &SampleRecord) -> Sample {
    let mut sample = Sample::default();
    sample.merge_record(record);
    sample
}

fn complete_phases(phases: &mut PhaseSamples, record: &StepRecord) {
    for (phase, record) in [
        (Phase::Connect, &record.connect),
        (Phase::Tls, &record.tls),
        (Phase::Send, &record.send),
        (Phase::Wait, &record.wait),
        (Phase::Receive, &record.receive),
    ] {
        *phases.of_mut(phase) = sample(record);
    }
}

impl Default for Order {
    fn default() -> Order {
        Order {
            seen: 0,
            step: 1,
            kept: Vec::new(),
        }
    }
}

impl Order {
    fn add(&mut self, start: i64, home: f64, buy: f64) {
        if self.seen.is_multiple_of(self.step) {
            if self.kept.len() == MOST_IN_ORDER {
                let mut place = 0;
                self.kept.retain(|_| {
                    place += 1;
                    place % 2 == 1
                });
                self.step *= 2;
            }
            if self.seen.is_multiple_of(self.step) {
                self.kept.push((start, home, buy));
            }
        }
        self.seen += 1;
    }

    fn finish(mut self) -> Series {
        self.kept.sort_by_key(|(start, ..)| *start);
        Series {
            home: self.kept.iter().map(|(_, home, _)| *home).collect(),
            buy: self.kept.iter().map(|(.., buy)| *buy).collect(),
        }
    }
}

#[cfg(test)]
#[path = "collect_tests.rs"]
mod tests;
