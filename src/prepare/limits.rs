//! Does what is asked for fit this machine? Said before anything is sent.

use std::fs;
use std::io;

use crate::settings::AtOnce;
use crate::sys::limits::{self, OpenFiles};

/// Descriptors beside the shoppers' own: the poll, its waker, directories read in passing.
const MARGIN: u64 = 8;

/// Raises the limit of open files as far as it goes and checks that a connection for each shopper
/// fits beneath it. The error says the limit, the need and the mend.
pub fn descriptors_for(at_once: AtOnce) -> Result<OpenFiles, String> {
    let limit = raised()?;
    check(at_once, limits::descriptors_in_use() + MARGIN, limit)?;
    Ok(limit)
}

/// The most shoppers at once where nobody said how many: as many as descriptors and ports are there
/// for, 10,000 at most. Raises the limit of open files as far as it goes.
pub fn usual_most(sources: usize) -> Result<(OpenFiles, AtOnce), String> {
    const USUAL: u64 = 10_000;
    let limit = raised()?;
    let others = limits::descriptors_in_use() + MARGIN;
    check(AtOnce::in_flight(1), others, limit)?;
    let spare = limit.soft.saturating_sub(others);
    let ports = source_ports().map_or(USUAL, |each| each.saturating_mul(sources as u64));
    // One at least: where there is no port for it, the row will say so.
    let most = spare.min(ports).clamp(1, USUAL) as usize;
    Ok((limit, AtOnce::in_flight(most)))
}

fn raised() -> Result<OpenFiles, String> {
    limits::raise_open_files()
        .or_else(|_| limits::open_files())
        .map_err(|error: io::Error| format!("the limit of open files cannot be read: {error}"))
}

fn check(at_once: AtOnce, others: u64, limit: OpenFiles) -> Result<(), String> {
    let AtOnce {
        count,
        option,
        short,
    } = at_once;
    let need = count as u64 + others;
    if need <= limit.soft {
        return Ok(());
    }
    Err(format!(
        "{option} {count} needs {need} open files, but the limit is {} (hard limit {}): raise it \
         (ulimit -Hn {need}, as root, or LimitNOFILE=) or give {short} {} at most",
        limit.soft,
        limit.hard,
        limit.soft.saturating_sub(others),
    ))
}

/// How many source ports this machine gives out towards one address from each address of its own
/// (`net.ipv4.ip_local_port_range` without `ip_local_reserved_ports`, ip(7)); `None` where that cannot
/// be read.
pub fn source_ports() -> Option<u64> {
    PortRange::read().map(PortRange::count)
}

/// Checks that the source ports suffice for so many connections open at once, where their number can
/// be read. `sources` is the number of source addresses, 1 or more. The error says the range, the need
/// and the mend.
pub fn check_ports(at_once: AtOnce, sources: usize) -> Result<(), String> {
    match PortRange::read() {
        None => Ok(()),
        Some(range) => range.check(at_once, sources as u64),
    }
}

/// The ports that the kernel chooses from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct PortRange {
    first: u64,
    last: u64,
    /// How many of them it leaves out.
    reserved: u64,
}

impl PortRange {
    fn read() -> Option<PortRange> {
        let read = |name: &str| fs::read_to_string(format!("/proc/sys/net/ipv4/{name}"));
        let range = read("ip_local_port_range").ok()?;
        // Where it cannot be read, it is most likely empty.
        let reserved = read("ip_local_reserved_ports").unwrap_or_default();
        PortRange::parse(&range, &reserved)
    }

    /// Reads the two files: `32768 60999` and `8080,40000-40009`.
    fn parse(range: &str, reserved: &str) -> Option<PortRange> {
        let port = |text: &str| text.parse::<u16>().ok().map(u64::from);
        let mut bounds = range.split_whitespace().map(port);
        let (first, last) = (bounds.next()??, bounds.next()??);
        let within = |part: &str| -> Option<u64> {
            let (from, to) = part.split_once('-').unwrap_or((part, part));
            Some((port(to)?.min(last) + 1).saturating_sub(port(from)?.max(first)))
        };
        Some(PortRange {
            first,
            last,
            reserved: reserved.trim().split(',').filter_map(within).sum(),
        })
    }

    fn count(self) -> u64 {
        (self.last + 1).saturating_sub(self.first + self.reserved)
    }

    fn check(self, at_once: AtOnce, sources: u64) -> Result<(), String> {
        let all = self.count().saturating_mul(sources);
        let AtOnce {
            count,
            option,
            short,
        } = at_once;
        if count as u64 <= all {
            return Ok(());
        }
        let each = match sources {
            1 => "the one source address".to_owned(),
            many => format!("each of {many} source addresses, {all} in all"),
        };
        Err(format!(
            "{option} {count} needs as many source ports, but there are {} (\
             net.ipv4.ip_local_port_range {} {}) for {each}: give more source addresses (--bind A,B), \
             widen the range (sysctl net.ipv4.ip_local_port_range='1024 65535') or give {short} {all} at most",
            self.count(),
            self.first,
            self.last,
        ))
    }
}

#[cfg(test)]
#[path = "limits_tests.rs"]
mod tests;
