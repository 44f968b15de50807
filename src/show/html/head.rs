//! The first section of a run: what was run, with which result, and what the figures may be trusted for.

use maud::{Markup, html};

use crate::page::RunPage;
use crate::show::text;
use crate::summary::{RunEnding, Summary, ThresholdState};

use super::figure::Table;
use super::latencies::{latencies, levels};
use super::told;
use super::trust::{self, Doubts};
use super::went;
use super::words::{capital, clean, count, moment, short, span};

/// The verdict of a run.
pub(super) fn verdict(run: &RunPage, doubts: &Doubts) -> Markup {
    let summary = &run.summary;
    let is_bad = summary.bought == 0 || summary.ending == Some(RunEnding::Failed);
    let is_doubtful = summary.instrument.trusted == Some(false)
        || summary.failed_purchases > 0
        || run.is_incomplete;
    let class = match (is_bad, is_doubtful) {
        (true, _) => "result bad",
        (false, true) => "result doubtful",
        (false, false) => "result good",
    };
    html! {
        p class=(class) { (text::first_line(summary)) }
        p { (capital(&text::what_and_where(summary))) "." br; span class="note" { (when(summary)) } }
        @for sentence in run.charts.iter().flat_map(told::headlines) { p class="key" { (sentence) } }
        (trust::section(run))
        (thresholds(summary))
        @match levels(summary) {
            Some(table) => (table.markup()),
            None => div class="charts" {
                @if let Some(table) = latencies(summary) { div { (table.markup()) } }
                @if let Some(charts) = &run.charts { (went::visits(charts, &doubts.latency)) }
            },
        }
        details { summary { "About this run" } (facts(summary).markup()) }
    }
}

/// When and on which machine it ran.
fn when(summary: &Summary) -> String {
    let mut words = Vec::new();
    if !summary.started_time.is_empty() {
        words.push(format!("started {}", moment(&summary.started_time)));
    }
    words.push(format!("took {}", span(summary.wall_nanos as f64 / 1e9)));
    let host = summary
        .machine
        .as_ref()
        .and_then(|of| of.host_name.as_deref());
    words.extend(host.map(|host| format!("client on {}", clean(host))));
    let signal = summary.interrupted.as_deref();
    words.extend(signal.map(|signal| format!("interrupted by {}", clean(signal))));
    capital(&words.join(", "))
}

fn thresholds(summary: &Summary) -> Markup {
    html! {
        @if !summary.thresholds.is_empty() { ul class="thresholds" {
            @for of in &summary.thresholds { li {
                code { (clean(&of.threshold)) } ": "
                @match of.state {
                    ThresholdState::Met => "met, the run fails",
                    ThresholdState::NotMet => "not met",
                    ThresholdState::CannotBeEvaluated => "cannot be evaluated, the run fails",
                }
                @if let Some(reason) = &of.reason { " (" (clean(reason)) ")" }
            } }
        } }
    }
}

fn facts(summary: &Summary) -> Table {
    let mut table = Table::of_texts("About this run", &["what", "value"]);
    let mut put = |name: &str, value: Option<String>| {
        let value = value.filter(|value| !value.is_empty());
        table
            .rows
            .extend(value.map(|value| vec![name.to_owned(), value]));
    };
    put("title", Some(summary.title.clone()));
    put("note", Some(summary.note.clone()));
    put("started", Some(summary.started_time.clone()));
    put("took", Some(span(summary.wall_nanos as f64 / 1e9)));
    put("target", summary.target.clone());
    put("app", summary.app.clone());
    put(
        "rows",
        Some(format!(
            "{} in {}",
            count(summary.rows_written),
            summary.report_file
        )),
    );
    put("run", summary.run.clone());
    put(
        "ended",
        summary.ending.map(|ending| ending.name().to_owned()),
    );
    put("interrupted by", summary.interrupted.clone());
    put("seed", summary.seed.clone());
    put("program", Some(summary.version.clone()));
    let rate = summary.purchases_per_second;
    put("purchases per second", rate.map(short));
    put("most in flight", Some(count(summary.load.most_in_flight)));
    let codes = |codes: &std::collections::BTreeMap<i32, u64>| {
        let each = codes
            .iter()
            .map(|(code, n)| format!("{code} x {}", count(*n)));
        each.collect::<Vec<_>>().join(", ")
    };
    put("home statuses", Some(codes(&summary.home_http_codes)));
    put("purchase statuses", Some(codes(&summary.buy_http_codes)));
    if let Some(machine) = &summary.machine {
        put("client", machine.host_name.clone());
        put("kernel", machine.kernel.clone());
        put("CPU", machine.cpu_model.clone());
        put("CPUs", machine.cpus.map(count));
        put("virtualization", machine.virtualization.clone());
    }
    table
}
