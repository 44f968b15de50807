//! Throughput: how many requests this program and others do in a second, what each costs them, and
//! what they need to hold many connections.
//!
//! `cargo bench --bench throughput [-- OPTION…] [CELL…]`; `-- --help` says which. The figures are
//! printed, nothing is judged by the exit code. The server is nginx, one process on one core; every
//! client has the next core to itself. Everything is measured in turn, round by round, so that what
//! else happens on the machine hits all alike.
//!
//! With TLS, connections are made within the run, and their handshakes count: runs of many connections
//! must be long against these. Nothing is resumed.
//!
//! - requests per second: as the tool reports them;
//! - CPU for each request: user and system time of its whole process, by wait4(2), with what it takes
//!   to start and to connect;
//! - memory: its largest resident set, by the same;
//! - busy: what client and server had of their cores; where the server's is near 100 %, the rate is the
//!   server's and not the tool's;
//! - waited: how long the server waited for its core because others had it: on a machine that has other
//!   work to do, rates are not meaningful.

mod bare;
mod bare_tls;
mod callgrind;
mod child;
mod goals;
mod kernel;
mod options;
mod reports;
mod server;
#[path = "../support/mod.rs"]
mod support;
mod table;
mod tools;

use std::collections::BTreeSet;
use std::fs;
use std::process::ExitCode;
use std::time::Duration;

use pico_args::Arguments;
use profilerclient::signals::Signals;
use profilerclient::sys::limits;

use child::Children;
use options::Options;
use server::Server;
use support::nginx::Certificate;
use table::{Figures, Results};
use tools::{Call, Load, TOOLS, Tool};

/// A measurement: all tools under the same load.
struct Cell {
    title: &'static str,
    load: Load,
}

const KEPT_64: &str = "64 kept connections";
const KEPT_1000: &str = "1000 kept connections";
const KEPT_10000: &str = "10000 kept connections";
const EACH_ITS_OWN: &str = "64 at a time, a connection per request";
const TLS_64: &str = "TLS 1.3, 64 connections kept";
const TLS_1000: &str = "TLS 1.3, 1000 connections kept";
const TLS_10000: &str = "TLS 1.3, 10000 connections kept";
const TLS_EACH_ITS_OWN: &str = "TLS 1.3, 64 at a time, a full handshake per request";

const fn cell(title: &'static str, connections: usize, kept: bool) -> Cell {
    Cell {
        title,
        load: Load {
            connections,
            kept,
            tls: false,
        },
    }
}

const fn tls_cell(title: &'static str, connections: usize, kept: bool) -> Cell {
    let mut cell = cell(title, connections, kept);
    cell.load.tls = true;
    cell
}

const CELLS: [Cell; 9] = [
    cell("1 kept connection", 1, true),
    cell(KEPT_64, 64, true),
    cell(KEPT_1000, 1000, true),
    cell(KEPT_10000, 10_000, true),
    cell(EACH_ITS_OWN, 64, false),
    tls_cell(TLS_64, 64, true),
    tls_cell(TLS_1000, 1000, true),
    tls_cell(TLS_10000, 10_000, true),
    tls_cell(TLS_EACH_ITS_OWN, 64, false),
];

/// Descriptors that are not connections: the server's ports above all.
const OTHER_DESCRIPTORS: usize = 500;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let outcome = match arguments.split_first() {
        Some((first, rest)) if first == bare::ARGUMENT => bare::main(rest),
        Some((first, rest)) if first == bare_tls::ARGUMENT => bare_tls::main(rest),
        _ => run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let Some(options) = Options::parse(Arguments::from_env())? else {
        print!("{}", options::HELP);
        return Ok(());
    };
    let files = limits::raise_open_files().map_err(|error| error.to_string())?;
    let signals = Signals::install().map_err(|error| error.to_string())?;
    // Among what is built, so on a disk: the rows are written as a user's are.
    let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR"));
    let directory = directory.map_err(|error| error.to_string())?;
    tools::prepare(directory.path())?;
    let (server_core, client_core) = cores()?;
    let children = Children {
        directory: directory.path(),
        core: client_core,
    };
    let tools = installed(&options);
    let cells = fitting(&options, files.soft);
    let certificate = Certificate::make(directory.path())?;
    let ports = |tls: bool| {
        let cells = cells.iter().filter(|cell| cell.load.tls == tls).count();
        options.rounds * cells * tools.len()
    };
    let plain_ports = ports(false) + callgrind::PORTS;
    let mut plain = Server::start(directory.path(), plain_ports, server_core, None)?;
    if options.callgrind {
        let load = Load {
            connections: 64,
            kept: true,
            tls: false,
        };
        callgrind::print(load, options.seconds, &mut plain, &children);
        return Ok(());
    }
    let mut tls = match ports(true) {
        0 => None,
        ports => {
            let certificate = Some(&certificate);
            Some(Server::start(
                directory.path(),
                ports,
                server_core,
                certificate,
            )?)
        }
    };

    let mut results = Results::default();
    for round in 1..=options.rounds {
        for cell in &cells {
            eprintln!("round {round} of {}: {}", options.rounds, cell.title);
            for tool in tools.iter().filter(|tool| tool.takes(&cell.load)) {
                let server = match (cell.load.tls, &mut tls) {
                    (true, Some(tls)) => tls,
                    _ => &mut plain,
                };
                match measure(tool, cell, options.seconds, server, &children) {
                    Ok(figures) => results.push(cell.title, tool.name, figures),
                    Err(why) => println!("  {}, {}: {why}", cell.title, tool.name),
                }
                if signals.received().is_some() {
                    return Err("interrupted".to_owned());
                }
            }
        }
    }
    println!(
        "\n{} rounds of {} s each: median (min–max). A process that does nothing has {:.1} MB.",
        options.rounds,
        options.seconds,
        megabytes(idle_memory(&children)?)
    );
    for cell in &cells {
        let fit = tools.iter().filter(|tool| tool.takes(&cell.load));
        results.print(cell.title, fit.map(|tool| tool.name));
    }
    goals::print(&results);
    Ok(())
}

