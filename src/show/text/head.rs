//! The first lines: the result, what was run, and warnings.

use std::io::{self, Write};

use crate::plan::Kind;
use crate::rows::load::Load;
use crate::summary::{ClockFinding, RunEnding, ServerClock, Summary, Trust};
use crate::text::{Printable, counted};

use super::layout::{
    BAD, GOOD, WARNING, foreign, listed, marked, per, rate, rate_asked, seconds, span,
};

/// Characters shown of a text from outside.
const MAX_SHOWN: usize = 100;

pub(super) fn write(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    let is_partial = summary.shards.as_ref().is_some_and(|of| of.partial);
    let is_well = summary.bought > 0 && summary.failed_purchases == 0 && !is_partial;
    let style = match is_well && summary.ending != Some(RunEnding::Failed) {
        true if !latencies_doubted(summary) => GOOD,
        true => WARNING,
        false => BAD,
    };
    let result = first_line(summary);
    // The whole line is marked: it is the most important one.
    for part in super::layout::wrapped(&result, super::layout::WIDTH) {
        writeln!(out, "{style}{part}{style:#}")?;
    }
    marked(out, anstyle::Style::new(), "", &what(summary))?;
    super::trust::write(summary, out)?;
    super::shards::warnings(summary, out)?;
    warnings(summary, out)
}

fn latencies_doubted(summary: &Summary) -> bool {
    summary.verdict.latencies() == Trust::NotTrusted
}

/// The result in one line.
pub fn first_line(summary: &Summary) -> String {
    let result = super::shards::prefix(summary) + &result(summary);
    match (summary.ending, summary.rows_lost) {
        (Some(RunEnding::Failed), None) => format!("FAILED: rows lost - {result}"),
        (Some(RunEnding::Failed), Some(0)) => format!("FAILED - {result}"),
        (Some(RunEnding::Failed), Some(rows)) => {
            format!("FAILED: {} lost - {result}", counted(rows, "row", "rows"))
        }
        _ => result,
    }
}

fn result(summary: &Summary) -> String {
    let due = summary.launched + summary.dropped;
    if due == 0 {
        return match &summary.interrupted {
            Some(signal) => format!("interrupted by {signal} before a shopper was launched"),
            None => "no shopper was launched".to_owned(),
        };
    }
    if summary.bought == 0 {
        return nothing_succeeded(summary, due);
    }
    let mut text = format!(
        "{} of {due} purchases, {} failed",
        summary.bought, summary.failed_purchases
    );
    if let Some(per_second) = summary.purchases_per_second {
        text += &format!(", {}", achieved(per_second, summary));
    }
    if summary.levels.is_some() {
        text = format!(
            "{} of {due} purchases over all levels, {} failed",
            summary.bought, summary.failed_purchases
        );
    }
    if let Some(variants) = &summary.variants {
        text = format!(
            "{} of {due} purchases over {} variants, {} failed",
            summary.bought,
            variants.len(),
            summary.failed_purchases
        );
    }
    if latencies_doubted(summary) {
        let verdict = &summary.verdict;
        text += match (verdict.home.is_limited(), verdict.purchase.is_limited()) {
            (true, false) => " - home NOT TRUSTED",
            (false, true) => " - purchase NOT TRUSTED",
            _ => " - NOT TRUSTED",
        };
    }
    text
}

/// The rate, in the unit that was asked for, and what it is divided by.
fn achieved(per_second: f64, summary: &Summary) -> String {
    let (seconds_of_unit, unit) = per(summary.load.load.rate_unit.as_deref());
    let rate = format!("{}/{unit}", rate(per_second * seconds_of_unit));
    let (over, took) = (summary.span_nanos, summary.wall_nanos);
    // N arrivals span N intervals, though nothing happens in the last.
    let is_planned = summary.load.load.kind == Kind::Open && over / 3 > took / 2;
    match is_planned {
        true => format!(
            "{rate} over the planned {} (took {})",
            seconds(over as f64 / 1e9),
            span(took)
        ),
        false => format!("{rate} in {}", span(over)),
    }
}

fn nothing_succeeded(summary: &Summary, due: u64) -> String {
    let mut text = format!("NOTHING SUCCEEDED: 0 of {due} purchases");
    if let Some(most) = summary.errors.first() {
        let message = foreign(&most.message, MAX_SHOWN);
        text += &format!(": {}: {message}", most.step);
        if let Some(example) = &most.example {
            text += &format!(": {}", foreign(example, MAX_SHOWN));
        }
        if let Some(hint) = most.hint {
            text += &format!(" ({hint})");
        }
    }
    text
}

