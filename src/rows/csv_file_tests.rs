use std::fs::{self, File};
use std::io::{Read, Write};

use tempfile::TempDir;

use super::*;
use crate::row::Exchange;
use crate::rows::columns::COLUMNS;
use crate::rows::read::{self, ReadRow};
use crate::time::clock::Stamp;

/// A report in a directory of its own.
struct Place {
    directory: TempDir,
    report: PathBuf,
}

impl Place {
    fn new() -> Place {
        let directory = tempfile::tempdir().expect("a directory");
        let report = directory.path().join("report.csv");
        Place { directory, report }
    }

    fn with(text: &str) -> Place {
        let place = Place::new();
        fs::write(&place.report, text).expect("a file");
        place
    }

    fn open(&self) -> Result<ReportFile, OpenError> {
        open(&self.report)
    }

    fn text(&self) -> String {
        fs::read_to_string(&self.report).expect("a report")
    }
}

fn open(path: &Path) -> Result<ReportFile, OpenError> {
    let settings = Settings {
        title: "a title".to_owned(),
        utc: true,
        phases: false,
    };
    ReportFile::open(path, settings)
}

/// Why a report is refused.
fn refusal(path: &Path) -> String {
    let error = open(path).expect_err("refused");
    let message = error.to_string();
    assert!(
        message.starts_with(&path.display().to_string()),
        "{message}"
    );
    assert_eq!(message.lines().count(), 1, "{message}");
    message
}

fn push(report: &mut ReportFile, rows: u64) {
    let clock = Clock::start();
    for row in 0..rows {
        let row = Row {
            concurrent_requests: row,
            home: Exchange {
                started: Some(Stamp(5)),
                stopped: Some(Stamp(7)),
                status: Some(200),
                failure: None,
                ..Exchange::default()
            },
            ..Row::default()
        };
        report.push(&row, &clock);
    }
}

fn rows(text: &str) -> Vec<ReadRow> {
    read::read_rows(text.as_bytes())
        .expect("a header")
        // What was there before may be anything.
        .map(|row| row.unwrap_or_default())
        .collect()
}

/// A row of another run whose last field, and the line break after it, are these.
fn old_row(end: &str) -> String {
    format!("{}{end}", "\"\";".repeat(27))
}

fn header() -> String {
    COLUMNS.map(|name| format!("\"{name}\"")).join(";")
}

#[test]
fn runs_append_to_one_report_with_one_header() {
    let place = Place::new();
    for (batches, expected) in [(&[2, 1][..], 3), (&[1], 4), (&[], 4)] {
        let mut report = place.open().expect("a report");
        for rows in batches {
            push(&mut report, *rows);
            assert_eq!(report.pending_rows(), *rows);
            report.flush_batch().expect("written");
            report.verify_in_place().expect("in place");
        }
        let written = report.finish().expect("finished");
        assert_eq!(written, batches.iter().sum::<u64>());
        assert_eq!(rows(&place.text()).len(), expected);
    }
    assert_eq!(place.text().matches("client_home_result").count(), 1);
    assert!(place.text().ends_with("\r\n"));
}

#[test]
fn a_run_without_rows_leaves_no_file_and_keeps_one_that_was_there() {
    let place = Place::new();
    assert_eq!(place.open().expect("a report").finish().expect("empty"), 0);
    assert!(!place.report.exists());
    drop(place.open().expect("a report"));
    assert!(!place.report.exists());
    let place = Place::with("");
    drop(place.open().expect("a report"));
    assert_eq!(place.text(), "");
}

#[test]
fn what_was_there_is_never_changed() {
    for (before, between) in [
        (format!("{}\n", COLUMNS.join(";")), ""),
        (format!("\u{feff}{}\r\n", header()), ""),
        (header(), "\r\n"),
        (format!("{}\n{}", header(), old_row("\"a\nb\"")), "\r\n"),
    ] {
        let place = Place::with(&before);
        let count = rows(&before).len();
        let mut report = place.open().expect("a report");
        push(&mut report, 1);
        report.finish().expect("finished");
        let after = place.text();
        assert!(
            after.starts_with(&format!("{before}{between}0;\"a title\"")),
            "{after}"
        );
        assert_eq!(rows(&after).len(), count + 1);
    }
    let place = Place::with("\u{feff}");
    let mut report = place.open().expect("a report");
    push(&mut report, 1);
    report.finish().expect("finished");
    assert!(place.text().starts_with("\u{feff}\"concurrent_requests\""));
    assert_eq!(rows(&place.text()).len(), 1);
}

