//! From figures and facts to the finished summary.

use crate::plan::Kind;
use crate::row::Phase;
use crate::row::failure::FailureKind;
use crate::rows::judged::Verdict;
use crate::settings::Threshold;
use crate::stats::scalability::Finding as Knee;
use crate::stats::{Distribution, Sample};
use crate::sys::contention::Contention;
use crate::time::offset::{Bounds, Finding, Offsets};

use super::errors::{ErrorKind, Errors};
use super::facts::RunFacts;
use super::figures::Figures;
use super::journeys::{Journeys, Stage, Timed};
use super::levels::{self, Level};
use super::phases::PhaseSamples;
use super::schema::{
    Client, ClockFinding, ErrorGroup, Instrument, Interval, Journey, LevelSummary, LoadSent, Part,
    Phases, SCHEMA_VERSION, Scalability, ScalabilityFinding, ServerClock, Summary, WaitSplit,
};
use super::step::StepFigures;
use super::thresholds;
use super::tls::Tls;
use super::whole::Whole;

/// The `http_code` where there was no HTTP response at all.
const NO_RESPONSE: i32 = crate::rows::columns::NO_RESPONSE;

/// A wall clock that moved by more than this, in nanoseconds, cannot be compared with other clocks.
const NOTABLE_DRIFT: i64 = 1_000_000;

impl Summary {
    /// Makes the summary of all parts in `whole`, whatever variants they have.
    pub(super) fn of_parts(run: RunFacts, mut whole: Whole, limits: &[Threshold]) -> Summary {
        let highest = whole.levels.iter().map(|level| level.concurrent).max();
        let highest = highest.or(run.load.levels.iter().copied().max());
        let one_part = whole.parts <= 1 && !run.load.has_parts();
        if one_part {
            whole.levels.clear();
            whole.verdict = whole.verdict.without_levels();
        }
        let verdict = whole.judged();
        let instrument = instrument(&run, &whole, &verdict);
        let Whole {
            figures,
            facts,
            levels,
            ..
        } = whole;
        let rate = levels::rate(figures.bought, facts.span_nanos);
        let is_open = run.load.kind == Kind::Open;
        let from_due = figures.from_due.as_ref().filter(|_| is_open);
        let (warm_up_shoppers, warm_up_failed) = facts.warmed_up.unzip();
        let is_plain = (run.target.as_deref()).is_some_and(|url| url.starts_with("http://"));
        let may_be_tls = is_plain && is_mute(&figures);
        let site = figures.site.clone().unwrap_or_default();
        let mut summary = Summary {
            schema_version: SCHEMA_VERSION,
            version: run.version,
            run: run.id,
            ending: run.ending,
            title: run.title,
            note: run.note,
            report_file: run.report_file,
            rows_written: run.rows_written,
            rows_lost: run.rows_lost,
            rows_skipped: run.rows_skipped,
            target: run.target,
            app: run.app,
            shards: run.shards.clone(),
            concurrent: highest.unwrap_or(facts.most_in_flight),
            load: LoadSent {
                load: run.load,
                most_in_flight: facts.most_in_flight,
                warm_up_shoppers,
                warm_up_failed,
            },
            seed: run.seed.map(|seed| seed.to_string()),
            preconnect: run.preconnect,
            keep_alive: run.keep_alive,
            started_time: run.started_time,
            interrupted: run.interrupted,
            wall_nanos: facts.wall_nanos,
            span_nanos: facts.span_nanos,
            starts_spread_nanos: facts.starts_spread_nanos,
            launched: figures.shoppers - figures.dropped,
            dropped: figures.dropped + figures.dropped_without_row,
            not_launched: figures.dropped + figures.dropped_without_row,
            dropped_late: figures.dropped_late,
            dropped_without_row: figures.dropped_without_row,
            backoffs: facts.backoffs,
            bought: figures.bought,
            failed_purchases: figures.failed_purchases(),
            purchases_per_second: rate,
            home_elapsed_seconds: figures.home.elapsed().summary(),
            home_ok_elapsed_seconds: figures.home.elapsed_ok.summary(),
            buy_elapsed_seconds: figures.buy.elapsed().summary(),
            buy_ok_elapsed_seconds: figures.buy.elapsed_ok.summary(),
            home_from_due_seconds: from_due.and_then(|of| of.home.summary()),
            visit_from_due_seconds: from_due.and_then(|of| of.visit.summary()),
            server_elapsed_seconds: figures.server.elapsed.summary(),
            server_cpu_seconds: figures.server.cpu_time.summary(),
            server_max_cpu_percent: figures.server.max_cpu,
            server_max_memory_megabytes: figures.server.max_memory,
            rest_elapsed_seconds: figures.rest.elapsed.summary(),
            rest_cpu_seconds: figures.rest.cpu_time.summary(),
            rest_max_cpu_percent: figures.rest.max_cpu,
            rest_max_memory_megabytes: figures.rest.max_memory,
            home_http_codes: codes(&figures.home),
            buy_http_codes: codes(&figures.buy),
            errors: errors(&figures.errors, figures.due(), may_be_tls),
            errors_ungrouped: figures.errors.ungrouped(),
            odd_reports: errors(&figures.odd, figures.due(), false),
            thresholds: (limits.iter())
                .map(|limit| thresholds::evaluate(limit, &figures, rate, &levels))
                .collect(),
            scalability: (!levels.is_empty()).then(|| scalability(&levels)),
            variants: None,
            comparison: None,
            whole_blocks: None,
            levels: (!levels.is_empty()).then(|| levels.iter().map(level).collect()),
            machine: run.machine,
            load_average_after: run.load_average_after,
            tls: (facts.tls).map(|tls| Tls::of(tls, run.insecure, run.resume)),
            precise: run.precise,
            client: Client {
                cpu_user_seconds: run.cpu_user.map(|span| span.as_secs_f64()),
                cpu_system_seconds: run.cpu_system.map(|span| span.as_secs_f64()),
                peak_memory_bytes: run.peak_memory_bytes,
                clock_drift_nanos: run.clock_drift_nanos,
            },
            server_timings: site.timings(),
            server_timings_left_out: site.metrics_left_out,
            server_timings_cut: site.timings_cut,
            server_times_missing: site.missing(),
            cookies_dropped: site.cookies_dropped,
            cookies_withheld: site.withheld(),
            form_page_elapsed_seconds: site.form_page.summary(),
            form_pages_failed: site.form_pages_failed,
            wait_split: figures.journeys.timed.as_deref().and_then(wait_split),
            home_phases: phases(&figures.home.phases),
            buy_phases: phases(&figures.buy.phases),
            journey: journey(&figures.journeys),
            server_clock: server_clock(&figures.journeys.main),
            rest_clock: server_clock(&figures.journeys.rest),
            verdict,
            instrument,
        };
        if levels.len() > 1 {
            summary.leave_out_mixtures();
        }
        summary
    }

