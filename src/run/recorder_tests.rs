//! Tests of recorder.

use super::*;
use crate::rows::csv_file;
use crate::run::progress::Style;

fn dropped(number: u64) -> Dropped {
    Dropped {
        due: Stamp::at(number),
        in_flight: 7,
        is_late: false,
    }
}

#[test]
fn dropped_arrivals_have_rows_up_to_a_limit() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("report.csv");
    let mut file = ReportFile::open(&path, csv_file::Settings::default()).expect("a report");
    let clock = Clock::start();
    let progress = Progress::new(Lines::on_stderr(), Style::Hidden, true, &clock);
    let mut recorder = RunRecorder::new(&mut file, &clock, progress);
    for number in 0..MOST_DROPPED as u64 {
        assert!(recorder.record_dropped(dropped(number)));
    }
    assert!(!recorder.record_dropped(dropped(0)), "there is no room");
    assert!(recorder.has_backlog());

    // A busy iteration makes room for some, an idle one for fewer.
    let counts = Counts::default();
    for (idle, slice) in [(false, DROPPED_SLICE), (true, SLICE)] {
        let flow = recorder.end_iteration(&counts, clock.now(), idle);
        assert!(flow.is_continue());
        for number in 0..slice as u64 {
            assert!(recorder.record_dropped(dropped(number)), "{idle}");
        }
        assert!(!recorder.record_dropped(dropped(0)), "{idle}");
    }

    let figures = recorder.take_part();
    recorder.finish().0.expect("rows are written");
    let all = (MOST_DROPPED + DROPPED_SLICE + SLICE) as u64;
    assert_eq!((figures.shoppers, figures.dropped), (all, all), "rows");
    assert_eq!(file.finish().expect("stored"), all);
}

#[test]
fn rows_of_launched_shoppers_are_never_refused_and_do_not_accumulate() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("report.csv");
    let mut file = ReportFile::open(&path, csv_file::Settings::default()).expect("a report");
    let clock = Clock::start();
    let progress = Progress::new(Lines::on_stderr(), Style::Hidden, true, &clock);
    let mut recorder = RunRecorder::new(&mut file, &clock, progress);
    for _ in 0..10 {
        (0..1000).for_each(|number| recorder.record(dropped(number).into()));
        let _ = recorder.end_iteration(&Counts::default(), clock.now(), false);
        assert_eq!(recorder.waiting.len(), MOST_WAITING);
    }
    assert_eq!(recorder.take_part().shoppers, 10_000);
}

#[test]
fn a_few_rows_wait_for_more_or_for_half_a_second() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("report.csv");
    let mut file = ReportFile::open(&path, csv_file::Settings::default()).expect("a report");
    let empty = file.position();
    let clock = Clock::start();
    let progress = Progress::new(Lines::on_stderr(), Style::Hidden, true, &clock);
    let mut recorder = RunRecorder::new(&mut file, &clock, progress);
    let counts = Counts::default();
    let now = clock.now();
    for number in 1..SLICE as u64 {
        recorder.record(dropped(number).into());
    }
    assert!(!recorder.has_backlog(), "too few for a moment of rest");
    assert!(recorder.end_iteration(&counts, now, false).is_continue());
    assert_eq!(recorder.waiting.len(), SLICE - 1);
    assert_eq!(recorder.patience(now), Some(BATCH_SPAN));
    assert_eq!(recorder.position().byte, empty);

    // Their time has come.
    let due = now.after(BATCH_SPAN);
    assert_eq!(recorder.patience(due), Some(Duration::ZERO));
    assert!(recorder.end_iteration(&counts, due, false).is_continue());
    assert!(recorder.waiting.is_empty());
    assert!(recorder.position().byte > empty, "they are in the file");
    assert_eq!(recorder.patience(due), None);

    // Enough for a moment of rest.
    for number in 0..SLICE as u64 {
        recorder.record(dropped(number).into());
    }
    assert!(recorder.has_backlog());
    assert!(recorder.end_iteration(&counts, due, true).is_continue());
    assert!(recorder.waiting.is_empty());
    drop(recorder);
    assert_eq!(file.finish().expect("stored"), 2 * SLICE as u64 - 1);
}

#[test]
fn the_row_of_a_dropped_arrival_says_how_many_were_in_flight() {
    for (in_flight, detail) in [
        (1, "not launched: 1 shopper was in flight already"),
        (7, "not launched: 7 shoppers were in flight already"),
    ] {
        let row = Row::from(Dropped {
            due: Stamp::at(5),
            in_flight,
            is_late: false,
        });
        assert_eq!(
            (row.due, row.concurrent_requests),
            (Some(Stamp::at(5)), in_flight)
        );
        for exchange in [&row.home, &row.buy] {
            let failure = exchange.failure.as_ref().expect("a failure");
            assert_eq!(failure.to_string(), detail);
            assert_eq!((exchange.started, exchange.stopped), (None, None));
        }
    }
}

#[test]
fn an_arrival_that_came_too_late_says_so() {
    let row = Row::from(Dropped {
        due: Stamp::at(5),
        in_flight: 3,
        is_late: true,
    });
    let failure = row.home.failure.expect("a failure").to_string();
    assert_eq!(
        failure,
        "not launched: this client could not keep up with the rate"
    );
}
