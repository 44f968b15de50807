//! Writing responses into a buffer that is used over and over.

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;

use super::http::Persistence;

/// The media type of the pages.
pub const HTML: &str = "text/html; charset=utf-8";
/// The media type of the reports and counts.
pub const JSON: &str = "application/json";
/// What a client waits for that announced its body with `Expect: 100-continue`.
pub const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";
/// So many bytes a [`Response::length_off_by`] answer promises and does not send.
pub const MISSING_BYTES: usize = 64;

/// A response to be written.
#[derive(Clone, Copy, Debug)]
pub struct Response<'a> {
    /// Status code and reason.
    pub status: &'a str,
    /// What becomes of the connection.
    pub persistence: Persistence,
    /// Further header lines, each with its line end.
    pub headers: &'a str,
    /// Media type of the body.
    pub media_type: &'a str,
    /// The body.
    pub body: &'a [u8],
    /// Whether the request was a HEAD: the body's length is told, the body is not sent.
    pub head_only: bool,
    /// Bytes by which `Content-Length` is larger than the body; 0 for an honest answer.
    pub length_off_by: usize,
}

impl Response<'_> {
    /// Appends head and body; returns the length of the head. `date` is the `Date` header's value.
    pub fn write(&self, date: &str, out: &mut Vec<u8>) -> usize {
        let start = out.len();
        let connection = match self.persistence {
            Persistence::Keep => "",
            Persistence::KeepAnnounced => "Connection: keep-alive\r\n",
            Persistence::Close => "Connection: close\r\n",
        };
        let mut digits = [0; 20];
        for part in [
            "HTTP/1.1 ",
            self.status,
            "\r\nServer: profilerclient-shop\r\nDate: ",
            date,
            "\r\nContent-Type: ",
            self.media_type,
            "\r\nContent-Length: ",
            decimal(self.body.len() + self.length_off_by, &mut digits),
            "\r\n",
            connection,
            self.headers,
            "\r\n",
        ] {
            out.extend_from_slice(part.as_bytes());
        }
        let head = out.len() - start;
        if !self.head_only {
            out.extend_from_slice(self.body);
        }
        head
    }
}

/// A number's digits, without the formatting machinery: this is in the path of every answer.
fn decimal(mut number: usize, digits: &mut [u8; 20]) -> &str {
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            return str::from_utf8(&digits[at..]).unwrap_or_default();
        }
    }
}

/// The `Date` header's value, kept for a second.
#[derive(Debug, Default)]
pub struct DateHeader {
    second: i64,
    text: String,
}

impl DateHeader {
    /// The value for an instant, nanoseconds since the Unix epoch.
    pub fn at(&mut self, unix_nanos: i64) -> &str {
        let second = unix_nanos.div_euclid(1_000_000_000);
        if self.second != second || self.text.is_empty() {
            self.second = second;
            let printed = Timestamp::from_second(second)
                .and_then(|instant| DateTimePrinter::new().timestamp_to_rfc9110_string(&instant));
            // Years of more than four digits have no such form.
            self.text = printed.unwrap_or_else(|_| "Thu, 01 Jan 1970 00:00:00 GMT".to_owned());
        }
        &self.text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESPONSE: Response<'static> = Response {
        status: "200 OK",
        persistence: Persistence::Keep,
        headers: "",
        media_type: HTML,
        body: b"hello",
        head_only: false,
        length_off_by: 0,
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
}
