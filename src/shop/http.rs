//! Reading requests: bytes in, (consumed, what to do next) out. No sockets, no clock.
//!
//! ```text
//!            head complete            body complete
//! Head ───────────────────────► Body ───────────────► Complete
//!  │                             │
//!  └── malformed, too large ─────┴──────────────────► Refused
//! ```
//!
//! The bytes handed in always begin with the request's first byte; what has been looked at already
//! is remembered, so a head that arrives a byte at a time costs linear time.

use std::mem::MaybeUninit;
use std::str;

use super::chunked::ChunkDecoder;

/// Longest request head that is read, bytes.
pub const HEAD_LIMIT: usize = 16 * 1024;
/// Longest request body that is read, bytes.
pub const BODY_LIMIT: usize = 64 * 1024;
/// Longest chunked body with its framing, bytes: one-byte chunks must not cost unbounded memory.
const RAW_LIMIT: usize = 2 * BODY_LIMIT;
const MAX_HEADERS: usize = 64;

/// The methods that are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// GET.
    Get,
    /// HEAD.
    Head,
    /// POST.
    Post,
    /// Any other.
    Other,
}

/// What becomes of the connection after the answer, and whether the answer must say so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Persistence {
    /// HTTP/1.1: it stays open without a word.
    Keep,
    /// HTTP/1.0 with `Connection: keep-alive`: it stays open if the answer says so.
    KeepAnnounced,
    /// It is closed.
    Close,
}

/// A complete request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request<'a> {
    /// The method.
    pub method: Method,
    /// The request target as it came: a path with a query, or a whole URL.
    pub target: &'a str,
    /// What the client wants of the connection.
    pub persistence: Persistence,
    /// The first `Cookie` header.
    pub cookie: Option<&'a [u8]>,
    /// The body without its framing.
    pub body: &'a [u8],
}

/// A request that is not served; the connection must be closed after the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// 400, with what is wrong.
    Malformed(&'static str),
    /// 413.
    BodyTooLarge,
    /// 431.
    HeadTooLarge,
    /// 501: a transfer coding other than `chunked`.
    UnknownCoding,
    /// 505.
    UnknownVersion,
}

/// How far a request has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// More bytes are needed.
    Partial {
        /// The client waits for `100 Continue` before it sends the body; told once.
        send_continue: bool,
    },
    /// Everything is there: see [`Parser::request`].
    Complete {
        /// Bytes that belong to this request; what follows is the next one's.
        consumed: usize,
    },
    /// It will never be a request.
    Refused(Refusal),
}

/// Reads one request.
#[derive(Debug, Default)]
pub struct Parser {
    head: Option<Head>,
    /// Blank lines before the request line, bytes.
    leading: usize,
    /// Bytes that were searched for the end of the head.
    searched: usize,
    /// Length at which a head without an end is parsed again, to find malformed ones early.
    next_attempt: usize,
    chunks: Option<Box<ChunkDecoder>>,
    /// End of the raw chunks decoded so far.
    decoded_to: usize,
    continue_sent: bool,
}

/// A part of the bytes that the parser was given.
#[derive(Clone, Copy, Debug)]
struct Span {
    start: u32,
    end: u32,
}

impl Span {
    fn of(part: &[u8], whole: &[u8]) -> Span {
        let start = part.as_ptr() as usize - whole.as_ptr() as usize;
        Span {
            start: start as u32,
            end: (start + part.len()) as u32,
        }
    }

    fn in_bytes(self, whole: &[u8]) -> &[u8] {
        whole
            .get(self.start as usize..self.end as usize)
            .unwrap_or_default()
    }
}

#[derive(Clone, Copy, Debug)]
struct Head {
    method: Method,
    target: Span,
    persistence: Persistence,
    cookie: Option<Span>,
    framing: Framing,
    expects_continue: bool,
    end: usize,
}

#[derive(Clone, Copy, Debug)]
enum Framing {
    Length(usize),
    Chunked,
}

