//! The burst, beside the least that any program could do: a bare loop that only calls `connect()` and
//! `send()` on sockets made before, each shopper's request right after its connection, once with requests
//! that have the shop close the connection, and once with such that have it kept: the shop is quicker then, and
//! the loop slower. All sides are measured in turn against the same embedded shop.
//!
//! `cargo bench --bench burst [-- SHOPPERS [ROUNDS]]`; the figures are printed, nothing is judged.
//! `PROGRAM=path` measures another build of this program.

use std::net::SocketAddr;
use std::process::Command;
use std::time::Instant;

use profilerclient::shop::process::ShopProcess;
use profilerclient::sys::limits;
use profilerclient::sys::socket::{self, KernelAddress};
use serde_json::Value;

const BINARY: &str = env!("CARGO_BIN_EXE_profilerclient");

/// Ways to send a burst, and the options that ask for them.
const MODES: [(&str, &[&str]); 5] = [
    ("a connection per request", &["-p", "/"]),
    ("kept connections", &["-p", "/", "--keep-alive"]),
    ("connections made before", &["-p", "/", "--preconnect"]),
    ("a connection per request, page behind a redirect", &[]),
    (
        "kept connections, page behind a redirect",
        &["--keep-alive"],
    ),
];

fn main() {
    let mut numbers = std::env::args()
        .skip(1)
        .filter_map(|arg| arg.parse::<usize>().ok());
    let shoppers = numbers.next().unwrap_or(1000);
    let rounds = numbers.next().unwrap_or(9);
    limits::raise_open_files().expect("the limit of open files can be raised");
    let shop = ShopProcess::start_program(BINARY.as_ref(), &[], false).expect("the shop starts");
    let address = shop
        .url
        .trim_start_matches("http://")
        .parse()
        .expect("the shop's address");

    let mut bare = [Vec::new(), Vec::new()];
    let mut runs = MODES.map(|(mode, options)| (mode, options, Vec::new()));
    for _ in 0..rounds {
        for (kept, spreads) in [false, true].into_iter().zip(&mut bare) {
            spreads.push(bare_spread(address, shoppers, kept));
        }
        for (_, options, reports) in &mut runs {
            reports.push(run(&shop.url, shoppers, options));
        }
    }

    println!("{shoppers} shoppers at the embedded shop, {rounds} rounds in turn: min, median, max");
    show("bare connect() and send(), ms", &mut bare[0]);
    show("the same, kept connections, ms", &mut bare[1]);
    for (mode, options, reports) in &runs {
        let floor = median(&mut bare[usize::from(options.contains(&"--keep-alive"))]);
        let figure = |path: &str, factor: f64| -> Vec<f64> {
            reports
                .iter()
                .map(|report| {
                    report
                        .pointer(path)
                        .and_then(Value::as_f64)
                        .unwrap_or(f64::NAN)
                        * factor
                })
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
        for (label, path) in [
            ("home, p50, ms", "/home_elapsed_seconds/p50"),
            ("home, p99, ms", "/home_elapsed_seconds/p99"),
            ("purchase, p50, ms", "/buy_elapsed_seconds/p50"),
            ("purchase, p99, ms", "/buy_elapsed_seconds/p99"),
            ("read delay, p50, ms", "/instrument/read_delay_seconds/p50"),
            ("hop delay, p50, ms", "/instrument/hop_delay_seconds/p50"),
            ("hop delay, p99, ms", "/instrument/hop_delay_seconds/p99"),
        ] {
            show(&format!("  {label}"), &mut figure(path, 1e3));
        }
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

/// First to last `connect()` of a loop that does nothing else but to send, in milliseconds.
fn bare_spread(address: SocketAddr, shoppers: usize, kept: bool) -> f64 {
    let host = address;
    let address = KernelAddress::from(address);
    let sockets: Vec<_> = (0..shoppers)
        .map(|_| socket::stream_for(&address).expect("a socket"))
        .collect();
    let end = if kept { "" } else { "Connection: close\r\n" };
    let request = format!("GET /rdbms/ HTTP/1.1\r\nHost: {host}\r\n{end}\r\n");
    let first = Instant::now();
    let mut last = first;
    for socket in &sockets {
        last = Instant::now();
        socket::connect(socket, &address).expect("the shop listens");
        let sent = socket::send(socket, request.as_bytes());
        assert_eq!(
            sent.ok(),
            Some(request.len()),
            "over loopback it stands by now"
        );
    }
    (last - first).as_secs_f64() * 1e3
}

fn run(url: &str, shoppers: usize, options: &[&str]) -> Value {
    let program = std::env::var_os("PROGRAM").unwrap_or_else(|| BINARY.into());
    let mut command = Command::new(program);
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
    command.args(options);
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
