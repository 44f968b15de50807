use std::io;

use proptest::option;
use proptest::prelude::*;

use super::*;
use crate::row::failure::{Failure, FailureKind};
use crate::row::server_report::ServerReport;
use crate::row::{Exchange, Row};
use crate::rows::encode::Encoder;
use crate::text::cleaned;
use crate::time::clock::{Clock, Stamp};
use crate::time::writing::WallClockFormat;

fn all(text: &str) -> Vec<Result<ParsedRow, ReadError>> {
    read_rows(text.as_bytes()).expect("a header").collect()
}

fn one(text: &str) -> ParsedRow {
    let mut rows = all(text);
    assert_eq!(rows.len(), 1);
    rows.remove(0).expect("a row")
}

/// The columns of the old client's reports, in their order.
const OLD: &str = "\"concurrent_requests\";\"benchmark_title\";\
    \"client_home_elapsed_seconds\";\"client_home_error_msg\";\"client_home_http_code\";\
    \"client_home_result\";\"client_home_started_time\";\"client_home_stopped_time\";\
    \"server_buy_cpu_usage\";\"server_buy_memory_usage\";\"server_buy_elapsed_seconds\";\
    \"server_buy_error_msg\";\"server_buy_result\";\"server_buy_started_time\";\
    \"server_buy_stopped_time\";\"client_buy_elapsed_seconds\";\"client_buy_error_msg\";\
    \"client_buy_http_code\";\"client_buy_result\";\"client_buy_started_time\";\
    \"client_buy_stopped_time\"\n";

fn oldest() -> &'static str {
    OLD.split_once("\"benchmark_title\";")
        .expect("the column")
        .1
}

const OLD_ROW: &str = "0.028;\"\";200;True;\"2020-01-01T02:11:26.030936\";\
    \"2020-01-01T02:11:26.058845\";10.0;3382;0.151;\"\";True;\"2020-01-01T02:11:26.060809\";\
    \"2020-01-01T02:11:26.212273\";1.02;\"\";200;True;\"2020-01-01T02:11:26.058894\";\
    \"2020-01-01T02:11:27.075010\"\n";

const OLD_FAILURE: &str = "\"\";\"[Errno 110] Connection timed out\";-100;False;\"\";\"\";\
    \"\";\"\";\"\";\"no JSON\";\"\";\"\";\"\";0.5;\"no; \"\"JSON\"\"\";-100;False;\"a\";\"b\"\n";

#[test]
fn reports_of_19_columns() {
    let row = one(&format!("{}{OLD_ROW}", oldest()));
    assert_eq!(row.line, 2);
    assert_eq!(row.concurrent_requests, None);
    assert_eq!(&*row.benchmark_title, "");
    assert_eq!(row.home.elapsed_nanos, Some(28_000_000));
    assert_eq!(row.home.status, Some(200));
    assert_eq!(row.home.result, Some(true));
    assert_eq!(row.server.cpu_usage, Figure::from_f64(10.0));
    assert_eq!(row.server.memory_usage, Some(Figure::from(3382u64)));
    assert_eq!(row.server.elapsed_seconds, Figure::from_f64(0.151));
    assert_eq!(row.server.result, Some(true));
    assert_eq!(row.rest, ServerFigures::default());
    assert_eq!(row.buy.elapsed_nanos, Some(1_020_000_000));
    assert_eq!(&*row.buy.stopped_time, "2020-01-01T02:11:27.075010");
}

#[test]
fn reports_of_21_columns_with_failures() {
    let rows = all(&format!(
        "{OLD}1000;\"x\";{OLD_ROW}1000;\"x\";{OLD_FAILURE}"
    ));
    let row = rows[1].as_ref().expect("a row");
    assert_eq!(rows.len(), 2);
    assert_eq!(row.concurrent_requests, Some(1000));
    assert_eq!(&*row.benchmark_title, "x");
    assert_eq!(row.home.elapsed_nanos, None);
    assert_eq!(row.home.status, None);
    assert_eq!(row.home.result, Some(false));
    assert_eq!(row.server.error_msg.as_deref(), Some("no JSON"));
    assert_eq!(row.server.result, None);
    assert_eq!(&*row.buy.error_msg, "no; \"JSON\"");
}

#[test]
fn order_does_not_matter_and_unknown_columns_are_ignored() {
    let moved = format!("\"new\";{}7;{OLD_ROW}", oldest());
    assert_eq!(one(&moved), one(&format!("{}{OLD_ROW}", oldest())));
}

#[test]
fn tables_edited_elsewhere() {
    let text = format!("{BOM}{OLD}1000.0;2;{OLD_ROW}")
        .replace(";200;True", ";200.0;TRUE")
        .replace("0.028", "2.8E-2")
        .replace('\n', "\r\n");
    let row = one(&text);
    assert_eq!(row.concurrent_requests, Some(1000));
    assert_eq!(row.home.elapsed_nanos, Some(28_000_000));
    assert_eq!((row.home.status, row.home.result), (Some(200), Some(true)));
}

