//! Whether output is coloured.

use crate::settings::ColorChoice;

/// The choice of `--color` as the stream that takes colours out knows it.
pub fn choice(color: ColorChoice) -> anstream::ColorChoice {
    match color {
        ColorChoice::Auto => anstream::ColorChoice::Auto,
        ColorChoice::Always => anstream::ColorChoice::Always,
        ColorChoice::Never => anstream::ColorChoice::Never,
    }
}
