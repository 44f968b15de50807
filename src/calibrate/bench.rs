//! A shop for each standard, and bursts sent to it.

use std::path::Path;
use std::time::Duration;

use super::arithmetic::Standard;
use super::{CalibrateError, Floor, Stop, purchases};
use crate::net::target::Target;
use crate::net::tls::TlsClient;
use crate::net::ways::{HostPort, Ways};
use crate::plan::{Orders, Plan};
use crate::precise::{Asked, Choice, Circumstances, Guard, Precise};
use crate::prepare;
use crate::reactor::{Reactor, ReactorSettings, Recorder};
use crate::row::Row;
use crate::settings::{BuyQuery, NetSettings, Products, ShopSettings};
use crate::shop::process::{ShopProcess, StartError};
use crate::shopper::scenario::Scenario;
use crate::signals::Signals;
use crate::time::clock::Clock;

/// Bursts of a single shopper at a shop that takes no time: the smallest possible figures.
const FLOOR_ROUNDS: usize = 300;

/// A shop to buy from and its address.
pub(super) struct Shop {
    /// Dropping it ends the shop.
    _process: ShopProcess,
    scenario: Scenario,
    settings: ReactorSettings,
}

/// Where bursts are sent from.
pub(super) struct Bench<'a> {
    /// The program's executable, to start shops from.
    pub(super) binary: &'a Path,
    pub(super) clock: Clock,
    pub(super) kernel_stamps: bool,
    /// Whether the shops are bought from over TLS.
    pub(super) tls: bool,
    pub(super) signals: &'a mut Signals,
    pub(super) asked: Asked,
    /// The CPU for the event loop, if one is asked for.
    pub(super) cpu: Option<Choice>,
    /// The measures of the last bursts.
    pub(super) precise: Option<Precise>,
}

impl Bench<'_> {
    /// Starts a shop of that standard.
    pub(super) fn shop(&mut self, standard: Standard) -> Result<Shop, Stop> {
        let service = format!("{}us", standard.service.as_micros());
        let workers = standard.workers.map(|workers| workers.to_string());
        let mut args = vec!["--service-time", &service];
        if let Some(workers) = &workers {
            args.extend(["--workers", workers]);
        }
        let process = ShopProcess::start_program(self.binary, &args, self.tls)?;
        let address = process.address()?;
        let target =
            Target::parse(&process.url).map_err(|_| StartError::NoAddress(process.url.clone()))?;
        let net = NetSettings {
            tls: process.tls()?,
            ..net_settings(&target)
        };
        let tls = net.tls.as_ref().map(TlsClient::load).transpose()?;
        let scenario = prepare::scenario(&shop_settings(target), &net, address, self.signals)?;
        let settings = ReactorSettings {
            tls,
            timeout: net.timeout,
            connect_timeout: net.connect_timeout,
            preconnect: net.preconnect,
            kernel_stamps: self.kernel_stamps,
            ..ReactorSettings::towards(address)
        };
        Ok(Shop {
            _process: process,
            scenario,
            settings,
        })
    }

    /// Sends a burst and waits for its rows.
    pub(super) fn burst(&mut self, shop: &Shop, shoppers: usize) -> Result<Vec<Row>, Stop> {
        let orders = Orders {
            seed: 0,
            products: shop.scenario.buy_paths.len(),
            first: 0,
        };
        let plan = Plan::burst(orders, shoppers);
        let mut rows = Rows(Vec::with_capacity(shoppers));
        let outcome = Reactor::arm(
            &plan,
            &shop.scenario,
            &shop.settings,
            &self.clock,
            self.signals,
            &mut rows,
        )
        .and_then(Reactor::run)
        .map_err(CalibrateError::EventLoop)?;
        match outcome.interrupted {
            Some(signal) => Err(Stop::Signal(signal)),
            None => Ok(rows.0),
        }
    }

    /// Takes the measures of `--precise` and `--cpu` for some bursts: not while shops are started, which
    /// would inherit some of them.
    pub(super) fn take_measures(&self) -> Option<Guard> {
        let of = Circumstances {
            is_local: true,
            has_due_launches: false,
        };
        let is_asked = self.asked != Asked::default();
        is_asked.then(|| Guard::begin(self.asked, self.cpu.as_ref(), of))
    }

    /// Measures the smallest figures.
    pub(super) fn floor(&mut self) -> Result<Floor, Stop> {
        let mut shop = self.shop(Standard {
            service: Duration::ZERO,
            workers: None,
        })?;
        shop.settings.preconnect = false;
        let mut floor = Floor::default();
        let guard = self.take_measures();
        for _ in 0..FLOOR_ROUNDS {
            for row in self.burst(&shop, 1)? {
                // Reports what failed, if anything did.
                purchases(std::slice::from_ref(&row), &self.clock)?;
                if let (Some(home), Some(buy)) = (row.home.elapsed(), row.buy.elapsed()) {
                    floor.new_connection.push(home);
                    floor.kept_connection.push(buy);
                }
            }
        }
        self.precise = guard.map(Guard::end);
        Ok(floor)
    }
}

/// The shop settings for the built-in shop.
fn shop_settings(target: Target) -> ShopSettings {
    ShopSettings {
        target,
        app: "rdbms".to_owned(),
        page_query: String::new(),
        buy_query: BuyQuery::parse("/{!s}/purchase/1/").expect("a place for the id"),
        products: Products::Listed(["2", "3", "4", "5"].map(str::to_owned).to_vec()),
        headers: Vec::new(),
        user_agent: concat!("profilerclient/", env!("CARGO_PKG_VERSION")).to_owned(),
        csrf: false,
        max_body: 1 << 20,
        site: Default::default(),
        max_memory: None,
    }
}

fn net_settings(target: &Target) -> NetSettings {
    const PATIENCE: Duration = Duration::from_secs(10);
    NetSettings {
        ways: Ways {
            to: HostPort::of(target),
            named_by: crate::net::target::TARGET,
            resolved: Vec::new(),
            bind: None,
        },
        tls: None,
        keep_alive: true,
        preconnect: true,
        timeout: Some(PATIENCE),
        connect_timeout: Some(PATIENCE),
        retry_delay: Duration::ZERO,
    }
}

/// Keeps the rows.
struct Rows(Vec<Row>);

impl Recorder for Rows {
    fn record(&mut self, row: Row) {
        self.0.push(row);
    }
}