    /// Leaves out what mixes the levels of a sweep.
    pub(super) fn leave_out_mixtures(&mut self) {
        self.purchases_per_second = None;
        for distribution in [
            &mut self.home_elapsed_seconds,
            &mut self.home_ok_elapsed_seconds,
            &mut self.buy_elapsed_seconds,
            &mut self.buy_ok_elapsed_seconds,
            &mut self.server_elapsed_seconds,
            &mut self.server_cpu_seconds,
            &mut self.rest_elapsed_seconds,
            &mut self.rest_cpu_seconds,
            &mut self.instrument.launch_delay_seconds,
            &mut self.instrument.read_delay_seconds,
            &mut self.instrument.hop_delay_seconds,
            &mut self.instrument.send_delay_seconds,
        ] {
            *distribution = None;
        }
        self.form_page_elapsed_seconds = None;
        self.server_timings.clear();
        self.wait_split = None;
        self.home_phases = Phases::default();
        self.buy_phases = Phases::default();
        self.journey = Journey {
            before_server: Part::default(),
            in_server: Part::default(),
            after_server: Part::default(),
            share_uncertainty: None,
            ..self.journey
        };
    }
}

fn codes(step: &StepFigures) -> std::collections::BTreeMap<i32, u64> {
    let code = |status: &Option<u16>| status.map_or(NO_RESPONSE, i32::from);
    (step.statuses.iter())
        .map(|(status, count)| (code(status), *count))
        .collect()
}