/// The server's core and the clients'.
fn cores() -> Result<(Option<usize>, Option<usize>), String> {
    match kernel::allowed_cores().map_err(|error| error.to_string())?[..] {
        [server, client, ..] => Ok((Some(server), Some(client))),
        _ => {
            eprintln!("ONE CORE: server and clients share it, and so do their figures");
            Ok((None, None))
        }
    }
}

fn installed(options: &Options) -> Vec<&'static Tool> {
    let mut missing = BTreeSet::new();
    let mut tools: Vec<&Tool> = TOOLS.iter().collect();
    tools.retain(|tool| {
        let Some(program) = tool.needs() else {
            return true;
        };
        let is_there = support::is_installed(program);
        if !is_there {
            missing.insert(program);
        }
        is_there
    });
    for program in missing {
        eprintln!("SKIPPED: {program} is not installed");
    }
    tools.retain(|tool| options.wants_tool(tool.name));
    tools
}

/// The cells that are wanted, and for which there are descriptors enough.
fn fitting(options: &Options, descriptors: u64) -> Vec<Cell> {
    let mut cells: Vec<Cell> = CELLS.into();
    cells.retain(|cell| options.wants_cell(cell.title));
    cells.retain(|cell| {
        let fits = (cell.load.connections + OTHER_DESCRIPTORS) as u64 <= descriptors;
        if !fits {
            eprintln!(
                "SKIPPED: {}: no more than {descriptors} descriptors (ulimit -n)",
                cell.title
            );
        }
        fits
    });
    cells
}

fn measure(
    tool: &Tool,
    cell: &Cell,
    seconds: u64,
    server: &mut Server,
    children: &Children,
) -> Result<Figures, String> {
    let call = Call {
        load: cell.load,
        seconds,
        port: server.unused_port()?,
        directory: children.directory,
    };
    let (program, arguments) = tool.command(&call)?;
    server.settle();
    let before = server.time();
    // Some have a number of requests to do, however long that takes.
    let ran = children.run(&program, &arguments, Duration::from_secs(30 + 10 * seconds))?;
    let of_server = server.time().zip(before);
    // Its pages need not reach the disk while the next one is measured.
    let _ = fs::remove_file(children.directory.join(tools::ROWS));
    let report = (tool.read)(&ran.stdout).ok_or_else(|| ran.complaint())?;
    if report.requests == 0 {
        return Err(format!("no requests; {}", report.errors.join("; ")));
    }
    for error in &report.errors {
        println!("  ERRORS, {}, {}: {error}", cell.title, tool.name);
    }
    let share = |cpu: Duration| 100.0 * cpu.as_secs_f64() / ran.wall.as_secs_f64();
    Ok(Figures {
        per_second: report.per_second,
        cpu_micros: ran.cpu.as_secs_f64() * 1e6 / report.requests as f64,
        peak_megabytes: megabytes(ran.peak_resident),
        client_busy: share(ran.cpu),
        server_busy: of_server.map_or(f64::NAN, |(now, before)| share(now.ran - before.ran)),
        server_waited: of_server
            .map_or(f64::NAN, |(now, before)| share(now.waited - before.waited)),
        has_errors: !report.errors.is_empty(),
    })
}

/// A child begins with what this process has: no figure can be below that.
fn idle_memory(children: &Children) -> Result<u64, String> {
    let ran = children.run("true".as_ref(), &[], Duration::from_secs(5))?;
    Ok(ran.peak_resident)
}

fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