#[test]
fn other_files_are_refused_and_kept() {
    let old = COLUMNS
        .into_iter()
        .filter(|name| !name.starts_with("server_rest"))
        .collect::<Vec<_>>();
    for (text, expected) in [
        (old.join(";") + "\n", "it is an old report of 21 columns"),
        (
            "hello\x1b[2J\n".to_owned(),
            "its first line is no report's header",
        ),
        (
            header() + "\n1;2",
            "the last line (2) breaks off after 2 of 28 fields",
        ),
    ] {
        let place = Place::with(&text);
        let message = refusal(&place.report);
        assert!(message.contains(expected), "{message}");
        assert!(message.contains("choose another file with -o"), "{message}");
        assert!(!message.contains('\x1b'), "{message}");
        assert_eq!(place.text(), text);
    }
}

#[test]
fn places_where_no_report_can_be_are_refused_by_name() {
    let place = Place::with("");
    let directory = place.directory.path();
    for (path, expected) in [
        (directory.to_owned(), "it is a directory: name a file in it"),
        (directory.join("no/r.csv"), "/no does not exist: make it"),
        (
            directory.join("report.csv/r.csv"),
            "a part of the path is a file",
        ),
        (directory.join("new/"), "it is a directory"),
        (directory.join("x".repeat(300)), "choose another file"),
        (PathBuf::new(), "the name is empty"),
    ] {
        let message = refusal(&path);
        assert!(message.contains(expected), "{message}");
    }
    assert!(place.report.exists());
}

#[test]
fn a_second_writer_is_refused_until_the_first_ends() {
    let place = Place::new();
    let mut first = place.open().expect("a report");
    let message = refusal(&place.report);
    assert!(message.contains("another run is writing it"), "{message}");
    push(&mut first, 1);
    first.finish().expect("finished");
    place.open().expect("the lock is gone");
}

#[test]
fn a_symbolic_link_is_followed_to_the_file_it_makes() {
    let place = Place::new();
    let target = place.directory.path().join("elsewhere.csv");
    std::os::unix::fs::symlink(&target, &place.report).expect("a link");
    let mut report = place.open().expect("a report");
    push(&mut report, 1);
    report.finish().expect("in place");
    assert!(place.report.is_symlink());
    assert_eq!(
        rows(&fs::read_to_string(target).expect("a report")).len(),
        1
    );
}

#[test]
fn devices_take_rows_and_a_full_one_says_so() {
    let mut report = open(Path::new("/dev/null")).expect("a device");
    push(&mut report, 3);
    assert_eq!(report.finish().expect("finished"), 3);

    let mut report = open(Path::new("/dev/full")).expect("a device");
    push(&mut report, 3);
    let error = report.flush_batch().expect_err("full");
    assert_eq!((error.safe_rows, error.unsafe_rows), (0, 3));
    let message = report.finish().expect_err("full").to_string();
    assert_eq!(
        message,
        "/dev/full: No space left on device (os error 28): 0 rows of this run were written, 3 were not"
    );
}

#[test]
fn a_pipe_gets_the_header_and_a_broken_one_is_an_error() {
    let (mut reader, writer) = std::io::pipe().expect("a pipe");
    let path = PathBuf::from(format!(
        "/proc/self/fd/{}",
        std::os::fd::AsRawFd::as_raw_fd(&writer)
    ));
    let mut report = open(&path).expect("a pipe");
    drop(writer);
    push(&mut report, 2);
    report.flush_batch().expect("written");
    let mut bytes = vec![0; 1 << 16];
    let n = reader.read(&mut bytes).expect("rows");
    assert_eq!(rows(&String::from_utf8_lossy(&bytes[..n])).len(), 2);
    drop(reader);
    push(&mut report, 1);
    let error = report.finish().expect_err("nobody reads");
    assert!(error.is_broken_pipe(), "{error}");
    assert_eq!((error.safe_rows, error.unsafe_rows), (2, 1));
    assert!(error.rescue.is_none());
}

