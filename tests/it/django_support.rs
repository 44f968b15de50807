//! The Django shop as a process: started behind a server of choice, asked what it has really sold,
//! and stopped without a trace.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::NamedTempFile;

use crate::django_burst::{Order, orders};
use crate::django_turn::Turn;
use crate::support::*;

/// The first start of all makes a virtual environment, from the network.
const START_PATIENCE: Duration = Duration::from_secs(400);

/// `serve` says with it that this machine lacks a requirement.
const LACKING: i32 = 3;

/// Where the shop's sources are.
pub fn sources() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/djangoshop")
}

/// A command line of `serve`; its standard error goes to the file. Same time zone as the client's.
fn serve(args: &[&str], errors: &NamedTempFile) -> Command {
    let mut serve = Command::new("python3");
    let stderr = errors.reopen().expect("a file that was just made");
    serve
        .arg(sources().join("serve"))
        .args(args)
        .env("TZ", TIME_ZONE)
        .stderr(stderr);
    serve
}

/// Reports that a test was skipped; if skipping is not allowed, that is a failure.
fn skip<T>(args: &[&str], reason: &str) -> Option<T> {
    let what = args.join(" ");
    assert!(
        std::env::var_os("PROFILERCLIENT_NO_SKIP").is_none(),
        "PROFILERCLIENT_NO_SKIP is set, but serve {what} cannot be tested here: {reason}"
    );
    // Not by eprintln!, which is shown for failed tests only.
    let reason = reason.trim();
    writeln!(io::stderr(), "SKIPPED: serve {what} ({reason})").expect("stderr");
    None
}

/// Asserts that `serve` lacks something, rather than failed, and skips.
fn lacking<T>(args: &[&str], status: ExitStatus, errors: &NamedTempFile) -> Option<T> {
    let reason = std::fs::read_to_string(errors).expect("it can be read");
    assert_eq!(
        status.code(),
        Some(LACKING),
        "serve {} ended: {reason}",
        args.join(" ")
    );
    skip(args, &reason)
}

/// The Python of the shop's environment; none where it cannot be made.
pub fn python() -> Option<PathBuf> {
    let errors = NamedTempFile::new().expect("a file");
    let args = ["--prepare-only"];
    let output = match serve(&args, &errors).stdin(Stdio::null()).output() {
        Ok(output) => output,
        Err(error) => return skip(&args, &format!("python3: {error}")),
    };
    if !output.status.success() {
        return lacking(&args, output.status, &errors);
    }
    let path = String::from_utf8(output.stdout).expect("a UTF-8 path");
    Some(PathBuf::from(path.trim_end()))
}

/// The shop behind a server. Dropped, it is stopped, with everything that it has started.
pub struct DjangoShop {
    child: Child,
    errors: NamedTempFile,
    pub url: String,
    /// The second server, with `--rest`.
    pub rest: Option<String>,
    /// The shop over TLS, with `--tls-cert`.
    pub https: Option<String>,
    pids: Value,
    _turn: Turn,
}

impl DjangoShop {
    /// Waits for its turn and starts `serve`; none if this machine lacks what is asked for.
    pub fn start(args: &[&str]) -> Option<DjangoShop> {
        let turn = Turn::take();
        let errors = NamedTempFile::new().expect("a file");
        let mut all = vec!["--until-eof"];
        all.extend(args);
        // What would survive even a SIGKILL of this process sees the end of its standard input.
        let spawned = serve(&all, &errors)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let mut child = match spawned {
            Ok(child) => child,
            Err(error) => return skip(args, &format!("python3: {error}")),
        };
        let lines = lines(child.stdout.take().expect("piped"));
        let mut shop = DjangoShop {
            child,
            errors,
            url: String::new(),
            rest: None,
            https: None,
            pids: Value::Null,
            _turn: turn,
        };
        let deadline = Instant::now() + START_PATIENCE;
        while shop.url.is_empty() {
            let left = deadline.saturating_duration_since(Instant::now());
            match lines.recv_timeout(left) {
                Ok(line) => shop.takes(&line),
                Err(mpsc::RecvTimeoutError::Timeout) => panic!("{args:?}: no shop yet"),
                Err(mpsc::RecvTimeoutError::Disconnected) => {
                    return lacking(args, shop.wait(), &shop.errors);
                }
            }
        }
        Some(shop)
    }

    /// Takes one line of the output of `serve` at start-up.
    fn takes(&mut self, line: &str) {
        if line.starts_with("http://") {
            self.url = line.to_owned();
        } else if let Some(url) = line.strip_prefix("rest: ") {
            self.rest = Some(url.to_owned());
        } else if let Some(url) = line.strip_prefix("https: ") {
            self.https = Some(url.to_owned());
        } else if let Some(json) = line.strip_prefix("pids: ") {
            self.pids = serde_json::from_str(json).expect("JSON");
        }
    }

