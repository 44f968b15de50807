//! The CSV file: appended to, never overwritten, never silently lost.

use std::fs;
use std::path::Path;
use std::process::Stdio;

use tempfile::tempdir;

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
fn standard_output_has_the_rows_for_itself() {
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
        "ulimit -f 40; exec {BINARY} -q -t {} -d rdbms -c 300 -o {}",
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
fn standard_output_by_another_name_keeps_its_rows() {
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
fn whoever_was_launched_has_a_row_even_if_the_disk_is_full() {
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
