//! The command `summary`: rows of real runs and of old clients, selected, damaged, and from a pipe.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::tempdir;

use crate::load_support::*;
use crate::support::*;

const PROGRAM: &str = env!("CARGO_BIN_EXE_profilerclient");

/// What `summary` printed, and its exit code.
struct Said {
    stdout: String,
    stderr: String,
    code: Option<i32>,
}

impl Said {
    fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|error| panic!("{error}: {}{}", self.stdout, self.stderr))
    }
}

fn summary(args: &[&str], input: &[u8]) -> Said {
    let mut child = Command::new(PROGRAM)
        .arg("summary")
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // A program that does not read its input closes it.
    let _ = child.stdin.take().expect("a pipe").write_all(input);
    let done = child.wait_with_output().expect("it ends");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
    Said {
        stdout: text(done.stdout),
        stderr: text(done.stderr),
        code: done.status.code(),
    }
}

/// Where a value differs from that of the live run by more than the columns and the histograms allow.
fn differences(at: &str, read: &Value, live: &Value, found: &mut Vec<String>) {
    match (read, live) {
        (Value::Object(read), Value::Object(live)) => {
            for key in read.keys().chain(live.keys()) {
                let at = format!("{at}.{key}");
                let of = |object: &serde_json::Map<String, Value>| object.get(key).cloned();
                differences(
                    &at,
                    &of(read).unwrap_or_default(),
                    &of(live).unwrap_or_default(),
                    found,
                );
            }
        }
        (Value::Array(read), Value::Array(live)) if read.len() == live.len() => {
            for (read, live) in read.iter().zip(live) {
                differences(at, read, live, found);
            }
        }
        (Value::Number(read), Value::Number(live)) => {
            let [read, live] = [read, live].map(|of| of.as_f64().expect("a float"));
            if (read - live).abs() > 0.001 * live.abs() + 2.1e-6 {
                found.push(format!("{at}: {read} for {live}"));
            }
        }
        (read, live) if read != live => found.push(format!("{at}: {read} for {live}")),
        _ => {}
    }
}

#[test]
fn the_json_of_rows_read_back_is_that_of_the_live_run() {
    for load in [
        "-c 20",
        "-c 3 --repeat 4 --keep-alive",
        "-c 1,3 --rounds 2 --repeat 3",
        "--rate 200/s --duration 500ms",
        "--rate 2000/s --duration 500ms --max-in-flight 1",
        "-c 4 --repeat 3 --phases",
        "--tls -c 5 --repeat 2 --phases",
    ] {
        let directory = tempdir().expect("a directory");
        let path = directory.path().join("rows.csv");
        let path = path.to_str().expect("UTF-8");
        let mut args = vec!["demo"];
        args.extend(load.split(' '));
        args.extend(["--json", "-o", path]);
        let done = Command::new(PROGRAM).args(&args).output().expect("a run");
        assert_eq!(done.status.code(), Some(0), "{load}: {done:?}");
        let live: Value = serde_json::from_slice(&done.stdout).expect("JSON");
        let said = summary(&[path, "--json"], b"");
        assert_eq!((said.code, said.stderr.as_str()), (Some(0), ""), "{load}");
        let mut found = Vec::new();
        differences("", &said.json(), &live, &mut found);
        assert!(found.is_empty(), "{load}: {found:#?}");
    }
}

/// A report of 28 columns with two runs: `one` with 3 rows and `two` with 2, an hour later.
fn two_runs() -> String {
    let mut text = columns();
    for (title, hour, rows) in [("one", 1, 3), ("two", 2, 2)] {
        for row in 0..rows {
            text += &line(title, rows, hour, row);
        }
    }
    text
}

fn columns() -> String {
    let header = profilerclient::rows::columns::header_line(false);
    String::from_utf8(header).expect("text")
}

fn line(title: &str, concurrent: u32, hour: u32, row: u32) -> String {
    let time = |micros: u32| format!("\"2015-01-03T0{hour}:00:00.{:06}\"", row * 1000 + micros);
    let (start, home, buy) = (time(0), time(100), time(300));
    format!(
        "{concurrent};\"{title}\";0.000100;\"\";200;\"True\";{start};{home};29.3;0.000100;\"\";3093;\"True\";\
         {home};{buy};\"\";\"\";\"\";\"\";\"\";\"\";\"\";0.000200;\"\";200;\"True\";{home};{buy}\r\n"
    )
}

fn written(directory: &Path, name: &str, text: impl AsRef<[u8]>) -> String {
    let path = directory.join(name);
    fs::write(&path, text).expect("a file");
    path.to_str().expect("UTF-8").to_owned()
}

