//! From the name of the place that connections go to, to the one address a run uses.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs, UdpSocket};
use std::time::Duration;

use crate::net::bind_list::BindList;
use crate::net::ways::Ways;
use crate::prepare::route::Route;

/// How long a candidate address may take to answer a trial connection.
const TRIAL: Duration = Duration::from_secs(2);

/// Whether an address is one of this machine's own.
pub fn is_here(ip: IpAddr) -> bool {
    // Only an own address can be bound to; nothing is sent.
    ip.is_loopback() || UdpSocket::bind((ip, 0)).is_ok()
}

/// The addresses of the place that connections go to, at least one: those of `--resolve` in their
/// order, else the resolver's in its order of preference; with `--bind` those of its family.
pub fn addresses(ways: &Ways) -> Result<Vec<SocketAddr>, String> {
    let found = all_addresses(ways)?;
    match &ways.bind {
        None => Ok(found),
        Some(list) => of_family(list, found, ways),
    }
}

fn of_family(
    list: &BindList,
    mut found: Vec<SocketAddr>,
    ways: &Ways,
) -> Result<Vec<SocketAddr>, String> {
    let source = list.addresses()[0];
    let others: Vec<String> = found.iter().map(SocketAddr::to_string).collect();
    found.retain(|address| address.is_ipv4() == source.is_ipv4());
    if !found.is_empty() {
        return Ok(found);
    }
    let (ours, theirs) = match source.is_ipv4() {
        true => ("IPv4", "IPv6"),
        false => ("IPv6", "IPv4"),
    };
    Err(format!(
        "--bind {source} is {ours}, but {} {} has only {theirs} addresses ({}): give {theirs} addresses \
         to --bind",
        ways.named_by,
        ways.to,
        others.join(", ")
    ))
}

fn all_addresses(ways: &Ways) -> Result<Vec<SocketAddr>, String> {
    let (host, port) = (ways.to.host(), ways.to.port());
    if !ways.resolved.is_empty() {
        let given = ways.resolved.iter();
        return Ok(given.map(|&ip| SocketAddr::new(ip, port)).collect());
    }
    let option = ways.named_by;
    let mut found: Vec<SocketAddr> = match (host.as_str(), port).to_socket_addrs() {
        Ok(addresses) => addresses.collect(),
        Err(error) => {
            return Err(format!(
                "{option} host {host:?} does not resolve ({error}): check its spelling, or give an address"
            ));
        }
    };
    found.dedup();
    if found.is_empty() {
        return Err(format!(
            "{option} host {host:?} has no address: check its spelling, or give an address"
        ));
    }
    Ok(found)
}

/// The address that takes connections. A name with several addresses (`localhost` is often `::1` and
/// `127.0.0.1`, with a server on one of them) is tried with one connection each, in order; the first
/// one stands in where none answers, so that the rows say what is wrong.
pub fn reachable(addresses: &[SocketAddr], ways: &Ways) -> SocketAddr {
    let first = addresses[0];
    if addresses.len() == 1 {
        return first;
    }
    addresses
        .iter()
        .copied()
        .find(|&address| Route::to(address, ways).attempt(TRIAL).is_ok())
        .unwrap_or(first)
}

#[cfg(test)]
#[path = "address_tests.rs"]
mod tests;
