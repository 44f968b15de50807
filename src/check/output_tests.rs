//! Tests of output.

use super::*;
use crate::cli::run::parse;
use pico_args::Arguments;
use serde_json::{Value, json};

fn written(form: Form, checks: &[Check]) -> (String, bool) {
    let words = ["-t", "http://h:8000/sub", "-d", "rdbms"];
    let args = Arguments::from_vec(words.iter().map(Into::into).collect());
    let settings = parse(args, None).expect("settings");
    let mut out = Vec::new();
    let mut report = Report::new(&mut out, form);
    for check in checks {
        report.add(check.clone()).expect("a Vec takes all");
    }
    report.finish(&settings.shop).expect("a Vec takes all");
    let failed = report.failed();
    let text = String::from_utf8(out).expect("UTF-8");
    (anstream::adapter::strip_str(&text).to_string(), failed)
}

fn checks() -> [Check; 4] {
    [
        Check::ok("resolve", "1.2.3.4"),
        Check::warn("csrf", "a \x1b[31mtoken", "give --csrf"),
        Check::fail("home", "HTTP 404\r\nX: y\u{202e}", "check \u{9b}it"),
        Check::skip("report", "only with --buy"),
    ]
}

#[test]
fn one_line_each_without_terminal_control_characters() {
    let (text, failed) = written(Form::Lines, &checks());
    assert!(failed);
    assert_eq!(
        text.lines().collect::<Vec<_>>(),
        [
            "ok   resolve: 1.2.3.4",
            "warn csrf: a \\u{1b}[31mtoken: give --csrf",
            "fail home: HTTP 404\\r\\nX: y\\u{202e}: check \\u{9b}it",
            "skip report: only with --buy",
        ]
    );
    let (text, _) = written(Form::Troubles, &checks());
    let names: Vec<&str> = text.lines().filter_map(|line| line.get(..9)).collect();
    assert_eq!(names, ["warn csrf", "fail home"]);
}

#[test]
fn each_status_has_a_colour_and_its_word() {
    let mut out = Vec::new();
    let mut report = Report::new(&mut out, Form::Lines);
    for check in checks() {
        report.add(check).expect("a Vec takes all");
    }
    let text = String::from_utf8(out).expect("UTF-8");
    for (colour, word) in [("32m", "ok"), ("33m", "warn"), ("31m", "fail")] {
        let line = text
            .lines()
            .find(|line| line.contains(&format!("m{word}\x1b[0m")));
        assert!(
            line.is_some_and(|line| line.contains(colour)),
            "{word} in {text:?}"
        );
    }
}

#[test]
fn one_object() {
    let (text, _) = written(Form::Json, &checks());
    assert_eq!(text.lines().count(), 1);
    assert!(
        !text.trim_end().contains(crate::text::is_unprintable),
        "{text:?}"
    );
    let value: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(value["schema_version"], 2);
    assert_eq!(value["target"], "http://h:8000/sub");
    assert_eq!(
        (&value["app"], &value["ok"]),
        (&json!("rdbms"), &json!(false))
    );
    let check = json!({"name": "resolve", "status": "ok", "finding": "1.2.3.4", "hint": null});
    assert_eq!(value["checks"][0], check);
    assert_eq!(value["checks"][1]["finding"], "a \x1b[31mtoken");
    let (_, failed) = written(Form::Json, &checks()[..2]);
    assert!(!failed, "warnings are no failure");
}
