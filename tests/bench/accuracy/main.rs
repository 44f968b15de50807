//! Proof of accuracy: the times on the wire, and those that this program and others report.
//!
//! `cargo bench --bench accuracy [-- PART…]`; PART picks measurements by a part of their title.
//! The figures are printed, nothing is judged by the exit code. tcpdump captures the loopback (it
//! mostly needs root for that), and for some cells a path with a round trip between two network namespaces
//! (which needs root, and iproute2 where the kernel has netem). The truth of each request is in the capture:
//!
//! - start: the SYN for a new connection, the first segment of the request on an established one;
//! - stop: the segment with the last data of the response;
//! - the client's share before the request: from the SYN, over a path from the SYN-ACK, to its first
//!   segment.
//!
//! With TLS 1.3 the request and the response are the records that are theirs, as their headers and their
//! order tell; the handshake is before the request.
//!
//! This program's rows are joined with the capture request by request, by local port and start; of
//! other tools the distributions are compared, from a capture of their own run. A capture that lacks
//! packets is not concluded from.

mod capture;
mod cells;
mod namespace;
mod own;
mod path;
mod pcap;
mod records;
mod server;
#[path = "../support/mod.rs"]
mod support;
mod table;
mod tools;
mod truth;
mod wire;

use std::net::{IpAddr, Ipv4Addr};
use std::path::Path as FilePath;
use std::process::ExitCode;
use std::time::Duration;

use profilerclient::signals::Signals;
use profilerclient::sys::{limits, stamps};

use capture::Capture;
use namespace::keep_on;
use own::{Bursts, Measured};
use path::Path;
use server::Server;
use support::nginx::Certificate;
use table::Three;
use tools::{Load, Said, TOOLS, Tool};
use truth::Truth;

/// Cores, where a path is measured.
const CLIENT: usize = 0;
const OTHERS: usize = 1;

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
    let mut cells = cells::all();
    cells.retain(|cell| parts.is_empty() || parts.iter().any(|part| cell.title.contains(part)));
    limits::raise_open_files().map_err(|error| error.to_string())?;
    let _stamping = stamps::switch_on().map_err(|error| format!("no receive stamps: {error}"))?;
    let mut signals = Signals::install().map_err(|error| error.to_string())?;
    let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
    let loopback = IpAddr::V4(Ipv4Addr::LOCALHOST);
    let ports = cells.len() * (1 + TOOLS.len());
    let mut server = Server::start(directory.path(), loopback, ports, None)?;
    let certificate = Certificate::make(directory.path())?;
    let mut secure = match cells.iter().any(|cell| cell.bursts.tls) {
        false => None,
        true => match Server::start(directory.path(), loopback, ports, Some(&certificate)) {
            Ok(server) => Some(server),
            Err(why) => {
                eprintln!("SKIPPED: the cells with TLS: {why}");
                cells.retain(|cell| !cell.bursts.tls);
                None
            }
        },
    };
    if !server.has_long_page() {
        cells.retain(|cell| cell.bursts.page != "/long");
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
        let server = match (cell.bursts.tls, &mut secure) {
            (true, Some(secure)) => secure,
            _ => &mut server,
        };
        // One that cannot be concluded from is no reason to leave out the others.
        let measured = match cell.round_trip {
            None => measure_own(cell.bursts, "lo", server, directory.path(), &mut signals),
            Some(round_trip) => {
                measure_over_path(cell.bursts, round_trip, directory.path(), &mut signals)
            }
        };
        if let Err(why) = measured {
            println!("  profilerclient: {why}");
        }
        for tool in &tools {
            let Some(load) = cell.others else { continue };
            if let Err(why) = measure_tool(tool, load, cell.bursts.tls, server, directory.path()) {
                println!("  {}: {why}", tool.name);
            }
        }
        if signals.received().is_some() {
            return Err("interrupted".to_owned());
        }
    }
    Ok(())
}

/// Over a path, where one can be made.
fn measure_over_path(
    bursts: Bursts,
    round_trip: Duration,
    directory: &FilePath,
    signals: &mut Signals,
) -> Result<(), String> {
    // The client has a core of its own; the path, the server and tcpdump share the other.
    keep_on(Some(OTHERS));
    let measured = measure_at_ends(bursts, round_trip, directory, signals);
    keep_on(None);
    measured
}

fn measure_at_ends(
    bursts: Bursts,
    round_trip: Duration,
    directory: &FilePath,
    signals: &mut Signals,
) -> Result<(), String> {
    let path = match Path::open(round_trip) {
        Ok(path) => path,
        Err(error) => {
            let why = format!("no path between network namespaces can be made ({error})");
            eprintln!("SKIPPED: {why}; run as root");
            return Err(format!("skipped, {why}"));
        }
    };
    println!("  delayed by {}", path.by);
    // A process of its own each time, with its own files.
    let own = tempfile::tempdir_in(directory).map_err(|error| error.to_string())?;
    let inside = |error: std::io::Error| error.to_string();
    let certificate = match bursts.tls {
        true => Some(Certificate::make(own.path())?),
        false => None,
    };
    let start = || Server::start(own.path(), path::SERVER.into(), 1, certificate.as_ref());
    let mut server = path.at_server(start).map_err(inside)??;
    let measure = || measure_own(bursts, path::DEVICE, &mut server, own.path(), signals);
    path.at_client(measure).map_err(inside)?
}

fn measure_own(
    bursts: Bursts,
    device: &str,
    server: &mut Server,
    directory: &FilePath,
    signals: &mut Signals,
) -> Result<(), String> {
    let door = server.door()?;
    let file = directory.join("capture");
    let capture = Capture::start(&file, device, door.address.port(), bursts.tls)?;
    let is_over_path = device == path::DEVICE;
    if is_over_path {
        keep_on(Some(CLIENT));
    }
    let ca = directory.join(support::nginx::CA);
    let ran = own::run(bursts, door.address, &ca, signals);
    if is_over_path {
        keep_on(Some(OTHERS));
    }
    let (measured, failed) = ran?;
    let truth = capture.finish()?;
    notes(&truth, failed);
    for (name, is_purchase, connects) in [
        ("home", false, !bursts.kept),
        ("purchase", true, !bursts.kept),
    ] {
        let of_step = measured.iter().filter(|one| one.is_purchase == is_purchase);
        let hops: Vec<i64> = of_step.clone().filter_map(|one| one.hop_delay).collect();
        if hops.is_empty() {
            compare(name, of_step, &truth, connects);
            continue;
        }
        // The wire has several requests for one row.
        let said = of_step.filter_map(|one| Some(one.stopped? - one.started));
        table::truth(&format!("{name}: kernel clock"), &Three::of(said.collect()));
        table::each("redirect to next request", &Three::of(hops));
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
    let (mut since_syn, mut since_syn_ack) = (Vec::new(), Vec::new());
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
        since_syn.extend(request.connect.map(|connect| request.sent - connect));
        since_syn_ack.extend(request.accepted.map(|accepted| request.sent - accepted));
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
        table::each("wire: SYN to request", &Three::of(since_syn));
        table::each("wire: SYN-ACK to request", &Three::of(since_syn_ack));
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
    tls: bool,
    server: &mut Server,
    directory: &FilePath,
) -> Result<(), String> {
    let door = server.door()?;
    let file = directory.join("capture");
    let capture = Capture::start(&file, "lo", door.address.port(), tls)?;
    let scheme = if tls { "https" } else { "http" };
    let url = format!("{scheme}://{}/rdbms/", door.address);
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
fn say(tool: &Tool, load: Load, url: &str, log: &FilePath) -> Result<Said, String> {
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
