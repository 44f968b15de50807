//! The burst, beside the least that any program could do: a bare loop that only calls `connect()` on
//! armed sockets. Both sides are measured in turn against the same embedded shop.
//!
//! `cargo bench --bench burst [-- SHOPPERS [ROUNDS]]`; the figures are printed, nothing is judged.

use std::net::SocketAddr;
use std::process::Command;
use std::time::Instant;

use profilerclient::shop::process::ShopProcess;
use profilerclient::sys::limits;
use profilerclient::sys::socket::{self, KernelAddress};
use serde_json::Value;

const BINARY: &str = env!("CARGO_BIN_EXE_profilerclient");

fn main() {
    let mut numbers = std::env::args()
        .skip(1)
        .filter_map(|arg| arg.parse::<usize>().ok());
    let shoppers = numbers.next().unwrap_or(1000);
    let rounds = numbers.next().unwrap_or(9);
    limits::raise_open_files().expect("the limit of open files can be raised");
    let shop = ShopProcess::start_program(BINARY.as_ref(), &[]).expect("the shop starts");
    let address = shop
        .url
        .trim_start_matches("http://")
        .parse()
        .expect("the shop's address");

    let mut bare = Vec::new();
    let mut runs: Vec<(&str, Vec<Value>)> =
        ["a connection per request", "--keep-alive", "--preconnect"]
            .map(|mode| (mode, Vec::new()))
            .into();
    for _ in 0..rounds {
        bare.push(bare_spread(address, shoppers));
        for (mode, reports) in &mut runs {
            reports.push(run(&shop.url, shoppers, mode));
        }
    }

    println!("{shoppers} shoppers at the embedded shop, {rounds} rounds in turn: min, median, max");
    show("bare connect() loop: first to last, ms", &mut bare);
    let floor = median(&mut bare);
    for (mode, reports) in &runs {
        let figure = |path: &str, factor: f64| -> Vec<f64> {
            reports
                .iter()
                .map(|report| report.pointer(path).and_then(Value::as_f64).expect(path) * factor)
                .collect()
        };
        println!("{mode}");
        let mut spread = figure("/starts_spread_seconds", 1e3);
        show("  first to last start, ms", &mut spread);
        println!(
            "  {:<40} {:>9.2}",
            "its median / the bare loop's median",
            median(&mut spread) / floor
        );
        let user = figure("/client/cpu_user_seconds", 1.0);
        let system = figure("/client/cpu_system_seconds", 1.0);
        let mut cpu: Vec<f64> = user.iter().zip(&system).map(|(u, s)| u + s).collect();
        show("  CPU user + system, s", &mut cpu);
        show(
            "  peak memory, MB",
            &mut figure("/client/peak_memory_bytes", 1e-6),
        );
        let failed: f64 = figure("/failed_purchases", 1.0).iter().sum();
        println!("  {:<40} {failed:>9}", "failed purchases in all rounds");
    }
}

/// First to last `connect()` of a loop that does nothing else, in milliseconds.
fn bare_spread(address: SocketAddr, shoppers: usize) -> f64 {
    let address = KernelAddress::from(address);
    let sockets: Vec<_> = (0..shoppers)
        .map(|_| socket::stream_for(&address).expect("a socket"))
        .collect();
    let first = Instant::now();
    let mut last = first;
    for socket in &sockets {
        last = Instant::now();
        socket::connect(socket, &address).expect("the shop listens");
    }
    (last - first).as_secs_f64() * 1e3
}

fn run(url: &str, shoppers: usize, mode: &str) -> Value {
    let mut command = Command::new(BINARY);
    command.args([
        "-t",
        url,
        "-d",
        "rdbms",
        "-c",
        &shoppers.to_string(),
        "--json",
        "-o",
        "/dev/null",
    ]);
    if mode.starts_with("--") {
        command.arg(mode);
    }
    let output = command.output().expect("the program runs");
    assert!(output.status.success(), "{output:?}");
    serde_json::from_slice(&output.stdout).expect("JSON")
}

fn show(label: &str, values: &mut [f64]) {
    let median = median(values);
    let (min, max) = (values[0], values[values.len() - 1]);
    println!("{label:<42} {min:>9.3} {median:>9.3} {max:>9.3}");
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
