//! This program's side: bursts by its event loop, with the clock readings of each request.

use std::net::SocketAddr;
use std::path::Path as FilePath;
use std::time::Duration;

use profilerclient::cli;
use profilerclient::net::tls::TlsClient;
use profilerclient::plan::{self, Closed, Orders, Plan};
use profilerclient::prepare;
use profilerclient::reactor::{Reactor, ReactorSettings, Recorder};
use profilerclient::row::{ClockSource, Exchange, Row};
use profilerclient::signals::Signals;
use profilerclient::time::clock::Clock;
use rustls::pki_types::ServerName;

use super::tools::STEADY_SECONDS;

/// What one measurement of this program does.
#[derive(Clone, Copy)]
pub struct Bursts {
    pub shoppers: usize,
    /// How many bursts; 0 for loops, one after the other on each connection, for some seconds.
    pub rounds: usize,
    /// Connections made ahead and kept for the purchase; else one for each request.
    pub kept: bool,
    /// What follows the app in the home request; nothing gets a redirect.
    pub page: &'static str,
    /// Whether connections have TLS.
    pub tls: bool,
}

/// One request as the program measured it. Nanoseconds, CLOCK_REALTIME.
pub struct Measured {
    pub port: u16,
    pub is_purchase: bool,
    pub started: i64,
    /// By the kernel's clock, where it stamped.
    pub stopped: Option<i64>,
    pub seen: i64,
    /// From the arrival of redirects to the start of their requests, where there were any.
    pub hop_delay: Option<i64>,
}

/// Sends the bursts; returns also how many requests failed. `ca` is trusted, where there is TLS.
pub fn run(
    bursts: Bursts,
    address: SocketAddr,
    ca: &FilePath,
    signals: &mut Signals,
) -> Result<(Vec<Measured>, usize), String> {
    let mut args = vec!["--page-query".into(), bursts.page.into()];
    if bursts.kept {
        args.push("--keep-alive".into());
    }
    let scheme = if bursts.tls { "https" } else { "http" };
    let url = format!("{scheme}://{address}");
    let mut run = cli::demo_settings(args, &url).map_err(|error| error.to_string())?;
    if let Some(tls) = &mut run.net.tls {
        tls.ca = vec![ca.to_owned()];
        tls.ca_only = true;
        // Over a path the server has another address than those in the certificate.
        tls.name = ServerName::try_from("localhost").map_err(|error| error.to_string())?;
    }
    let tls = run.net.tls.as_ref().map(TlsClient::load).transpose();
    let scenario = prepare::scenario(&run.shop, &run.net, address, signals)
        .map_err(|error| error.to_string())?;
    let settings = ReactorSettings {
        tls: tls.map_err(|error| error.to_string())?,
        timeout: Some(Duration::from_secs(30)),
        connect_timeout: Some(Duration::from_secs(30)),
        preconnect: bursts.kept,
        kernel_stamps: true,
        with_ports: true,
        ..ReactorSettings::towards(address)
    };
    let orders = Orders {
        seed: 0,
        products: scenario.buy_paths.len(),
        first: 0,
    };
    let plan = match bursts.rounds {
        0 => Plan {
            shard: Default::default(),
            orders,
            load: plan::Load::Closed(Closed {
                shoppers: bursts.shoppers,
                duration: Some(Duration::from_secs(STEADY_SECONDS as u64)),
                ..Closed::default()
            }),
        },
        _ => Plan::burst(orders, bursts.shoppers),
    };
    let clock = Clock::start();
    let mut measured = Vec::new();
    let mut failed = 0;
    for _ in 0..bursts.rounds.max(1) {
        let mut rows = Rows(Vec::with_capacity(bursts.shoppers));
        let outcome = Reactor::arm(&plan, &scenario, &settings, &clock, signals, &mut rows)
            .and_then(Reactor::run)
            .map_err(|error| format!("the event loop failed: {error}"))?;
        if outcome.interrupted.is_some() {
            return Err("interrupted".to_owned());
        }
        for row in &rows.0 {
            for (exchange, is_purchase) in [(&row.home, false), (&row.buy, true)] {
                match one(exchange, is_purchase, &clock) {
                    Some(one) => measured.push(one),
                    None => failed += 1,
                }
            }
        }
    }
    if clock.drift().is_notable() {
        return Err(format!("the wall clock was set by {}", clock.drift()));
    }
    Ok((measured, failed))
}

fn one(exchange: &Exchange, is_purchase: bool, clock: &Clock) -> Option<Measured> {
    if !exchange.satisfied() {
        return None;
    }
    let stopped = clock.unix_nanos(exchange.stopped?);
    Some(Measured {
        port: exchange.local_port?,
        is_purchase,
        started: clock.unix_nanos(exchange.started?),
        stopped: (exchange.clock == ClockSource::Kernel).then_some(stopped),
        seen: clock.unix_nanos(exchange.seen?),
        hop_delay: (exchange.redirects > 0).then_some(exchange.hop_delay),
    })
}

struct Rows(Vec<Row>);

impl Recorder for Rows {
    fn record(&mut self, row: Row) {
        self.0.push(row);
    }
}
