//! Tests of shopper.

use super::*;
use crate::http::request::RequestWriter;
use crate::row::Arrival;
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
        site: None,
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
    shopper.start(Stamp::at(100));
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
    Arrival::seen_at(Stamp::at(at))
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
        shopper.receive(
            &scenario,
            &mut Memory::default(),
            &home[..9],
            arrival(140),
            false
        ),
        Next::Wait
    );
    assert_eq!(
        shopper.receive(
            &scenario,
            &mut Memory::default(),
            &home[9..],
            arrival(150),
            false
        ),
        AGAIN
    );

    shopper.start(Stamp::at(160));
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
    assert_eq!(
        shopper.receive(
            &scenario,
            &mut Memory::default(),
            &answer,
            arrival(260),
            false
        ),
        DONE
    );

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
    assert_eq!(
        shopper.fail(&scenario, refused.into(), Stamp::at(150)),
        AGAIN
    );
    shopper.start(Stamp::at(150));
    let answer = response(200, "", REPORT);
    assert_eq!(
        shopper.receive(
            &scenario,
            &mut Memory::default(),
            &answer,
            arrival(160),
            false
        ),
        DONE
    );
    let row = shopper.take_row();
    assert_eq!(row.home.failure, Some(refused.into()));
    assert_eq!((row.home.status, row.home.elapsed()), (None, Some(50)));
    assert!(row.bought());
}

#[test]
fn the_elapsed_time_includes_all_redirects() {
    let scenario = scenario(true);
    let mut shopper = shopper();
    let moved = response(301, "Location: /rdbms/\r\n", "");
    assert_eq!(
        shopper.receive(
            &scenario,
            &mut Memory::default(),
            &moved,
            arrival(110),
            false
        ),
        ON
    );
    shopper.start(Stamp::at(120));
    assert!(sent(&shopper, &scenario).starts_with("GET /rdbms/ "));
    let page = response(200, "Connection: close\r\n", "x");
    assert_eq!(
        shopper.receive(
            &scenario,
            &mut Memory::default(),
            &page,
            arrival(150),
            false
        ),
        AGAIN
    );
    assert_eq!(shopper.row.home.elapsed(), Some(50));
}

#[test]
fn delays_between_redirects_and_their_requests_add_up() {
    let scenario = scenario(true);
    let mut shopper = shopper();
    let moved = response(302, "Location: /a\r\n", "");
    for (arrived, begun) in [(110, 117), (130, 132)] {
        assert_eq!(
            shopper.receive(
                &scenario,
                &mut Memory::default(),
                &moved,
                arrival(arrived),
                false
            ),
            ON
        );
        shopper.start(Stamp::at(begun));
    }
    // A new try of the same request is no further redirect.
    shopper.start(Stamp::at(140));
    let page = response(200, "", "x");
    assert_eq!(
        shopper.receive(
            &scenario,
            &mut Memory::default(),
            &page,
            arrival(150),
            false
        ),
        ON
    );
    assert_eq!(shopper.row.home.hop_delay, 7 + 2);

    shopper.start(Stamp::at(160));
    let answer = response(200, "", REPORT);
    shopper.receive(
        &scenario,
        &mut Memory::default(),
        &answer,
        arrival(260),
        false,
    );
    assert_eq!(shopper.take_row().buy.hop_delay, 0);
}

#[test]
fn an_answer_before_the_end_of_its_request_was_not_waited_for() {
    let scenario = scenario(true);
    let page = response(200, "", "x");
    for (is_rest, sent) in [(false, Some(Stamp::at(120))), (true, None)] {
        let mut shopper = shopper();
        shopper.note_connected(Stamp::at(101));
        shopper.note_sent(Stamp::at(120), is_rest);
        shopper.receive(
            &scenario,
            &mut Memory::default(),
            &page,
            arrival(110),
            false,
        );
        let home = &shopper.row.home;
        assert_eq!((home.sent, home.first_byte), (sent, Some(Stamp::at(110))));
    }
    // What the program read before it wrote the rest: the same.
    let mut shopper = shopper();
    shopper.note_connected(Stamp::at(101));
    shopper.receive(
        &scenario,
        &mut Memory::default(),
        &page[..9],
        arrival(110),
        false,
    );
    shopper.note_sent(Stamp::at(120), true);
    shopper.receive(
        &scenario,
        &mut Memory::default(),
        &page[9..],
        arrival(130),
        false,
    );
    let phases = shopper.row.home.phases().expect("an end");
    assert_eq!(phases.parts(), [Some(1), None, Some(9), None, Some(20)]);
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
        shopper.receive(
            &scenario,
            &mut Memory::default(),
            &response(200, "", ""),
            arrival(110),
            false,
        );
        let moved = response(status, "Location: /other/\r\n", "");
        assert_eq!(
            shopper.receive(
                &scenario,
                &mut Memory::default(),
                &moved,
                arrival(120),
                false
            ),
            AGAIN
        );
        let request = sent(&shopper, &scenario);
        assert!(
            request.starts_with(&format!("{method} /other/ ")),
            "{status}: {request}"
        );
        assert_eq!(shopper.is_post(), method == "POST");
        assert_eq!(request.contains("quantity=12"), method == "POST");
    }
}

