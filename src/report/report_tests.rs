//! Tests of reports read back.

use std::fs;
use std::time::Duration;

use std::path::PathBuf;

use super::*;
use crate::plan::Kind;
use crate::precise::{Measure, Precise};
use crate::row::failure::{Failure, FailureKind};
use crate::row::server_report::ServerReport;
use crate::row::{ClockSource, Exchange, Row};
use crate::rows::csv_file::{ReportFile, Settings};
use crate::rows::load::Load;
use crate::rows::runs::{self, EndLine, Line, RunLine, RunsFile, SCHEMA_VERSION};
use crate::stats::Distribution;
use crate::summary::{Figures, PartFacts, RunEnding, RunFacts, Trust, Usage, Whole, part_line};
use crate::sys::contention::Contention;
use crate::sys::machine::Machine;
use crate::time::clock::{Clock, Stamp};
use crate::time::writing::WallClockFormat;
use crate::time::zone::local_zone_name;

const MS: u64 = 1_000_000;

/// A shopper of a run that began at `from`: the `number`-th, with figures of its own.
fn shopper(clock: &Clock, from: u64, number: u64) -> Row {
    let exchange = |start: u64, elapsed: u64| Exchange {
        started: Some(Stamp::at(start)),
        connected: Some(Stamp::at(start + 10_000 + number)),
        sent: Some(Stamp::at(start + 20_000 + number)),
        first_byte: Some(Stamp::at(start + elapsed - 1_000)),
        stopped: Some(Stamp::at(start + elapsed)),
        seen: Some(Stamp::at(start + elapsed + 7_000 + number)),
        clock: ClockSource::Kernel,
        status: Some(200),
        redirects: (number % 2) as u8,
        hop_delay: (number % 2 * (5_000 + number)) as i64,
        ..Exchange::default()
    };
    let start = from + number * MS;
    let buy = start + 3 * MS;
    let time = |at: u64| {
        let mut text = String::new();
        WallClockFormat::local().push(clock.unix_nanos(Stamp::at(at)), &mut text);
        text
    };
    let body = format!(
        "{{\"result\": true, \"elapsed_seconds\": 0.001, \"cpu_usage\": 12.5, \"memory_usage\": 99, \
         \"started_time\": \"{}\", \"stopped_time\": \"{}\"}}",
        time(buy + MS),
        time(buy + 2 * MS)
    );
    let mut row = Row {
        concurrent_requests: 4,
        due: Some(Stamp::at(start - 50_000)),
        home: exchange(start, 2 * MS + number * 1_000),
        buy: exchange(buy, 4 * MS + number * 1_000),
        report: ServerReport::parse(body.as_bytes()).ok(),
        is_bare: false,
        site: None,
    };
    match number % 10 {
        8 => {
            row.buy.status = Some(500);
            row.buy.failure = Some(Failure::with_detail(FailureKind::Status(500), "ValueError"));
            row.report = None;
        }
        9 => {
            row.buy = Exchange {
                started: Some(Stamp::at(buy)),
                stopped: Some(Stamp::at(buy + MS)),
                failure: Some(FailureKind::ConnectionReset.into()),
                ..Exchange::default()
            };
            row.report = None;
        }
        _ => {}
    }
    row
}

struct Live {
    summary: Summary,
    path: PathBuf,
    _directory: tempfile::TempDir,
}

/// Writes a run of two parts as a live one does, and makes its summary.
fn live(kind: Kind, phases: bool, with_lines: bool) -> Live {
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("report.csv");
    let summary = run_into(&path, kind, phases, with_lines, "one");
    Live {
        summary,
        path,
        _directory: directory,
    }
}

