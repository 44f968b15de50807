//! Tests of shopper.

use super::*;
use crate::http::request::RequestWriter;
use url::Url;

const REPORT: &str = r#"{"result": true, "elapsed_seconds": 0.5}"#;

fn scenario(keep_alive: bool) -> Scenario {
    Scenario {
        base: Url::parse("http://shop:8000").expect("a URL"),
        alias: None,
        requests: RequestWriter::new("shop:8000", "test", &[], &[], keep_alive),
        home_path: "/rdbms".to_owned(),
        buy_paths: vec!["/rdbms/2/purchase/1/".to_owned()],
        form_suffix: Vec::new(),
        keep_alive,
        max_body: 1000,
        page: None,
    }
}

fn shopper() -> Shopper {
    let order = Order {
        address: *b"abcdefghij",
        quantity: 12,
        product: 0,
    };
    let mut shopper = Shopper::new(order, 5);
    shopper.starts(Stamp(100));
    shopper
}

fn response(status: u16, fields: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status} x\r\nContent-Length: {length}\r\n{fields}\r\n{body}").into_bytes()
}

fn sent(shopper: &Shopper, scenario: &Scenario) -> String {
    let mut out = Vec::new();
    shopper.write_request(scenario, &mut out);
    String::from_utf8(out).expect("ASCII")
}

fn arrival(at: u64) -> Arrival {
    Arrival::seen_at(Stamp(at))
}

const AGAIN: Next = Next::Request { reuse: false };
const DONE: Next = Next::Done { reuse: false };
const ON: Next = Next::Request { reuse: true };

#[test]
fn home_then_purchase_then_a_row() {
    let scenario = scenario(false);
    let mut shopper = shopper();
    assert!(sent(&shopper, &scenario).starts_with("GET /rdbms HTTP/1.1\r\n"));
    let home = response(200, "", "welcome");
    assert_eq!(
        shopper.receives(&scenario, &home[..9], arrival(140)),
        Next::Wait
    );
    assert_eq!(shopper.receives(&scenario, &home[9..], arrival(150)), AGAIN);

    shopper.starts(Stamp(160));
    let request = sent(&shopper, &scenario);
    assert!(
        request.starts_with("POST /rdbms/2/purchase/1/ HTTP/1.1\r\n"),
        "{request}"
    );
    let (head, form) = request.split_once("\r\n\r\n").expect("a whole head");
    assert!(
        head.contains(&format!("Content-Length: {}", form.len())),
        "{head}"
    );
    let address = "abcdefghij%40example.com";
    assert_eq!(
        form,
        format!("email={address}&repeat_email={address}&quantity=12")
    );
    let answer = response(200, "", REPORT);
    assert_eq!(shopper.receives(&scenario, &answer, arrival(260)), DONE);

    let row = shopper.take_row();
    assert_eq!(row.concurrent_requests, 5);
    assert_eq!(row.home.elapsed(), Some(50));
    assert_eq!(row.buy.elapsed(), Some(100));
    assert!(row.home.satisfied() && row.buy.satisfied() && row.bought());
    assert_eq!(row.report.expect("a report").main.result, Some(true));
}

#[test]
fn a_failed_home_does_not_stop_the_purchase() {
    let scenario = scenario(false);
    let mut shopper = shopper();
    let refused = FailureKind::ConnectionRefused;
    assert_eq!(shopper.fails(&scenario, refused.into(), Stamp(150)), AGAIN);
    shopper.starts(Stamp(150));
    let answer = response(200, "", REPORT);
    assert_eq!(shopper.receives(&scenario, &answer, arrival(160)), DONE);
    let row = shopper.take_row();
    assert_eq!(row.home.failure, Some(refused.into()));
    assert_eq!((row.home.status, row.home.elapsed()), (None, Some(50)));
    assert!(row.bought());
}

