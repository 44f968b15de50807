//! Tests of the summary for people.

use super::*;
use crate::precise::{Measure, Precise};
use crate::row::failure::FailureKind;
use crate::row::server_report::{ServerFigures, ServerReport};
use crate::row::{Exchange, Row};
use crate::summary::samples::{facts, part, sample, summary, summary_of};
use crate::summary::{Figures, PartFacts, RunFacts};
use crate::text::is_unprintable;
use crate::time::clock::Clock;

fn written(summary: &Summary, detail: Detail) -> String {
    let mut out = Vec::new();
    write(summary, detail, &mut out).expect("written");
    anstream::adapter::strip_str(&String::from_utf8(out).expect("text")).to_string()
}

const BRIEF: &str = "\
96 of 100 purchases, 4 failed, 48.0/s in 2.000 s
burst of 100 at http://shop:8000/rdbms, seed 42, titled \"a title\"
Trusted: home and purchase latencies, pace

Latency, ms        p50    p90    p95      p99  p99.9      max     mean
home              1.50   1.50   1.50     1.50      -     1.50     1.50
purchase         49.00  89.00  94.00  2000.00      -  2000.00   106.61
  successful     48.00  87.00  92.00        -      -    96.00    48.05
  service time    0.50   0.50   0.50        -      -     0.50     0.50
  second server      -      -      -        -      -  1250.00  1250.00

Where time went   home: connect 10 %, wait 90 %
                  purchase: connect 10 %, service time 1 %, rest of the wait
                  89 %
                  known: service time (the server's) and wait (this client's);
                  not known: queueing, network and overhead within the rest,
                  which take the server's clock (a JSON report)