impl Parser {
    /// Looks at the request's bytes: those of the last call and what has arrived since.
    pub fn advance(&mut self, bytes: &[u8]) -> Progress {
        let head = match self.head {
            Some(head) => head,
            None => match self.read_head(bytes) {
                Ok(Some(head)) => *self.head.insert(head),
                Ok(None) => {
                    return Progress::Partial {
                        send_continue: false,
                    };
                }
                Err(refusal) => return Progress::Refused(refusal),
            },
        };
        match self.body_end(head, bytes) {
            Ok(Some(consumed)) => Progress::Complete { consumed },
            Ok(None) => {
                let send_continue = head.expects_continue && !self.continue_sent;
                self.continue_sent |= send_continue;
                Progress::Partial { send_continue }
            }
            Err(refusal) => Progress::Refused(refusal),
        }
    }

    /// The request, once [`Parser::advance`] said that `bytes` hold a complete one.
    pub fn request<'a>(&'a self, bytes: &'a [u8]) -> Option<Request<'a>> {
        let head = self.head?;
        let body = match (&self.chunks, head.framing) {
            (Some(chunks), _) => chunks.body(),
            (None, Framing::Length(length)) => bytes.get(head.end..head.end + length)?,
            (None, Framing::Chunked) => return None,
        };
        Some(Request {
            method: head.method,
            target: str::from_utf8(head.target.in_bytes(bytes)).ok()?,
            persistence: head.persistence,
            cookie: head.cookie.map(|span| span.in_bytes(bytes)),
            body,
        })
    }

    fn read_head(&mut self, bytes: &[u8]) -> Result<Option<Head>, Refusal> {
        while let Some(b'\r' | b'\n') = bytes.get(self.leading) {
            self.leading += 1;
        }
        let text = &bytes[self.leading..];
        let worth_parsing = text.len() >= self.next_attempt || self.finds_end(text);
        if worth_parsing && let Some(head) = parse_head(text, self.leading, bytes)? {
            return Ok(Some(head));
        }
        if bytes.len() >= HEAD_LIMIT {
            return Err(Refusal::HeadTooLarge);
        }
        if worth_parsing {
            self.next_attempt = 2 * text.len();
            self.searched = text.len().saturating_sub(3);
        }
        Ok(None)
    }

    /// Searches what is new for the blank line at the head's end.
    fn finds_end(&mut self, text: &[u8]) -> bool {
        let new = text.get(self.searched..).unwrap_or_default();
        let found =
            new.windows(2).any(|two| two == b"\n\n") || new.windows(3).any(|end| end == b"\n\r\n");
        self.searched = text.len().saturating_sub(3);
        found
    }

    fn body_end(&mut self, head: Head, bytes: &[u8]) -> Result<Option<usize>, Refusal> {
        match head.framing {
            Framing::Length(length) => {
                let end = head.end + length;
                Ok((bytes.len() >= end).then_some(end))
            }
            Framing::Chunked => {
                let chunks = self.chunks.get_or_insert_default();
                let from = self.decoded_to.max(head.end);
                let (decoded, done) = chunks.decode(bytes.get(from..).unwrap_or_default())?;
                self.decoded_to = from + decoded;
                if self.decoded_to - head.end > RAW_LIMIT {
                    return Err(Refusal::BodyTooLarge);
                }
                Ok(done.then_some(self.decoded_to))
            }
        }
    }
}

/// Parses a head that begins `leading` bytes into `whole`; `None` if its end is missing.
fn parse_head(text: &[u8], leading: usize, whole: &[u8]) -> Result<Option<Head>, Refusal> {
    let mut headers = [const { MaybeUninit::uninit() }; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut []);
    let length = match request.parse_with_uninit_headers(text, &mut headers) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => return Err(Refusal::HeadTooLarge),
        Err(httparse::Error::Version) => return Err(Refusal::UnknownVersion),
        Err(_) => return Err(Refusal::Malformed("the request head is malformed")),
    };
    let end = leading + length;
    if end > HEAD_LIMIT {
        return Err(Refusal::HeadTooLarge);
    }
    let (Some(method), Some(target), Some(version)) =
        (request.method, request.path, request.version)
    else {
        return Err(Refusal::Malformed("the request line is incomplete"));
    };
    let fields = Fields::read(request.headers)?;
    if version == 1 && !fields.host {
        return Err(Refusal::Malformed("the Host header is missing"));
    }
    Ok(Some(Head {
        method: match method {
            "GET" => Method::Get,
            "HEAD" => Method::Head,
            "POST" => Method::Post,
            _ => Method::Other,
        },
        target: Span::of(target.as_bytes(), whole),
        persistence: match (version, fields.close, fields.keep_alive) {
            (1, false, _) => Persistence::Keep,
            (0, false, true) => Persistence::KeepAnnounced,
            _ => Persistence::Close,
        },
        cookie: fields.cookie.map(|cookie| Span::of(cookie, whole)),
        framing: fields.framing(version)?,
        expects_continue: fields.expects_continue && version == 1,
        end,
    }))
}