/// The groups but that of the dropped arrivals, which are counted by themselves.
/// `may_be_tls`: the target is a plain one, and nothing there ever answered.
fn errors(errors: &Errors, shoppers: u64, may_be_tls: bool) -> Vec<ErrorGroup> {
    let groups = errors.most_frequent().into_iter();
    groups
        .filter(|group| group.what != ErrorKind::Client(FailureKind::NotLaunched))
        .map(|group| ErrorGroup {
            step: group.source.name(),
            message: group.what.to_string(),
            count: group.count,
            share: group.count as f64 / shoppers as f64,
            example: group.example.as_deref().map(str::to_owned),
            hint: match group.what {
                ErrorKind::Client(
                    FailureKind::ClosedWithoutAnswer | FailureKind::ConnectionReset,
                ) if may_be_tls => Some(MAY_BE_TLS),
                ref what => what.hint(),
            },
        })
        .collect()
}

/// Some servers end a connection on which a plain request comes where TLS is due, without a word.
const MAY_BE_TLS: &str = "no request was answered: look at the server's log, or, if the port speaks TLS, give \
     an https:// target";

/// Whether no request at all had a response.
fn is_mute(figures: &Figures) -> bool {
    let mut statuses = (figures.home.statuses.keys()).chain(figures.buy.statuses.keys());
    statuses.all(Option::is_none)
}

fn level(level: &Level) -> LevelSummary {
    let figures = &level.figures;
    let verdict = level.judged();
    LevelSummary {
        concurrent: level.concurrent,
        rounds: level.rounds,
        launched: figures.shoppers - figures.dropped,
        bought: figures.bought,
        failed_purchases: figures.failed_purchases(),
        wall_nanos: level.wall_nanos,
        span_nanos: level.span_nanos,
        purchases_per_second: level.rate(),
        round_rates: level.rates.clone(),
        home_elapsed_seconds: figures.home.elapsed().summary(),
        buy_elapsed_seconds: figures.buy.elapsed().summary(),
        server_elapsed_seconds: figures.server.elapsed.summary(),
        trusted: level.is_trusted(),
        reasons: verdict.reasons_of_latencies(),
        verdict,
    }
}

fn scalability(levels: &[Level]) -> Scalability {
    let without = levels.iter().filter(|level| level.rates.contains(&0.0));
    let nothing = Scalability {
        lambda: None,
        sigma: None,
        kappa: None,
        error: None,
        finding: ScalabilityFinding::TooFew,
        knee: None,
        peak: None,
        ceiling: None,
        up_to: None,
        unsupported: None,
        levels_without_purchases: without.map(|level| level.concurrent).collect(),
    };
    let Some(fit) = levels::fit(levels) else {
        return nothing;
    };
    let fitted = Scalability {
        lambda: Some(fit.law.lambda),
        sigma: Some(fit.law.sigma),
        kappa: Some(fit.law.kappa),
        error: Some(fit.error),
        ..nothing
    };
    if let Some(why) = levels::unsupported(&fit, levels) {
        return Scalability {
            finding: ScalabilityFinding::NotSupported,
            unsupported: Some(why),
            ..fitted
        };
    }
    match fit.finding {
        Knee::Knee { at, peak } => Scalability {
            finding: ScalabilityFinding::Knee,
            knee: Some(at),
            peak: Some(peak),
            ..fitted
        },
        Knee::Falls { from, peak } => Scalability {
            finding: ScalabilityFinding::Falls,
            knee: Some(from as f64),
            peak: Some(peak),
            ..fitted
        },
        Knee::NoKnee { up_to, ceiling } => Scalability {
            finding: ScalabilityFinding::NoKnee,
            up_to: Some(up_to),
            ceiling,
            ..fitted
        },
    }
}

fn phases(samples: &PhaseSamples) -> Phases {
    let part = |phase| {
        let sample = samples.of(phase);
        Part {
            seconds: sample.summary(),
            share: samples.share(phase),
            negative: sample.negatives() as u64,
        }
    };
    Phases {
        connect: part(Phase::Connect),
        tls: part(Phase::Tls),
        send: part(Phase::Send),
        wait: part(Phase::Wait),
        receive: part(Phase::Receive),
    }
}

