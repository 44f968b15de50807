//! The commands of `--prepare`, `--serve` and `--cleanup`: run by `/bin/sh -c`, each in a process group of
//! its own, so that a Ctrl-C at the terminal is for this program alone, which then ends them.
//!
//! Output goes to an unnamed file, not a pipe: nothing has to read it during the load, and a daemon that
//! inherits it is not waited for. Its end is shown if the command fails.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom};
use std::os::unix::fs::OpenOptionsExt;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::Duration;

use crate::exit::Hinted;
use crate::signals::Signals;
use crate::sys::clock::Instant;
use crate::sys::{cpus, process};
use crate::text::{Printable, shortened};

/// How long a process group may take to end after SIGTERM.
const GRACE: Duration = Duration::from_secs(10);

/// How long the kernel may take to end it after SIGKILL.
const KILLED: Duration = Duration::from_secs(2);

/// How often a process that is waited for is looked at.
const LOOK_SPAN: Duration = Duration::from_millis(5);

/// The most of an output that is shown: bytes, and lines.
const MOST_SHOWN: u64 = 8 << 10;
const MOST_LINES: usize = 20;

/// Characters of a command, and of a variant's name, in a message.
const MOST_OF_COMMAND: usize = 160;

/// Ends a process group once this program has ended, however it does: its standard input ends then.
const WATCH: &str = "read -r _; kill -s TERM -- \"-$1\"; sleep 10; kill -s KILL -- \"-$1\"";

/// What a command is run for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Occasion {
    /// The variant's name.
    pub variant: String,
    /// Its target: scheme, host, port and the path before the app.
    pub target: String,
    /// The round, counted from 1.
    pub round: u64,
    /// The virtual users; absent in an open workload.
    pub level: Option<u64>,
}

/// Starts the commands.
#[derive(Debug)]
pub(super) struct Hooks {
    /// The CPUs of this thread before `--cpu` and `--precise`: servers are not to share that of the load.
    cpus: Vec<u32>,
    /// How long a process group may take to end after SIGTERM.
    grace: Duration,
}

/// A command that did not do what it was run for.
#[derive(Debug)]
pub(super) struct HookError {
    option: &'static str,
    command: String,
    occasion: Option<Occasion>,
    what: Failed,
    /// The end of its output.
    output: Vec<String>,
}

/// How it failed.
#[derive(Debug)]
enum Failed {
    /// It could not be started.
    NotStarted(io::Error),
    /// It ended with another status than 0.
    Status(ExitStatus),
    /// A server ended by itself.
    Ended(ExitStatus),
    /// It did not end in time.
    TimedOut(Duration),
}

impl Hooks {
    /// To be made before this thread is bound to a CPU.
    pub fn new() -> Hooks {
        Hooks {
            cpus: cpus::allowed().unwrap_or_default(),
            grace: GRACE,
        }
    }

    /// Runs a command to its end; `None` if a signal ended that early.
    pub fn prepare(
        &self,
        command: &str,
        occasion: &Occasion,
        limit: Option<Duration>,
        signals: &mut Signals,
    ) -> Result<Option<()>, Box<HookError>> {
        let mut running = self.start("--prepare", command, Some(occasion))?;
        let began = Instant::now();
        loop {
            if let Some(status) = running.status() {
                return match status.success() {
                    true => Ok(Some(())),
                    false => Err(running.failed(Failed::Status(status))),
                };
            }
            if signals.received().is_some() {
                running.end();
                return Ok(None);
            }
            if let Some(limit) = limit.filter(|limit| began.elapsed() >= *limit) {
                running.end();
                return Err(running.failed(Failed::TimedOut(limit)));
            }
            // An error here is one of the wait, not of the command.
            if signals.wait(LOOK_SPAN).is_err() {
                thread::sleep(LOOK_SPAN);
            }
        }
    }

    /// Starts a server, which is ended when the value is dropped.
    pub fn serve(&self, command: &str, occasion: &Occasion) -> Result<Server, Box<HookError>> {
        let mut running = self.start("--serve", command, Some(occasion))?;
        match watch(running.child.id()) {
            Ok(watch) => Ok(Server { running, watch }),
            Err(error) => {
                running.end();
                Err(running.failed(Failed::NotStarted(error)))
            }
        }
    }

