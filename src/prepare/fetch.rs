//! A single page, fetched before a load and outside its timing, by the load's own event loop: a plan of
//! one request, and a recorder that keeps the page.

use std::net::SocketAddr;
use std::time::Duration;

use crate::http::response::{DATE_BYTES, Head};
use crate::net::sources::Sources;
use crate::net::tls::TlsClient;
use crate::plan::{Orders, Plan};
use crate::reactor::{Reactor, ReactorSettings, Recorder};
use crate::row::failure::{Failure, FailureKind};
use crate::row::{Exchange, Row};
use crate::settings::NetSettings;
use crate::shopper::Shopper;
use crate::shopper::scenario::{PageRequest, Scenario};
use crate::signals::Signals;
use crate::time::clock::Clock;

/// The longest page read, bytes.
pub const PAGE_LIMIT: usize = 4 << 20;

/// The time-out of one page with its redirects, where that of the load is longer.
const PATIENCE: Duration = Duration::from_secs(30);

/// A page as received, after redirects.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// The status.
    pub status: u16,
    /// Its path after redirects.
    pub path: String,
    /// The values of its Set-Cookie fields, and of those of the redirects before it.
    pub cookies: Vec<String>,
    /// The body.
    pub body: Vec<u8>,
    /// The number of redirects.
    pub redirects: u8,
    /// Its Date field.
    pub date: Option<[u8; DATE_BYTES]>,
    /// The field by which the body is encoded, if it is.
    pub coding: Option<Box<str>>,
    /// Whether the server would accept another request on the same connection.
    pub keep_alive: bool,
    /// All header fields, with their names.
    pub fields: Vec<(String, String)>,
    /// When it was requested and received.
    pub times: Times,
}

impl Page {
    /// The value of the first field of that name.
    pub fn field(&self, name: &str) -> Option<&str> {
        let mut of_name = self
            .fields
            .iter()
            .filter(|(of, _)| of.eq_ignore_ascii_case(name));
        of_name.next().map(|(_, value)| value.as_str())
    }
}

/// Instants of a page by this machine's wall clock, nanoseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// Before the first connection.
    pub started: i64,
    /// Before the first request was sent.
    pub sent: i64,
    /// When its last byte arrived.
    pub received: i64,
}

/// Fetches the page at `path` with the load's own header fields, following redirects as the load does.
pub fn get(
    scenario: &Scenario,
    address: SocketAddr,
    net: &NetSettings,
    path: &str,
    signals: &mut Signals,
) -> Result<Page, Failure> {
    let request = PageRequest {
        path: path.to_owned(),
        form: None,
        limit: PAGE_LIMIT,
    };
    let patience = net.timeout.unwrap_or(PATIENCE).min(PATIENCE);
    fetch(scenario, request, address, net, Some(patience), signals)
}

/// Sends a form as a purchase of the load would, following redirects as the load does.
pub fn post(
    scenario: &Scenario,
    address: SocketAddr,
    net: &NetSettings,
    path: &str,
    form: Vec<u8>,
    signals: &mut Signals,
) -> Result<Page, Failure> {
    let request = PageRequest {
        path: path.to_owned(),
        form: Some(form),
        limit: scenario.max_body,
    };
    fetch(scenario, request, address, net, net.timeout, signals)
}

fn fetch(
    scenario: &Scenario,
    request: PageRequest,
    address: SocketAddr,
    net: &NetSettings,
    timeout: Option<Duration>,
    signals: &mut Signals,
) -> Result<Page, Failure> {
    let scenario = Scenario {
        page: Some(request),
        ..scenario.clone()
    };
    let tls = net.tls.as_ref().map(TlsClient::load).transpose();
    let settings = ReactorSettings {
        sources: net.ways.first_source().map(Sources::only),
        tls: tls.map_err(|error| Failure::with_detail(FailureKind::Other, &error.to_string()))?,
        timeout,
        connect_timeout: net.connect_timeout,
        ..ReactorSettings::towards(address)
    };
    let orders = Orders {
        seed: 0,
        products: 1,
        first: 0,
    };
    let plan = Plan::burst(orders, 1);
    let clock = Clock::start();
    let mut kept = Kept::default();
    Reactor::arm(&plan, &scenario, &settings, &clock, signals, &mut kept).and_then(Reactor::run)?;
    let exchange = kept.exchange.ok_or(FailureKind::Interrupted)?;
    let failed = exchange.failure.clone();
    let Some(mut page) = kept.page else {
        return Err(failed.unwrap_or_else(|| FailureKind::Interrupted.into()));
    };
    page.redirects = exchange.redirects;
    let unix = |stamp| clock.unix_nanos(stamp);
    let started = exchange.started.map_or(0, unix);
    page.times = Times {
        started,
        sent: exchange.connected.map_or(started, unix),
        received: exchange.seen.map_or(started, unix),
    };
    Ok(page)
}

/// Keeps the result of the one request.
#[derive(Default)]
struct Kept {
    page: Option<Page>,
    exchange: Option<Exchange>,
}

impl Recorder for Kept {
    fn keep(&mut self, shopper: &Shopper, scenario: &Scenario) {
        self.page = shopper
            .page(scenario)
            .map(|(head, body, path)| page(head, body, path));
    }

    fn record(&mut self, row: Row) {
        // Only the form of a purchase does not begin with the home page.
        self.exchange = Some(match row.home.started {
            Some(_) => row.home,
            None => row.buy,
        });
    }
}

fn page(head: &Head, body: &[u8], path: &str) -> Page {
    let kept = head.page.as_deref().cloned().unwrap_or_default();
    let cookies = String::from_utf8_lossy(&kept.cookies);
    Page {
        status: head.status,
        path: path.to_owned(),
        cookies: cookies.lines().map(str::to_owned).collect(),
        body: body.to_vec(),
        date: kept.date,
        coding: head.coding.clone(),
        keep_alive: head.keep_alive,
        fields: kept.fields,
        ..Page::default()
    }
}