/// Appends such a run to a report.
fn run_into(path: &Path, kind: Kind, phases: bool, with_lines: bool, id: &str) -> Summary {
    let clock = Clock::start();
    let settings = Settings {
        title: "a title".to_owned(),
        utc: false,
        phases,
    };
    let mut file = ReportFile::open(path, settings).expect("a report");
    let mut runs = RunsFile::open(path).expect("a file");
    let load = Load {
        kind,
        levels: if kind == Kind::Open {
            Vec::new()
        } else {
            vec![4]
        },
        rounds: 2,
        ..Load::default()
    };
    let run = RunLine {
        schema_version: SCHEMA_VERSION,
        version: "1.2.3".to_owned(),
        run: id.to_owned(),
        title: "a title".to_owned(),
        target: "http://shop".to_owned(),
        app: "rdbms".to_owned(),
        seed: "18446744073709551615".to_owned(),
        load: load.clone(),
        started: instant(clock.unix_nanos(Stamp::at(0))),
        time_zone: local_zone_name(),
        ..RunLine::default()
    };
    runs.append(&Line::Run(Box::new(run))).expect("appended");
    let mut whole = Whole::default();
    for part in 0..2u64 {
        let from = 1_000 * MS + part * 10_000 * MS;
        let mut figures = Figures::default();
        let begin = file.position().expect("a file");
        for number in 0..200 {
            let row = shopper(&clock, from, number);
            figures.add(&row, &clock);
            file.push(&row, &clock);
        }
        figures.dropped_without_row = part;
        file.flush_batch().expect("written");
        let facts = PartFacts {
            variant: None,
            is_cut: false,
            tls: None,
            level: (kind != Kind::Open).then_some(4),
            round: part + 1,
            kind,
            first_start: Some(clock.unix_nanos(Stamp::at(from))),
            wall_nanos: 900_000_000,
            span_nanos: 1_000_000_000,
            starts_spread_nanos: None,
            paused_nanos: 0,
            backoffs: part,
            most_in_flight: 4,
            warmed_up: Some((3, 1)),
            usage: Some(Usage {
                cpu: Duration::from_millis(400),
                spun: Duration::from_millis(100),
                wall: Duration::from_secs(1),
                longest_iteration_nanos: 77_000,
                descriptors_used: 9,
                descriptors_limit: 100,
                ports_used: 8,
                ports_available: Some(10),
                contention: Contention {
                    run_queue_nanos: Some(part),
                    timeslices: Some(3),
                    steal_nanos: None,
                    involuntary_switches: Some(2),
                },
            }),
            verdict: None,
        };
        let verdict = whole.add(&facts, &figures);
        let mut line = part_line(&facts, &figures, verdict.as_ref());
        line.run = id.to_owned();
        line.part = part;
        line.range = Some([begin, file.position().expect("a file")]);
        line.first_start = facts.first_start.map(instant);
        line.last_start = Some(instant(clock.unix_nanos(Stamp::at(from + 199 * MS))));
        if with_lines {
            runs.append(&Line::Part(Box::new(line))).expect("appended");
        }
    }
    let rows_written = file.finish().expect("written");
    let mut started_time = String::new();
    WallClockFormat::local().push(whole.facts.first_start.expect("begun"), &mut started_time);
    let facts = RunFacts {
        version: "1.2.3".to_owned(),
        id: Some(id.to_owned()),
        ending: Some(RunEnding::Done),
        rows_lost: Some(0),
        title: "a title".to_owned(),
        report_file: path.display().to_string(),
        rows_written,
        target: Some("http://shop".to_owned()),
        app: Some("rdbms".to_owned()),
        load,
        seed: Some(u64::MAX),
        machine: Some(Machine::default()),
        preconnect: Some(false),
        keep_alive: Some(false),
        started_time,
        clock_drift_nanos: Some(0),
        cpu_user: Some(Duration::ZERO),
        cpu_system: Some(Duration::ZERO),
        peak_memory_bytes: Some(0),
        precise: Some(precise()),
        ..RunFacts::default()
    };
    if with_lines {
        let end = EndLine {
            run: id.to_owned(),
            ending: "done".to_owned(),
            rows: rows_written,
            precise: Some(precise()),
            ..EndLine::default()
        };
        runs.append(&Line::End(Box::new(end))).expect("appended");
    }
    Summary::of(facts, whole, &[])
}

