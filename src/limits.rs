//! Does what is asked for fit this machine? Said before anything is sent.

use std::fs;
use std::io;

use crate::sys::limits::{self, OpenFiles};

/// Descriptors beside the shoppers' own: the poll, its waker, directories read in passing.
const MARGIN: u64 = 8;

/// Raises the limit of open files as far as it goes and checks that a connection for each shopper
/// fits beneath it. The error says the limit, the need and the mend.
pub fn descriptors_for(shoppers: usize) -> Result<OpenFiles, String> {
    let limit = raised()?;
    check(shoppers, limits::descriptors_in_use() + MARGIN, limit)?;
    Ok(limit)
}

/// Raises the limit of open files as far as it goes, and says how many connections fit beneath it.
pub fn spare_descriptors() -> Result<(OpenFiles, usize), String> {
    let limit = raised()?;
    let spare = limit
        .soft
        .saturating_sub(limits::descriptors_in_use() + MARGIN);
    // One at least: where that is too many, the row will say so.
    Ok((limit, usize::try_from(spare).unwrap_or(usize::MAX).max(1)))
}

fn raised() -> Result<OpenFiles, String> {
    limits::raise_open_files()
        .or_else(|_| limits::open_files())
        .map_err(|error: io::Error| format!("the limit of open files cannot be read: {error}"))
}

fn check(shoppers: usize, others: u64, limit: OpenFiles) -> Result<(), String> {
    let need = shoppers as u64 + others;
    if need <= limit.soft {
        return Ok(());
    }
    Err(format!(
        "--concurrent {shoppers} needs {need} open files, but the limit is {} (hard limit {}): raise it \
         (ulimit -Hn {need}, as root, or LimitNOFILE=) or give -c {} at most",
        limit.soft,
        limit.hard,
        limit.soft.saturating_sub(others),
    ))
}

/// How many source ports this machine gives out towards one address
/// (`net.ipv4.ip_local_port_range`, ip(7)); `None` where that cannot be read.
pub fn source_ports() -> Option<u64> {
    let text = fs::read_to_string("/proc/sys/net/ipv4/ip_local_port_range").ok()?;
    let mut bounds = text.split_whitespace().map(str::parse::<u64>);
    let (first, last) = (bounds.next()?.ok()?, bounds.next()?.ok()?);
    (last + 1).checked_sub(first)
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
        assert_eq!(check(90, 10, limit), Ok(()));
        let error = check(91, 10, limit).expect_err("one too many");
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
    fn more_than_any_machine_allows_is_refused() {
        let error = descriptors_for(usize::MAX / 4).expect_err("no machine has that many");
        assert!(error.contains("ulimit"), "{error}");
    }
}
