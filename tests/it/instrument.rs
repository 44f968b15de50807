//! The program's statements on its own figures: parts that add up, clocks, delays.

use std::fs;
use std::net::TcpStream;
use std::process::Stdio;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use profilerclient::time::writing::WallClockFormat;
use serde_json::Value;
use tempfile::tempdir;

use crate::support::*;

/// Runs with `--phases` and reads the rows back.
fn rows_of_run(url: &str, shoppers: usize, more: &[&str]) -> (Vec<Row>, Finished) {
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let mut args = flags(url, shoppers, &file);
    args.push("--phases".to_owned());
    args.extend(more.iter().map(|&arg| arg.to_owned()));
    let finished = client(args).ok();
    (rows_with_phases(&file), finished)
}

/// A decimal as nanoseconds, exactly.
fn nanos(text: &str) -> Option<i64> {
    let (whole, fraction) = text.split_once('.')?;
    assert_eq!(fraction.len(), 9, "{text}");
    Some(format!("{whole}{fraction}").parse().expect("a number"))
}

fn assert_parts_add_up(row: &Row) {
    for step in ["home", "buy"] {
        let column = |name: &str| row[&format!("client_{step}_{name}")].as_str();
        let parts = [
            "connect_seconds",
            "send_seconds",
            "wait_seconds",
            "receive_seconds",
        ];
        let sum: i64 = parts.iter().filter_map(|part| nanos(column(part))).sum();
        assert_eq!(nanos(column("elapsed_seconds")), Some(sum), "{row:?}");
        assert!(nanos(column("seen_delay_seconds")) >= Some(0), "{row:?}");
        let port: u16 = column("local_port").parse().expect("a port");
        assert!(port > 0, "{row:?}");
    }
}

#[test]
fn the_parts_of_every_row_add_up_to_its_time() {
    let shop = Shop::start(&["--service-time", "2ms"]);
    for mode in [
        &[][..],
        &["--keep-alive"],
        &["--preconnect"],
        &["--clock", "user"],
        &["--tx-stamps"],
    ] {
        let (rows, _) = rows_of_run(&shop.url, 50, mode);
        assert_eq!(rows.len(), 50);
        for row in &rows {
            assert_parts_add_up(row);
            assert_eq!(row["client_home_redirects"], "1", "APPEND_SLASH: {row:?}");
            assert_eq!(row["client_buy_redirects"], "0");
            let clock = if mode == ["--clock", "user"] {
                "user"
            } else {
                "kernel"
            };
            assert_eq!(row["client_home_clock"], clock, "{row:?}");
            assert_eq!(row["client_buy_clock"], clock, "{row:?}");
            // One machine and one clock, of which the shop cuts off what is below a microsecond.
            assert!(
                nanos(&row["buy_before_server_raw_seconds"]) > Some(0),
                "{row:?}"
            );
            assert!(
                nanos(&row["buy_in_server_seconds"]) >= Some(1_999_000),
                "{row:?}"
            );
            assert!(
                nanos(&row["buy_after_server_raw_seconds"]) > Some(0),
                "{row:?}"
            );
        }
    }
}

#[test]
fn the_parts_of_failed_requests_add_up_too() {
    for fault in [
        "reset:1",
        "reset-within:1",
        "stall:1",
        "500:1",
        "cut:1",
        "close:1",
    ] {
        let shop = Shop::start(&["--fault", fault]);
        let (rows, _) = rows_of_run(&shop.url, 10, &["--timeout", "500ms"]);
        assert_eq!(rows.len(), 10);
        rows.iter().for_each(assert_parts_add_up);
        if fault == "stall:1" {
            for row in &rows {
                assert!(
                    nanos(&row["client_buy_wait_seconds"]) > Some(400_000_000),
                    "{row:?}"
                );
                assert_eq!(row["client_buy_receive_seconds"], "");
            }
        }
    }
}

#[test]
fn reports_with_and_without_phases_are_not_mixed() {
    let shop = Shop::start(&[]);
    let dir = tempdir().expect("a directory");
    let [plain, phases] = ["plain.csv", "phases.csv"].map(|name| dir.path().join(name));
    let with = |file, phases: bool| {
        let mut args = flags(&shop.url, 2, file);
        args.extend(phases.then(|| "--phases".to_owned()));
        args
    };
    client(with(&plain, false)).ok();
    client(with(&phases, true)).ok();
    let sold = shop.stat("purchases");
    let before = [&plain, &phases].map(|file| fs::read(file).expect("written"));
    client(with(&plain, true)).refused(1, &["plain.csv", "without --phases", "-o"]);
    client(with(&phases, false)).refused(1, &["phases.csv", "with --phases", "-o"]);
    let after = [&plain, &phases].map(|file| fs::read(file).expect("still there"));
    assert_eq!(before, after);
    assert_eq!(shop.stat("purchases"), sold, "nothing was sent");
    client(with(&phases, true)).ok();
    assert_eq!(rows_with_phases(&phases).len(), 4);
    let file = fs::File::open(&phases).expect("a report");
    let read = profilerclient::rows::read::read_rows(file).expect("a header");
    assert_eq!(read.filter(Result::is_ok).count(), 4, "readers accept both");
}

