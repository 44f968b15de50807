//! What the integration tests share: running the binary, shops and scripted servers to run it
//! against, and reading the rows back.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::tls_support::unverified_answer;

pub const BINARY: &str = env!("CARGO_BIN_EXE_profilerclient");

/// Shells start what runs in the background of a script with SIGINT and SIGQUIT ignored, which programs
/// inherit, and which this one respects: the tests of signals must not depend on how they were started.
#[used]
#[unsafe(link_section = ".init_array")]
static DEFAULT_SIGNALS: extern "C" fn() = restore_default_signals;

extern "C" fn restore_default_signals() {
    for signal in [libc::SIGINT, libc::SIGQUIT] {
        // SAFETY: the default action is a valid one, and no thread runs yet.
        unsafe { libc::signal(signal, libc::SIG_DFL) };
    }
}

/// The longest wait of a test: a test that hangs fails.
pub const PATIENCE: Duration = Duration::from_secs(60);

/// What the program left behind.
#[derive(Debug)]
pub struct Finished {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
}

impl Finished {
    /// The exit code as a shell has it: of a signal's death, 128 and the signal's number.
    pub fn code(&self) -> Option<i32> {
        let of_signal = || self.status.signal().map(|signal| 128 + signal);
        self.status.code().or_else(of_signal)
    }

    /// Asserts success and returns it.
    #[track_caller]
    pub fn ok(self) -> Finished {
        assert_eq!(self.code(), Some(0), "{self:#?}");
        self
    }

    /// Asserts an exit code and a single line on standard error that has all these parts.
    #[track_caller]
    pub fn refused(self, code: i32, parts: &[&str]) -> Finished {
        assert_eq!(self.code(), Some(code), "{self:#?}");
        assert_eq!(self.stderr.trim_end().lines().count(), 1, "{self:#?}");
        for part in parts {
            assert!(self.stderr.contains(part), "{part:?} is not in {self:#?}");
        }
        self
    }
}

/// Never UTC, and spelled out: a machine may lack the database of zones.
pub const TIME_ZONE: &str = "EST5EDT,M3.2.0,M11.1.0";

/// A command line of the program under test, in a time zone that is not UTC.
pub fn command<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(BINARY);
    command.args(args).stdin(Stdio::null()).env("TZ", TIME_ZONE);
    command
}

/// Runs the program to its end.
pub fn client<S: AsRef<OsStr>>(args: impl IntoIterator<Item = S>) -> Finished {
    finish(command(args))
}

/// Runs a command to its end.
pub fn finish(mut command: Command) -> Finished {
    finish_command(&mut command)
}

/// The same for a command that is still being put together.
pub fn finish_command(command: &mut Command) -> Finished {
    let child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    wait(child)
}

/// Waits for a child with piped outputs; kills it (and fails) when it hangs.
pub fn wait(mut child: Child) -> Finished {
    let pid = child.id();
    let read = |pipe: Option<Box<dyn Read + Send>>| {
        thread::spawn(move || {
            let mut text = Vec::new();
            if let Some(mut pipe) = pipe {
                pipe.read_to_end(&mut text).expect("a pipe can be read");
            }
            String::from_utf8_lossy(&text).into_owned()
        })
    };
    let stdout = read(child.stdout.take().map(|pipe| Box::new(pipe) as _));
    let stderr = read(child.stderr.take().map(|pipe| Box::new(pipe) as _));
    let (sender, receiver) = std::sync::mpsc::channel();
    let waiter = thread::spawn(move || {
        let status = child.wait().expect("a child can be waited for");
        // The receiver is gone only after a timeout, which has failed the test already.
        let _ = sender.send(());
        status
    });
    if receiver.recv_timeout(PATIENCE).is_err() {
        signal(pid, libc::SIGKILL);
        panic!("the program did not end within {PATIENCE:?}");
    }
    Finished {
        status: waiter.join().expect("the waiter ends"),
        stdout: stdout.join().expect("the reader ends"),
        stderr: stderr.join().expect("the reader ends"),
    }
}