#[test]
fn a_mark_is_found_however_the_input_comes() {
    struct Trickle<'a>(&'a [u8]);
    impl Read for Trickle<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            self.0.read(&mut buffer[..1])
        }
    }
    let text = format!("{BOM}{OLD}1;2;{OLD_ROW}");
    let mut rows = read_rows(Trickle(text.as_bytes())).expect("a header");
    let row = rows.next().expect("a row").expect("a row");
    assert_eq!(row.concurrent_requests, Some(1));
}

#[test]
fn what_is_wrong_is_said_by_its_line_and_the_next_row_follows() {
    let damaged = |from: &str, to: &str| OLD_ROW.replacen(from, to, 1);
    for (row, expected) in [
        (
            damaged("0.028", "soon"),
            "client_home_elapsed_seconds is \"soon\", not a number of s",
        ),
        (
            damaged("0.028", "1e300"),
            "client_home_elapsed_seconds is \"1e300\", not",
        ),
        (
            damaged("200", "99999"),
            "client_home_http_code is \"99999\", not an HTTP status",
        ),
        (
            damaged("True", "yes"),
            "client_home_result is \"yes\", not True or False",
        ),
        (
            damaged("10.0", "nan"),
            "server_buy_cpu_usage is \"nan\", not a number",
        ),
        (damaged("0.028;", ""), "18 fields where the header has 19"),
        (
            damaged("0.028", "\x1b[2J"),
            "client_home_elapsed_seconds is \"\\u{1b}[2J\", not",
        ),
    ] {
        let rows = all(&format!("{}{OLD_ROW}{row}{OLD_ROW}", oldest()));
        assert_eq!(rows.len(), 3);
        let error = rows[1].as_ref().expect_err("damaged");
        assert_eq!(error.line, 3);
        assert!(error.message.starts_with(expected), "{error}");
        assert_eq!(rows[2].as_ref().map(|row| row.line), Ok(4));
    }
}

#[test]
fn what_is_no_report_is_refused() {
    for (text, expected) in [
        ("", "line 1: the report is empty"),
        (
            "a;b\n",
            "its header has no column client_home_elapsed_seconds",
        ),
        (
            &format!("\"new\";{OLD}").replace("new", "client_buy_result"),
            "client_buy_result twice",
        ),
    ] {
        let error = read_rows(text.as_bytes())
            .expect_err("no report")
            .to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn a_quote_that_is_never_closed_does_not_fill_the_memory() {
    let endless = oldest()
        .as_bytes()
        .chain(&b"\""[..])
        .chain(io::repeat(b'a'));
    let mut rows = read_rows(endless).expect("a header");
    let error = rows.next().expect("an error").expect_err("too long");
    assert_eq!(error.line, 2);
    assert!(
        error.message.contains("a record of more than 4 MiB"),
        "{error}"
    );
    assert_eq!(rows.next(), None);
}

#[test]
fn lines_are_counted_whatever_ends_them() {
    let row = OLD_ROW.trim_end();
    let broken = row.replacen("\"\"", "\"a\nb\r\nc\"", 1);
    for line_end in ["\n", "\r\n"] {
        let header = format!("{BOM}{}{line_end}", oldest().trim_end());
        let text = format!("{header}{row}\r\n{broken}\n{row}{line_end}{line_end}{broken}\r\n{row}");
        let lines: Vec<u64> = all(&text)
            .into_iter()
            .map(|row| row.expect("a row").line)
            .collect();
        assert_eq!(lines, [2, 3, 6, 8, 11], "{line_end:?}");
    }
}

#[test]
fn seconds_are_exact() {
    for (text, nanos) in [
        ("0.028", Some(28_000_000)),
        ("0.123456789", Some(123_456_789)),
        ("0.1234567899", Some(123_456_789)),
        ("-0.000000001", Some(-1)),
        ("7", Some(7_000_000_000)),
        (".5", Some(500_000_000)),
        ("2.3e-05", Some(23_000)),
        ("9223372036.854775807", Some(i64::MAX)),
        ("-9223372036.854775808", Some(i64::MIN)),
        ("9223372036.854775808", None),
        ("99999999999999999999999999999999999999999999", None),
        ("1e10", None),
        ("nan", None),
        ("inf", None),
        ("1,5", None),
        (".", None),
        ("-", None),
    ] {
        assert_eq!(parse_seconds(text), nanos, "{text}");
    }
}

/// Texts with all that a field must survive.
fn texts() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "\"", ";", "\r", "\n", "\r\n", " ", "1.5", "nan", "True", "é", "\u{feff}", "\0", "=a", "💶",
    ]);
    let hard = prop::collection::vec(pieces, 0..6).prop_map(|pieces| pieces.concat());
    prop_oneof![
        hard,
        any::<String>(),
        "-?[0-9]{1,4}(\\.[0-9]{1,3})?(e[0-9])?"
    ]
}

