//! The embedded shop: a small djangoshop inside the binary, to try the client on and to test it with.
//!
//! ```text
//!  sockets, timers          bytes ─► request ─► what it asks for ─► answer
//! server, service, ───────► http, body ──────► route, form ───────► reception, purchase, desk:
//! connection ▲                                                       inventory, faults, pages, stats
//!        └── queue: start and end of each job ◄──────────────────────────── a purchase
//! ```
//!
//! Everything but the first column is without sockets, and only the server's poll waits.
//!
//! # What it serves
//! | path | methods | answer |
//! |---|---|---|
//! | `/{app}` | all | 301 to `/{app}/`, with the query |
//! | `/{app}/` | GET, HEAD | home page with links to the products |
//! | `/{app}/{id}/details/` | GET, HEAD | details page with a purchase form |
//! | `/{app}/{id}/purchase/` | POST | HTML page |
//! | `/{app}/{id}/purchase/1/` | POST | JSON report, see [the report](self#the-report) |
//! | `/stats` | GET, HEAD | JSON counts, see below; not counted in `requests` |
//!
//! # The steps of a purchase
//! Method (405), product (404), CSRF (403, with [`Settings::csrf`]), then its address is counted and a
//! fault may apply (see [`FaultKind`]). Otherwise it waits for a worker, is processed for the service
//! time, and then pieces are taken from the inventory. An invalid form and an empty inventory
//! take the service time as well and are answered 200 with `result: false`.
//!
//! Faults that replace the answer apply at once: nothing is processed or sold. Those that corrupt only
//! the answer (`reset-within`, `slow-drip`, `cut`, `wrong-length`) apply after a complete purchase.
//! `refuse` applies to connections as they are accepted, before anything is known about them: also to
//! one that would have requested `/stats`.
//!
//! # The report
//! | key | meaning here |
//! |---|---|
//! | `cpu_usage` | percent of the machine's CPUs that were busy over that interval |
//! | `interval_seconds` | how long that interval was: 0.1 or more; after a pause, the pause |
//! | `elapsed_seconds` | from when a worker took the purchase up to when the sale was booked |
//! | `error_msg` | why it was refused, or empty |
//! | `memory_usage` | memory in use on the machine, MiB: MemTotal − MemAvailable |
//! | `result` | whether it was sold |
//! | `started_time`, `stopped_time` | the two ends of `elapsed_seconds`, local time |
//! | `rest` | the second server's report, if there is one |
//!
//! It lacks `cpu_seconds`, the CPU time of that purchase alone: microseconds here, and reading it would
//! take longer than the purchase.
//!
//! What has not been measured yet is `null`. The kernel counts CPU time in hundredths of a second, so
//! shorter intervals would be meaningless; a reading is taken after answers are sent, so it does not
//! delay them.
//!
//! # The counts of `/stats`
//! Every purchase request that reached an existing product (`purchase_requests`) is in exactly one of
//! `purchases` (sold), `refused`, `forbidden` (CSRF), `in_flight` or the faults that replace the
//! answer. Connections are counted as they are accepted, so those that request `/stats` are included in
//! them; `most_connections` and `most_in_flight` are the most at once since the start.
//!
//! # The second server
//! With [`Settings::rest`] the second half of the service time is the second server's (payment and
//! stock). It is simulated by this process: its times are observed around that stage, its CPU and memory
//! figures are those of the same machine.

pub mod body;
pub mod certificate;
mod connection;
mod desk;
mod faults;
pub mod form;
pub mod http;
pub mod inventory;
mod layer;
mod meter;
mod pages;
pub mod process;
mod purchase;
mod queue;
mod reception;
pub mod refusal;
mod report;
mod response;
pub mod route;
mod server;
mod service;
mod settings;
mod stats;
mod tls;

use std::io::{self, Write};

pub use faults::{FaultError, FaultKind, Faults};
pub use settings::{HomeSize, MAX_HOME_SIZE, Settings};
pub use tls::{TlsError, TlsSettings};

use crate::console::Console;
use crate::exit::Error;
use crate::signals::Signals;
use crate::sys::limits;
use server::Server;

/// Serves until a signal ends it. `announce` is called with its URL once connections to it are
/// accepted; see [`print_address`].
pub fn run(
    settings: &Settings,
    signals: &mut Signals,
    announce: impl FnOnce(&str) -> io::Result<()>,
) -> Result<(), Error> {
    let tls = settings.tls.as_ref().map(TlsSettings::load).transpose()?;
    let scheme = tls.as_ref().map_or("http", |_| "https");
    // If the limit cannot be raised, the shop serves fewer connections.
    let _ = limits::raise_open_files();
    let serve = || {
        let mut server = Server::open(settings, tls)?;
        announce(&format!("{scheme}://{}", server.address()?))?;
        server.watch(signals.source())?;
        server.serve(|| signals.received().is_some())
    };
    serve().map_err(|error| Error::failed(format_args!("the shop at {}: {error}", settings.listen)))
}

/// Prints the line that gives a parent process the shop's address: `http://127.0.0.1:8000`.
pub fn print_address(url: &str) -> io::Result<()> {
    Console::stdout().write_all(format!("{url}\n").as_bytes())
}
