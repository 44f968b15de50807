//! The launch: what is begun goes on at once, and only the purchases of a burst wait for it.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use profilerclient::plan::{Closed, Curve, Load, Open, Orders, Pattern, Plan};
use profilerclient::reactor::{ReactorSettings, Recorder};
use profilerclient::row::Row;
use profilerclient::sys::{limits, stamps};
use profilerclient::time::clock::Stamp;

use crate::load_support::*;
use crate::support::{PATIENCE, Scripted, Shop, page, read_request, report, respond};

/// The rows of a run, as the event loop made them.
#[derive(Default)]
struct Rows(Vec<Row>);

impl Recorder for Rows {
    fn record(&mut self, row: Row) {
        self.0.push(row);
    }
}

/// Runs a plan at a server, by the kernel's clock.
#[track_caller]
fn rows_of(plan: &Plan, address: SocketAddr, keep_alive: bool, preconnect: bool) -> Vec<Row> {
    let _stamping = stamps::switch_on().expect("receive stamps");
    let settings = ReactorSettings {
        kernel_stamps: true,
        preconnect,
        timeout: Some(PATIENCE),
        ..ReactorSettings::towards(address)
    };
    let mut rows = Rows::default();
    let outcome = react(plan, &settings, keep_alive, &mut rows);
    assert_eq!(outcome.counts.launched, rows.0.len() as u64);
    rows.0
}

fn address_of(shop: &Shop) -> SocketAddr {
    let address = shop.url.trim_start_matches("http://");
    address.parse().expect("the shop's address")
}

fn started(exchange: &profilerclient::row::Exchange) -> Stamp {
    exchange.started.expect("it was begun")
}

/// The first and the last start of the home requests.
fn launch_of(rows: &[Row]) -> (Stamp, Stamp) {
    let starts = || rows.iter().map(|row| started(&row.home));
    (
        starts().min().expect("a row"),
        starts().max().expect("a row"),
    )
}

/// The shoppers launched first.
fn first_tenth(rows: &[Row]) -> impl Iterator<Item = &Row> {
    let mut rows: Vec<&Row> = rows.iter().collect();
    rows.sort_by_key(|row| row.home.started);
    rows.truncate(rows.len() / 10);
    rows.into_iter()
}

fn median(mut values: Vec<i64>) -> i64 {
    values.sort_unstable();
    values[values.len() / 2]
}

fn closed(orders: Orders, closed: Closed) -> Plan {
    Plan {
        shard: Default::default(),
        orders,
        load: Load::Closed(closed),
    }
}

#[test]
fn home_times_of_a_burst_do_not_contain_its_launch() {
    limits::raise_open_files().expect("a limit");
    let shop = Shop::start(&[]);
    let plan = Plan::burst(orders_of(1), 1000);
    for keep_alive in [false, true] {
        let rows = rows_of(&plan, address_of(&shop), keep_alive, false);
        let (first, last) = launch_of(&rows);
        let spread = last.since(first);
        // Answers to the first would come after the last launch if they waited for it.
        let elapsed = |row: &Row| row.home.elapsed().expect("an end");
        let home = median(first_tenth(&rows).map(elapsed).collect());
        assert!(home < spread / 5, "{home} of {spread}, {keep_alive}");
        let until_sent = |row: &Row| row.home.sent.expect("sent").since(started(&row.home));
        let until_sent = median(rows.iter().map(until_sent).collect());
        assert!(until_sent < spread / 50, "{until_sent} of {spread}");
    }
}

#[test]
fn purchases_of_a_burst_begin_after_the_last_launch() {
    limits::raise_open_files().expect("a limit");
    let shop = Shop::start(&[]);
    let plan = Plan::burst(orders_of(2), 1000);
    for (keep_alive, preconnect) in [(false, false), (true, false), (false, true), (true, true)] {
        let rows = rows_of(&plan, address_of(&shop), keep_alive, preconnect);
        assert!(rows.iter().all(Row::bought));
        let (_, last) = launch_of(&rows);
        let first_purchase = rows.iter().map(|row| started(&row.buy)).min();
        assert!(first_purchase >= Some(last), "{first_purchase:?} {last:?}");
        // Homes that had ended by then are what the purchases are held for.
        let ended = |row: &&Row| row.home.stopped < Some(last);
        assert!(preconnect || rows.iter().filter(ended).count() > 0);
    }
}

#[test]
fn a_burst_that_is_refused_holds_its_purchases_too() {
    // Bound and gone: nobody listens there.
    let address = TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .expect("a free port");
    let plan = Plan::burst(orders_of(3), 50);
    let rows = rows_of(&plan, address, false, false);
    assert_eq!(rows.len(), 50);
    let (_, last) = launch_of(&rows);
    for row in &rows {
        assert!(row.home.failure.is_some() && row.buy.failure.is_some());
        assert!(started(&row.buy) >= last);
    }
}

