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

use super::body::{BODY_LIMIT, ChunkedBody};
use super::refusal::Refusal;
use crate::http::fields::MessageFields;
use crate::http::head::{self, HeadSearch};

/// Longest request head that is read, bytes.
const HEAD_LIMIT: usize = 16 * 1024;
const MAX_HEADERS: usize = 64;

/// The methods that are distinguished.
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

/// What happens to the connection after the answer, and whether the answer must announce it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Persistence {
    /// HTTP/1.1: it stays open without a word.
    Keep,
    /// HTTP/1.0 with `Connection: keep-alive`: it stays open if the answer announces it.
    KeepAnnounced,
    /// It is closed.
    Close,
}

/// A complete request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request<'a> {
    /// The method.
    pub method: Method,
    /// The request target unchanged: a path with a query, or a whole URL.
    pub target: &'a str,
    /// What the client wants of the connection.
    pub persistence: Persistence,
    /// The first `Cookie` header.
    pub cookie: Option<&'a [u8]>,
    /// The body without its framing.
    pub body: &'a [u8],
}

/// How far a request has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// More bytes are needed.
    Partial {
        /// The client waits for `100 Continue` before it sends the body; reported once.
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
    search: HeadSearch,
    chunks: Option<Box<ChunkedBody>>,
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
        self.leading += head::empty_lines(&bytes[self.leading..]);
        if self.search.is_worth_parsing(&bytes[self.leading..])
            && let Some(head) = parse_head(bytes, self.leading)?
        {
            return Ok(Some(head));
        }
        match bytes.len() {
            HEAD_LIMIT.. => Err(Refusal::HeadTooLarge),
            _ => Ok(None),
        }
    }

    fn body_end(&mut self, head: Head, bytes: &[u8]) -> Result<Option<usize>, Refusal> {
        match head.framing {
            Framing::Length(length) => {
                let end = head.end + length;
                Ok((bytes.len() >= end).then_some(end))
            }
            Framing::Chunked => {
                let chunks = self.chunks.get_or_insert_default();
                let from = head.end + chunks.raw();
                let (_, done) = chunks.decode(bytes.get(from..).unwrap_or_default())?;
                Ok(done.then(|| head.end + chunks.raw()))
            }
        }
    }
}

/// Parses a head that begins `leading` bytes into `whole`; `None` if its end is missing.
fn parse_head(whole: &[u8], leading: usize) -> Result<Option<Head>, Refusal> {
    let mut headers = [const { MaybeUninit::uninit() }; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut []);
    let length = match request.parse_with_uninit_headers(&whole[leading..], &mut headers) {
        Ok(httparse::Status::Complete(length)) => length,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(httparse::Error::TooManyHeaders) => return Err(Refusal::HeadTooLarge),
        Err(httparse::Error::Version) => {
            return match head::request_as_1_1(whole) {
                Some(known) => parse_head(&known, leading),
                // The version may go on: it is known by where its line ends.
                None if !whole[leading..].contains(&b'\n') => Ok(None),
                None => Err(Refusal::UnknownVersion),
            };
        }
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
        persistence: match (version, fields.message.connection.persists(version)) {
            (_, false) => Persistence::Close,
            (0, true) => Persistence::KeepAnnounced,
            (_, true) => Persistence::Keep,
        },
        cookie: fields.cookie.map(|cookie| Span::of(cookie, whole)),
        framing: framing(&fields.message, version)?,
        expects_continue: fields.expects_continue && version == 1,
        end,
    }))
}

/// The header fields that matter here.
#[derive(Default)]
struct Fields<'a> {
    message: MessageFields,
    cookie: Option<&'a [u8]>,
    host: bool,
    expects_continue: bool,
}

impl<'a> Fields<'a> {
    fn read(headers: &[httparse::Header<'a>]) -> Result<Fields<'a>, Refusal> {
        let mut fields = Fields::default();
        for header in headers {
            let (name, value) = (header.name, header.value);
            match name.len() {
                4 if name.eq_ignore_ascii_case("host") => fields.host = true,
                6 if name.eq_ignore_ascii_case("cookie") => {
                    fields.cookie.get_or_insert(value);
                }
                6 if name.eq_ignore_ascii_case("expect") => {
                    fields.expects_continue = value.eq_ignore_ascii_case(b"100-continue");
                }
                _ => fields.message.take(header)?,
            }
        }
        fields.message.check()?;
        Ok(fields)
    }
}

/// Where a request's body ends (RFC 9112 section 6.3): without a length there is none.
fn framing(message: &MessageFields, version: u8) -> Result<Framing, Refusal> {
    match (message.codings.is_coded(), message.length.unwrap_or(0)) {
        (true, _) if version == 0 => Err(Refusal::Malformed("HTTP/1.0 has no Transfer-Encoding")),
        (true, _) if message.codings.is_only_chunked() => Ok(Framing::Chunked),
        (true, _) => Err(Refusal::UnknownCoding),
        (false, length) => match usize::try_from(length) {
            Ok(length) if length <= BODY_LIMIT => Ok(Framing::Length(length)),
            _ => Err(Refusal::BodyTooLarge),
        },
    }
}

#[cfg(test)]
#[path = "http_tests.rs"]
mod tests;