    /// The process `serve`, `shop`, `nginx`, `rest` or `postgres`.
    pub fn pid(&self, name: &str) -> u32 {
        pid(&self.pids[name])
    }

    /// Kills one of them, and waits until it is gone.
    pub fn kill(&self, name: &str) {
        signal(self.pid(name), libc::SIGKILL);
        wait_until("a process to be gone", || is_gone(self.pid(name)));
    }

    /// The application server's children.
    pub fn workers(&self) -> Vec<u32> {
        let workers = self.pids["workers"].as_array().expect("a list");
        workers.iter().map(pid).collect()
    }

    fn all_pids(&self) -> impl Iterator<Item = u32> {
        let pids = self
            .pids
            .as_object()
            .into_iter()
            .flat_map(|all| all.values());
        pids.flat_map(|one| match one.as_array() {
            Some(several) => several.iter().map(pid).collect(),
            None => vec![pid(one)],
        })
    }

    /// The `/stats/` of an app, with every order.
    pub fn sold(&self, app: &str) -> Value {
        let mut stats = None;
        // A server that drops connections under load may drop this one too.
        wait_until("the shop's figures", || {
            stats = get_json(&self.url, "/stats/?emails=1&orders=1").ok();
            stats.is_some()
        });
        stats.expect("waited for")["apps"][app].take()
    }

    /// The app's orders, once the last of them has finished: of requests that no client waits for any
    /// more, a sale may come between two figures.
    pub fn settled(&self, app: &str) -> Vec<Order> {
        let mut sold = self.sold(app);
        wait_until("the last sales", || {
            let before = std::mem::replace(&mut sold, self.sold(app));
            before == sold
        });
        orders(&sold)
    }

    /// Items that are ordered at the second server.
    pub fn ordered(&self) -> u64 {
        let orders = get_json(self.rest.as_ref().expect("--rest"), "/").expect("it answers");
        orders["open_orders"].as_u64().expect("a number")
    }

    /// Waits until the second server has taken that many orders: then a burst is in progress. The shop
    /// itself would answer only after all requests in its queue; the second server has none.
    pub fn wait_for_orders(&self, count: u64) {
        wait_until("orders", || self.ordered() >= count);
    }

    /// Waits for `serve` to end; kills it (and fails) when it does not.
    pub fn wait(&mut self) -> ExitStatus {
        let deadline = Instant::now() + PATIENCE;
        loop {
            if let Some(status) = self.child.try_wait().expect("a child can be waited for") {
                return status;
            }
            if Instant::now() > deadline {
                self.child.kill().expect("it is still there");
                self.child.wait().expect("a child can be waited for");
                panic!("serve did not end within {PATIENCE:?}");
            }
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Drop for DjangoShop {
    fn drop(&mut self) {
        // A test may have ended it already.
        if !matches!(self.child.try_wait(), Ok(Some(_))) {
            signal(self.child.id(), libc::SIGTERM);
            self.wait();
            let left: Vec<u32> = self.all_pids().filter(|&pid| !is_gone(pid)).collect();
            assert!(
                thread::panicking() || left.is_empty(),
                "serve left {left:?}"
            );
        }
        if thread::panicking() {
            let errors = std::fs::read_to_string(&self.errors).unwrap_or_default();
            eprintln!("serve said: {errors}");
        }
    }
}

/// Whether a process has ended; what its parent has not yet asked for is a zombie.
pub fn is_gone(pid: u32) -> bool {
    let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else {
        return true;
    };
    let (_, after_name) = stat.rsplit_once(") ").expect("a name in brackets");
    after_name.starts_with('Z')
}

fn pid(value: &Value) -> u32 {
    let pid = value.as_u64().expect("a process id");
    u32::try_from(pid).expect("a small number")
}

/// The lines of a pipe, as they come; closed at its end.
fn lines(pipe: impl Read + Send + 'static) -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in BufReader::new(pipe).lines().map_while(Result::ok) {
            // The test may have heard enough; the pipe is read on.
            let _ = sender.send(line);
        }
    });
    receiver
}

/// Fetches JSON.
fn get_json(base: &str, path: &str) -> io::Result<Value> {
    let mut stream = TcpStream::connect(base.trim_start_matches("http://"))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    write!(stream, "GET {path} HTTP/1.0\r\nHost: shop\r\n\r\n")?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let body = answer.split_once("\r\n\r\n").map(|(_, body)| body);
    serde_json::from_str(body.unwrap_or_default()).map_err(io::Error::other)
}