#[test]
fn nothing_waits_in_other_loads() {
    let shop = Shop::start(&[]);
    let address = address_of(&shop);
    let users = Closed {
        shoppers: 200,
        total: Some(400),
        ..Closed::default()
    };
    let ramp = Closed {
        shoppers: 100,
        total: Some(100),
        ramp_up: Duration::from_millis(200),
        ..Closed::default()
    };
    let arrivals = Plan {
        shard: Default::default(),
        orders: orders_of(6),
        load: Load::Open(Open {
            curve: Curve::Constant(1000.0),
            pattern: Pattern::Constant,
            count: Some(200),
            duration: None,
            max_in_flight: 1000,
        }),
    };
    for plan in [
        closed(orders_of(4), users),
        closed(orders_of(5), ramp),
        arrivals,
    ] {
        let rows = rows_of(&plan, address, false, false);
        let (_, last) = launch_of(&rows);
        let before = |row: &&Row| started(&row.buy) < last;
        assert!(rows.iter().filter(before).count() > 0, "{:?}", plan.load);
    }
}

#[test]
fn a_redirect_is_followed_while_others_are_launched() {
    const SHOPPERS: usize = 400;
    let moved = b"HTTP/1.1 301 x\r\nLocation: /rdbms/there/\r\nContent-Length: 0\r\n\r\n";
    for keep_alive in [false, true] {
        let asked = Arc::new(AtomicUsize::new(0));
        let asked_before_hop = Arc::new(AtomicUsize::new(usize::MAX));
        let (count, first_hop) = (Arc::clone(&asked), Arc::clone(&asked_before_hop));
        let server = Scripted::start(move |mut stream, _| {
            loop {
                let request = read_request(&mut stream);
                match request.split(' ').nth(1) {
                    None => return,
                    Some("/rdbms/") => {
                        count.fetch_add(1, Ordering::SeqCst);
                        respond(&mut stream, moved);
                    }
                    Some("/rdbms/there/") => {
                        let asked = count.load(Ordering::SeqCst);
                        first_hop.fetch_min(asked, Ordering::SeqCst);
                        respond(&mut stream, &page(200, "text/html", "here"));
                    }
                    Some(_) => respond(&mut stream, &report()),
                }
            }
        });
        let address = server.url().trim_start_matches("http://").parse();
        let plan = Plan::burst(orders_of(7), SHOPPERS);
        let rows = rows_of(&plan, address.expect("an address"), keep_alive, false);
        for row in &rows {
            assert!(row.bought() && row.home.redirects == 1, "{row:?}");
            let (delay, elapsed) = (row.home.hop_delay, row.home.elapsed().expect("an end"));
            assert!(0 < delay && delay < elapsed, "{row:?}");
            assert_eq!(row.buy.hop_delay, 0);
        }
        let before = asked_before_hop.load(Ordering::SeqCst);
        assert!(before < SHOPPERS / 2, "{before}, {keep_alive}");
    }
}

/// Answers as fast as it can, on kept connections, until the test is over.
fn prompt_server() -> (SocketAddr, Arc<AtomicBool>) {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("bound");
    let is_over = Arc::new(AtomicBool::new(false));
    let ends = Arc::clone(&is_over);
    std::thread::spawn(move || {
        while let Ok((mut stream, _)) = listener.accept() {
            if ends.load(Ordering::SeqCst) {
                return;
            }
            std::thread::spawn(move || {
                let home = page(200, "text/html", "welcome");
                let report = report();
                let mut buffer = [0; 4096];
                while let Ok(count @ 1..) = stream.read(&mut buffer) {
                    let is_home = buffer[..count].starts_with(b"GET");
                    let answer = if is_home { &home } else { &report };
                    if stream.write_all(answer).is_err() {
                        return;
                    }
                }
            });
        }
    });
    (address, is_over)
}

#[test]
fn the_instants_of_ten_thousand_rows_follow_one_another() {
    let (address, is_over) = prompt_server();
    let plan = closed(
        orders_of(8),
        Closed {
            shoppers: 4,
            total: Some(10_000),
            ..Closed::default()
        },
    );
    let rows = rows_of(&plan, address, true, false);
    is_over.store(true, Ordering::SeqCst);
    // The last accept() ends with a connection.
    let _ = std::net::TcpStream::connect(address);
    assert_eq!(rows.len(), 10_000);
    for exchange in rows.iter().flat_map(|row| [&row.home, &row.buy]) {
        let instants = [
            exchange.started,
            exchange.connected,
            exchange.sent,
            exchange.first_byte,
            exchange.stopped,
            exchange.seen,
        ];
        assert!(instants.iter().all(Option::is_some), "{exchange:?}");
        assert!(instants.is_sorted(), "{exchange:?}");
    }
}

#[test]
fn all_shoppers_of_a_burst_are_in_flight_together() {
    // Each home page waits until all shoppers have asked for one.
    const SHOPPERS: usize = 60;
    let asked = Arc::new((Mutex::new(0), Condvar::new()));
    let server = Scripted::start(move |mut stream, _| {
        if !read_request(&mut stream).starts_with("GET") {
            return respond(&mut stream, &report());
        }
        let (count, all_have) = &*asked;
        let mut count = count.lock().expect("no script panics with it");
        *count += 1;
        all_have.notify_all();
        let waits = |count: &mut usize| *count < SHOPPERS;
        let (count, waited) = all_have
            .wait_timeout_while(count, PATIENCE, waits)
            .expect("no script panics with it");
        drop(count);
        if !waited.timed_out() {
            respond(&mut stream, &page(200, "text/html", "welcome"));
        }
    });
    let run = run(&server.url(), &format!("-c {SHOPPERS}"));
    assert_eq!(run.all_bought(), SHOPPERS);
}
