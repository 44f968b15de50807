//! The event loop in this process: when each arrival was due, and when it was launched.

use std::net::SocketAddr;
use std::time::Duration;

use profilerclient::cli;
use profilerclient::exit::Hinted;
use profilerclient::plan::{Curve, Load, Open, Orders, Pattern, Plan};
use profilerclient::precise::{Asked, Circumstances, Guard};
use profilerclient::prepare;
use profilerclient::reactor::{Reactor, ReactorSettings, Recorder};
use profilerclient::row::Row;
use profilerclient::signals::Signals;
use profilerclient::time::clock::Clock;

use super::truth::Truth;

/// The most shoppers in flight.
const MOST: usize = 5000;

/// One arrival: its port, when it was due and when it was launched; nanoseconds, CLOCK_REALTIME.
struct Arrival {
    port: u16,
    due: i64,
    started: i64,
}

/// The arrivals of a run.
pub struct Measured(Vec<Arrival>);

/// The pace of a run, nanoseconds.
#[derive(Default)]
pub struct Paced {
    /// From due to started.
    pub launch: Vec<i64>,
    /// From due to the SYN.
    pub syn: Vec<i64>,
    /// By how much the time from one SYN to the next differs from the plan.
    pub interval: Vec<i64>,
    /// Arrivals without a SYN in the capture.
    pub missing: usize,
}

impl Measured {
    /// Finds the SYN of each arrival.
    pub fn join(mut self, truth: &Truth) -> Paced {
        let mut paced = Paced::default();
        self.0.sort_by_key(|arrival| arrival.due);
        let mut before: Option<(i64, i64)> = None;
        for Arrival { port, due, started } in self.0 {
            paced.launch.push(started - due);
            let request = truth.nearest(port, started, true);
            let Some(syn) = request.and_then(|request| request.connect) else {
                paced.missing += 1;
                before = None;
                continue;
            };
            paced.syn.push(syn - due);
            if let Some((due_before, syn_before)) = before {
                paced
                    .interval
                    .push(((syn - syn_before) - (due - due_before)).abs());
            }
            before = Some((due, syn));
        }
        paced
    }
}

/// Sends the load.
pub fn run(
    rate: u32,
    is_precise: bool,
    seconds: u32,
    address: SocketAddr,
    signals: &mut Signals,
) -> Result<Measured, String> {
    let args = vec!["--page-query".into(), "/".into()];
    let run = cli::demo_settings(args, &format!("http://{address}")).map_err(|e| e.to_string())?;
    let scenario = prepare::scenario(&run.shop, &run.net, address, signals)
        .map_err(|error| error.to_string())?;
    let orders = Orders {
        seed: 0,
        products: scenario.buy_paths.len(),
        first: 0,
    };
    let plan = Plan {
        shard: Default::default(),
        orders,
        load: Load::Open(Open {
            curve: Curve::Constant(rate.into()),
            pattern: Pattern::Constant,
            count: Some(u64::from(rate) * u64::from(seconds)),
            duration: None,
            max_in_flight: MOST,
        }),
    };
    let asked = Asked {
        is_precise,
        cpu: None,
    };
    let of = Circumstances {
        is_local: true,
        has_due_launches: true,
    };
    let choice = asked.choose().map_err(|error| error.line())?;
    let clock = Clock::start();
    let mut rows = Rows(Vec::with_capacity(rate as usize * seconds as usize));
    let guard = is_precise.then(|| Guard::begin(asked, choice.as_ref(), of));
    let spin = guard.as_ref().map(Guard::spin_before_due);
    let settings = ReactorSettings {
        timeout: Some(Duration::from_secs(30)),
        connect_timeout: Some(Duration::from_secs(30)),
        kernel_stamps: true,
        with_ports: true,
        spin: spin.unwrap_or_default(),
        ..ReactorSettings::towards(address)
    };
    let outcome = Reactor::arm(&plan, &scenario, &settings, &clock, signals, &mut rows)
        .and_then(Reactor::run)
        .map_err(|error| format!("the event loop failed: {error}"))?;
    drop(guard);
    if outcome.interrupted.is_some() {
        return Err("interrupted".to_owned());
    }
    if clock.drift().is_notable() {
        return Err(format!("the wall clock was set by {}", clock.drift()));
    }
    let arrival = |row: &Row| {
        Some(Arrival {
            port: row.home.local_port?,
            due: clock.unix_nanos(row.due?),
            started: clock.unix_nanos(row.home.started?),
        })
    };
    Ok(Measured(rows.0.iter().filter_map(arrival).collect()))
}

struct Rows(Vec<Row>);

impl Recorder for Rows {
    fn record(&mut self, row: Row) {
        self.0.push(row);
    }
}
