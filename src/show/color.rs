//! Whether output is coloured.

use anstream::AutoStream;
use anstream::stream::RawStream;

use crate::settings::ColorChoice;

/// The choice of `--color` for output to that stream: always, or never.
pub fn choice(color: ColorChoice, stream: &impl RawStream) -> anstream::ColorChoice {
    match color {
        ColorChoice::Auto => AutoStream::choice(stream),
        ColorChoice::Always => anstream::ColorChoice::Always,
        ColorChoice::Never => anstream::ColorChoice::Never,
    }
}
