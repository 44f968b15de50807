//! What `compare` takes for sides, what it calls them, and what counts as slow.

use std::fs;
use std::path::Path;

use serde_json::{Value, json};
use tempfile::tempdir;

use crate::support::*;
use crate::variants_support::variant;

fn json_of(finished: Finished) -> Value {
    serde_json::from_str(&finished.ok().stdout).expect("JSON")
}

fn compare(file: &Path, more: &[&str]) -> Finished {
    let file = file.display().to_string();
    client(["compare", &file].iter().chain(more))
}

fn load(url: &str, file: &Path, more: &[&str]) {
    let all = flags(url, 2, file);
    client(
        all.iter()
            .map(String::as_str)
            .chain(["-q"])
            .chain(more.iter().copied()),
    )
    .ok();
}

fn row<'a>(pair: &'a Value, metric: &str) -> &'a Value {
    let rows = pair["metrics"].as_array().expect("rows");
    let row = rows.iter().find(|row| row["metric"] == metric);
    row.unwrap_or_else(|| panic!("{metric} is not in {pair}"))
}

#[test]
fn each_way_to_make_sides_has_its_names_and_refuses_others() {
    let shop = Shop::start(&[]);
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("rows.csv");
    let [a, b] = [variant("a", &shop.url), variant("b", &shop.url)];
    let common = ["-d", "rdbms", "-q", "-o", file.to_str().expect("UTF-8")];
    for title in ["one", "two"] {
        let words = [
            "--variant",
            &a,
            "--variant",
            &b,
            "-c",
            "1,2",
            "--rounds",
            "2",
            "-a",
            title,
        ];
        client([&common[..], &words].concat()).ok();
    }
    for (by, sides) in [
        ("variant", &["a", "b"][..]),
        ("title", &["one a", "one b", "two a", "two b"]),
        ("level", &["-c 1", "-c 2"]),
        ("run", &["run 1", "run 2"]),
    ] {
        let found = json_of(compare(&file, &["--by", by, "--json"]));
        assert_eq!(found["by"], by);
        let groups = found["groups"].as_array().expect("groups");
        let names: Vec<&str> = (groups[0]["sides"].as_array().expect("sides").iter())
            .map(|side| side["name"].as_str().expect("a name"))
            .collect();
        assert!(names.iter().eq(sides), "{by}: {names:?}");
        // Variants at two levels, or levels of two variants, have a table each.
        assert_eq!(groups.len(), if by == "run" { 4 } else { 2 }, "{by}");
        for last in sides.iter().rev().take(1) {
            let found = json_of(compare(&file, &["--by", by, "--baseline", last, "--json"]));
            assert_eq!(&found["groups"][0]["pairs"][0]["baseline"], last, "{by}");
        }
        compare(&file, &["--by", by, "--baseline", "nobody"]).refused(
            2,
            &["--baseline \"nobody\": no side has that name", sides[0]],
        );
    }
    compare(&file, &["--by", "file"]).refused(2, &["nothing to compare", "--by title"]);
    compare(&file, &["--by", "shop"])
        .refused(2, &["give auto, file, title, variant, level or run"]);
    let one = compare(&file, &["--by", "run", "--run", "last"]);
    one.refused(
        2,
        &[
            "nothing to compare run 2 with",
            "--by file, --by title, --by variant, --by level",
        ],
    );
}

#[test]
fn two_files_with_one_title_are_two_sides_of_files_and_one_of_titles() {
    let shop = Shop::start(&[]);
    let dir = tempdir().expect("a directory");
    let [a, b] = ["a.csv", "b.csv"].map(|name| dir.path().join(name));
    for file in [&a, &b] {
        load(&shop.url, file, &["-a", "nightly"]);
    }
    let other = b.display().to_string();
    let found = json_of(compare(&a, &[&other, "--json"]));
    assert_eq!(
        (&found["by"], &found["groups"][0]["sides"][1]["name"]),
        (&json!("file"), &json!(other))
    );
    compare(&a, &[&other, "--by", "title"]).refused(
        2,
        &[
            "nothing to compare nightly with: all titles are the same",
            "--by file",
        ],
    );
    compare(&a, &[&other, "--by", "variant"]).refused(2, &["not two variants", "--by file"]);
}

