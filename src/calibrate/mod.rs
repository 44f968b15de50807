//! `profilerclient calibrate`: the measurement error on this machine. It buys from the
//! embedded shop, whose response times are known, and compares the reported figures with arithmetic.
//!
//! ```text
//! plan of cells ─► a shop for each standard ─► bursts ─► comparison with arithmetic ─► table, JSON
//! ```
//! One burst gives the figures of both clocks: each row has the kernel's timestamp and the time at
//! which the program read the response.

mod arithmetic;
mod bench;
mod json;
mod text;

use std::io::{self, IsTerminal, Write};
use std::num::NonZeroUsize;
use std::time::Duration;

use crate::console::{Console, is_unread};
use crate::exit::{Ending, Error, Hinted};
use crate::net::tls::TlsError;
use crate::precise::{Choice, Guard, Precise};
use crate::prepare::PrepareError;
use crate::prepare::limits;
use crate::row::Row;
use crate::row::failure::Failure;
use crate::settings::AtOnce;
use crate::settings::CalibrateSettings;
use crate::shop::process::StartError;
use crate::signals::Signals;
use crate::stats::Sample;
use crate::sys::stamps;
use crate::time::clock::{Clock, Drift, Stamp};

use arithmetic::{Comparison, Purchase, Standard};
use bench::{Bench, Shop};

/// No burst starts later than this: on a busy machine they take several times as long.
const BUDGET: Duration = Duration::from_secs(10);

/// Bursts at one standard: their sizes, and how often each is sent.
struct Cells {
    standard: Standard,
    bursts: &'static [(usize, usize)],
}

/// What is measured: about 6 s on an idle machine.
fn cells() -> [Cells; 3] {
    let standard = |service_ms, workers| Standard {
        service: Duration::from_millis(service_ms),
        workers: NonZeroUsize::new(workers),
    };
    [
        Cells {
            standard: standard(5, 0),
            bursts: &[(1, 100), (10, 30), (100, 10), (1000, 5)],
        },
        Cells {
            standard: standard(50, 0),
            bursts: &[(1, 10), (10, 10), (100, 5), (1000, 3)],
        },
        Cells {
            standard: standard(2, 2),
            bursts: &[(10, 10), (100, 3), (1000, 1)],
        },
    ]
}

/// The result of the calibration.
struct Findings {
    /// Whether kernel timestamps are available, and if not, why.
    kernel_stamps: Result<(), io::Error>,
    floor: Floor,
    levels: Vec<Level>,
    /// Why bursts were left out: the first reason.
    left_out: Option<String>,
    /// The measures of `--precise` and `--cpu` during the bursts.
    precise: Option<Precise>,
    drift: Drift,
    /// Whether it is of connections with TLS.
    is_over_tls: bool,
}

/// Elapsed times of a single shopper at a shop that takes no time, by the kernel's clock where it
/// stamps, else by the program's.
#[derive(Default)]
struct Floor {
    /// With the connection's handshake.
    new_connection: Sample,
    /// On an established connection.
    kept_connection: Sample,
}

/// Bursts of one size at one standard.
struct Level {
    standard: Standard,
    shoppers: usize,
    rounds: usize,
    comparison: Comparison,
}

const OUT_OF_TIME: &str =
    "some bursts: the time was up, since this machine is busy with other work";

enum Stop {
    Signal(i32),
    Failed(CalibrateError),
}

impl<E: Into<CalibrateError>> From<E> for Stop {
    fn from(error: E) -> Stop {
        Stop::Failed(error.into())
    }
}

/// Why a calibration failed.
#[derive(Debug)]
enum CalibrateError {
    /// The shop could not be started.
    Shop(StartError),
    /// Its pages could not be read.
    Prepare(PrepareError),
    /// TLS cannot be set up.
    Tls(TlsError),
    /// The event loop failed.
    EventLoop(io::Error),
    /// A purchase failed; with the failure, if known.
    Purchase(Option<Failure>),
}

impl Hinted for CalibrateError {
    fn finding(&self) -> String {
        match self {
            CalibrateError::Shop(error) => error.finding(),
            CalibrateError::Prepare(error) => error.finding(),
            CalibrateError::Tls(error) => error.finding(),
            CalibrateError::EventLoop(error) => format!("the event loop failed ({error})"),
            CalibrateError::Purchase(Some(failure)) => {
                format!("a purchase at the built-in shop failed ({failure})")
            }
            CalibrateError::Purchase(None) => {
                "a purchase at the built-in shop has no times".to_owned()
            }
        }
    }

    fn hint(&self) -> String {
        match self {
            CalibrateError::Shop(error) => error.hint(),
            CalibrateError::Prepare(error) => error.hint(),
            CalibrateError::Tls(error) => error.hint(),
            CalibrateError::EventLoop(_) => "check the limits of this machine".to_owned(),
            CalibrateError::Purchase(failure) => {
                let hint = failure.as_ref().and_then(|failure| failure.kind.hint());
                hint.unwrap_or("try again when this machine has less other work")
                    .to_owned()
            }
        }
    }
}

