//! The figures that this program is built for, beside those they are compared with.

use super::table::{Figures, Results};
use super::tools::{AB, BARE, BARE_TLS, H2LOAD, OHA, OWN, WRK};
use super::{
    EACH_ITS_OWN, KEPT_64, KEPT_1000, KEPT_10000, TLS_64, TLS_1000, TLS_10000, TLS_EACH_ITS_OWN,
};

/// Prints them; nothing is judged.
pub fn print(results: &Results) {
    println!(
        "\nSide by side, medians\n  {:<70}{:>12}{:>12}{:>8}",
        "", OWN, "the other", "ratio"
    );
    let rate: fn(&Figures) -> f64 = |run| run.per_second;
    let cpu: fn(&Figures) -> f64 = |run| run.cpu_micros;
    let memory: fn(&Figures) -> f64 = |run| run.peak_megabytes;
    let line = |what: &str, cell: &str, other: &str, of: fn(&Figures) -> f64, decimals: usize| {
        let own = results.median(cell, OWN, of);
        let others = results.median(cell, other, of);
        let show = |figure: Option<f64>, decimals: usize| match figure {
            Some(figure) => format!("{figure:.decimals$}"),
            None => "-".to_owned(),
        };
        let ratio = own.zip(others).map(|(own, other)| own / other);
        println!(
            "  {:<70}{:>12}{:>12}{:>8}",
            format!("{cell}: {what}, {other}"),
            show(own, decimals),
            show(others, decimals),
            show(ratio, 2)
        );
    };
    for cell in [KEPT_64, KEPT_1000] {
        line("requests/s", cell, WRK, rate, 0);
    }
    for cell in [KEPT_64, KEPT_1000] {
        for other in [WRK, BARE] {
            line("CPU, µs", cell, other, cpu, 2);
        }
    }
    line("memory, MB", KEPT_10000, WRK, memory, 1);
    for other in [AB, H2LOAD, BARE] {
        line("requests/s", EACH_ITS_OWN, other, rate, 0);
    }
    for cell in [TLS_64, TLS_1000, TLS_10000] {
        for other in [WRK, OHA, BARE_TLS] {
            line("requests/s", cell, other, rate, 0);
        }
        line("CPU, µs", cell, BARE_TLS, cpu, 2);
    }
    line("memory, MB", TLS_10000, WRK, memory, 1);
    for other in [WRK, H2LOAD, AB, BARE_TLS] {
        line("requests/s", TLS_EACH_ITS_OWN, other, rate, 0);
    }
    line("CPU, µs", TLS_EACH_ITS_OWN, BARE_TLS, cpu, 2);
}