fn precise() -> Precise {
    Precise {
        cpus_allowed: Some("1".to_owned()),
        measures: vec![Measure {
            name: "cpu".to_owned(),
            asked: "CPU 1".to_owned(),
            got: Some("1 of 0-1".to_owned()),
            why_not: None,
        }],
    }
}

fn instant(unix_nanos: i64) -> String {
    let instant = jiff::Timestamp::from_nanosecond(unix_nanos.into());
    instant.expect("in range").to_string()
}

fn read_one(path: &Path) -> ReadRun {
    let mut report = read(path, &[]).expect("a report");
    assert_eq!(report.warnings, [""; 0]);
    assert_eq!(report.runs.len(), 1, "{report:#?}");
    report.runs.remove(0)
}

/// Every figure of two summaries, to 0.05 % and a microsecond.
fn assert_alike(read: &Summary, live: &Summary) {
    let [read, live] = [read, live].map(|of| serde_json::to_value(of).expect("JSON"));
    assert_values_alike("", &read, &live);
}

fn assert_values_alike(at: &str, read: &serde_json::Value, live: &serde_json::Value) {
    use serde_json::Value;
    match (read, live) {
        (Value::Object(read), Value::Object(live)) => {
            assert_eq!(
                read.keys().collect::<Vec<_>>(),
                live.keys().collect::<Vec<_>>(),
                "{at}"
            );
            for (key, value) in read {
                assert_values_alike(&format!("{at}.{key}"), value, &live[key]);
            }
        }
        (Value::Array(read), Value::Array(live)) => {
            assert_eq!(read.len(), live.len(), "{at}");
            for (number, (read, live)) in read.iter().zip(live).enumerate() {
                assert_values_alike(&format!("{at}[{number}]"), read, live);
            }
        }
        (Value::Number(read), Value::Number(live)) => {
            let [read, live] = [read, live].map(|of| of.as_f64().expect("a float"));
            assert!(
                (read - live).abs() <= 0.0005 * live.abs() + 1.1e-6,
                "{at}: {read} for {live}"
            );
        }
        (read, live) => assert_eq!(read, live, "{at}"),
    }
}

#[test]
fn the_summary_read_back_equals_the_live_summary() {
    for kind in [Kind::Burst, Kind::Closed, Kind::Open] {
        for phases in [false, true] {
            let live = live(kind, phases, true);
            let read = read_one(&live.path);
            assert!(!read.is_guessed);
            assert_alike(&read.summary, &live.summary);
        }
    }
}

#[test]
fn without_lines_the_summary_is_read_from_the_columns() {
    let live = live(Kind::Burst, false, false);
    fs::remove_file(runs::path_of(&live.path)).expect("removed");
    let report = read(&live.path, &[]).expect("a report");
    // Two parts, ten seconds apart: two runs, as far as anybody can tell.
    assert_eq!(report.runs.len(), 2, "{report:#?}");
    assert!(report.runs.iter().all(|run| run.is_guessed));
    for run in &report.runs {
        let of = &run.summary;
        assert_eq!(
            (of.launched, of.bought, of.failed_purchases),
            (200, 160, 40)
        );
        assert_eq!(of.title, "a title");
        assert_eq!((of.instrument.trusted, of.target.as_ref()), (None, None));
        assert_eq!(of.home_phases.wait.seconds, None);
        let n = |of: &Option<Distribution>| of.map(|of| of.n);
        assert_eq!(
            (n(&of.home_elapsed_seconds), n(&of.buy_ok_elapsed_seconds)),
            (Some(200), Some(160))
        );
        assert_eq!(of.errors.len(), 2);
        let first = (
            of.errors[0].message.as_str(),
            of.errors[0].example.as_deref(),
        );
        assert_eq!(
            first,
            ("HTTP 500 Internal Server Error", Some("ValueError"))
        );
        assert_eq!(of.errors[1].message, "connection reset by the server");
        assert_eq!(of.errors[1].hint, FailureKind::ConnectionReset.hint());
        assert!(of.journey.before_server.seconds.is_some());
    }
}

