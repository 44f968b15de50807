//! The main job against the embedded shop: N shoppers, N rows, N purchases.

use std::collections::HashMap;

use tempfile::tempdir;

use crate::support::*;

struct Run {
    rows: Vec<Row>,
    summary: String,
}

fn run(shop: &Shop, app: &str, shoppers: usize, more: &[&str]) -> Run {
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let mut args = flags(&shop.url, shoppers, &file);
    args[3] = app.to_owned();
    args.extend(more.iter().map(|&arg| arg.to_owned()));
    let finished = client(args).ok();
    Run {
        rows: rows(&file),
        summary: finished.stdout,
    }
}

#[test]
fn a_thousand_shoppers_are_in_flight_together_and_buy_once_each() {
    let shop = Shop::start(&["--service-time", "300ms"]);
    let run = run(&shop, "rdbms", 1000, &["-a", "burst"]);
    assert_eq!(run.rows.len(), 1000);
    for row in &run.rows {
        assert_eq!(row["concurrent_requests"], "1000");
        assert_eq!(row["benchmark_title"], "burst");
        for column in [
            "client_home_result",
            "client_buy_result",
            "server_buy_result",
        ] {
            assert_eq!(row[column], "True", "{row:?}");
        }
        let elapsed = |column: &str| row[column].parse::<f64>().expect("a number");
        assert!(elapsed("server_buy_elapsed_seconds") >= 0.3, "{row:?}");
        assert!(elapsed("client_buy_elapsed_seconds") >= 0.3, "{row:?}");
        assert_time(&row["server_buy_started_time"]);
        assert!(row["server_buy_started_time"] <= row["server_buy_stopped_time"]);
        // One machine, one clock, but two ways to read it, each cut to microseconds.
        assert!(
            row["client_buy_started_time"] <= row["server_buy_started_time"],
            "{row:?}"
        );
        assert!(
            row["server_buy_stopped_time"] <= row["client_buy_stopped_time"],
            "{row:?}"
        );
        assert!(elapsed("server_buy_memory_usage") > 0.0);
    }
    assert_eq!(shop.stat("purchases"), 1000);
    assert_eq!(shop.stat("refused"), 0);
    assert_eq!(shop.stat("duplicate_emails"), 0);
    assert!(shop.stat("most_connections") >= 1000, "{}", shop.stats());
    assert!(run.summary.contains("1000"), "{}", run.summary);
}

#[test]
fn both_apps_with_and_without_one_connection() {
    let shop = Shop::start(&["--rest"]);
    let mut expected = 0;
    for app in ["rdbms", "cassandra"] {
        for mode in [
            &[][..],
            &["--keep-alive"],
            &["--preconnect"],
            &["--keep-alive", "--preconnect"],
            &["--tx-stamps"],
            &["--tx-stamps", "--keep-alive"],
            &["--clock", "user"],
            &["--clock", "kernel"],
        ] {
            let run = run(&shop, app, 50, mode);
            expected += 50;
            assert_eq!(run.rows.len(), 50);
            for row in run.rows {
                assert_eq!(row["client_buy_result"], "True", "{row:?}");
                assert_eq!(row["server_rest_result"], "True", "{row:?}");
                assert_time(&row["server_rest_started_time"]);
            }
            assert_eq!(shop.stat("purchases"), expected, "{app} {mode:?}");
        }
    }
}

#[test]
fn an_empty_inventory_refuses_purchases() {
    let shop = Shop::start(&["--inventory", "100"]);
    let run = run(&shop, "rdbms", 200, &[]);
    let results = count_by(&run.rows, "server_buy_result");
    let (sold, refused) = (results["True"], results["False"]);
    assert_eq!(sold + refused, 200);
    assert!(sold >= 4 && refused > 0, "{results:?}");
    assert_eq!(
        (shop.stat("purchases"), shop.stat("refused")),
        (sold as u64, refused as u64)
    );
    for row in run
        .rows
        .iter()
        .filter(|row| row["server_buy_result"] == "False")
    {
        assert_eq!(
            row["client_buy_result"], "True",
            "the client's side went well"
        );
        assert!(!row["server_buy_error_msg"].is_empty());
    }
    assert!(run.summary.contains(" failed, "), "{}", run.summary);
}

