//! What writing the rows costs the figures: the same load with its rows in a real file and with its
//! rows thrown away, in turn, against the same embedded shop.
//!
//! `cargo bench --bench output [-- ROUNDS]`; the figures are printed, nothing is judged.

use std::io;
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

use profilerclient::cli;
use profilerclient::clock::{Clock, Stamp};
use profilerclient::demo::ShopProcess;
use profilerclient::output::csv_file::{self, ReportFile};
use profilerclient::output::progress::Progress;
use profilerclient::output::summary::Summary;
use profilerclient::plan::{Closed, Curve, Load, Open, Orders, Pattern, Plan};
use profilerclient::prepare;
use profilerclient::reactor::{Counts, Reactor, Recorder, Settings};
use profilerclient::row::Row;
use profilerclient::run::recorder::RunRecorder;
use profilerclient::signals::Signals;
use profilerclient::stats::Sample;
use profilerclient::sys::stamps;

const BINARY: &str = env!("CARGO_BIN_EXE_profilerclient");

/// How long each measurement is.
const LENGTH: Duration = Duration::from_secs(2);

fn main() {
    let rounds = std::env::args().skip(1).find_map(|arg| arg.parse().ok());
    let rounds: usize = rounds.unwrap_or(7);
    let shop = ShopProcess::start_program(BINARY.as_ref(), &[]).expect("the shop starts");
    let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory");
    let _stamping = stamps::switch_on().expect("receive stamps");
    let mut signals = Signals::install().expect("signals");
    let loads = [
        ("arrivals at 2000/s, kept connections", open(2000.0)),
        ("64 at a time, kept connections", closed(64)),
    ];
    println!("{rounds} rounds of {LENGTH:?} in turn: median (min to max)");
    for (title, load) in loads {
        let mut sides = [
            ("rows in a file", Vec::new()),
            ("rows thrown away", Vec::new()),
        ];
        for round in 0..rounds {
            for (side, (_, found)) in sides.iter_mut().enumerate() {
                let path = (side == 0).then(|| directory.path().join("report.csv"));
                found.push(measure(
                    &shop.url,
                    &load,
                    round,
                    path.as_deref(),
                    &mut signals,
                ));
            }
        }
        println!("{title}");
        for (name, found) in sides {
            println!("  {name}");
            let figures: [(&str, Figure); 6] = [
                ("purchases per second", |found| found.rate),
                ("home p50, µs", |found| {
                    micros(&found.summary.home.elapsed, 500)
                }),
                ("home p99, µs", |found| {
                    micros(&found.summary.home.elapsed, 990)
                }),
                ("buy p50, µs", |found| {
                    micros(&found.summary.buy.elapsed, 500)
                }),
                ("buy p99, µs", |found| {
                    micros(&found.summary.buy.elapsed, 990)
                }),
                ("launch lag p99, µs", |found| {
                    micros(&found.summary.instrument.launch_lag, 990)
                }),
            ];
            for (label, figure) in figures {
                show(label, found.iter().map(figure).collect());
            }
        }
    }
}

fn open(rate: f64) -> Load {
    Load::Open(Open {
        curve: Curve::Constant(rate),
        pattern: Pattern::Constant,
        count: None,
        duration: Some(LENGTH),
        max_in_flight: 1000,
    })
}

fn closed(shoppers: usize) -> Load {
    Load::Closed(Closed {
        shoppers,
        duration: Some(LENGTH),
        ..Closed::default()
    })
}

type Figure = fn(&Found) -> f64;

struct Found {
    summary: Summary,
    rate: f64,
}

/// Sends the load; its rows go into a file, or nowhere.
fn measure(
    url: &str,
    load: &Load,
    round: usize,
    path: Option<&Path>,
    signals: &mut Signals,
) -> Found {
    let words = ["--keep-alive", "-p", "/"].map(Into::into).to_vec();
    let run = cli::demo_settings(words, url).expect("settings");
    let address = url
        .trim_start_matches("http://")
        .parse()
        .expect("an address");
    let scenario = prepare::scenario(&run, address, signals).expect("a scenario");
    let settings = Settings {
        address: address.into(),
        timeout: Some(Duration::from_secs(30)),
        connect_timeout: Some(Duration::from_secs(30)),
        preconnect: false,
        kernel_stamps: true,
        transmit_stamps: false,
        with_ports: false,
        sources: None,
    };
    let plan = Plan {
        orders: Orders {
            seed: 7,
            products: scenario.buy_paths.len(),
            first: (round as u64) << 40,
        },
        load: load.clone(),
    };
    let clock = Clock::start();
    let mut go = |recorder: &mut dyn Recorder| {
        let mut recorder = Lent(recorder);
        Reactor::arm(&plan, &scenario, &settings, &clock, signals, &mut recorder)
            .and_then(Reactor::run)
            .expect("the loop runs")
    };
    let (outcome, summary) = match path {
        Some(path) => {
            let mut file = ReportFile::open(path, csv_file::Settings::default()).expect("a report");
            let progress = Progress::new(io::stderr(), false, 80, clock.now());
            let mut recorder = RunRecorder::new(&mut file, &clock, progress, false, false);
            let outcome = go(&mut recorder);
            let (summary, written) = recorder.finish();
            written.expect("rows are written");
            assert_eq!(file.finish().expect("stored"), summary.launched);
            (outcome, summary)
        }
        None => {
            let mut recorder = Nowhere(Summary::default());
            (go(&mut recorder), recorder.0)
        }
    };
    assert_eq!(summary.failed_purchases(), 0, "{:?}", summary.errors);
    let wall = outcome.ended.since(outcome.first_start.expect("shoppers"));
    let rate = summary.bought as f64 / (wall as f64 / 1e9);
    Found { summary, rate }
}

/// A recorder behind a reference, so that both kinds run through the same code.
struct Lent<'a>(&'a mut dyn Recorder);

impl Recorder for Lent<'_> {
    fn record(&mut self, row: Row) {
        self.0.record(row);
    }

    fn has_backlog(&self) -> bool {
        self.0.has_backlog()
    }

    fn turn(&mut self, counts: &Counts, now: Stamp, idle: bool) -> ControlFlow<()> {
        self.0.turn(counts, now, idle)
    }

    fn patience(&self) -> Option<Duration> {
        self.0.patience()
    }
}

/// Keeps the figures and forgets the rows.
struct Nowhere(Summary);

impl Recorder for Nowhere {
    fn record(&mut self, row: Row) {
        self.0.add(&row);
    }

    fn has_backlog(&self) -> bool {
        false
    }

    fn turn(&mut self, _: &Counts, _: Stamp, _: bool) -> ControlFlow<()> {
        ControlFlow::Continue(())
    }

    fn patience(&self) -> Option<Duration> {
        None
    }
}

fn micros(sample: &Sample, thousandths: u32) -> f64 {
    let quantile = profilerclient::stats::Quantile::per_mille(thousandths).expect("a quantile");
    sample.percentile(quantile).expect("enough values") as f64 / 1e3
}

fn show(label: &str, mut values: Vec<f64>) {
    values.sort_by(f64::total_cmp);
    let (min, max) = (values[0], values[values.len() - 1]);
    let median = values[values.len() / 2];
    println!("    {label:<24} {median:>10.1}  ({min:.1} to {max:.1})");
}