#[test]
fn a_file_in_a_removed_directory_is_rescued_with_what_it_held_before() {
    let place = Place::with(&format!("{}\r\n{}", header(), old_row("1\r\n")));
    let mut report = place.open().expect("a report");
    push(&mut report, 2);
    report.flush_batch().expect("written");
    push(&mut report, 1);
    fs::remove_dir_all(place.directory.path()).expect("removed");
    let early = report.verify_in_place().expect_err("gone");
    assert!(early.rescue.is_none());
    let error = report.finish().expect_err("gone");
    assert_eq!((error.safe_rows, error.unsafe_rows), (0, 3));
    let rescued = error
        .rescue
        .as_ref()
        .expect("tried")
        .as_ref()
        .expect("rescued");
    let text = fs::read_to_string(rescued).expect("a report");
    fs::remove_file(rescued).expect("removed");
    assert_eq!(rows(&text).len(), 4);
    let message = error.to_string();
    assert!(
        message.contains("the file was removed or replaced"),
        "{message}"
    );
    assert!(
        message.ends_with(&format!("; those are in {}", rescued.display())),
        "{message}"
    );
}

#[test]
fn a_replaced_file_is_told_from_the_one_that_was_opened() {
    let place = Place::new();
    let mut report = place.open().expect("a report");
    push(&mut report, 1);
    let moved = place.directory.path().join("moved.csv");
    fs::rename(&place.report, &moved).expect("moved");
    fs::write(&place.report, "another").expect("a file");
    let error = report.finish().expect_err("replaced");
    assert!(
        matches!(&error.cause, Cause::Moved(to) if *to == moved),
        "{error}"
    );
    assert_eq!((error.safe_rows, error.unsafe_rows), (1, 0));
    assert_eq!(
        rows(&fs::read_to_string(&moved).expect("a report")).len(),
        1
    );
    assert_eq!(place.text(), "another");
}

#[test]
fn a_file_cut_by_another_program_is_noticed() {
    let place = Place::new();
    let mut report = place.open().expect("a report");
    push(&mut report, 2);
    report.flush_batch().expect("written");
    File::options()
        .write(true)
        .open(&place.report)
        .and_then(|file| file.set_len(10))
        .expect("cut");
    let error = report.verify_in_place().expect_err("cut");
    assert!(matches!(error.cause, Cause::Cut { length: 10 }), "{error}");
    assert_eq!((error.safe_rows, error.unsafe_rows), (0, 2));
}

#[test]
fn rows_that_found_no_room_are_rescued_under_a_header() {
    // A descriptor that cannot be written stands for a device that fails.
    let place = Place::with(&header());
    let mut report = place.open().expect("a report");
    report.appender.store.file = File::open(&place.report).expect("a file");
    push(&mut report, 2);
    let error = report.finish().expect_err("not writable");
    assert_eq!((error.safe_rows, error.unsafe_rows), (0, 2));
    let rescued = error
        .rescue
        .as_ref()
        .expect("tried")
        .as_ref()
        .expect("rescued");
    let text = fs::read_to_string(rescued).expect("a report");
    fs::remove_file(rescued).expect("removed");
    assert!(text.starts_with(&format!("{}\r\n0;", header())), "{text}");
    assert_eq!(rows(&text).len(), 2);
    assert_eq!(place.text(), header());
}

#[test]
fn standard_output_opens_without_a_lock() {
    let first = open(Path::new(STDOUT)).expect("standard output");
    let second = open(Path::new(STDOUT)).expect("standard output");
    assert_eq!(first.finish().expect("nothing"), 0);
    assert_eq!(second.finish().expect("nothing"), 0);
}

#[test]
fn a_report_of_another_program_may_grow_meanwhile() {
    let place = Place::new();
    let mut report = place.open().expect("a report");
    push(&mut report, 1);
    report.flush_batch().expect("written");
    let mut other = File::options()
        .append(true)
        .open(&place.report)
        .expect("a file");
    other.write_all(b"\r\n").expect("written");
    push(&mut report, 1);
    assert_eq!(report.finish().expect("finished"), 2);
    assert_eq!(rows(&place.text()).len(), 2);
}