Status            home 200 x 100; purchase 200 x 97, 500 x 2, no response x 1
Errors            2 shoppers (2.0 %): buy: HTTP 500 Internal Server Error, e.g.
                  ValueError at /rdbms/2/\\u{1b}[2J
                  hint: the server's code failed: its log has the traceback
                  1 shopper (1.0 %): buy: connection reset by the server
                  hint: the server or its backlog is overloaded: look at its
                  log, its workers and its backlog (profilerclient check)
                  1 shopper (1.0 %): server: sold\\u{9b} out
                  1 shopper (1.0 %): rest: refused without an error message
Odd reports       1 report: error_msg: control characters
Figures           latencies trusted (kernel timestamps for 197 of 199 responses,
                  this process's clock for the others, event loop 2 % busy)
Client            CPU 0.046 s, 7.5 MB, launch spread 3.250 ms
Server            CPU 30 %, 3093 MB
";

const REST: &str = "
Where time went, ms     p50       p99   share
home connect          0.150     0.150  10.0 %  ###
home send             0.000     0.000   0.0 %
home wait             1.350     1.350  90.0 %  ###########################
home receive          0.000     0.000   0.0 %
purchase connect      4.900   200.000  10.0 %  ###
purchase send         0.000     0.000   0.0 %
purchase wait        44.100  1800.000  90.0 %  ###########################
purchase receive      0.000     0.000   0.0 %

Client, ms      p50    p99    max
launch delay  0.001  0.001  0.001
read delay    0.010  0.010  0.010
send delay    0.000  0.000  0.000
Event loop        2 % busy, longest iteration 0.250 ms
Client's share    0 % of home p50, 0 % of home p99, 0 % of purchase p50
Contention        waited 0.4 ms for a CPU, 5 involuntary context switches, steal
                  0.0 ms
Used              descriptors 108 of 1024, source ports 200 of 28232
";

const ROWS: &str = "Rows              report.csv (+100)\n";

#[test]
fn the_whole_summary() {
    assert_eq!(written(&summary(), Detail::Brief), format!("{BRIEF}{ROWS}"));
}

#[test]
fn the_verbose_summary() {
    let expected = format!("{BRIEF}{REST}{ROWS}");
    assert_eq!(written(&summary(), Detail::Full), expected);
}

#[test]
fn what_is_absent_is_not_mentioned() {
    let facts = RunFacts {
        rows_written: 0,
        report_file: "-".to_owned(),
        ..facts()
    };
    let nothing = summary_of(facts, &PartFacts::default(), &Figures::default());
    for detail in [Detail::Brief, Detail::Full] {
        let text = written(&nothing, detail);
        assert!(
            text.ends_with("Rows              standard output (+0)\n"),
            "{text}"
        );
        for absent in [
            "Second",
            "Latency",
            "Status",
            "Errors",
            "/s in",
            "inf",
            "NaN",
            "INTERRUPTED",
            "WARNING",
        ] {
            assert!(!text.contains(absent), "{absent} in {text}");
        }
    }
}

#[test]
fn the_verbose_summary_names_what_precise_got_and_what_was_left_out() {
    let facts = RunFacts {
        precise: Some(Precise {
            cpus_allowed: Some("1".to_owned()),
            measures: vec![
                Measure {
                    name: "cpu".to_owned(),
                    asked: "CPU 1".to_owned(),
                    got: Some("1 of 0-1".to_owned()),
                    why_not: None,
                },
                Measure {
                    name: "timer_slack".to_owned(),
                    asked: "1 ns".to_owned(),
                    got: None,
                    why_not: Some("not permitted".to_owned()),
                },
            ],
        }),
        ..facts()
    };
    let mut part = part();
    part.usage.as_mut().expect("usage").spun = std::time::Duration::from_millis(15);
    let summary = summary_of(facts, &part, &sample());
    let text = written(&summary, Detail::Full);
    for lines in [
        "Event loop        2 % busy (50 % of that waiting awake), longest iteration\n",
        "Precise           cpu 1 of 0-1\n",
        "Left out          timer slack (1 ns): not permitted\n",
    ] {
        assert!(text.contains(lines), "{lines:?} is not in {text}");
    }
    assert!(!written(&summary, Detail::Brief).contains("Left out"));
}

#[test]
fn no_line_is_wider_than_eighty_columns() {
    for detail in [Detail::Brief, Detail::Full] {
        for line in written(&summary(), detail).lines() {
            assert!(line.chars().count() <= 80, "{line}");
        }
    }
}

/// Rows with many kinds of everything, from a server that wants to be seen.
fn hostile() -> Figures {
    let mut all = Figures::default();
    for n in 0..60u16 {
        let failed = |status| Exchange {
            status: Some(status),
            failure: Some(FailureKind::Status(status).into()),
            ..Exchange::default()
        };
        let figures = ServerFigures {
            cpu_usage: crate::row::figure::Figure::from_f64(f64::MAX),
            memory_usage: crate::row::figure::Figure::from_f64(5e-324),
            elapsed_seconds: crate::row::figure::Figure::from_f64(f64::MAX),
            error_msg: Some(format!("{n}\x1b]0;\u{202e}\r\n{}", "\u{7}".repeat(500)).into()),
            ..ServerFigures::default()
        };
        let row = Row {
            home: failed(500 + n % 5),
            buy: failed(600 + n),
            report: Some(ServerReport {
                main: figures.clone(),
                rest: Some(Box::new(figures)),
                odd: None,
            }),
            ..Row::default()
        };
        all.add(&row, &Clock::of_unix_time());
    }
    all
}

#[test]
fn text_of_a_hostile_server_is_shortened_and_escaped() {
    let text = written(&summary_of(facts(), &part(), &hostile()), Detail::Full);
    assert!(
        !text.chars().any(|c| c != '\n' && is_unprintable(c)),
        "{text}"
    );
    assert!(text.lines().count() <= 60, "{text}");
    let widest = text.lines().map(|line| line.chars().count()).max();
    assert!(widest.is_some_and(|width| width < 700), "{widest:?} {text}");
    assert!(text.contains("others x 52"), "{text}");
}

#[test]
fn a_hint_is_given_once_for_a_cause() {
    let mut figures = Figures::default();
    let refused = Exchange {
        failure: Some(FailureKind::ConnectionRefused.into()),
        ..Exchange::default()
    };
    let row = Row {
        home: refused.clone(),
        buy: refused,
        ..Row::default()
    };
    figures.add(&row, &Clock::of_unix_time());
    let text = written(&summary_of(facts(), &part(), &figures), Detail::Brief);
    for absent in [
        "Latency",
        "Where time went",
        "Figures           latencies trusted",
    ] {
        assert!(!text.contains(absent), "{absent} in {text}");
    }
    assert!(
        text.contains("\nFigures           not judged: nothing succeeded"),
        "{text}"
    );
    assert_eq!(
        text.matches("connection refused").count(),
        3,
        "result, home, purchase"
    );
    assert_eq!(text.matches("hint: nothing listens there").count(), 1);
}
