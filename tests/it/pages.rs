//! The HTML page: `report`, `--html`, and what a browser makes of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use tempfile::{TempDir, tempdir};

use crate::support::{Finished, Shop, client, finish_command};

const HOSTILE: &str =
    "\u{202e}'\"\u{1b}[31m</title><script>alert(1)</script><img src=x onerror=alert(2)>";

/// A page, and the directory that it is in.
struct Made {
    dir: TempDir,
    page: PathBuf,
    text: String,
}

impl Made {
    fn rows(&self) -> PathBuf {
        self.dir.path().join("r.csv")
    }
}

/// The page of a demo with those options, made by `report`.
fn page_of_demo(args: &[&str]) -> Made {
    let dir = tempdir().expect("a directory");
    let rows = dir.path().join("r.csv").display().to_string();
    client(["demo", "-q", "-o", &rows].iter().chain(args)).ok();
    report(dir)
}

/// The page of `r.csv` in a directory.
fn report(dir: TempDir) -> Made {
    let (rows, page) = (dir.path().join("r.csv"), dir.path().join("p.html"));
    let finished = report_of(&rows, &page).ok();
    assert_eq!(finished.stdout, format!("{}\n", page.display()));
    let text = fs::read_to_string(&page).expect("a page");
    Made { dir, page, text }
}

fn report_of(rows: &Path, page: &Path) -> Finished {
    let paths = [rows, page].map(|path| path.display().to_string());
    client(["report", &paths[0], "-o", &paths[1]])
}

/// A report as the old client wrote it in 2015: 21 columns; 200 customers at once, of whom some waited for
/// two minutes, nearly all of it before the server began.
fn report_of_2015() -> TempDir {
    let mut text = String::from(
        "\"concurrent_requests\";\"benchmark_title\";\"client_home_elapsed_seconds\";\
         \"client_home_error_msg\";\"client_home_http_code\";\"client_home_result\";\
         \"client_home_started_time\";\"client_home_stopped_time\";\"server_buy_cpu_usage\";\
         \"server_buy_memory_usage\";\"server_buy_elapsed_seconds\";\"server_buy_error_msg\";\
         \"server_buy_result\";\"server_buy_started_time\";\"server_buy_stopped_time\";\
         \"client_buy_elapsed_seconds\";\"client_buy_error_msg\";\"client_buy_http_code\";\
         \"client_buy_result\";\"client_buy_started_time\";\"client_buy_stopped_time\"\r\n",
    );
    let time = |ms: u64| {
        let (seconds, ms) = (ms / 1000, ms % 1000);
        format!(
            "\"2015-01-03T00:{:02}:{:02}.{ms:03}000\"",
            33 + seconds / 60,
            seconds % 60
        )
    };
    for customer in 0..200u64 {
        let start = customer * 6;
        let home_end = start + 300 + customer;
        let buy_end = home_end + 1_000 + customer * 600;
        let (server_start, server_end) = (buy_end - 420, buy_end - 100);
        let seconds = |ms: u64| format!("{:.3}", ms as f64 / 1e3);
        text += &[
            "200".to_owned(),
            "\"\"".to_owned(),
            seconds(home_end - start),
            "\"\"".to_owned(),
            "200".to_owned(),
            "True".to_owned(),
            time(start),
            time(home_end),
            "29.3".to_owned(),
            "3093".to_owned(),
            "0.320".to_owned(),
            "\"\"".to_owned(),
            "True".to_owned(),
            time(server_start),
            time(server_end),
            seconds(buy_end - home_end),
            "\"\"".to_owned(),
            "200".to_owned(),
            "True".to_owned(),
            time(home_end),
            time(buy_end),
        ]
        .join(";");
        text += "\r\n";
    }
    let dir = tempdir().expect("a directory");
    fs::write(dir.path().join("r.csv"), text).expect("written");
    dir
}

