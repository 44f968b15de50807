//! What the tests of the load models share: runs and their rows in the order of the starts, and a
//! server that records the purchases.

use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use jiff::civil::DateTime;
use profilerclient::http::request::RequestWriter;
use profilerclient::plan::{DOMAIN, Order, Orders, Plan};
use profilerclient::reactor::{LoadOutcome, Reactor, ReactorSettings, Recorder};
use profilerclient::shopper::scenario::Scenario;
use profilerclient::signals::Signals;
use profilerclient::time::clock::Clock;
use serde_json::Value;
use tempfile::tempdir;
use url::Url;

use crate::support::*;

/// Products that the app `rdbms` has on sale: 2, 3, 4, 5.
const PRODUCTS: usize = 4;

/// The shoppers of a run by its seed.
pub fn orders_of(seed: u64) -> Orders {
    Orders {
        seed,
        products: PRODUCTS,
        first: 0,
    }
}

/// What a run left behind.
pub struct Run {
    /// In the order of the file.
    pub rows: Vec<Row>,
    /// The summary.
    pub json: Value,
}

/// The command line of a run with these words of load.
pub fn words(url: &str, file: &str, load: &str) -> Vec<String> {
    let fixed = ["-t", url, "-d", "rdbms", "-o", file];
    let all = fixed.into_iter().chain(load.split_whitespace());
    all.map(str::to_owned).collect()
}

/// Runs that load to its good end.
#[track_caller]
pub fn run(url: &str, load: &str) -> Run {
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let mut args = words(url, file.to_str().expect("UTF-8"), load);
    args.push("--json".to_owned());
    let finished = client(args).ok();
    let json: Value = serde_json::from_str(&finished.stdout).expect("one JSON object");
    let rows = rows(&file);
    assert_eq!(json["rows_written"], rows.len(), "{load}");
    Run { rows, json }
}

impl Run {
    /// A count of the summary.
    #[track_caller]
    pub fn count(&self, name: &str) -> usize {
        count(&self.json[name])
    }

    /// A figure of a distribution, or any other number.
    #[track_caller]
    pub fn seconds(&self, pointer: &str) -> f64 {
        let value = self.json.pointer(pointer).and_then(Value::as_f64);
        value.unwrap_or_else(|| panic!("{pointer} in {:#}", self.json))
    }

    /// Connections that the client made.
    #[track_caller]
    pub fn connections(&self) -> usize {
        count(&self.json["instrument"]["ports_used"])
    }

    /// Asserts that all bought, and returns how many.
    #[track_caller]
    pub fn all_bought(&self) -> usize {
        for row in &self.rows {
            assert_eq!(row["client_home_result"], "True", "{row:?}");
            assert_eq!(row["client_buy_result"], "True", "{row:?}");
        }
        assert_eq!(self.count("bought"), self.rows.len());
        assert_eq!(self.count("failed_purchases"), 0);
        self.rows.len()
    }
}

#[track_caller]
fn count(value: &Value) -> usize {
    let count = value.as_u64().unwrap_or_else(|| panic!("{value}"));
    usize::try_from(count).expect("a count")
}

/// Runs a load in this process, at a server of the app `rdbms` with the usual paths.
pub fn react(
    plan: &Plan,
    settings: &ReactorSettings,
    keep_alive: bool,
    recorder: &mut impl Recorder,
) -> LoadOutcome {
    let scenario = Scenario {
        base: Url::parse("http://shop").expect("a URL"),
        alias: None,
        requests: RequestWriter::new("shop", "test", &[], &[], keep_alive),
        home_path: "/rdbms/".to_owned(),
        buy_paths: (2..6)
            .map(|id| format!("/rdbms/{id}/purchase/1/"))
            .collect(),
        form_suffix: Vec::new(),
        keep_alive,
        max_body: 1 << 20,
        site: None,
        page: None,
    };
    let mut signals = Signals::install().expect("handlers");
    Reactor::arm(
        plan,
        &scenario,
        settings,
        &Clock::start(),
        &mut signals,
        recorder,
    )
    .and_then(Reactor::run)
    .expect("the loop runs")
}

/// Stops a process, between two system calls.
#[track_caller]
pub fn stop(pid: u32) {
    signal(pid, libc::SIGSTOP);
    wait_until("the stop", || is_stopped(pid));
}

/// Whether a process is stopped.
pub fn is_stopped(pid: u32) -> bool {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).expect("it is there");
    let (_, state) = stat.rsplit_once(") ").expect("a name in brackets");
    state.starts_with('T')
}