/// A shop whose reports have start and stop times that many milliseconds from now, with or without
/// the mark of UTC.
fn shop_with_clock(ahead: impl Fn(usize) -> i64 + Send + Sync + 'static, zoned: bool) -> Scripted {
    Scripted::start(move |mut stream: TcpStream, number| {
        if read_request(&mut stream).starts_with("GET") {
            return respond(&mut stream, &page(200, "text/html", "welcome"));
        }
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .expect("after 1970");
        let mut time = String::new();
        WallClockFormat::utc().push(now.as_nanos() as i64 + ahead(number) * 1_000_000, &mut time);
        let time = if zoned {
            &time
        } else {
            time.trim_end_matches('Z')
        };
        let one =
            format!("\"result\": true, \"started_time\": \"{time}\", \"stopped_time\": \"{time}\"");
        let body = format!("{{{one}, \"rest\": {{{one}}}}}");
        respond(&mut stream, &page(200, "application/json", &body));
    })
}

fn summary_and_json(server: &Scripted) -> (String, Value) {
    let (_, text) = rows_of_run(&server.url(), 10, &[]);
    let (_, json) = rows_of_run(&server.url(), 10, &["--json"]);
    let json = serde_json::from_str(&json.stdout).expect("one JSON object");
    (text.stdout, json)
}

#[test]
fn a_clock_that_agrees_is_a_short_line() {
    let (text, json) = summary_and_json(&shop_with_clock(|_| 0, true));
    for line in ["\nServer ", "\nSecond server "] {
        let line = format!("{line:<19}clock within ");
        assert!(text.contains(&line), "{text}");
    }
    assert!(!text.contains("WARNING"), "{text}");
    for server in ["server_clock", "rest_clock"] {
        assert_eq!(json[server]["finding"], "agrees", "{json:#}");
        assert_eq!(json[server]["rows"], 10);
    }
    assert_eq!(json["journey"]["correction_seconds"], 0.0);
}

#[test]
fn clock_offsets_are_bounded_and_corrected() {
    let seconds = |json: &Value, bound: &str| {
        let offset = &json["server_clock"]["offset_seconds"][bound];
        offset.as_f64().expect("a bound")
    };
    for (ahead, part) in [
        (3_600_000, "another zone (+1:00 h)"),
        (-50, "chronyc tracking"),
    ] {
        let (text, json) = summary_and_json(&shop_with_clock(move |_| ahead, true));
        assert!(text.contains("WARNING"), "{text}");
        assert!(text.contains(part), "{text}");
        assert_eq!(json["server_clock"]["finding"], "differs", "{json:#}");
        let (low, high) = (seconds(&json, "at_least"), seconds(&json, "at_most"));
        let ahead = ahead as f64 / 1e3;
        assert!(low <= ahead && ahead <= high, "{low} {ahead} {high}");
        let correction = json["journey"]["correction_seconds"].as_f64();
        let expected = match ahead {
            // A time zone is taken exactly where the bounds allow it.
            3_600.0 => ahead,
            _ => (low + high) / 2.0,
        };
        // The middle of two whole numbers of nanoseconds, told as seconds.
        assert!(
            correction.is_some_and(|correction| (correction - expected).abs() < 2e-9),
            "{correction:?} {expected}"
        );
        let share = &json["journey"]["before_server"]["share"];
        assert!(
            (0.0..=1.0).contains(&share.as_f64().expect("a share")),
            "{json:#}"
        );
    }
    // Local time of another place: New York's clocks are never UTC's.
    let (text, json) = summary_and_json(&shop_with_clock(|_| 0, false));
    assert!(text.contains("another zone (+"), "{text}");
    assert!(
        json["server_clock"]["time_zone_hours"].as_f64() >= Some(4.0),
        "{json:#}"
    );
}

#[test]
fn contradictory_clocks_are_not_corrected() {
    let ahead = |number: usize| {
        if number.is_multiple_of(2) {
            5_000
        } else {
            -5_000
        }
    };
    let (text, json) = summary_and_json(&shop_with_clock(ahead, true));
    assert!(text.contains("contradict each other"), "{text}");
    assert_eq!(json["server_clock"]["finding"], "contradictory", "{json:#}");
    assert_eq!(json["journey"]["correction_seconds"], 0.0);
    assert_eq!(json["journey"]["before_server"]["share"], Value::Null);
    let negative = |part: &str| json["journey"][part]["negative"].as_u64();
    assert!(negative("before_server") > Some(0), "{json:#}");
    assert!(negative("after_server") > Some(0), "{json:#}");
}

