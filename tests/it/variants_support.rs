//! Runs with variants: a directory for each, and an address for servers that are started later.

use std::fs;
use std::os::fd::{FromRawFd, OwnedFd};
use std::path::{Path, PathBuf};

use profilerclient::rows::runs::{self, Line, PartLine, RunLine};
use tempfile::{TempDir, tempdir};

use crate::support::*;

/// A port of loopback for a server that is started later: bound, and never listening, so that no other
/// program is given it; a server that sets SO_REUSEADDR, as all do, can have it.
pub struct Held {
    pub port: u16,
    _socket: OwnedFd,
}

impl Held {
    pub fn new() -> Held {
        let mut address = libc::sockaddr_in {
            sin_family: libc::AF_INET as libc::sa_family_t,
            sin_port: 0,
            sin_addr: libc::in_addr {
                s_addr: u32::from_ne_bytes([127, 0, 0, 1]),
            },
            sin_zero: [0; 8],
        };
        let mut length = size_of::<libc::sockaddr_in>() as libc::socklen_t;
        // SAFETY: the pointers are to live values of the lengths given.
        unsafe {
            let socket = libc::socket(libc::AF_INET, libc::SOCK_STREAM | libc::SOCK_CLOEXEC, 0);
            assert!(socket >= 0);
            let owned = OwnedFd::from_raw_fd(socket);
            let one = 1_i32;
            let (level, name) = (libc::SOL_SOCKET, libc::SO_REUSEADDR);
            assert_eq!(
                libc::setsockopt(socket, level, name, (&raw const one).cast(), 4),
                0
            );
            assert_eq!(libc::bind(socket, (&raw const address).cast(), length), 0);
            assert_eq!(
                libc::getsockname(socket, (&raw mut address).cast(), &mut length),
                0
            );
            Held {
                port: u16::from_be(address.sin_port),
                _socket: owned,
            }
        }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// A command that serves the embedded shop there, and notes its process and the part in `pids`.
    pub fn serve(&self, dir: &Path, more: &str) -> String {
        format!(
            "echo $$ \"$VARIANT\" \"$ROUND\" >> '{}/pids'; exec '{BINARY}' shop --listen 127.0.0.1:{} {more}",
            dir.display(),
            self.port
        )
    }
}

/// The processes that `serve` noted.
pub fn pids(dir: &Path) -> Vec<u32> {
    let text = fs::read_to_string(dir.join("pids")).unwrap_or_default();
    let numbers = text.lines().filter_map(|line| line.split(' ').next());
    numbers.map(|pid| pid.parse().expect("a number")).collect()
}

/// A run in a directory of its own.
pub struct Place {
    dir: TempDir,
    pub file: PathBuf,
}

impl Place {
    pub fn new() -> Place {
        let dir = tempdir().expect("a directory");
        let file = dir.path().join("report.csv");
        Place { dir, file }
    }

    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// The words, with app and file added.
    pub fn words(&self, words: &[&str]) -> Vec<String> {
        let file = self.file.to_str().expect("UTF-8");
        let fixed = ["-d", "rdbms", "-o", file];
        fixed
            .iter()
            .chain(words)
            .map(|word| (*word).to_owned())
            .collect()
    }

    pub fn run(&self, words: &[&str]) -> Finished {
        client(self.words(words))
    }

    /// The lines beside the rows.
    pub fn lines(&self) -> (RunLine, Vec<PartLine>, String) {
        let (lines, unreadable) = runs::read(&self.file).expect("lines");
        assert_eq!(unreadable, 0);
        let (mut run, mut parts, mut ending) = (None, Vec::new(), String::new());
        for line in lines {
            match line {
                Line::Run(line) => run = Some(*line),
                Line::Part(line) => parts.push(*line),
                Line::End(line) => ending = line.ending,
            }
        }
        (run.expect("a run"), parts, ending)
    }

    pub fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).unwrap_or_default()
    }
}

pub fn variant(name: &str, url: &str) -> String {
    format!("{name}={url}")
}
