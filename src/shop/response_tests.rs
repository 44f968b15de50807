//! Tests of response.

use super::*;

const RESPONSE: Response<'static> = Response {
    status: "200 OK",
    persistence: Persistence::Keep,
    headers: "",
    media_type: HTML,
    body: b"hello",
    head_only: false,
    length_off_by: 0,
    ends_with_stream: false,
};

fn text(response: Response<'_>) -> (usize, String) {
    let mut out = b"before".to_vec();
    let head = response.write("now", &mut out);
    (head, String::from_utf8(out).expect("ASCII"))
}

#[test]
fn head_and_body() {
    let (head, written) = text(RESPONSE);
    let expected = "beforeHTTP/1.1 200 OK\r\nServer: profilerclient-shop\r\nDate: now\r\n\
            Content-Type: text/html; charset=utf-8\r\nContent-Length: 5\r\n\r\nhello";
    assert_eq!(written, expected);
    assert_eq!(head, expected.len() - "before".len() - "hello".len());
    let headers = "Allow: POST\r\n";
    let persistence = Persistence::Close;
    let (_, closing) = text(Response {
        headers,
        persistence,
        ..RESPONSE
    });
    assert!(closing.ends_with("5\r\nConnection: close\r\nAllow: POST\r\n\r\nhello"));
    let (_, head_only) = text(Response {
        head_only: true,
        ..RESPONSE
    });
    assert!(head_only.ends_with("Content-Length: 5\r\n\r\n"));
    let (_, wrong) = text(Response {
        length_off_by: MISSING_BYTES,
        ..RESPONSE
    });
    assert!(wrong.ends_with("Content-Length: 69\r\n\r\nhello"));
}

#[test]
fn the_date_follows_the_second() {
    let mut date = DateHeader::default();
    assert_eq!(date.at(0), "Thu, 01 Jan 1970 00:00:00 GMT");
    let nanos = 784_111_777_999_999_999;
    assert_eq!(date.at(nanos), "Sun, 06 Nov 1994 08:49:37 GMT");
    assert_eq!(date.at(nanos + 1), "Sun, 06 Nov 1994 08:49:38 GMT");
    assert!(!date.at(i64::MAX).is_empty());
}

#[test]
fn numbers() {
    for number in [0, 9, 10, 1234567890, usize::MAX] {
        assert_eq!(decimal(number, &mut [0; 20]), number.to_string());
    }
}
