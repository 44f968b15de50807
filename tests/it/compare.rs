//! The command `compare`, on rows of real runs.

use std::path::Path;

use serde_json::Value;
use tempfile::{TempDir, tempdir};

use crate::support::*;

/// Sends a load to the rows of a file.
fn load(url: &str, file: &Path, args: &str) {
    let mut all = vec![
        "-t".to_owned(),
        url.to_owned(),
        "-d".into(),
        "rdbms".into(),
        "-q".into(),
    ];
    all.extend(args.split_whitespace().map(str::to_owned));
    all.extend(["-o".into(), file.display().to_string()]);
    client(&all).ok();
}

/// A run with two variants: its rows, and what it printed.
fn variants(a: &Shop, b: &Shop, args: &str) -> (TempDir, String, Finished) {
    let directory = tempdir().expect("a directory");
    let file = directory.path().join("rows.csv").display().to_string();
    let mut all = vec!["-d".to_owned(), "rdbms".into(), "-o".into(), file.clone()];
    for (name, shop) in [("A", a), ("B", b)] {
        all.extend(["--variant".into(), format!("{name}={}", shop.url)]);
    }
    all.extend(args.split_whitespace().map(str::to_owned));
    let finished = client(&all).ok();
    (directory, file, finished)
}

fn compare(file: &str, args: &str) -> Finished {
    let words = args.split_whitespace();
    client(["compare", file].into_iter().chain(words))
}

fn json(finished: Finished) -> Value {
    serde_json::from_str(&finished.ok().stdout).expect("one JSON object")
}

fn row<'a>(pair: &'a Value, metric: &str) -> &'a Value {
    let rows = pair["metrics"].as_array().expect("rows");
    let row = rows.iter().find(|row| row["metric"] == metric);
    row.unwrap_or_else(|| panic!("{metric} is not in {pair}"))
}

#[test]
fn a_server_that_sheds_most_of_its_load_cannot_win() {
    let slow = Shop::start(&["--service-time", "20ms"]);
    let shedding = Shop::start(&["--fault", "500:80%"]);
    let (_directory, file, _) = variants(&slow, &shedding, "-c 4 --repeat 10 --rounds 6 -q");
    let found = json(compare(&file, "--json"));
    let pair = &found["groups"][0]["pairs"][0];
    assert_eq!(
        (&pair["design"], &pair["baseline_rounds"]),
        (&"interleaved".into(), &6.into())
    );
    let primary = row(pair, "buy.p50");
    assert_eq!(primary["verdict"], "SLOWER");
    assert_eq!(
        (&primary["ratio"], &primary["other"]),
        (&"infinite".into(), &"infinite".into())
    );
    // The mean of the few that were served is shorter.
    assert_eq!(row(pair, "buy.mean")["verdict"], Value::Null);
    assert!(row(pair, "errors")["change"].as_f64().expect("a share") > 0.5);

    let text = compare(&file, "--fail-if-slower");
    assert_eq!(text.code(), Some(3), "{text:#?}");
    assert!(
        text.stdout
            .starts_with("SLOWER: B against A (baseline), buy.p50"),
        "{text:#?}"
    );
    assert!(
        text.stdout.lines().all(|line| line.chars().count() <= 80),
        "{text:#?}"
    );
    let turned = compare(&file, "--baseline B --fail-if-slower");
    assert_eq!(turned.code(), Some(0), "{turned:#?}");
    assert!(
        turned.stdout.starts_with("FASTER: A against B"),
        "{turned:#?}"
    );
    assert_eq!(
        compare(&file, "--baseline B --fail-if-different -q").code(),
        Some(3)
    );
    let thresholds = compare(&file, "--fail-if errors>50%");
    assert_eq!(thresholds.code(), Some(3), "{thresholds:#?}");
    assert!(
        thresholds.stderr.contains("by variant \"B\""),
        "{thresholds:#?}"
    );
    assert_eq!(compare(&file, "--fail-if errors>99%").code(), Some(0));
    compare(&file, "--baseline C").refused(2, &["no side has that name", "A; B"]);
}