/// Runs one shopper and holds the program (SIGSTOP) for 300 ms while the home page's response comes.
pub fn held_while_the_answer_came(more: &[&str]) -> (Row, Finished) {
    const HELD: Duration = Duration::from_millis(300);
    let (asked, was_asked) = mpsc::channel();
    let (answer, may_answer) = mpsc::channel::<()>();
    let may_answer = std::sync::Mutex::new(may_answer);
    let server = Scripted::start(move |mut stream, number| {
        read_request(&mut stream);
        if number > 0 {
            return respond(&mut stream, &report());
        }
        asked.send(()).expect("the test waits");
        let may_answer = may_answer.lock().expect("one answer at a time");
        may_answer.recv_timeout(PATIENCE).expect("the test goes on");
        respond(&mut stream, &page(200, "text/html", "welcome"));
    });
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let mut args = flags(&server.url(), 1, &file);
    args.push("--phases".to_owned());
    args.extend(more.iter().map(|&arg| arg.to_owned()));
    let child = command(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let pid = child.id();
    was_asked.recv_timeout(PATIENCE).expect("a request");
    let is_in_state = |state: &str| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("it is there");
        stat.rsplit(')')
            .next()
            .is_some_and(|rest| rest.trim_start().starts_with(state))
    };
    // Stopped elsewhere than in its wait it would not know for how long.
    while !is_in_state("S") {
        thread::yield_now();
    }
    signal(pid, libc::SIGSTOP);
    while !is_in_state("T") {
        thread::yield_now();
    }
    answer.send(()).expect("the server waits");
    thread::sleep(HELD);
    signal(pid, libc::SIGCONT);
    let finished = wait(child);
    let row = rows_with_phases(&file).remove(0);
    assert_eq!(row["client_buy_result"], "True", "{row:?}");
    (row, finished)
}

#[test]
fn a_stopped_program_reports_it_and_its_times_stay_right() {
    let (row, finished) = held_while_the_answer_came(&["--strict-pace"]);
    let held = nanos(&row["client_home_seen_delay_seconds"]).expect("seen");
    assert!(held > 250_000_000, "{row:?}");
    let elapsed = nanos(&row["client_home_elapsed_seconds"]).expect("ended");
    assert!(elapsed < held, "the kernel saw the response come: {row:?}");
    assert_eq!(finished.code(), Some(4), "{finished:#?}");
    let told = finished.stderr.lines().next().expect("a line");
    let begins = "profilerclient: --strict-pace: NOT TRUSTED: client-limited: ";
    assert!(told.starts_with(begins), "{finished:#?}");
    assert!(
        told.contains("pace: this program was stopped for "),
        "{finished:#?}"
    );
    let pace = "\nPACE LIMITED BY THIS CLIENT: this program was stopped for ";
    assert!(finished.stdout.contains(pace), "{finished:#?}");
    let read_late = "purchases started ";
    assert!(finished.stderr.contains(read_late), "{finished:#?}");

    let (_, finished) = held_while_the_answer_came(&["--json"]);
    let json: Value = serde_json::from_str(&finished.ok().stdout).expect("one JSON object");
    assert_eq!(json["verdict"]["pace"]["state"], "not_trusted", "{json:#}");
    assert_eq!(json["verdict"]["pace"]["reasons"][0]["kind"], "stopped");
    assert_eq!(json["instrument"]["responses"], 2);
    assert_eq!(json["instrument"]["kernel_stamped_responses"], 2);
}

#[test]
fn a_trusted_run_succeeds_with_strict() {
    // Slow enough to keep even a busy machine's own delays far below a tenth.
    let server = Scripted::start(|mut stream, _| {
        let is_home = read_request(&mut stream).starts_with("GET");
        thread::sleep(Duration::from_millis(400));
        let welcome = page(200, "text/html", "welcome");
        respond(&mut stream, &if is_home { welcome } else { report() });
    });
    for clock in ["user", "kernel"] {
        let (_, finished) = rows_of_run(&server.url(), 3, &["--strict", "--clock", clock]);
        assert!(
            finished
                .stdout
                .contains("\nFigures           latencies trusted ("),
            "{finished:#?}"
        );
        let says_whose = finished.stdout.contains("(this process's clock, ");
        assert_eq!(says_whose, clock == "user", "{finished:#?}");
    }
}