#[test]
fn several_runs_are_listed_and_each_selected_one_has_its_own_summary() {
    let directory = tempdir().expect("a directory");
    let path = written(directory.path(), "r.csv", two_runs());
    let said = summary(&[&path], b"");
    assert_eq!(said.code, Some(0), "{}", said.stderr);
    assert!(
        said.stdout.starts_with("2 runs, not pooled\n"),
        "{}",
        said.stdout
    );
    assert!(said.stdout.contains("--run last"), "{}", said.stdout);
    let listed = summary(&[&path, "--json"], b"").json();
    let runs = listed["runs"].as_array().expect("runs");
    let figures = |run: &Value| {
        (
            run["number"].clone(),
            run["title"].clone(),
            run["rows"].clone(),
        )
    };
    assert_eq!(figures(&runs[0]), (1.into(), "one".into(), 3.into()));
    assert_eq!(figures(&runs[1]), (2.into(), "two".into(), 2.into()));
    assert!(runs[0].get("summary").is_none());
    for (selection, title, rows) in [
        (&["--run", "1"][..], "one", 3),
        (&["--run", "last"], "two", 2),
        (&["--title", "two"], "two", 2),
        (&["--level", "3"], "one", 3),
        (&["--since", "2015-01-03 01:30"], "two", 2),
        (
            &["--title", "two", "--title", "one", "--level", "2,7"],
            "two",
            2,
        ),
        (&["--run", "1", "--run", "2", "--title", "one"], "one", 3),
    ] {
        let args = [&[path.as_str(), "--json"], selection].concat();
        let found = summary(&args, b"").json();
        assert_eq!(found["title"], title, "{selection:?}");
        assert_eq!(found["launched"], rows, "{selection:?}");
    }
    let both = summary(&[&path, "--json", "--run", "all"], b"").json();
    let launched = |place: usize| both["runs"][place]["summary"]["launched"].clone();
    assert_eq!((launched(0), launched(1)), (3.into(), 2.into()));
    let text = summary(&[&path, "--run", "all"], b"").stdout;
    assert!(
        text.contains("Run 1, ") && text.contains("\nRun 2, "),
        "{text}"
    );
    let none = summary(&[&path, "--title", "three"], b"");
    assert_eq!(none.code, Some(2));
    assert!(
        none.stderr.contains("no run has --title \"three\""),
        "{}",
        none.stderr
    );
}

#[test]
fn json_goes_to_a_file_and_thresholds_to_the_exit_code() {
    let directory = tempdir().expect("a directory");
    let path = written(directory.path(), "r.csv", two_runs());
    let json = directory.path().join("s.json");
    let json = json.to_str().expect("UTF-8");
    let said = summary(&[&path, "--run", "1", "--json", json], b"");
    assert_eq!(said.code, Some(0));
    assert!(
        said.stdout.starts_with("3 of 3 purchases"),
        "{}",
        said.stdout
    );
    let value: Value = serde_json::from_slice(&fs::read(json).expect("a file")).expect("JSON");
    assert_eq!(value["launched"], 3);
    for (args, code) in [
        (&["--run", "1", "--fail-if", "buy.max>100us"][..], 3),
        (&["--run", "1", "--fail-if", "buy.max>1s"], 0),
        (&["--run", "all", "--fail-if", "errors>1%"], 0),
        (&["--fail-if", "errors>1%"], 2),
    ] {
        let said = summary(&[&[path.as_str()], args].concat(), b"");
        assert_eq!(said.code, Some(code), "{args:?}: {}", said.stderr);
    }
}

/// A command that fails leaves the JSON file as it was, and no new one behind.
#[test]
fn a_failed_summary_loses_nothing() {
    let directory = tempdir().expect("a directory");
    // Bad where only the pass over all cells looks, after the runs were found.
    let bad = [
        columns(),
        line("one", 3, 1, 0),
        line("one", 3, 1, 1).replacen(";29.3;", ";much;", 1),
        line("one", 3, 1, 2),
    ];
    let rows = written(directory.path(), "bad.csv", bad.concat());
    let kept = written(directory.path(), "kept.json", "{\"of\": \"yesterday\"}");
    let new = directory.path().join("new.json").display().to_string();
    for file in [&kept, &new] {
        let said = summary(&[&rows, "--json-file", file], b"");
        assert_eq!(said.code, Some(1), "{}", said.stderr);
    }
    assert_eq!(
        fs::read_to_string(&kept).expect("it is there"),
        "{\"of\": \"yesterday\"}"
    );
    assert!(!Path::new(&new).exists());
    // One that succeeds replaces it.
    let said = summary(&[&rows, "--lenient", "--json-file", &kept], b"");
    assert_eq!(said.code, Some(0), "{}", said.stderr);
    let text = fs::read_to_string(&kept).expect("it is there");
    let value: Value = serde_json::from_str(&text).expect("one JSON object");
    assert_eq!(value["rows_skipped"], 1);
}

