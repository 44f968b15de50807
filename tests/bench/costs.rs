//! What the parts of the instrument cost: the same load with all of it, with its rows thrown away, with
//! this process's clock instead of the kernel's stamps, and with transmit stamps as well. All sides are
//! measured in turn, against the same embedded shop.
//!
//! `cargo bench --bench costs [-- ROUNDS] [LOAD…]`; LOAD picks loads by a part of their title. The figures
//! are printed, nothing is judged.

use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

use profilerclient::cli;
use profilerclient::console::Lines;
use profilerclient::plan::{Closed, Curve, Load, Open, Orders, Pattern, Plan};
use profilerclient::prepare;
use profilerclient::reactor::{Counts, Dropped, Reactor, ReactorSettings, Recorder};
use profilerclient::row::Row;
use profilerclient::rows::csv_file::{self, ReportFile};
use profilerclient::run::progress::{Progress, Style};
use profilerclient::run::recorder::RunRecorder;
use profilerclient::shop::process::ShopProcess;
use profilerclient::signals::Signals;
use profilerclient::stats::Sample;
use profilerclient::summary::Figures;
use profilerclient::sys::{process, stamps};
use profilerclient::time::clock::{Clock, Stamp};

const BINARY: &str = env!("CARGO_BIN_EXE_profilerclient");

/// How long each measurement is.
const LENGTH: Duration = Duration::from_secs(2);

fn main() {
    let rounds = std::env::args().skip(1).find_map(|arg| arg.parse().ok());
    let rounds: usize = rounds.unwrap_or(7);
    let shop = ShopProcess::start_program(BINARY.as_ref(), &[], false).expect("the shop starts");
    let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory");
    let mut signals = Signals::install().expect("signals");
    let loads = [
        ("arrivals at 2000/s, kept connections", open(2000.0)),
        ("64 at a time, kept connections", closed(64)),
        ("1000 at a time, kept connections", closed(1000)),
    ];
    println!("{rounds} rounds of {LENGTH:?} in turn: median (min to max)");
    let is_number = |arg: &String| arg.parse::<usize>().is_ok();
    let parts: Vec<String> = std::env::args()
        .skip(1)
        // cargo bench adds one.
        .filter(|arg| !arg.starts_with("--") && !is_number(arg))
        .collect();
    for (title, load) in loads {
        if !parts.is_empty() && !parts.iter().any(|part| title.contains(part.as_str())) {
            continue;
        }
        let mut found: [Vec<Found>; SIDES.len()] = Default::default();
        for round in 0..rounds {
            for (side, found) in SIDES.iter().zip(&mut found) {
                let path = side.writes.then(|| directory.path().join("report.csv"));
                let path = path.as_deref();
                found.push(measure(&shop.url, &load, side, round, path, &mut signals));
            }
        }
        println!("{title}");
        for (side, found) in SIDES.iter().zip(found) {
            println!("  {}", side.name);
            let figures: [(&str, Figure); 6] = [
                ("requests per second", |found| found.rate),
                ("CPU per request, µs", |found| found.cpu),
                ("home p50, µs", |found| {
                    micros(&found.figures.home.elapsed(), 500)
                }),
                ("home p99, µs", |found| {
                    micros(&found.figures.home.elapsed(), 990)
                }),
                ("buy p99, µs", |found| {
                    micros(&found.figures.buy.elapsed(), 990)
                }),
                ("launch delay p99, µs", |found| {
                    micros(&found.figures.instrument.launch_delay, 990)
                }),
            ];
            for (label, figure) in figures {
                show(label, found.iter().map(figure).collect());
            }
        }
    }
}

/// A way of running a load.
struct Side {
    name: &'static str,
    /// Whether the rows go into a file.
    writes: bool,
    kernel_stamps: bool,
    transmit_stamps: bool,
}

