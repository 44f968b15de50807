//! Loads beyond what the client, the server or the memory can take: bounded work, bounded rows, an end
//! on time.

use std::net::TcpListener;
use std::ops::ControlFlow;
use std::time::Duration;

use profilerclient::plan::{Closed, Curve, Load, Open, Pattern, Plan, Stage};
use profilerclient::reactor::{Counts, Dropped, LoadOutcome, ReactorSettings, Recorder};
use profilerclient::row::Row as LoadRow;
use profilerclient::row::failure::FailureKind;
use profilerclient::time::clock::Stamp;
use serde_json::Value;

use crate::load_support::*;
use crate::support::*;

/// Keeps rows, and has room for a number of dropped ones.
#[derive(Default)]
struct Rows {
    rows: Vec<LoadRow>,
    dropped: Vec<Dropped>,
    room: usize,
    turns: u64,
}

impl Recorder for Rows {
    fn record(&mut self, row: LoadRow) {
        self.rows.push(row);
    }

    fn record_dropped(&mut self, dropped: Dropped) -> bool {
        let has_room = self.dropped.len() < self.room;
        if has_room {
            self.dropped.push(dropped);
        }
        has_room
    }

    fn end_iteration(&mut self, _: &Counts, _: Stamp, _: bool) -> ControlFlow<()> {
        self.turns += 1;
        ControlFlow::Continue(())
    }
}

fn open(curve: Curve, pattern: Pattern, duration: Option<Duration>) -> Plan {
    Plan {
        shard: Default::default(),
        orders: orders_of(3),
        load: Load::Open(Open {
            curve,
            pattern,
            count: None,
            duration,
            max_in_flight: 1,
        }),
    }
}

/// Sends a load to a server that takes connections and never answers: each shopper takes 0.4 s.
fn overload(plan: &Plan) -> (LoadOutcome, Rows) {
    let mute = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let settings = ReactorSettings {
        timeout: Some(Duration::from_millis(200)),
        ..ReactorSettings::towards(mute.local_addr().expect("its address"))
    };
    let mut rows = Rows {
        room: 1000,
        ..Rows::default()
    };
    let outcome = react(plan, &settings, false, &mut rows);
    (outcome, rows)
}

#[test]
fn every_arrival_is_launched_dropped_with_a_row_or_counted() {
    let half = Duration::from_millis(500);
    let stage = Stage {
        length: half,
        rate: 800_000.0,
    };
    let constant = Curve::Constant(400_000.0);
    for plan in [
        open(constant.clone(), Pattern::Constant, Some(half)),
        open(constant, Pattern::Poisson, Some(half)),
        open(Curve::Stages(vec![stage]), Pattern::Constant, None),
        open(Curve::Stages(vec![stage]), Pattern::Poisson, None),
    ] {
        let (outcome, rows) = overload(&plan);
        let counts = outcome.counts;
        let planned = plan.arrivals().count() as u64;
        assert_eq!(counts.launched + counts.dropped, planned, "{plan:?}");
        assert_eq!(counts.launched, rows.rows.len() as u64);
        assert_eq!(rows.dropped.len(), 1000);
        assert_eq!(counts.dropped_without_row, counts.dropped - 1000);
        assert_eq!(counts.failed, planned);
        assert!(rows.dropped.is_sorted_by_key(|dropped| dropped.due));
        assert!(rows.dropped.iter().all(|dropped| dropped.in_flight == 1));
        // The sockets are looked at after 256 arrivals at the latest.
        assert!(rows.turns >= 1000 / 256, "{}", rows.turns);
        // The last shopper was launched within the half second.
        assert!(outcome.span_nanos >= 500_000_000, "{outcome:?}");
        assert!(outcome.span_nanos < 2_000_000_000, "{outcome:?}");
    }
}

/// The summary of a run whose rows are not read.
fn summary(url: &str, load: &str) -> Value {
    let finished = client(words(url, "/dev/null", &format!("{load} --json"))).ok();
    serde_json::from_str(&finished.stdout).expect("one JSON object")
}

#[test]
fn a_rate_beyond_any_machine_ends_with_its_duration_in_little_memory() {
    let shop = Shop::start(&[]);
    for load in [
        "--rate 10000000/s --duration 1s",
        "--rate 10000000/s --duration 1s --arrivals poisson",
        "--stages 1s@10000000/s",
    ] {
        let load = format!("{load} --max-in-flight 10 --keep-alive");
        let json = summary(&shop.url, &load);
        let launched = json["launched"].as_u64();
        assert!(launched > Some(100), "sockets were served: {launched:?}");
        assert!(json["dropped"].as_u64() > Some(1000), "{json:#}");
        let wall = json["wall_seconds"].as_f64().expect("a span");
        assert!((1.0..2.5).contains(&wall), "{load}: {wall}");
        let memory = json["client"]["peak_memory_bytes"].as_u64();
        assert!(memory < Some(60_000_000), "{load}: {memory:?}");
    }
}

#[test]
fn arrivals_that_the_client_cannot_launch_in_time_end_with_the_plan() {
    let shop = Shop::start(&[]);
    let load = "--rate 500000/s --duration 300ms --max-in-flight 500 --keep-alive";
    let json = summary(&shop.url, load);
    assert!(json["launched"].as_u64() > Some(100), "{json:#}");
    // 150,000 launches would take many seconds.
    let wall = json["wall_seconds"].as_f64().expect("a span");
    assert!((0.3..2.5).contains(&wall), "{wall}");
}

