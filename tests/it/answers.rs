//! What is the answer to a request, and when it has come: never bytes from before the request, never an
//! interim response, never less than the whole body.

use std::io::Write;
use std::net::TcpStream;
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use profilerclient::plan::{Closed, Load, Plan};
use profilerclient::reactor::{ReactorSettings, Recorder};
use profilerclient::row::Row as LoadRow;
use profilerclient::sys::{socket, stamps};
use profilerclient::time::clock::Stamp;
use tempfile::tempdir;

use crate::load_support::*;
use crate::support::*;

const WORK: Duration = Duration::from_millis(50);

const UNASKED: [&[u8]; 3] = [
    b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 408 Request Timeout\r\nConnection: close\r\n\r\n",
    b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nhi",
];

/// What the client has the server do while no request is outstanding.
struct Intruder {
    /// The server's end of the connections, in the order in which they were accepted.
    streams: Receiver<TcpStream>,
    unasked: &'static [u8],
    /// Whether before the launch, or else after the first row.
    is_before_launch: bool,
    rows: Vec<LoadRow>,
}

impl Intruder {
    /// Sends the bytes on the first connection. They have arrived when this returns, and the event
    /// loop, which waits for it, has not heard of them.
    fn intrude(&mut self) {
        let mut stream = self.streams.recv_timeout(PATIENCE).expect("a connection");
        stream.write_all(self.unasked).expect("still connected");
        wait_until("the acknowledgement", || {
            socket::unacknowledged(&stream).is_ok_and(|bytes| bytes == 0)
        });
    }
}

impl Recorder for Intruder {
    fn begin(&mut self, _: &Plan, _: Stamp) {
        if self.is_before_launch {
            self.intrude();
        }
    }

    fn record(&mut self, row: LoadRow) {
        self.rows.push(row);
        if !self.is_before_launch && self.rows.len() == 1 {
            self.intrude();
        }
    }
}

/// A shop that takes a while for each page, and hands out its connections.
fn shop(streams: Sender<TcpStream>) -> Scripted {
    Scripted::start(move |mut stream, _| {
        // The test may be through with connections.
        let _ = streams.send(stream.try_clone().expect("a second handle"));
        loop {
            let request = read_request(&mut stream);
            if request.is_empty() {
                return;
            }
            thread::sleep(WORK);
            let answer = match request.starts_with("GET") {
                true => page(200, "text/html", "welcome"),
                false => report(),
            };
            // A client that was told something else may have gone.
            if stream.write_all(&answer).is_err() {
                return;
            }
        }
    })
}

/// The clocks to test: the kernel's, if it has timestamps, and this process's.
fn clocks() -> Vec<bool> {
    match stamps::switch_on() {
        Ok(_) => vec![false, true],
        Err(_) => vec![false],
    }
}

#[test]
fn bytes_from_before_the_request_are_never_its_answer() {
    let _stamping = stamps::switch_on();
    for is_before_launch in [true, false] {
        for kernel_stamps in clocks() {
            for unasked in UNASKED {
                let (sender, streams) = mpsc::channel();
                let server = shop(sender);
                let plan = Plan {
                    shard: Default::default(),
                    orders: orders_of(1),
                    load: Load::Closed(Closed {
                        shoppers: 1,
                        total: Some(2),
                        ..Closed::default()
                    }),
                };
                let settings = ReactorSettings {
                    preconnect: is_before_launch,
                    kernel_stamps,
                    ..ReactorSettings::towards(server.address)
                };
                let mut intruder = Intruder {
                    streams,
                    unasked,
                    is_before_launch,
                    rows: Vec::new(),
                };
                react(&plan, &settings, true, &mut intruder);
                let case = format!("{is_before_launch} {kernel_stamps} {:?}", intruder.rows);
                assert_eq!(intruder.rows.len(), 2, "{case}");
                for row in &intruder.rows {
                    for exchange in [&row.home, &row.buy] {
                        assert!(exchange.satisfied(), "{case}");
                        let elapsed = exchange.elapsed().expect("an end");
                        assert!(elapsed >= WORK.as_nanos() as i64, "{case}");
                    }
                }
                assert_eq!(
                    server.connections(),
                    2,
                    "the other request went anew: {case}"
                );
            }
        }
    }
}

