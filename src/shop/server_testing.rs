//! A shop to test against, and a minimal client.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use super::super::{Faults, Settings};
use super::Server;

/// A shop on a thread, stopped when it goes out of scope.
pub(super) struct Running {
    pub(super) address: SocketAddr,
    stop: Arc<AtomicBool>,
    wake: std::os::unix::net::UnixStream,
    thread: Option<JoinHandle<()>>,
}

impl Running {
    pub(super) fn start(settings: Settings) -> Running {
        let listen = "127.0.0.1:0".parse().expect("an address");
        let settings = Settings { listen, ..settings };
        let tls = (settings.tls.as_ref()).map(|tls| tls.load().expect("a certificate"));
        let mut server = Server::open(&settings, tls).expect("a server");
        let address = server.address().expect("its address");
        let (wake, other) = std::os::unix::net::UnixStream::pair().expect("a pair");
        other.set_nonblocking(true).expect("non-blocking");
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let thread = thread::spawn(move || {
            let mut other = mio::net::UnixStream::from_std(other);
            server.watch(&mut other).expect("registered");
            server
                .serve(|| stopped.load(Ordering::SeqCst))
                .expect("served");
        });
        Running {
            address,
            stop,
            wake,
            thread: Some(thread),
        }
    }

    pub(super) fn with_faults(faults: &str) -> Running {
        let faults = Faults::parse(faults).expect("faults");
        Running::start(Settings {
            faults,
            ..Settings::default()
        })
    }

    pub(super) fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).expect("connected");
        // A hang becomes a failure.
        let patience = Some(Duration::from_secs(30));
        stream.set_read_timeout(patience).expect("a time-out");
        stream
    }

    pub(super) fn stats(&self) -> serde_json::Value {
        let (_, body) = ask(
            &mut self.connect(),
            b"GET /stats HTTP/1.1\r\nHost: x\r\n\r\n",
        );
        serde_json::from_slice(&body).expect("JSON")
    }

    pub(super) fn stats_when(
        &self,
        reached: impl Fn(&serde_json::Value) -> bool,
    ) -> serde_json::Value {
        let patience = Instant::now() + Duration::from_secs(30);
        loop {
            let stats = self.stats();
            if reached(&stats) {
                return stats;
            }
            assert!(Instant::now() < patience, "never reached: {stats}");
            thread::yield_now();
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::SeqCst);
        let woken = self.wake.write_all(b"x");
        let joined = self.thread.take().map(JoinHandle::join);
        if !thread::panicking() {
            woken.expect("the server waits");
            joined.expect("a thread").expect("no panic");
        }
    }
}

pub(super) fn purchase(email: &str) -> Vec<u8> {
    let form = format!("email={email}&repeat_email={email}&quantity=2");
    format!(
        "POST /rdbms/2/purchase/1/ HTTP/1.1\r\nHost: x\r\nContent-Length: {}\r\n\r\n{form}",
        form.len()
    )
    .into_bytes()
}

/// Sends a request and reads one answer with its `Content-Length`.
pub(super) fn ask(stream: &mut TcpStream, request: &[u8]) -> (String, Vec<u8>) {
    stream.write_all(request).expect("sent");
    read_answer(stream)
}

pub(super) fn read_answer(stream: &mut TcpStream) -> (String, Vec<u8>) {
    let head = read_head(stream);
    let (_, after) = head.split_once("Content-Length: ").expect("a length");
    let (length, _) = after.split_once("\r\n").expect("a line");
    let mut body = vec![0; length.parse().expect("a number")];
    stream.read_exact(&mut body).expect("a body");
    (head, body)
}

pub(super) fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).expect("a head");
        head.push(byte[0]);
    }
    String::from_utf8(head).expect("ASCII")
}

/// Everything until the end of the stream, and the error if it did not end in order.
pub(super) fn read_to_end(stream: &mut TcpStream) -> (Vec<u8>, Option<ErrorKind>) {
    let mut bytes = Vec::new();
    let result = stream.read_to_end(&mut bytes);
    (bytes, result.err().map(|error| error.kind()))
}

pub(super) fn report(body: &[u8]) -> serde_json::Value {
    serde_json::from_slice(body).expect("a report")
}