#[test]
fn ten_redirects_are_followed_and_no_more() {
    let scenario = scenario(false);
    let mut shopper = shopper();
    let moved = response(302, "Location: /again\r\n", "");
    for _ in 0..10 {
        assert_eq!(
            shopper.receive(
                &scenario,
                &mut Memory::default(),
                &moved,
                arrival(110),
                false
            ),
            AGAIN
        );
        assert!(!shopper.is_buying());
    }
    assert_eq!(
        shopper.receive(
            &scenario,
            &mut Memory::default(),
            &moved,
            arrival(120),
            false
        ),
        AGAIN
    );
    assert!(shopper.is_buying(), "gave up the home page");
    let failure = shopper.row.home.failure.expect("a failure");
    assert_eq!(failure.kind, FailureKind::TooManyRedirects);
    assert_eq!(shopper.row.home.status, Some(302));
}

fn judged(status: u16, body: &str) -> Row {
    let scenario = scenario(false);
    let mut shopper = shopper();
    shopper.receive(
        &scenario,
        &mut Memory::default(),
        &response(200, "", ""),
        arrival(110),
        false,
    );
    shopper.start(Stamp::at(110));
    shopper.receive(
        &scenario,
        &mut Memory::default(),
        &response(status, "", body),
        arrival(120),
        false,
    );
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
    shopper.receive(
        &scenario,
        &mut Memory::default(),
        &page[..page.len() - 3],
        arrival(110),
        false,
    );
    assert_eq!(shopper.end_stream(&scenario, Stamp::at(120)), AGAIN);
    let home = &shopper.row.home;
    assert_eq!(home.status, Some(200));
    assert_eq!(
        home.failure.as_ref().map(|f| f.kind),
        Some(FailureKind::ClosedInBody)
    );
    assert!(!home.satisfied());
}

#[test]
fn a_connection_with_bytes_after_the_response_is_not_reused() {
    let scenario = scenario(true);
    let mut clean = shopper();
    assert_eq!(
        clean.receive(
            &scenario,
            &mut Memory::default(),
            &response(200, "", "x"),
            arrival(110),
            false
        ),
        ON
    );
    let mut spoilt = shopper();
    let more = [response(200, "", "x"), b"more".to_vec()].concat();
    assert_eq!(
        spoilt.receive(
            &scenario,
            &mut Memory::default(),
            &more,
            arrival(110),
            false
        ),
        AGAIN
    );
}

#[test]
fn unfinished_requests_are_marked_as_interrupted() {
    let mut early = shopper();
    early.interrupt(Stamp::at(130));
    let row = early.take_row();
    assert_eq!(row.home.failure, Some(FailureKind::Interrupted.into()));
    assert_eq!(row.home.elapsed(), Some(30));
    assert_eq!(row.buy.failure, Some(FailureKind::Interrupted.into()));
    assert_eq!((row.buy.started, row.buy.stopped), (None, None));

    let scenario = scenario(false);
    let mut late = shopper();
    late.receive(
        &scenario,
        &mut Memory::default(),
        &response(200, "", ""),
        arrival(110),
        false,
    );
    late.start(Stamp::at(115));
    late.interrupt(Stamp::at(130));
    let row = late.take_row();
    assert!(row.home.satisfied());
    assert_eq!(row.buy.elapsed(), Some(15));
}

