//! Renders the finished figures of a page as one self-contained HTML file: style and script are in it,
//! charts are SVG, and a strict Content-Security-Policy forbids everything else. It computes no figure.

mod client;
mod comparison;
mod comparison_charts;
mod csp;
mod curves;
mod document;
mod figure;
mod head;
mod heatmap;
mod latencies;
mod plot;
mod scale;
mod server;
mod sweeps;
mod time;
mod time_axis;
mod told;
mod trust;
mod went;
mod words;

use std::io::{self, Write};

use crate::comparison::Comparison;
use crate::page::Page;

/// Writes the page of a comparison by itself.
pub fn write_comparison(comparison: &Comparison, out: &mut impl Write) -> io::Result<()> {
    let document = document::of_comparison(comparison).into_string();
    out.write_all(document.as_bytes())?;
    out.write_all(b"\n")
}

/// Writes the page.
pub fn write(page: &Page, out: &mut impl Write) -> io::Result<()> {
    let document = document::document(page).into_string();
    out.write_all(document.as_bytes())?;
    out.write_all(b"\n")
}

#[cfg(test)]
#[path = "html_tests.rs"]
mod tests;