#[test]
fn redirects_keep_the_start_and_the_time_runs_over_all_hops() {
    let scenario = scenario(true);
    let mut shopper = shopper();
    let moved = response(301, "Location: /rdbms/\r\n", "");
    assert_eq!(shopper.receives(&scenario, &moved, arrival(110)), ON);
    shopper.starts(Stamp(120));
    assert!(sent(&shopper, &scenario).starts_with("GET /rdbms/ "));
    let page = response(200, "Connection: close\r\n", "x");
    assert_eq!(shopper.receives(&scenario, &page, arrival(150)), AGAIN);
    assert_eq!(shopper.row.home.elapsed(), Some(50));
}

#[test]
fn a_post_is_redirected_as_browsers_do() {
    for (status, method) in [
        (301, "GET"),
        (302, "GET"),
        (303, "GET"),
        (307, "POST"),
        (308, "POST"),
    ] {
        let scenario = scenario(false);
        let mut shopper = shopper();
        shopper.receives(&scenario, &response(200, "", ""), arrival(110));
        let moved = response(status, "Location: /other/\r\n", "");
        assert_eq!(shopper.receives(&scenario, &moved, arrival(120)), AGAIN);
        let request = sent(&shopper, &scenario);
        assert!(
            request.starts_with(&format!("{method} /other/ ")),
            "{status}: {request}"
        );
        assert_eq!(shopper.posts(), method == "POST");
        assert_eq!(request.contains("quantity=12"), method == "POST");
    }
}

#[test]
fn ten_redirects_are_followed_and_no_more() {
    let scenario = scenario(false);
    let mut shopper = shopper();
    let moved = response(302, "Location: /again\r\n", "");
    for _ in 0..10 {
        assert_eq!(shopper.receives(&scenario, &moved, arrival(110)), AGAIN);
        assert!(!shopper.is_buying());
    }
    assert_eq!(shopper.receives(&scenario, &moved, arrival(120)), AGAIN);
    assert!(shopper.is_buying(), "gave up the home page");
    let failure = shopper.row.home.failure.expect("a failure");
    assert_eq!(failure.kind, FailureKind::TooManyRedirects);
    assert_eq!(shopper.row.home.status, Some(302));
}

fn judged(status: u16, body: &str) -> Row {
    let scenario = scenario(false);
    let mut shopper = shopper();
    shopper.receives(&scenario, &response(200, "", ""), arrival(110));
    shopper.starts(Stamp(110));
    shopper.receives(&scenario, &response(status, "", body), arrival(120));
    shopper.take_row()
}