#[test]
fn the_first_byte_is_that_of_the_final_response_for_every_segmentation() {
    let scenario = scenario(false);
    let interim = b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n";
    let all = [&interim[..], &response(200, "", "welcome")].concat();
    // A byte each microsecond: the first of the final response is known by its place.
    let mut bytewise = shopper();
    for (place, byte) in all.iter().enumerate() {
        bytewise.receive(
            &scenario,
            &mut Memory::default(),
            &[*byte],
            arrival(1000 + place as u64),
            false,
        );
    }
    let first = Stamp::at(1000 + interim.len() as u64);
    assert_eq!(bytewise.row.home.first_byte, Some(first));
    for cut in 1..all.len() {
        let mut shopper = shopper();
        shopper.receive(
            &scenario,
            &mut Memory::default(),
            &all[..cut],
            arrival(110),
            false,
        );
        let next = shopper.receive(
            &scenario,
            &mut Memory::default(),
            &all[cut..],
            arrival(210),
            false,
        );
        assert_eq!(next, AGAIN);
        let expected = if cut > interim.len() { 110 } else { 210 };
        assert_eq!(
            shopper.row.home.first_byte,
            Some(Stamp::at(expected)),
            "{cut}"
        );
    }
    // Interim responses alone are no answer.
    let mut waiting = shopper();
    waiting.receive(
        &scenario,
        &mut Memory::default(),
        interim,
        arrival(110),
        false,
    );
    assert_eq!(waiting.row.home.first_byte, None);
    waiting.fail(&scenario, FailureKind::Timeout.into(), Stamp::at(400));
    let phases = waiting.row.home.phases().expect("an end");
    assert_eq!(phases.receive, None);
}

#[test]
fn a_body_without_a_length_lasts_until_the_end_of_the_stream() {
    let scenario = scenario(false);
    let mut shopper = shopper();
    let head = b"HTTP/1.1 200 OK\r\n\r\nwelcome";
    assert_eq!(
        shopper.receive(&scenario, &mut Memory::default(), head, arrival(110), false),
        Next::Wait
    );
    assert_eq!(shopper.end_stream(&scenario, Stamp::at(410)), AGAIN);
    let home = &shopper.row.home;
    assert_eq!((home.elapsed(), home.read_delay()), (Some(310), Some(0)));
    assert_eq!(home.first_byte, Some(Stamp::at(110)));
}

#[test]
fn after_an_unsolicited_answer_a_get_is_sent_again_and_a_post_is_not() {
    let scenario = scenario(true);
    let both = [response(408, "", ""), response(200, "", "x")].concat();
    let mut shopper = shopper();
    assert_eq!(
        shopper.receive(&scenario, &mut Memory::default(), &both, arrival(110), true),
        AGAIN
    );
    assert!(!shopper.is_buying() && !shopper.has_answer());
    assert_eq!(shopper.row.home.first_byte, None);
    let idle = response(408, "Connection: close\r\n", "");
    assert_eq!(
        shopper.receive(&scenario, &mut Memory::default(), &idle, arrival(120), true),
        AGAIN
    );
    assert!(!shopper.is_buying());
    // On the new connection the first answer is the answer.
    assert_eq!(
        shopper.receive(
            &scenario,
            &mut Memory::default(),
            &response(200, "", "x"),
            arrival(150),
            false
        ),
        ON
    );
    assert!(shopper.row.home.satisfied() && shopper.is_buying());
    shopper.start(Stamp::at(160));
    let both = [response(200, "", REPORT), response(200, "", "x")].concat();
    assert_eq!(
        shopper.receive(&scenario, &mut Memory::default(), &both, arrival(170), true),
        DONE
    );
    assert!(shopper.row.bought());
}

#[test]
fn the_failure_of_a_home_page_includes_its_title() {
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
        shopper.receive(
            &scenario,
            &mut Memory::default(),
            &response(502, "", &page),
            arrival(110),
            false,
        );
        let failure = shopper.row.home.failure.expect("a failure");
        assert_eq!(failure.to_string(), expected);
    }
}

#[test]
fn an_encoded_report_is_named() {
    let scenario = scenario(false);
    let mut shopper = shopper();
    shopper.receive(
        &scenario,
        &mut Memory::default(),
        &response(200, "", ""),
        arrival(110),
        false,
    );
    shopper.start(Stamp::at(110));
    let zipped = response(200, "Content-Encoding: gzip\r\n", "\u{1f}\u{8b}");
    shopper.receive(
        &scenario,
        &mut Memory::default(),
        &zipped,
        arrival(120),
        false,
    );
    let failure = shopper.take_row().buy.failure.expect("a failure");
    assert_eq!(failure.kind, FailureKind::BadReport);
    let text = failure.to_string();
    assert!(
        text.contains("Content-Encoding: gzip is not decoded"),
        "{text}"
    );
}
