//! Other load generators: their command lines and their reports.

use std::fs;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// Many requests at once, each once; or for some seconds one after the other on that many connections.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Load {
    Burst(usize),
    Steady(usize),
}

pub const STEADY_SECONDS: usize = 2;

/// Another load generator.
#[derive(Clone, Copy)]
pub struct Tool {
    pub name: &'static str,
    /// Whether its figures count the handshake of a new connection, as its sources have it.
    pub with_connect: bool,
    arguments: fn(Load, &str, &Path) -> Vec<String>,
    read: fn(&str, &Path) -> Option<Said>,
}

/// What a tool said of its requests, nanoseconds.
#[derive(Debug, PartialEq)]
pub enum Said {
    /// Each of them.
    Each(Vec<i64>),
    /// p50, p99, max.
    Three([i64; 3]),
}

pub const TOOLS: [Tool; 4] = [
    Tool {
        name: "wrk",
        with_connect: false,
        arguments: wrk_arguments,
        read: |output, _| read_wrk(output),
    },
    Tool {
        name: "oha",
        with_connect: true,
        arguments: oha_arguments,
        read: |output, _| read_oha(output),
    },
    Tool {
        name: "hey",
        with_connect: true,
        arguments: hey_arguments,
        read: |output, _| read_hey(output),
    },
    Tool {
        name: "h2load",
        with_connect: false,
        arguments: h2load_arguments,
        read: |_, log| read_h2load(&fs::read_to_string(log).ok()?),
    },
];

impl Tool {
    /// Runs it and reads its report.
    pub fn run(&self, load: Load, url: &str, log: &Path) -> Result<Said, String> {
        let _ = fs::remove_file(log);
        let output = Command::new(self.name)
            .args((self.arguments)(load, url, log))
            .stdin(Stdio::null())
            .output()
            .map_err(|error| error.to_string())?;
        let Output { stdout, stderr, .. } = &output;
        let text = String::from_utf8_lossy(stdout);
        (self.read)(&text, log).ok_or_else(|| {
            let stderr = String::from_utf8_lossy(stderr);
            let first = stderr
                .lines()
                .chain(text.lines())
                .next()
                .unwrap_or("nothing");
            format!(
                "{} ended with {} and said: {first}",
                self.name, output.status
            )
        })
    }
}

fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

/// It has no bursts: a closed workload with as many connections replaces them, for as long as they need.
fn wrk_arguments(load: Load, url: &str, _: &Path) -> Vec<String> {
    let (connections, seconds) = match load {
        Load::Burst(count) => (count, 1 + count / 5000),
        Load::Steady(count) => (count, STEADY_SECONDS),
    };
    words(&format!("-t1 -c{connections} -d{seconds}s --latency {url}"))
}

fn oha_arguments(load: Load, url: &str, _: &Path) -> Vec<String> {
    let amount = match load {
        Load::Burst(count) => format!("-n {count} -c {count}"),
        Load::Steady(count) => format!("-z {STEADY_SECONDS}s -c {count}"),
    };
    words(&format!(
        "{amount} --insecure --no-tui --output-format json {url}"
    ))
}

fn hey_arguments(load: Load, url: &str, _: &Path) -> Vec<String> {
    let amount = match load {
        Load::Burst(count) => format!("-n {count} -c {count}"),
        Load::Steady(count) => format!("-z {STEADY_SECONDS}s -c {count}"),
    };
    words(&format!("{amount} -o csv {url}"))
}

fn h2load_arguments(load: Load, url: &str, log: &Path) -> Vec<String> {
    let amount = match load {
        Load::Burst(count) => format!("-n {count} -c {count}"),
        Load::Steady(count) => format!("-D {STEADY_SECONDS} -c {count}"),
    };
    words(&format!(
        "--h1 -t1 {amount} --log-file={} {url}",
        log.display()
    ))
}

fn nanos(seconds: f64) -> i64 {
    (seconds * 1e9).round() as i64
}

/// `50%  1.20ms` and the like, and the line `Latency  avg  stdev  max  ±stdev`.
pub fn read_wrk(output: &str) -> Option<Said> {
    let fields = |start: &str| -> Option<Vec<&str>> {
        let of = |line: &str| line.trim_start().starts_with(start);
        // The summary of the threads comes before the distribution, which has the same title.
        Some(
            output
                .lines()
                .find(|line| of(line))?
                .split_whitespace()
                .collect(),
        )
    };
    let at = |start: &str, place: usize| span(fields(start)?.get(place)?);
    let three = [at("50%", 1)?, at("99%", 1)?, at("Latency", 3)?];
    // All zeroes: no request came to its end in time.
    (three[2] > 0).then_some(Said::Three(three))
}

/// A number with a unit, as wrk prints it.
fn span(text: &str) -> Option<i64> {
    let split = text.find(|c: char| !c.is_ascii_digit() && c != '.')?;
    let (number, unit) = text.split_at(split);
    let unit = match unit {
        "us" => 1e-6,
        "ms" => 1e-3,
        "s" => 1.0,
        "m" => 60.0,
        _ => return None,
    };
    Some(nanos(number.parse::<f64>().ok()? * unit))
}

pub fn read_oha(output: &str) -> Option<Said> {
    let object: Value = serde_json::from_str(output).ok()?;
    let at = |pointer: &str| Some(nanos(object.pointer(pointer)?.as_f64()?));
    Some(Said::Three([
        at("/latencyPercentiles/p50")?,
        at("/latencyPercentiles/p99")?,
        at("/summary/slowest")?,
    ]))
}

/// Seconds in the first column.
pub fn read_hey(output: &str) -> Option<Said> {
    let mut lines = output.lines();
    lines
        .next()
        .filter(|head| head.starts_with("response-time,"))?;
    let each: Option<Vec<i64>> = lines
        .filter(|line| !line.is_empty())
        .map(|line| Some(nanos(line.split(',').next()?.parse().ok()?)))
        .collect();
    each.filter(|each| !each.is_empty()).map(Said::Each)
}

/// Microseconds in the third column; a status of -1 is a failure.
pub fn read_h2load(log: &str) -> Option<Said> {
    let each: Option<Vec<i64>> = log
        .lines()
        .map(|line| line.split('\t').collect::<Vec<_>>())
        .filter(|fields| fields.get(1) != Some(&"-1"))
        .map(|fields| Some(fields.get(2)?.parse::<i64>().ok()? * 1000))
        .collect();
    each.filter(|each| !each.is_empty()).map(Said::Each)
}
