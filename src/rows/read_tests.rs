use std::io;

use proptest::option;
use proptest::prelude::*;

use super::*;
use crate::row::failure::{Failure, FailureKind};
use crate::row::figure::Figure;
use crate::row::server_report::{ServerFigures, ServerReport, TimeText};
use crate::row::{Exchange, Row};
use crate::rows::encode::Encoder;
use crate::text::cleaned;
use crate::time::clock::{Clock, Stamp};

fn all(text: &str) -> Vec<Result<ReadRow, ReadError>> {
    read_rows(text.as_bytes()).expect("a header").collect()
}

fn one(text: &str) -> ReadRow {
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
    \"\";\"\";\"\";\"no JSON\";\"\";\"\";\"\";0.5;\"no; \"\"JSON\"\"\";-100;False;\"2020-01-01T02:11:26.1\";\"2020-01-01T02:11:26.6\"\n";

/// A local time of the old reports, nanoseconds since the Unix epoch.
fn local(text: &str) -> u64 {
    let mut clock = ReportClock::new(local_zone());
    clock.read(text).expect("a time").unix_nanos as u64
}

#[test]
fn reports_of_19_columns() {
    let read = one(&format!("{}{OLD_ROW}", oldest()));
    assert_eq!(
        (read.line, read.concurrent_requests, &*read.title),
        (2, None, "")
    );
    let row = read.row;
    assert!(row.is_bare && row.bought());
    assert_eq!(row.home.elapsed(), Some(28_000_000));
    assert_eq!(
        row.home.started,
        Some(Stamp::at(local("2020-01-01T02:11:26.030936")))
    );
    assert_eq!((row.home.status, row.home.satisfied()), (Some(200), true));
    let report = row.report.expect("a report");
    assert_eq!(report.main.cpu_usage, Figure::from_f64(10.0));
    assert_eq!(report.main.memory_usage, Some(Figure::from(3382u64)));
    assert_eq!(report.main.elapsed_seconds, Figure::from_f64(0.151));
    assert_eq!(report.main.result, Some(true));
    assert_eq!(report.rest, None);
    assert_eq!(row.buy.elapsed(), Some(1_020_000_000));
    assert_eq!(
        row.buy.stopped,
        Some(Stamp::at(
            local("2020-01-01T02:11:26.058894") + 1_020_000_000
        ))
    );
}

#[test]
fn reports_of_21_columns_with_failures() {
    let rows = all(&format!(
        "{OLD}1000;\"x\";{OLD_ROW}1000;\"x\";{OLD_FAILURE}"
    ));
    let read = rows[1].as_ref().expect("a row");
    assert_eq!(rows.len(), 2);
    assert_eq!((read.concurrent_requests, &*read.title), (Some(1000), "x"));
    let row = &read.row;
    assert_eq!((row.home.elapsed(), row.home.status), (None, None));
    let failure = row.home.failure.as_ref().expect("a failure");
    assert_eq!(failure.kind, FailureKind::Other);
    assert_eq!(failure.to_string(), "[Errno 110] Connection timed out");
    let report = row.report.as_ref().expect("what the server said");
    assert_eq!(report.main.error_msg.as_deref(), Some("no JSON"));
    assert_eq!(report.main.result, None);
    let failure = row.buy.failure.as_ref().expect("a failure");
    assert_eq!(failure.to_string(), "no; \"JSON\"");
    assert_eq!(row.buy.elapsed(), Some(500_000_000));
}

#[test]
fn an_error_that_the_old_client_wrote_twice_counts_once() {
    let twice = OLD_FAILURE.replace("no; \"\"JSON\"\"", "no JSON");
    let read = one(&format!("{OLD}1000;\"x\";{twice}"));
    assert_eq!(read.row.report, None);
}

#[test]
fn order_does_not_matter_and_unknown_columns_are_ignored() {
    let moved = one(&format!("\"new\";{}7;{OLD_ROW}", oldest()));
    let expected = one(&format!("{}{OLD_ROW}", oldest()));
    assert_eq!(moved.row, expected.row);
}

#[test]
fn tables_edited_elsewhere() {
    let text = format!("{BOM}{OLD}1000.0;2;{OLD_ROW}")
        .replace(";200;True", ";200.0;TRUE")
        .replace("0.028", "2.8E-2")
        .replace('\n', "\r\n");
    let row = one(&text);
    assert_eq!(row.concurrent_requests, Some(1000));
    assert_eq!(row.row.home.elapsed(), Some(28_000_000));
    assert_eq!(
        (row.row.home.status, row.row.home.satisfied()),
        (Some(200), true)
    );
}

#[test]
fn a_byte_order_mark_is_found_for_every_segmentation() {
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
fn invalid_rows_are_reported_by_line_and_the_next_row_follows() {
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
fn what_is_not_a_report_is_refused() {
    for (text, expected) in [
        ("", "line 1: the report is empty"),
        (
            "a;b\n",
            "its header has no column client_home_elapsed_seconds",
        ),
        (
            &format!("\"new\";{OLD}").replace("new", "client_buy_result"),
            "lists client_buy_result twice",
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
fn lines_are_counted_for_every_line_ending() {
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
            started: started.map(Stamp::at),
            stopped: stopped.map(Stamp::at),
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
                    started_time: started.map(TimeText::from),
                    stopped_time: stopped.map(TimeText::from),
                    cpu_seconds: None,
                }
            },
        )
}

fn rows() -> impl Strategy<Value = Row> {
    let reports = (figures(), option::of(figures())).prop_map(|(main, rest)| ServerReport {
        main,
        rest: rest.map(Box::new),
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

/// An exchange as a report has it: its start to the microsecond, its length to the nanosecond.
fn told(exchange: &Exchange, clock: &Clock) -> Exchange {
    let cut = |stamp: Stamp| Stamp::at(clock.unix_nanos(stamp) as u64 / 1_000 * 1_000);
    let started = exchange.started.map(cut);
    let elapsed = exchange.elapsed();
    Exchange {
        started,
        stopped: match started.zip(elapsed) {
            Some((started, elapsed)) => {
                Some(Stamp::at(started.nanos().saturating_add_signed(elapsed)))
            }
            None => exchange.stopped.map(cut),
        },
        status: exchange.status,
        failure: match (exchange.satisfied(), &exchange.failure) {
            (true, _) => None,
            (false, Some(failure)) => Some(Failure::parse(&cleaned(&failure.to_string()))),
            (false, None) => Some(FailureKind::Other.into()),
        },
        ..Exchange::default()
    }
}

/// A server's figures as a report has them: texts without control characters, an empty one is absent.
fn told_of_server(figures: Option<&ServerFigures>) -> ServerFigures {
    let mut figures = figures.cloned().unwrap_or_default();
    let told = |text: &str| (!text.is_empty()).then(|| cleaned(text).into_owned());
    figures.error_msg = figures.error_msg.and_then(|of| Some(told(&of)?.into()));
    for time in [&mut figures.started_time, &mut figures.stopped_time] {
        let text = time.as_deref().and_then(told);
        *time = text.map(|text| TimeText::from(&*text));
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
        let read: Result<Vec<ReadRow>, ReadError> =
            read_rows(&written[..]).expect("a header").collect();
        let read = read.expect("rows");
        prop_assert_eq!(read.len(), rows.len());
        for (read, row) in read.into_iter().zip(&rows) {
            let report = row.report.as_ref();
            let buy = told(&row.buy, &clock);
            let mut main = told_of_server(report.map(|report| &report.main));
            if main.error_msg.as_deref() == buy.failure.as_ref().map(Failure::to_string).as_deref() {
                main.error_msg = None;
            }
            let rest = told_of_server(report.and_then(|report| report.rest.as_deref()));
            let rest = Some(rest).filter(|rest| *rest != ServerFigures::default());
            let is_there = main != ServerFigures::default() || rest.is_some() || buy.satisfied();
            let told = ReadRow {
                line: read.line,
                begin: read.begin,
                end: read.end,
                concurrent_requests: Some(row.concurrent_requests),
                title: cleaned(&title).into(),
                row: Row {
                    concurrent_requests: row.concurrent_requests,
                    home: told(&row.home, &clock),
                    buy,
                    report: is_there.then_some(ServerReport {
                        main,
                        rest: rest.map(Box::new),
                        odd: None,
                    }),
                    is_bare: true,
                    ..Row::default()
                },
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