const SIDES: [Side; 4] = [
    Side {
        name: "kernel stamps, rows in a file (the default)",
        writes: true,
        kernel_stamps: true,
        transmit_stamps: false,
    },
    Side {
        name: "the same, rows thrown away",
        writes: false,
        kernel_stamps: true,
        transmit_stamps: false,
    },
    Side {
        name: "the same, this process's clock (--clock user)",
        writes: true,
        kernel_stamps: false,
        transmit_stamps: false,
    },
    Side {
        name: "the same, transmit stamps too (--tx-stamps)",
        writes: true,
        kernel_stamps: true,
        transmit_stamps: true,
    },
];

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
    figures: Figures,
    /// Requests per second.
    rate: f64,
    /// Microseconds per request.
    cpu: f64,
}

/// Sends the load; its rows go into a file, or nowhere.
fn measure(
    url: &str,
    load: &Load,
    side: &Side,
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
    let scenario = prepare::scenario(&run.shop, &run.net, address, signals).expect("a scenario");
    let settings = ReactorSettings {
        timeout: Some(Duration::from_secs(30)),
        connect_timeout: Some(Duration::from_secs(30)),
        kernel_stamps: side.kernel_stamps,
        transmit_stamps: side.transmit_stamps,
        ..ReactorSettings::towards(address)
    };
    let plan = Plan {
        shard: Default::default(),
        orders: Orders {
            seed: 7,
            products: scenario.buy_paths.len(),
            first: (round as u64) << 40,
        },
        load: load.clone(),
    };
    // The kernel stamps for everybody while one socket asks for it: only where it is wanted.
    let _stamping = (side.kernel_stamps).then(|| stamps::switch_on().expect("receive stamps"));
    let clock = Clock::start();
    let cpu = || {
        let usage = process::usage().expect("the own CPU time");
        (usage.user + usage.system).as_secs_f64()
    };
    let mut go = |recorder: &mut dyn Recorder| {
        let mut recorder = Lent(recorder);
        Reactor::arm(&plan, &scenario, &settings, &clock, signals, &mut recorder)
            .and_then(Reactor::run)
            .expect("the loop runs")
    };
    let (before, outcome, figures) = match path {
        Some(path) => {
            // A report that is there is read through when it is opened: each has a new one.
            let _ = std::fs::remove_file(path);
            let mut file = ReportFile::open(path, csv_file::Settings::default()).expect("a report");
            let progress = Progress::new(Lines::on_stderr(), Style::Hidden, true, &clock);
            let mut recorder = RunRecorder::new(&mut file, &clock, progress);
            let before = cpu();
            let outcome = go(&mut recorder);
            let figures = recorder.take_part();
            recorder.finish().0.expect("rows are written");
            assert_eq!(file.finish().expect("stored"), figures.shoppers);
            (before, outcome, figures)
        }
        None => {
            let mut recorder = Nowhere {
                figures: Figures::default(),
                clock,
            };
            (cpu(), go(&mut recorder), recorder.figures)
        }
    };
    assert_eq!(figures.failed_purchases(), 0, "{:?}", figures.errors);
    let wall = outcome.ended.since(outcome.first_start.expect("shoppers"));
    let requests = 2.0 * figures.bought as f64;
    Found {
        rate: requests / (wall as f64 / 1e9),
        cpu: (cpu() - before) / requests * 1e6,
        figures,
    }
}

/// A recorder behind a reference, so that both kinds run through the same code.
struct Lent<'a>(&'a mut dyn Recorder);

impl Recorder for Lent<'_> {
    fn record(&mut self, row: Row) {
        self.0.record(row);
    }

    fn record_dropped(&mut self, dropped: Dropped) -> bool {
        self.0.record_dropped(dropped)
    }

    fn begin(&mut self, plan: &Plan, origin: Stamp) {
        self.0.begin(plan, origin);
    }

    fn has_backlog(&self) -> bool {
        self.0.has_backlog()
    }

    fn end_iteration(&mut self, counts: &Counts, now: Stamp, idle: bool) -> ControlFlow<()> {
        self.0.end_iteration(counts, now, idle)
    }

    fn patience(&self, now: Stamp) -> Option<Duration> {
        self.0.patience(now)
    }
}

/// Keeps the figures and forgets the rows.
struct Nowhere {
    figures: Figures,
    clock: Clock,
}

impl Recorder for Nowhere {
    fn record(&mut self, row: Row) {
        self.figures.add(&row, &self.clock);
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
