use super::*;
use crate::page::visits::{served, visit_of};
use crate::page::{Collector, Fineness, PartKnown, RunPage};
use crate::plan::Kind;
use crate::row::Row;
use crate::row::failure::{Failure, FailureKind};
use crate::rows::load::Load;
use crate::summary::sweeps::{level, sweep};
use crate::summary::{Figures, PartFacts, ReasonGiven, RunFacts, Summary, Verdict, Whole};
use crate::time::clock::Clock;

const HOSTILE: &str =
    "\u{202e}\u{1b}[31m</title><script>alert(1)</script><img src=x onerror=\"alert('2')\">&amp;";

/// The run of some rows, without lines beside them.
fn run_of(rows: &[Row], title: &str) -> RunPage {
    let (mut collector, mut figures) = (Collector::default(), Figures::default());
    for row in rows {
        collector.add(row, Some(row.concurrent_requests), 0);
        figures.add(row, &Clock::of_unix_time());
    }
    let mut whole = Whole::default();
    let facts = PartFacts {
        level: Some(10),
        round: 1,
        wall_nanos: 1_000_000_000,
        span_nanos: 1_000_000_000,
        ..PartFacts::default()
    };
    whole.add(&facts, &figures);
    let run = RunFacts {
        title: title.to_owned(),
        note: title.to_owned(),
        load: Load {
            kind: Kind::Closed,
            levels: vec![10],
            rounds: 1,
            ..Load::default()
        },
        rows_written: rows.len() as u64,
        started_time: "2015-01-03T00:00:00.000000".to_owned(),
        ..RunFacts::default()
    };
    let summary = Summary::of(run, whole, &[]);
    RunPage::of(summary, collector, &[PartKnown::default()], Fineness::of(1))
}

fn page_of(runs: Vec<RunPage>) -> String {
    let page = Page {
        sources: vec!["report.csv".to_owned()],
        version: "0.1.0".to_owned(),
        warnings: Vec::new(),
        runs,
    };
    let mut out = Vec::new();
    write(&page, &mut out).expect("written");
    String::from_utf8(out).expect("UTF-8")
}

fn bought(at: u64, buy: u64) -> Row {
    served(visit_of(at, 10, buy), at + 11, at + 11 + buy / 2)
}

/// What holds of every page, whatever is on it.
fn check(page: &str) {
    assert!(
        page.starts_with("<!DOCTYPE html><html lang=\"en\">"),
        "{}",
        &page[..80]
    );
    assert!(page.contains("http-equiv=\"Content-Security-Policy\" content=\"default-src 'none';"));
    // Nothing that the policy forbids, nothing from elsewhere.
    for forbidden in [
        " style=",
        " onclick=",
        " onload=",
        " src=",
        "=\"http",
        "=\"//",
        "@import",
        "url(",
        "javascript:",
    ] {
        let found = page
            .find(forbidden)
            .map(|at| &page[at..page.len().min(at + 80)]);
        assert_eq!(found, None, "{forbidden}");
    }
    for part in ["NaN", "inf ", "infinity"] {
        assert!(!page.contains(part), "{part}");
    }
    let headings: Vec<u32> = (page.split("<h").skip(1))
        .filter_map(|of| of.chars().next()?.to_digit(10))
        .collect();
    for two in headings.windows(2) {
        assert!(two[1] <= two[0] + 1, "a level is passed over: {headings:?}");
    }
    let charts: Vec<&str> = page.split("<svg ").skip(1).collect();
    for chart in &charts {
        let chart = chart.split("</svg>").next().expect("a chart");
        assert!(
            chart.contains("role=\"img\" aria-label=\""),
            "{}",
            &chart[..80.min(chart.len())]
        );
        assert!(
            chart.contains("><title>"),
            "{}",
            &chart[..80.min(chart.len())]
        );
    }
    assert_balanced(page);
}

