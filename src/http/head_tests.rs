//! Tests of head.

use super::*;

#[test]
fn the_end_is_found_wherever_the_bytes_are_cut() {
    for head in [
        &b"A\r\nb: c\r\n\r\n"[..],
        b"A\nb: c\n\n",
        b"A\r\nb: c\n\r\n",
    ] {
        for cut in 1..head.len() {
            let mut search = HeadSearch::default();
            search.is_worth_parsing(&head[..cut]);
            search.parse_at = usize::MAX;
            assert!(search.is_worth_parsing(head), "{head:?} cut at {cut}");
        }
    }
}

#[test]
fn a_head_without_an_end_is_parsed_a_few_times_only() {
    let bytes = [b'x'; 4096];
    let mut search = HeadSearch::default();
    let parsed = (1..=bytes.len()).filter(|&length| search.is_worth_parsing(&bytes[..length]));
    assert_eq!(parsed.count(), 13, "once for each doubling");
}

#[test]
fn later_minor_versions_are_understood_as_1_1() {
    let response = |text: &str| response_as_1_1(text.as_bytes());
    assert_eq!(
        response("HTTP/1.2 200 OK\r\n").as_deref(),
        Some(&b"HTTP/1.1 200 OK\r\n"[..])
    );
    assert_eq!(
        response("\r\nHTTP/1.9").as_deref(),
        Some(&b"\r\nHTTP/1.1"[..])
    );
    for other in [
        "HTTP/1.1 200",
        "HTTP/1.0 200",
        "HTTP/2.0 200",
        "HTTP/1.",
        "HTTP/1.x 200",
        "",
        "\n",
    ] {
        assert_eq!(response(other), None, "{other:?}");
    }
    let request = |text: &str| request_as_1_1(text.as_bytes());
    assert_eq!(
        request("GET / HTTP/1.2\r\n").as_deref(),
        Some(&b"GET / HTTP/1.1\r\n"[..])
    );
    assert_eq!(
        request("GET / HTTP/1.3\nA: b").as_deref(),
        Some(&b"GET / HTTP/1.1\nA: b"[..])
    );
    for other in [
        "GET / HTTP/1.2",
        "GET / HTTP/1.12\r\n",
        "GET / HTTP/3.1\r\n",
        "GET HTTP/1.2 /\r\n",
        "\n",
    ] {
        assert_eq!(request(other), None, "{other:?}");
    }
}
