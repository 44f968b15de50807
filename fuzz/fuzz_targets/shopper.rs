//! One shopper with redirects and keep-alive, whatever the server sends and however it is split: one row,
//! stamps in order, request lines of visible ASCII; and of the same bytes the same row.
//!
//! The input is a byte of settings, then steps: a letter (its value modulo 8 says what happens), and for
//! bytes from the server up to a `~` what they are, by their first byte a ready response or as they are.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use profilerclient::http::request::RequestWriter;
use profilerclient::plan::Orders;
use profilerclient::row::failure::FailureKind;
use profilerclient::row::{Arrival, Exchange, Row};
use profilerclient::rows::encode::Encoder;
use profilerclient::rows::read::read_rows;
use profilerclient::shopper::scenario::{MAX_REDIRECTS, Scenario};
use profilerclient::shopper::{Memory, Next, Shopper};
use profilerclient::time::clock::{Clock, Stamp};
use url::Url;

const MAX_BODY: usize = 512;

/// Beginnings of responses that are rarely hit upon.
const READY: [&str; 10] = [
    "HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nwelcome",
    "HTTP/1.1 200 OK\r\nContent-Length: 16\r\n\r\n{\"result\": true}",
    "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: ",
    "HTTP/1.1 307 Temporary Redirect\r\nContent-Length: 0\r\nLocation: ",
    "HTTP/1.1 308 Permanent Redirect\r\nContent-Length: 0\r\nLocation: http://shop:8000",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
    "HTTP/1.0 200 OK\r\n\r\n",
    "HTTP/1.1 103 Early Hints\r\n\r\n",
    "HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 500 Oops\r\nContent-Length: 21\r\n\r\n<title>wrong</title>  ",
];

/// What happens to a shopper.
enum Step {
    Bytes { wire: Vec<u8>, piece: usize },
    EndOfStream,
    Failure,
    Interruption,
}

fn steps(mut input: &[u8]) -> Vec<Step> {
    let mut steps = Vec::new();
    while let [kind, rest @ ..] = input {
        input = rest;
        steps.push(match kind % 8 {
            0 => Step::EndOfStream,
            1 => Step::Failure,
            2 => Step::Interruption,
            _ => {
                let end = rest.iter().position(|&byte| byte == b'~');
                let (bytes, after) = rest.split_at(end.unwrap_or(rest.len()));
                input = after.get(1..).unwrap_or_default();
                let wire = match bytes {
                    [which @ b'0'..=b'9', tail @ ..] => {
                        let ready = READY[usize::from(which - b'0')].as_bytes();
                        let end: &[u8] = match ready.ends_with(b"\r\n\r\n") || tail.is_empty() {
                            true => b"",
                            false => b"\r\n\r\n",
                        };
                        [ready, tail, end].concat()
                    }
                    _ => bytes.to_vec(),
                };
                let piece = usize::from(kind / 8).max(1);
                Step::Bytes { wire, piece }
            }
        });
    }
    steps
}

/// By the two lowest bits of the settings.
static SCENARIOS: LazyLock<[Scenario; 4]> = LazyLock::new(|| [0, 1, 2, 3].map(scenario));

fn scenario(settings: u8) -> Scenario {
    let keep_alive = settings & 1 == 1;
    let alias = Url::parse("http://alias.test").expect("a URL").origin();
    Scenario {
        base: Url::parse("http://shop:8000").expect("a URL"),
        alias: (settings & 2 == 2).then_some(alias),
        requests: RequestWriter::new("shop:8000", "fuzz", &[], &[], keep_alive),
        home_path: "/rdbms?page=1".to_owned(),
        buy_paths: vec!["/rdbms/2/purchase/1/".to_owned()],
        form_suffix: Vec::new(),
        keep_alive,
        max_body: MAX_BODY,
        site: None,
        page: None,
    }
}

/// Sends a shopper's requests nowhere, and counts them.
struct Server<'a> {
    scenario: &'a Scenario,
    shopper: Shopper,
    memory: Memory,
    now: u64,
    requests: [usize; 2],
    /// Whether the next bytes may have come before the request.
    is_reused: bool,
    is_done: bool,
}

impl Server<'_> {
    fn tick(&mut self) -> Stamp {
        self.now += 1;
        Stamp::at(self.now)
    }

    fn ask(&mut self) {
        let now = self.tick();
        self.shopper.start(now);
        let now = self.tick();
        self.shopper.note_connected(now);
        let mut request = Vec::new();
        self.shopper.write_request(self.scenario, &mut request);
        let head_end = find(&request, b"\r\n\r\n").expect("a whole head") + 4;
        let line = &request[..find(&request, b"\r\n").expect("a line")];
        let words: Vec<&[u8]> = line.split(|&byte| byte == b' ').collect();
        let [method, path, b"HTTP/1.1"] = words[..] else {
            panic!("{:?}", String::from_utf8_lossy(line));
        };
        assert!(path.starts_with(b"/") && !path.contains(&b'#'), "{path:?}");
        assert!(path.iter().all(u8::is_ascii_graphic), "{path:?}");
        assert_eq!(method == b"POST", self.shopper.is_post());
        assert_eq!(method == b"POST", request.len() > head_end);
        assert!(method == b"POST" || method == b"GET");
        // None is repeated but a GET that crossed with an answer on a connection that stood idle.
        let requests = &mut self.requests[usize::from(self.shopper.is_buying())];
        *requests += 1;
        assert!(*requests <= 2 * (usize::from(MAX_REDIRECTS) + 1));
        let now = self.tick();
        self.shopper.note_sent(now, false);
    }

    fn follow(&mut self, next: Next) {
        match next {
            Next::Wait => {}
            Next::Request { reuse } => {
                assert!(self.scenario.keep_alive || !reuse);
                self.is_reused = reuse;
                self.ask();
            }
            Next::Done { reuse } => {
                assert!(self.scenario.keep_alive || !reuse);
                self.is_done = true;
            }
        }
    }

    /// The bytes of one connection: what follows an answer is not read.
    fn deliver(&mut self, wire: &[u8], piece: usize, may_precede: bool) {
        for part in wire.chunks(piece) {
            let now = self.tick();
            let is_first = std::mem::take(&mut self.is_reused) && may_precede;
            let arrival = Arrival::seen_at(now);
            let next =
                (self.shopper).receive(self.scenario, &mut self.memory, part, arrival, is_first);
            assert!(self.shopper.held_bytes() <= 256 * 1024);
            self.follow(next);
            if next != Next::Wait {
                return;
            }
        }
    }
}

