//! The limits and capabilities of this machine: descriptors, source ports, kernel timestamps.

use std::io;
use std::io::Write;
use std::net::SocketAddr;

use super::Check;
use super::backlog;
use super::output::Report;
use crate::prepare::fetch::Page;
use crate::prepare::limits::{self, LimitError};
use crate::settings::{AtOnce, LoadSettings, NetSettings};
use crate::sys::limits::OpenFiles;
use crate::sys::stamps;
use crate::text::counted;

/// Checks the limits against the shoppers of a run; `address` is the shop's, where it is known.
pub(super) fn examine<W: Write>(
    net: &NetSettings,
    load: &LoadSettings,
    home: Option<&Page>,
    address: Option<SocketAddr>,
    report: &mut Report<W>,
) -> io::Result<()> {
    let sources = net.ways.sources();
    let most = load.most_at_once();
    let limit = match most {
        Some(most) => limits::descriptors_for(most).map(|limit| (limit, most)),
        None => limits::usual_most(sources),
    };
    let shoppers = match (&limit, most) {
        (Ok((_, most)), _) => at_most(most.count, load.expected_arrivals()),
        (Err(_), most) => most.map_or(1, |most| most.count),
    };
    report.add(judge_descriptors(limit))?;
    let each = connections_each(net.keep_alive, home);
    let sources = sources as u64;
    let ports = limits::source_ports();
    report.add(judge_ports(ports, sources, shoppers as u64, each))?;
    let at_once = AtOnce {
        count: shoppers,
        ..most.unwrap_or(AtOnce::in_flight(shoppers))
    };
    report.add(backlog::examine(address, at_once, load.ramp_up()))?;
    report.add(judge_stamps(stamps::are_made()))
}

/// No more shoppers come at once than come in all.
fn at_most(count: usize, arrivals: Option<f64>) -> usize {
    // A float beyond usize becomes its largest value.
    arrivals.map_or(count, |arrivals| {
        count.min(arrivals.ceil().max(1.0) as usize)
    })
}

fn judge_descriptors(limit: Result<(OpenFiles, AtOnce), LimitError>) -> Check {
    match limit {
        Ok((limit, AtOnce { count, short, .. })) => Check::ok(
            "descriptors",
            format!("{} may be open, enough for {short} {count}", limit.soft),
        ),
        Err(error) => Check::error("descriptors", &error),
    }
}

/// How many connections one shopper makes, redirects of the purchase aside.
fn connections_each(keep_alive: bool, home: Option<&Page>) -> u64 {
    match home {
        Some(home) if keep_alive && home.keep_alive => 1,
        Some(home) => 2 + u64::from(home.redirects),
        // As with Django: one redirect to the path with a slash.
        None => 3,
    }
}

/// `each`: the connections of one shopper.
fn judge_ports(ports: Option<u64>, sources: u64, shoppers: u64, each: u64) -> Check {
    let name = "source ports";
    let Some(ports_of_one) = ports else {
        return Check::ok(name, "their number cannot be read on this machine");
    };
    let ports = ports_of_one.saturating_mul(sources);
    let finding = match sources {
        1 => format!(
            "{ports} towards one address, for {}",
            counted(shoppers, "shopper", "shoppers")
        ),
        _ => format!(
            "{ports_of_one} towards one address from each of {sources}, for {}",
            counted(shoppers, "shopper", "shoppers")
        ),
    };
    let widen = "give more source addresses (--bind A,B), widen net.ipv4.ip_local_port_range";
    if ports < shoppers {
        return Check::fail(name, finding, format!("{widen} or give -c {ports} at most"));
    }
    let all = shoppers.saturating_mul(each);
    if ports < all {
        return Check::warn(
            name,
            format!("{finding} with {all} connections one after the other"),
            format!(
                "{widen} or use --keep-alive: a closed connection may hold its port for a minute"
            ),
        );
    }
    Check::ok(name, finding)
}

fn judge_stamps(stamped: io::Result<bool>) -> Check {
    let name = "kernel stamps";
    let hint = "times are read from this program's clock: leave it enough CPU";
    match stamped {
        Ok(true) => Check::ok(name, "the kernel timestamps received data"),
        Ok(false) => Check::warn(name, "the kernel does not timestamp received data", hint),
        Err(error) => Check::warn(name, format!("not available ({error})"), hint),
    }
}

#[cfg(test)]
#[path = "machine_tests.rs"]
mod tests;
