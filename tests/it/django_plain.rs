//! An ordinary Django site: cart and checkout with sessions, CSRF protection and a redirect after POST.

use std::collections::HashSet;
use std::path::Path;

use serde_json::Value;
use tempfile::tempdir;

use crate::django_support::*;
use crate::support::*;

const SHOPPERS: usize = 25;

/// Runs a burst at the plain app.
fn burst(shop: &DjangoShop, file: &Path, more: &[&str]) -> Finished {
    let mut args = flags(&shop.url, SHOPPERS, file);
    args[3] = "plain".to_owned();
    args.extend(
        [
            "-p",
            "/",
            "--cookies",
            "--csrf",
            "--report",
            "server-timing",
        ]
        .map(str::to_owned),
    );
    args.extend(more.iter().map(|word| (*word).to_owned()));
    client(args)
}

/// The orders in the database, each of a session of its own.
#[track_caller]
fn orders(shop: &DjangoShop) -> Vec<Value> {
    let orders = shop.sold("plain")["orders"]
        .as_array()
        .expect("a list")
        .clone();
    let sessions: HashSet<&str> = (orders.iter())
        .map(|order| order["session"].as_str().expect("a key"))
        .collect();
    assert!(!sessions.contains(""), "{orders:?}");
    assert_eq!(
        sessions.len(),
        orders.len(),
        "each order has a session of its own"
    );
    orders
}

#[test]
fn a_checkout_with_sessions_under_gunicorn() {
    let Some(shop) = DjangoShop::start(&["--server", "gunicorn-gthread", "--plain"]) else {
        return;
    };
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let form = [
        "-b",
        "/checkout/",
        "--form",
        "email={email}",
        "--form",
        "quantity={quantity}",
        "--form",
        "note={n} {random:6}",
        "--expect",
        "302",
        "--phases",
        "--json",
    ];
    let finished = burst(&shop, &file, &form).ok();
    let rows = rows_of_site(&file, true, &[302.0]);
    assert_eq!(rows.len(), SHOPPERS);
    for row in &rows {
        assert_eq!(
            (
                row["client_buy_http_code"].as_str(),
                row["client_buy_result"].as_str()
            ),
            ("302", "True")
        );
        let service: f64 = row["server_buy_elapsed_seconds"].parse().expect("seconds");
        let elapsed: f64 = row["client_buy_elapsed_seconds"].parse().expect("seconds");
        assert!(service > 0.0 && service < elapsed, "{row:?}");
        assert!(row["server_buy_timing"].contains("db;dur="), "{row:?}");
        assert!(row["server_home_timing"].contains("queries\""), "{row:?}");
    }
    let orders = orders(&shop);
    assert_eq!(orders.len(), SHOPPERS);
    let notes: HashSet<u64> = (orders.iter())
        .filter_map(|order| order["note"].as_str()?.split(' ').next()?.parse().ok())
        .collect();
    assert_eq!(notes, (0..SHOPPERS as u64).collect());
    let summary: Value = serde_json::from_str(&finished.stdout).expect("JSON");
    let metrics = summary["server_timings"].as_array().expect("a list");
    for (step, name, unit) in [
        ("home", "cache", "seconds"),
        ("buy", "db", "seconds"),
        ("buy", "db", "queries"),
        ("buy", "total", "seconds"),
    ] {
        let is_it = |of: &&Value| of["step"] == step && of["name"] == name && of["unit"] == unit;
        let metric = metrics
            .iter()
            .find(is_it)
            .unwrap_or_else(|| panic!("{step} {name} {unit}"));
        assert_eq!(metric["count"], SHOPPERS);
    }

    // With a form that is wrong, Django shows it again: that is not what is expected.
    let wrong = burst(
        &shop,
        &file,
        &[
            "-b",
            "/checkout/",
            "--form",
            "email=x",
            "--expect",
            "302",
            "--phases",
        ],
    );
    assert!(wrong.stdout.contains("HTTP 200"), "{wrong:?}");

    // A check says what the site is, and how its form is posted.
    let check = client([
        "check",
        "-t",
        &shop.url,
        "-d",
        "plain",
        "-p",
        "/",
        "-b",
        "/checkout/",
    ]);
    for part in [
        "django: yes, by cookie csrftoken, cookie sessionid",
        "sessions: the pages set cookies: csrftoken, sessionid",
        "server timing: db, cache, total",
        "-b /checkout/ --form 'email={email}' --form 'quantity={quantity}' --form 'note={random:8}' --cookies --csrf",
    ] {
        assert!(check.stdout.contains(part), "{part}: {}", check.stdout);
    }
    assert_eq!(
        shop.sold("plain")["orders"].as_array().map(Vec::len),
        Some(SHOPPERS)
    );
    let bought = client([
        "check",
        "-t",
        &shop.url,
        "-d",
        "plain",
        "-p",
        "/",
        "-b",
        "/checkout/",
        "--form",
        "email={email}",
        "--form",
        "quantity={quantity}",
        "--cookies",
        "--csrf",
        "--expect",
        "302",
        "--report",
        "server-timing",
        "--buy",
    ]);
    assert!(
        bought.stdout.contains("purchase: answered with 302"),
        "{}",
        bought.stdout
    );
    assert!(
        bought.stdout.contains("report: service time"),
        "{}",
        bought.stdout
    );
    assert_eq!(
        shop.sold("plain")["orders"].as_array().map(Vec::len),
        Some(SHOPPERS + 1)
    );
}

