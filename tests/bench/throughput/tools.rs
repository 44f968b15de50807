//! The load generators, and how each is told to do the same work.

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use super::bare;
use super::bare_tls;
use super::reports::{self, Report};
use super::support::nginx::CA;

/// The work of a cell.
#[derive(Clone, Copy)]
pub struct Load {
    /// How many are open at the same time.
    pub connections: usize,
    /// Each used again and again; else each for one request.
    pub kept: bool,
    /// Over TLS.
    pub tls: bool,
}

/// One run of a tool.
pub struct Call<'a> {
    pub load: Load,
    pub seconds: u64,
    pub port: u16,
    /// For what it writes; on a real disk.
    pub directory: &'a Path,
}

/// A load generator.
pub struct Tool {
    pub name: &'static str,
    program: Program,
    arguments: fn(&Call) -> Vec<String>,
    pub read: fn(&str) -> Option<Report>,
}

enum Program {
    /// The one that is measured.
    Own,
    /// This benchmark as the bare loop.
    Bare,
    /// The same over TLS.
    BareTls,
    Peer(&'static str),
}

/// The names that the goals are about.
pub const OWN: &str = "profilerclient";
pub const BARE: &str = "bare, recv";
pub const BARE_TLS: &str = "bare, rustls";
pub const WRK: &str = "wrk";
pub const AB: &str = "ab";
pub const H2LOAD: &str = "h2load";
pub const OHA: &str = "oha";

/// This program, the bare loop and `wrk, home+buy` send home pages and purchases in turn; the others
/// know one request only, the home page.
pub const TOOLS: [Tool; 10] = [
    Tool {
        name: OWN,
        program: Program::Own,
        arguments: own,
        read: reports::own,
    },
    Tool {
        name: BARE,
        program: Program::Bare,
        arguments: |call| bare_loop(call, "recv"),
        read: reports::bare,
    },
    Tool {
        name: "bare, recvmsg",
        program: Program::Bare,
        arguments: |call| bare_loop(call, "recvmsg"),
        read: reports::bare,
    },
    Tool {
        name: BARE_TLS,
        program: Program::BareTls,
        arguments: bare_tls_loop,
        read: reports::bare,
    },
    Tool {
        name: WRK,
        program: Program::Peer("wrk"),
        arguments: wrk,
        read: reports::wrk,
    },
    Tool {
        name: "wrk, home+buy",
        program: Program::Peer("wrk"),
        arguments: wrk_in_turn,
        read: reports::wrk,
    },
    Tool {
        name: OHA,
        program: Program::Peer("oha"),
        arguments: oha,
        read: reports::oha,
    },
    Tool {
        name: "hey",
        program: Program::Peer("hey"),
        arguments: hey,
        read: reports::hey,
    },
    Tool {
        name: H2LOAD,
        program: Program::Peer("h2load"),
        arguments: h2load,
        read: reports::h2load,
    },
    Tool {
        name: AB,
        program: Program::Peer("ab"),
        arguments: ab,
        read: reports::ab,
    },
];

impl Tool {
    /// What is to be installed for it.
    pub fn needs(&self) -> Option<&'static str> {
        match self.program {
            Program::Own | Program::Bare | Program::BareTls => None,
            Program::Peer(name) => Some(name),
        }
    }

    /// Whether it can do that work: the bare loops can do either with TLS or without.
    pub fn takes(&self, load: &Load) -> bool {
        match self.program {
            Program::Bare => !load.tls,
            Program::BareTls => load.tls,
            Program::Own | Program::Peer(_) => true,
        }
    }

    /// The program and its arguments.
    pub fn command(&self, call: &Call) -> Result<(OsString, Vec<String>), String> {
        let program = match self.program {
            Program::Own => env!("CARGO_BIN_EXE_profilerclient").into(),
            Program::Bare | Program::BareTls => std::env::current_exe()
                .map_err(|error| error.to_string())?
                .into(),
            Program::Peer(name) => name.into(),
        };
        Ok((program, (self.arguments)(call)))
    }
}

impl Call<'_> {
    fn home(&self) -> String {
        format!("{}/rdbms/", self.origin())
    }

    fn origin(&self) -> String {
        let scheme = if self.load.tls { "https" } else { "http" };
        format!("{scheme}://127.0.0.1:{}", self.port)
    }

    fn ca(&self) -> String {
        self.directory.join(CA).display().to_string()
    }
}

/// The rows that a run of this program writes: a real file, as a user's.
pub const ROWS: &str = "rows.csv";

/// The script of [`wrk_in_turn`].
const SCRIPT: &str = "in_turn.lua";