/// Looks again and again until it is so; for at most [`PATIENCE`].
#[track_caller]
pub fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    while !is_so() {
        assert!(Instant::now() < deadline, "waited for {what} in vain");
        thread::sleep(Duration::from_millis(5));
    }
}

/// Sends a signal.
pub fn signal(pid: u32, number: i32) {
    profilerclient::sys::process::kill(pid, number).expect("the process is there");
}

/// The flags that nearly every run has: a target, an app, a level and a file.
pub fn flags(url: &str, shoppers: usize, file: &Path) -> Vec<String> {
    let file = file.to_str().expect("a UTF-8 path");
    [
        "-t",
        url,
        "-d",
        "rdbms",
        "-c",
        &shoppers.to_string(),
        "-o",
        file,
    ]
    .map(str::to_owned)
    .to_vec()
}

/// The embedded shop as a process.
pub struct Shop {
    child: Child,
    pub url: String,
}

impl Shop {
    /// Starts one on a free port.
    pub fn start(args: &[&str]) -> Shop {
        let mut child = command(["shop", "--listen", "127.0.0.1:0"])
            .args(args)
            .stdout(Stdio::piped())
            .spawn()
            .expect("the shop starts");
        let mut url = String::new();
        BufReader::new(child.stdout.take().expect("piped"))
            .read_line(&mut url)
            .expect("the shop says where it is");
        let is_url = url.starts_with("http://") || url.starts_with("https://");
        assert!(is_url, "the shop said {url:?}");
        Shop {
            child,
            url: url.trim().to_owned(),
        }
    }

    /// A figure of its `/stats`.
    pub fn stat(&self, name: &str) -> u64 {
        let stats = self.stats();
        stats[name]
            .as_u64()
            .unwrap_or_else(|| panic!("no {name} in {stats}"))
    }

    /// All of `/stats`. Over TLS, the connection that asks for them is one of those counted.
    pub fn stats(&self) -> Value {
        if let Some(address) = self.url.strip_prefix("https://") {
            return json_body(&unverified_answer(address, b"GET /stats HTTP/1.0\r\n\r\n"));
        }
        let address = self.url.trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).expect("the shop listens");
        stream
            .set_read_timeout(Some(PATIENCE))
            .expect("a time limit");
        stream
            .write_all(b"GET /stats HTTP/1.0\r\n\r\n")
            .expect("the shop reads");
        let mut answer = String::new();
        stream
            .read_to_string(&mut answer)
            .expect("the shop answers");
        json_body(&answer)
    }
}

fn json_body(answer: &str) -> Value {
    let (_, body) = answer.split_once("\r\n\r\n").expect("a whole head");
    serde_json::from_str(body).expect("JSON")
}

impl Drop for Shop {
    fn drop(&mut self) {
        // It may have ended by itself; then there is nothing to stop.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A server of raw sockets with a script, one thread per connection.
pub struct Scripted {
    pub address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl Scripted {
    /// Serves every connection by the script, which is told the number of the connection.
    pub fn start(script: impl Fn(TcpStream, usize) + Send + Sync + 'static) -> Scripted {
        Scripted::start_at("127.0.0.1:0", script)
    }

    /// The same at an address of one's own choice.
    pub fn start_at(
        address: &str,
        script: impl Fn(TcpStream, usize) + Send + Sync + 'static,
    ) -> Scripted {
        let listener = TcpListener::bind(address).expect("a free port");
        let address = listener.local_addr().expect("its address");
        let connections = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&connections);
        let script = Arc::new(script);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let number = counter.fetch_add(1, Ordering::SeqCst);
                let script = Arc::clone(&script);
                thread::spawn(move || {
                    stream
                        .set_read_timeout(Some(PATIENCE))
                        .expect("a time limit");
                    script(stream, number);
                });
            }
        });
        Scripted {
            address,
            connections,
        }
    }

    /// Answers a GET with a page, and a POST by the script.
    pub fn purchases(script: impl Fn(TcpStream) + Send + Sync + 'static) -> Scripted {
        Scripted::start(move |mut stream, _| {
            let request = read_request(&mut stream);
            if request.starts_with("GET") {
                respond(&mut stream, &page(200, "text/html", "welcome"));
            } else {
                script(stream);
            }
        })
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// How many connections there were so far.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

/// Reads one request, head and body; empty when the client closes instead.
pub fn read_request(stream: &mut impl Read) -> String {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        if let Some(end) = request.windows(4).position(|w| w == b"\r\n\r\n") {
            let head = String::from_utf8_lossy(&request[..end]).to_lowercase();
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "))
                .map_or(0, |length| length.parse().expect("a number"));
            if request.len() >= end + 4 + length {
                return String::from_utf8(request).expect("ASCII");
            }
        }
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return String::new(),
            Ok(count) => request.extend_from_slice(&buffer[..count]),
        }
    }
}

