//! The shards of a merged run.

use std::io::{self, Write};

use crate::rows::shards::{ShardStarts, Shards};
use crate::summary::{Interval, Summary};
use crate::text::{Printable, counted};

use super::layout::{WARNING, line, marked, span};
use super::sections::{interval, signed};

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

/// The most shards that are listed one by one.
const MOST_LISTED: usize = 100;

/// Each shard: where it ran, its rows, its start, and the shop's clock as it saw it.
pub(super) fn details(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    let each = summary.shards.iter().flat_map(|of| &of.each);
    for shard in each.take(MOST_LISTED) {
        let mut parts = vec![match (shard.merged, &shard.problem) {
            (true, _) => counted(shard.rows, "row", "rows"),
            (false, Some(problem)) => format!("MISSING: {problem}"),
            (false, None) => "MISSING".to_owned(),
        }];
        parts.extend(shard.host_name.as_ref().map(|host| format!("on {host}")));
        parts.extend(
            (shard.start_delay)
                .map(|delay| format!("began {} after the instant", signed(Some(delay)))),
        );
        let bounds = Interval {
            at_least: shard.shop_clock_at_least,
            at_most: shard.shop_clock_at_most,
        };
        if bounds.at_least.is_some() || bounds.at_most.is_some() {
            parts.push(format!(
                "the shop's clock {} ahead of its own",
                interval(bounds)
            ));
        }
        let label = format!("Shard {}", shard.index);
        line(out, &label, Printable(&parts.join(", ")))?;
    }
    Ok(())
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