fn find(bytes: &[u8], what: &[u8]) -> Option<usize> {
    bytes.windows(what.len()).position(|window| window == what)
}

/// The row that steps lead to; `piece` overrules the sizes in which bytes come.
fn row(settings: u8, steps: &[Step], piece: Option<usize>) -> Row {
    let scenario = &SCENARIOS[usize::from(settings & 3)];
    let orders = Orders {
        seed: 1,
        products: 1,
        first: 0,
    };
    let mut server = Server {
        scenario,
        shopper: Shopper::new(orders.order(0), 1),
        memory: Memory::default(),
        now: 0,
        requests: [0; 2],
        is_reused: false,
        is_done: false,
    };
    let may_precede = settings & 4 == 4;
    server.ask();
    for step in steps {
        let now = server.tick();
        match step {
            Step::Bytes { wire, piece: own } => {
                let piece = piece.unwrap_or(*own);
                server.deliver(wire, piece, may_precede);
            }
            Step::EndOfStream => {
                let next = server.shopper.end_stream(scenario, now);
                server.follow(next);
            }
            Step::Failure => {
                let failure = FailureKind::ConnectionReset.into();
                let next = server.shopper.fail(scenario, failure, now);
                server.follow(next);
            }
            Step::Interruption => {
                server.shopper.interrupt(now);
                server.is_done = true;
            }
        }
        if server.is_done {
            break;
        }
    }
    if !server.is_done {
        let now = server.tick();
        server.shopper.interrupt(now);
    }
    server.shopper.take_row()
}

fn assert_in_order(exchange: &Exchange) {
    let Exchange {
        started,
        connected,
        sent,
        first_byte,
        stopped,
        seen,
        ..
    } = exchange;
    let stamps = [started, connected, sent, first_byte, stopped, seen];
    let stamps: Vec<Stamp> = stamps.into_iter().flatten().copied().collect();
    // A failure of one request may be noted in the very instant of the next.
    assert!(stamps.is_sorted(), "{exchange:?}");
    if let (Some(phases), Some(elapsed)) = (exchange.phases(), exchange.elapsed()) {
        let sum: i64 = phases.parts().into_iter().flatten().sum();
        assert_eq!(sum, elapsed, "{exchange:?}");
    }
    assert!(exchange.failure.is_some() || exchange.status == Some(200));
    assert!(exchange.redirects <= MAX_REDIRECTS);
}

/// What does not depend on when bytes came.
fn timeless(row: &Row) -> impl PartialEq + std::fmt::Debug + use<> {
    let of = |exchange: &Exchange| {
        let failure = exchange.failure.clone();
        (exchange.status, failure, exchange.redirects)
    };
    (of(&row.home), of(&row.buy), row.report.clone())
}

/// Whether a head was refused, which may be before it is whole: in which step that is, is a matter of
/// how it came.
fn fails_in_head(row: &Row) -> bool {
    let failures = [&row.home.failure, &row.buy.failure];
    failures.into_iter().flatten().any(|failure| {
        matches!(
            failure.kind,
            FailureKind::BadHead | FailureKind::TooManyHeaders | FailureKind::HeadTooLarge
        )
    })
}

fuzz_target!(|input: &[u8]| {
    let Some((&settings, input)) = input.split_first() else {
        return;
    };
    let steps = steps(input);
    let split = row(settings, &steps, None);
    assert_in_order(&split.home);
    assert_in_order(&split.buy);
    assert_eq!(split.buy.satisfied(), split.buy.failure.is_none());
    assert!(split.buy.failure.is_some() || split.report.is_some());
    // Whether an answer came unasked is told by what came with it.
    if settings & 4 == 0 {
        let whole = row(settings, &steps, Some(usize::MAX));
        let by_bytes = row(settings, &steps, Some(1));
        if ![&split, &whole, &by_bytes].into_iter().any(fails_in_head) {
            assert_eq!(timeless(&split), timeless(&whole));
            assert_eq!(timeless(&split), timeless(&by_bytes));
        }
    }
    let mut encoder = Encoder::new("fuzz".to_owned(), true).with_phases(true);
    let mut csv = Vec::new();
    encoder.header(&mut csv);
    encoder.row(&split, &Clock::start(), &mut csv);
    let mut rows = read_rows(csv.as_slice()).expect("a header");
    let read = rows.next().expect("a row").expect("it can be read");
    assert_eq!(read.row.home.status, split.home.status);
    assert_eq!(read.row.buy.status, split.buy.status);
    assert!(rows.next().is_none());
});
