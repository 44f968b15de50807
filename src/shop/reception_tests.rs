//! Tests of reception.

use super::super::purchase::Times;
use super::super::settings::Settings;
use super::*;
use crate::row::server_report::ServerReport;
use crate::time::clock::Clock;

const FORM: &[u8] = b"email=a%40b.org&repeat_email=a%40b.org&quantity=3";
const BUY: &str = "/rdbms/2/purchase/1/";

fn desk(settings: &Settings) -> Desk {
    Desk::new(settings, Clock::start()).expect("/proc")
}

fn request<'a>(method: Method, target: &'a str, body: &'a [u8]) -> Request<'a> {
    Request {
        method,
        target,
        persistence: Persistence::Keep,
        cookie: None,
        body,
    }
}

/// The answer's text, with the sale of a purchase carried out.
fn answer(desk: &mut Desk, request: Request<'_>) -> String {
    let mut out = Vec::new();
    match desk.receive(&request, Stamp::at(5), &mut out) {
        Outcome::Answered => {}
        Outcome::Purchase(order) => {
            let sale = desk.book(&order);
            let times = Times {
                taken_up: Stamp::at(5),
                second_stage: Stamp::at(7),
                stopped: Stamp::at(9),
            };
            desk.answer(&order, &sale, times, &mut out);
        }
        Outcome::Struck(kind) => return kind.name().to_owned(),
    }
    String::from_utf8(out).expect("UTF-8")
}

fn get(desk: &mut Desk, target: &str) -> String {
    answer(desk, request(Method::Get, target, b""))
}

fn report(answer: &str) -> ServerReport {
    assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    let (_, body) = answer.split_once("\r\n\r\n").expect("a body");
    ServerReport::parse(body.as_bytes()).expect("a report")
}

fn stats(desk: &mut Desk) -> serde_json::Value {
    let told = get(desk, "/stats");
    let (_, body) = told.split_once("\r\n\r\n").expect("a body");
    serde_json::from_str(body).expect("JSON")
}

#[test]
fn pages_redirects_and_refused_methods() {
    let mut desk = desk(&Settings::default());
    for (method, target, status, part) in [
        (Method::Get, "/rdbms/", "200 OK", "/rdbms/5/details/"),
        (
            Method::Get,
            "/rdbms?a=b",
            "301 Moved Permanently",
            "Location: /rdbms/?a=b\r\n",
        ),
        (Method::Get, "/rdbms/5/details/", "200 OK", "repeat_email"),
        (Method::Get, "/rdbms/6/details/", "404 Not Found", "product"),
        (Method::Post, "/nothing", "404 Not Found", "product"),
        (
            Method::Get,
            BUY,
            "405 Method Not Allowed",
            "Allow: POST\r\n",
        ),
        (
            Method::Post,
            "/rdbms/",
            "405 Method Not Allowed",
            "Allow: GET, HEAD\r\n",
        ),
        (Method::Other, "/stats", "405 Method Not Allowed", "Allow"),
    ] {
        let answer = answer(&mut desk, request(method, target, b""));
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}\r\n")));
        assert!(answer.contains(part), "{answer}");
    }
    let head = answer(&mut desk, request(Method::Head, "/cassandra/", b""));
    assert!(head.ends_with("\r\n\r\n") && !head.contains("Content-Length: 0"));
    let stats = stats(&mut desk);
    assert_eq!(stats["requests"], 8);
    assert_eq!(stats["home"], 2);
    assert_eq!(stats["details"], 1);
    assert_eq!(stats["redirects"], 1);
    assert_eq!(stats["not_found"], 2);
    assert_eq!(stats["method_not_allowed"], 2);
    assert_eq!(stats["purchase_requests"], 0);
}

#[test]
fn purchases_reduce_the_inventory_to_zero() {
    let inventory = 7;
    let mut desk = desk(&Settings {
        inventory,
        ..Settings::default()
    });
    for left in [4, 1] {
        let report = report(&answer(&mut desk, request(Method::Post, BUY, FORM)));
        assert_eq!(report.main.result, Some(true));
        assert_eq!(stats(&mut desk)["inventory"]["rdbms"]["2"], left);
    }
    let dry = report(&answer(&mut desk, request(Method::Post, BUY, FORM)));
    assert_eq!(dry.main.result, Some(false));
    assert_eq!(
        dry.main.error_msg.as_deref(),
        Some("inventory: only 1 left")
    );
    let bad = report(&answer(&mut desk, request(Method::Post, BUY, b"")));
    assert_eq!(bad.main.result, Some(false));
    assert_eq!(bad.rest, None);
    let stats = stats(&mut desk);
    assert_eq!(stats["purchases"], 2);
    assert_eq!(stats["refused"], 2);
    assert_eq!(stats["quantity_sold"], 6);
    assert_eq!(stats["distinct_emails"], 1);
    assert_eq!(stats["duplicate_emails"], 2);
    assert_eq!(stats["in_flight"], 0);
    assert_eq!(stats["inventory"]["rdbms"]["3"], 7);
}