impl From<StartError> for CalibrateError {
    fn from(error: StartError) -> CalibrateError {
        CalibrateError::Shop(error)
    }
}

impl From<TlsError> for CalibrateError {
    fn from(error: TlsError) -> CalibrateError {
        CalibrateError::Tls(error)
    }
}

impl From<PrepareError> for CalibrateError {
    fn from(error: PrepareError) -> CalibrateError {
        CalibrateError::Prepare(error)
    }
}

impl From<CalibrateError> for Error {
    fn from(error: CalibrateError) -> Error {
        Error::failed(format_args!("calibrate: {}", error.line()))
    }
}

/// Calibrates, and prints the results.
pub fn run(settings: &CalibrateSettings, signals: &mut Signals) -> Result<Ending, Error> {
    let cpu = (settings.precise.choose()).map_err(|error| Error::usage(error.line()))?;
    let shows_progress = !settings.quiet && io::stderr().is_terminal();
    if shows_progress {
        // Failing to write the message is ignored.
        Console::stderr().say("calibrating: about 10 s of bursts on loopback");
    }
    let findings = match measure(settings, cpu, signals) {
        Ok(findings) => findings,
        Err(Stop::Signal(signal)) => return Ok(Ending::Interrupted(signal)),
        Err(Stop::Failed(error)) => return Err(error.into()),
    };
    let mut shown = Vec::new();
    match (settings.json, settings.quiet) {
        (true, _) => json::write(&findings, &mut shown),
        (false, true) => text::conclusion(&findings, &mut shown),
        (false, false) => text::write(&findings, &mut shown),
    }
    .and_then(|()| Console::stdout().write_all(&shown))
    .or_else(|error| match is_unread(&error) {
        // The reader closed the pipe early, or a signal ended the wait for it.
        true => Ok(()),
        false => Err(Error::Failed(format!(
            "the findings cannot be written: {error}"
        ))),
    })?;
    Ok(signals.received().map_or(Ending::Done, Ending::Interrupted))
}

fn measure(
    settings: &CalibrateSettings,
    cpu: Option<Choice>,
    signals: &mut Signals,
) -> Result<Findings, Stop> {
    let (tls, asked) = (settings.tls, settings.precise);
    let binary = std::env::current_exe().map_err(StartError::NoProgram)?;
    // It lasts as long as this socket does.
    let stamping = stamps::switch_on();
    let mut bench = Bench {
        binary: &binary,
        clock: Clock::start(),
        kernel_stamps: stamping.is_ok(),
        tls,
        signals,
        asked,
        cpu,
        precise: None,
    };
    let floor = bench.floor()?;
    let mut levels = Vec::new();
    let mut left_out = None;
    let end = bench.clock.now().after(BUDGET);
    for Cells { standard, bursts } in cells() {
        let shop = bench.shop(standard)?;
        for &(shoppers, rounds) in bursts {
            if let Err(why) = limits::descriptors_for(AtOnce::concurrent(shoppers)) {
                left_out.get_or_insert(why.line());
                continue;
            }
            let level = bench.level(&shop, standard, shoppers, rounds, end)?;
            if level.rounds < rounds {
                left_out.get_or_insert_with(|| OUT_OF_TIME.to_owned());
            }
            if level.rounds > 0 {
                levels.push(level);
            }
        }
    }
    Ok(Findings {
        kernel_stamps: stamping.map(drop),
        floor,
        levels,
        left_out,
        precise: bench.precise,
        drift: bench.clock.drift(),
        is_over_tls: tls,
    })
}

impl Bench<'_> {
    /// Sends bursts of one size, up to the given number, and none that starts after `end`.
    fn level(
        &mut self,
        shop: &Shop,
        standard: Standard,
        shoppers: usize,
        rounds: usize,
        end: Stamp,
    ) -> Result<Level, Stop> {
        let mut level = Level {
            standard,
            shoppers,
            rounds: 0,
            comparison: Comparison::default(),
        };
        let guard = self.take_measures();
        while level.rounds < rounds && self.clock.now() < end {
            let rows = self.burst(shop, shoppers)?;
            level
                .comparison
                .add(purchases(&rows, &self.clock)?, standard);
            level.rounds += 1;
        }
        self.precise = guard.map(Guard::end);
        Ok(level)
    }
}

fn purchases(rows: &[Row], clock: &Clock) -> Result<Vec<Purchase>, CalibrateError> {
    rows.iter()
        .map(|row| {
            Purchase::of(row, clock).ok_or_else(|| {
                let exchanges = [&row.home, &row.buy].into_iter();
                let mut failed = exchanges.filter_map(|exchange| exchange.failure.clone());
                CalibrateError::Purchase(failed.next())
            })
        })
        .collect()
}