#[test]
fn each_kind_of_purchase_answer() {
    let text = |row: &Row| row.buy.failure.as_ref().map(ToString::to_string);

    let refused = judged(200, r#"{"result": false, "error_msg": "sold out"}"#);
    assert!(refused.buy.satisfied(), "the client's side is fine");
    assert!(!refused.bought(), "the server's is not");

    let html = judged(200, "<html><title>Shop</title>");
    assert!(
        text(&html).expect("a failure").contains("titled \"Shop\""),
        "{html:?}"
    );

    let broken = judged(500, "<title>OperationalError\n at /rdbms/</title>");
    assert_eq!(
        text(&broken).as_deref(),
        Some("HTTP 500 Internal Server Error: OperationalError at /rdbms/")
    );
    assert_eq!(broken.buy.status, Some(500));

    let gateway = judged(502, "<title>502 Bad Gateway</title>");
    assert_eq!(
        text(&gateway).as_deref(),
        Some("HTTP 502 Bad Gateway"),
        "said once"
    );
    let debug = judged(
        500,
        "<title>OperationalError at /x</title><pre class=\"exception_value\">database is locked</pre>",
    );
    assert_eq!(
        text(&debug).as_deref(),
        Some("HTTP 500 Internal Server Error: OperationalError at /x: database is locked")
    );

    let csrf = judged(
        403,
        "<title>403 Forbidden</title> CSRF verification failed.",
    );
    assert_eq!(csrf.buy.failure, Some(FailureKind::CsrfRefused.into()));
    let forbidden = judged(403, "{}");
    assert_eq!(forbidden.buy.failure, Some(FailureKind::Status(403).into()));
    assert_eq!(forbidden.report, None, "an empty object reports nothing");

    let reported = judged(503, REPORT);
    assert!(reported.report.is_some() && !reported.buy.satisfied());

    let created = judged(201, REPORT);
    assert_eq!(text(&created).as_deref(), Some("HTTP 201 Created"));
}

#[test]
fn a_cut_answer_keeps_its_status() {
    let scenario = scenario(false);
    let mut shopper = shopper();
    let page = response(200, "", "welcome");
    shopper.receives(&scenario, &page[..page.len() - 3], arrival(110));
    assert_eq!(shopper.sees_end(&scenario, Stamp(120)), AGAIN);
    let home = &shopper.row.home;
    assert_eq!(home.status, Some(200));
    assert_eq!(
        home.failure.as_ref().map(|f| f.kind),
        Some(FailureKind::ClosedInBody)
    );
    assert!(!home.satisfied());
}

#[test]
fn bytes_after_the_response_spoil_the_connection() {
    let scenario = scenario(true);
    let mut clean = shopper();
    assert_eq!(
        clean.receives(&scenario, &response(200, "", "x"), arrival(110)),
        ON
    );
    let mut spoilt = shopper();
    let more = [response(200, "", "x"), b"more".to_vec()].concat();
    assert_eq!(spoilt.receives(&scenario, &more, arrival(110)), AGAIN);
}

#[test]
fn an_interruption_says_so_for_what_was_not_done() {
    let mut early = shopper();
    early.is_interrupted(Stamp(130));
    let row = early.take_row();
    assert_eq!(row.home.failure, Some(FailureKind::Interrupted.into()));
    assert_eq!(row.home.elapsed(), Some(30));
    assert_eq!(row.buy.failure, Some(FailureKind::Interrupted.into()));
    assert_eq!((row.buy.started, row.buy.stopped), (None, None));

    let scenario = scenario(false);
    let mut late = shopper();
    late.receives(&scenario, &response(200, "", ""), arrival(110));
    late.starts(Stamp(115));
    late.is_interrupted(Stamp(130));
    let row = late.take_row();
    assert!(row.home.satisfied());
    assert_eq!(row.buy.elapsed(), Some(15));
}

#[test]
fn a_home_page_that_fails_says_its_title_too() {
    let scenario = scenario(false);
    for (page, expected) in [
        ("<title>502 Bad Gateway</title>", "HTTP 502 Bad Gateway"),
        (
            "<title>ValueError at /rdbms/</title><pre class=\"exception_value\">bad page</pre>",
            "HTTP 502 Bad Gateway: ValueError at /rdbms/: bad page",
        ),
    ] {
        let mut shopper = shopper();
        let page = format!("{page}{}", " ".repeat(100_000));
        shopper.receives(&scenario, &response(502, "", &page), arrival(110));
        let failure = shopper.row.home.failure.expect("a failure");
        assert_eq!(failure.to_string(), expected);
    }
}

#[test]
fn an_encoded_report_is_named() {
    let scenario = scenario(false);
    let mut shopper = shopper();
    shopper.receives(&scenario, &response(200, "", ""), arrival(110));
    shopper.starts(Stamp(110));
    let zipped = response(200, "Content-Encoding: gzip\r\n", "\u{1f}\u{8b}");
    shopper.receives(&scenario, &zipped, arrival(120));
    let failure = shopper.take_row().buy.failure.expect("a failure");
    assert_eq!(failure.kind, FailureKind::BadReport);
    let text = failure.to_string();
    assert!(
        text.contains("Content-Encoding: gzip is not decoded"),
        "{text}"
    );
}