#[test]
fn phases_are_read_back_without_lines() {
    let live = live(Kind::Burst, true, false);
    fs::remove_file(runs::path_of(&live.path)).expect("removed");
    let report = read(&live.path, &[]).expect("a report");
    let of = &report.runs[0].summary;
    let wait = of.home_phases.wait.seconds.expect("a sample");
    assert_eq!(wait.n, 200);
    assert_eq!(
        of.instrument.kernel_stamped_responses,
        of.instrument.responses
    );
    assert!(of.instrument.read_delay_seconds.is_some());
    assert_eq!(of.instrument.send_delay_seconds, None, "no column has it");
    // Of every second shopper's successful requests.
    let hops = of.instrument.hop_delay_seconds.expect("a sample");
    let most = live.summary.instrument.hop_delay_seconds.expect("a sample");
    assert_eq!(2 * hops.n, most.n, "the first of two parts");
    assert!((5_000..=most.max).contains(&hops.min), "{hops:?}");
}

/// Reports of earlier versions with fewer columns of the phases.
#[test]
fn every_width_of_the_phases_that_ever_was_is_read() {
    let live = live(Kind::Burst, true, false);
    fs::remove_file(runs::path_of(&live.path)).expect("removed");
    let text = fs::read_to_string(&live.path).expect("a report");
    for width in [47, 48, 50] {
        let cut = |line: &str| {
            let fields: Vec<&str> = line.split(';').take(width).collect();
            fields.join(";") + "\r\n"
        };
        let cut: String = text.lines().map(cut).collect();
        fs::write(&live.path, cut).expect("edited");
        let report = read(&live.path, &[]).expect("a report");
        let of = &report.runs[0].summary;
        assert_eq!(of.home_phases.wait.seconds.expect("a sample").n, 200);
        assert_eq!(of.instrument.hop_delay_seconds, None, "{width}: not known");
    }
}

/// Lines of earlier versions have one verdict for all figures.
#[test]
fn a_single_verdict_is_read_for_all_figures() {
    for (trusted, state) in [(true, Trust::Trusted), (false, Trust::NotTrusted)] {
        let live = live(Kind::Burst, false, true);
        let file = runs::path_of(&live.path);
        let early = |line: &str| {
            let mut line: serde_json::Value = serde_json::from_str(line).expect("JSON");
            if line["line"] == "part" {
                let part = line.as_object_mut().expect("an object");
                assert!(part.remove("verdict").is_some_and(|of| of.is_object()));
                part["trusted"] = trusted.into();
                let reasons = ["the event loop used 95 % of its core (fewer virtual users)"];
                part["reasons"] = reasons[usize::from(trusted)..].into();
            }
            line.to_string() + "\n"
        };
        let lines = fs::read_to_string(&file).expect("lines");
        let lines: String = lines.lines().map(early).collect();
        fs::write(&file, lines).expect("edited");
        let verdict = read_one(&live.path).summary.verdict;
        for of in [&verdict.home, &verdict.purchase, &verdict.pace] {
            assert_eq!((of.state, of.reasons.is_empty()), (state, trusted));
        }
    }
}

#[test]
fn lines_that_do_not_match_are_ignored_with_one_warning() {
    let fits = live(Kind::Burst, false, true);
    let text = fs::read_to_string(&fits.path).expect("a report");
    // The first data row is gone: everything behind it has moved.
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    lines.remove(1);
    fs::write(&fits.path, lines.concat()).expect("edited");
    let report = read(&fits.path, &[]).expect("a report");
    assert_eq!(report.warnings.len(), 1, "{:?}", report.warnings);
    assert!(
        report.warnings[0].contains("do not match"),
        "{:?}",
        report.warnings
    );
    let rows: u64 = report.runs.iter().map(|run| run.summary.rows_written).sum();
    assert_eq!(rows, 399, "every row is in one run");
    assert!(report.runs.iter().all(|run| run.is_guessed));
}

