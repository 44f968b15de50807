//! Pace: whether the arrivals of an open workload come when the plan has them, as this program says and as
//! the wire has it, with and without `--precise`.
//!
//! `cargo bench --bench pace [-- SECONDS [ROUNDS]]`: each round takes all cells in turn, so that a change on
//! the machine affects none alone. The figures are printed, nothing is judged by the exit code.
//!
//! Each cell is measured in two ways:
//!
//! - the program as a process, without a capture beside it: the launch delay that it reports, and its CPU
//!   time;
//! - the same event loop in this process, beside a capture of loopback by tcpdump (it mostly needs root):
//!   from the instant at which each arrival is due to its SYN. A capture that lacks packets is not
//!   concluded from.
//!
//! `PROGRAM=path` measures another build of the program; with `PLAIN=1` only without `--precise`, which earlier
//! versions do not have.

// Modules of the accuracy bench, of which this one needs less.
#[path = "../accuracy/capture.rs"]
mod capture;
mod own;
#[allow(dead_code)]
#[path = "../accuracy/pcap.rs"]
mod pcap;
mod process;
#[path = "../accuracy/records.rs"]
mod records;
#[allow(dead_code)]
#[path = "../accuracy/truth.rs"]
mod truth;

use std::path::Path;
use std::process::ExitCode;

use profilerclient::shop::process::ShopProcess;
use profilerclient::signals::Signals;
use profilerclient::stats::{Quantile, percentile};
use profilerclient::sys::{limits, stamps};

use own::Paced;
use process::Said;

const BINARY: &str = env!("CARGO_BIN_EXE_profilerclient");

/// Arrivals per second.
const RATES: [u32; 2] = [500, 2000];

const USUAL_SECONDS: u32 = 5;
const USUAL_ROUNDS: usize = 5;

/// One kind of load, and what was measured of it.
struct Cell {
    rate: u32,
    is_precise: bool,
    said: Vec<Said>,
    paced: Vec<Paced>,
}

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let mut numbers = std::env::args().skip(1).filter_map(|arg| arg.parse().ok());
    let seconds: u32 = numbers.next().unwrap_or(USUAL_SECONDS);
    let rounds = numbers
        .next()
        .map_or(USUAL_ROUNDS, |rounds| rounds as usize);
    limits::raise_open_files().map_err(|error| error.to_string())?;
    let _stamping = stamps::switch_on().map_err(|error| format!("no receive stamps: {error}"))?;
    let mut signals = Signals::install().map_err(|error| error.to_string())?;
    let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
    let plain_only = std::env::var_os("PLAIN").is_some();
    let mut cells: Vec<Cell> = Vec::new();
    for rate in RATES {
        for is_precise in [false, true] {
            if !(is_precise && plain_only) {
                cells.push(Cell {
                    rate,
                    is_precise,
                    said: Vec::new(),
                    paced: Vec::new(),
                });
            }
        }
    }
    println!(
        "Open workloads at the built-in shop on this machine: {rounds} rounds in turn, {seconds} s each"
    );
    let mut captures = true;
    for _ in 0..rounds {
        for cell in &mut cells {
            cell.said
                .push(process::run(cell.rate, cell.is_precise, seconds)?);
            if captures {
                match beside_a_capture(cell, seconds, directory.path(), &mut signals) {
                    Ok(paced) => cell.paced.push(paced),
                    Err(why) if why.starts_with("tcpdump") => {
                        eprintln!("SKIPPED: the wire: {why}");
                        captures = false;
                    }
                    Err(why) => eprintln!("left out: {why}"),
                }
            }
            if signals.received().is_some() {
                return Err("interrupted".to_owned());
            }
        }
    }
    for cell in &cells {
        show(cell);
    }
    Ok(())
}

/// A shop of its own each time: its port has no connections from before.
fn beside_a_capture(
    cell: &Cell,
    seconds: u32,
    directory: &Path,
    signals: &mut Signals,
) -> Result<Paced, String> {
    let shop =
        ShopProcess::start_program(BINARY.as_ref(), &[], false).map_err(|e| e.to_string())?;
    let address = shop.address().map_err(|error| error.to_string())?;
    let file = directory.join("capture");
    let capture = capture::Capture::start(&file, "lo", address.port(), false)?;
    let measured = own::run(cell.rate, cell.is_precise, seconds, address, signals);
    let truth = capture.finish()?;
    Ok(measured?.join(&truth))
}

fn show(cell: &Cell) {
    let mode = match cell.is_precise {
        true => " --precise",
        false => "",
    };
    println!("\n--rate {}/s{mode}", cell.rate);
    println!(
        "  {:<38}{:>7}{:>10}{:>10}{:>10}",
        "", "n", "p50, µs", "p99, µs", "max, µs"
    );
    for (name, of) in [("p50", 0), ("p99", 1), ("max", 2)] {
        let mut values: Vec<f64> = cell.said.iter().map(|said| said.launch_delay[of]).collect();
        values.sort_by(f64::total_cmp);
        let each: Vec<String> = values.iter().map(|micros| format!("{micros:.1}")).collect();
        println!(
            "  launch delay as reported, {name}, µs: {} (each run, sorted)",
            each.join(" ")
        );
    }
    let each = |of: fn(&Paced) -> &Vec<i64>| -> Vec<i64> {
        cell.paced.iter().flat_map(of).copied().collect()
    };
    line(
        "launch delay, beside the capture",
        each(|paced| &paced.launch),
    );
    line("on the wire: due to SYN", each(|paced| &paced.syn));
    line(
        "on the wire: interval, off by",
        each(|paced| &paced.interval),
    );
    let missing: usize = cell.paced.iter().map(|paced| paced.missing).sum();
    if missing > 0 {
        println!("  {missing} arrivals without a SYN in the capture");
    }
    let mean = |values: Vec<f64>| values.iter().sum::<f64>() / values.len().max(1) as f64;
    println!(
        "  CPU of the process {:.2} s a run ({:.0} % of a core), of which spinning {:.2} s",
        mean(cell.said.iter().map(|said| said.cpu).collect()),
        mean(
            cell.said
                .iter()
                .map(|said| said.cpu / said.wall * 100.0)
                .collect()
        ),
        mean(cell.said.iter().map(|said| said.spin).collect()),
    );
    if let Some(precise) = cell.said.last().and_then(|said| said.precise.as_ref()) {
        println!("  got: {}", precise.got().unwrap_or_default());
        for missing in precise.missing() {
            println!("  left out: {missing}");
        }
    }
}

fn line(name: &str, mut nanos: Vec<i64>) {
    nanos.sort_unstable();
    let micros = |nanos: Option<i64>| match nanos {
        Some(nanos) => format!("{:.1}", nanos as f64 / 1e3),
        None => "-".to_owned(),
    };
    println!(
        "  {name:<38}{:>7}{:>10}{:>10}{:>10}",
        nanos.len(),
        micros(percentile(&nanos, Quantile::P50)),
        micros(percentile(&nanos, Quantile::P99)),
        micros(nanos.last().copied())
    );
}