/// What was run, and where, with what repeats it.
fn what(summary: &Summary) -> String {
    let mut text = what_and_where(summary);
    if let Some(seed) = &summary.seed {
        text += &format!(", seed {seed}");
    }
    if !summary.title.is_empty() {
        text += &format!(", titled \"{}\"", foreign(&summary.title, MAX_SHOWN));
    }
    text
}

/// What was run, and where.
pub fn what_and_where(summary: &Summary) -> String {
    let mut text = load(&summary.load.load, summary);
    if let (Some(target), Some(app)) = (&summary.target, &summary.app) {
        text += &format!(" at {}/{}", Printable(target), Printable(app));
    }
    match (summary.preconnect, summary.keep_alive) {
        (Some(true), Some(true)) => text += ", preconnect, keep-alive",
        (Some(true), _) => text += ", preconnect",
        (_, Some(true)) => text += ", keep-alive",
        _ => {}
    }
    text
}

/// A load in words.
fn load(load: &Load, summary: &Summary) -> String {
    let mut words = vec![match load.kind {
        Kind::Burst if load.levels.len() > 1 => format!("bursts of {}", levels(load, summary)),
        Kind::Burst => format!("burst of {}", levels(load, summary)),
        Kind::Closed => match levels(load, summary).as_str() {
            "1" => "closed workload of 1 virtual user".to_owned(),
            levels => format!("closed workload of {levels} virtual users"),
        },
        Kind::Open => open(load),
    }];
    if load.kind == Kind::Closed {
        words.extend(
            load.repeat
                .map(|each| format!("{} each", counted(each, "iteration", "iterations"))),
        );
    }
    words.extend(load.count.map(|count| format!("{count} in all")));
    words.extend(
        load.duration_seconds
            .map(|of| format!("for {}", seconds(of))),
    );
    if let Some(think) = load.think_time_seconds {
        let mean = match load.think_time_distribution.as_deref() {
            Some("exponential") => " on average",
            _ => "",
        };
        words.push(format!("think time {}{mean}", seconds(think)));
    }
    words.extend(
        load.ramp_up_seconds
            .map(|of| format!("ramp-up {}", seconds(of))),
    );
    words.extend(
        (load.warm_up_planned_shoppers)
            .map(|n| format!("warm-up of {}", counted(n, "shopper", "shoppers"))),
    );
    words.extend(
        load.warm_up_seconds
            .map(|of| format!("warm-up of {}", seconds(of))),
    );
    let rounds = counted(load.rounds, "round", "rounds");
    match &summary.variants {
        Some(variants) => {
            words.push(format!("{rounds} of {} variants", variants.len()));
            let whole = summary.whole_blocks.unwrap_or(0);
            if whole < load.rounds {
                let are = if whole == 1 { "is" } else { "are" };
                words.push(format!("{whole} of which {are} complete"));
            }
        }
        None if load.rounds > 1 => words.push(rounds),
        None => {}
    }
    if load.pause_seconds > 0.0 {
        words.push(format!("pause {}", seconds(load.pause_seconds)));
    }
    words.join(", ")
}

fn levels(load: &Load, summary: &Summary) -> String {
    match load.levels.as_slice() {
        [] => summary.concurrent.to_string(),
        asked => {
            let was_run = |level: &&u64| match &summary.levels {
                Some(levels) => levels.iter().any(|of| of.concurrent == **level),
                None => true,
            };
            let (run, not_run): (Vec<&u64>, Vec<&u64>) = asked.iter().partition(was_run);
            match (run.is_empty(), not_run.is_empty()) {
                (false, false) => format!("{} (not run: {})", listed(&run), listed(&not_run)),
                _ => listed(asked),
            }
        }
    }
}

fn open(load: &Load) -> String {
    let mut text = match (load.rate_per_second, &load.stages) {
        (Some(rate), _) => format!(
            "open workload, {}",
            rate_asked(rate, load.rate_unit.as_deref())
        ),
        (None, Some(stages)) => {
            let stages: Vec<String> = (stages.iter())
                .map(|stage| {
                    let rate = rate_asked(stage.rate_per_second, None);
                    format!("{}@{rate}", seconds(stage.seconds))
                })
                .collect();
            format!("open workload, stages {}", stages.join(","))
        }
        (None, None) => "open workload".to_owned(),
    };
    if load.arrivals.as_deref() == Some("poisson") {
        text += " (Poisson)";
    }
    text
}