#[test]
fn an_answer_on_a_preconnected_idle_connection_is_not_used() {
    for clock in ["auto", "user"] {
        // The accept queue is full: the other handshakes take a second more, and the loop hears of the
        // bytes before the launch.
        let listener = socket::listener("127.0.0.1:0".parse().expect("an address"), 0);
        let listener = std::net::TcpListener::from(listener.expect("a free port"));
        listener.set_nonblocking(false).expect("an option");
        let url = format!("http://{}", listener.local_addr().expect("its address"));
        thread::spawn(move || {
            for (number, stream) in listener.incoming().map_while(Result::ok).enumerate() {
                thread::spawn(move || {
                    let mut stream = stream;
                    if number == 0 {
                        stream.write_all(UNASKED[2]).expect("connected");
                    }
                    let request = read_request(&mut stream);
                    thread::sleep(WORK);
                    let answer = match request.starts_with("GET") {
                        true => page(200, "text/html", "welcome"),
                        false => report(),
                    };
                    let _ = stream.write_all(&answer);
                });
                if number == 0 {
                    thread::sleep(Duration::from_millis(600));
                }
            }
        });
        let dir = tempdir().expect("a directory");
        let file = dir.path().join("report.csv");
        let path = file.to_str().expect("UTF-8");
        let load = format!("-c 4 --preconnect --clock {clock}");
        client(words(&url, path, &load)).ok();
        for row in rows(&file) {
            assert_eq!(row["client_home_result"], "True", "{row:?}");
            let elapsed: f64 = row["client_home_elapsed_seconds"].parse().expect("seconds");
            assert!(elapsed >= WORK.as_secs_f64(), "{row:?}");
        }
    }
}

/// A server that sends `first` at once, and the answer to the request after some work.
fn working(first: &'static [u8]) -> Scripted {
    Scripted::start(move |mut stream, _| {
        let request = read_request(&mut stream);
        respond(&mut stream, first);
        thread::sleep(WORK);
        let answer = match request.starts_with("GET") {
            true => page(200, "text/html", "welcome"),
            false => report(),
        };
        respond(&mut stream, &answer);
    })
}

#[test]
fn the_wait_ends_with_the_final_response() {
    for interim in [
        &b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"[..],
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\n\r\n",
    ] {
        let server = working(interim);
        let dir = tempdir().expect("a directory");
        let file = dir.path().join("report.csv");
        let path = file.to_str().expect("UTF-8");
        client(words(&server.url(), path, "-c 2 --phases")).ok();
        for row in rows_with_phases(&file) {
            for step in ["home", "buy"] {
                let of = |name: &str| -> f64 {
                    let text = &row[&format!("client_{step}_{name}_seconds")];
                    text.parse().expect("seconds")
                };
                assert!(of("wait") >= 0.9 * WORK.as_secs_f64(), "{row:?}");
                assert!(of("receive") < 0.5 * WORK.as_secs_f64(), "{row:?}");
            }
        }
    }
}

#[test]
fn a_body_without_a_length_ends_with_the_connection() {
    let server = Scripted::start(|mut stream, _| {
        let request = read_request(&mut stream);
        let body = match request.starts_with("GET") {
            true => "welcome",
            false => "{}",
        };
        respond(
            &mut stream,
            format!("HTTP/1.1 200 OK\r\n\r\n{body}").as_bytes(),
        );
        thread::sleep(WORK);
    });
    let begun = Instant::now();
    let run = run(&server.url(), "-c 1 --repeat 3");
    assert!(begun.elapsed() >= 6 * WORK);
    assert_eq!(run.all_bought(), 3);
    for row in &run.rows {
        for step in ["home", "buy"] {
            let elapsed = &row[&format!("client_{step}_elapsed_seconds")];
            let elapsed: f64 = elapsed.parse().expect("seconds");
            assert!(elapsed >= WORK.as_secs_f64(), "{row:?}");
        }
    }
    // The wait for the end belongs to the request, not to the launch of the next shopper.
    let late = run.seconds("/instrument/launch_delay_seconds/max");
    assert!(late < 0.5 * WORK.as_secs_f64(), "{late}");
}