#[test]
fn old_reports_are_grouped_by_title_and_concurrency_and_split_at_pauses() {
    let header = "\"concurrent_requests\";\"benchmark_title\";\"client_home_elapsed_seconds\";\
        \"client_home_error_msg\";\"client_home_http_code\";\"client_home_result\";\
        \"client_home_started_time\";\"client_home_stopped_time\";\"server_buy_cpu_usage\";\
        \"server_buy_memory_usage\";\"server_buy_elapsed_seconds\";\"server_buy_error_msg\";\
        \"server_buy_result\";\"server_buy_started_time\";\"server_buy_stopped_time\";\
        \"client_buy_elapsed_seconds\";\"client_buy_error_msg\";\"client_buy_http_code\";\
        \"client_buy_result\";\"client_buy_started_time\";\"client_buy_stopped_time\"\n";
    let row = |concurrent: u64, title: &str, minute: u64, second: u64| {
        let at = |second: u64| format!("\"2015-01-03T00:{minute:02}:{second:02}.5\"");
        format!(
            "{concurrent};\"{title}\";1.0;\"\";200;True;{};{};10;20;0.5;\"\";True;{};{};2.0;\"\";200;True;{};{}\n",
            at(second),
            at(second + 1),
            at(second + 2),
            at(second + 2),
            at(second + 1),
            at(second + 3)
        )
    };
    let directory = tempfile::tempdir().expect("a directory");
    let path = directory.path().join("old.csv");
    let rows: Vec<String> = [
        (2, "x", 0, 0),
        (2, "x", 0, 1),
        (3, "x", 0, 0),
        (2, "y", 0, 0),
        // More than ten times three seconds later: another run.
        (2, "x", 1, 5),
    ]
    .iter()
    .map(|&(n, title, minute, second)| row(n, title, minute, second))
    .collect();
    fs::write(&path, format!("{header}{}", rows.concat())).expect("written");
    let report = read(&path, &[]).expect("a report");
    let found: Vec<(u64, &str, u64)> = (report.runs.iter())
        .map(|run| {
            (
                run.summary.concurrent,
                run.summary.title.as_str(),
                run.summary.launched,
            )
        })
        .collect();
    assert_eq!(found, [(2, "x", 2), (3, "x", 1), (2, "y", 1), (2, "x", 1)]);
    let first = &report.runs[0].summary;
    assert_eq!(first.span_nanos, 4_000_000_000);
    assert_eq!(first.purchases_per_second, Some(0.5));
    assert_eq!(first.server_max_memory_megabytes, Some(20.0));
}

#[test]
fn invalid_rows_are_reported_with_their_line() {
    let directory = tempfile::tempdir().expect("a directory");
    let missing = directory.path().join("missing.csv");
    let error = read(&missing, &[]).expect_err("no file").to_string();
    assert!(error.contains("missing.csv"), "{error}");
    let live = live(Kind::Burst, false, true);
    let text = fs::read_to_string(&live.path).expect("a report");
    fs::write(
        &live.path,
        text.replacen("200;\"True\"", "soon;\"True\"", 1),
    )
    .expect("damaged");
    let error = read(&live.path, &[]).expect_err("damaged").to_string();
    assert!(
        error.contains("line 2: client_home_http_code is \"soon\""),
        "{error}"
    );
}

/// The lines of a report that was deleted claim the same bytes as those of the one in its place.
#[test]
fn lines_of_a_report_that_was_replaced_do_not_displace_those_that_fit() {
    let found = live(Kind::Burst, true, true);
    fs::remove_file(&found.path).expect("removed");
    // Its rows lie elsewhere: without the phases' columns they are shorter.
    let summary = run_into(&found.path, Kind::Burst, false, true, "two");
    let report = read(&found.path, &[]).expect("a report");
    assert_eq!(report.warnings.len(), 1, "{:?}", report.warnings);
    assert!(
        report.warnings[0].contains("the lines of 2 of the runs' parts do not match"),
        "{:?}",
        report.warnings
    );
    assert_eq!(report.runs.len(), 1, "{report:#?}");
    assert!(!report.runs[0].is_guessed && !report.runs[0].is_incomplete);
    assert_alike(&report.runs[0].summary, &summary);
}