/// The cells of the first table whose caption begins like that, row by row, headings included.
fn table(page: &str, caption: &str) -> Vec<Vec<String>> {
    let at = page.find(&format!("<caption>{caption}"));
    let table = &page[at.unwrap_or_else(|| panic!("no table {caption}"))..];
    let table = table.split("</table>").next().expect("its end");
    let cells = |row: &str| -> Vec<String> {
        let cells = row
            .split("<t")
            .skip(1)
            .filter(|cell| cell.starts_with(['h', 'd']));
        let text = |cell: &str| cell.split_once('>').map(|(_, text)| text.to_owned());
        let cells = cells.filter_map(text);
        cells
            .map(|text| text.split('<').next().unwrap_or_default().to_owned())
            .collect()
    };
    table.split("<tr>").skip(1).map(cells).collect()
}

/// The table of latencies has all percentiles of a JSON summary, to the microsecond of the columns.
fn assert_latencies(page: &str, summary: &Value, name: &str) {
    let rows = table(page, "Latency, ms");
    let columns = [
        ("home", "home_elapsed_seconds"),
        ("purchase", "buy_elapsed_seconds"),
        ("service time", "server_elapsed_seconds"),
        ("home from due", "home_from_due_seconds"),
        ("visit from due", "visit_from_due_seconds"),
    ];
    let mut compared = 0;
    for (heading, key) in columns {
        let Some(column) = rows[0].iter().position(|of| of == heading) else {
            assert_eq!(
                summary[key],
                Value::Null,
                "{name}: {heading} is not on the page"
            );
            continue;
        };
        // Times from due are of two columns, each cut to the microsecond.
        let cut = if heading.ends_with("from due") {
            0.003
        } else {
            0.001_5
        };
        for row in &rows[1..] {
            let figure = row[0].replace('.', "_");
            if figure == "values" {
                let n = summary[key]["n"].as_u64().expect("a number");
                assert_eq!(
                    row[column].replace('\u{202f}', ""),
                    n.to_string(),
                    "{name} {key}"
                );
                continue;
            }
            let expected = summary[key][&figure].as_f64();
            let shown = row[column].parse::<f64>().ok();
            let is_same = match (expected, shown) {
                (Some(expected), Some(shown)) => (expected * 1e3 - shown).abs() < cut,
                (None, None) => true,
                _ => false,
            };
            assert!(
                is_same,
                "{name} {key} {figure}: {expected:?} s, on the page {shown:?} ms"
            );
            compared += u32::from(expected.is_some());
        }
    }
    assert!(compared >= 12, "{name}: {compared}");
}

#[test]
fn the_page_has_the_figures_of_the_live_run() {
    for (load, name) in [(["-c", "200"], "burst"), (["--rate", "300/s"], "open")] {
        let dir = tempdir().expect("a directory");
        let path = |name: &str| dir.path().join(name).display().to_string();
        let (rows, live) = (path("r.csv"), path("live.html"));
        let mut run = vec!["demo", "--json", "-o", &rows, "--html", &live];
        run.extend(load);
        if name == "open" {
            run.extend(["--duration", "1s", "--phases"]);
        }
        let finished = client(run).ok();
        // Nothing but the object is on standard output.
        let summary: Value = serde_json::from_str(&finished.stdout).expect("JSON");
        let live = fs::read_to_string(live).expect("a page");
        assert_latencies(&live, &summary, name);
        assert!(
            live.matches("<svg ").count() >= 10,
            "the page of the run has no charts"
        );
        assert_latencies(&report(dir).text, &summary, name);
    }
}

#[test]
fn the_levels_of_a_sweep_have_the_figures_of_the_live_run() {
    let dir = tempdir().expect("a directory");
    let rows = dir.path().join("r.csv").display().to_string();
    let run = [
        "demo",
        "-c",
        "1,3,9",
        "--rounds",
        "2",
        "--repeat",
        "40",
        "--warm-up",
        "4",
        "--json",
    ];
    let finished = client(run.iter().chain(&["-o", &rows])).ok();
    let summary: Value = serde_json::from_str(&finished.stdout).expect("JSON");
    let made = report(dir);
    let shown = table(&made.text, "Levels: latencies in ms");
    let levels = summary["levels"].as_array().expect("levels");
    assert_eq!(shown.len(), levels.len() + 1);
    for (row, level) in shown[1..].iter().zip(levels) {
        assert_eq!(row[0], level["concurrent"].to_string());
        assert_eq!(row[1], level["bought"].to_string());
        for (heading, key, figure) in [
            ("home p50", "home_elapsed_seconds", "p50"),
            ("purchase p50", "buy_elapsed_seconds", "p50"),
            ("largest", "buy_elapsed_seconds", "max"),
        ] {
            let column = shown[0]
                .iter()
                .position(|of| of == heading)
                .expect("a column");
            let ms = level[key][figure].as_f64().expect("a figure") * 1e3;
            let cell: f64 = row[column].parse().expect("a number");
            assert!((cell - ms).abs() < 0.001_5, "{heading} {row:?}: {ms}");
        }
    }
    // Every round is a dot of its own, and the warm-up stands on the time axis.
    assert_eq!(made.text.matches("class=\"dot round\"").count() % 6, 0);
    assert!(
        made.text.contains("class=\"warm\""),
        "no warm-up on the time axis"
    );
    for part in ["round 1", "round 2", ", round 2"] {
        assert!(made.text.contains(part), "{part}");
    }
}

