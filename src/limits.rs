//! Does what is asked for fit this machine? Said before anything is sent.

use std::fs;
use std::io;

use crate::sys::limits::{self, OpenFiles};

/// How many shoppers there may be at once, and the option that says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AtOnce {
    /// How many.
    pub count: usize,
    /// The option's name.
    pub option: &'static str,
    /// Its short name, or the same.
    pub short: &'static str,
}

impl AtOnce {
    /// So many of `--concurrent`.
    pub fn concurrent(count: usize) -> AtOnce {
        AtOnce {
            count,
            option: "--concurrent",
            short: "-c",
        }
    }

    /// So many of `--max-in-flight`.
    pub fn in_flight(count: usize) -> AtOnce {
        AtOnce {
            count,
            option: "--max-in-flight",
            short: "--max-in-flight",
        }
    }
}

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
    let spare = limit
        .soft
        .saturating_sub(limits::descriptors_in_use() + MARGIN);
    let ports = source_ports().map_or(USUAL, |each| each.saturating_mul(sources as u64));
    // One at least: where that is too many, the row will say so.
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
mod tests {
    use super::*;

    #[test]
    fn the_need_is_weighed_against_the_limit() {
        let limit = OpenFiles {
            soft: 100,
            hard: 200,
        };
        assert_eq!(check(AtOnce::concurrent(90), 10, limit), Ok(()));
        let error = check(AtOnce::concurrent(91), 10, limit).expect_err("one too many");
        for part in [
            "--concurrent 91",
            "needs 101",
            "limit is 100",
            "hard limit 200",
            "-c 90",
        ] {
            assert!(error.contains(part), "{error:?} lacks {part:?}");
        }
    }

    #[test]
    fn ranges_of_ports() {
        for (range, reserved, count) in [
            ("32768\t60999\n", "\n", Some(28_232)),
            ("32768 60999", "8080,40000-40009,61000\n", Some(28_222)),
            ("32768 60999", "1-32768,60999-65535", Some(28_230)),
            ("32768 60999", "1-65535", Some(0)),
            ("5 5", "", Some(1)),
            ("32768", "", None),
            ("", "", None),
            ("a b", "", None),
        ] {
            let read = PortRange::parse(range, reserved).map(PortRange::count);
            assert_eq!(read, count, "{range:?} without {reserved:?}");
        }
    }

    #[test]
    fn each_source_address_has_all_ports() {
        let range = PortRange::parse("32768 60999", "").expect("a range");
        for (at_once, sources) in [(28_232, 1), (56_464, 2), (usize::MAX, u64::MAX)] {
            assert_eq!(range.check(AtOnce::concurrent(at_once), sources), Ok(()));
        }
        for (at_once, sources, parts) in [
            (
                28_233,
                1,
                &[
                    "28233",
                    "32768 60999",
                    "one source",
                    "--bind A,B",
                    "-c 28232",
                ][..],
            ),
            (
                56_465,
                2,
                &["56465", "28232 (", "each of 2", "56464 in all", "-c 56464"],
            ),
        ] {
            let error = range
                .check(AtOnce::concurrent(at_once), sources)
                .expect_err("one too many");
            for part in parts {
                assert!(error.contains(part), "{error:?} lacks {part:?}");
            }
        }
    }

    #[test]
    fn no_machine_has_more_ports_than_there_are() {
        // Where the range can be read, it lies within 16 bits.
        let refused = check_ports(AtOnce::concurrent(70_000), 1);
        assert_eq!(refused.is_err(), source_ports().is_some(), "{refused:?}");
        assert_eq!(check_ports(AtOnce::in_flight(1), 1), Ok(()));
    }

    #[test]
    fn more_than_any_machine_allows_is_refused() {
        let error = descriptors_for(AtOnce::concurrent(usize::MAX / 4))
            .expect_err("no machine has that many");
        assert!(error.contains("ulimit"), "{error}");
    }
}