#[test]
fn queueing_for_workers_shows_in_the_times() {
    let shop = Shop::start(&["--service-time", "20ms", "--workers", "2"]);
    let run = run(&shop, "rdbms", 20, &[]);
    let mut times: Vec<f64> = run
        .rows
        .iter()
        .map(|row| row["client_buy_elapsed_seconds"].parse().expect("a number"))
        .collect();
    times.sort_by(f64::total_cmp);
    // Two at a time: the last pair has waited for the nine before it. Arrivals are spread over the
    // burst, so each may have waited less by as much as it came later than the first.
    assert!(times[0] >= 0.02, "{times:?}");
    assert!(*times.last().expect("20") >= 0.1, "{times:?}");
}

#[test]
fn each_fault_is_a_row_that_names_it() {
    for (kind, code, part) in [
        ("reset", "-100", "reset by the server"),
        ("reset-within", "200", "reset within the response"),
        ("stall", "-100", "timed out: waiting"),
        ("500", "500", "HTTP 500"),
        ("502", "502", "HTTP 502"),
        ("html", "200", "HTML"),
        ("cut", "200", "closed within the response body"),
        ("wrong-length", "200", "closed within the response body"),
        ("close", "-100", "closed without an answer"),
        ("csrf", "403", "CSRF verification failed"),
    ] {
        let fault = format!("{kind}:1");
        let shop = Shop::start(&["--fault", &fault]);
        let run = run(&shop, "rdbms", 20, &["--timeout", "500ms"]);
        assert_eq!(run.rows.len(), 20);
        for row in &run.rows {
            assert_eq!(row["client_home_result"], "True", "{kind}: {row:?}");
            assert_eq!(row["client_buy_result"], "False", "{kind}: {row:?}");
            assert_eq!(row["client_buy_http_code"], code, "{kind}: {row:?}");
            assert!(
                row["client_buy_error_msg"].contains(part),
                "{kind}: {row:?}"
            );
        }
        if kind == "csrf" {
            assert!(
                run.summary.contains("CsrfViewMiddleware"),
                "a hint: {}",
                run.summary
            );
        }
    }
    let shop = Shop::start(&["--fault", "slow-drip:1"]);
    let run = run(&shop, "rdbms", 5, &[]);
    assert!(
        run.rows
            .iter()
            .all(|row| row["client_buy_result"] == "True"),
        "late but whole"
    );
}

#[test]
fn a_refusing_listener_gives_rows_too() {
    let shop = Shop::start(&["--fault", "refuse:1"]);
    let run = run(&shop, "rdbms", 20, &[]);
    assert_eq!(run.rows.len(), 20);
    for row in run.rows {
        assert!(row["client_home_error_msg"].contains("reset"), "{row:?}");
        assert!(row["client_buy_error_msg"].contains("reset"), "{row:?}");
    }
}

#[test]
fn mixed_faults_occur_in_their_shares() {
    let shop = Shop::start(&["--fault", "500:10%,close:0.2,html:0.1"]);
    let run = run(&shop, "rdbms", 200, &[]);
    let counts = count_by(&run.rows, "client_buy_http_code");
    let expected = HashMap::from([("500".into(), 20), ("-100".into(), 40), ("200".into(), 140)]);
    assert_eq!(counts, expected);
    assert_eq!(shop.stat("purchases"), 120);
}

#[test]
fn the_demo_is_one_command() {
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let file = file.to_str().expect("UTF-8");
    let demo = client(["demo", "-c", "100", "-o", file]).ok();
    let rows = rows(std::path::Path::new(file));
    assert_eq!(rows.len(), 100);
    assert!(rows.iter().all(|row| row["client_buy_result"] == "True"));
    assert!(
        demo.stdout.contains("\nburst of 100 at http://127.0.0.1:"),
        "{}",
        demo.stdout
    );
    client(["demo", "-t", "http://127.0.0.1:1"]).refused(2, &["--target", "demo"]);
}
