//! The figures of each variant, one section for each.

use std::io::{self, Write};

use crate::summary::{Summary, VariantSummary};
use crate::text::{Printable, counted};

use super::layout::{foreign, marked, rate};
use super::{Detail, details, latency, levels, sections, time_went};

/// Characters shown of a name.
const MAX_NAME: usize = 60;

const HEADING: anstyle::Style = anstyle::Style::new().bold();

pub(super) fn write(
    variants: &[VariantSummary],
    detail: Detail,
    out: &mut impl Write,
) -> io::Result<()> {
    variants.iter().try_for_each(|variant| {
        writeln!(out)?;
        let name = format!("Variant \"{}\"", foreign(&variant.name, MAX_NAME));
        marked(out, HEADING, &name, &result(variant))?;
        of(&variant.of, detail, out)
    })
}

fn of(summary: &Summary, detail: Detail, out: &mut impl Write) -> io::Result<()> {
    match &summary.levels {
        Some(levels) => levels::write(summary, levels, out)?,
        None => latency::write(summary, out)?,
    }
    if summary.launched + summary.dropped > 0 {
        writeln!(out)?;
    }
    time_went::write(summary, out)?;
    sections::of_server(summary, out)?;
    match detail {
        Detail::Full => details::parts(summary, out),
        Detail::Brief => Ok(()),
    }
}

/// The result of a variant, as it goes on after its name.
fn result(of: &VariantSummary) -> String {
    let at = of
        .target
        .as_deref()
        .map_or(String::new(), |target| format!(" at {}", Printable(target)));
    if of.parts == 0 {
        return format!("{at}: not run");
    }
    let due = of.launched + of.dropped;
    let rate = (of.purchases_per_second).map_or(String::new(), |of| format!(", {}/s", rate(of)));
    let trust = match of.trusted {
        Some(false) => " - NOT TRUSTED",
        _ => "",
    };
    format!(
        "{at}: {} of {due} purchases in {}, {} failed{rate}{trust}",
        of.bought,
        counted(of.parts, "part", "parts"),
        of.failed_purchases
    )
}

#[cfg(test)]
#[path = "variants_tests.rs"]
mod tests;
