//! Instructions for each request, as valgrind counts them: those of the program itself and its
//! libraries, without the kernel's.
//!
//! Each tool runs twice, the second time longer: the difference of the instructions by the difference
//! of the requests is free of what starting costs. A simulated processor is slower than the server, so
//! more connections are ready at each turn than otherwise.

use std::path::Path;
use std::time::Duration;

use super::child::{Children, Ran};
use super::reports::Report;
use super::server::Server;
use super::support;
use super::tools::{BARE, Call, Load, OWN, TOOLS, Tool, WRK};

/// The second run is so much longer.
const LONGER: u64 = 3;

/// Starting alone takes seconds.
const LIMIT: Duration = Duration::from_secs(120);

/// What one run cost.
struct Count {
    instructions: u64,
    requests: u64,
}

/// Whose instructions are counted.
const COUNTED: [&str; 3] = [OWN, BARE, WRK];

/// How many ports it takes.
pub const PORTS: usize = 2 * COUNTED.len();

/// Prints the instructions of this program, of the bare loop and of wrk.
pub fn print(load: Load, seconds: u64, server: &mut Server, children: &Children) {
    if !support::is_installed("valgrind") {
        eprintln!("SKIPPED: valgrind is not installed");
        return;
    }
    println!(
        "\nInstructions for each request, {} kept connections (callgrind)",
        load.connections
    );
    for tool in TOOLS.iter().filter(|tool| COUNTED.contains(&tool.name)) {
        if tool.needs().is_some_and(|it| !support::is_installed(it)) {
            continue;
        }
        match difference(tool, load, seconds, server, children) {
            Ok(count) => println!(
                "  {:<16}{:>10.0}   ({} instructions, {} requests)",
                tool.name,
                count.instructions as f64 / count.requests as f64,
                count.instructions,
                count.requests
            ),
            Err(why) => println!("  {:<16} {why}", tool.name),
        }
    }
}

fn difference(
    tool: &Tool,
    load: Load,
    seconds: u64,
    server: &mut Server,
    children: &Children,
) -> Result<Count, String> {
    let mut run = |seconds| {
        let call = Call {
            load,
            seconds,
            port: server.unused_port()?,
            directory: children.directory,
        };
        count(tool, &call, children)
    };
    let short = run(seconds)?;
    let long = run(LONGER * seconds)?;
    let less = || format!("no more requests in {LONGER} times the time");
    Ok(Count {
        instructions: long.instructions.saturating_sub(short.instructions),
        requests: long
            .requests
            .checked_sub(short.requests)
            .filter(|more| *more > 0)
            .ok_or_else(less)?,
    })
}

fn count(tool: &Tool, call: &Call, children: &Children) -> Result<Count, String> {
    let (program, mut arguments) = tool.command(call)?;
    let out = call.directory.join("callgrind");
    let valgrind = [
        "--tool=callgrind".to_owned(),
        format!("--callgrind-out-file={}", out.display()),
        program.to_string_lossy().into_owned(),
    ];
    arguments.splice(0..0, valgrind);
    let ran = children.run(
        "valgrind".as_ref(),
        &arguments,
        LIMIT + Duration::from_secs(call.seconds),
    )?;
    clean(call.directory);
    let report = (tool.read)(&ran.stdout);
    let (
        Some(Report {
            requests, errors, ..
        }),
        Some(instructions),
    ) = (report, collected(&ran))
    else {
        return Err(ran.complaint());
    };
    for error in errors {
        println!("  ERRORS, {}: {error}", tool.name);
    }
    Ok(Count {
        instructions,
        requests,
    })
}

/// `==123== Collected : 456`.
fn collected(ran: &Ran) -> Option<u64> {
    let mut lines = ran.stderr.lines();
    let (_, number) = lines.find_map(|line| line.split_once("Collected : "))?;
    number.trim().parse().ok()
}

fn clean(directory: &Path) {
    for name in ["callgrind", super::tools::ROWS] {
        // Not every run leaves each of them.
        let _ = std::fs::remove_file(directory.join(name));
    }
}