/// Writes the files that the tools are pointed at.
pub fn prepare(directory: &Path) -> Result<(), String> {
    // Both requests are made once: what is left for each is to pick one.
    let script = r#"local requests, turn = {}, 0
function init(args)
  local headers = {}
  for name, value in pairs(wrk.headers) do headers[name] = value end
  requests[0] = wrk.format("GET", "/rdbms/", headers)
  headers["Content-Type"] = "application/x-www-form-urlencoded"
  local form = "email=0123456789%40example.com&repeat_email=0123456789%40example.com&quantity=42"
  requests[1] = wrk.format("POST", "/rdbms/2/purchase/1/", headers, form)
end
function request()
  local next = requests[turn]
  turn = 1 - turn
  return next
end
"#;
    fs::write(directory.join(SCRIPT), script).map_err(|error| error.to_string())
}

fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

fn own(call: &Call) -> Vec<String> {
    let Load {
        connections, kept, ..
    } = call.load;
    let (seconds, origin) = (call.seconds, call.origin());
    let mut arguments = words(&format!(
        "-t {origin} -d rdbms -p / -c {connections} --duration {seconds}s --json -o"
    ));
    arguments.push(call.directory.join(ROWS).display().to_string());
    if kept {
        arguments.push("--keep-alive".to_owned());
    }
    if call.load.tls {
        // The others verify nothing.
        arguments.extend(["--ca".to_owned(), call.ca(), "--ca-only".to_owned()]);
    }
    arguments
}

fn bare_tls_loop(call: &Call) -> Vec<String> {
    let Load {
        connections, kept, ..
    } = call.load;
    let kept = if kept { "kept" } else { "new" };
    let mut arguments = words(&format!(
        "{} {} {connections} {} {kept}",
        bare_tls::ARGUMENT,
        call.port,
        call.seconds
    ));
    arguments.push(call.ca());
    arguments
}

fn bare_loop(call: &Call, receive: &str) -> Vec<String> {
    let Load {
        connections, kept, ..
    } = call.load;
    let kept = if kept { "kept" } else { "new" };
    words(&format!(
        "{} {} {connections} {} {kept} {receive}",
        bare::ARGUMENT,
        call.port,
        call.seconds
    ))
}

const CLOSE: [&str; 2] = ["-H", "Connection: close"];

/// One thread, as this program has.
fn wrk(call: &Call) -> Vec<String> {
    let Load {
        connections, kept, ..
    } = call.load;
    let mut arguments = words(&format!("-t1 -c{connections} -d{}s", call.seconds));
    if !kept {
        arguments.extend(CLOSE.map(str::to_owned));
    }
    arguments.push(call.home());
    arguments
}

fn wrk_in_turn(call: &Call) -> Vec<String> {
    let mut arguments = wrk(call);
    let script = call.directory.join(SCRIPT).display().to_string();
    arguments.splice(0..0, ["-s".to_owned(), script]);
    arguments
}

fn oha(call: &Call) -> Vec<String> {
    let Load {
        connections, kept, ..
    } = call.load;
    let kept = if kept { "" } else { "--disable-keepalive " };
    words(&format!(
        "-z {}s -c {connections} {kept}--insecure --no-tui --output-format json {}",
        call.seconds,
        call.home()
    ))
}

/// It keeps at most 500 idle connections, as its sources have it: with more, some are made anew.
fn hey(call: &Call) -> Vec<String> {
    let Load {
        connections, kept, ..
    } = call.load;
    let kept = if kept { "" } else { "-disable-keepalive " };
    words(&format!(
        "-z {}s -c {connections} {kept}{}",
        call.seconds,
        call.home()
    ))
}

/// What [`h2load()`] makes of a second where it cannot be told a time.
const H2LOAD_PER_SECOND: u64 = 10_000;

/// It makes a new connection where the server has closed the old one; but told to do so for some time,
/// it does not end. So it is given a number of requests there.
fn h2load(call: &Call) -> Vec<String> {
    let Load {
        connections, kept, ..
    } = call.load;
    let mut arguments = words(&format!("--h1 -t1 -c {connections}"));
    if kept {
        arguments.extend(words(&format!("-D {}", call.seconds)));
    } else {
        let requests = call.seconds * H2LOAD_PER_SECOND;
        arguments.extend(words(&format!("-n {requests}")));
        arguments.extend(CLOSE.map(str::to_owned));
    }
    arguments.push(call.home());
    arguments
}

/// It sets memory aside for each request that it may come to, but touches only what it needs.
fn ab(call: &Call) -> Vec<String> {
    let Load {
        connections, kept, ..
    } = call.load;
    let kept = if kept { "-k " } else { "" };
    words(&format!(
        "-q -r {kept}-t {} -n 5000000 -c {connections} {}",
        call.seconds,
        call.home()
    ))
}
