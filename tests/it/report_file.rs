//! The CSV file: appended to, never overwritten, never silently lost.

use std::fs::{self, File};
use std::io::Read;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Mutex;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use tempfile::tempdir;

use profilerclient::row::server_report::ServerReport;
use profilerclient::rows::encode::Encoder;
use profilerclient::text::cleaned;
use profilerclient::time::clock::Clock;

use crate::support::*;

fn shop() -> Scripted {
    Scripted::purchases(|mut stream| respond(&mut stream, &report()))
}

#[test]
fn a_second_run_appends_under_the_same_header() {
    let server = shop();
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    client(flags(&server.url(), 3, &file)).ok();
    let before = fs::read(&file).expect("written");
    client(flags(&server.url(), 4, &file)).ok();
    let after = fs::read(&file).expect("written");
    assert!(after.starts_with(&before), "what was there stays");
    assert_eq!(rows(&file).len(), 7);
}

#[test]
fn the_form_of_the_file() {
    let server = shop();
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let mut args = flags(&server.url(), 1, &file);
    args.extend(["-a".to_owned(), "a title".to_owned()]);
    client(args).ok();
    let text = fs::read_to_string(&file).expect("written");
    let lines: Vec<&str> = text.split("\r\n").collect();
    assert_eq!(
        lines.len(),
        3,
        "a header, a row, and an end of line: {text:?}"
    );
    let header: Vec<String> = COLUMNS.iter().map(|name| format!("\"{name}\"")).collect();
    assert_eq!(lines[0], header.join(";"));
    let fields: Vec<&str> = lines[1].split(';').collect();
    assert_eq!(&fields[..2], ["1", "\"a title\""]);
    assert_eq!(&fields[3..6], ["\"\"", "200", "\"True\""]);
    assert_eq!(&fields[8..13], ["12.5", "0.25", "\"\"", "811", "\"True\""]);
    assert!(
        fields[15..22]
            .iter()
            .all(|field| field.trim_matches('"').is_empty()),
        "{fields:?}"
    );
}

