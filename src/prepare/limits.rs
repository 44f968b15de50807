//! Checks that the load fits the limits of this machine, before anything is sent.

use std::fmt;
use std::fs;
use std::io;

use crate::exit::{self, Hinted};
use crate::settings::{AtOnce, USUAL_IN_FLIGHT};
use crate::sys::limits::{self, OpenFiles};

/// Descriptors beside the shoppers' own: the poll and its two timers, the socket for timestamps, the files of rows,
/// runs, JSON and page, directories that are read.
const MARGIN: u64 = 16;

/// Why the load does not fit this machine.
#[derive(Debug)]
pub enum LimitError {
    /// The limit of open files cannot be read.
    Unreadable(io::Error),
    /// The limit of open files is too low.
    Descriptors {
        /// Shoppers in flight.
        at_once: AtOnce,
        /// Descriptors beside those of the shoppers.
        others: u64,
        /// The limit.
        limit: OpenFiles,
    },
    /// There are too few source ports.
    Ports {
        /// Shoppers in flight.
        at_once: AtOnce,
        /// The ports of one source address.
        range: PortRange,
        /// The number of source addresses.
        sources: u64,
        /// The ports of all of them.
        all: u64,
    },
}

impl Hinted for LimitError {
    fn finding(&self) -> String {
        match self {
            LimitError::Unreadable(error) => {
                format!("the limit of open files cannot be read ({error})")
            }
            LimitError::Descriptors {
                at_once: AtOnce { count, option, .. },
                others,
                limit,
            } => format!(
                "{option} {count} needs {} open files, but the limit is {} (hard limit {})",
                *count as u64 + others,
                limit.soft,
                limit.hard,
            ),
            LimitError::Ports {
                at_once: AtOnce { count, option, .. },
                range,
                sources,
                all,
            } => {
                let each = match sources {
                    1 => "the one source address".to_owned(),
                    many => format!("each of {many} source addresses, {all} in all"),
                };
                format!(
                    "{option} {count} needs as many source ports, but there are {} (\
                     net.ipv4.ip_local_port_range {} {}) for {each}",
                    range.count(),
                    range.first,
                    range.last,
                )
            }
        }
    }

    fn hint(&self) -> String {
        match self {
            LimitError::Unreadable(_) => "see getrlimit(2)".to_owned(),
            LimitError::Descriptors {
                at_once: AtOnce { count, short, .. },
                others,
                limit,
            } => {
                let raise = format!(
                    "raise it (ulimit -Hn {}, as root, or LimitNOFILE=)",
                    *count as u64 + others
                );
                match limit.soft.saturating_sub(*others) {
                    0 => raise,
                    most => format!("{raise} or give {short} {most} at most"),
                }
            }
            LimitError::Ports {
                at_once: AtOnce { short, .. },
                all,
                ..
            } => {
                let widen = "give more source addresses (--bind A,B), widen the range (sysctl \
                             net.ipv4.ip_local_port_range='1024 65535')";
                match all {
                    0 => widen.to_owned(),
                    all => format!("{widen} or give {short} {all} at most"),
                }
            }
        }
    }
}

impl fmt::Display for LimitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line())
    }
}

impl From<LimitError> for exit::Error {
    fn from(error: LimitError) -> exit::Error {
        exit::Error::failed(error)
    }
}

/// Raises the limit of open files as far as possible and checks that a connection for each shopper
/// fits within it.
pub fn descriptors_for(at_once: AtOnce) -> Result<OpenFiles, LimitError> {
    let limit = raised()?;
    check(at_once, limits::descriptors_in_use() + MARGIN, limit)?;
    Ok(limit)
}

/// The default of max in flight: as many as descriptors and ports allow,
/// at most [`USUAL_IN_FLIGHT`]. Raises the limit of open files as far as possible.
pub fn usual_most(sources: usize) -> Result<(OpenFiles, AtOnce), LimitError> {
    const USUAL: u64 = USUAL_IN_FLIGHT;
    let limit = raised()?;
    let others = limits::descriptors_in_use() + MARGIN;
    check(AtOnce::in_flight(1), others, limit)?;
    let spare = limit.soft.saturating_sub(others);
    let ports = source_ports().map_or(USUAL, |each| each.saturating_mul(sources as u64));
    // At least one: if it has no port, the row says so.
    let most = spare.min(ports).clamp(1, USUAL) as usize;
    Ok((limit, AtOnce::in_flight(most)))
}

fn raised() -> Result<OpenFiles, LimitError> {
    limits::raise_open_files()
        .or_else(|_| limits::open_files())
        .map_err(LimitError::Unreadable)
}

fn check(at_once: AtOnce, others: u64, limit: OpenFiles) -> Result<(), LimitError> {
    match at_once.count as u64 + others <= limit.soft {
        true => Ok(()),
        false => Err(LimitError::Descriptors {
            at_once,
            others,
            limit,
        }),
    }
}

/// The number of source ports towards one address from each source address
/// (`net.ipv4.ip_local_port_range` without `ip_local_reserved_ports`, ip(7)); `None` where that cannot
/// be read.
pub fn source_ports() -> Option<u64> {
    PortRange::read().map(PortRange::count)
}

/// Checks that the source ports suffice for this number of connections open at once, where it can be
/// read. `sources` is the number of source addresses, 1 or more.
pub fn check_ports(at_once: AtOnce, sources: usize) -> Result<(), LimitError> {
    match PortRange::read() {
        None => Ok(()),
        Some(range) => range.check(at_once, sources as u64),
    }
}

/// The ports that the kernel chooses from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PortRange {
    first: u64,
    last: u64,
    /// How many of them are reserved.
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

    fn check(self, at_once: AtOnce, sources: u64) -> Result<(), LimitError> {
        let all = self.count().saturating_mul(sources);
        match at_once.count as u64 <= all {
            true => Ok(()),
            false => Err(LimitError::Ports {
                at_once,
                range: self,
                sources,
                all,
            }),
        }
    }
}

#[cfg(test)]
#[path = "limits_tests.rs"]
mod tests;
