//! Proof of accuracy: the times on the wire, and those that this program and others report.
//!
//! `cargo bench --bench accuracy [-- PART…]`; PART picks measurements by a part of their title.
//! The figures are printed, nothing is judged by the exit code. tcpdump captures the loopback (it
//! mostly needs root for that); the truth of each request is in the capture:
//!
//! - start: the SYN for a new connection, the first segment of the request on an established one;
//! - stop: the segment with the last data of the response.
//!
//! This program's rows are joined with the capture request by request, by local port and start; of
//! other tools the distributions are compared, from a capture of their own run. A capture that lacks
//! packets is not concluded from.

mod capture;
mod own;
mod pcap;
mod server;
#[path = "../support/mod.rs"]
mod support;
mod table;
mod tools;
mod truth;

use std::path::Path;
use std::process::ExitCode;

use profilerclient::signals::Signals;
use profilerclient::sys::{limits, stamps};

use capture::Capture;
use own::{Bursts, Measured};
use server::Server;
use table::Three;
use tools::{Load, Said, TOOLS, Tool};
use truth::Truth;

/// A measurement: this program's bursts or loops, and the load of the other tools that goes with it.
struct Cell {
    title: &'static str,
    bursts: Bursts,
    others: Option<Load>,
}

fn cells() -> Vec<Cell> {
    let cell = |title, shoppers, rounds, kept, others| Cell {
        title,
        bursts: Bursts {
            shoppers,
            rounds,
            kept,
            page: "",
        },
        others,
    };
    let mut cells = vec![
        cell("burst of 64", 64, 5, false, Some(Load::Burst(64))),
        cell("burst of 64, kept connections", 64, 5, true, None),
        cell("burst of 1000", 1000, 1, false, Some(Load::Burst(1000))),
        cell("burst of 1000, kept connections", 1000, 1, true, None),
        cell(
            "burst of 10000",
            10_000,
            1,
            false,
            Some(Load::Burst(10_000)),
        ),
        cell("burst of 10000, kept connections", 10_000, 1, true, None),
        cell("steady, 64 at a time", 64, 0, true, Some(Load::Steady(64))),
        cell(
            "steady, 1000 at a time",
            1000,
            0,
            true,
            Some(Load::Steady(1000)),
        ),
    ];
    cells.push(Cell {
        title: "burst of 64, pages of 200 kB in several segments",
        bursts: Bursts {
            shoppers: 64,
            rounds: 5,
            kept: true,
            page: "/long",
        },
        others: None,
    });
    cells
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
    let parts: Vec<String> = std::env::args()
        .skip(1)
        // cargo bench adds one.
        .filter(|argument| !argument.starts_with("--"))
        .collect();
    let mut cells = cells();
    cells.retain(|cell| parts.is_empty() || parts.iter().any(|part| cell.title.contains(part)));
    limits::raise_open_files().map_err(|error| error.to_string())?;
    let _stamping = stamps::switch_on().map_err(|error| format!("no receive stamps: {error}"))?;
    let mut signals = Signals::install().map_err(|error| error.to_string())?;
    let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
    let mut server = Server::start(directory.path(), cells.len() * (1 + TOOLS.len()))?;
    if !server.has_long_page() {
        cells.retain(|cell| cell.bursts.page.is_empty());
    }
    let tools: Vec<Tool> = TOOLS
        .into_iter()
        .filter(|tool| {
            let is_there = support::is_installed(tool.name);
            if !is_there {
                eprintln!("SKIPPED: {} is not installed", tool.name);
            }
            is_there
        })
        .collect();
    for cell in &cells {
        table::heading(cell.title);
        // One that cannot be concluded from is no reason to leave out the others.
        if let Err(why) = measure_own(cell.bursts, &mut server, directory.path(), &mut signals) {
            println!("  profilerclient: {why}");
        }
        for tool in &tools {
            let Some(load) = cell.others else { continue };
            if let Err(why) = measure_tool(tool, load, &mut server, directory.path()) {
                println!("  {}: {why}", tool.name);
            }
        }
        if signals.received().is_some() {
            return Err("interrupted".to_owned());
        }
    }
    Ok(())
}