#[test]
fn a_plain_purchase_is_answered_with_a_page() {
    let mut desk = desk(&Settings::default());
    let target = "/rdbms/2/purchase/";
    let thanks = answer(&mut desk, request(Method::Post, target, FORM));
    assert!(thanks.contains("<title>Thank you</title>"), "{thanks}");
    let refused = answer(&mut desk, request(Method::Post, target, b"email=<script>"));
    assert!(refused.starts_with("HTTP/1.1 200 OK\r\n"));
    assert!(refused.contains("not an e-mail address") && !refused.contains("script"));
}

#[test]
fn the_second_server_reports_its_stage() {
    let rest = true;
    let mut desk = desk(&Settings {
        rest,
        ..Settings::default()
    });
    let report = report(&answer(&mut desk, request(Method::Post, BUY, FORM)));
    let seconds = |number: Option<crate::row::figure::Figure>| number.and_then(|n| n.as_f64());
    assert_eq!(seconds(report.main.elapsed_seconds), Some(4e-9));
    let rest = report.rest.expect("a second server");
    assert_eq!(seconds(rest.elapsed_seconds), Some(2e-9));
}

#[test]
fn csrf_requires_the_cookie_and_the_field_of_a_details_page() {
    let csrf = true;
    let mut desk = desk(&Settings {
        csrf,
        ..Settings::default()
    });
    let details = get(&mut desk, "/rdbms/2/details/");
    let (_, after) = details
        .split_once("Set-Cookie: csrftoken=")
        .expect("a cookie");
    let token = &after[..32];
    assert!(details.contains(&format!("name=\"csrfmiddlewaretoken\" value=\"{token}\"")));
    let other = get(&mut desk, "/rdbms/2/details/");
    assert!(!other.contains(token), "each client has its own");

    let form = [FORM, b"&csrfmiddlewaretoken=", token.as_bytes()].concat();
    let cookie = format!("a=b; csrftoken={token}");
    let cookie = Some(cookie.as_bytes());
    let strange = Some(&b"csrftoken=00000000000000000000000000000000"[..]);
    for (cookie, form, status) in [
        (None, &form[..], "403 Forbidden"),
        (cookie, FORM, "403 Forbidden"),
        (None, FORM, "403 Forbidden"),
        (strange, &form[..], "403 Forbidden"),
        (cookie, &form[..], "200 OK"),
    ] {
        let mut request = request(Method::Post, BUY, form);
        request.cookie = cookie;
        let answer = answer(&mut desk, request);
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}\r\n")),
            "{answer}"
        );
    }
    assert_eq!(stats(&mut desk)["forbidden"], 4);
    let mut again = request(Method::Get, "/rdbms/2/details/", b"");
    again.cookie = cookie;
    assert!(answer(&mut desk, again).contains(&format!("csrftoken={token};")));
}

#[test]
fn faults_that_replace_the_answer_sell_nothing() {
    for (name, expected) in [
        ("reset", "reset"),
        ("stall", "stall"),
        ("close", "close"),
        ("500", "HTTP/1.1 500 Internal Server Error\r\n"),
        ("502", "HTTP/1.1 502 Bad Gateway\r\n"),
        ("csrf", "HTTP/1.1 403 Forbidden\r\n"),
        ("html", "HTTP/1.1 200 OK\r\n"),
    ] {
        let faults = super::super::Faults::parse(&format!("{name}:1")).expect("faults");
        let mut desk = desk(&Settings {
            faults,
            ..Settings::default()
        });
        let answer = answer(&mut desk, request(Method::Post, BUY, FORM));
        assert!(answer.starts_with(expected), "{answer}");
        assert!(!answer.contains("json"));
        let stats = stats(&mut desk);
        assert_eq!(stats["faults"][name], 1);
        assert_eq!(stats["purchase_requests"], 1);
        assert_eq!(stats["purchases"], 0);
        assert_eq!(stats["most_in_flight"], 0);
    }
}