    /// Runs the command of `--cleanup` to its end, whether or not a signal has arrived.
    pub fn clean_up(&self, command: &str, limit: Option<Duration>) -> Result<(), Box<HookError>> {
        let mut running = self.start("--cleanup", command, None)?;
        let began = Instant::now();
        loop {
            if let Some(status) = running.status() {
                return match status.success() {
                    true => Ok(()),
                    false => Err(running.failed(Failed::Status(status))),
                };
            }
            if let Some(limit) = limit.filter(|limit| began.elapsed() >= *limit) {
                running.end();
                return Err(running.failed(Failed::TimedOut(limit)));
            }
            thread::sleep(LOOK_SPAN);
        }
    }

    fn start(
        &self,
        option: &'static str,
        command: &str,
        occasion: Option<&Occasion>,
    ) -> Result<Running, Box<HookError>> {
        let started = output_file().and_then(|output| {
            let mut shell = Command::new("/bin/sh");
            shell
                .args(["-c", command])
                .stdin(Stdio::null())
                .stdout(output.try_clone()?)
                .stderr(output.try_clone()?)
                .process_group(0);
            for name in ["VARIANT", "TARGET", "ROUND", "LEVEL"] {
                shell.env_remove(name);
            }
            if let Some(of) = occasion {
                let level = of.level.map_or(String::new(), |level| level.to_string());
                shell
                    .env("VARIANT", &of.variant)
                    .env("TARGET", &of.target)
                    .env("ROUND", of.round.to_string())
                    .env("LEVEL", level);
            }
            process::die_with_parent_by(&mut shell, libc::SIGTERM);
            if !self.cpus.is_empty() {
                process::run_on(&mut shell, self.cpus.clone());
            }
            Ok((shell.spawn()?, output))
        });
        match started {
            Ok((child, output)) => Ok(Running {
                option,
                command: command.to_owned(),
                occasion: occasion.cloned(),
                child,
                output,
                grace: self.grace,
            }),
            Err(error) => Err(Box::new(HookError {
                option,
                command: command.to_owned(),
                occasion: occasion.cloned(),
                what: Failed::NotStarted(error),
                output: Vec::new(),
            })),
        }
    }
}

/// A command that was started.
#[derive(Debug)]
struct Running {
    option: &'static str,
    command: String,
    occasion: Option<Occasion>,
    child: Child,
    output: File,
    grace: Duration,
}

impl Running {
    /// How it ended, if it has.
    fn status(&mut self) -> Option<ExitStatus> {
        // An error means that it is not there any more: SIGCHLD was ignored when this program was started,
        // so that its status is lost.
        let gone = |_| Some(ExitStatus::from_raw(0));
        self.child.try_wait().unwrap_or_else(gone)
    }

    /// Ends its process group, and returns when it is gone.
    fn end(&mut self) {
        let group = self.child.id();
        for (signal, patience) in [(libc::SIGTERM, self.grace), (libc::SIGKILL, KILLED)] {
            // It may be gone already.
            let _ = process::kill_group(group, signal);
            let began = Instant::now();
            while self.status().is_none() || process::is_group_alive(group) {
                if began.elapsed() >= patience {
                    break;
                }
                thread::sleep(LOOK_SPAN);
            }
        }
    }

    fn failed(&mut self, what: Failed) -> Box<HookError> {
        Box::new(HookError {
            option: self.option,
            command: self.command.clone(),
            occasion: self.occasion.clone(),
            what,
            output: tail(&mut self.output).unwrap_or_default(),
        })
    }
}

/// A server in the foreground. It is ended when this is dropped.
#[derive(Debug)]
pub(super) struct Server {
    running: Running,
    watch: Child,
}

impl Server {
    /// Fails if it has ended by itself.
    pub fn check(&mut self) -> Result<(), Box<HookError>> {
        match self.running.status() {
            None => Ok(()),
            Some(status) => Err(self.running.failed(Failed::Ended(status))),
        }
    }