/// Three runs in one file: a burst, another title, a closed workload.
fn several_runs() -> TempDir {
    let dir = tempdir().expect("a directory");
    let rows = dir.path().join("r.csv").display().to_string();
    for args in [
        ["-c", "30", "-a", "first"],
        ["-c", "40", "-a", "second"],
        ["-c", "50", "-a", "third"],
    ] {
        client(["demo", "-q", "-o", &rows].iter().chain(&args)).ok();
    }
    dir
}

#[test]
fn runs_are_listed_told_apart_and_selected() {
    let made = report(several_runs());
    for (number, title, n) in [(1, "first", 30), (2, "second", 40), (3, "third", 50)] {
        let link = format!("<a href=\"#run-{number}\"><bdi>Run {number}, {title}</bdi></a>");
        assert!(made.text.contains(&link), "{link}");
        assert!(
            made.text.contains(&format!("id=\"run-{number}\"")),
            "{number}"
        );
        assert!(made.text.contains(&format!("{n} of {n} purchases")), "{n}");
        assert!(
            made.text.contains(&format!("run {number} ({n})")),
            "no curve of {number}"
        );
    }
    assert!(!made.text.contains("120 of 120"), "runs were pooled");
    let paths = [made.rows(), made.page.clone()].map(|path| path.display().to_string());
    let run = |more: &[&str]| {
        client(["report", &paths[0], "-o", &paths[1]].iter().chain(more)).ok();
        fs::read_to_string(&made.page).expect("a page")
    };
    for selection in [["--run", "2"], ["--title", "second"], ["--level", "40"]] {
        let page = run(&selection);
        assert!(page.contains("40 of 40 purchases"), "{selection:?}");
        assert!(
            !page.contains("30 of 30") && !page.contains("50 of 50"),
            "{selection:?}"
        );
    }
    assert!(run(&["--run", "last"]).contains("50 of 50 purchases"));
    let none = client(["report", &paths[0], "-o", &paths[1], "--title", "absent"]);
    none.refused(2, &["absent"]);
    // Standard output gets the page, and nothing else.
    let page = client(["report", &paths[0], "-o", "-", "--run", "1"]).ok();
    assert!(page.stdout.starts_with("<!DOCTYPE html>") && page.stdout.ends_with("</html>\n"));
}

#[test]
fn damaged_rows_are_an_error_or_counted_on_the_page() {
    let made = page_of_demo(&["-c", "10"]);
    let mut text = fs::read_to_string(made.rows()).expect("rows");
    let at = text.find("\r\n").expect("a header") + 2;
    text.insert_str(at, "1;\"x\";<b>what</b>\r\n");
    fs::write(made.rows(), text).expect("written");
    let page = made.dir.path().join("damaged.html");
    report_of(&made.rows(), &page).refused(1, &["line 2"]);
    let paths = [made.rows(), page.clone()].map(|path| path.display().to_string());
    client(["report", &paths[0], "-o", &paths[1], "--lenient"]).ok();
    let page = fs::read_to_string(page).expect("a page");
    assert!(page.contains("1 row was skipped"), "not counted");
    assert!(
        page.contains("10 of 10 purchases"),
        "the other rows are lost"
    );
}