fn wait_split(timed: &Timed) -> Option<WaitSplit> {
    let total = timed.total();
    let part = |sample: &Sample| Part {
        seconds: sample.summary(),
        share: (total > 0).then(|| sample.sum() as f64 / total as f64),
        negative: sample.negatives() as u64,
    };
    (!timed.service.is_empty()).then(|| WaitSplit {
        service: part(&timed.service),
        rest: part(&timed.rest),
    })
}

fn journey(journeys: &Journeys) -> Journey {
    let part = |stage: Stage<'_>| Part {
        seconds: (stage.sample.summary()).map(|of: Distribution| of.moved(stage.added)),
        share: stage.share,
        negative: stage.sample.negatives() as u64,
    };
    let stages = journeys.stages();
    Journey {
        before_server: part(stages.before),
        in_server: part(stages.inside),
        after_server: part(stages.after),
        correction_nanos: journeys.main.correction(),
        uncertainty_nanos: journeys.main.uncertainty(),
        share_uncertainty: stages.share_uncertainty,
    }
}

fn server_clock(offsets: &Offsets) -> ServerClock {
    let interval = |bounds: Bounds| Interval {
        at_least: bounds.at_least,
        at_most: bounds.at_most,
    };
    let zone = offsets.quarters_of_an_hour() as f64 / 4.0;
    ServerClock {
        finding: match offsets.finding() {
            Finding::Unknown => ClockFinding::Unknown,
            Finding::Agrees => ClockFinding::Agrees,
            Finding::Differs => ClockFinding::Differs,
            Finding::Contradictory => ClockFinding::Contradictory,
        },
        rows: offsets.rows(),
        offset_seconds: interval(offsets.bounds()),
        drift_seconds: offsets.drift().map(interval),
        time_zone_hours: (zone != 0.0).then_some(zone),
    }
}

fn instrument(run: &RunFacts, whole: &Whole, verdict: &Verdict) -> Instrument {
    let of: &Figures = &whole.figures;
    let usage = whole.facts.usage.as_ref();
    let taken = |nanos: fn(&Contention) -> Option<u64>| {
        let nanos = usage.and_then(|usage| nanos(&usage.contention))?;
        Some(nanos as f64 / 1e9)
    };
    Instrument {
        trusted: verdict.is_trusted(of.bought),
        reasons: verdict.reasons_of_latencies(),
        launch_delay_seconds: of.instrument.launch_delay.summary(),
        read_delay_seconds: of.read_delay().summary(),
        hop_delay_seconds: of.hop_delay().summary(),
        // Rows read back do not have it, part lines do.
        send_delay_seconds: usage.and_then(|_| of.send_delay().summary()),
        run_queue_wait_seconds: taken(|of| of.run_queue_nanos),
        steal_seconds: taken(|of| of.steal_nanos),
        involuntary_context_switches: usage.and_then(|of| of.contention.involuntary_switches),
        longest_iteration_nanos: usage.map(|usage| usage.longest_iteration_nanos),
        longest_turn_nanos: usage.map(|usage| usage.longest_iteration_nanos),
        paused_nanos: whole.facts.paused_nanos,
        cpu_share: usage.and_then(|usage| usage.cpu_share()),
        cpu_seconds: usage.map(|usage| usage.cpu.as_secs_f64()),
        spin_seconds: usage.map(|usage| usage.spun.as_secs_f64()),
        responses: of.instrument.responses,
        kernel_stamped_responses: of.instrument.kernel_stamped,
        descriptors_used: usage.map(|usage| usage.descriptors_used),
        descriptors_limit: usage.map(|usage| usage.descriptors_limit),
        ports_used: usage.map(|usage| usage.ports_used),
        ports_available: usage.and_then(|usage| usage.ports_available),
        wall_clock_stepped: (run.clock_drift_nanos).map(|nanos| nanos.abs() > NOTABLE_DRIFT),
        clock_synchronised: run.discipline.map(|of| of.synchronised),
        clock_estimated_error_seconds: (run.discipline).map(|of| of.estimated_error.as_secs_f64()),
        is_remote: run.is_remote,
    }
}