    /// The end of its output.
    pub fn output(&mut self) -> Vec<String> {
        tail(&mut self.running.output).unwrap_or_default()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.running.end();
        // Its group is gone: there is nothing to watch. An error means that it has ended, too.
        let _ = self.watch.kill();
        let _ = self.watch.wait();
    }
}

/// Starts the process that ends a group after this program: also one that dies by SIGKILL or a panic.
fn watch(group: u32) -> io::Result<Child> {
    Command::new("/bin/sh")
        .args(["-c", WATCH, "profilerclient-watch"])
        .arg(group.to_string())
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
}

/// A file without a name, for appending.
fn output_file() -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).mode(0o600);
    for _ in 0..100 {
        let name = format!("profilerclient-{:016x}", super::random_seed());
        let path = std::env::temp_dir().join(name);
        match options.create_new(true).open(&path) {
            Ok(file) => return fs::remove_file(&path).map(|()| file),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

/// The last lines of a file.
fn tail(file: &mut File) -> io::Result<Vec<String>> {
    let end = file.seek(SeekFrom::End(0))?;
    let begin = end.saturating_sub(MOST_SHOWN);
    file.seek(SeekFrom::Start(begin))?;
    let mut bytes = Vec::new();
    file.take(MOST_SHOWN).read_to_end(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let mut lines: Vec<&str> = text.lines().collect();
    if begin > 0 && lines.len() > 1 {
        // It may be the rest of a line.
        lines.remove(0);
    }
    let first = lines.len().saturating_sub(MOST_LINES);
    Ok(lines[first..]
        .iter()
        .map(|line| (*line).to_owned())
        .collect())
}

impl HookError {
    /// The end of the output as lines for the terminal, control characters escaped; empty without output.
    pub fn output(&self) -> Vec<String> {
        shown_output(self.option, &self.output)
    }
}

/// The end of an output as lines for the terminal, control characters escaped; empty without output.
pub(super) fn shown_output(option: &str, lines: &[String]) -> Vec<String> {
    if lines.is_empty() {
        return Vec::new();
    }
    let title = format!("profilerclient: the end of the output of {option}:");
    let lines = (lines.iter()).map(|line| format!("  | {}", Printable(&shortened(line, 400))));
    std::iter::once(title).chain(lines).collect()
}

impl Hinted for HookError {
    fn finding(&self) -> String {
        let command = shortened(&self.command, MOST_OF_COMMAND);
        let mut text = format!("{} '{command}'", self.option);
        if let Some(of) = &self.occasion {
            text += &format!(
                " (variant {:?}, round {})",
                shortened(&of.variant, MOST_OF_COMMAND),
                of.round
            );
        }
        text + &match &self.what {
            Failed::NotStarted(error) => format!(" cannot be started ({error})"),
            Failed::Status(status) => format!(" failed ({})", ended(*status)),
            Failed::Ended(status) => format!(" ended by itself ({})", ended(*status)),
            Failed::TimedOut(limit) => format!(" did not end within {} s", limit.as_secs_f64()),
        }
    }

    fn hint(&self) -> String {
        match (&self.what, self.option) {
            (Failed::NotStarted(_), _) => "check /bin/sh and the directory for temporary files",
            (Failed::TimedOut(_), "--prepare") => {
                "it has to return: start servers in the background, or with --serve; or give more \
                 --prepare-timeout"
            }
            (Failed::TimedOut(_), _) => "give more --prepare-timeout",
            (Failed::Ended(_), _) => {
                "the command has to stay in the foreground until it is ended: for one that returns use \
                 --prepare"
            }
            (Failed::Status(_), _) => "run it by hand to see why",
        }
        .to_owned()
    }
}

fn ended(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code), _) => format!("exit status {code}"),
        (None, Some(signal)) => format!("by {}", super::signal_name(signal)),
        (None, None) => status.to_string(),
    }
}

impl fmt::Display for HookError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line())
    }
}

#[cfg(test)]
#[path = "hooks_tests.rs"]
mod tests;
