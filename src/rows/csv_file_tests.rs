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
                started: Some(Stamp::at(5)),
                stopped: Some(Stamp::at(7)),
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
        (old.join(";") + "\n", "it is an old report with 21 columns"),
        (
            "hello\x1b[2J\n".to_owned(),
            "its first line is not a report's header",
        ),
        (
            header() + "\n1;2",
            "the last line (2) ends after 2 of 28 fields",
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
fn impossible_places_for_a_report_are_refused_by_name() {
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

/// A report on a pipe, and the pipe's other end.
fn piped() -> (ReportFile, std::io::PipeReader) {
    let (reader, writer) = std::io::pipe().expect("a pipe");
    let path = PathBuf::from(format!(
        "/proc/self/fd/{}",
        std::os::fd::AsRawFd::as_raw_fd(&writer)
    ));
    (open(&path).expect("a pipe"), reader)
}

#[test]
fn a_reader_that_pauses_does_not_block_and_gets_all_rows() {
    let (mut report, mut reader) = piped();
    for _ in 0..100 {
        push(&mut report, 100);
        report.flush_batch().expect("kept");
    }
    assert!(report.pending_rows() > 0, "a pipe is smaller");
    assert_eq!(report.written_rows() + report.pending_rows(), 10_000);
    let reader = std::thread::spawn(move || {
        let mut text = String::new();
        reader.read_to_string(&mut text).expect("rows");
        text
    });
    assert_eq!(report.finish().expect("finished"), 10_000);
    assert_eq!(rows(&reader.join().expect("text")).len(), 10_000);
}

#[test]
fn the_wait_for_a_reader_can_be_ended() {
    let (mut report, _reader) = piped();
    push(&mut report, 10_000);
    let mut asked = Vec::new();
    let error = report.close(&mut |waiting| {
        asked.push(waiting);
        if asked.len() < 3 {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    });
    let error = error.expect_err("ended");
    assert!(matches!(error.cause, Cause::Interrupted), "{error}");
    assert_eq!(error.safe_rows + error.unsafe_rows, 10_000);
    assert_eq!(asked[2].rows, error.unsafe_rows);
    assert!(asked[2].stalled > asked[1].stalled, "{asked:?}");
    let message = error.to_string();
    let expected = format!(
        ": {} rows of this run were written, {} were not",
        error.safe_rows, error.unsafe_rows
    );
    assert!(message.ends_with(&expected), "{message}");
}

#[test]
fn a_full_queue_ends_the_run() {
    let (_reader, writer) = std::io::pipe().expect("a pipe");
    let path = format!("/proc/self/fd/{}", std::os::fd::AsRawFd::as_raw_fd(&writer));
    let settings = Settings {
        title: "x".repeat(30_000),
        ..Settings::default()
    };
    let mut report = ReportFile::open(Path::new(&path), settings).expect("a pipe");
    let error = loop {
        push(&mut report, 100);
        if let Err(error) = report.flush_batch() {
            break error;
        }
        assert!(report.pending_bytes() <= MAX_WAITING);
    };
    assert!(matches!(error.cause, Cause::Stalled { .. }), "{error}");
    let error = report.finish().expect_err("it is still full");
    assert!(matches!(error.cause, Cause::Stalled { .. }), "{error}");
    assert!(error.safe_rows > 0 && error.unsafe_rows > 2_000, "{error}");
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
        message.ends_with(&format!("; the missing rows are in {}", rescued.display())),
        "{message}"
    );
}

#[test]
fn a_moved_file_keeps_its_rows_and_later_rows_go_to_a_new_one() {
    let place = Place::with(&format!("{}\r\n{}", header(), old_row("1\r\n")));
    let mut report = place.open().expect("a report");
    push(&mut report, 2);
    report.flush_batch().expect("written");
    let moved = place.directory.path().join("report.csv.1");
    fs::rename(&place.report, &moved).expect("moved");
    push(&mut report, 3);
    report.flush_batch().expect("written");
    assert_eq!(report.rotations(), 1);
    let events = report.take_events();
    let [Event::Rotated { kind, rows: 2, .. }] = &events[..] else {
        panic!("{events:?}");
    };
    assert_eq!(*kind, Rotation::Moved(moved.clone()));
    assert!(
        events[0]
            .to_string()
            .contains("2 rows of this run are there"),
        "{}",
        events[0]
    );
    assert!(report.take_events().is_empty(), "told once");
    let message = refusal(&place.report);
    assert!(
        message.contains("another run is writing it"),
        "the new one is locked: {message}"
    );
    push(&mut report, 1);
    assert_eq!(report.finish().expect("finished"), 6);
    assert_eq!(
        rows(&fs::read_to_string(&moved).expect("a report")).len(),
        3
    );
    assert_eq!(rows(&place.text()).len(), 4);
}

#[test]
fn a_rotated_report_continues_in_an_existing_one() {
    let place = Place::new();
    let mut report = place.open().expect("a report");
    push(&mut report, 1);
    report.flush_batch().expect("written");
    fs::rename(&place.report, place.directory.path().join("old")).expect("moved");
    let other = format!("{}\n{}", header(), old_row("\"x\""));
    fs::write(&place.report, &other).expect("a file");
    push(&mut report, 2);
    assert_eq!(report.finish().expect("finished"), 3);
    assert!(place.text().starts_with(&format!("{other}\r\n0;")));
    assert_eq!(rows(&place.text()).len(), 3);
}

#[test]
fn a_removed_file_is_followed_by_a_new_one_and_its_rows_are_rescued() {
    let place = Place::with(&format!("{}\r\n{}", header(), old_row("1\r\n")));
    let mut report = place.open().expect("a report");
    push(&mut report, 2);
    report.flush_batch().expect("written");
    fs::remove_file(&place.report).expect("removed");
    push(&mut report, 1);
    assert_eq!(
        report
            .close(&mut |_| ControlFlow::Continue(()))
            .expect("finished"),
        3
    );
    assert_eq!(rows(&place.text()).len(), 1);
    let events = report.take_events();
    let [
        Event::Rotated {
            kind: Rotation::Removed,
            rows: 2,
            ..
        },
        Event::Rescued {
            rows: 2,
            into: Ok(rescued),
        },
    ] = &events[..]
    else {
        panic!("{events:?}");
    };
    assert_eq!(
        rows(&fs::read_to_string(rescued).expect("a report")).len(),
        3
    );
    fs::remove_file(rescued).expect("removed");
}

#[test]
fn a_foreign_file_in_the_place_of_the_report_ends_the_run() {
    let place = Place::new();
    let mut report = place.open().expect("a report");
    push(&mut report, 1);
    report.flush_batch().expect("written");
    let moved = place.directory.path().join("moved.csv");
    fs::rename(&place.report, &moved).expect("moved");
    fs::write(&place.report, "another").expect("a file");
    push(&mut report, 1);
    let error = report.flush_batch().expect_err("replaced");
    assert!(
        matches!(&error.cause, Cause::Moved { to, .. } if *to == moved),
        "{error}"
    );
    assert_eq!((error.safe_rows, error.unsafe_rows), (1, 1));
    assert!(
        error
            .to_string()
            .contains("not a report's header: \"another\""),
        "{error}"
    );
    let error = report.finish().expect_err("replaced");
    let rescued = error.rescue.expect("tried").expect("rescued");
    assert_eq!(
        rows(&fs::read_to_string(&rescued).expect("a report")).len(),
        1
    );
    fs::remove_file(rescued).expect("removed");
    assert_eq!(
        rows(&fs::read_to_string(&moved).expect("a report")).len(),
        1
    );
    assert_eq!(place.text(), "another");
}

#[test]
fn a_file_that_was_moved_after_the_last_row_has_all_rows() {
    let place = Place::new();
    let mut report = place.open().expect("a report");
    push(&mut report, 1);
    report.flush_batch().expect("written");
    let moved = place.directory.path().join("moved.csv");
    fs::rename(&place.report, &moved).expect("moved");
    assert_eq!(
        report
            .close(&mut |_| ControlFlow::Continue(()))
            .expect("finished"),
        1
    );
    assert_eq!(report.rotations(), 1);
    assert_eq!(
        rows(&fs::read_to_string(&moved).expect("a report")).len(),
        1
    );
    assert!(!place.report.exists());
}

#[test]
fn a_file_that_was_emptied_gets_its_header_again() {
    let place = Place::with(&format!("{}\r\n{}", header(), old_row("1\r\n")));
    let mut report = place.open().expect("a report");
    push(&mut report, 2);
    report.flush_batch().expect("written");
    File::create(&place.report).expect("truncated");
    push(&mut report, 3);
    report.flush_batch().expect("written");
    push(&mut report, 1);
    report.flush_batch().expect("written");
    let events = report.take_events();
    assert!(
        matches!(
            &events[..],
            [Event::Rotated {
                kind: Rotation::Emptied,
                rows: 2,
                ..
            }]
        ),
        "{events:?}"
    );
    assert_eq!(report.finish().expect("finished"), 4);
    assert_eq!(rows(&place.text()).len(), 4);
    assert!(place.text().starts_with("\"concurrent_requests\""));
}

#[test]
fn a_file_that_was_emptied_before_the_first_row_gets_a_header() {
    let place = Place::with(&header());
    let mut report = place.open().expect("a report");
    File::create(&place.report).expect("truncated");
    push(&mut report, 1);
    assert_eq!(report.finish().expect("finished"), 1);
    assert_eq!(rows(&place.text()).len(), 1);
}

#[test]
fn the_remaining_rows_of_a_truncated_file_are_safe() {
    for before in ["", &format!("{}\r\n{}", header(), old_row("1\r\n"))] {
        let place = Place::with(before);
        let mut report = place.open().expect("a report");
        push(&mut report, 5);
        report.flush_batch().expect("written");
        let text = place.text();
        let row = text.lines().last().expect("a row").len() + 2;
        for (cut, left) in [
            (1, 4),
            (row, 4),
            (row + 1, 3),
            (5 * row, 0),
            (5 * row + 2, 0),
        ] {
            fs::write(&place.report, &text[..text.len() - cut]).expect("truncated");
            let error = report.verify_in_place().expect_err("truncated");
            assert!(matches!(error.cause, Cause::Cut { .. }), "{error}");
            assert_eq!(
                (error.safe_rows, error.unsafe_rows),
                (left, 5 - left),
                "{cut}"
            );
        }
        let other = "other;text\n".repeat(text.len() / 12);
        fs::write(&place.report, other).expect("written over");
        let error = report.verify_in_place().expect_err("written over");
        assert_eq!(error.safe_rows, 0, "{error}");
    }
}

#[test]
fn overwritten_rows_end_the_run() {
    let place = Place::new();
    let mut report = place.open().expect("a report");
    push(&mut report, 2);
    report.flush_batch().expect("written");
    let length = place.text().len();
    fs::write(&place.report, "x".repeat(length + 100)).expect("written over");
    push(&mut report, 1);
    let error = report.flush_batch().expect_err("written over");
    assert!(matches!(error.cause, Cause::Overwritten), "{error}");
    assert_eq!((error.safe_rows, error.unsafe_rows), (0, 3));
    let error = report.finish().expect_err("written over");
    let rescued = error.rescue.expect("tried").expect("rescued");
    assert_eq!(
        rows(&fs::read_to_string(&rescued).expect("a report")).len(),
        1
    );
    fs::remove_file(rescued).expect("removed");
    assert_eq!(place.text(), "x".repeat(length + 100));
}

#[test]
fn a_repeatedly_rotated_report_loses_no_row() {
    let place = Place::new();
    let mut report = place.open().expect("a report");
    let mut names = Vec::new();
    for number in 0..40 {
        push(&mut report, 1);
        report.flush_batch().expect("written");
        let name = place.directory.path().join(format!("report.csv.{number}"));
        fs::rename(&place.report, &name).expect("moved");
        names.push(name);
    }
    assert_eq!(report.finish().expect("finished"), 40);
    for name in names {
        assert_eq!(rows(&fs::read_to_string(name).expect("a report")).len(), 1);
    }
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
    push(&mut report, 1);
    let error = report.flush_batch().expect_err("cut");
    assert!(matches!(error.cause, Cause::Cut { length: 10 }), "{error}");
    assert_eq!(place.text().len(), 10, "nothing is added");
}

#[test]
fn rows_that_did_not_fit_are_rescued_under_a_header() {
    // A descriptor that cannot be written stands for a device that fails.
    let place = Place::with(&header());
    let mut report = place.open().expect("a report");
    report.appender.store = Output::File(File::open(&place.report).expect("a file"));
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
fn a_report_that_another_program_appends_to_is_accepted() {
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
