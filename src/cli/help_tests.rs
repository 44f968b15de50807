//! Tests of help.

use super::RUN;
use crate::cli::{calibrate, check, shop};

/// The long options that a help text explains or lists.
fn options(help: &str) -> Vec<&str> {
    let is_name = |c: char| c.is_ascii_lowercase() || c == '-';
    help.split(|c: char| !is_name(c))
        .filter(|word| word.len() > 2 && word.starts_with("--"))
        .collect()
}

#[test]
fn lines_fit_a_hundred_columns() {
    for help in [RUN, calibrate::HELP, check::HELP, shop::HELP] {
        for line in help.lines() {
            assert!(line.chars().count() <= 100, "{line}");
        }
    }
}

#[test]
fn every_flag_of_the_load_is_explained() {
    for option in [
        "-c, --concurrent",
        "--repeat",
        "--duration",
        "--think-time",
        "--ramp-up",
        "--rate",
        "--stages",
        "--arrivals",
        "--count",
        "--max-in-flight",
        "--warm-up",
        "--rounds",
        "--pause",
    ] {
        let begins = |line: &str| line.trim_start().starts_with(option);
        assert!(RUN.lines().any(begins), "{option}");
    }
}

#[test]
fn a_check_names_every_option_of_a_run() {
    let of_check = options(check::HELP);
    for option in options(RUN) {
        assert!(
            of_check.contains(&option) || option == "--version",
            "{option} is not in the help of check"
        );
    }
}