/// When a shopper was where; microseconds of the local time of day, from some day on.
#[derive(Clone, Copy, Debug)]
pub struct Visit {
    pub level: usize,
    pub home_started: i64,
    pub buy_stopped: i64,
}

/// The rows in the order in which their shoppers came; those that were not launched are left out.
#[track_caller]
pub fn visits(rows: &[Row]) -> Vec<Visit> {
    let came = |row: &&Row| !row["client_buy_started_time"].is_empty();
    let visit = |row: &Row| Visit {
        level: row["concurrent_requests"].parse().expect("a number"),
        home_started: micros(&row["client_home_started_time"]),
        buy_stopped: micros(&row["client_buy_stopped_time"]),
    };
    let mut visits: Vec<Visit> = rows.iter().filter(came).map(visit).collect();
    visits.sort_by_key(|visit| visit.home_started);
    visits
}

#[track_caller]
fn micros(text: &str) -> i64 {
    assert_time(text);
    let time: DateTime = text.parse().expect("a time");
    let since = time.duration_since(DateTime::constant(2020, 1, 1, 0, 0, 0, 0));
    i64::try_from(since.as_micros()).expect("not so long ago")
}

/// How many were in flight when each arrived, the shopper included: a lower bound, since the program
/// hears of the last byte only after the instant that the row has.
pub fn in_flight(visits: &[Visit]) -> Vec<usize> {
    let at = |place: usize| {
        let now = visits[place].home_started;
        let others = visits[..place].iter();
        1 + others.filter(|visit| visit.buy_stopped > now).count()
    };
    (0..visits.len()).map(at).collect()
}

/// A shop that writes down what was ordered.
pub struct Till {
    server: Scripted,
    orders: Arc<Mutex<Vec<Order>>>,
}

impl Till {
    /// One that answers all that comes, connection by connection.
    pub fn start() -> Till {
        Till::serving(|_, stream| {
            respond(stream, &report());
            true
        })
    }

    /// One that answers purchases by the script, which gets the number of each, from 0 on, and returns
    /// whether the connection is kept.
    pub fn serving(
        purchase: impl Fn(usize, &mut TcpStream) -> bool + Send + Sync + 'static,
    ) -> Till {
        let orders = Arc::new(Mutex::new(Vec::new()));
        let book = Arc::clone(&orders);
        let purchases = AtomicUsize::new(0);
        let server = Scripted::start(move |mut stream, _| {
            loop {
                let request = read_request(&mut stream);
                if request.is_empty() {
                    return;
                }
                if request.starts_with("GET") {
                    respond(&mut stream, &page(200, "text/html", "welcome"));
                    continue;
                }
                let order = order(&request);
                book.lock().expect("no test panics with it").push(order);
                let number = purchases.fetch_add(1, Ordering::SeqCst);
                if !purchase(number, &mut stream) {
                    return;
                }
            }
        });
        Till { server, orders }
    }

    pub fn url(&self) -> String {
        self.server.url()
    }

    /// How many connections there were so far.
    pub fn connections(&self) -> usize {
        self.server.connections()
    }

    /// All orders so far, by address.
    pub fn orders(&self) -> Vec<Order> {
        let orders = self.orders.lock().expect("no script panics with it");
        sorted(orders.iter().copied())
    }
}

/// Orders by address.
pub fn sorted(orders: impl IntoIterator<Item = Order>) -> Vec<Order> {
    let mut orders: Vec<Order> = orders.into_iter().collect();
    orders.sort_by_key(|order| order.address);
    orders
}

/// How many of them, sorted, have an address of their own.
pub fn distinct(orders: &[Order]) -> usize {
    let of_one = |a: &Order, b: &Order| a.address == b.address;
    orders.chunk_by(of_one).count()
}

#[track_caller]
fn order(request: &str) -> Order {
    let (head, form) = request.split_once("\r\n\r\n").expect("a head");
    let id = head
        .strip_prefix("POST /rdbms/")
        .and_then(|rest| rest.split_once('/'))
        .and_then(|(id, _)| id.parse::<usize>().ok())
        .unwrap_or_else(|| panic!("no product in {head}"));
    let field = |name: &str| {
        let mut fields = url::form_urlencoded::parse(form.as_bytes());
        let value = fields.find(|(field, _)| field == name);
        value.unwrap_or_else(|| panic!("no {name} in {form}")).1
    };
    let email = field("email");
    assert_eq!(email, field("repeat_email"));
    let address = email.strip_suffix(&format!("@{DOMAIN}"));
    Order {
        address: address
            .and_then(|address| address.as_bytes().try_into().ok())
            .unwrap_or_else(|| panic!("{email}")),
        quantity: field("quantity").parse().expect("a number"),
        product: id - 2,
    }
}