#[test]
fn a_run_with_variants_ends_with_their_comparison() {
    let [a, b] = ["1ms", "1ms"].map(|time| Shop::start(&["--service-time", time]));
    let (_directory, file, finished) = variants(&a, &b, "-c 2 --repeat 5 --rounds 6 --json");
    let live: Value = serde_json::from_str(&finished.stdout).expect("one JSON object");
    let read = json(compare(&file, "--json"));
    assert_eq!(live["comparison"], read);
    assert_eq!(read["by"], "variant");
    let blocks = read["groups"][0]["pairs"][0]["blocks"]
        .as_array()
        .expect("blocks");
    assert_eq!(blocks.len(), 6);
}

#[test]
fn the_page_has_the_charts_and_no_file_of_rows_is_overwritten() {
    let [a, b] = ["1ms", "2ms"].map(|time| Shop::start(&["--service-time", time]));
    let (directory, file, _) = variants(&a, &b, "-c 2 --repeat 5 --rounds 6 -q");
    let page = directory.path().join("page.html").display().to_string();
    compare(&file, &format!("--html {page}")).ok();
    let text = std::fs::read_to_string(&page).expect("a page");
    assert!(text.starts_with("<!DOCTYPE html>"), "{text}");
    assert!(text.contains("Blocks over time") && text.contains("Content-Security-Policy"));
    let before = std::fs::read(&file).expect("rows");
    compare(&file, &format!("--html {file}")).refused(2, &["--html"]);
    assert_eq!(std::fs::read(&file).expect("rows"), before);
    compare(&file, "--html /nowhere/page.html").refused(2, &["/nowhere/page.html"]);
}

#[test]
fn single_runs_stand_side_by_side() {
    let shop = Shop::start(&["--service-time", "2ms"]);
    let directory = tempdir().expect("a directory");
    let [a, b] = ["a.csv", "b.csv"].map(|name| directory.path().join(name));
    load(&shop.url, &a, "-c 10 --repeat 5");
    load(&shop.url, &b, "-c 10 --repeat 5");
    let [a, b] = [a, b].map(|path| path.display().to_string());
    let text = compare(&a, &b).ok().stdout;
    assert!(text.starts_with("CANNOT TELL (single runs): "), "{text}");
    assert!(text.contains("--variant"), "{text}");
    let found = json(compare(&a, &format!("{b} --json")));
    let primary = row(&found["groups"][0]["pairs"][0], "buy.p50");
    for side in ["baseline_interval", "other_interval"] {
        let limits = primary[side].as_array().expect("an interval");
        assert!(limits[0].as_f64() <= limits[1].as_f64() && limits[0].as_f64() > Some(0.001));
    }
    for (args, code) in [
        ("", 0),
        ("--fail-if-slower", 3),
        ("--fail-if-different", 3),
        ("--fail-if-different --allow-unknown", 0),
    ] {
        let finished = compare(&a, &format!("{b} -q {args}"));
        assert_eq!(finished.code(), Some(code), "{args}: {finished:#?}");
        assert_eq!(finished.stdout, "");
    }
}

#[test]
fn runs_one_after_the_other_are_not_interleaved() {
    let shop = Shop::start(&[]);
    let directory = tempdir().expect("a directory");
    let [a, b] = ["a.csv", "b.csv"].map(|name| directory.path().join(name));
    load(&shop.url, &a, "-c 2 --repeat 3 --rounds 5");
    load(&shop.url, &b, "-c 2 --repeat 3 --rounds 5");
    let [a, b] = [a, b].map(|path| path.display().to_string());
    let text = compare(&a, &b).ok().stdout;
    assert!(
        text.starts_with("CANNOT TELL (not interleaved): "),
        "{text}"
    );
    let found = json(compare(&a, &format!("{b} --json --accept-separate")));
    let primary = row(&found["groups"][0]["pairs"][0], "buy.p50").clone();
    assert_eq!(primary["qualifier"], "not interleaved");
    assert!(primary["ratio_interval"].is_array(), "{primary}");
}

