//! The shards of a merged run.

use std::io::{self, Write};

use crate::rows::shards::{ShardStarts, Shards};
use crate::summary::Summary;

use super::layout::{WARNING, line, marked, span};

/// `PARTIAL: 3 of 4 shards - `, before the result of a run of which shards are missing.
pub(super) fn prefix(summary: &Summary) -> String {
    let missing = summary.shards.as_ref().and_then(Shards::missing);
    missing.map_or_else(String::new, |missing| format!("PARTIAL: {missing} - "))
}

/// The warnings about their clocks.
pub(super) fn warnings(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    for warning in summary.shards.iter().flat_map(|of| &of.clocks.warnings) {
        marked(out, WARNING, "WARNING", &format!(": {warning}"))?;
    }
    Ok(())
}

/// How many there are, how far apart they started, and how far their clocks may differ.
pub(super) fn write(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    let Some(of) = &summary.shards else {
        return Ok(());
    };
    let mut parts = vec![format!("{} of {}", of.merged, of.count)];
    if let Some(latest) = of.starts.latest {
        parts.push(format!(
            "the last one began {} after the instant",
            span(latest)
        ));
    }
    parts.extend(apart(&of.starts));
    if let (Some(low), Some(high)) = (of.clocks.at_least, of.clocks.at_most) {
        parts.push(match low {
            0 => format!("clocks within {} of one another", span(high)),
            low => format!("clocks {} to {} apart", span(low), span(high)),
        });
    }
    line(out, "Shards", parts.join(", "))
}

fn apart(of: &ShardStarts) -> Option<String> {
    let what = match of.of_burst {
        true => "starts spread over",
        false => "first starts spread over",
    };
    let spread = span(of.spread?);
    Some(match (of.at_least, of.at_most) {
        (Some(low), Some(high)) => {
            format!("{what} {spread} ({} to {})", span(low), span(high))
        }
        _ => format!("{what} {spread} (by clocks that nothing compares)"),
    })
}

#[cfg(test)]
#[path = "shards_tests.rs"]
mod tests;
