//! The checks of a purchase that is not made.

use std::io::{self, Write};

use super::Check;
use super::output::Report;

/// Why there is none without `--buy`.
pub(super) const NOT_ASKED: &str = "only with --buy, which makes one purchase";

/// The checks that a purchase would be for.
pub(super) fn skip_purchase<W: Write>(why: &str, report: &mut Report<W>) -> io::Result<()> {
    ["purchase", "report", "report clock"]
        .into_iter()
        .try_for_each(|name| report.add(Check::skip(name, why)))
}