/// Every element that is not void is closed, in order.
fn assert_balanced(page: &str) {
    const VOID: [&str; 4] = ["meta", "link", "br", "!DOCTYPE"];
    let mut open: Vec<&str> = Vec::new();
    let mut rest = page;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        let end = rest.find('>').expect("the end of a tag");
        let name = rest[..end].split([' ', '/']).find(|part| !part.is_empty());
        let name = name.expect("a name");
        if rest.starts_with('/') {
            assert_eq!(open.pop(), Some(name));
        } else if !VOID.contains(&name) {
            open.push(name);
            // Style and script have signs of their own.
            if ["style", "script"].contains(&name) {
                let close = format!("</{name}>");
                let at = rest.find(&close).expect("its end");
                rest = &rest[at..];
            }
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn a_page_has_its_charts_and_its_figures() {
    let rows: Vec<Row> = (0..500).map(|at| bought(at * 2, 20 + at % 30)).collect();
    let page = page_of(vec![run_of(&rows, "a title")]);
    check(&page);
    for part in [
        "<title>a title</title>",
        "500 of 500 purchases, 0 failed",
        "Latency of home pages over time",
        "Latency of purchases over time",
        "Percentiles of purchases",
        "Where the customer",
        "queueing and network",
        "CPU usage of the servers",
        "29.3",
        "Figures of this chart",
    ] {
        assert!(page.contains(part), "{part}");
    }
    assert!(
        page.matches("<svg ").count() >= 10,
        "{}",
        page.matches("<svg ").count()
    );
}

#[test]
fn the_figures_are_those_of_the_summary() {
    let rows: Vec<Row> = (0..200).map(|at| bought(at, 100 + at)).collect();
    let run = run_of(&rows, "");
    let buy = run.summary.buy_elapsed_seconds.expect("purchases");
    let page = page_of(vec![run]);
    for nanos in [buy.p50, buy.p90, buy.p99, Some(buy.max), Some(buy.mean)] {
        let text = format!("{:.3}", nanos.expect("a figure") as f64 / 1e6);
        assert!(page.contains(&format!("<td>{text}</td>")), "{text}");
    }
}

#[test]
fn foreign_text_is_escaped_everywhere() {
    let mut rows: Vec<Row> = (0..10).map(|at| bought(at, 30)).collect();
    let mut failed = visit_of(5, 10, 30);
    failed.buy.failure = Some(Failure::with_detail(FailureKind::Other, HOSTILE));
    rows.push(failed);
    let mut refused = bought(6, 30);
    let main = &mut refused.report.as_mut().expect("a report").main;
    (main.result, main.error_msg) = (Some(false), Some(HOSTILE.into()));
    rows.push(refused);
    let mut run = run_of(&rows, HOSTILE);
    run.summary.app = Some(HOSTILE.to_owned());
    run.summary.target = Some("javascript:alert(1)".to_owned());
    let page = Page {
        sources: vec![HOSTILE.to_owned()],
        version: HOSTILE.to_owned(),
        warnings: vec![HOSTILE.to_owned()],
        runs: vec![run.clone(), run],
    };
    let mut out = Vec::new();
    write(&page, &mut out).expect("written");
    let page = String::from_utf8(out).expect("UTF-8");
    assert!(!page.contains("<script>alert") && !page.contains("<img"));
    assert_eq!(page.matches("<script>").count(), 1);
    assert!(page.contains("&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;"));
    assert!(page.contains("\\u{202e}\\u{1b}[31m"), "no escapes");
    let is_control = |c: char| crate::text::is_unprintable(c) && c != '\n';
    let found = page.chars().position(is_control);
    assert_eq!(
        found,
        None,
        "{:?}",
        found.map(|at| page.chars().skip(at - 20).take(40).collect::<String>())
    );
    assert_balanced(&page);
}

#[test]
fn small_and_failed_runs_have_a_page() {
    let rows: Vec<Row> = (0..3).map(|at| bought(at, 30)).collect();
    for number in [1, 3] {
        let page = page_of(vec![run_of(&rows[..number], "")]);
        check(&page);
        assert!(
            page.contains(&format!("{number} of {number} purchases")),
            "{number}"
        );
        assert!(page.matches("<svg ").count() >= 5, "{number}");
    }
    let mut failed = rows;
    for row in &mut failed {
        row.report = None;
        for exchange in [&mut row.home, &mut row.buy] {
            exchange.status = None;
            exchange.failure = Some(Failure::from(FailureKind::ConnectionRefused));
        }
    }
    let page = page_of(vec![run_of(&failed, "")]);
    check(&page);
    assert!(page.contains("NOTHING SUCCEEDED"));
    let mut never_began = Row::default();
    never_began.home.failure = Some(Failure::from(FailureKind::NoDescriptors));
    let page = page_of(vec![run_of(&[never_began], "")]);
    check(&page);
    assert!(page.contains("No row has an instant"));
    let page = page_of(Vec::new());
    check(&page);
    assert!(page.contains("nothing to show"));
}

/// The titles of the charts with a mark, and of those without.
fn marked(page: &str) -> [Vec<String>; 2] {
    let mut found = [Vec::new(), Vec::new()];
    for figure in page.split("<figure").skip(1) {
        let title = ["<h3>", "<h4>"]
            .iter()
            .find_map(|tag| figure.split_once(tag));
        let (_, title) = title.expect("a title");
        let title = title.split("</").next().expect("its end").to_owned();
        found[usize::from(!figure.contains("NOT TRUSTED"))].push(title);
    }
    found
}

#[test]
fn a_run_that_is_not_trusted_is_marked_on_every_chart_that_it_spoils() {
    let rows: Vec<Row> = (0..200).map(|at| bought(at, 30)).collect();
    let reason = ReasonGiven {
        reason: "send delay 3 ms".to_owned(),
        hint: "fewer virtual users".to_owned(),
        ..ReasonGiven::default()
    };
    let mut run = run_of(&rows, "");
    run.summary.verdict = Verdict::of_all(false, std::slice::from_ref(&reason));
    let page = page_of(vec![run.clone()]);
    check(&page);
    let [spoiled, others] = marked(&page);
    assert!(spoiled.len() >= 7, "{spoiled:?}");
    // What servers report about themselves does not depend on this client.
    let of_server = ["CPU usage", "Memory", "Service time", "Offset"];
    let is_of_server = |title: &String| of_server.iter().any(|of| title.starts_with(of));
    assert!(others.iter().all(is_of_server), "{others:?}");
    for part in ["send delay 3 ms", "Hint: fewer virtual users."] {
        assert!(page.contains(part), "{part}");
    }
    // Those of the home pages alone.
    let mut verdict = Verdict::of_all(true, &[]);
    verdict.home = Verdict::of_all(false, &[reason]).home;
    run.summary.verdict = verdict;
    let [spoiled, others] = marked(&page_of(vec![run]));
    assert!(
        spoiled.contains(&"Latency of home pages over time".to_owned()),
        "{spoiled:?}"
    );
    assert!(
        others.contains(&"Latency of purchases over time".to_owned()),
        "{others:?}"
    );
    assert!(
        others.iter().any(|title| title.starts_with("Throughput")),
        "{others:?}"
    );
}

#[test]
fn a_sweep_shows_its_rounds_and_no_knee_without_support() {
    let rows: Vec<Row> = (0..40).map(|at| bought(at, 30)).collect();
    let of = |rates: [f64; 4], rounds: usize| {
        let levels = [1, 10, 100, 1000].iter().zip(rates);
        let summary = sweep(
            levels
                .map(|(n, rate)| level(*n, &vec![rate; rounds]))
                .collect(),
        );
        let collected = run_of(&rows, "").summary;
        assert!(collected.levels.is_none());
        let mut collector = Collector::default();
        rows.iter().for_each(|row| collector.add(row, Some(10), 0));
        page_of(vec![RunPage::of(summary, collector, &[], Fineness::of(1))])
    };
    let page = of([10.0, 84.0, 252.0, 82.6], 2);
    check(&page);
    for part in [
        "Throughput over concurrency",
        "Throughput falls above about",
        "Residuals",
        "fitted law",
    ] {
        assert!(page.contains(part), "{part}");
    }
    assert_eq!(page.matches("class=\"dot knee\"").count(), 1);
    let page = of([10.0, 84.0, 252.0, 82.6], 1);
    check(&page);
    assert!(page.contains("not supported by these levels"));
    assert_eq!(page.matches("class=\"dot knee\"").count(), 0);
}

/// The most that can be on a page: as many runs as have charts, each with its time axis and its heatmaps full.
#[test]
fn the_fullest_page_is_below_a_megabyte() {
    let mut state = 1u64;
    let mut random = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        state >> 33
    };
    for runs in [1, 2, 6] {
        let pages: Vec<RunPage> = (0..runs)
            .map(|_| {
                let (mut collector, mut figures) = (Collector::default(), Figures::default());
                for at in 0..20_000 {
                    let span = 1 << (random() % 17);
                    let mut row = bought(at, span + random() % span.max(1));
                    (row.is_bare, row.due) = (false, row.home.started);
                    row.home.connected = row.home.started;
                    row.home.seen = row.home.stopped;
                    collector.add(&row, Some(random() % 8), 0);
                    figures.add(&row, &Clock::of_unix_time());
                }
                let summary = run_of(&[bought(1, 30)], "").summary;
                RunPage::of(summary, collector, &[], Fineness::of(runs))
            })
            .collect();
        let page = page_of(pages);
        check(&page);
        assert!(page.len() < 1_000_000, "{runs}: {}", page.len());
    }
}