fn exchanges() -> impl Strategy<Value = Exchange> {
    let stamps = || option::of(0u64..1 << 53);
    let failures = option::of(option::of(texts()).prop_map(|detail| match detail {
        None => Failure::from(FailureKind::Timeout),
        Some(detail) => Failure::with_detail(FailureKind::Status(500), &detail),
    }));
    (stamps(), stamps(), option::of(any::<u16>()), failures).prop_map(
        |(started, stopped, status, failure)| Exchange {
            started: started.map(Stamp),
            stopped: stopped.map(Stamp),
            status,
            failure,
            ..Exchange::default()
        },
    )
}

fn numbers() -> impl Strategy<Value = Option<Figure>> {
    prop_oneof![
        any::<f64>().prop_map(Figure::from_f64),
        any::<i64>().prop_map(|number| Some(number.into())),
        any::<u64>().prop_map(|number| Some(number.into())),
        Just(None),
    ]
}

fn figures() -> impl Strategy<Value = ServerFigures> {
    let texts = || option::of(texts().prop_map(String::into_boxed_str));
    let numbers = (numbers(), numbers(), numbers());
    (
        numbers,
        (texts(), texts(), texts()),
        option::of(any::<bool>()),
    )
        .prop_map(
            |(
                (cpu_usage, elapsed_seconds, memory_usage),
                (error_msg, started, stopped),
                result,
            )| {
                ServerFigures {
                    cpu_usage,
                    elapsed_seconds,
                    error_msg,
                    memory_usage,
                    result,
                    started_time: started,
                    stopped_time: stopped,
                    cpu_seconds: None,
                }
            },
        )
}

fn rows() -> impl Strategy<Value = Row> {
    let reports = (figures(), option::of(figures())).prop_map(|(main, rest)| ServerReport {
        main,
        rest,
        odd: None,
    });
    (any::<u64>(), exchanges(), exchanges(), option::of(reports)).prop_map(
        |(concurrent_requests, home, buy, report)| Row {
            concurrent_requests,
            home,
            buy,
            report,
            ..Row::default()
        },
    )
}

/// What a report says of an exchange.
fn told(exchange: &Exchange, clock: &Clock) -> ParsedExchange {
    let time = |stamp: Option<Stamp>| {
        let mut out = String::new();
        if let Some(stamp) = stamp {
            WallClockFormat::utc().push(clock.unix_nanos(stamp), &mut out);
        }
        out.into_boxed_str()
    };
    ParsedExchange {
        elapsed_nanos: exchange.elapsed(),
        error_msg: (exchange.failure.as_ref())
            .map(|failure| cleaned(&failure.to_string()).into())
            .unwrap_or_default(),
        status: exchange.status,
        result: Some(exchange.satisfied()),
        started_time: time(exchange.started),
        stopped_time: time(exchange.stopped),
    }
}

/// What a report says of a server: its texts without control characters, an empty one is none.
fn told_of_server(figures: Option<&ServerFigures>) -> ServerFigures {
    let mut figures = figures.cloned().unwrap_or_default();
    for text in [
        &mut figures.error_msg,
        &mut figures.started_time,
        &mut figures.stopped_time,
    ] {
        *text = text
            .take()
            .filter(|text| !text.is_empty())
            .map(|text| cleaned(&text).into());
    }
    figures
}

proptest! {
    #[test]
    fn what_is_written_is_read_back(
        rows in prop::collection::vec(rows(), 0..4),
        title in texts(),
    ) {
        let clock = Clock::start();
        let mut encoder = Encoder::new(title.clone(), true);
        let mut written = Vec::new();
        encoder.header(&mut written);
        for row in &rows {
            encoder.row(row, &clock, &mut written);
        }
        let read: Result<Vec<ParsedRow>, ReadError> =
            read_rows(&written[..]).expect("a header").collect();
        let read = read.expect("rows");
        prop_assert_eq!(read.len(), rows.len());
        for (read, row) in read.into_iter().zip(&rows) {
            let report = row.report.as_ref();
            let told = ParsedRow {
                line: read.line,
                concurrent_requests: Some(row.concurrent_requests),
                benchmark_title: cleaned(&title).into(),
                home: told(&row.home, &clock),
                buy: told(&row.buy, &clock),
                server: told_of_server(report.map(|report| &report.main)),
                rest: told_of_server(report.and_then(|report| report.rest.as_ref())),
            };
            prop_assert_eq!(read, told);
        }
    }

    #[test]
    fn garbage_never_panics_and_ends(garbage in prop::collection::vec(any::<u8>(), 0..400)) {
        let _ = read_rows(&garbage[..]).map(Iterator::count);
        let behind_header = [oldest().as_bytes(), &garbage].concat();
        let rows = read_rows(&behind_header[..]).expect("a header");
        prop_assert!(rows.count() <= garbage.len());
    }
}