#[test]
fn another_header_is_refused_before_any_load() {
    let server = shop();
    let dir = tempdir().expect("a directory");
    for content in [
        "a;b;c\r\n1;2;3\r\n",
        "not a csv",
        "\"client_home_elapsed_seconds\";\"client_home_error_msg\"\r\n",
        "\0\0\0\0",
    ] {
        let file = dir.path().join("other.csv");
        fs::write(&file, content).expect("a file");
        client(flags(&server.url(), 3, &file)).refused(1, &["other.csv", "-o"]);
        assert_eq!(fs::read_to_string(&file).expect("still there"), content);
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn places_that_cannot_be_written_are_named_before_any_load() {
    let server = shop();
    let dir = tempdir().expect("a directory");
    for place in [dir.path().to_owned(), dir.path().join("missing/report.csv")] {
        client(flags(&server.url(), 3, &place)).refused(1, &[place.to_str().expect("UTF-8")]);
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn a_second_writer_is_refused() {
    let (sender, waiting) = std::sync::mpsc::channel();
    let server = Scripted::purchases(move |mut stream| {
        sender.send(()).expect("the test listens");
        read_request(&mut stream);
    });
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let first = command(flags(&server.url(), 1, &file))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    waiting
        .recv_timeout(PATIENCE)
        .expect("the first run is under way");
    let connections = server.connections();
    client(flags(&server.url(), 1, &file)).refused(1, &["report.csv", "another"]);
    assert_eq!(server.connections(), connections);
    signal(first.id(), libc::SIGTERM);
    assert_eq!(wait(first).code(), Some(143));
    assert_eq!(rows(&file).len(), 1);
}

#[test]
fn a_full_disk_is_an_error_that_counts_the_safe_rows() {
    let server = shop();
    let full = client(flags(&server.url(), 3, Path::new("/dev/full")));
    assert_eq!(full.code(), Some(1), "{full:#?}");
    let line = full.stderr.lines().last().expect("an error");
    for part in ["/dev/full", "No space left", "0 "] {
        assert!(line.contains(part), "{part:?} is not in {full:#?}");
    }
}

#[test]
fn a_directory_that_vanishes_is_an_error_and_the_rows_are_rescued() {
    let dir = tempdir().expect("a directory");
    let place = dir.path().join("gone");
    fs::create_dir(&place).expect("a directory");
    let file = place.join("report.csv");
    let vanishing = place.clone();
    let server = Scripted::purchases(move |mut stream| {
        // Several purchases may try, one of them succeeds.
        let _ = fs::remove_dir_all(&vanishing);
        respond(&mut stream, &report());
    });
    let finished = client(flags(&server.url(), 3, &file));
    assert_eq!(finished.code(), Some(1), "{finished:#?}");
    let line = finished.stderr.lines().last().expect("an error");
    assert!(line.contains("report.csv"), "{finished:#?}");
    let rescued = line
        .split_whitespace()
        .map(|word| word.trim_matches(|c: char| ",;:()".contains(c)))
        .find(|word| {
            word.starts_with('/')
                && word.ends_with(".csv")
                && *word != file.to_str().expect("UTF-8")
        })
        .unwrap_or_else(|| panic!("no rescue in {line}"));
    assert_eq!(rows(Path::new(rescued)).len(), 3);
    fs::remove_file(rescued).expect("the rescue is a file");
}

#[test]
fn rows_on_standard_output_are_not_mixed_with_the_summary() {
    let server = shop();
    let finished = client(flags(&server.url(), 3, Path::new("-"))).ok();
    assert_eq!(rows_of(&finished.stdout).len(), 3);
    assert!(
        finished.stderr.contains(" purchases, 0 failed"),
        "the summary: {finished:#?}"
    );
}

#[test]
fn times_can_be_utc() {
    let server = shop();
    let dir = tempdir().expect("a directory");
    let read = |name: &str, more: Option<&str>| {
        let file = dir.path().join(name);
        let mut args = flags(&server.url(), 1, &file);
        args.extend(more.map(str::to_owned));
        client(args).ok();
        fs::read_to_string(&file).expect("written")
    };
    let utc = read("utc.csv", Some("--utc"));
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b';')
        .from_reader(utc.as_bytes());
    let row: Row = reader
        .deserialize()
        .next()
        .expect("a row")
        .expect("28 fields");
    assert!(row["client_home_started_time"].ends_with('Z'), "{row:?}");
    let local = rows_of(&read("local.csv", None));
    // New York is never on UTC.
    assert_ne!(
        local[0]["client_home_started_time"][..13],
        row["client_home_started_time"][..13]
    );
}

#[test]
fn a_limit_on_file_sizes_leaves_whole_rows_and_counts_them() {
    let server = shop();
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    // 40 blocks of 512 bytes: the header and a few dozen of the 300 rows.
    let script = format!(
        "ulimit -f 40; exec {BINARY} --json -t {} -d rdbms -c 300 -o {}",
        server.url(),
        file.display()
    );
    let mut shell = std::process::Command::new("sh");
    // The rows that did not fit are rescued into the directory for temporary files.
    shell.args(["-c", &script]).env("TMPDIR", dir.path());
    let finished = finish(shell);
    assert_eq!(finished.code(), Some(1), "{finished:#?}");
    let whole = rows(&file).len();
    assert!((1..300).contains(&whole), "{whole}");
    assert!(
        finished.stderr.contains(&format!("{whole} ")),
        "{whole} is not in {finished:#?}"
    );
    let json: serde_json::Value = serde_json::from_str(&finished.stdout).expect("JSON");
    assert_eq!(json["ending"], "failed", "{json:#}");
    assert_eq!(json["interrupted"], serde_json::Value::Null);
    assert_eq!(json["rows_written"], whole);
    let lost = json["launched"].as_u64().expect("a count") - whole as u64;
    assert_eq!(json["rows_lost"], lost);
    let lines = std::fs::read_to_string(file.with_extension("csv.runs.jsonl"));
    let id = json["run"].as_str().expect("an id");
    assert!(
        lines.expect("lines").contains(&format!("\"run\":\"{id}\"")),
        "{id}"
    );
}

#[test]
fn a_run_whose_rows_are_lost_says_so_in_its_first_line() {
    let server = shop();
    let full = client(flags(&server.url(), 3, Path::new("/dev/full")));
    let first = full.stdout.lines().next().expect("a summary");
    assert!(first.starts_with("FAILED: 3 rows lost - "), "{full:#?}");
}

#[test]
fn a_json_file_that_cannot_be_written_is_refused_before_any_load() {
    let server = shop();
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let absent = dir.path().join("absent/x.json");
    for (json_file, part) in [
        (absent.as_path(), "make its directory first"),
        (dir.path(), "the name of a file in it"),
    ] {
        let mut args = flags(&server.url(), 3, &file);
        args.extend(["--json-file".to_owned(), json_file.display().to_string()]);
        let refused = client(args);
        assert_eq!(refused.code(), Some(2), "{refused:#?}");
        assert_eq!(refused.stderr.lines().count(), 1, "{refused:#?}");
        assert!(refused.stderr.contains(part), "{refused:#?}");
        assert_eq!(refused.stdout, "");
    }
    assert!(!file.exists(), "nothing was begun");
}

#[test]
fn a_fifo_without_a_reader_is_refused_and_one_with_a_reader_has_the_rows() {
    let server = shop();
    let dir = tempdir().expect("a directory");
    let fifo = dir.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&fifo).status();
    assert!(made.expect("mkfifo (coreutils) is there").success());
    client(flags(&server.url(), 2, &fifo)).refused(1, &["pipe", "reader"]);
    assert_eq!(server.connections(), 0);

    let mut reader = std::process::Command::new("cat");
    let reader = reader
        .arg(&fifo)
        .stdout(Stdio::piped())
        .spawn()
        .expect("cat starts");
    // The reader opens its end at some time: until then the program refuses.
    let begun = std::time::Instant::now();
    loop {
        let run = client(flags(&server.url(), 2, &fifo));
        if run.code() == Some(0) {
            break;
        }
        assert!(begun.elapsed() < PATIENCE, "{run:#?}");
    }
    assert_eq!(rows_of(&wait(reader).stdout).len(), 2);
}

#[test]
fn rows_on_standard_output_by_another_name_are_not_mixed() {
    let server = shop();
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("out.csv");
    let script = format!(
        "{BINARY} -t {} -d rdbms -c 20 -o /dev/stdout > {}",
        server.url(),
        file.display()
    );
    let mut shell = std::process::Command::new("sh");
    shell
        .args(["-c", &script])
        .env("TZ", "EST5EDT,M3.2.0,M11.1.0");
    let finished = finish(shell).ok();
    assert_eq!(rows(&file).len(), 20);
    assert!(
        finished.stderr.contains(" purchases, 0 failed"),
        "the summary: {finished:#?}"
    );
}

#[test]
fn each_shopper_launched_has_a_row_even_if_the_disk_is_full() {
    // Every row is over a kilobyte, so the first batch breaks the limit while others are in flight.
    let server = Scripted::purchases(|mut stream| respond(&mut stream, &report()));
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let title = "x".repeat(1000);
    let script = format!(
        "ulimit -f 64; exec {BINARY} -q -t {} -d rdbms -c 500 -a {title} -o {}",
        server.url(),
        file.display()
    );
    let mut shell = std::process::Command::new("sh");
    shell
        .args(["-c", &script])
        .env("TMPDIR", dir.path())
        .env("TZ", "EST5EDT,M3.2.0,M11.1.0");
    let finished = finish(shell);
    assert_eq!(finished.code(), Some(1), "{finished:#?}");
    let safe = rows(&file).len();
    let counts: Vec<usize> = finished
        .stderr
        .split(|c: char| !c.is_ascii_digit())
        .filter_map(|digits| digits.parse().ok())
        .collect();
    assert!(
        counts.contains(&safe) && counts.contains(&(500 - safe)),
        "{safe} of 500: {finished:#?}"
    );
}

#[test]
fn a_named_zone_is_the_time_in_the_rows() {
    if !Path::new("/usr/share/zoneinfo/Asia/Kolkata").exists() {
        assert!(
            std::env::var_os("PROFILERCLIENT_NO_SKIP").is_none(),
            "tzdata is missing"
        );
        eprintln!("SKIPPED: named time zones (no tzdata on this machine)");
        return;
    }
    let server = shop();
    let hour = |zone: &str| {
        let mut command = command(flags(&server.url(), 1, Path::new("-")));
        let finished = finish_command(command.env("TZ", zone));
        rows_of(&finished.ok().stdout)[0]["client_home_started_time"].clone()
    };
    let (india, utc) = (hour("Asia/Kolkata"), hour("UTC0"));
    // Half past five apart: the minutes differ, whatever the hour.
    assert_ne!(india[11..16], utc[11..16], "{india} {utc}");
    assert_ne!(india[14..16], utc[14..16], "{india} {utc}");
}

/// A shop at which something happens to the report with the purchase of that number, counted from 0.
fn meddling(number: usize, meddle: impl FnOnce() + Send + 'static) -> Scripted {
    let purchases = Mutex::new((0, Some(meddle)));
    Scripted::purchases(move |mut stream| {
        let mut purchases = purchases.lock().expect("no test panics here");
        if purchases.0 == number
            && let Some(meddle) = purchases.1.take()
        {
            meddle();
        }
        purchases.0 += 1;
        drop(purchases);
        respond(&mut stream, &report());
    })
}

/// The rows wait at most half a second for their batch: with these flags a run takes long enough that
/// some are written before the fifth purchase and some after it.
fn one_by_one(url: &str, file: &Path, repeat: &str) -> Vec<String> {
    let mut args = flags(url, 1, file);
    args.extend(["--repeat", repeat, "--think-time", "150ms"].map(str::to_owned));
    args
}

#[test]
fn a_report_rotated_during_a_run_continues_in_a_new_file() {
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let moved = dir.path().join("report.csv.1");
    let (from, to) = (file.clone(), moved.clone());
    let server = meddling(5, move || fs::rename(from, to).expect("there is a report"));
    let finished = client(one_by_one(&server.url(), &file, "10")).ok();
    let (before, after) = (rows(&moved).len(), rows(&file).len());
    assert!(before > 0 && after > 0, "{before} {after}");
    assert_eq!(before + after, 10);
    let told = format!("report.csv.1 during the run: {before} rows of this run are there");
    assert!(finished.stderr.contains(&told), "{finished:#?}");
}

#[test]
fn a_report_removed_during_a_run_continues_and_its_rows_are_rescued() {
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let removed = file.clone();
    let server = meddling(5, move || {
        fs::remove_file(removed).expect("there is a report")
    });
    let mut command = command(one_by_one(&server.url(), &file, "10"));
    let finished = finish_command(command.env("TMPDIR", dir.path())).ok();
    let after = rows(&file).len();
    assert!((1..10).contains(&after), "{after}");
    let before = 10 - after;
    let told = format!("the {before} rows of the removed file are in ");
    let (_, rescued) = finished.stderr.split_once(&told).expect(&told);
    let rescued = rescued.lines().next().expect("a path");
    assert_eq!(rows(Path::new(rescued)).len(), before);
}

#[test]
fn a_report_that_is_emptied_during_a_run_gets_its_header_again() {
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let emptied = file.clone();
    let server = meddling(5, move || {
        File::create(emptied).expect("there is a report");
    });
    let finished = client(one_by_one(&server.url(), &file, "10")).ok();
    let after = rows(&file).len();
    assert!((1..10).contains(&after), "{after}");
    let told = format!("truncated to 0 bytes during the run: {} rows", 10 - after);
    assert!(finished.stderr.contains(&told), "{finished:#?}");
}

#[test]
fn an_overwritten_report_ends_the_run_at_once() {
    for content in [&b"x"[..], &[b'y'; 100_000]] {
        let dir = tempdir().expect("a directory");
        let file = dir.path().join("report.csv");
        let changed = file.clone();
        let server = meddling(5, move || fs::write(changed, content).expect("written"));
        let mut command = command(one_by_one(&server.url(), &file, "100000"));
        let finished = finish_command(command.env("TMPDIR", dir.path()));
        assert_eq!(finished.code(), Some(1), "{finished:#?}");
        assert!(
            finished
                .stderr
                .contains(" 0 rows of this run are safe in it, "),
            "{finished:#?}"
        );
        assert_eq!(fs::read(&file).expect("still there"), content);
    }
}

#[test]
fn a_closed_standard_output_is_refused_before_any_load() {
    let server = shop();
    for (output, redirect, code) in [
        ("-", ">&-", 1),
        ("/dev/stdout", ">&-", 1),
        ("-", ">/dev/null", 0),
        ("/dev/stdout", ">/dev/null", 0),
    ] {
        let script = format!(
            "exec {BINARY} -q -t {} -d rdbms -o {output} {redirect}",
            server.url()
        );
        let mut shell = Command::new("sh");
        shell.args(["-c", &script]);
        let before = server.connections();
        let finished = finish(shell);
        assert_eq!(
            finished.code(),
            Some(code),
            "{output} {redirect}: {finished:#?}"
        );
        if code == 1 {
            assert_eq!(server.connections(), before);
            finished.refused(1, &["it is closed", "-o"]);
        }
    }
}

#[test]
fn a_socket_as_standard_output_has_the_rows() {
    let server = shop();
    for output in ["-", "/dev/stdout"] {
        let (mut reader, writer) = UnixStream::pair().expect("a pair");
        let child = command(flags(&server.url(), 300, Path::new(output)))
            .stdout(OwnedFd::from(writer))
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let mut text = String::new();
        reader.read_to_string(&mut text).expect("rows");
        let finished = wait(child).ok();
        assert_eq!(rows_of(&text).len(), 300);
        assert!(
            finished.stderr.contains(" purchases, 0 failed"),
            "{finished:#?}"
        );
    }
}

#[test]
fn rows_on_a_terminal_are_escaped() {
    let body = r#"{"result": false, "error_msg": "a\u001b]0;x\u0007\u202e\u061cb"}"#;
    let server = Scripted::purchases(move |mut stream| {
        respond(&mut stream, &page(200, "application/json", body));
    });
    let script = format!(
        "{BINARY} -q -t {} -d rdbms -a '\u{202e}title' -o -",
        server.url()
    );
    // It gives its child a terminal for all three descriptors.
    let mut terminal = Command::new("script");
    terminal
        .args(["-qec", &script, "/dev/null"])
        .stdin(Stdio::null());
    let finished = finish(terminal).ok();
    let shown = finished.stdout.replace("\r\n", "\n");
    assert!(
        shown.contains("\"a\\u{1b}]0;x\\u{7}\\u{202e}\\u{61c}b\""),
        "{shown:?}"
    );
    assert!(shown.contains("\"\\u{202e}title\""), "{shown:?}");
    let is_foreign = |c: char| matches!(c, '\u{1b}' | '\u{7}' | '\u{202e}' | '\u{61c}');
    assert!(!shown.contains(is_foreign), "{shown:?}");
}

#[test]
fn an_invalid_field_of_the_servers_report_affects_only_itself() {
    for (field, column, expected) in [
        (
            r#""error_msg": "caf\udce9""#,
            "server_buy_error_msg",
            "caf\u{fffd}",
        ),
        (r#""cpu_usage": NaN"#, "server_buy_cpu_usage", ""),
        (
            r#""memory_usage": -Infinity"#,
            "server_buy_memory_usage",
            "",
        ),
        (
            r#""elapsed_seconds": "0.5""#,
            "server_buy_elapsed_seconds",
            "0.5",
        ),
        (r#""elapsed_seconds": {}"#, "server_buy_elapsed_seconds", ""),
        (r#""rest": [1]"#, "server_rest_result", ""),
        (r#""note": Infinity"#, "server_buy_error_msg", ""),
    ] {
        let body =
            format!(r#"{{"result": true, "started_time": "2026-01-02T03:04:05.000006", {field}}}"#);
        let server = Scripted::purchases(move |mut stream| {
            respond(&mut stream, &page(200, "application/json", &body));
        });
        let row = &rows_of(&client(flags(&server.url(), 1, Path::new("-"))).ok().stdout)[0];
        assert_eq!(row[column], expected, "{field}");
        assert_eq!(row["client_buy_result"], "True", "{field}");
        assert_eq!(row["client_buy_error_msg"], "", "{field}");
        assert_eq!(row["server_buy_result"], "True", "{field}");
        assert_eq!(row["server_buy_started_time"], "2026-01-02T03:04:05.000006");
    }
}

#[test]
fn the_zones_of_posix_without_rules_are_known() {
    let server = shop();
    let read = |zone: &str| {
        let mut command = command(flags(&server.url(), 1, Path::new("-")));
        let finished = finish_command(command.env("TZ", zone)).ok();
        assert!(!finished.stderr.contains("TZ"), "{finished:#?}");
        rows_of(&finished.stdout)[0]["client_home_started_time"].clone()
    };
    let (empty, utc, plain, named) = (read(""), read("UTC0"), read("XYZ-7"), read("XYZ-7ABC-7"));
    assert_eq!(empty[..13], utc[..13]);
    // Seven hours ahead, with daylight saving or without.
    assert_eq!(plain[..13], named[..13]);
    assert_ne!(plain[..13], utc[..13]);
}

/// Texts that have been trouble: quotes, delimiters, line breaks, numbers, formulas, control characters.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        "[\\PC\\x00-\\x1f\"';,\r\n\t\u{7f}\u{85}]{0,40}",
        "[\"\r\n;]{0,8}",
        "[-+=@]?[0-9.]{0,5}[eE]?[0-9]{0,4}",
        "nan|NaN|inf|-Infinity|007|12e4567|404|0x10|True|None|NULL|NA|#N/A",
        "a{1000}",
    ]
}

/// Python's csv in its strictest mood reads what is written, and takes numbers for numbers and text for
/// text.
#[test]
fn python_reads_every_row_and_its_types() {
    let mut runner = TestRunner::default();
    let cases = proptest::collection::vec((texts(), texts()), 300)
        .new_tree(&mut runner)
        .expect("texts")
        .current();
    let clock = Clock::start();
    let mut csv = Vec::new();
    Encoder::new(String::new(), false).header(&mut csv);
    let mut expected = Vec::new();
    for (title, error) in &cases {
        let body = serde_json::json!({
            "cpu_usage": 1.5, "error_msg": error, "started_time": title, "result": true,
        });
        let report = ServerReport::parse(body.to_string().as_bytes()).expect("JSON");
        let error_msg = report.main.error_msg.clone().expect("a text");
        assert!(error_msg.chars().count() <= 300);
        let row = profilerclient::row::Row {
            concurrent_requests: 7,
            report: Some(report),
            ..Default::default()
        };
        Encoder::new(title.clone(), false).row(&row, &clock, &mut csv);
        expected.push((cleaned(title).into_owned(), error_msg.into_string()));
    }
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    fs::write(&file, csv).expect("written");
    let program = "
import csv, json, sys
with open(sys.argv[1], newline='', encoding='utf-8') as file:
    reader = csv.reader(file, delimiter=';', quoting=csv.QUOTE_NONNUMERIC, strict=True)
    header = next(reader)
    rows = list(reader)
assert len(header) == 28 and all(isinstance(name, str) for name in header), header
for row in rows:
    assert len(row) == 28, row
    is_number = [isinstance(field, float) for field in row]
    assert [at for at, number in enumerate(is_number) if number] == [0, 4, 8, 24], row
    assert (row[0], row[4], row[8]) == (7.0, -100.0, 1.5), row
    assert row[12] == 'True', row
print(json.dumps([[row[1], row[10]] for row in rows]))
";
    let read: Vec<(String, String)> =
        serde_json::from_str(&python(program, &file).ok().stdout).expect("JSON");
    assert_eq!(read, expected);

    let has_pandas = python("import pandas", &file).code() == Some(0);
    if !has_pandas {
        assert!(
            std::env::var_os("PROFILERCLIENT_NO_SKIP").is_none(),
            "pandas is missing"
        );
        eprintln!("SKIPPED: reading rows with pandas (it is not installed)");
        return;
    }
    let program = "
import json, pandas, sys
rows = pandas.read_csv(sys.argv[1], sep=';', keep_default_na=False,
                       dtype={'benchmark_title': str, 'server_buy_error_msg': str})
assert (rows.concurrent_requests == 7).all() and (rows.server_buy_cpu_usage == 1.5).all()
print(json.dumps(rows[['benchmark_title', 'server_buy_error_msg']].values.tolist()))
";
    let read: Vec<(String, String)> =
        serde_json::from_str(&python(program, &file).ok().stdout).expect("JSON");
    assert_eq!(read, expected);
}

/// Runs a program of Python on a file.
fn python(program: &str, file: &Path) -> Finished {
    let mut python = Command::new("python3");
    python.args(["-c", program]).arg(file);
    finish(python)
}
