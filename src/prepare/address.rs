//! Resolves the host that connections go to, and chooses the one address that a run uses.

use std::fmt;
use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use crate::exit::{self, Hinted};
use crate::net::bind_list::{BIND, BindList};
use crate::net::ip::ScopedIp;
use crate::net::ways::Ways;
use crate::prepare::resolve::{self, Answer};
use crate::prepare::route::Route;
use crate::settings::NetSettings;
use crate::signals::Signals;
use crate::sys::clock::Instant;

/// How long the resolver may take; less with a shorter `--connect-timeout`, as in curl.
const RESOLVING: Duration = Duration::from_secs(10);

/// How long a candidate address may take to answer a trial connection; less with a shorter
/// `--connect-timeout`.
const TRIAL: Duration = Duration::from_secs(2);

/// How long all trial connections together may take.
const TRIALS: Duration = Duration::from_secs(10);

/// Why an address to connect to was not found.
#[derive(Debug)]
pub enum AddressError {
    /// The resolver failed; the option that named the host, the host, and the error.
    Unresolved(&'static str, String, io::Error),
    /// The resolver did not answer within that time.
    Silent(&'static str, String, Duration),
    /// The resolver returned no address.
    NoAddress(&'static str, String),
    /// The resolver cannot be started.
    CannotAsk(io::Error),
    /// A signal arrived first.
    Interrupted,
    /// No address has the family of `--bind`.
    WrongFamily {
        /// The first source address.
        source: ScopedIp,
        /// The option that named the host, and the host.
        server: String,
        /// The server's addresses.
        found: Vec<SocketAddr>,
    },
}

/// The families of the source address and of the server's.
fn families(source: &ScopedIp) -> (&'static str, &'static str) {
    match source.ip.is_ipv4() {
        true => ("IPv4", "IPv6"),
        false => ("IPv6", "IPv4"),
    }
}

impl Hinted for AddressError {
    fn finding(&self) -> String {
        match self {
            AddressError::Unresolved(option, host, error) => {
                format!("{option} host {host:?} does not resolve ({error})")
            }
            AddressError::Silent(option, host, patience) => format!(
                "{option} host {host:?} did not resolve within {} s",
                patience.as_secs_f64()
            ),
            AddressError::NoAddress(option, host) => {
                format!("{option} host {host:?} has no address")
            }
            AddressError::CannotAsk(error) => format!("the resolver cannot be started ({error})"),
            AddressError::Interrupted => "interrupted while a name was resolved".to_owned(),
            AddressError::WrongFamily {
                source,
                server,
                found,
            } => {
                let (ours, theirs) = families(source);
                let found: Vec<String> = found.iter().map(SocketAddr::to_string).collect();
                let found = found.join(", ");
                format!(
                    "{BIND} {source} is {ours}, but {server} has only {theirs} addresses ({found})"
                )
            }
        }
    }

    fn hint(&self) -> String {
        match self {
            AddressError::Unresolved(..) | AddressError::NoAddress(..) => {
                "check its spelling, or give an address".to_owned()
            }
            AddressError::Silent(..) => {
                "check the name servers (/etc/resolv.conf), or give an address (--resolve)"
                    .to_owned()
            }
            AddressError::CannotAsk(_) => "give an address (--resolve)".to_owned(),
            AddressError::Interrupted => "start it again".to_owned(),
            AddressError::WrongFamily { source, .. } => {
                format!("give {} addresses to {BIND}", families(source).1)
            }
        }
    }
}

impl fmt::Display for AddressError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line())
    }
}

impl From<AddressError> for exit::Error {
    fn from(error: AddressError) -> exit::Error {
        exit::Error::usage(error)
    }
}

/// Whether an address is one of this machine's own; the port does not matter.
pub fn is_here(address: SocketAddr) -> bool {
    let mut own = address;
    own.set_port(0);
    // Only a local address can be bound to; nothing is sent.
    own.ip().is_loopback() || UdpSocket::bind(own).is_ok()
}

/// The addresses of the host that connections go to, at least one: those of `--resolve` in their
/// order, else the resolver's in its order of preference; with `--bind` those of its family.
pub fn addresses(
    net: &NetSettings,
    signals: &mut Signals,
) -> Result<Vec<SocketAddr>, AddressError> {
    let found = all_addresses(net, signals)?;
    match &net.ways.bind {
        None => Ok(found),
        Some(list) => of_family(list, found, &net.ways),
    }
}

fn of_family(
    list: &BindList,
    found: Vec<SocketAddr>,
    ways: &Ways,
) -> Result<Vec<SocketAddr>, AddressError> {
    let source = list.addresses()[0];
    let of_its = |address: &&SocketAddr| address.is_ipv4() == source.ip.is_ipv4();
    let fitting: Vec<SocketAddr> = found.iter().filter(of_its).copied().collect();
    match fitting.is_empty() {
        false => Ok(fitting),
        true => Err(AddressError::WrongFamily {
            source,
            server: format!("{} {}", ways.named_by, ways.to),
            found,
        }),
    }
}

fn all_addresses(
    net: &NetSettings,
    signals: &mut Signals,
) -> Result<Vec<SocketAddr>, AddressError> {
    let ways = &net.ways;
    let port = ways.to.port();
    if !ways.resolved.is_empty() {
        return Ok(ways.resolved.iter().map(|ip| ip.with_port(port)).collect());
    }
    if let Some(ip) = ways.to.ip() {
        return Ok(vec![ip.with_port(port)]);
    }
    let (option, host) = (ways.named_by, ways.to.host());
    let patience = net.connect_timeout.unwrap_or(RESOLVING).min(RESOLVING);
    let answer = resolve::resolve(&host, port, patience, signals);
    let mut found = match answer.map_err(AddressError::CannotAsk)? {
        Answer::Addresses(found) => found,
        Answer::Error(error) => return Err(AddressError::Unresolved(option, host, error)),
        Answer::TimedOut => return Err(AddressError::Silent(option, host, patience)),
        Answer::Interrupted => return Err(AddressError::Interrupted),
    };
    found.dedup();
    match found.is_empty() {
        true => Err(AddressError::NoAddress(option, host)),
        false => Ok(found),
    }
}

/// The address that takes connections. A name with several addresses (`localhost` is often `::1` and
/// `127.0.0.1`, with a server on one of them) is tried with one connection each, in order; the first
/// one is used where none answers, so that the rows have the error, and after a signal.
pub fn reachable(addresses: &[SocketAddr], net: &NetSettings, signals: &mut Signals) -> SocketAddr {
    let first = addresses[0];
    if addresses.len() == 1 {
        return first;
    }
    let patience = net.connect_timeout.unwrap_or(TRIAL).min(TRIAL);
    let end = Instant::now() + TRIALS;
    for &address in addresses {
        let left = end.saturating_duration_since(Instant::now());
        if left.is_zero() || signals.received().is_some() {
            break;
        }
        let route = Route::to(address, &net.ways);
        if route.attempt(patience.min(left), signals).is_ok() {
            return address;
        }
    }
    first
}

#[cfg(test)]
#[path = "address_tests.rs"]
mod tests;