/// Titles of old reports may have anything in them.
#[test]
fn hostile_titles_are_shown_harmlessly() {
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("rows.csv");
    let shop = Shop::start(&[]);
    let plain = dir.path().join("plain.csv");
    load(&shop.url, &plain, &["--repeat", "20", "-a", "TITLE"]);
    let text = fs::read_to_string(&plain).expect("rows");
    let (header, rows) = text.split_once("\r\n").expect("a header");
    let hostile = [
        "\u{1b}[2J\u{7}<script>alert(1)</script>",
        "\u{202e}dnuor & \"\"quoted\"\" 'it' ; \u{9b}31m",
    ];
    let mut all = format!("{header}\r\n");
    for (number, title) in hostile.iter().enumerate() {
        // A year apart: two runs, as they have no lines.
        let later = rows.replace("TITLE", title);
        let later: String = later
            .split_inclusive("\r\n")
            .map(|row| shifted(row, hostile.len() - number))
            .collect();
        all += &later;
    }
    fs::write(&file, all).expect("written");
    let page = dir.path().join("page.html");
    let shown = compare(
        &file,
        &["--by", "title", "--html", page.to_str().expect("UTF-8")],
    )
    .ok();
    let json = compare(&file, &["--by", "title", "--json"]).ok();
    let page = fs::read_to_string(page).expect("a page");
    for (what, text) in [
        ("text", &shown.stdout),
        ("JSON", &json.stdout),
        ("page", &page),
    ] {
        let is_bad = |c: &char| (c.is_control() && *c != '\n') || *c == '\u{202e}';
        assert_eq!(text.chars().find(is_bad), None, "{what}: {text:?}");
    }
    assert!(shown.stdout.contains("\\u{1b}[2J"), "{shown:#?}");
    assert!(
        !page.contains("<script>alert") && page.contains("&lt;script&gt;alert"),
        "{page}"
    );
    let found: Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!(found["groups"][0]["sides"][0]["name"], hostile[0]);
    let refused = compare(&file, &["--by", "title", "--baseline", "\u{1b}"]);
    assert!(!refused.stderr.contains('\u{1b}'), "{refused:#?}");
}

/// A row with its times in another year.
fn shifted(row: &str, years: usize) -> String {
    let year = &row[row.find("\"20").expect("a time") + 1..][..4];
    let other = year.parse::<usize>().expect("a year") - years;
    row.replace(&format!("\"{year}-"), &format!("\"{other}-"))
}

/// A server that cannot keep up with the arrivals: those above the limit are dropped.
#[test]
fn dropped_arrivals_are_infinitely_slow_live_and_read_back() {
    let [steady, overrun] = ["2ms", "400ms"].map(|time| Shop::start(&["--service-time", time]));
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("rows.csv");
    let [a, b] = [
        variant("steady", &steady.url),
        variant("overrun", &overrun.url),
    ];
    let words = [
        "-d",
        "rdbms",
        "-o",
        file.to_str().expect("UTF-8"),
        "--variant",
        &a,
        "--variant",
        &b,
        "--rate",
        "100/s",
        "--duration",
        "300ms",
        "--max-in-flight",
        "5",
        "--rounds",
        "6",
        "--json",
        "--fail-if-slower",
    ];
    let live = client(words);
    assert_eq!(live.code(), Some(3), "{live:#?}");
    let live: Value = serde_json::from_str(&live.stdout).expect("JSON");
    let found = json_of(compare(&file, &["--json"]));
    assert_eq!(live["comparison"], found);
    let pair = &found["groups"][0]["pairs"][0];
    let primary = row(pair, "buy.p50");
    assert_eq!(primary["verdict"], "SLOWER", "{pair:#}");
    assert_eq!(
        (&primary["other"], &primary["ratio"]),
        (&json!("infinite"), &json!("infinite"))
    );
    assert!(
        row(pair, "errors")["change"].as_f64() > Some(0.5),
        "{pair:#}"
    );
    let warnings = found["warnings"].to_string();
    assert!(
        warnings.contains("overrun: buy.p50 is that of a failed shopper in 6 of 6 parts"),
        "{warnings}"
    );
    let turned = compare(&file, &["--baseline", "overrun", "--fail-if-slower", "-q"]);
    assert_eq!(turned.code(), Some(0), "{turned:#?}");
}

