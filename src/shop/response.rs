//! Writes responses into a reused buffer.

use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;

use super::http::Persistence;

/// The media type of the pages.
pub const HTML: &str = "text/html; charset=utf-8";
/// The media type of the reports and counts.
pub const JSON: &str = "application/json";
/// The interim response to a client that sent `Expect: 100-continue`.
pub const CONTINUE: &[u8] = b"HTTP/1.1 100 Continue\r\n\r\n";
/// Bytes that a [`Response::length_off_by`] answer announces but does not send.
pub const MISSING_BYTES: usize = 64;

/// A response to be written.
#[derive(Clone, Copy, Debug)]
pub struct Response<'a> {
    /// Status code and reason.
    pub status: &'a str,
    /// What happens to the connection.
    pub persistence: Persistence,
    /// Further header lines, each with its line end.
    pub headers: &'a str,
    /// Media type of the body.
    pub media_type: &'a str,
    /// The body.
    pub body: &'a [u8],
    /// Whether the request was a HEAD: the body's length is given, the body is not sent.
    pub head_only: bool,
    /// Bytes by which `Content-Length` is larger than the body; 0 for a correct answer.
    pub length_off_by: usize,
    /// Whether the body has no length and ends with the stream (RFC 9112 section 6.3).
    pub ends_with_stream: bool,
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
        let (length_field, length) = match self.ends_with_stream {
            true => ("", ""),
            false => (
                "\r\nContent-Length: ",
                decimal(self.body.len() + self.length_off_by, &mut digits),
            ),
        };
        for part in [
            "HTTP/1.1 ",
            self.status,
            "\r\nServer: profilerclient-shop\r\nDate: ",
            date,
            "\r\nContent-Type: ",
            self.media_type,
            length_field,
            length,
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

/// A number's digits, without the formatting machinery: every answer needs it.
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
#[path = "response_tests.rs"]
mod tests;
