//! What the figures of a run may be trusted for, and the marks on charts that are spoiled.

use maud::{Markup, html};

use crate::page::RunPage;
use crate::summary::{FigureVerdict, ReasonGiven, Trust};

use super::words::{clean, count, percent};

/// The most reasons that are listed for one kind of figures.
const MOST_REASONS: usize = 5;

/// The marks of a run's charts, by what they show; empty where nothing is spoiled.
#[derive(Debug, Default)]
pub(super) struct Doubts {
    /// Latencies of home pages.
    pub home: String,
    /// Latencies of purchases.
    pub purchase: String,
    /// Latencies of both.
    pub latency: String,
    /// Rate and density of the requests.
    pub pace: String,
    /// Everything that rows tell: some are missing.
    pub rows: String,
}

impl Doubts {
    pub fn of(run: &RunPage) -> Doubts {
        let verdict = &run.summary.verdict;
        let rows = match run.is_incomplete {
            true => "rows of this run are missing",
            false => "",
        };
        let mark = |limited: &[(&str, bool)]| {
            let names: Vec<&str> = (limited.iter().filter(|(_, is)| *is))
                .map(|(name, _)| *name)
                .collect();
            let limited = match names.is_empty() {
                true => String::new(),
                false => format!("NOT TRUSTED: {} client-limited", names.join(" and ")),
            };
            let words = [limited.as_str(), rows];
            let words: Vec<&str> = words.into_iter().filter(|word| !word.is_empty()).collect();
            words.join("; ")
        };
        let [home, purchase, pace] = [
            ("home latencies", verdict.home.is_limited()),
            ("purchase latencies", verdict.purchase.is_limited()),
            ("pace", verdict.pace.is_limited()),
        ];
        Doubts {
            latency: match home.1 && purchase.1 {
                true => mark(&[("latencies", true)]),
                false => mark(&[home, purchase]),
            },
            home: mark(&[home]),
            purchase: mark(&[purchase]),
            pace: mark(&[pace]),
            rows: mark(&[]),
        }
    }

    /// Those of the latencies of home pages (0) or purchases (1).
    pub fn step(&self, step: usize) -> &str {
        [&self.home, &self.purchase][step]
    }
}

/// What the figures may be trusted for.
pub(super) fn section(run: &RunPage) -> Markup {
    let summary = &run.summary;
    let (own, verdict) = (&summary.instrument, &summary.verdict);
    let kinds = [
        ("home latencies", &verdict.home),
        ("purchase latencies", &verdict.purchase),
        ("pace", &verdict.pace),
    ];
    let trusted: Vec<&str> = (kinds.iter())
        .filter(|(_, of)| of.state == Trust::Trusted)
        .map(|(name, _)| *name)
        .collect();
    let is_judged = kinds.iter().any(|(_, of)| of.state != Trust::NotJudged);
    html! {
        @for (names, of) in limited(&kinds) { (doubted(&names, of)) }
        @if !trusted.is_empty() {
            p class="trust good" {
                "Trusted: " (trusted.join(", ")) ". "
                @if own.responses > 0 {
                    (count(own.kernel_stamped_responses)) " of " (count(own.responses))
                    " responses have kernel timestamps."
                }
            }
        }
        @if !is_judged {
            p class="trust" {
                @if summary.bought == 0 {
                    "Nothing was bought: latencies of failed purchases say little about the server."
                } @else {
                    "Whether the client limited this run is not recorded: these rows have no file of runs \
                     beside them. Latencies are what the client of that time wrote."
                }
            }
        }
        @if run.is_guessed {
            p class="trust" { "The load and the limits of this run are inferred from its rows." }
        }
        @if run.is_incomplete {
            p class="trust bad" { "Rows of this run are missing: see the warnings." }
        }
        @if let Some(charts) = run.charts.as_ref().filter(|charts| charts.timeless > 0) {
            p class="trust" { (count(charts.timeless)) " rows have no instant: they are not in the charts." }
        }
    }
}

/// The figures that cannot be trusted; those with the same reasons together.
fn limited<'a>(
    kinds: &[(&'static str, &'a FigureVerdict)],
) -> Vec<(Vec<&'static str>, &'a FigureVerdict)> {
    let mut found: Vec<(Vec<&'static str>, &FigureVerdict)> = Vec::new();
    for (name, of) in kinds.iter().filter(|(_, of)| of.is_limited()) {
        match found
            .iter_mut()
            .find(|(_, other)| other.reasons == of.reasons)
        {
            Some((names, _)) => names.push(name),
            None => found.push((vec![name], of)),
        }
    }
    found
}

fn doubted(names: &[&str], of: &FigureVerdict) -> Markup {
    let told = |reason: &ReasonGiven| {
        let level = reason.level.map(|level| format!("c={level}: "));
        level.unwrap_or_default() + &clean(&reason.reason)
    };
    let advice = of.advice().map(|advice| clean(&advice));
    let share = [("median", of.own_share.p50), ("p99", of.own_share.p99)];
    let shares: Vec<String> = (share.iter())
        .filter_map(|(name, share)| Some(format!("{} of the {name}", percent((*share)?))))
        .collect();
    html! {
        div class="trust bad" {
            p {
                strong { "NOT TRUSTED: " (names.join(", ")) }
                ", limited by this client" @if !shares.is_empty() { " (its share: " (shares.join(", ")) ")" } "."
            }
            @if !of.reasons.is_empty() {
                ul {
                    @for reason in of.reasons.iter().take(MOST_REASONS) { li { (told(reason)) } }
                    @if of.reasons.len() > MOST_REASONS {
                        li { (of.reasons.len() - MOST_REASONS) " more of these" }
                    }
                }
            }
            @if let Some(advice) = advice { p { "Hint: " (advice) "." } }
        }
    }
}
