//! Closed workloads: virtual users in parallel, each iteration followed by the next.

use std::process::Stdio;
use std::sync::mpsc;
use std::time::{Duration, Instant};

use profilerclient::plan::{Closed, Load, Plan, Think};
use tempfile::tempdir;

use crate::load_support::*;
use crate::support::*;

#[test]
fn each_virtual_user_has_its_iterations_and_never_more_are_in_flight() {
    for (mode, connections) in [
        ("", 40),
        ("--keep-alive", 5),
        ("--keep-alive --preconnect", 5),
        ("--keep-alive --tx-stamps", 5),
    ] {
        let till = Till::start();
        let run = run(&till.url(), &format!("-c 5 --repeat 4 --seed 7 {mode}"));
        assert_eq!(run.all_bought(), 20);
        let levels = count_by(&run.rows, "concurrent_requests");
        assert_eq!(levels, [("5".to_owned(), 20)].into());
        let most = in_flight(&visits(&run.rows)).into_iter().max();
        assert!(most <= Some(5), "{most:?} at once");
        let planned = (0..20).map(|number| orders_of(7).order(number));
        assert_eq!(till.orders(), sorted(planned), "{mode}");
        assert_eq!(till.connections(), connections, "{mode}");
        assert_eq!(run.connections(), connections, "{mode}");
        assert_eq!(run.json["concurrent"], 5);
        assert_eq!(run.json["load"]["most_in_flight"], 5);
        assert_eq!(run.json["load"]["repeat"], 4);
        assert_eq!(run.json["levels"], serde_json::Value::Null, "no sweep");
    }
}

#[test]
fn the_rows_match_the_sales_of_the_shop() {
    let shop = Shop::start(&[]);
    let (mut sold, mut accepted) = (0, 0);
    for (mode, connections) in [("", 40), ("--keep-alive", 5)] {
        // The home page itself, without the redirect to it.
        let run = run(&shop.url, &format!("-c 5 --repeat 4 -p / {mode}"));
        assert_eq!(run.all_bought(), 20);
        assert_eq!(run.connections(), connections);
        sold += 20;
        // Who asks has a connection, too.
        accepted += connections as u64 + 1;
        let stats = shop.stats();
        assert_eq!(stats["purchases"], sold, "{mode}: {stats}");
        assert_eq!(stats["duplicate_emails"], 0, "{mode}: {stats}");
        assert_eq!(stats["connections_accepted"], accepted, "{mode}: {stats}");
    }
}

#[test]
fn the_phases_show_reused_connections() {
    let till = Till::start();
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let load = "-c 3 --repeat 4 --keep-alive --phases";
    client(words(&till.url(), file.to_str().expect("UTF-8"), load)).ok();
    let rows = rows_with_phases(&file);
    assert_eq!(rows.len(), 12);
    let ports = count_by(&rows, "client_buy_local_port");
    assert_eq!(ports.len(), 3, "{ports:?}");
    assert!(ports.values().all(|shoppers| *shoppers == 4), "{ports:?}");
    for row in &rows {
        assert_eq!(row["client_home_local_port"], row["client_buy_local_port"]);
    }
}

#[test]
fn no_iteration_is_started_after_the_duration() {
    let shop = Shop::start(&[]);
    let run = run(&shop.url, "-c 4 --duration 1s --keep-alive");
    let rows = run.all_bought();
    assert!(rows > 4, "{rows}");
    assert_eq!(shop.stat("purchases"), rows as u64);
    assert_eq!(run.connections(), 4);
    assert!(run.seconds("/wall_seconds") >= 0.9, "{:#}", run.json);
    let visits = visits(&run.rows);
    let last = visits[rows - 1].home_started - visits[0].home_started;
    // Whoever was let in just before the end may still need a moment.
    assert!(last < 1_500_000, "{last} µs");
    assert!(last > 500_000, "they go on nearly to the end: {last} µs");
}

#[test]
fn the_first_of_iterations_and_duration_ends_the_run() {
    let shop = Shop::start(&["--service-time", "20ms"]);
    let shares = run(&shop.url, "-c 2 --repeat 3 --duration 1h");
    assert_eq!(shares.all_bought(), 6);
    let time = run(&shop.url, "-c 2 --repeat 1000000 --duration 200ms");
    // Each purchase takes at least 20 ms.
    let rows = time.all_bought();
    assert!((2..=20).contains(&rows), "{rows}");
}

/// A port without a listener.
fn closed_port() -> String {
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    format!("http://{}", free.local_addr().expect("its address"))
}

#[test]
fn a_closed_port_gives_a_row_for_each_iteration() {
    let url = closed_port();
    for mode in ["", "--keep-alive", "--think-time 1ms"] {
        let run = run(&url, &format!("-c 5 --repeat 6 {mode}"));
        assert_eq!(run.rows.len(), 30, "{mode}");
        for row in &run.rows {
            for step in ["home", "buy"] {
                let message = &row[&format!("client_{step}_error_msg")];
                assert_eq!(message, "connection refused", "{mode}");
            }
        }
        assert_eq!(run.count("failed_purchases"), 30);
        let most = in_flight(&visits(&run.rows)).into_iter().max();
        assert!(most <= Some(5), "{most:?} at once");
    }
}