fn warnings(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    if let Some(signal) = &summary.interrupted {
        let text = format!(" by {}: not all shoppers have finished", Printable(signal));
        marked(out, WARNING, "INTERRUPTED", &text)?;
    }
    if let Some((failed, shoppers)) = summary
        .load
        .warm_up_failed
        .zip(summary.load.warm_up_shoppers)
        && failed > 0
    {
        let text = format!(": {failed} of {shoppers} purchases failed in the warm-up");
        marked(out, WARNING, "WARNING", &text)?;
    }
    if summary.dropped > 0 {
        let dropped = summary.dropped;
        let mut text = match summary.dropped_late {
            0 => format!(": dropped x {dropped}, never sent: max in flight was reached"),
            late if late == dropped => {
                format!(": dropped x {dropped}, never sent: this client could not keep up")
            }
            late => format!(
                ": dropped x {dropped}, never sent: {} because max in flight was reached, {late} because \
                 this client could not keep up",
                dropped - late
            ),
        };
        if summary.dropped_without_row > 0 {
            text += &format!("; {} of them have no row", summary.dropped_without_row);
        }
        marked(out, WARNING, "WARNING", &text)?;
    }
    if summary.backoffs > 0 {
        let text = format!(
            ": {} iterations were delayed because the previous one got no response (--retry-delay)",
            summary.backoffs
        );
        marked(out, WARNING, "WARNING", &text)?;
    }
    if let Some(nanos) = summary.client.clock_drift_nanos
        && summary.instrument.wall_clock_stepped == Some(true)
    {
        let text = format!(
            ": the wall clock moved by {:+.3} ms against the monotonic one during the run: do not \
             compare times of day with the servers' (durations are not affected)",
            nanos as f64 / 1e6
        );
        marked(out, WARNING, "WARNING", &text)?;
    }
    for (name, clock) in [
        ("the server's clock", &summary.server_clock),
        ("the second server's clock", &summary.rest_clock),
    ] {
        if let Some(text) = clock_warning(name, clock) {
            marked(out, WARNING, "WARNING", &format!(": {text}"))?;
        }
    }
    own_clock(summary, out)
}

/// What is wrong with a server's clock, and the hint.
fn clock_warning(name: &str, clock: &ServerClock) -> Option<String> {
    let bounds = clock.offset_seconds;
    let mut text = match (clock.finding, clock.time_zone_hours) {
        (ClockFinding::Unknown | ClockFinding::Agrees, _) => String::new(),
        (ClockFinding::Differs, None) => format!(
            "{name} is {} ahead of this one, the journey is corrected by the middle: synchronize \
             both by NTP (chronyc tracking shows how far off a machine is)",
            super::sections::interval(bounds)
        ),
        (ClockFinding::Differs, Some(hours)) => format!(
            "{name} is {} ahead of this one, as if it wrote the time of another zone ({}): set the \
             same TZ here and there, or have it write UTC offsets; the journey is corrected",
            super::sections::interval(bounds),
            zone(hours)
        ),
        (ClockFinding::Contradictory, _) => format!(
            "the readings of {name} contradict each other, it is both {} and {} ahead of this one: a clock \
             was set during the run, or several machines answer (chronyc tracking on each); the \
             journey is not corrected",
            super::sections::signed(bounds.at_least),
            super::sections::signed(bounds.at_most)
        ),
    };
    // 1 ms is negligible for conclusions about a shop.
    const MATTERS: i64 = 1_000_000;
    let moved = clock.drift_seconds.and_then(|drift| {
        let forward = drift.at_least.filter(|least| *least > MATTERS);
        forward.or(drift.at_most.filter(|most| *most < -MATTERS))
    });
    if moved.is_some() {
        let moved = super::sections::signed(moved);
        let link = if text.is_empty() { name } else { "; it" };
        text += &format!("{link} moved by at least {moved} between the first and the last rows");
        text += " (chronyc tracking)";
    }
    (!text.is_empty()).then_some(text)
}

fn zone(hours: f64) -> String {
    let quarters = (hours.abs() * 4.0).round() as u64;
    let sign = if hours < 0.0 { '-' } else { '+' };
    format!("{sign}{}:{:02} h", quarters / 4, quarters % 4 * 15)
}

/// Whether this machine's clock is synchronized, where that may be the cause.
fn own_clock(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    let clocks = [&summary.server_clock, &summary.rest_clock];
    let is_doubtful = clocks.iter().any(|clock| {
        matches!(
            clock.finding,
            ClockFinding::Differs | ClockFinding::Contradictory
        )
    });
    let has_times = clocks.iter().any(|clock| clock.rows > 0);
    let is_unkept = summary.instrument.clock_synchronised == Some(false);
    if is_unkept && has_times && (summary.instrument.is_remote || is_doubtful) {
        let text = ": this machine's clock is not synchronized by a time service: start one, such as chrony";
        return marked(out, WARNING, "WARNING", text);
    }
    Ok(())
}

#[cfg(test)]
#[path = "head_tests.rs"]
mod tests;