/// The header fields that matter here.
#[derive(Default)]
struct Fields<'a> {
    length: Option<usize>,
    coding: Option<&'a [u8]>,
    cookie: Option<&'a [u8]>,
    host: bool,
    close: bool,
    keep_alive: bool,
    expects_continue: bool,
}

impl<'a> Fields<'a> {
    fn read(headers: &[httparse::Header<'a>]) -> Result<Fields<'a>, Refusal> {
        let mut fields = Fields::default();
        for header in headers {
            let (name, value) = (header.name, header.value);
            // The length first: most headers are dismissed without comparing a letter.
            match name.len() {
                4 if name.eq_ignore_ascii_case("host") => fields.host = true,
                6 if name.eq_ignore_ascii_case("cookie") => {
                    fields.cookie.get_or_insert(value);
                }
                6 if name.eq_ignore_ascii_case("expect") => {
                    fields.expects_continue = value.eq_ignore_ascii_case(b"100-continue");
                }
                10 if name.eq_ignore_ascii_case("connection") => {
                    for word in value.split(|&b| b == b',').map(<[u8]>::trim_ascii) {
                        fields.close |= word.eq_ignore_ascii_case(b"close");
                        fields.keep_alive |= word.eq_ignore_ascii_case(b"keep-alive");
                    }
                }
                14 if name.eq_ignore_ascii_case("content-length") => {
                    let length = parse_length(value)?;
                    if fields.length.is_some_and(|earlier| earlier != length) {
                        return Err(Refusal::Malformed("two different Content-Lengths"));
                    }
                    fields.length = Some(length);
                }
                17 if name.eq_ignore_ascii_case("transfer-encoding") => {
                    let earlier = fields.coding.replace(value);
                    if earlier.is_some() {
                        return Err(Refusal::UnknownCoding);
                    }
                }
                _ => {}
            }
        }
        Ok(fields)
    }

    fn framing(&self, version: u8) -> Result<Framing, Refusal> {
        match (self.coding, self.length) {
            (None, length) => match length.unwrap_or(0) {
                length if length > BODY_LIMIT => Err(Refusal::BodyTooLarge),
                length => Ok(Framing::Length(length)),
            },
            // Which of the two counts is a matter of taste, and so the stuff of request smuggling.
            (Some(_), Some(_)) => Err(Refusal::Malformed(
                "Content-Length beside Transfer-Encoding",
            )),
            (Some(_), None) if version == 0 => {
                Err(Refusal::Malformed("HTTP/1.0 has no Transfer-Encoding"))
            }
            (Some(coding), None) if coding.trim_ascii().eq_ignore_ascii_case(b"chunked") => {
                Ok(Framing::Chunked)
            }
            (Some(_), None) => Err(Refusal::UnknownCoding),
        }
    }
}

fn parse_length(value: &[u8]) -> Result<usize, Refusal> {
    let digits = value.trim_ascii();
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(Refusal::Malformed("the Content-Length is not a number"));
    }
    // Digits only, so the one way to fail is a number beyond all limits.
    let number = str::from_utf8(digits)
        .ok()
        .and_then(|text| text.parse().ok());
    number.ok_or(Refusal::BodyTooLarge)
}

#[cfg(test)]
#[path = "http_tests.rs"]
mod tests;
