//! Proof of the verdicts: what runs said of their own figures, and whether those were in fact right.
//!
//! `cargo bench --bench verdicts [-- [RUNS] [PART…]]`; RUNS is how often each cell is run (10), PART picks
//! cells by a part of their title. The figures are printed, nothing is judged by the exit code. tcpdump
//! captures the loopback (it mostly needs root for that).
//!
//! Each cell is run on the machine as it is, and beside a busy loop on each CPU. The truth of a request is in
//! the capture: from its SYN to the last data of the response, without the time that this program let pass
//! between the SYN-ACK and the request. A latency was right if the median and the largest percentile up to
//! p99 that the number of values supports are within 5 % or 100 µs of that. The pace was right if the launch
//! on the wire, from the first SYN to that percentile of them, took no longer than the median from the first
//! SYN to the end of a home page, or at most 1 ms; and if the purchases began at most 10 % of a mean response
//! or 1 ms after the ends of the home pages.
//!
//! A false alarm is a figure that was right and not trusted; a miss is one that was wrong and trusted.

#[path = "../accuracy/capture.rs"]
mod capture;
mod load;
#[path = "../accuracy/pcap.rs"]
mod pcap;
#[allow(dead_code)]
#[path = "../accuracy/records.rs"]
mod records;
mod run;
mod server;
mod table;
#[allow(dead_code)]
#[path = "../accuracy/truth.rs"]
mod truth;

use std::path::Path;
use std::process::ExitCode;

use profilerclient::sys::limits;

use load::BusyLoops;
use run::{Outcome, run};
use server::Server;
use table::Totals;

/// How often each cell is run.
const RUNS: usize = 10;

/// A server and the shoppers at it.
struct Cell {
    title: &'static str,
    server: &'static [&'static str],
    is_django: bool,
    shoppers: &'static [u32],
}

const CELLS: [Cell; 4] = [
    Cell {
        title: "demo",
        server: &[],
        is_django: false,
        shoppers: &[1, 50, 1000],
    },
    Cell {
        title: "shop of 5 ms",
        server: &["--service-time", "5ms"],
        is_django: false,
        shoppers: &[10, 100, 1000],
    },
    Cell {
        title: "shop of 50 ms",
        server: &["--service-time", "50ms"],
        is_django: false,
        shoppers: &[10, 100, 1000],
    },
    Cell {
        title: "Django, gunicorn",
        server: &["--server", "gunicorn-gthread"],
        is_django: true,
        shoppers: &[1, 10, 50],
    },
];

fn main() -> ExitCode {
    match measure() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn measure() -> Result<(), String> {
    let given: Vec<String> = std::env::args()
        .skip(1)
        // cargo bench adds one.
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    let runs = given.iter().find_map(|of| of.parse().ok()).unwrap_or(RUNS);
    let parts: Vec<&String> = (given.iter())
        .filter(|of| of.parse::<usize>().is_err())
        .collect();
    limits::raise_open_files().map_err(|error| error.to_string())?;
    let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
    let mut totals = Totals::default();
    table::heading();
    for cell in &CELLS {
        if !parts.is_empty() && !parts.iter().any(|part| cell.title.contains(*part)) {
            continue;
        }
        // One that cannot be measured leaves the others.
        if let Err(why) = measure_cell(cell, runs, directory.path(), &mut totals) {
            println!("{}: SKIPPED: {why}", cell.title);
        }
    }
    table::totals(&totals);
    Ok(())
}

fn measure_cell(
    cell: &Cell,
    runs: usize,
    directory: &Path,
    totals: &mut Totals,
) -> Result<(), String> {
    let server = Server::start(cell.server, cell.is_django)?;
    for &shoppers in cell.shoppers {
        for is_busy in [false, true] {
            let outcomes = repeat(&server, shoppers, is_busy, runs, directory);
            let title = format!("{} -c {shoppers}", cell.title);
            table::cell(&title, is_busy, &outcomes);
            totals.add(is_busy, &outcomes);
        }
    }
    Ok(())
}

/// The runs that could be concluded from; of the others it is said why they could not.
fn repeat(
    server: &Server,
    shoppers: u32,
    is_busy: bool,
    runs: usize,
    directory: &Path,
) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for _ in 0..runs {
        let loops = is_busy.then(BusyLoops::start);
        let outcome = run(server, shoppers, directory);
        drop(loops);
        match outcome {
            Ok(outcome) => outcomes.push(outcome),
            Err(why) => println!("  a run is left out: {why}"),
        }
    }
    outcomes
}