/// Nothing of a variant succeeds, home pages included.
#[test]
fn a_variant_that_only_fails_loses_and_does_not_break_the_tables() {
    let good = Shop::start(&[]);
    let bad = Scripted::start(|mut stream, _| {
        if !read_request(&mut stream).is_empty() {
            respond(&mut stream, &page(503, "text/html", "<h1>busy</h1>"));
        }
    });
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("rows.csv");
    let [a, b] = [variant("good", &good.url), variant("bad", &bad.url())];
    let words = [
        "-d",
        "rdbms",
        "-o",
        file.to_str().expect("UTF-8"),
        "--variant",
        &a,
        "--variant",
        &b,
        "-c",
        "3",
        "--rounds",
        "6",
        "--html",
    ];
    let html = dir.path().join("page.html");
    let finished = client(words.iter().copied().chain([html.to_str().expect("UTF-8")])).ok();
    let told = "SLOWER: bad against good (baseline), buy.p50 +inf %";
    assert!(finished.stdout.contains(told), "{finished:#?}");
    assert!(!finished.stdout.contains("NaN"), "{finished:#?}");
    let html = fs::read_to_string(html).expect("a page");
    assert!(html.contains("infinite") && !html.contains("NaN"));
    for metric in ["home.p50", "errors", "purchases_per_second"] {
        let judged = compare(&file, &["--metric", metric, "--fail-if-slower", "-q"]);
        assert_eq!(judged.code(), Some(3), "{metric}: {judged:#?}");
    }
    let open = compare(&file, &["--metric", "server.p50", "--fail-if-slower", "-q"]);
    assert_eq!(open.code(), Some(3), "{open:#?}");
    assert!(
        open.stderr.contains("CANNOT TELL") && open.stderr.contains("failed"),
        "{open:#?}"
    );
}

/// Fewer than the six that 95 % takes, and one.
#[test]
fn too_few_rounds_say_how_many_it_takes() {
    let shops = ["1ms", "20ms"].map(|time| Shop::start(&["--service-time", time]));
    let [a, b] = [variant("a", &shops[0].url), variant("b", &shops[1].url)];
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("rows.csv");
    for (rounds, told) in [
        ("5", "6 rounds reach this level, there are 5"),
        ("1", "run 6 rounds or more"),
    ] {
        let words = [
            "-d",
            "rdbms",
            "-o",
            file.to_str().expect("UTF-8"),
            "--variant",
            &a,
            "--variant",
            &b,
            "-c",
            "2",
            "--rounds",
            rounds,
            "--fail-if-slower",
        ];
        let finished = client(words);
        assert_eq!(finished.code(), Some(3), "{finished:#?}");
        let text = finished
            .stdout
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        assert!(text.contains("CANNOT TELL"), "{finished:#?}");
        assert!(text.contains(told), "{finished:#?}");
        fs::remove_file(&file).expect("removed");
        fs::remove_file(file.with_extension("csv.runs.jsonl")).expect("removed");
    }
}

#[test]
fn every_metric_can_be_the_primary_one() {
    let shops = ["1ms", "3ms"].map(|time| Shop::start(&["--service-time", time, "--rest"]));
    let [a, b] = [variant("a", &shops[0].url), variant("b", &shops[1].url)];
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("rows.csv");
    let words = [
        "-d",
        "rdbms",
        "-q",
        "-o",
        file.to_str().expect("UTF-8"),
        "--variant",
        &a,
        "--variant",
        &b,
        "-c",
        "4",
        "--repeat",
        "30",
        "--rounds",
        "6",
    ];
    client(words).ok();
    for metric in profilerclient::comparison::Metric::ALL {
        let name = &*metric.name();
        for margin in ["0", "0%", "99.9%"] {
            for confidence in ["50%", "0.5", "99.9%"] {
                let asked = [
                    "--metric",
                    name,
                    "--margin",
                    margin,
                    "--confidence",
                    confidence,
                ];
                let found = json_of(compare(&file, &[&asked[..], &["--json"]].concat()));
                assert_eq!(found["primary"], name);
                let primary = &found["groups"][0]["pairs"][0]["metrics"][0];
                assert_eq!(
                    (&primary["metric"], &primary["is_primary"]),
                    (&json!(name), &json!(true))
                );
                assert!(primary["verdict"].is_string(), "{primary}");
                let text = compare(&file, &asked).ok().stdout;
                let first = text.lines().next().expect("a headline");
                assert!(first.contains(" against a (baseline)"), "{text}");
                assert!(text.contains(name), "{text}");
                let widest = text.lines().map(|line| line.chars().count()).max();
                assert!(widest <= Some(100), "{text}");
            }
        }
    }
    for (option, value, told) in [
        ("--margin", "200%", "up to, but not including, 100%"),
        ("--margin", "x", "such as 5% or 0.05"),
        ("--margin", "", "such as 5% or 0.05"),
        ("--margin", "NaN", "such as 5% or 0.05"),
        ("--confidence", "99.9", "such as 95% or 0.95"),
        ("--confidence", "100%", "from 50% to 99.9%"),
        ("--confidence", "0x1", "from 50% to 99.9%"),
        ("--metric", "buy", "give one of buy.p50"),
        ("--metric", "", "give one of buy.p50"),
    ] {
        compare(&file, &[option, value]).refused(2, &[option, told]);
    }
}
