//! `/proc/interrupts` (proc_interrupts(5)): how often each CPU was interrupted since the system started.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::sys::cpus;

/// The longest file that is read, bytes: several thousand interrupts on a thousand CPUs have some of that
/// size.
const MOST_BYTES: u64 = 16 << 20;

/// The counts of a system.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interrupts {
    /// The CPUs, in the order of the columns: those that are online.
    cpus: Vec<u32>,
    lines: Vec<Line>,
}

/// One interrupt.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Line {
    /// `24` for a device, `LOC` for one of the architecture.
    name: String,
    /// A count for each column.
    counts: Vec<u64>,
    /// What follows the counts: controller, trigger, and the device.
    text: String,
}

impl Interrupts {
    /// Reads those of this system, where `proc` is `/proc`; absent if it does not tell them.
    pub fn read(proc: &Path) -> Option<Interrupts> {
        let file = File::open(proc.join("interrupts")).ok()?;
        let mut bytes = Vec::new();
        file.take(MOST_BYTES).read_to_end(&mut bytes).ok()?;
        Interrupts::parse(&String::from_utf8_lossy(&bytes))
    }

    /// Reads a whole file; absent if it does not begin with a line of CPUs. Lines that do not have a count
    /// for each CPU are left out (`ERR` and `MIS` have one, and a line that is cut has fewer).
    pub fn parse(text: &str) -> Option<Interrupts> {
        let mut lines = text.lines();
        let cpus = lines.next()?.split_whitespace();
        let cpus: Vec<u32> = cpus.map(column).collect::<Option<_>>()?;
        if cpus.is_empty() {
            return None;
        }
        let lines = lines.filter_map(|line| Line::parse(line, cpus.len()));
        Some(Interrupts {
            lines: lines.collect(),
            cpus,
        })
    }

    /// How often a CPU was interrupted by anything; absent for one that is not listed.
    pub fn of(&self, cpu: u32) -> Option<u64> {
        self.sum(cpu, |_| true)
    }

    /// How often a CPU was interrupted by the lines that `belongs` says yes to: it is given the name and
    /// the text of each. Absent for a CPU that is not listed.
    pub fn of_device(&self, cpu: u32, belongs: impl Fn(&str, &str) -> bool) -> Option<u64> {
        self.sum(cpu, |line| belongs(&line.name, &line.text))
    }

    /// The same over all CPUs.
    pub fn of_device_everywhere(&self, belongs: impl Fn(&str, &str) -> bool) -> u64 {
        let all = self.cpus.iter();
        let of = all.filter_map(|cpu| self.of_device(*cpu, &belongs));
        of.fold(0, u64::saturating_add)
    }

    fn sum(&self, cpu: u32, counts: impl Fn(&Line) -> bool) -> Option<u64> {
        let column = self.cpus.iter().position(|of| *of == cpu)?;
        let of_lines = self.lines.iter().filter(|line| counts(line));
        Some(of_lines.fold(0, |sum, line| sum.saturating_add(line.counts[column])))
    }
}

impl Line {
    fn parse(line: &str, cpus: usize) -> Option<Line> {
        let (name, rest) = line.split_once(':')?;
        let mut rest = rest;
        let mut counts = Vec::new();
        for _ in 0..cpus {
            rest = rest.trim_start();
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            counts.push(rest[..end].parse().ok()?);
            rest = &rest[end..];
        }
        Some(Line {
            name: name.trim().to_owned(),
            counts,
            text: rest.trim().to_owned(),
        })
    }
}

/// The number of `CPU12`.
fn column(word: &str) -> Option<u32> {
    let cpus = cpus::parse_list(word.strip_prefix("CPU")?)?;
    match cpus[..] {
        [cpu] => Some(cpu),
        _ => None,
    }
}

#[cfg(test)]
#[path = "interrupts_tests.rs"]
mod tests;
