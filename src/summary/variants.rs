//! The summary of a run, whose variants have each the figures of their own rows: they are never mixed.

use crate::settings::Threshold;

use super::facts::{RunFacts, VariantFacts};
use super::levels::Level;
use super::schema::{
    ClockFinding, Interval, Journey, ServerClock, Summary, ThresholdOutcome, VariantSummary,
};
use super::whole::Whole;

impl Summary {
    /// Makes the summary of a run whose parts are all in `whole`.
    pub fn of(run: RunFacts, mut whole: Whole, limits: &[Threshold]) -> Summary {
        if run.variants.is_empty() {
            return Summary::of_parts(run, whole, limits);
        }
        let mut parts = std::mem::take(&mut whole.variants);
        let mut take = |name: &str| {
            let place = parts.iter().position(|(of, _)| of == name);
            place.map_or(Whole::default(), |place| parts.swap_remove(place).1)
        };
        let variants: Vec<VariantSummary> = (run.variants.iter())
            .map(|of| variant(of, &run, take(&of.name), limits))
            .collect();
        let blocks = whole.whole_blocks(run.variants.len(), run.load.levels.len());
        let mut summary = Summary::of_parts(run, whole, &[]);
        summary.whole_blocks = Some(blocks);
        summary.leave_out_variants();
        let outcomes = variants.iter().flat_map(|variant| &variant.of.thresholds);
        summary.thresholds = outcomes.cloned().collect();
        summary.variants = Some(variants);
        summary
    }

    /// Leaves out what mixes variants: times, rates, and the readings of different servers' clocks.
    fn leave_out_variants(&mut self) {
        self.leave_out_mixtures();
        self.levels = None;
        self.scalability = None;
        self.home_from_due_seconds = None;
        self.visit_from_due_seconds = None;
        self.server_max_cpu_percent = None;
        self.server_max_memory_megabytes = None;
        self.rest_max_cpu_percent = None;
        self.rest_max_memory_megabytes = None;
        let unknown = ServerClock {
            finding: ClockFinding::Unknown,
            rows: 0,
            offset_seconds: Interval::default(),
            drift_seconds: None,
            time_zone_hours: None,
        };
        self.server_clock = unknown.clone();
        self.rest_clock = unknown;
        self.journey = Journey {
            correction_nanos: 0,
            uncertainty_nanos: None,
            ..self.journey.clone()
        };
    }
}

fn variant(
    facts: &VariantFacts,
    run: &RunFacts,
    mut whole: Whole,
    limits: &[Threshold],
) -> VariantSummary {
    let run = RunFacts {
        variants: Vec::new(),
        target: facts.target.clone(),
        ..run.clone()
    };
    let parts = whole.parts;
    // Their parts came in the order that was drawn.
    let given = |level: &Level| {
        let mut levels = run.load.levels.iter();
        levels.position(|given| *given == level.concurrent)
    };
    whole.levels.sort_by_key(given);
    let mut of = Summary::of_parts(run, whole, limits);
    of.thresholds = (of.thresholds.into_iter())
        .map(|outcome| ThresholdOutcome {
            variant: Some(facts.name.clone()),
            ..outcome
        })
        .collect();
    let levels = of.levels.clone();
    let scalability = of.scalability.clone();
    if levels.as_ref().is_some_and(|levels| levels.len() == 1) {
        // The figures of its rounds together mix nothing.
        of.levels = None;
        of.scalability = None;
    }
    VariantSummary {
        name: facts.name.clone(),
        target: facts.target.clone(),
        parts,
        launched: of.launched,
        dropped: of.dropped,
        bought: of.bought,
        failed_purchases: of.failed_purchases,
        wall_nanos: of.wall_nanos,
        span_nanos: of.span_nanos,
        purchases_per_second: of.purchases_per_second,
        home_elapsed_seconds: of.home_elapsed_seconds,
        home_ok_elapsed_seconds: of.home_ok_elapsed_seconds,
        buy_elapsed_seconds: of.buy_elapsed_seconds,
        buy_ok_elapsed_seconds: of.buy_ok_elapsed_seconds,
        home_from_due_seconds: of.home_from_due_seconds,
        visit_from_due_seconds: of.visit_from_due_seconds,
        server_elapsed_seconds: of.server_elapsed_seconds,
        server_cpu_seconds: of.server_cpu_seconds,
        server_max_cpu_percent: of.server_max_cpu_percent,
        server_max_memory_megabytes: of.server_max_memory_megabytes,
        rest_elapsed_seconds: of.rest_elapsed_seconds,
        home_http_codes: of.home_http_codes.clone(),
        buy_http_codes: of.buy_http_codes.clone(),
        errors: of.errors.clone(),
        levels,
        scalability,
        home_phases: of.home_phases.clone(),
        buy_phases: of.buy_phases.clone(),
        journey: of.journey.clone(),
        server_clock: of.server_clock.clone(),
        trusted: of.instrument.trusted,
        reasons: of.instrument.reasons.clone(),
        verdict: of.verdict.clone(),
        of: Box::new(of),
    }
}

#[cfg(test)]
#[path = "variants_tests.rs"]
mod tests;
