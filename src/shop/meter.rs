//! CPU and memory of the machine the shop runs on, read from `/proc`.
//!
//! A reading costs tens of microseconds and the kernel counts CPU time in hundredths of a second, so
//! it is done at most every 100 ms: a figure covers the last such interval (or the pause before it,
//! if nothing was bought for longer), and a report gives its length.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;
use std::time::Duration;

use crate::time::clock::Stamp;

/// Shortest interval that a figure covers.
const INTERVAL: Duration = Duration::from_millis(100);
/// A figure older than this is renewed before it is reported.
const STALE: Duration = Duration::from_secs(1);

/// What was measured over one interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Figures {
    /// Percent of all CPUs of the machine that were busy.
    pub cpu_usage: f64,
    /// Length of the interval, seconds.
    pub interval_seconds: f64,
}

/// Measures, when asked, what has happened since it was asked the last time.
#[derive(Debug)]
pub struct Meter {
    stat: File,
    meminfo: File,
    base: Reading,
    base_at: Stamp,
    figures: Option<Figures>,
    memory: Option<u64>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Reading {
    /// CPU time of all CPUs, in the kernel's ticks.
    cpu: Option<CpuTicks>,
}

#[derive(Clone, Copy, Debug, PartialEq)]
struct CpuTicks {
    all: u64,
    idle: u64,
}

impl Meter {
    /// Starts the first interval.
    pub fn start(now: Stamp) -> io::Result<Meter> {
        let mut meter = Meter {
            stat: File::open("/proc/stat")?,
            meminfo: File::open("/proc/meminfo")?,
            base: Reading::default(),
            base_at: now,
            figures: None,
            memory: None,
        };
        meter.base = meter.read();
        Ok(meter)
    }

    /// The figures of the last interval; `None` until there has been one.
    pub fn figures(&mut self, now: Stamp) -> Option<Figures> {
        if self.figures.is_none() || self.age(now) >= STALE {
            self.refresh(now);
        }
        self.figures
    }

    /// Memory in use on the machine at the last reading, mebibytes: MemTotal − MemAvailable.
    pub fn memory(&self) -> Option<u64> {
        self.memory
    }

    /// Ends the interval if it is long enough, and begins the next one.
    pub fn refresh(&mut self, now: Stamp) {
        let interval = self.age(now);
        if interval < INTERVAL {
            return;
        }
        let reading = self.read();
        self.figures = figures_between(self.base, reading, interval);
        self.base = reading;
        self.base_at = now;
    }

    fn age(&self, now: Stamp) -> Duration {
        Duration::from_nanos(now.since(self.base_at).max(0) as u64)
    }

    fn read(&mut self) -> Reading {
        let mut buffer = [0; 1024];
        // The first line and the first few: the rest of the files is not needed.
        let meminfo = read_start(&self.meminfo, &mut buffer);
        self.memory = memory_in_use(meminfo);
        let cpu = cpu_ticks(read_start(&self.stat, &mut buffer));
        Reading { cpu }
    }
}

fn read_start<'a>(file: &File, buffer: &'a mut [u8]) -> &'a str {
    let length = file.read_at(buffer, 0).unwrap_or(0);
    // /proc is ASCII; were it not, nothing is measured.
    str::from_utf8(&buffer[..length]).unwrap_or_default()
}

fn figures_between(earlier: Reading, later: Reading, interval: Duration) -> Option<Figures> {
    let (earlier_cpu, later_cpu) = (earlier.cpu?, later.cpu?);
    let all = later_cpu.all.checked_sub(earlier_cpu.all)?;
    // The idle count may go back a little on some kernels.
    let idle = later_cpu.idle.saturating_sub(earlier_cpu.idle).min(all);
    if all == 0 {
        return None;
    }
    Some(Figures {
        cpu_usage: (all - idle) as f64 * 100.0 / all as f64,
        interval_seconds: interval.as_secs_f64(),
    })
}

/// Reads the first line of `/proc/stat`: user, nice, system, idle, iowait, irq, softirq, steal (guest
/// time is part of user time and must not count twice).
fn cpu_ticks(stat: &str) -> Option<CpuTicks> {
    let line = stat.lines().next()?.strip_prefix("cpu ")?;
    let mut ticks = [0u64; 8];
    for (slot, word) in ticks.iter_mut().zip(line.split_ascii_whitespace()) {
        *slot = word.parse().ok()?;
    }
    Some(CpuTicks {
        all: ticks.iter().sum(),
        idle: ticks[3] + ticks[4],
    })
}

/// Reads `/proc/meminfo`, which counts in KiB.
fn memory_in_use(meminfo: &str) -> Option<u64> {
    let value = |key: &str| -> Option<u64> {
        let line = meminfo.lines().find_map(|line| line.strip_prefix(key))?;
        line.split_ascii_whitespace().next()?.parse().ok()
    };
    let used = value("MemTotal:")?.checked_sub(value("MemAvailable:")?)?;
    Some(used / 1024)
}

#[cfg(test)]
#[path = "meter_tests.rs"]
mod tests;
