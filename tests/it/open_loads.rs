//! Open workloads: arrivals at a rate that does not depend on the server.

use std::process::{Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use profilerclient::plan::{Curve, Load, Open, Pattern, Plan, Stage};
use serde_json::Value;
use tempfile::tempdir;

use crate::load_support::*;
use crate::support::*;

fn constant(rate: f64) -> Open {
    Open {
        curve: Curve::Constant(rate),
        pattern: Pattern::Constant,
        count: None,
        duration: None,
        max_in_flight: usize::MAX,
    }
}

/// Asserts that all were launched when they were due: as long after the first as the plan has it, but
/// for the launch delay that the program itself reports.
#[track_caller]
fn assert_launched_when_due(run: &Run, open: &Open, seed: u64) {
    let plan = Plan {
        shard: Default::default(),
        orders: orders_of(seed),
        load: Load::Open(open.clone()),
    };
    let dues: Vec<i64> = plan
        .arrivals()
        .map(|due| i64::try_from(due.after / 1000).expect("seconds"))
        .collect();
    let visits = visits(&run.rows);
    assert_eq!(visits.len(), dues.len());
    let latest = run.seconds("/instrument/launch_delay_seconds/max");
    // Each of the four instants is cut to microseconds.
    let slack = (latest * 1e6) as i64 + 4;
    for (visit, due) in visits.iter().zip(&dues) {
        let came = visit.home_started - visits[0].home_started;
        let planned = due - dues[0];
        assert!(
            (came - planned).abs() <= slack,
            "{came} µs after the first, {planned} were planned, {slack} allowed"
        );
    }
}

#[test]
fn arrivals_have_the_rate_and_buy_by_the_seed() {
    let till = Till::start();
    let run = run(&till.url(), "--rate 200/s --count 100 --seed 5");
    assert_eq!(run.all_bought(), 100);
    let planned = (0..100).map(|number| orders_of(5).order(number));
    assert_eq!(till.orders(), sorted(planned));
    assert_eq!(till.connections(), 200);
    let open = Open {
        count: Some(100),
        ..constant(200.0)
    };
    assert_launched_when_due(&run, &open, 5);
    assert_eq!(run.json["load"]["kind"], "open");
    assert_eq!(run.json["starts_spread_seconds"], Value::Null);
}

#[test]
fn a_duration_or_stages_decide_the_number_of_arrivals() {
    let shop = Shop::start(&[]);
    let steady = run(&shop.url, "--duration 1s --rate 100/s");
    assert_eq!(steady.all_bought(), 100);
    assert_eq!(shop.stat("purchases"), 100);
    let until = Open {
        duration: Some(Duration::from_secs(1)),
        ..constant(100.0)
    };
    assert_launched_when_due(&steady, &until, 0);

    let hill = run(&shop.url, "--stages 1s@100/s,1s@0/s");
    assert_eq!(hill.all_bought(), 100);
    assert_eq!(shop.stat("purchases"), 200);
    let stage = |rate| Stage {
        length: Duration::from_secs(1),
        rate,
    };
    let stages = Open {
        curve: Curve::Stages(vec![stage(100.0), stage(0.0)]),
        ..constant(1.0)
    };
    assert_launched_when_due(&hill, &stages, 0);
}

#[test]
fn the_same_seed_makes_the_same_poisson_process() {
    let shop = Shop::start(&[]);
    let open = Open {
        pattern: Pattern::Poisson,
        duration: Some(Duration::from_millis(500)),
        ..constant(150.0)
    };
    let load = "--rate 150/s --arrivals poisson --duration 500ms --seed 21";
    let runs = [run(&shop.url, load), run(&shop.url, load)];
    for run in &runs {
        assert_launched_when_due(run, &open, 21);
    }
    assert_eq!(runs[0].count("launched"), runs[1].count("launched"));
    assert_eq!(shop.stat("distinct_emails"), runs[0].all_bought() as u64);
    assert_eq!(shop.stat("duplicate_emails"), runs[1].all_bought() as u64);
}

#[test]
fn rows_have_the_number_in_flight() {
    let fast = Shop::start(&[]);
    let alone = run(&fast.url, "--rate 5/s --count 4");
    assert_eq!(alone.all_bought(), 4);
    for visit in visits(&alone.rows) {
        assert_eq!(visit.level, 1, "{visit:?}");
    }

    let slow = Shop::start(&["--service-time", "200ms"]);
    let run = run(&slow.url, "--rate 50/s --count 20");
    assert_eq!(run.all_bought(), 20);
    let visits = visits(&run.rows);
    assert_eq!(visits[0].level, 1);
    for (place, (visit, least)) in visits.iter().zip(in_flight(&visits)).enumerate() {
        assert!((least..=place + 1).contains(&visit.level), "{visits:?}");
    }
    let most = visits.iter().map(|visit| visit.level).max().expect("20");
    // 50 in a second, each of 0.2 s, make 10.
    assert!(most >= 5, "{visits:?}");
    assert_eq!(run.json["load"]["most_in_flight"], most);
    assert_eq!(run.json["concurrent"], most);
}

#[test]
fn arrivals_above_max_in_flight_are_dropped_with_a_row() {
    for mode in ["", "--keep-alive"] {
        let shop = Shop::start(&["--service-time", "500ms"]);
        let load = format!("--rate 100/s --count 50 --max-in-flight 5 {mode}");
        let run = run(&shop.url, &load);
        assert_eq!(run.rows.len(), 50);
        let (launched, not_launched) = (run.count("launched"), run.count("dropped"));
        assert_eq!(launched + not_launched, 50);
        assert!(launched >= 5 && not_launched > 0, "{:#}", run.json);
        assert_eq!(run.count("bought"), launched);
        assert_eq!(run.count("failed_purchases"), not_launched);
        let mut dropped = 0;
        for row in &run.rows {
            if row["client_buy_result"] == "True" {
                continue;
            }
            dropped += 1;
            assert_eq!(row["concurrent_requests"], "5", "{row:?}");
            for step in ["home", "buy"] {
                let column = |name: &str| row[&format!("client_{step}_{name}")].as_str();
                let why = "not launched: 5 shoppers were in flight already";
                assert_eq!(column("error_msg"), why, "{row:?}");
                assert_eq!(column("http_code"), "-100", "{row:?}");
                for empty in ["started_time", "stopped_time", "elapsed_seconds"] {
                    assert_eq!(column(empty), "", "{row:?}");
                }
            }
        }
        assert_eq!(dropped, not_launched);
        assert_eq!(run.json["load"]["most_in_flight"], 5);
        let stats = shop.stats();
        assert_eq!(stats["purchases"], launched, "{stats}");
        assert!(stats["most_in_flight"].as_u64() <= Some(5), "{stats}");
    }
}

#[test]
fn times_from_due_count_from_the_planned_arrival() {
    let shop = Shop::start(&["--service-time", "5ms"]);
    let run = run(&shop.url, "--rate 200/s --count 120");
    assert_eq!(run.all_bought(), 120);
    let of = |name: &str, figure: &str| run.seconds(&format!("/{name}_seconds/{figure}"));
    for (felt, part) in [
        ("home_from_due", "home_elapsed"),
        ("visit_from_due", "buy_elapsed"),
        ("visit_from_due", "home_from_due"),
    ] {
        assert_eq!(of(felt, "n"), 120.0);
        for figure in ["min", "mean", "p50", "p90", "p99", "max"] {
            let (felt, part) = (of(felt, figure), of(part, figure));
            assert!(felt >= part, "{figure}: {felt} {part}");
        }
    }
    assert!(of("visit_from_due", "min") >= 0.005, "{:#}", run.json);

    let burst = crate::load_support::run(&shop.url, "-c 3");
    for name in ["home_from_due_seconds", "visit_from_due_seconds"] {
        assert_eq!(burst.json.get(name), Some(&Value::Null), "{name}");
    }
}

#[test]
fn a_slow_server_does_not_slow_the_arrivals() {
    let shop = Shop::start(&["--service-time", "1s"]);
    let run = run(&shop.url, "--rate 100/s --duration 500ms");
    assert_eq!(run.all_bought(), 50);
    let visits = visits(&run.rows);
    let first_bought = visits.iter().map(|visit| visit.buy_stopped).min();
    let last_came = visits.last().map(|visit| visit.home_started);
    assert!(last_came < first_bought, "nobody waited: {visits:?}");
    assert_eq!(visits[49].level, 50);
    assert_eq!(run.json["load"]["most_in_flight"], 50);
}

#[test]
fn a_warm_up_counts_the_arrivals_that_it_dropped() {
    let shop = Shop::start(&["--service-time", "300ms"]);
    let load = "--rate 100/s --count 3 --max-in-flight 2 --warm-up 20";
    let run = run(&shop.url, load);
    let of_warm_up = |name: &str| run.json["load"][name].as_u64();
    assert_eq!(of_warm_up("warm_up_shoppers"), Some(20), "{:#}", run.json);
    // The rest of what the shop sold.
    let sold = shop.stats()["purchases"].as_u64().expect("a count");
    let warming = sold - run.count("bought") as u64;
    assert_eq!(of_warm_up("warm_up_failed"), Some(20 - warming));
}

#[test]
fn a_signal_within_the_warm_up_keeps_the_load_kind_open() {
    let (sender, begun) = mpsc::channel();
    let till = Till::serving(move |number, stream| {
        if number == 0 {
            sender.send(()).expect("the test listens");
        }
        // Holds it until the client goes.
        read_request(stream);
        false
    });
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let path = file.to_str().expect("UTF-8");
    let load = "--rate 5/s --count 9 --warm-up 60s --json";
    let child = command(words(&till.url(), path, load))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    begun.recv_timeout(PATIENCE).expect("the warm-up begins");
    signal(child.id(), libc::SIGINT);
    let finished = wait(child);
    assert_eq!(finished.code(), Some(130), "{finished:#?}");
    let json: Value = serde_json::from_str(&finished.stdout).expect("JSON");
    assert_eq!(json["load"]["kind"], "open", "{json:#}");
    assert_eq!(json["rows_written"], 0);
}

#[test]
fn an_arrival_takes_a_connection_that_is_free() {
    let shop = Shop::start(&[]);
    let kept = run(&shop.url, "--rate 50/s --count 20 --keep-alive");
    let bought = kept.all_bought();
    assert_eq!(bought, 20);
    assert!(kept.connections() < bought, "{}", kept.connections());
    let accepted = shop.stat("connections_accepted");
    assert_eq!(accepted, kept.connections() as u64 + 1);
    let not_kept = run(&shop.url, "--rate 200/s --count 20 -p /");
    assert_eq!(not_kept.connections(), 40);
}

#[test]
fn a_delayed_program_launches_all_arrivals_and_reports_the_launch_delay() {
    let shop = Shop::start(&[]);
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let path = file.to_str().expect("UTF-8");
    let args = words(&shop.url, path, "--rate 50/s --duration 2s --json");
    let child = command(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    wait_until("the first purchases", || shop.stat("purchases") >= 5);
    stop(child.id());
    // An arrival is due every 20 ms.
    thread::sleep(Duration::from_millis(300));
    signal(child.id(), libc::SIGCONT);
    let finished = wait(child).ok();
    let json: Value = serde_json::from_str(&finished.stdout).expect("one JSON object");
    assert_eq!(rows(&file).len(), 100);
    assert_eq!(json["bought"], 100);
    for late in [
        "/instrument/launch_delay_seconds/max",
        "/home_from_due_seconds/max",
        "/visit_from_due_seconds/max",
    ] {
        let most = json.pointer(late).and_then(Value::as_f64);
        assert!(most >= Some(0.25), "{late}: {most:?}");
    }
    assert_eq!(json["verdict"]["pace"]["state"], "not_trusted", "{json:#}");
}

#[test]
fn a_signal_ends_it_and_only_shoppers_launched_leave_a_row() {
    let (sender, full) = mpsc::channel();
    let till = Till::serving(move |number, stream| {
        if number == 9 {
            sender.send(()).expect("the test listens");
        }
        // Holds it until the client goes.
        read_request(stream);
        false
    });
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let path = file.to_str().expect("UTF-8");
    let args = words(&till.url(), path, "--rate 100/s --duration 60s --json");
    let child = command(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    full.recv_timeout(PATIENCE).expect("ten are held");
    signal(child.id(), libc::SIGINT);
    let finished = wait(child);
    assert_eq!(finished.code(), Some(130), "{finished:#?}");
    let json: Value = serde_json::from_str(&finished.stdout).expect("one JSON object");
    let rows = rows(&file);
    assert!(rows.len() >= 10, "{}", rows.len());
    assert_eq!(json["launched"], rows.len());
    let messages = count_by(&rows, "client_buy_error_msg");
    assert_eq!(messages, [("interrupted".to_owned(), rows.len())].into());
}

#[test]
fn rates_are_per_planned_span() {
    let shop = Shop::start(&[]);
    for (load, bought, span) in [
        // Each arrival has an interval of its own, the last one too.
        ("--rate 4/s --duration 1s", 4, 1.0),
        ("--rate 4/s --count 2", 2, 0.5),
        ("--stages 500ms@20/s,500ms@0/s", 10, 1.0),
        ("--rate 4/s --count 2 --duration 10s", 2, 0.5),
        // Think time is time of the load, as far as its duration goes.
        ("-c 1 --duration 1s --think-time 700ms", 2, 1.0),
        ("-c 2 --repeat 2 --think-time 300ms", 4, 0.6),
        ("-c 1 --repeat 2 --think-time 300ms --duration 20s", 2, 0.6),
    ] {
        let run = run(&shop.url, load);
        assert_eq!(run.all_bought(), bought, "{load}");
        let wall = run.seconds("/span_seconds");
        assert!((span..span + 0.25).contains(&wall), "{load}: {wall}");
        let rate = run.seconds("/purchases_per_second");
        let most = bought as f64 / span;
        assert!(
            rate <= most * 1.000_001 && rate > 0.6 * most,
            "{load}: {rate}"
        );
    }
    let args = words(&shop.url, "/dev/null", "--rate 4/s --duration 1s -q");
    let mut args = [args, vec!["--fail-if".to_owned(), "rate<4.5".to_owned()]].concat();
    assert_eq!(client(&args).code(), Some(3), "4 per second, not more");
    *args.last_mut().expect("a condition") = "rate<3.5".to_owned();
    client(&args).ok();
}

#[test]
fn the_busy_share_of_the_event_loop_is_at_most_1() {
    let shop = Shop::start(&[]);
    for load in ["-c 1", "-c 50", "-c 20 --repeat 50 --keep-alive"] {
        let share = run(&shop.url, load).seconds("/instrument/cpu_share");
        assert!((0.0..=1.0).contains(&share), "{load}: {share}");
    }
}

#[test]
fn an_open_workload_without_a_free_descriptor_is_refused() {
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let path = file.to_str().expect("UTF-8");
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "ulimit -n 8; exec \"$0\" \"$@\"", BINARY])
        .args(words("http://127.0.0.1:9", path, "--rate 1/s --count 1"));
    let parts = ["open files", "the limit is 8", "ulimit -Hn"];
    finish(shell).refused(1, &parts);
    assert!(!file.exists());
}