#[test]
fn a_signal_ends_a_run_of_endless_refusals() {
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let path = file.to_str().expect("UTF-8");
    let child = command(words(&closed_port(), path, "-c 3 --duration 60s"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    wait_until("rows", || {
        file.metadata().is_ok_and(|metadata| metadata.len() > 0)
    });
    let begun = Instant::now();
    signal(child.id(), libc::SIGINT);
    assert_eq!(wait(child).code(), Some(130));
    assert!(begun.elapsed() < PATIENCE / 2, "at once");
    let rows = std::fs::read_to_string(&file).expect("the report");
    assert!(rows.ends_with("\r\n"), "whole rows");
}

#[test]
fn a_server_that_closes_kept_connections_between_shoppers_loses_no_purchase() {
    // It says nothing of closing: the next home page may be asked for in vain, and is asked for again.
    let unsaid = (report(), false);
    // It says so and leaves the closing to the client, who must not use the connection again.
    let closing = "application/json\r\nConnection: close";
    let said = (page(200, closing, REPORT), true);
    for (answer, goes_on) in [unsaid, said] {
        for thinks in ["", "--think-time 5ms"] {
            let answer = answer.clone();
            let till = Till::serving(move |_, stream| {
                respond(stream, &answer);
                goes_on
            });
            let load = format!("-c 4 --repeat 5 --keep-alive --seed 3 {thinks}");
            let run = run(&till.url(), &load);
            assert_eq!(run.all_bought(), 20);
            let planned = (0..20).map(|number| orders_of(3).order(number));
            assert_eq!(till.orders(), sorted(planned), "each once");
            assert_eq!(till.connections(), 20);
        }
    }
}

#[test]
fn a_server_that_closes_after_every_answer_gets_no_purchase_twice() {
    let (sender, purchases) = mpsc::channel();
    let server = Scripted::start(move |mut stream, _| {
        let request = read_request(&mut stream);
        if request.starts_with("GET") {
            respond(&mut stream, &page(200, "text/html", "welcome"));
        } else if !request.is_empty() {
            sender.send(()).expect("the test listens");
            respond(&mut stream, &report());
        }
    });
    let run = run(&server.url(), "-c 4 --repeat 10 --keep-alive");
    assert_eq!(run.rows.len(), 40);
    for row in &run.rows {
        assert_eq!(row["client_home_result"], "True", "{row:?}");
        // The close may cross the purchase on its way.
        let crossed = row["client_buy_error_msg"].contains("not sent again");
        assert!(row["client_buy_result"] == "True" || crossed, "{row:?}");
    }
    assert_eq!(purchases.try_iter().count(), run.count("bought"));
}

#[test]
fn a_purchase_that_may_have_arrived_is_not_sent_again_and_the_virtual_user_continues() {
    let till = Till::serving(|number, stream| {
        let answers = number % 3 > 0;
        if answers {
            respond(stream, &report());
        }
        answers
    });
    let run = run(&till.url(), "-c 4 --repeat 9 --keep-alive --seed 3");
    let planned = (0..36).map(|number| orders_of(3).order(number));
    assert_eq!(till.orders(), sorted(planned), "each once");
    let lost: Vec<&Row> = run
        .rows
        .iter()
        .filter(|row| row["client_buy_result"] == "False")
        .collect();
    assert_eq!((run.rows.len(), lost.len()), (36, 12));
    for row in lost {
        let message = &row["client_buy_error_msg"];
        assert!(message.contains("not sent again"), "{row:?}");
    }
    let most = in_flight(&visits(&run.rows)).into_iter().max();
    assert!(most <= Some(4), "{most:?} at once");
}

#[test]
fn unsolicited_bytes_are_not_the_next_shoppers_answer() {
    let unasked = page(500, "text/html", "unasked");
    let together = unasked.clone();
    let till = Till::serving(move |_, stream| {
        respond(stream, &[report(), together.clone()].concat());
        true
    });
    let with_the_answer = run(&till.url(), "-c 2 --repeat 3 --keep-alive");
    assert_eq!(with_the_answer.all_bought(), 6);
    assert_eq!(till.connections(), 6, "nobody has another's connection");

    // Here they come while the shopper thinks; the client has had the whole answer.
    let till = Till::serving(move |_, stream| {
        respond(stream, &report());
        let mut waiting = 1;
        while waiting > 0 {
            std::thread::yield_now();
            waiting = profilerclient::sys::socket::unacknowledged(&*stream).expect("TCP");
        }
        respond(stream, &unasked);
        true
    });
    let while_thinking = run(
        &till.url(),
        "-c 1 --repeat 3 --keep-alive --think-time 300ms",
    );
    assert_eq!(while_thinking.all_bought(), 3);
    assert_eq!(till.connections(), 3);
}

#[test]
fn the_next_iteration_comes_after_the_think_time() {
    let shop = Shop::start(&[]);
    for mode in ["", "--keep-alive"] {
        let load = format!("-c 1 --repeat 6 --think-time 50ms {mode}");
        let run = run(&shop.url, &load);
        assert_eq!(run.all_bought(), 6);
        for pair in visits(&run.rows).windows(2) {
            let thought = pair[1].home_started - pair[0].buy_stopped;
            // Both are cut to microseconds.
            assert!(thought >= 50_000 - 1, "{mode}: {thought} µs");
        }
    }
}

#[test]
fn exponential_think_times_are_reproduced_by_the_seed() {
    let shop = Shop::start(&[]);
    let run = run(
        &shop.url,
        "-c 1 --repeat 12 --think-time exp:40ms --seed 11 --keep-alive",
    );
    assert_eq!(run.all_bought(), 12);
    let plan = Plan {
        shard: Default::default(),
        orders: orders_of(11),
        load: Load::Closed(Closed {
            shoppers: 1,
            think: Think::Exponential(Duration::from_millis(40)),
            ..Closed::default()
        }),
    };
    let thoughts: Vec<i64> = (0..11)
        .map(|index| plan.successor(index, 0, 0).expect("a next one").after)
        .map(|nanos| i64::try_from(nanos / 1000).expect("milliseconds"))
        .collect();
    let gaps: Vec<i64> = visits(&run.rows)
        .windows(2)
        .map(|pair| pair[1].home_started - pair[0].buy_stopped)
        .collect();
    for (gap, thought) in gaps.iter().zip(&thoughts) {
        assert!(*gap >= thought - 1, "{gaps:?} {thoughts:?}");
    }
    let shortest = gaps.iter().min();
    assert!(shortest < Some(&40_000), "below the mean: {gaps:?}");
}

#[test]
fn a_signal_ends_it_and_each_shopper_in_flight_leaves_a_row() {
    let (sender, full) = mpsc::channel();
    let till = Till::serving(move |number, stream| {
        if number < 40 {
            respond(stream, &report());
            return true;
        }
        if number == 47 {
            sender.send(()).expect("the test listens");
        }
        // Holds it until the client goes.
        read_request(stream);
        false
    });
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let path = file.to_str().expect("UTF-8");
    let load = "-c 8 --duration 60s --keep-alive";
    let child = command(words(&till.url(), path, load))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    full.recv_timeout(PATIENCE).expect("all are held");
    let begun = Instant::now();
    signal(child.id(), libc::SIGINT);
    let finished = wait(child);
    assert_eq!(finished.code(), Some(130), "{finished:#?}");
    assert!(begun.elapsed() < PATIENCE / 2, "at once");
    let rows = rows(&file);
    let messages = count_by(&rows, "client_buy_error_msg");
    let expected = [("".to_owned(), 40), ("interrupted".to_owned(), 8)];
    assert_eq!(messages, expected.into());
    for row in &rows {
        assert_eq!(row["client_home_result"], "True", "{row:?}");
    }
    assert!(finished.stdout.contains("by SIGINT"), "{finished:#?}");
    assert_eq!(till.connections(), 8);
}

#[test]
fn a_ramp_up_spreads_the_first_starts() {
    let shop = Shop::start(&[]);
    for mode in ["", "--preconnect --keep-alive", "--repeat 2 --keep-alive"] {
        let run = run(&shop.url, &format!("-c 50 --ramp-up 500ms {mode}"));
        let rows = run.all_bought();
        assert_eq!(rows, if mode.contains("repeat") { 100 } else { 50 });
        let levels = count_by(&run.rows, "concurrent_requests");
        assert_eq!(levels, [("50".to_owned(), rows)].into());
        let visits = visits(&run.rows);
        let spread = visits[rows - 1].home_started - visits[0].home_started;
        assert!(spread >= 400_000, "{mode}: {spread} µs");
        assert_eq!(run.json["load"]["levels"], serde_json::json!([50]));
    }
}

#[test]
fn a_virtual_user_continues_after_a_time_out() {
    // Nobody has an answer, home pages neither.
    let server = Scripted::start(|mut stream, _| {
        read_request(&mut stream);
        read_request(&mut stream);
    });
    for mode in ["", "--keep-alive"] {
        let before = server.connections();
        let load = format!("-c 3 --repeat 3 --timeout 60ms {mode}");
        let run = run(&server.url(), &load);
        assert_eq!(run.rows.len(), 9);
        for row in &run.rows {
            for step in ["home", "buy"] {
                let message = &row[&format!("client_{step}_error_msg")];
                assert_eq!(message, "timed out: waiting for the response");
                let elapsed: f64 = row[&format!("client_{step}_elapsed_seconds")]
                    .parse()
                    .expect("a number");
                assert!(elapsed >= 0.06, "{row:?}");
            }
        }
        let visits = visits(&run.rows);
        let most = in_flight(&visits).into_iter().max();
        assert!(most <= Some(3), "{most:?} at once");
        assert_eq!(server.connections() - before, 18, "none is used again");
    }
}
