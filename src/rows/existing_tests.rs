//! Tests of existing.

use super::*;

fn header() -> String {
    COLUMNS.map(|name| format!("\"{name}\"")).join(";")
}

fn row(last: &str) -> String {
    format!("{}{last}", "1;".repeat(27))
}

fn checked(text: &str) -> Result<Continuation, String> {
    check(text.as_bytes(), false)
}

#[test]
fn phases_and_no_phases_do_not_mix() {
    let with_phases = columns(true).collect::<Vec<_>>().join(";") + "\n";
    let plain = header() + "\n";
    let continued = Ok(Continuation::LineBreak(""));
    assert_eq!(check(with_phases.as_bytes(), true), continued);
    assert_eq!(check(plain.as_bytes(), false), continued);
    for (text, phases, expected) in [
        (&with_phases, false, "it has the phases' columns"),
        (&plain, true, "it has no columns for the phases"),
    ] {
        let error = check(text.as_bytes(), phases).expect_err("refused");
        assert!(error.contains(expected), "{error}");
        assert!(error.contains("--phases it can be continued"), "{error}");
    }
    let damaged = with_phases.replace("buy_in_server", "buy_out_server");
    let error = check(damaged.as_bytes(), true).expect_err("refused");
    assert!(error.contains("its column 46 is"), "{error}");
    let torn = format!("{with_phases}{}", "1;".repeat(27));
    let error = check(torn.as_bytes(), true).expect_err("refused");
    assert!(error.contains("after 28 of 47 fields"), "{error}");
}

#[test]
fn what_is_empty_wants_a_header() {
    assert_eq!(checked(""), Ok(Continuation::Header));
    assert_eq!(checked(BOM), Ok(Continuation::Header));
}

#[test]
fn a_report_is_continued_whatever_wrote_it() {
    let crlf = format!("{}\r\n{}\r\n", header(), row("\"a\""));
    for text in [
        crlf.clone(),
        format!("{BOM}{crlf}"),
        crlf.replace("\r\n", "\n"),
        format!("{}\r\n", header()),
        format!("{}\n", COLUMNS.join(";")),
        format!("{BOM}{}\n", COLUMNS.join(";")),
        format!("{}\n{}\n", header(), row("\"a\n\"\"b\"\"\"")),
    ] {
        assert_eq!(checked(&text), Ok(Continuation::LineBreak("")), "{text:?}");
    }
}

#[test]
fn a_whole_last_row_gets_the_line_break_it_lacks() {
    for (end, expected) in [("\"a\"", "\r\n"), ("\"a\"\r", "\n"), ("1\r", "\n")] {
        let text = format!("{}\n{}", header(), row(end));
        assert_eq!(
            checked(&text),
            Ok(Continuation::LineBreak(expected)),
            "{end:?}"
        );
    }
    let bare = COLUMNS.join(";");
    for text in [header(), bare, format!("{BOM}{}", header())] {
        assert_eq!(checked(&text), Ok(Continuation::LineBreak("\r\n")));
    }
}

#[test]
fn a_last_row_that_may_be_cut_is_refused() {
    for end in ["", "1"] {
        let text = format!("{}\n{}", header(), row(end));
        let error = checked(&text).expect_err("nobody can tell");
        assert!(
            error.contains("the last line (2) has no line break"),
            "{error}"
        );
    }
}

#[test]
fn a_torn_last_row_is_refused_by_its_line() {
    let torn = format!("{}\n{}\n1;2", header(), row("1"));
    assert_eq!(
        checked(&torn),
        Err("the last line (3) breaks off after 2 of 28 fields".to_owned())
    );
    for end in ["\"", "\"a", "\"a\"\"", "\"a\r\n"] {
        let torn = format!("{}\n{}\n{}", header(), row("1"), row(end));
        assert_eq!(
            checked(&torn),
            Err("the last record (line 3) breaks off within quotes".to_owned()),
            "{end:?}"
        );
    }
}

#[test]
fn other_files_are_refused_by_what_they_are() {
    let old = |skipped: usize| {
        let names: Vec<&str> = COLUMNS
            .into_iter()
            .filter(|name| !name.starts_with("server_rest"))
            .skip(skipped)
            .collect();
        names.join(";") + "\n"
    };
    let swapped = header().replace("cpu_usage\";\"server_buy_e", "e\";\"server_buy_cpu_usage");
    for (text, expected) in [
        (old(0), "it is an old report of 21 columns, today's have 28"),
        (old(2), "it is an old report of 19 columns, today's have 28"),
        (
            "a;b;c\n".to_owned(),
            "its first line has 3 columns, a report's header has 28",
        ),
        (
            "#!/bin/sh\n".to_owned(),
            "its first line is no report's header: \"#!/bin/sh\"",
        ),
        ("\n\n".to_owned(), "it has only blank lines, no header"),
        (
            header().replace(';', ",") + "\r\n",
            "its first line is no report's header: \"concurrent_requests,\\\"benchmark_title",
        ),
        (
            swapped,
            "its column 9 is \"server_buy_e\", not \"server_buy_cpu_usage\"",
        ),
    ] {
        let error = checked(&text).expect_err("no report of 28 columns");
        assert!(error.contains(expected), "{error}");
    }
}
