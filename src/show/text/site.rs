//! What an ordinary site said of its own times, and what became of sessions.

use std::io::{self, Write};

use crate::summary::{ServerTimings, Summary};
use crate::text::counted;

use super::layout::{WARNING, foreign, line, marked, ms, plain};

/// The most metrics of a step that are shown; JSON has all.
const MOST_SHOWN: usize = 8;

/// The longest name that is shown, characters.
const LONGEST_NAME: usize = 24;

pub(super) fn write(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    let service = summary
        .server_elapsed_seconds
        .as_ref()
        .map(|of| of.middle());
    let mut label = "Server's own";
    for (step, name, of) in [("home", "home", None), ("buy", "purchase", service)] {
        let metrics = summary
            .server_timings
            .iter()
            .filter(|metric| metric.step == step);
        let shown: Vec<String> = metrics.filter_map(|metric| told(metric, of)).collect();
        if shown.is_empty() {
            continue;
        }
        let mut text = shown[..shown.len().min(MOST_SHOWN)].join(", ");
        if shown.len() > MOST_SHOWN {
            text += &format!(", {} more", shown.len() - MOST_SHOWN);
        }
        line(out, label, format_args!("{name}: {text} (medians)"))?;
        label = "";
    }
    warnings(summary, out)
}

/// A metric: `db 41.0 ms of 60.0`, `db 7 queries`.
fn told(metric: &ServerTimings, service: Option<i64>) -> Option<String> {
    let name = foreign(&metric.name, LONGEST_NAME);
    let median = metric.p50?;
    if metric.unit != "seconds" {
        let unit = foreign(&metric.unit, LONGEST_NAME);
        return Some(format!("{name} {} {unit}", plain(median)));
    }
    let shown = |nanos| ms(Some(nanos), 1);
    let nanos = (median * 1e9).round() as i64;
    let whole = service.filter(|service| *service > nanos);
    Some(match whole {
        Some(service) => format!("{name} {} ms of {}", shown(nanos), shown(service)),
        None => format!("{name} {} ms", shown(nanos)),
    })
}

fn warnings(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    let mut warn = |text: String| marked(out, WARNING, "WARNING", &text);
    if summary.cookies_dropped > 0 {
        warn(format!(
            ": {} not kept: not valid, of another domain, over 4 KiB, or beyond 50 or 16 KiB of a shopper",
            counted(summary.cookies_dropped, "cookie was", "cookies were")
        ))?;
    }
    if let Some(withheld) = &summary.cookies_withheld {
        warn(format!(
            ": {} not sent back, since the target is plain http: sessions are lost; {}",
            counted(withheld.count, "Secure cookie was", "Secure cookies were"),
            withheld.hint
        ))?;
    }
    if let Some(missing) = &summary.server_times_missing {
        warn(format!(
            ": {} no service time in Server-Timing or --server-header; {}",
            counted(missing.count, "purchase has", "purchases have"),
            missing.hint
        ))?;
    }
    if summary.server_timings_cut > 0 {
        warn(format!(
            ": {} cut after 4 KiB",
            counted(
                summary.server_timings_cut,
                "Server-Timing field was",
                "Server-Timing fields were"
            )
        ))?;
    }
    if summary.server_timings_left_out > 0 {
        warn(format!(
            ": {} left out: the server sent more than 64 different metrics",
            counted(
                summary.server_timings_left_out,
                "value of Server-Timing was",
                "values of Server-Timing were"
            )
        ))?;
    }
    if summary.form_pages_failed > 0 {
        warn(format!(
            ": {} (--csrf-page)",
            counted(
                summary.form_pages_failed,
                "page of the form failed",
                "pages of the form failed"
            )
        ))?;
    }
    Ok(())
}

#[cfg(test)]
#[path = "site_tests.rs"]
mod tests;
