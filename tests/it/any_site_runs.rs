//! Ordinary sites measured by runs of several parts: shards, variants, and `check` with a purchase.

use serde_json::Value;
use tempfile::tempdir;

use crate::any_site::{Site, with_fields};
use crate::support::*;

/// A site that redirects after the purchase.
fn site() -> Site {
    Site::start(
        page(200, "text/html", "welcome"),
        with_fields(302, "Location: /site/thanks/\r\n", ""),
    )
}

const FORM: [&str; 8] = [
    "--form",
    "who={n}",
    "--form",
    "mail={email}",
    "--report",
    "none",
    "--expect",
    "302",
];

/// The values of `who` that were posted, in ascending order.
fn numbers(site: &Site) -> Vec<u64> {
    let bodies = site.bodies();
    let numbers = bodies.iter().map(|body| {
        let (who, mail) = body.split_once('&').expect("two fields");
        assert!(mail.starts_with("mail="), "{body}");
        who["who=".len()..].parse().expect("a number")
    });
    let mut numbers: Vec<u64> = numbers.collect();
    numbers.sort_unstable();
    numbers
}

#[test]
fn two_shards_post_each_number_once() {
    let (site, directory) = (site(), tempdir().expect("a directory"));
    let url = site.server.url();
    for shard in ["1/2", "2/2"] {
        let file = directory.path().join("rows-%s.csv");
        let file = file.to_str().expect("UTF-8");
        let mut args = vec!["-t", &url, "-d", "site", "-b", "/buy/", "-c", "9"];
        args.extend(["--seed", "5", "--shard", shard, "-o", file]);
        args.extend(FORM);
        client(args).ok();
    }
    assert_eq!(numbers(&site), (0..9).collect::<Vec<u64>>());
}

#[test]
fn each_variant_gets_the_form() {
    let (sites, directory) = ([site(), site()], tempdir().expect("a directory"));
    let file = directory.path().join("rows.csv");
    let [a, b] =
        [("a", 0), ("b", 1)].map(|(name, at)| format!("{name}={}", sites[at].server.url()));
    let mut args = vec![
        "--variant",
        &a,
        "--variant",
        &b,
        "-d",
        "site",
        "-b",
        "/buy/",
    ];
    args.extend(["-c", "3", "--rounds", "2", "--seed", "5"]);
    args.extend(["-o", file.to_str().expect("UTF-8")]);
    args.extend(FORM);
    client(args).ok();
    for site in &sites {
        assert_eq!(numbers(site).len(), 3 * 2);
    }
    let rows = rows_of_site(&file, false, &[302.0]);
    assert_eq!(rows.len(), 2 * 3 * 2);
    for row in rows {
        assert_eq!(row["client_buy_http_code"], "302");
        assert_eq!(row["client_buy_result"], "True");
    }
}

/// The answer of a site whose database takes that long.
fn timed(ms: u64, queries: u64) -> Site {
    let timing = format!(
        "Server-Timing: total;dur={}, db;dur={ms};desc=\"{queries} queries\"\r\n",
        ms + 1
    );
    Site::start(
        with_fields(200, "Server-Timing: cache;dur=0.5\r\n", "welcome"),
        with_fields(200, &timing, "thanks"),
    )
}

/// The metric of a name in the JSON of a comparison.
fn metric(comparison: &Value, name: &str) -> Value {
    let metrics = comparison["groups"][0]["pairs"][0]["metrics"].as_array();
    let found = metrics
        .expect("metrics")
        .iter()
        .find(|of| of["metric"] == name);
    found
        .unwrap_or_else(|| panic!("{name} is not in {comparison:#}"))
        .clone()
}