/// Another row in the place of one of a part's: the number of rows and the first start are right.
#[test]
fn a_part_with_a_row_that_is_not_its_own_does_not_fit() {
    let found = live(Kind::Burst, false, true);
    let text = fs::read_to_string(&found.path).expect("a report");
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    // The last row of the first part is gone: the first of the second moves up.
    lines.remove(200);
    fs::write(&found.path, lines.concat()).expect("edited");
    let report = read(&found.path, &[]).expect("a report");
    assert!(report.runs.iter().all(|run| run.is_guessed), "{report:#?}");
    let rows: u64 = report.runs.iter().map(|run| run.summary.rows_written).sum();
    assert_eq!(rows, 399);
}

/// What was cut, or is being written, costs the last row and no other.
#[test]
fn a_report_that_ends_within_a_row_is_read_up_to_there() {
    let found = live(Kind::Burst, false, true);
    run_into(&found.path, Kind::Burst, false, true, "two");
    let text = fs::read(&found.path).expect("a report");
    fs::write(&found.path, &text[..text.len() - 150]).expect("cut");
    let report = read(&found.path, &[]).expect("a report");
    let said = |what: &str| {
        report
            .warnings
            .iter()
            .filter(|of| of.contains(what))
            .count()
    };
    assert_eq!(said("the last row is torn"), 1, "{:?}", report.warnings);
    assert_eq!(
        said("the lines of 1 of the runs' parts"),
        1,
        "{:?}",
        report.warnings
    );
    assert_eq!(said("is incomplete: the rows of 1 of its 2 parts"), 1);
    assert_eq!(report.warnings.len(), 3, "{:?}", report.warnings);
    let whole = report.runs.iter().find(|run| !run.is_guessed);
    assert_alike(&whole.expect("the first run").summary, &found.summary);
    let rows: u64 = report.runs.iter().map(|run| run.summary.rows_written).sum();
    assert_eq!(rows, 799);
}

/// Killed before a part was done, it left a line of the run and rows: pauses do not cut it.
#[test]
fn rows_of_a_run_that_was_killed_are_those_of_its_line() {
    for kind in [Kind::Closed, Kind::Open] {
        let found = live(kind, false, false);
        let report = read(&found.path, &[]).expect("a report");
        assert_eq!(report.runs.len(), 1, "{report:#?}");
        let run = &report.runs[0];
        assert!(run.is_guessed && run.is_incomplete);
        let of = &run.summary;
        assert_eq!(of.launched, 400);
        assert_eq!(of.seed, Some(u64::MAX.to_string()));
        assert_eq!(of.target.as_deref(), Some("http://shop"));
        assert_eq!(of.load.load.kind, kind);
    }
}

/// The same local times in another zone are other instants, which is what the lines of the parts say.
#[test]
fn local_times_are_read_in_the_zone_of_the_run() {
    const AHEAD: i64 = 30_600;
    for (zone, offset) in [("<+0830>-8:30", 0), ("Nowhere/At_all", AHEAD)] {
        let found = live(Kind::Burst, false, true);
        let runs = runs::path_of(&found.path);
        let mut elsewhere = String::new();
        for line in fs::read_to_string(&runs).expect("lines").lines() {
            let mut value: serde_json::Value = serde_json::from_str(line).expect("JSON");
            if value["line"] == "run" {
                value["time_zone"] = zone.into();
                value["utc_offset_seconds"] = offset.into();
            }
            for key in ["first_start", "last_start"] {
                if let Some(text) = value[key].as_str() {
                    let at: jiff::Timestamp = text.parse().expect("an instant");
                    let later = jiff::SignedDuration::from_secs(local_offset(at) - AHEAD);
                    value[key] = (at + later).to_string().into();
                }
            }
            elsewhere += &format!("{value}\n");
        }
        fs::write(&runs, elsewhere).expect("written");
        let run = read_one(&found.path);
        assert!(!run.is_guessed, "{run:#?}");
        assert_eq!(run.summary.started_time, found.summary.started_time);
    }
}

/// How far this machine's local time is ahead of UTC, seconds.
fn local_offset(at: jiff::Timestamp) -> i64 {
    crate::time::zone::local_zone()
        .to_offset(at)
        .seconds()
        .into()
}
