use super::*;
use crate::row::failure::FailureKind;
use crate::row::server_report::{ServerFigures, ServerReport};
use crate::row::{Exchange, Row};
use crate::summary::tests::{facts, sample};
use crate::text::is_unprintable;
use crate::time::clock::Drift;

fn written(summary: &Summary, facts: &RunFacts) -> String {
    let mut out = Vec::new();
    write(summary, facts, &mut out).expect("written");
    String::from_utf8(out).expect("text")
}

#[test]
fn the_whole_summary() {
    let (summary, facts) = sample();
    assert_eq!(
        written(&summary, &facts),
        "\
Report file             report.csv (100 rows added)
Target                  http://shop:8000/rdbms
Started                 2026-01-02T03:04:05.678901, seed 42
Concurrent              100
Purchases               96 of 100 in 2.000 s, 48.0 per second
Failed purchases        4
First to last start     3.250 ms
Largest client elapsed  home 1.500 ms, buy 2.000 s
Largest server          elapsed 0.500 ms, cpu 30 %, memory 3093 MB
Largest rest            elapsed 1.250 s
This client             cpu 0.012 s user, 0.034 s system, memory 7.5 MB

Elapsed, ms    n       min      mean     p50     p90       p99  p99.9       max
home         100     1.500     1.500   1.500   1.500     1.500      -     1.500
buy          100     1.000   106.610  49.000  89.000  2000.000      -  2000.000
  buy ok      97     1.000    48.052  48.000  87.000         -      -    96.000
server        96     0.500     0.500   0.500   0.500         -      -     0.500
rest           1  1250.000  1250.000       -       -         -      -  1250.000

Where the time went, ms     p50       p99   share
home connect              0.150     0.150  10.0 %  ###
home send                 0.000     0.000   0.0 %
home wait                 1.350     1.350  90.0 %  ###########################
home receive              0.000     0.000   0.0 %
buy connect               4.900   200.000  10.0 %  ###
buy send                  0.000     0.000   0.0 %
buy wait                 44.100  1800.000  90.0 %  ###########################
buy receive               0.000     0.000   0.0 %

Response codes, home    200 × 100
Response codes, buy     200 × 97, 500 × 2, -100 (no response) × 1

Common error messages (5 in all, % of shoppers)
  2    2.0 %  buy: HTTP 500 Internal Server Error, e.g. ValueError at /rdbms/2/\\u{1b}[2J
              hint: the server's code failed: its log has the traceback
  1    1.0 %  buy: connection reset by the server
              hint: the server or its backlog gave up: look at its log, its workers, net.core.somaxconn
  1    1.0 %  server: sold\\u{9b} out
  1    1.0 %  rest: refused without an error message

This client's own, ms    p50    p99    max
launch lag             0.001  0.001  0.001
seen late              0.010  0.010  0.010
Its loop                busy 2 % of 2.000 s, longest turn 0.250 ms
Descriptors, ports      108 of 1024, 200 of 28232
Arrivals                kernel stamps for 197 of 199 responses, this process's clock for 2
Verdict                 trusted
"
    );
}

#[test]
fn what_is_absent_is_not_mentioned() {
    let facts = RunFacts {
        rows_written: 0,
        starts_spread_nanos: None,
        wall_nanos: 0,
        report_file: "-".to_owned(),
        ..facts()
    };
    let text = written(&Summary::default(), &facts);
    assert!(text.starts_with("Report file             standard output (0 rows added)\n"));
    for absent in [
        "rest",
        "Largest",
        "Elapsed",
        "Response",
        "Common",
        "per second",
        "start ",
        "inf",
        "NaN",
        "Interrupted",
        "wall clock",
        "keep-alive",
    ] {
        assert!(!text.contains(absent), "{absent} in {text}");
    }
}

#[test]
fn interruption_drift_and_ways_are_told() {
    let facts = RunFacts {
        interrupted: Some("SIGINT".to_owned()),
        drift: Drift { nanos: -2_500_000 },
        keep_alive: true,
        preconnect: true,
        ..facts()
    };
    let text = written(&Summary::default(), &facts);
    assert!(
        text.contains("\nInterrupted             by SIGINT: not all shoppers"),
        "{text}"
    );
    assert!(text.contains("seed 42, preconnect, keep-alive\n"), "{text}");
    assert!(text.contains("The wall clock moved by -2.500 ms"), "{text}");
}

/// Rows with many kinds of everything, from a server that wants to be seen.
fn hostile() -> Summary {
    let mut summary = Summary::default();
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
        summary.add(&Row {
            home: failed(500 + n % 5),
            buy: failed(600 + n),
            report: Some(ServerReport {
                main: figures.clone(),
                rest: Some(figures),
                odd: None,
            }),
            ..Row::default()
        });
    }
    summary
}

#[test]
fn a_hostile_server_can_neither_flood_nor_command_the_terminal() {
    let text = written(&hostile(), &facts());
    assert!(
        !text.chars().any(|c| c != '\n' && is_unprintable(c)),
        "{text}"
    );
    assert!(text.lines().count() <= 40, "{text}");
    let widest = text.lines().map(|line| line.chars().count()).max();
    assert!(widest.is_some_and(|width| width < 700), "{widest:?} {text}");
    assert!(text.contains("others × 52\n"), "{text}");
}

#[test]
fn a_hint_is_given_once_for_a_cause() {
    let mut summary = Summary::default();
    let refused = Exchange {
        failure: Some(FailureKind::ConnectionRefused.into()),
        ..Exchange::default()
    };
    summary.add(&Row {
        home: refused.clone(),
        buy: refused,
        ..Row::default()
    });
    let text = written(&summary, &facts());
    assert_eq!(text.matches("connection refused").count(), 2);
    assert_eq!(text.matches("hint: nothing listens there").count(), 1);
}

#[test]
fn figures_keep_their_digits_within_reason() {
    assert_eq!(plain(29.3), "29.3");
    assert_eq!(plain(3093.0), "3093");
    assert_eq!(plain(1e300), "1e300");
    assert_eq!(plain(1e-300).chars().count(), 21);
}

#[test]
fn spans_have_the_unit_that_suits_them() {
    assert_eq!(span(999_999_000), "999.999 ms");
    assert_eq!(span(1_500_000_000), "1.500 s");
    assert_eq!(span(-250_000), "-0.250 ms");
}

#[test]
fn a_run_that_deserves_no_trust_says_so_first() {
    let (summary, mut facts) = sample();
    facts.instrument.cpu = facts.instrument.wall;
    let text = written(&summary, &facts);
    assert!(
        text.starts_with("NOT TRUSTED: client-limited: it used 100 % of its core"),
        "{text}"
    );
    assert!(!text.contains("Verdict"), "{text}");
}

#[test]
fn whose_clock_the_figures_have_is_told_where_it_is_not_the_kernels() {
    let (mut summary, facts) = sample();
    summary.instrument.kernel_stamped = 0;
    let text = written(&summary, &facts);
    assert!(
        text.contains("\nArrivals                by this process's clock\n"),
        "{text}"
    );
    summary.instrument.kernel_stamped = summary.instrument.responses;
    assert!(!written(&summary, &facts).contains("Arrivals"));
}
