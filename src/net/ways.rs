//! The network path between this machine and the shop: destination and source addresses.

use std::fmt;
use url::Host;

use super::bind_list::{BindList, decimal};
use super::ip::{ScopedIp, UnknownZone, Zone, take_zone};
use super::target::Target;
use crate::exit::UsageError;

/// The option of the place that connections go to.
pub const CONNECT_TO: &str = "--connect-to";

/// The network path between this machine and the shop, checked against the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ways {
    /// Where connections go: `--connect-to`, or else the target's host and port.
    pub to: HostPort,
    /// The option that named the destination.
    pub named_by: &'static str,
    /// Its addresses from `--resolve`, each once, in the order given; without any, the system's
    /// resolver is asked.
    pub resolved: Vec<ScopedIp>,
    /// The source addresses; `None` leaves them to the kernel.
    pub bind: Option<BindList>,
}

impl Ways {
    /// How many source addresses there are, 1 or more: the kernel's choice counts as one.
    pub fn sources(&self) -> usize {
        self.bind.as_ref().map_or(1, |list| list.addresses().len())
    }

    /// The source address of single requests outside a run.
    pub fn first_source(&self) -> Option<ScopedIp> {
        self.bind.as_ref().map(|list| list.addresses()[0])
    }
}

/// A host and the port there, 1 to 65535.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPort {
    /// The host.
    pub host: Host,
    /// The port.
    pub port: u16,
    /// The index of the interface that a link-local address belongs to; 0 for none.
    pub scope: u32,
}

impl HostPort {
    /// Reads the `HOST:PORT` of `--connect-to`; an IPv6 address must be in brackets.
    pub fn parse(text: &str) -> Result<HostPort, UsageError> {
        let bad = |error: HostError| UsageError(format!("{CONNECT_TO} {text:?}: {error}"));
        let (host, scope, port) = split_host(text).map_err(bad)?;
        if port.contains(':') {
            return Err(bad(HostError::TooMuch));
        }
        let port = port_of(&port).map_err(bad)?;
        let to = HostPort { host, port, scope };
        match to.ip() {
            Some(ip) if ip.lacks_interface() => Err(bad(HostError::NoInterface(ip))),
            _ => Ok(to),
        }
    }

    /// The host and port of a target.
    pub fn of(target: &Target) -> HostPort {
        HostPort {
            host: target
                .base
                .host()
                .expect("http URLs have a host")
                .to_owned(),
            port: target.port(),
            scope: target.scope,
        }
    }

    /// The host if it is an address: then it need not be resolved.
    pub fn ip(&self) -> Option<ScopedIp> {
        let ip = match self.host {
            Host::Domain(_) => return None,
            Host::Ipv4(v4) => v4.into(),
            Host::Ipv6(v6) => v6.into(),
        };
        Some(ScopedIp {
            ip,
            scope: self.scope,
        })
    }

    /// The host for resolving: without the brackets of an IPv6 address.
    pub fn host(&self) -> String {
        match &self.host {
            Host::Domain(name) => name.clone(),
            Host::Ipv4(address) => address.to_string(),
            Host::Ipv6(address) => address.to_string(),
        }
    }

    /// The port.
    pub fn port(&self) -> u16 {
        self.port
    }
}

impl fmt::Display for HostPort {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.host, self.scope) {
            (Host::Ipv6(v6), 1..) => write!(f, "[{v6}{}]:{}", Zone(self.scope), self.port),
            (host, _) => write!(f, "{host}:{}", self.port),
        }
    }
}

/// Why a host and its port are invalid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum HostError {
    /// No host in front.
    NoHost,
    /// No port behind it.
    NoPort,
    /// More than host and port.
    TooMuch,
    /// Neither a name nor an address.
    BadHost(url::ParseError),
    /// Not a number from 1 to 65535.
    BadPort(String),
    /// A zone that does not name an interface.
    UnknownZone(UnknownZone),
    /// A link-local address without its interface.
    NoInterface(ScopedIp),
}

impl fmt::Display for HostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HostError::NoHost => {
                f.write_str("begin with the host, an IPv6 address in brackets: [::1]:8000")
            }
            HostError::NoPort => {
                f.write_str("the port is missing: write HOST:PORT, such as 127.0.0.1:8000")
            }
            HostError::TooMuch => {
                f.write_str("write HOST:PORT alone, such as shop.test:8000 or [::1]:8000")
            }
            HostError::BadHost(error) => write!(
                f,
                "{error}: write a host name or an address, [::1] in brackets"
            ),
            HostError::BadPort(text) => {
                write!(f, "{text:?} is not a port: give a number from 1 to 65535")
            }
            HostError::UnknownZone(error) => error.fmt(f),
            HostError::NoInterface(ip) => {
                write!(f, "{ip} is link-local: append its interface, [{ip}%eth0]")
            }
        }
    }
}

/// The host in front, as a URL would have it, its interface's index (0 for none), and what follows the
/// colon behind it.
pub fn split_host(text: &str) -> Result<(Host, u32, String), HostError> {
    // Only the host may have a zone: what follows may be an address with one of its own.
    let end = match text.find(']').filter(|_| text.starts_with('[')) {
        Some(bracket) => bracket + 1,
        None => text.find(':').unwrap_or(text.len()),
    };
    let (host, rest) = text.split_at(end);
    if host.is_empty() {
        return Err(HostError::NoHost);
    }
    let rest = rest.strip_prefix(':').ok_or(HostError::NoPort)?;
    let (host, scope) = take_zone(host).map_err(HostError::UnknownZone)?;
    let host = Host::parse(&host).map_err(HostError::BadHost)?;
    Ok((host, scope, rest.to_owned()))
}

/// A port, 1 to 65535.
pub fn port_of(text: &str) -> Result<u16, HostError> {
    decimal(text)
        .filter(|&port| port != 0)
        .ok_or_else(|| HostError::BadPort(text.to_owned()))
}
