//! A page stays small, whatever the runs are: at most 1 MB.

use std::fs;
use std::path::Path;

use tempfile::tempdir;

use crate::support::client;

const MOST: usize = 1_000_000;

fn page_of(rows: &Path) -> String {
    let page = rows.with_extension("html");
    let paths = [rows, &page].map(|path| path.display().to_string());
    client(["report", &paths[0], "-o", &paths[1]]).ok();
    fs::read_to_string(page).expect("a page")
}

#[test]
fn several_sweeps_fit_into_a_page() {
    let dir = tempdir().expect("a directory");
    let rows = dir.path().join("r.csv");
    let path = rows.display().to_string();
    let levels = "1,2,3,4,5,6,7,8,10,12,14,16";
    for title in ["1st", "2nd", "3rd", "4th", "5th", "6th"] {
        let load = [
            "-c",
            levels,
            "--rounds",
            "3",
            "--repeat",
            "12",
            "--warm-up",
            "3",
        ];
        let run = ["demo", "-q", "--phases", "-a", title, "-o", &path];
        client(run.iter().chain(&load)).ok();
    }
    let page = page_of(&rows);
    assert!(page.len() <= MOST, "{} bytes", page.len());
    // All runs are listed; the latest ones have charts.
    for number in 1..=6 {
        assert!(page.contains(&format!("Run {number}, ")), "{number}");
    }
    assert!(page.contains("id=\"run-6\"") && page.contains("id=\"run-5\""));
    assert!(!page.contains("id=\"run-1\"") || page.matches("<svg ").count() > 60);
}

#[test]
fn a_sweep_of_hundreds_of_parts_fits_into_a_page() {
    let dir = tempdir().expect("a directory");
    let rows = dir.path().join("r.csv");
    let path = rows.display().to_string();
    let levels: Vec<String> = (1..=250).map(|level: u32| level.to_string()).collect();
    let run = ["demo", "-q", "-o", &path, "--rounds", "2", "-c"];
    client(run.iter().chain(&[&*levels.join(",")])).ok();
    let page = page_of(&rows);
    assert!(page.len() <= MOST, "{} bytes", page.len());
    // Every round is a dot, in three charts of which one has two for each.
    assert!(page.matches("class=\"dot round\"").count() >= 500);
    assert!(
        page.contains("class=\"part odd\""),
        "no part on the time axis"
    );
}