#[test]
fn the_two_minutes_of_2015_were_spent_before_the_server_began() {
    let made = report(report_of_2015());
    let text = &made.text;
    let at = text.find("The longest wait was ").expect("a sentence");
    let sentence = &text[at..at + 80];
    // The last customer: 0.5 s home page, 120.4 s purchase, of it 320 ms service time.
    assert!(
        sentence.starts_with("The longest wait was 121 s: 99.7 % of it"),
        "{sentence}"
    );
    assert!(
        text[at..at + 200].contains("which was 320 ms (0.3 %)"),
        "{}",
        &text[at..at + 300]
    );
    let verdict = text.find(">Latency over time</h3>").expect("a section");
    assert!(at < verdict, "the verdict comes first");
}

#[test]
fn rows_are_never_replaced_and_errors_leave_no_page() {
    let dir = report_of_2015();
    let (rows, page) = (dir.path().join("r.csv"), dir.path().join("p.html"));
    let before = fs::read(&rows).expect("rows");
    report_of(&rows, &rows).refused(2, &["--output", "another file"]);
    let link = dir.path().join("link.html");
    std::os::unix::fs::symlink(&rows, &link).expect("a link");
    report_of(&rows, &link).refused(2, &["--output", "another file"]);
    assert_eq!(fs::read(&rows).expect("rows"), before);
    report_of(&dir.path().join("absent.csv"), &page).refused(1, &["absent.csv"]);
    assert!(!page.exists(), "an empty page was left");
    let run = ["demo", "-o", "-", "--html", "p.html"];
    client(run).refused(2, &["--html", "--output -"]);
}

/// What a browser finds on a page.
fn look(made: &Made, name: &str) -> Option<Value> {
    let browser = browser()?;
    let wrapper = made.dir.path().join("look.html");
    fs::write(&wrapper, include_str!("pages_look.html")).expect("written");
    let url = format!("file://{}", wrapper.display());
    let mut command = chromium(&browser, made.dir.path());
    command.args([
        "--allow-file-access-from-files",
        "--enable-logging=stderr",
        "--dump-dom",
        &url,
    ]);
    let finished = finish_command(&mut command);
    let console: Vec<&str> = (finished.stderr.lines())
        .filter(|line| line.contains("CONSOLE") && !line.contains("sandboxed"))
        .collect();
    assert!(console.is_empty(), "{console:#?}");
    let found = finished
        .stdout
        .split("<pre>")
        .nth(1)
        .expect("what was found");
    let found = found.split("</pre>").next().expect("its end");
    for width in ["390", "1440"] {
        screenshot(&browser, made, name, width);
    }
    Some(serde_json::from_str(found).expect("JSON"))
}

/// Headless, with a profile of its own, and without requests of the browser itself.
fn chromium(browser: &Path, dir: &Path) -> Command {
    let mut command = Command::new(browser);
    command.args([
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        "--hide-scrollbars",
        "--no-first-run",
        "--disable-background-networking",
        "--disable-component-update",
    ]);
    command.arg(format!("--user-data-dir={}", dir.join("profile").display()));
    command
}

/// A picture of the page in `target/pages`, to look at.
fn screenshot(browser: &Path, made: &Made, name: &str, width: &str) {
    let pictures = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("pages");
    fs::create_dir_all(&pictures).expect("a directory");
    let picture = pictures.join(format!("{name}-{width}.png"));
    let mut command = chromium(browser, made.dir.path());
    command.arg(format!("--window-size={width},5000"));
    command.arg(format!("--screenshot={}", picture.display()));
    command.arg(format!("file://{}", made.page.display()));
    finish_command(&mut command);
    assert!(picture.exists(), "no picture of {name}");
}

/// Debian's Chromium; absent where it is not installed, which is said.
fn browser() -> Option<PathBuf> {
    let found = ["/usr/bin/chromium", "/usr/bin/chromium-browser"];
    let found = found.iter().map(PathBuf::from).find(|path| path.exists());
    if found.is_none() {
        assert!(
            std::env::var_os("PROFILERCLIENT_NO_SKIP").is_none(),
            "PROFILERCLIENT_NO_SKIP is set, but there is no Chromium"
        );
        eprintln!(
            "SKIPPED: pages in a browser: there is no /usr/bin/chromium (apt-get install chromium)"
        );
    }
    found
}