/// What servers say of their own times is compared: live, from rows, and from the lines beside them.
#[test]
fn times_of_the_server_are_compared_and_have_thresholds() {
    let (sites, directory) = (
        [timed(40, 7), timed(60, 9)],
        tempdir().expect("a directory"),
    );
    let file = directory.path().join("rows.csv");
    let file = file.to_str().expect("UTF-8");
    let [a, b] =
        [("a", 0), ("b", 1)].map(|(name, at)| format!("{name}={}", sites[at].server.url()));
    let mut args = vec![
        "--variant",
        &a,
        "--variant",
        &b,
        "-d",
        "site",
        "-b",
        "/buy/",
    ];
    args.extend([
        "-c", "2", "--rounds", "8", "--seed", "5", "-o", file, "--json",
    ]);
    args.extend(["--form", "a=b", "--report", "server-timing"]);
    args.extend(["--fail-if", "buy.timing.db.p50>50ms"]);
    let live = client(&args);
    assert_eq!(live.code(), Some(3), "{live:?}");
    let summary: Value = serde_json::from_str(&live.stdout).expect("JSON");
    let outcomes = summary["thresholds"].as_array().expect("a list");
    let states: Vec<_> = outcomes
        .iter()
        .map(|of| (&of["variant"], &of["state"], &of["value"]))
        .collect();
    assert_eq!(
        states,
        [
            (&"a".into(), &"not_met".into(), &0.04.into()),
            (&"b".into(), &"met".into(), &0.06.into())
        ]
    );
    let of_live = metric(&summary["comparison"], "buy.timing.db.p50");
    assert_eq!(of_live["verdict"], "SLOWER");
    let ratio = of_live["ratio"].as_f64().expect("a ratio");
    assert!((ratio - 1.5).abs() < 1e-9, "{ratio}");

    let compare = |more: &[&str]| {
        let finished = client([&["compare", file, "--json"], more].concat());
        let comparison: Value = serde_json::from_str(&finished.stdout).expect("JSON");
        (finished.code(), comparison)
    };
    let asked = ["--metric", "buy.timing.db:queries.mean", "--fail-if-slower"];
    let (code, comparison) = compare(&asked);
    assert_eq!(code, Some(3), "{comparison:#}");
    let primary = metric(&comparison, "buy.timing.db:queries.mean");
    assert_eq!(
        (&primary["verdict"], &primary["unit"], &primary["baseline"]),
        (&"HIGHER".into(), &"count".into(), &7.0.into())
    );
    let home = metric(&comparison, "home.timing.cache.p50");
    assert_eq!(
        (&home["verdict"], &home["baseline"]),
        (&"SAME".into(), &0.0005.into())
    );
    let (code, comparison) = compare(&["--metric", "buy.timing.view", "--fail-if-slower"]);
    assert_eq!(code, Some(3));
    let unknown = metric(&comparison, "buy.timing.view.p50");
    assert_eq!(unknown["verdict"], "CANNOT TELL");
    assert!(
        unknown["reason"]
            .as_str()
            .expect("why")
            .contains("buy.timing.db:queries")
    );

    let text = client(["compare", file, "--fail-if", "buy.timing.db:queries.max>8"]);
    assert_eq!(text.code(), Some(3), "{text:?}");
    assert!(
        text.stderr.contains("is met by variant \"b\": 9"),
        "{text:?}"
    );
    assert!(text.stdout.contains("buy.timing"), "{text:?}");
    let page = directory.path().join("page.html");
    let page = page.to_str().expect("UTF-8");
    client(["compare", file, "-q", "--html", page]).ok();
    let page = std::fs::read_to_string(page).expect("a page");
    assert!(page.contains("buy.timing.db.p50"), "{page}");
    client(["summary", file, "--fail-if", "home.timing.cache.p50>1ms"]).ok();
    let read_back = client(["summary", file, "--fail-if", "buy.timing.total.max>=61ms"]);
    assert_eq!(read_back.code(), Some(3), "{read_back:?}");
}

/// A threshold has the field read, whatever the report is.
#[test]
fn a_threshold_of_server_timing_needs_no_other_option() {
    let (site, directory) = (timed(40, 7), tempdir().expect("a directory"));
    let file = directory.path().join("rows.csv");
    let url = site.server.url();
    let mut args = vec!["-t", &url, "-d", "site", "-b", "/buy/", "-c", "3"];
    args.extend(["--form", "a=b", "--report", "none", "--fail-if"]);
    let run = |limit: &str| {
        let file = file.to_str().expect("UTF-8");
        client([&args[..], &[limit, "-o", file]].concat())
    };
    run("buy.timing.db.p50>40ms").ok();
    assert_eq!(run("buy.timing.db.p50>=40ms").code(), Some(3));
    let unknown = run("form.p50>1s");
    assert_eq!(unknown.code(), Some(3));
    assert!(
        unknown
            .stderr
            .contains("no shopper opened a page of the form"),
        "{unknown:?}"
    );
}

#[test]
fn two_shards_with_times_of_the_server_become_one_run() {
    let (site, directory) = (timed(40, 7), tempdir().expect("a directory"));
    let url = site.server.url();
    let mut files = Vec::new();
    for shard in ["1/2", "2/2"] {
        let file = directory.path().join(format!("rows-{}.csv", &shard[..1]));
        files.push(file.to_str().expect("UTF-8").to_owned());
        let mut args = vec!["-t", &url, "-d", "site", "-b", "/buy/", "-c", "8"];
        args.extend([
            "--seed",
            "5",
            "--shard",
            shard,
            "-o",
            files.last().expect("a file"),
        ]);
        args.extend(["--form", "a=b", "--report", "server-timing"]);
        client(args).ok();
    }
    let all = directory.path().join("all.csv");
    let mut args = vec!["merge", &files[0], &files[1], "--json"];
    args.extend([
        "-o",
        all.to_str().expect("UTF-8"),
        "--fail-if",
        "buy.timing.db.max>=40ms",
    ]);
    let merged = client(args);
    assert_eq!(merged.code(), Some(3), "{merged:?}");
    let summary: Value = serde_json::from_str(&merged.stdout).expect("JSON");
    let metrics = summary["server_timings"].as_array().expect("a list");
    let db = metrics
        .iter()
        .find(|of| of["step"] == "buy" && of["unit"] == "queries");
    assert_eq!(db.expect("queries")["count"], 8);
}

#[test]
fn checking_with_buy_posts_a_quantity_of_1() {
    let site = site();
    let url = site.server.url();
    let mut args = vec!["check", "-t", &url, "-d", "site", "-b", "/buy/", "--buy"];
    args.extend([
        "--form",
        "q={quantity}",
        "--report",
        "none",
        "--expect",
        "302",
    ]);
    let found = client(args);
    assert_eq!(site.bodies(), ["q=1"], "{found:?}");
}
