//! Shards: what two of them reach on two CPUs, beside one, and what the arrivals of others cost a shard of a
//! Poisson process.
//!
//! `cargo bench --bench shards [-- SECONDS [ROUNDS]]`: each round takes one shard alone and two shards in turn, so
//! that other work on the machine affects neither alone. Each shard and the embedded shop that it buys from have one CPU
//! between them. Rates are those of the merged run. The figures are printed, nothing is judged by the exit code;
//! with other work on the machine they are too low.

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use profilerclient::plan::{Curve, Load, Open, Orders, Pattern, Plan, Shard};
use profilerclient::shop::process::ShopProcess;
use profilerclient::sys::cpus;
use profilerclient::sys::machine::load_average;
use serde_json::Value;

const BINARY: &str = env!("CARGO_BIN_EXE_profilerclient");

const USUAL_SECONDS: u64 = 4;
const USUAL_ROUNDS: u64 = 3;

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
    foreign_draws();
    let mut numbers = std::env::args().skip(1).filter_map(|arg| arg.parse().ok());
    let seconds = numbers.next().unwrap_or(USUAL_SECONDS);
    let rounds = numbers.next().unwrap_or(USUAL_ROUNDS);
    let allowed = cpus::allowed().map_err(|error| error.to_string())?;
    let [first, second, ..] = allowed[..] else {
        eprintln!(
            "SKIPPED: the rates: two CPUs are needed, and {} may be used",
            allowed.len()
        );
        return Ok(());
    };
    println!(
        "\n64 virtual users on kept connections, each shard and its shop on one CPU, {seconds} s"
    );
    if let Some([minute, ..]) = load_average() {
        println!("load average before: {minute:.2} on {} CPUs", allowed.len());
    }
    println!(
        "{:>5} {:>16} {:>16} {:>7}   of each",
        "round", "one shard, 1/s", "two shards, 1/s", "ratio"
    );
    for round in 1..=rounds {
        let (one, _) = measured(&[first], seconds)?;
        let (two, each) = measured(&[first, second], seconds)?;
        println!(
            "{round:>5} {one:>16.0} {two:>16.0} {:>7.2}   {each}",
            two / one
        );
    }
    cpus::allow(&allowed).map_err(|error| error.to_string())
}

/// Purchases per second of the merged run of as many shards, and the rows of each.
fn measured(cpus: &[u32], seconds: u64) -> Result<(f64, String), String> {
    let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
    let count = cpus.len();
    let mut shops = Vec::new();
    for cpu in cpus {
        // The shop inherits it.
        cpus::allow(&[*cpu]).map_err(|error| error.to_string())?;
        let shop = ShopProcess::start_program(BINARY.as_ref(), &[], false);
        shops.push(shop.map_err(|error| error.to_string())?);
    }
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    let at = since.map_err(|error| error.to_string())?.as_secs_f64() + 1.0;
    let mut shards = Vec::new();
    let mut files = Vec::new();
    for ((cpu, shop), number) in cpus.iter().zip(&shops).zip(1..) {
        cpus::allow(&[*cpu]).map_err(|error| error.to_string())?;
        let file = directory.path().join(format!("rows-{number}.csv"));
        let mut command = Command::new(BINARY);
        command.args([
            "-t",
            &shop.url,
            "-d",
            "rdbms",
            "-p",
            "/",
            "-c",
            "64",
            "--keep-alive",
            "-q",
        ]);
        command.args(["--seed", "1", "--duration", &format!("{seconds}s")]);
        command.args([
            "--shard",
            &format!("{number}/{count}"),
            "--start-at",
            &format!("{at:.6}"),
        ]);
        command.arg("-o").arg(&file).stdin(Stdio::null());
        shards.push(command.spawn().map_err(|error| error.to_string())?);
        files.push(file);
    }
    for mut shard in shards {
        let status = shard.wait().map_err(|error| error.to_string())?;
        if !status.success() {
            return Err(format!("a shard ended with {status}"));
        }
    }
    merged(directory.path(), &files)
}

fn merged(directory: &Path, files: &[PathBuf]) -> Result<(f64, String), String> {
    let mut command = Command::new(BINARY);
    command.arg("merge").args(files).arg("--json");
    command.arg("-o").arg(directory.join("report.csv"));
    let output = command.output().map_err(|error| error.to_string())?;
    let said = String::from_utf8_lossy(&output.stderr);
    let summary: Value = serde_json::from_slice(&output.stdout)
        .map_err(|error| format!("the merge printed no summary ({error}): {said}"))?;
    let rate = summary["purchases_per_second"].as_f64();
    let each = summary["shards"]["each"].as_array().into_iter().flatten();
    let rows: Vec<String> = each
        .map(|shard| format!("{} rows", shard["rows"]))
        .collect();
    Ok((rate.ok_or("no rate")?, rows.join(", ")))
}

/// What a shard pays for the arrivals of others: of a Poisson process it draws them all.
fn foreign_draws() {
    const ARRIVALS: u64 = 10_000_000;
    println!("Poisson arrivals, {ARRIVALS} of the whole run, derived by one shard");
    for count in [1, 10, 100, 1_000] {
        let plan = Plan {
            orders: Orders {
                seed: 1,
                products: 4,
                first: 0,
            },
            load: Load::Open(Open {
                curve: Curve::Constant(1_000.0),
                pattern: Pattern::Poisson,
                count: Some(ARRIVALS),
                duration: None,
                max_in_flight: 1_000,
            }),
            shard: Shard::new(1, count).expect("the first"),
        };
        let began = Instant::now();
        let own = black_box(plan.arrivals().count()) as u32;
        let took = began.elapsed();
        let each = |of: u64| Duration::as_nanos(&took) as f64 / of as f64;
        println!(
            "  of {count:>4} shards: {:>6.1} ns an arrival of the run, {:>8.1} ns an own one",
            each(ARRIVALS),
            each(u64::from(own))
        );
    }
}