#[test]
fn virtual_users_back_off_from_a_refusing_server() {
    let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = free.local_addr().expect("its address");
    drop(free);
    let plan = |total, duration| Plan {
        shard: Default::default(),
        orders: orders_of(1),
        load: Load::Closed(Closed {
            shoppers: 2,
            total,
            duration,
            ..Closed::default()
        }),
    };
    let settings = ReactorSettings::towards(address);
    let mut rows = Rows::default();
    let second = Some(Duration::from_secs(1));
    let outcome = react(&plan(None, second), &settings, false, &mut rows);
    // At 0, 10, 30, 70, 150, 310 and 630 ms; the next would be due at 1270 ms.
    assert_eq!(rows.rows.len(), 14, "{outcome:?}");
    assert_eq!(outcome.counts.backoffs, 12);
    assert_eq!(outcome.span_nanos, 1_000_000_000, "the planned span");
    for row in &rows.rows {
        let (due, started) = (row.due.expect("due"), row.home.started.expect("started"));
        assert!(started.since(due) < 200_000_000, "no launch delay: {row:?}");
    }

    let at_once = ReactorSettings {
        retry_delay: Duration::ZERO,
        ..settings
    };
    let mut rows = Rows::default();
    let outcome = react(&plan(Some(400), None), &at_once, false, &mut rows);
    assert_eq!((rows.rows.len(), outcome.counts.backoffs), (400, 0));
}

#[test]
fn a_response_ends_the_backing_off() {
    // Two connections to a shopper: those of the first, second and fourth are closed.
    let server = Scripted::start(|mut stream, number| {
        if ![0, 1, 2, 3, 6, 7].contains(&number) {
            let request = read_request(&mut stream);
            let is_home = request.starts_with("GET");
            let answer = if is_home {
                page(200, "text/html", "welcome")
            } else {
                report()
            };
            respond(&mut stream, &answer);
        }
    });
    let plan = Plan {
        shard: Default::default(),
        orders: orders_of(1),
        load: Load::Closed(Closed {
            shoppers: 1,
            total: Some(5),
            ..Closed::default()
        }),
    };
    let settings = ReactorSettings {
        retry_delay: Duration::from_millis(20),
        ..ReactorSettings::towards(server.address)
    };
    let mut rows = Rows::default();
    let outcome = react(&plan, &settings, false, &mut rows);
    let waits: Vec<i64> = rows
        .rows
        .windows(2)
        .map(|two| {
            let ended = two[0].buy.seen.expect("an end");
            two[1].due.expect("due").since(ended) / 1_000_000
        })
        .collect();
    assert_eq!(waits, [20, 40, 0, 20], "{:?}", rows.rows);
    assert_eq!(outcome.counts.backoffs, 3);
}

#[test]
fn bodies_in_flight_are_bounded_together_and_the_run_continues() {
    const PART: usize = 64_000;
    let body = "x".repeat(PART);
    let server = Scripted::purchases(move |mut stream| {
        let head = "HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n";
        respond(&mut stream, format!("{head}{body}").as_bytes());
        // Until the client gives up.
        read_request(&mut stream);
    });
    let plan = Plan::burst(orders_of(1), 8);
    let settings = ReactorSettings {
        timeout: Some(Duration::from_secs(2)),
        max_memory: 200_000,
        ..ReactorSettings::towards(server.address)
    };
    let mut rows = Rows::default();
    react(&plan, &settings, false, &mut rows);
    let failed_of = |kind: FailureKind| {
        let is_of = |row: &&LoadRow| row.buy.failure.as_ref().is_some_and(|of| of.kind == kind);
        rows.rows.iter().filter(is_of).count()
    };
    // Three parts fit, four do not.
    assert_eq!(failed_of(FailureKind::MemoryLimit), 5, "{:?}", rows.rows);
    assert_eq!(failed_of(FailureKind::Timeout), 3);
    let over = rows.rows.iter().find_map(|row| {
        let failure = row.buy.failure.as_ref();
        failure.filter(|failure| failure.kind == FailureKind::MemoryLimit)
    });
    assert_eq!(
        over.expect("five").to_string(),
        "response bodies over --max-memory together: 200000 bytes"
    );

    // What is done gives its memory back: one after the other they all fit.
    let report_of = |bytes: usize| {
        page(
            200,
            "application/json",
            &("{}".to_owned() + &" ".repeat(bytes)),
        )
    };
    let server = Scripted::purchases(move |mut stream| respond(&mut stream, &report_of(90_000)));
    let plan = Plan {
        shard: Default::default(),
        orders: orders_of(1),
        load: Load::Closed(Closed {
            shoppers: 1,
            total: Some(5),
            ..Closed::default()
        }),
    };
    let settings = ReactorSettings {
        max_memory: 100_000,
        ..ReactorSettings::towards(server.address)
    };
    let mut rows = Rows::default();
    let outcome = react(&plan, &settings, false, &mut rows);
    assert_eq!(outcome.counts.bought, 5, "{:?}", rows.rows);
}
