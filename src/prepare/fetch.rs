//! A single page, fetched before a run and outside its timing.

use std::io::{self, Read, Write};
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use crate::http::response::{BodyUse, DATE_BYTES, ResponseParser};
use crate::prepare::route::Route;
use crate::row::failure::{Failure, FailureKind};
use crate::shopper::scenario::{MAX_REDIRECTS, Scenario};
use crate::signals::Signals;
use crate::time::clock::Clock;

/// The longest page read, bytes.
pub const PAGE_LIMIT: usize = 4 << 20;

/// How long one page with its redirects may take where the run itself has no limit.
const PATIENCE: Duration = Duration::from_secs(30);

/// How long a purchase may take where there is no limit: long enough to be none.
const NO_LIMIT: Duration = Duration::from_secs(86_400);

/// How often a wait looks whether a signal came.
const GLANCE: Duration = Duration::from_millis(100);

/// A page as it came, after redirects.
#[derive(Debug, Default)]
pub struct Page {
    /// The status.
    pub status: u16,
    /// The path it came from in the end.
    pub path: String,
    /// The values of its Set-Cookie fields, and of those of the redirects before it.
    pub cookies: Vec<String>,
    /// The body.
    pub body: Vec<u8>,
    /// How many redirects led to it.
    pub redirects: u8,
    /// Its Date field.
    pub date: Option<[u8; DATE_BYTES]>,
    /// The field by which the body is encoded, if it is.
    pub coding: Option<Box<str>>,
    /// Whether the server would take another request on the same connection.
    pub keep_alive: bool,
    /// When it was asked for and came.
    pub times: Times,
}

/// Instants of a page by this machine's wall clock, nanoseconds since the Unix epoch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Times {
    /// Before the first connection.
    pub started: i64,
    /// Before the request that was answered by the page itself was sent.
    pub sent: i64,
    /// After its last byte came.
    pub received: i64,
}

/// Fetches the page at `path` with the run's own header fields, following redirects.
pub fn get(
    scenario: &Scenario,
    route: Route,
    path: &str,
    timeout: Option<Duration>,
    signals: &Signals,
) -> Result<Page, Failure> {
    let patience = timeout.unwrap_or(PATIENCE).min(PATIENCE);
    let visit = Visit::begin(scenario, route, patience, signals);
    visit.follow(path, None)
}

/// Sends a form as a purchase of the run would, following redirects as it would.
pub fn post(
    scenario: &Scenario,
    route: Route,
    path: &str,
    form: &[u8],
    timeout: Option<Duration>,
    signals: &Signals,
) -> Result<Page, Failure> {
    let patience = timeout.unwrap_or(NO_LIMIT).min(NO_LIMIT);
    let visit = Visit::begin(scenario, route, patience, signals);
    visit.follow(path, Some(form))
}

/// What the requests for one page have in common.
struct Visit<'a> {
    scenario: &'a Scenario,
    route: Route,
    deadline: Instant,
    signals: &'a Signals,
    clock: Clock,
}

impl<'a> Visit<'a> {
    fn begin(
        scenario: &'a Scenario,
        route: Route,
        patience: Duration,
        signals: &'a Signals,
    ) -> Visit<'a> {
        Visit {
            scenario,
            route,
            deadline: Instant::now() + patience,
            signals,
            clock: Clock::start(),
        }
    }

    fn follow(&self, path: &str, mut form: Option<&[u8]>) -> Result<Page, Failure> {
        let started = self.now();
        let mut path = path.to_owned();
        let mut cookies = Vec::new();
        for redirects in 0..=MAX_REDIRECTS {
            let (parser, sent) = self.exchange(&path, form)?;
            let received = self.now();
            let head = parser.head().expect("a complete response has a head");
            let lines = String::from_utf8_lossy(&head.cookies);
            cookies.extend(lines.lines().map(str::to_owned));
            if !matches!(head.status, 301 | 302 | 303 | 307 | 308) {
                return Ok(Page {
                    status: head.status,
                    path,
                    cookies,
                    body: parser.body().to_vec(),
                    redirects,
                    date: head.date,
                    coding: head.coding.clone(),
                    keep_alive: head.keep_alive,
                    times: Times {
                        started,
                        sent,
                        received,
                    },
                });
            }
            form = form.filter(|_| matches!(head.status, 307 | 308));
            path = self.scenario.redirect(&path, head.location.as_deref())?;
        }
        Err(FailureKind::TooManyRedirects.into())
    }

    /// One request and its response, and when the request was sent; a form makes it a POST.
    fn exchange(&self, path: &str, form: Option<&[u8]>) -> Result<(ResponseParser, i64), Failure> {
        let mut request = Vec::new();
        let requests = &self.scenario.requests;
        let body_use = match form {
            None => {
                requests.get(path, &mut request);
                BodyUse::KeepPage { limit: PAGE_LIMIT }
            }
            Some(form) => {
                requests.post(path, form.len(), &mut request);
                request.extend_from_slice(form);
                BodyUse::KeepPage {
                    limit: self.scenario.max_body,
                }
            }
        };
        let mut stream = TcpStream::from_std(self.route.begin()?);
        let mut poll = Poll::new()?;
        let interest = Interest::READABLE | Interest::WRITABLE;
        poll.registry().register(&mut stream, Token(0), interest)?;
        let mut events = Events::with_capacity(1);

        let mut unsent = request.as_slice();
        let mut sent = self.now();
        let mut parser = ResponseParser::new(body_use);
        let mut buffer = [0; 16 * 1024];
        while !parser.is_complete() {
            let left = self.time_left()?;
            if self.signals.received().is_some() {
                return Err(FailureKind::Interrupted.into());
            }
            let before = self.now();
            let progress = match unsent.is_empty() {
                // Until the handshake is over this would block, and if it fails this is its error.
                false => stream.write(unsent).map(|count| {
                    if unsent.len() == request.len() {
                        sent = before;
                    }
                    unsent = &unsent[count..];
                }),
                true => match stream.read(&mut buffer) {
                    Ok(0) => {
                        parser.end()?;
                        Ok(())
                    }
                    Ok(count) => {
                        parser.feed(&buffer[..count])?;
                        Ok(())
                    }
                    Err(error) => Err(error),
                },
            };
            match progress {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    match poll.poll(&mut events, Some(left.min(GLANCE))) {
                        Err(error) if error.kind() != io::ErrorKind::Interrupted => {
                            return Err(error.into());
                        }
                        _ => {}
                    }
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                other => other?,
            }
        }
        Ok((parser, sent))
    }

    fn time_left(&self) -> Result<Duration, Failure> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        match left.is_zero() {
            true => Err(FailureKind::Timeout.into()),
            false => Ok(left),
        }
    }

    fn now(&self) -> i64 {
        self.clock.unix_nanos(self.clock.now())
    }
}

/// The failure of a handshake.
pub fn connect(error: io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::TimedOut => FailureKind::ConnectTimeout.into(),
        _ => error.into(),
    }
}