#[test]
fn rows_of_every_width_are_read_from_a_pipe() {
    let names = columns();
    let names: Vec<&str> = names.trim().split(';').collect();
    let row = line("old", 1, 1, 0);
    let cells: Vec<&str> = row.trim().split(';').collect();
    let without = |lacking: &[usize]| {
        let kept = |cells: &[&str]| {
            let cells = cells.iter().enumerate();
            let kept = cells.filter(|(place, _)| !lacking.contains(place));
            kept.map(|(_, cell)| *cell).collect::<Vec<_>>().join(";")
        };
        format!("{}\r\n{}\r\n", kept(&names), kept(&cells))
    };
    let rest: Vec<usize> = (15..22).collect();
    for (lacking, width) in [
        (vec![], 28),
        (rest.clone(), 21),
        ([vec![0, 1], rest].concat(), 19),
    ] {
        let text = without(&lacking);
        assert_eq!(
            text.lines().next().map(|line| line.split(';').count()),
            Some(width)
        );
        let said = summary(&["-", "--json"], text.as_bytes());
        let found = said.json();
        assert_eq!(
            (&found["launched"], &found["bought"]),
            (&1.into(), &1.into()),
            "{width}"
        );
        assert_eq!(found["buy_elapsed_seconds"]["max"], 0.0002, "{width}");
    }
    for empty in ["", "\r\n\r\n", &columns()] {
        let said = summary(&["-"], empty.as_bytes());
        assert_eq!((said.code, said.stdout.as_str()), (Some(1), ""));
        assert!(
            said.stderr.starts_with("profilerclient: standard input: "),
            "{}",
            said.stderr
        );
    }
}

#[test]
fn a_damaged_row_is_an_error_with_its_place_or_is_skipped_and_counted() {
    let directory = tempdir().expect("a directory");
    let good = line("one", 3, 1, 0);
    for bad in [
        good.replace("0.000200;", "soon;"),
        good.replace("0.000200;", "NaN;"),
        good.replace("0.000200;", "1e400;"),
        good.replace("3;\"one\"", "99999999999999999999999;\"one\""),
        good.replace("2015-01-03T01", "20153-01-03T01"),
        "1;2;3\r\n".to_owned(),
        good.replacen("\"\"", "\"", 1),
        format!("\"{}\"\r\n", "x".repeat(10 << 20)),
    ] {
        let text = [
            columns(),
            good.clone(),
            bad.clone(),
            line("one", 3, 1, 1),
            line("one", 3, 1, 2),
        ];
        let path = written(directory.path(), "bad.csv", text.concat());
        let said = summary(&[&path], b"");
        assert_eq!(
            (said.code, said.stdout.as_str()),
            (Some(1), ""),
            "{bad:.80}"
        );
        let place = format!("profilerclient: {path}: line 3: ");
        assert!(said.stderr.starts_with(&place), "{}", said.stderr);
        assert_eq!(said.stderr.lines().count(), 1, "{}", said.stderr);
        let said = summary(&[&path, "--lenient", "--json"], b"");
        let found = said.json();
        assert_eq!(
            (&found["launched"], &found["rows_skipped"]),
            (&3.into(), &1.into()),
            "{bad:.80}"
        );
        assert!(said.stderr.contains("1 row was skipped"), "{}", said.stderr);
    }
}

#[test]
fn a_report_cut_anywhere_has_its_whole_rows_or_an_error() {
    let whole = [columns(), line("one", 2, 1, 0), line("one", 2, 1, 1)].concat();
    let directory = tempdir().expect("a directory");
    let ends: Vec<usize> = (whole.match_indices("\r\n")).map(|(at, _)| at).collect();
    for cut in 0..whole.len() {
        let path = written(directory.path(), "cut.csv", &whole[..cut]);
        let rows = ends[1..].iter().filter(|end| **end <= cut).count();
        match profilerclient::report::read(Path::new(&path), &[]) {
            Ok(read) => {
                let found: u64 = read.runs.iter().map(|run| run.summary.launched).sum();
                assert_eq!(found, rows as u64, "cut at {cut}");
            }
            Err(error) => {
                assert_eq!(rows, 0, "cut at {cut}: {error}");
                assert!(
                    error.to_string().contains("line 1"),
                    "cut at {cut}: {error}"
                );
            }
        }
    }
}

#[test]
fn lines_cut_anywhere_lose_no_row() {
    let till = Till::start();
    let directory = tempdir().expect("a directory");
    let path = directory.path().join("rows.csv");
    let name = path.to_str().expect("UTF-8");
    let done = client(["-t", &till.url(), "-d", "rdbms", "-c", "3", "-o", name]);
    assert_eq!(done.status.code(), Some(0), "{done:?}");
    let beside = profilerclient::rows::runs::path_of(&path);
    let lines = fs::read(&beside).expect("lines");
    for cut in (0..lines.len()).step_by(7) {
        fs::write(&beside, &lines[..cut]).expect("written");
        let read = profilerclient::report::read(&path, &[]).expect("rows");
        let found: u64 = read.runs.iter().map(|run| run.summary.launched).sum();
        assert_eq!(found, 3, "cut at {cut}");
    }
}

#[test]
fn hostile_titles_stay_on_their_lines() {
    let text = [
        columns(),
        line("\u{1b}[2J\u{202e}\r\nx", 1, 1, 0),
        line("</script>", 1, 2, 0),
    ];
    for args in [&["-"][..], &["-", "--json"], &["-", "--run", "all", "-v"]] {
        let said = summary(args, text.concat().as_bytes());
        assert_eq!(said.code, Some(0), "{}", said.stderr);
        let is_odd = |c: char| c != '\n' && profilerclient::text::is_unprintable(c);
        assert!(!said.stdout.contains(is_odd), "{:?}", said.stdout);
    }
}
