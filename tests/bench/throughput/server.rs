//! What is measured against: nginx as one process on a core of its own.

use std::fs;
use std::net::Ipv4Addr;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use super::kernel;
use super::support::nginx::{Certificate, Nginx};

/// The bytes of the home page.
const PAGE_BYTES: usize = 1024;

/// A report as a shop sends it.
const REPORT: &str = r#"{"cpu_seconds": 0.01, "cpu_usage": 29.3, "elapsed_seconds": 0.234, "error_msg": "", "memory_usage": 3093, "result": true, "started_time": "2015-01-03T00:33:40.520812", "stopped_time": "2015-01-03T00:33:40.755203"}"#;

/// How long connections of the last run may take to be gone.
const SETTLED: Duration = Duration::from_secs(10);

/// A server that ends with this.
pub struct Server {
    nginx: Nginx,
    /// Its descriptors without any connection.
    idle: usize,
}

/// Times of a thread since its start, as `/proc/PID/schedstat` has them.
#[derive(Clone, Copy)]
pub struct CoreTime {
    pub ran: Duration,
    /// For a core that others had.
    pub waited: Duration,
}

impl Server {
    /// Starts it with that many ports, on that core; with a certificate it serves TLS 1.3.
    pub fn start(
        directory: &Path,
        ports: usize,
        core: Option<usize>,
        certificate: Option<&Certificate>,
    ) -> Result<Server, String> {
        let pin = |command: &mut _| {
            if let Some(core) = core {
                kernel::pin(command, core);
            }
        };
        let nginx = Nginx::start(
            directory,
            Ipv4Addr::LOCALHOST.into(),
            ports,
            &serving(),
            certificate,
            pin,
        )?;
        let nginx = nginx.ok_or("nginx is not installed: there is nothing to measure against")?;
        let mut server = Server { nginx, idle: 0 };
        // The connection that found out that it listens may not be closed yet.
        thread::sleep(Duration::from_millis(100));
        server.idle = server.descriptors();
        Ok(server)
    }

    /// An unused port.
    pub fn unused_port(&mut self) -> Result<u16, String> {
        self.nginx.unused_port()
    }

    /// Waits until the connections of the last run are gone.
    pub fn settle(&self) {
        let since = Instant::now();
        while self.descriptors() > self.idle && since.elapsed() < SETTLED {
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// What it has had of its core so far. It has one thread.
    pub fn time(&self) -> Option<CoreTime> {
        let text = fs::read_to_string(format!("/proc/{}/schedstat", self.nginx.child.id())).ok()?;
        let mut nanos = text.split_whitespace().map(|word| word.parse().ok());
        let mut next = || nanos.next().flatten().map(Duration::from_nanos);
        Some(CoreTime {
            ran: next()?,
            waited: next()?,
        })
    }

    fn descriptors(&self) -> usize {
        let directory = format!("/proc/{}/fd", self.nginx.child.id());
        fs::read_dir(directory).map_or(0, Iterator::count)
    }
}

/// Matches without regular expressions, so that the server has as little to do as possible.
fn serving() -> String {
    let page = "<p>a page of the shop</p>".repeat(PAGE_BYTES);
    let page = &page[..PAGE_BYTES];
    format!(
        "    location = /rdbms/ {{ return 200 '{page}'; }}\n\
         location /rdbms/ {{ default_type application/json; return 200 '{REPORT}'; }}\n"
    )
}
