//! Tests of what a site is found to be.

use pico_args::Arguments;

use super::super::Status;
use super::*;

fn shop(words: &[&str]) -> ShopSettings {
    let target = [
        "-t",
        "http://h:8000",
        "-d",
        "plain",
        "-p",
        "/",
        "-b",
        "/buy/",
    ];
    let site = ["--report", "server-timing"];
    let words = target
        .iter()
        .chain(&site)
        .chain(words)
        .map(Into::into)
        .collect();
    crate::cli::run::parse(Arguments::from_vec(words), None)
        .expect("settings")
        .shop
}

fn page(fields: &[(&str, &str)], cookies: &[&str], body: &str) -> Page {
    let text = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    Page {
        status: 200,
        path: "/plain/".to_owned(),
        fields: fields.iter().map(text).collect(),
        cookies: cookies.iter().map(|cookie| (*cookie).to_owned()).collect(),
        body: body.as_bytes().to_vec(),
        ..Page::default()
    }
}

#[test]
fn django_is_known_by_its_cookies_and_fields() {
    let django = page(
        &[("server", "gunicorn")],
        &["csrftoken=a; Path=/", "sessionid=b"],
        "<input name=csrfmiddlewaretoken>",
    );
    let found = judge_django(&[&django]).finding;
    for part in [
        "yes, by cookie csrftoken, cookie sessionid, field csrf",
        "(gunicorn)",
    ] {
        assert!(found.contains(part), "{found}");
    }
    let other = judge_django(&[&page(&[], &[], "")]).finding;
    assert!(other.contains("no sign of Django"), "{other}");
    let sessions = judge_sessions(&[&django, &django], false);
    assert_eq!(sessions.status, Status::Warn);
    assert!(
        sessions.finding.ends_with("csrftoken, sessionid"),
        "{sessions:?}"
    );
    assert_eq!(judge_sessions(&[&django], true).status, Status::Ok);
}

#[test]
fn secure_cookies_are_named_once() {
    let cookies = [
        "csrftoken=a; Path=/; Secure",
        "sessionid=b; secure; HttpOnly",
        "theme=dark",
    ];
    let site = page(&[], &cookies, "");
    let names = secure_cookies(&[&site, &site]);
    assert_eq!(names.as_deref(), Some("csrftoken, sessionid"));
    let check = lost_sessions("csrftoken");
    assert_eq!(check.status, Status::Warn);
    assert!(
        check.finding.ends_with("not send them back: csrftoken"),
        "{check:?}"
    );
    let plain = page(&[], &["theme=dark; Path=/Secure"], "");
    assert_eq!(secure_cookies(&[&plain]), None);
}

#[test]
fn metrics_are_named() {
    let timed = page(&[("server-timing", "total;dur=12, db;dur=3")], &[], "");
    let found = judge_timing(&timed, ReportKind::ServerTiming);
    assert_eq!(
        (found.status, found.finding.as_str()),
        (Status::Ok, "total, db (service time 12.0 ms)")
    );
    assert_eq!(judge_timing(&timed, ReportKind::Json).status, Status::Warn);
    assert_eq!(
        judge_timing(&page(&[], &[], ""), ReportKind::None).status,
        Status::Ok
    );
    assert_eq!(
        judge_timing(&page(&[], &[], ""), ReportKind::ServerTiming).status,
        Status::Warn
    );
}

#[test]
fn the_form_gives_a_line_to_copy() {
    let form = r#"<form method="post" action="/plain/checkout/"><input type=hidden name=csrfmiddlewaretoken value=x>
        <input name=email type=email><input name=quantity type=number><input name="your name">
        <input type=hidden name=size value="{L}"></form>"#;
    let found = judge_form("/plain/", &page(&[], &[], form), &shop(&[]));
    let line = "-b /checkout/ --form 'email={email}' --form 'quantity={quantity}' \
        --form 'your name={random:8}' --form 'size={{L}}' --cookies --csrf)";
    assert!(found.finding.ends_with(line), "{found:?}");
    let found = judge_form("/plain/cart/", &page(&[], &[], form), &shop(&[]));
    assert!(
        found.finding.ends_with("--csrf-page /plain/cart/)"),
        "{found:?}"
    );
    assert_eq!(
        judge_form("/", &page(&[], &[], ""), &shop(&[])).status,
        Status::Warn
    );
}