#[test]
fn levels_of_a_sweep_are_compared_round_by_round() {
    let shop = Shop::start(&["--service-time", "2ms", "--workers", "1"]);
    let directory = tempdir().expect("a directory");
    let file = directory.path().join("rows.csv");
    load(&shop.url, &file, "-c 1,20 --repeat 2 --rounds 6");
    let found = json(compare(&file.display().to_string(), "--json"));
    assert_eq!(found["by"], "level");
    let pair = &found["groups"][0]["pairs"][0];
    assert_eq!(
        (&pair["baseline"], &pair["other"]),
        (&"-c 1".into(), &"-c 20".into())
    );
    assert_eq!(pair["design"], "interleaved");
    // Nineteen others are before it.
    assert_eq!(row(pair, "buy.p50")["verdict"], "SLOWER");
}

#[test]
fn unlike_loads_and_runs_at_the_same_time_are_refused() {
    let shop = Shop::start(&[]);
    let directory = tempdir().expect("a directory");
    let path = |name: &str| directory.path().join(name);
    load(&shop.url, &path("a.csv"), "-c 4");
    load(&shop.url, &path("b.csv"), "-c 6");
    load(&shop.url, &path("c.csv"), "-c 4 -p ?x=1");
    for suffix in ["", ".runs.jsonl"] {
        let [from, to] = ["a.csv", "d.csv"].map(|name| path(&format!("{name}{suffix}")));
        std::fs::copy(from, to).expect("copied");
    }
    let compared = |other: &str| {
        let [a, other] = ["a.csv", other].map(|name| path(name).display().to_string());
        compare(&a, &other)
    };
    compared("b.csv").refused(1, &["not run with the same load", "a.csv", "b.csv"]);
    compared("c.csv").refused(1, &["not run with the same load", "page", "?x=1"]);
    compared("d.csv").refused(1, &["at the same time", "a.csv", "d.csv"]);
    compare(&path("a.csv").display().to_string(), "").refused(2, &["nothing to compare"]);
}

/// Rows as the old client wrote them: 21 columns, and 19 without concurrency and title.
fn old_report(file: &Path, day: u32, seconds: f64, has_level: bool) {
    let mut names = vec!["concurrent_requests", "benchmark_title"];
    names.retain(|_| has_level);
    names.extend([
        "client_home_elapsed_seconds",
        "client_home_error_msg",
        "client_home_http_code",
        "client_home_result",
        "client_home_started_time",
        "client_home_stopped_time",
        "server_buy_cpu_usage",
        "server_buy_memory_usage",
        "server_buy_elapsed_seconds",
        "server_buy_error_msg",
        "server_buy_result",
        "server_buy_started_time",
        "server_buy_stopped_time",
        "client_buy_elapsed_seconds",
        "client_buy_error_msg",
        "client_buy_http_code",
        "client_buy_result",
        "client_buy_started_time",
        "client_buy_stopped_time",
    ]);
    let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    let mut text = quoted.join(";") + "\r\n";
    for number in 0..40 {
        let at = |second: u32| format!("\"2015-01-0{day}T00:33:{second:02}.{:06}\"", number * 100);
        let (begin, middle, end) = (at(10), at(11), at(20));
        let level = if has_level { "40;\"\";" } else { "" };
        text += &format!(
            "{level}1.0;\"\";200;True;{begin};{middle};29.3;3093;0.2;\"\";True;{middle};{middle};\
             {seconds};\"\";200;True;{middle};{end}\r\n"
        );
    }
    std::fs::write(file, text).expect("written");
}

#[test]
fn reports_of_the_old_client_are_compared_as_single_runs() {
    let directory = tempdir().expect("a directory");
    let [a, b, c] = ["a.csv", "b.csv", "c.csv"].map(|name| directory.path().join(name));
    old_report(&a, 3, 9.0, true);
    old_report(&b, 4, 8.0, true);
    old_report(&c, 5, 8.0, false);
    let [a, b, c] = [a, b, c].map(|path| path.display().to_string());
    for other in [&b, &c] {
        let found = json(compare(&a, &format!("{other} --json")));
        let pair = &found["groups"][0]["pairs"][0];
        assert_eq!(pair["design"], "single_runs", "{found}");
        let primary = row(pair, "buy.p50");
        assert_eq!(primary["verdict"], "CANNOT TELL");
        assert_eq!(
            (primary["baseline"].as_f64(), primary["other"].as_f64()),
            (Some(9.0), Some(8.0))
        );
        assert!(
            !found["warnings"].as_array().expect("warnings").is_empty(),
            "{found}"
        );
    }
}