/// Sends what the client may or may not wait for: it is free to go away.
pub fn respond(stream: &mut impl Write, bytes: &[u8]) {
    let _ = stream.write_all(bytes);
}

/// A whole response with a length.
pub fn page(status: u16, content_type: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status} x\r\nContent-Type: {content_type}\r\nContent-Length: {length}\r\n\r\n{body}")
        .into_bytes()
}

pub const REPORT: &str = r#"{"cpu_usage": 12.5, "elapsed_seconds": 0.25, "error_msg": "",
    "memory_usage": 811, "result": true, "started_time": "2026-01-02T03:04:05.000006",
    "stopped_time": "2026-01-02T03:04:05.250006"}"#;

/// A purchase that went well.
pub fn report() -> Vec<u8> {
    page(200, "application/json", REPORT)
}

/// One row by column names.
pub type Row = HashMap<String, String>;

pub const COLUMNS: [&str; 28] = [
    "concurrent_requests",
    "benchmark_title",
    "client_home_elapsed_seconds",
    "client_home_error_msg",
    "client_home_http_code",
    "client_home_result",
    "client_home_started_time",
    "client_home_stopped_time",
    "server_buy_cpu_usage",
    "server_buy_elapsed_seconds",
    "server_buy_error_msg",
    "server_buy_memory_usage",
    "server_buy_result",
    "server_buy_started_time",
    "server_buy_stopped_time",
    "server_rest_cpu_usage",
    "server_rest_elapsed_seconds",
    "server_rest_error_msg",
    "server_rest_memory_usage",
    "server_rest_result",
    "server_rest_started_time",
    "server_rest_stopped_time",
    "client_buy_elapsed_seconds",
    "client_buy_error_msg",
    "client_buy_http_code",
    "client_buy_result",
    "client_buy_started_time",
    "client_buy_stopped_time",
];

pub const PHASE_COLUMNS: [&str; 30] = [
    "client_home_connect_seconds",
    "client_home_send_seconds",
    "client_home_wait_seconds",
    "client_home_receive_seconds",
    "client_home_seen_delay_seconds",
    "client_home_clock",
    "client_home_local_port",
    "client_home_redirects",
    "client_buy_connect_seconds",
    "client_buy_send_seconds",
    "client_buy_wait_seconds",
    "client_buy_receive_seconds",
    "client_buy_seen_delay_seconds",
    "client_buy_clock",
    "client_buy_local_port",
    "client_buy_redirects",
    "buy_before_server_raw_seconds",
    "buy_in_server_seconds",
    "buy_after_server_raw_seconds",
    "run_part",
    "client_home_due_time",
    "client_home_launch_delay_seconds",
    "client_home_hop_delay_seconds",
    "client_buy_hop_delay_seconds",
    "client_home_tls_seconds",
    "client_buy_tls_seconds",
    "client_home_tls_handshake",
    "client_buy_tls_handshake",
    "server_home_timing",
    "server_buy_timing",
];

/// Reads a report back and checks the form that all rows share.
#[track_caller]
pub fn rows(file: &Path) -> Vec<Row> {
    let text = std::fs::read_to_string(file).expect("the report is there");
    rows_of(&text)
}

