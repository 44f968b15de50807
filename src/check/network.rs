//! From the target's name to a connection.

use std::io;
use std::io::Write;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use super::Check;
use super::output::Report;
use crate::net::bind_list::BindList;
use crate::net::sources::{SourceError, Sources};
use crate::net::ways::Ways;
use crate::prepare::address::{self, AddressError};
use crate::prepare::route::Route;
use crate::row::failure::Failure;
use crate::settings::NetSettings;
use crate::signals::Signals;
use crate::sys::clock::Instant;

/// How long an address may take to answer; less where `--connect-timeout` says so.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long all addresses together may take.
const ALL_PATIENCE: Duration = Duration::from_secs(20);

/// What is known about the path to the shop.
pub(super) struct Network {
    /// The address that answered.
    pub(super) connected: Option<SocketAddr>,
    /// That one, or else the first of the target's addresses.
    pub(super) preferred: Option<SocketAddr>,
}

/// Resolves the target and makes one connection, the way a run chooses its address.
pub(super) fn examine<W: Write>(
    net: &NetSettings,
    signals: &mut Signals,
    report: &mut Report<W>,
) -> io::Result<Network> {
    let unknown = Network {
        connected: None,
        preferred: None,
    };
    let addresses = match address::addresses(net, signals) {
        Ok(addresses) => addresses,
        Err(AddressError::Interrupted) => return Ok(unknown),
        Err(error) => {
            report.add(Check::error("resolve", &error))?;
            report.add(Check::skip("connect", "the target's address is missing"))?;
            return Ok(unknown);
        }
    };
    if let Some(list) = &net.ways.bind {
        let refused = Sources::towards(list, &addresses, signals).err();
        if signals.received().is_some() {
            return Ok(unknown);
        }
        report.add(judge_sources(list, refused.as_ref()))?;
        if refused.is_some() {
            report.add(Check::skip("connect", "a source address is missing"))?;
            return Ok(unknown);
        }
    }
    let patience = net
        .connect_timeout
        .map_or(PATIENCE, |timeout| timeout.min(PATIENCE));
    let tries = connect(&addresses, &net.ways, patience, signals);
    if signals.received().is_some() {
        return Ok(unknown);
    }
    report.add(judge_addresses(&net.ways, &tries, &addresses))?;
    report.add(judge_connect(&tries))?;
    let connected = tries.answered.map(|(address, _)| address);
    Ok(Network {
        connected,
        preferred: connected.or(addresses.first().copied()),
    })
}

/// The results of connecting to one address after the other until one answered.
struct Tries {
    failed: Vec<(SocketAddr, Failure)>,
    answered: Option<(SocketAddr, Duration)>,
}

fn connect(
    addresses: &[SocketAddr],
    ways: &Ways,
    patience: Duration,
    signals: &mut Signals,
) -> Tries {
    let mut failed = Vec::new();
    let end = Instant::now() + ALL_PATIENCE;
    for &address in addresses {
        let before = Instant::now();
        let left = end.saturating_duration_since(before);
        if left.is_zero() || signals.received().is_some() {
            break;
        }
        match Route::to(address, ways).attempt(patience.min(left), signals) {
            Ok(()) => {
                let answered = Some((address, before.elapsed()));
                return Tries { failed, answered };
            }
            Err(failure) => failed.push((address, failure)),
        }
    }
    Tries {
        failed,
        answered: None,
    }
}

fn judge_addresses(ways: &Ways, tries: &Tries, addresses: &[SocketAddr]) -> Check {
    let listed: Vec<String> = addresses.iter().map(SocketAddr::to_string).collect();
    let mut listed = listed.join(", ");
    if !ways.resolved.is_empty() {
        listed.push_str(" (--resolve)");
    }
    let host = ways.to.host();
    Check::ok(
        "resolve",
        match (&tries.answered, addresses.len()) {
            (Some((used, _)), 2..) => format!("{host} is {listed}; a run uses {used}"),
            _ if host.parse::<IpAddr>().is_ok() => listed,
            _ => format!("{host} is {listed}"),
        },
    )
}

/// Only where `--bind` is given.
fn judge_sources(list: &BindList, refused: Option<&SourceError>) -> Check {
    match refused {
        None => Check::ok("bind", format!("connections come from {list}")),
        Some(error) => Check::error("bind", error),
    }
}

fn judge_connect(tries: &Tries) -> Check {
    let failed: Vec<String> = (tries.failed.iter())
        .map(|(address, failure)| format!("{address}: {failure}"))
        .collect();
    let failed = failed.join(", ");
    match (&tries.answered, tries.failed.first()) {
        (Some((address, took)), None) => {
            Check::ok("connect", format!("{address} in {}", millis(*took)))
        }
        (Some((address, took)), Some(_)) => Check::ok(
            "connect",
            format!("{address} in {} (but {failed})", millis(*took)),
        ),
        (None, first) => {
            let hint = first.and_then(|(_, failure)| failure.kind.hint());
            let hint = hint.unwrap_or("check the target's address, the route and the firewall");
            Check::fail("connect", failed, hint)
        }
    }
}

/// A short span as text.
pub(super) fn millis(span: Duration) -> String {
    format!("{:.3} ms", span.as_secs_f64() * 1e3)
}

#[cfg(test)]
#[path = "network_tests.rs"]
mod tests;
