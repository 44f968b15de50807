//! Long runs: rows leave the program while it runs, and it does not grow.

use std::fs::{self, File};
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::Instant;

use profilerclient::rows::read::read_rows;
use serde_json::Value;
use tempfile::tempdir;

use crate::load_support::*;
use crate::support::*;

/// A run that would go on for long.
const LONG: &str = "-c 8 --duration 60s --keep-alive";

#[track_caller]
fn start(url: &str, file: &str) -> Child {
    command(words(url, file, LONG))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts")
}

fn length(file: &Path) -> u64 {
    fs::metadata(file).map_or(0, |metadata| metadata.len())
}

#[test]
fn a_killed_run_leaves_whole_rows_and_the_next_run_appends() {
    let shop = Shop::start(&[]);
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let child = start(&shop.url, file.to_str().expect("UTF-8"));
    wait_until("rows", || length(&file) > 200_000);
    // A kill can cut a write in two, between two pages; no program can help that. One that is stopped
    // is between two system calls.
    stop(child.id());
    signal(child.id(), libc::SIGKILL);
    assert_eq!(
        wait(child).code(),
        Some(137),
        "it had no time to say anything"
    );

    let left = rows(&file).len();
    assert!(left > 100, "{left}");
    let parsed: Vec<_> = read_rows(File::open(&file).expect("the report"))
        .expect("a header")
        .map(|row| row.expect("a whole row"))
        .collect();
    assert_eq!(parsed.len(), left);
    for row in &parsed {
        assert!(row.row.buy.satisfied(), "{row:?}");
        assert_eq!(row.concurrent_requests, Some(8));
    }
    let sold = shop.stat("purchases");
    assert!(sold >= left as u64, "{sold} {left}");

    client(flags(&shop.url, 3, &file)).ok();
    assert_eq!(rows(&file).len(), left + 3);
}

#[test]
fn standard_output_has_rows_before_the_run_is_over() {
    let shop = Shop::start(&[]);
    let begun = Instant::now();
    let mut child = start(&shop.url, "-");
    let mut pipe = BufReader::new(child.stdout.take().expect("piped"));
    let mut text = String::new();
    for _ in ["the header", "a row"] {
        pipe.read_line(&mut text).expect("a pipe can be read");
    }
    assert_eq!(rows_of(&text).len(), 1);
    // A program that kept all rows to itself would have written none before the minute was over.
    assert!(begun.elapsed() < PATIENCE / 2, "{:?}", begun.elapsed());
    assert!(child.try_wait().expect("a child").is_none(), "it goes on");
    signal(child.id(), libc::SIGINT);
    pipe.read_to_string(&mut text).expect("the rest");
    let finished = wait(child);
    assert_eq!(finished.code(), Some(130), "{finished:#?}");
    let rows = rows_of(&text);
    assert!(rows.len() > 1);
    let added = format!("standard output (+{})", rows.len());
    assert!(finished.stderr.contains(&added), "{finished:#?}");
}

#[test]
fn a_reader_that_pauses_does_not_stop_the_load() {
    let shop = Shop::start(&[]);
    let mut child = command(words(&shop.url, "-", "-c 8 --duration 2s --keep-alive"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // The load is over and its last rows wait, far more than a pipe has room for.
    let mut stderr = BufReader::new(child.stderr.take().expect("piped"));
    let mut line = String::new();
    stderr.read_line(&mut line).expect("it says that it waits");
    assert!(
        line.starts_with("waiting for the reader of the rows"),
        "{line}"
    );
    let sold = shop.stat("purchases");
    let mut text = String::new();
    let mut stdout = child.stdout.take().expect("piped");
    stdout.read_to_string(&mut text).expect("rows");
    assert_eq!(rows_of(&text).len() as u64, sold);
    assert!(sold > 1_000, "{sold}");
    assert_eq!(
        shop.stat("purchases"),
        sold,
        "nothing was bought after the wait"
    );
    wait(child).ok();
}

#[test]
fn a_reader_that_pauses_does_not_stop_an_interrupt() {
    let shop = Shop::start(&[]);
    for load in [LONG, "-c 8 --duration 1s --keep-alive"] {
        let mut child = command(words(&shop.url, "-", load))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut stdout = child.stdout.take().expect("piped");
        let mut stderr = BufReader::new(child.stderr.take().expect("piped"));
        if load == LONG {
            let before = shop.stat("purchases");
            wait_until("purchases", || shop.stat("purchases") > before + 2_000);
        } else {
            let mut line = String::new();
            stderr.read_line(&mut line).expect("it says that it waits");
        }
        let begun = Instant::now();
        signal(child.id(), libc::SIGINT);
        let finished = wait(child);
        assert!(begun.elapsed() < PATIENCE / 4, "{:?}", begun.elapsed());
        assert_eq!(finished.code(), Some(1), "{finished:#?}");
        let mut text = String::new();
        stdout.read_to_string(&mut text).expect("what a pipe holds");
        let mut said = String::new();
        stderr.read_to_string(&mut said).expect("an error");
        let whole = text.matches("\r\n").count() - 1;
        let told = format!("{whole} rows of this run were written, ");
        assert!(said.contains(&told), "{told:?} is not in {said}");
    }
}

#[test]
fn memory_does_not_grow_with_the_length_of_a_run() {
    let shop = Shop::start(&[]);
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    // Samples are exact up to 16,384 values each, some megabytes for all of them; a row that is kept is
    // half a kilobyte.
    let [short, long] = ["2s", "8s"].map(|duration| {
        let load = format!("-c 32 --keep-alive --json --duration {duration}");
        let run = client(words(&shop.url, file.to_str().expect("UTF-8"), &load)).ok();
        let json: Value = serde_json::from_str(&run.stdout).expect("one JSON object");
        let peak = json["client"]["peak_memory_bytes"].as_f64();
        (json["bought"].as_u64(), peak.expect("a number"))
    });
    assert!(long.0 > short.0, "{long:?} {short:?}");
    let more = long.1 - short.1;
    assert!(more < 10e6, "{long:?} {short:?}");
}

#[test]
fn the_reported_memory_is_that_of_the_program() {
    let shop = Shop::start(&[]);
    // Until it executes the program, a new process has the memory of the one that made it.
    let large = vec![1u8; 200 << 20];
    let told = run(&shop.url, "-c 1").seconds("/client/peak_memory_bytes");
    assert!(told < large.len() as f64 / 2.0, "{told}");
    assert!(told > 1e6, "{told}");
}