/// The form of the checkout, and the coroutine for JSON, both by threads and coroutines of one process.
#[test]
fn a_checkout_with_sessions_under_uvicorn() {
    let Some(shop) = DjangoShop::start(&["--server", "uvicorn", "--plain"]) else {
        return;
    };
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let form = [
        "-b",
        "/checkout/",
        "--form",
        "email={email}",
        "--form",
        "quantity={quantity}",
        "--form",
        "note={n}",
        "--expect",
        "302",
        "--fail-if",
        "buy.timing.db:queries.min<3",
        "--fail-if",
        "home.timing.cache.max>1m",
        "--fail-if",
        "errors>0",
        "--json",
    ];
    let finished = burst(&shop, &file, &form).ok();
    let rows = rows_of_site(&file, false, &[302.0]);
    assert_eq!(rows.len(), SHOPPERS);
    for row in &rows {
        assert_eq!(row["client_buy_result"], "True", "{row:?}");
        let service: f64 = row["server_buy_elapsed_seconds"].parse().expect("seconds");
        let elapsed: f64 = row["client_buy_elapsed_seconds"].parse().expect("seconds");
        assert!(service > 0.0 && service < elapsed, "{row:?}");
    }
    let orders = orders(&shop);
    let notes: HashSet<u64> = (orders.iter())
        .filter_map(|order| order["note"].as_str()?.parse().ok())
        .collect();
    assert_eq!(notes, (0..SHOPPERS as u64).collect());
    assert!(orders.iter().all(|order| order["is_async"] == false));
    let summary: Value = serde_json::from_str(&finished.stdout).expect("JSON");
    let thresholds = summary["thresholds"].as_array().expect("a list");
    assert!(
        thresholds.iter().all(|of| of["state"] == "not_met"),
        "{thresholds:?}"
    );
}

#[test]
fn a_json_checkout_of_a_coroutine_under_uvicorn() {
    let Some(shop) = DjangoShop::start(&["--server", "uvicorn", "--plain"]) else {
        return;
    };
    let dir = tempdir().expect("a directory");
    let (file, body) = (dir.path().join("report.csv"), dir.path().join("body.json"));
    std::fs::write(&body, r#"{"email": "{email}", "quantity": {quantity}}"#).expect("written");
    let json = [
        "-b",
        "/async/checkout/",
        "--csrf-page",
        "/plain/checkout/",
        "--body",
        body.to_str().expect("UTF-8"),
        "--expect",
        "201",
        "--json",
    ];
    let finished = burst(&shop, &file, &json).ok();
    for row in rows_of_site(&file, false, &[201.0]) {
        assert_eq!(
            (
                row["client_buy_http_code"].as_str(),
                row["client_buy_result"].as_str()
            ),
            ("201", "True")
        );
        assert!(
            row["server_buy_elapsed_seconds"]
                .parse::<f64>()
                .is_ok_and(|seconds| seconds > 0.0)
        );
    }
    let orders = orders(&shop);
    assert_eq!(orders.len(), SHOPPERS);
    assert!(orders.iter().all(|order| order["is_async"] == true));
    let summary: Value = serde_json::from_str(&finished.stdout).expect("JSON");
    assert_eq!(summary["form_page_elapsed_seconds"]["n"], SHOPPERS);
    let queries = summary["server_timings"].as_array().expect("a list").iter();
    let queries: Vec<&Value> = queries
        .filter(|of| of["step"] == "buy" && of["unit"] == "queries")
        .collect();
    assert!(
        queries[0]["p50"]
            .as_f64()
            .is_some_and(|median| median >= 3.0),
        "{queries:?}"
    );
}