fn measure_own(
    bursts: Bursts,
    server: &mut Server,
    directory: &Path,
    signals: &mut Signals,
) -> Result<(), String> {
    let door = server.door()?;
    let file = directory.join("capture");
    let capture = Capture::start(&file, door.port)?;
    let (measured, failed) = own::run(bursts, door.port, signals)?;
    let truth = capture.finish()?;
    notes(&truth, failed);
    for (name, is_purchase, connects) in [
        ("home", false, !bursts.kept),
        ("purchase", true, !bursts.kept),
    ] {
        let of_step = measured.iter().filter(|one| one.is_purchase == is_purchase);
        compare(name, of_step, &truth, connects);
    }
    Ok(())
}

fn compare<'a>(
    name: &str,
    measured: impl Iterator<Item = &'a Measured>,
    truth: &Truth,
    connects: bool,
) {
    let (mut wire, mut kernel, mut user) = (Vec::new(), Vec::new(), Vec::new());
    let mut held = Vec::new();
    let (mut start_lead, mut kernel_lag, mut user_lag) = (Vec::new(), Vec::new(), Vec::new());
    let (mut missing, mut unstamped, mut of_end) = (0, 0, 0);
    for one in measured {
        let Some(request) = truth.nearest(one.port, one.started, connects) else {
            missing += 1;
            continue;
        };
        let Some(stopped) = one.stopped else {
            unstamped += 1;
            continue;
        };
        wire.push(request.stopped - request.started(connects));
        kernel.push(stopped - one.started);
        user.push(one.seen - one.started);
        held.extend(request.connect.map(|connect| request.sent - connect));
        start_lead.push(request.started(connects) - one.started);
        let lag = stopped - request.stopped;
        kernel_lag.push(lag);
        let of_fin = |closed: i64| (stopped - closed).abs() < lag.abs();
        of_end += usize::from(request.closed.is_some_and(of_fin));
        user_lag.push(one.seen - request.stopped);
    }
    let wire = Three::of(wire);
    table::truth(&format!("{name}: wire"), &wire);
    table::said(&format!("{name}: kernel clock"), &wire, &Three::of(kernel));
    table::said(&format!("{name}: user clock"), &wire, &Three::of(user));
    if connects {
        table::each("wire: SYN to request", &Three::of(held));
    }
    table::each("start before the wire's", &Three::of(start_lead));
    table::each("kernel's stop after the wire's", &Three::of(kernel_lag));
    table::each("user's stop after the wire's", &Three::of(user_lag));
    if of_end > 0 {
        println!(
            "      {of_end} stamps are those of the end of the stream, which came before the read"
        );
    }
    if missing + unstamped > 0 {
        println!("      {missing} rows not found in the capture, {unstamped} without a stamp");
    }
}

fn measure_tool(
    tool: &Tool,
    load: Load,
    server: &mut Server,
    directory: &Path,
) -> Result<(), String> {
    let door = server.door()?;
    let file = directory.join("capture");
    let capture = Capture::start(&file, door.port)?;
    let url = format!("http://127.0.0.1:{}/rdbms/", door.port);
    let said = say(tool, load, &url, &directory.join("log"));
    let truth = capture.finish()?;
    let said = said?;
    notes(&truth, 0);
    let wire: Vec<i64> = truth
        .requests()
        .map(|request| request.stopped - request.started(tool.with_connect))
        .collect();
    let wire = Three::of(wire);
    let said = match said {
        Said::Each(each) => Three::of(each),
        Said::Three([p50, p99, max]) => Three {
            count: wire.count,
            p50: Some(p50),
            p99: Some(p99),
            max: Some(max),
        },
    };
    table::truth(&format!("{}: wire", tool.name), &wire);
    table::said(&format!("{}: said", tool.name), &wire, &said);
    Ok(())
}

/// A tool's report on its load. A small burst is repeated until there are enough for a p99, where
/// the tool reports each request's time: percentiles cannot be merged.
fn say(tool: &Tool, load: Load, url: &str, log: &Path) -> Result<Said, String> {
    let mut all = Vec::new();
    loop {
        match tool.run(load, url, log)? {
            Said::Each(each) => all.extend(each),
            three => return Ok(three),
        }
        if all.len() >= 300 || load != Load::Burst(64) {
            return Ok(Said::Each(all));
        }
    }
}

fn notes(truth: &Truth, failed: usize) {
    if failed > 0 {
        println!("      {failed} requests failed and are left out");
    }
    if truth.repeated_syns > 0 {
        println!(
            "      {} SYNs sent again: a queue was full",
            truth.repeated_syns
        );
    }
}