/// What holds of every page in a browser.
fn assert_shown(made: &Made, name: &str, charts: u64) {
    let Some(found) = look(made, name) else {
        return;
    };
    for frame in ["narrow", "wide", "plain"] {
        let of = &found[frame];
        assert_eq!(
            of["requests"],
            Value::from(Vec::<String>::new()),
            "{name} {frame}: {of}"
        );
        assert!(
            of["charts"].as_u64() >= Some(charts),
            "{name} {frame}: {of}"
        );
        for without in [
            "charts_without_marks",
            "charts_without_title",
            "charts_without_table",
        ] {
            assert_eq!(of[without], 0, "{name} {frame}: {of}");
        }
        let (room, width) = (of["room"].as_u64(), of["width"].as_u64());
        assert!(
            width <= room,
            "{name} {frame}: it scrolls horizontally: {of}"
        );
        assert!(of["text"].as_u64() > Some(1000), "{name} {frame}: {of}");
    }
    // With scripts series can be toggled; without them all text is there nevertheless.
    assert_eq!(found["plain"]["toggles"], 0, "{found}");
    assert_eq!(found["plain"]["text"], found["wide"]["text"], "{found}");
    assert!(found["wide"]["toggles"].as_u64() > Some(0), "{found}");
    assert_eq!(found["wide"]["toggled"], true, "{found}");
}

#[test]
fn a_browser_shows_the_page_of_a_demo() {
    assert_shown(&page_of_demo(&["-c", "200", "--phases"]), "demo", 10);
}

#[test]
fn a_browser_shows_the_page_of_a_sweep() {
    let made = page_of_demo(&["-c", "1,2,4,8,16", "--rounds", "2", "--repeat", "40"]);
    assert!(made.text.contains("Throughput over concurrency"));
    assert_shown(&made, "sweep", 12);
}

#[test]
fn a_browser_shows_the_page_of_an_open_load_with_drops() {
    let shop = Shop::start(&["--service-time", "50ms"]);
    let dir = tempdir().expect("a directory");
    let rows = dir.path().join("r.csv").display().to_string();
    let run = ["-t", &shop.url, "-d", "rdbms", "-q", "-o", &rows];
    let load = [
        "--rate",
        "200/s",
        "--duration",
        "2s",
        "--max-in-flight",
        "4",
        "--phases",
    ];
    client(run.iter().chain(&load)).ok();
    let made = report(dir);
    assert!(
        made.text.contains("arrivals dropped"),
        "no drops on the page"
    );
    assert!(
        made.text.contains("from due"),
        "no times from due on the page"
    );
    assert_shown(&made, "open", 10);
}

#[test]
fn a_browser_shows_the_page_of_a_report_of_2015() {
    assert_shown(&report(report_of_2015()), "2015", 9);
}

#[test]
fn a_browser_shows_hostile_titles_as_text() {
    let made = page_of_demo(&["-c", "20", "-a", HOSTILE, "--note", HOSTILE]);
    assert!(!made.text.contains("<script>alert") && !made.text.contains("<img"));
    assert!(
        !made.text.contains(['\u{202e}', '\u{1b}']),
        "it reorders the page"
    );
    assert!(made.rows().exists());
    assert_shown(&made, "hostile", 9);
}

#[test]
fn a_browser_shows_several_runs() {
    assert_shown(&report(several_runs()), "several", 25);
}

#[test]
fn a_browser_shows_small_and_failed_runs() {
    for shoppers in ["1", "3"] {
        let made = page_of_demo(&["-c", shoppers]);
        assert_shown(&made, &format!("small-{shoppers}"), 8);
    }
    let shop = Shop::start(&["--fault", "reset:100%"]);
    let dir = tempdir().expect("a directory");
    let rows = dir.path().join("r.csv").display().to_string();
    client([
        "-t", &shop.url, "-d", "rdbms", "-q", "-c", "10", "-o", &rows,
    ])
    .ok();
    let made = report(dir);
    assert!(
        made.text.contains("NOTHING SUCCEEDED") && made.text.contains("Errors, the most frequent")
    );
    assert_shown(&made, "failed", 6);
}
