//! tcpdump on a device.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Stdio};
use std::thread;
use std::time::Duration;

use profilerclient::sys::process;

use super::pcap;
use super::records;
use super::truth::Truth;

/// All headers with their options, and nothing of the bodies.
const HEADERS_ONLY: &str = "96";
/// Everything: the headers of TLS records are within the data.
const EVERYTHING: &str = "0";
/// Enough for a burst of 10,000 to wait in until tcpdump gets its turn.
const BUFFER_KIB: &str = "131072";
/// tcpdump is given the last packets within a second.
const FLUSH: Duration = Duration::from_millis(1500);

/// A capture of one port's traffic; it ends with this.
pub struct Capture<'a> {
    child: Child,
    messages: BufReader<ChildStderr>,
    file: &'a Path,
    port: u16,
    is_tls: bool,
}

impl Capture<'_> {
    /// Begins, and waits until it has begun.
    pub fn start<'a>(
        file: &'a Path,
        device: &str,
        port: u16,
        is_tls: bool,
    ) -> Result<Capture<'a>, String> {
        let snapshot = if is_tls { EVERYTHING } else { HEADERS_ONLY };
        let mut command = Command::new("tcpdump");
        command
            .args(["-i", device, "-n", "-p", "--time-stamp-precision=nano"])
            .args(["-s", snapshot, "-B", BUFFER_KIB, "-Z", "root", "-w"])
            .arg(file)
            .arg(format!("tcp port {port}"))
            .stdin(Stdio::null())
            .stderr(Stdio::piped());
        process::die_with_parent(&mut command);
        let mut child = command
            .spawn()
            .map_err(|error| format!("tcpdump cannot be started: {error}"))?;
        let stderr = child.stderr.take().expect("asked for a pipe");
        let mut capture = Capture {
            child,
            messages: BufReader::new(stderr),
            file,
            port,
            is_tls,
        };
        let mut said = String::new();
        while !said.contains("listening on") {
            match capture.messages.read_line(&mut said) {
                Ok(count) if count > 0 => {}
                _ => return Err(format!("tcpdump does not capture: {}", said.trim())),
            }
        }
        Ok(capture)
    }

    /// Ends it and reads what it saw. Where packets were dropped there is no truth.
    pub fn finish(mut self) -> Result<Truth, String> {
        thread::sleep(FLUSH);
        process::kill(self.child.id(), libc::SIGINT).map_err(|error| error.to_string())?;
        let mut dropped = None;
        for line in self.messages.by_ref().lines() {
            let line = line.map_err(|error| error.to_string())?;
            if let Some(count) = line.strip_suffix(" packets dropped by kernel") {
                dropped = count.trim().parse::<u64>().ok();
            }
        }
        self.child.wait().map_err(|error| error.to_string())?;
        match dropped {
            Some(0) => {}
            Some(count) => return Err(format!("the capture lacks {count} packets: no conclusion")),
            None => return Err("tcpdump did not say what it dropped: no conclusion".to_owned()),
        }
        let bytes = fs::read(self.file).map_err(|error| error.to_string())?;
        let segments = pcap::segments(&bytes)?;
        Ok(match self.is_tls {
            false => Truth::of(&segments, self.port),
            true => Truth::of(&records::without_tls(&segments, self.port), self.port),
        })
    }
}

impl Drop for Capture<'_> {
    fn drop(&mut self) {
        // It has ended already unless something went wrong.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