/// The same for a text.
#[track_caller]
pub fn rows_of(text: &str) -> Vec<Row> {
    rows_under(&COLUMNS, text, &[200.0])
}

/// The same for a run with those statuses of `--expect`, with the columns of `--phases` or without.
#[track_caller]
pub fn rows_of_site(file: &Path, phases: bool, expected: &[f64]) -> Vec<Row> {
    let text = std::fs::read_to_string(file).expect("the report is there");
    let appended: &[&str] = if phases { &PHASE_COLUMNS } else { &[] };
    rows_under(&[&COLUMNS[..], appended].concat(), &text, expected)
}

/// The same for a report with the columns of `--phases`.
#[track_caller]
pub fn rows_with_phases(file: &Path) -> Vec<Row> {
    let text = std::fs::read_to_string(file).expect("the report is there");
    let columns = [&COLUMNS[..], &PHASE_COLUMNS].concat();
    rows_under(&columns, &text, &[200.0])
}

#[track_caller]
fn rows_under(columns: &[&str], text: &str, expected: &[f64]) -> Vec<Row> {
    assert!(text.ends_with("\r\n"), "whole lines");
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(b';')
        .from_reader(text.as_bytes());
    let header: Vec<String> = reader
        .headers()
        .expect("a header")
        .iter()
        .map(str::to_owned)
        .collect();
    assert_eq!(header, columns);
    let rows: Vec<Row> = reader
        .deserialize()
        .map(|row| row.expect("a field for each column"))
        .collect();
    rows.iter().for_each(|row| check_row(row, expected));
    rows
}

/// What holds for every row, whatever became of the shopper.
#[track_caller]
fn check_row(row: &Row, expected: &[f64]) {
    let number = |name: &str| -> f64 {
        row[name]
            .parse()
            .unwrap_or_else(|_| panic!("{name} in {row:?}"))
    };
    assert!(number("concurrent_requests") >= 1.0);
    for step in ["home", "buy"] {
        let column = |name: &str| format!("client_{step}_{name}");
        let text = |name: &str| row[&column(name)].as_str();
        let code = number(&column("http_code"));
        assert!(code == -100.0 || (100.0..=999.0).contains(&code), "{row:?}");
        let of_step: &[f64] = if step == "buy" { expected } else { &[200.0] };
        let satisfied = of_step.contains(&code) && text("error_msg").is_empty();
        assert_eq!(
            text("result"),
            if satisfied { "True" } else { "False" },
            "{row:?}"
        );
        if text("started_time").is_empty() {
            let why = text("error_msg");
            let is_told = why == "interrupted" || why.starts_with("not launched: ");
            assert!(is_told, "{row:?}");
            assert_eq!(
                (text("stopped_time"), text("elapsed_seconds")),
                ("", ""),
                "{row:?}"
            );
            continue;
        }
        assert_time(text("started_time"));
        assert_time(text("stopped_time"));
        assert!(text("started_time") <= text("stopped_time"), "{row:?}");
        let elapsed = text("elapsed_seconds");
        let (_, decimals) = elapsed.split_once('.').expect("decimals");
        assert!(decimals.len() >= 6, "{elapsed}");
        assert!(number(&column("elapsed_seconds")) >= 0.0, "{row:?}");
    }
    if !row["client_buy_started_time"].is_empty() {
        assert!(
            row["client_home_stopped_time"] <= row["client_buy_started_time"],
            "{row:?}"
        );
    }
}

/// ISO 8601 local time with six decimals and no offset.
#[track_caller]
pub fn assert_time(text: &str) {
    let shape: String = text
        .chars()
        .map(|c| if c.is_ascii_digit() { '0' } else { c })
        .collect();
    assert_eq!(shape, "0000-00-00T00:00:00.000000", "{text}");
}

/// How many rows have each text in a column.
pub fn count_by(rows: &[Row], column: &str) -> HashMap<String, usize> {
    let mut counts = HashMap::new();
    for row in rows {
        *counts.entry(row[column].clone()).or_insert(0) += 1;
    }
    counts
}
