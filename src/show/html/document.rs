//! The whole document.

use maud::{DOCTYPE, Markup, PreEscaped, html};

use crate::comparison::Comparison;
use crate::page::{Page, RunPage};
use crate::show::text;
use crate::text::shortened;

use super::trust::Doubts;
use super::words::{capital, clean, moment};
use super::{client, comparison, csp, curves, head, server, sweeps, time, told, went};

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// Characters of a title in headings.
const TITLE: usize = 120;

/// Characters of the names of files.
const SOURCES: usize = 300;

/// The document.
pub(super) fn document(page: &Page) -> Markup {
    let title = match page.runs.as_slice() {
        [run] if !run.summary.title.is_empty() => clean(&shortened(&run.summary.title, TITLE)),
        [run] => capital(&text::what_and_where(&run.summary)),
        _ => "profilerclient report".to_owned(),
    };
    let sources = shortened(&clean(&page.sources.join(", ")), SOURCES);
    let note = html! { "profilerclient " (clean(&page.version)) ", from " bdi { (sources) } };
    framed(
        &title,
        &page.version,
        &note,
        &html! {
            (warnings(page))
            @if page.runs.is_empty() { p class="result bad" { "The report has only a header: nothing to show." } }
            @if page.runs.len() > 1 { (overview(page)) }
            @for run in &page.runs { (section(run, page.runs.len() > 1)) }
        },
    )
}

/// The document of a comparison by itself.
pub(super) fn of_comparison(of: &Comparison) -> Markup {
    let version = env!("CARGO_PKG_VERSION");
    let note = html! { "profilerclient " (version) };
    let content =
        html! { section { h2 { "Result" } h3 { "Comparison" } (comparison::section(of)) } };
    framed("profilerclient comparison", version, &note, &content)
}

/// A document with its head, a title and a note below it.
fn framed(title: &str, version: &str, note: &Markup, content: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(csp::policy(STYLE, SCRIPT));
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                meta name="generator" content=(format!("profilerclient {}", clean(version)));
                title { (title) }
                link rel="icon" href="data:,";
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { bdi { (title) } }
                    p class="note" { (note) }
                    p class="note on-paper" {
                        "Tables under charts are printed where they are open: on the screen each can be opened."
                    }
                }
                main { (content) }
                script { (PreEscaped(SCRIPT)) }
            }
        }
    }
}

fn warnings(page: &Page) -> Markup {
    html! {
        @if !page.warnings.is_empty() {
            ul class="warning" { @for warning in &page.warnings { li { (clean(warning)) } } }
        }
    }
}

/// The list of the runs, and their percentile curves in one chart.
fn overview(page: &Page) -> Markup {
    html! {
        section {
            h2 { "Runs" }
            ul class="runs" { @for run in &page.runs {
                @let summary = &run.summary;
                li {
                    @if run.charts.is_some() {
                        a href=(format!("#run-{}", run.number)) { bdi { (name(run)) } }
                    } @else { strong { bdi { (name(run)) } } }
                    ": " (text::first_line(summary))
                    @if let Some(key) = run.charts.as_ref().and_then(|of| told::headlines(of).into_iter().next()) {
                        br; (key)
                    }
                    br;
                    span class="note" { (moment(&summary.started_time)) ", " (text::what_and_where(summary)) }
                }
            } }
            div class="charts" {
                @for step in [0, 1] {
                    @if let Some(chart) = curves::comparison(&page.runs, step) { (chart) }
                }
            }
            @if page.runs.iter().any(|run| run.charts.is_none()) {
                p class="note" {
                    "Runs without a link have no charts on this page: select one with --run, --title, --level \
                     or --since."
                }
            }
        }
    }
}

fn name(run: &RunPage) -> String {
    let number = run.number;
    match run.summary.title.as_str() {
        "" => format!("Run {number}"),
        title => format!("Run {number}, {}", clean(&shortened(title, TITLE))),
    }
}

/// A part of a run's section: the end of its id, its heading, what is in it.
type Part = (&'static str, &'static str, Markup);

fn section(run: &RunPage, is_numbered: bool) -> Markup {
    let number = run.number;
    let doubts = Doubts::of(run);
    let Some(charts) = &run.charts else {
        return html! {
            @if !is_numbered { section { h2 { "Result" } (head::verdict(run, &doubts)) } }
        };
    };
    let mut parts: Vec<Part> = vec![
        ("time", "Latency over time", time::section(run, &doubts)),
        (
            "percentiles",
            "Percentiles",
            curves::section(charts, &doubts),
        ),
        (
            "went",
            "Where the time went",
            went::section(charts, &doubts),
        ),
    ];
    if let Some(sweep) = &charts.sweep {
        parts.push(("sweep", "Sweep", sweeps::section(sweep, &doubts)));
    }
    if let Some(of) = &run.summary.comparison {
        parts.insert(0, ("comparison", "Comparison", comparison::section(of)));
    }
    parts.push(("server", "Server", server::section(run, &doubts)));
    parts.push(("client", "Client", client::section(run, &doubts)));
    let errors = client::errors(&run.summary);
    parts.extend(errors.map(|errors| ("errors", "Errors", errors)));
    let id = |part: &str| format!("run-{number}-{part}");
    html! {
        section id=(format!("run-{number}")) class="run" {
            h2 { @if is_numbered { bdi { (name(run)) } } @else { "Result" } }
            nav aria-label="Sections of this run" { ul {
                @for (part, heading, _) in &parts { li { a href=(format!("#{}", id(part))) { (heading) } } }
            } }
            (head::verdict(run, &doubts))
            @for (part, heading, content) in &parts {
                h3 id=(id(part)) { (heading) }
                (content)
            }
        }
    }
}
