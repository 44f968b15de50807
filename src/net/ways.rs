//! The ways between this machine and the shop.

use std::fmt;
use std::net::IpAddr;

use url::Host;

use super::bind_list::{BindList, decimal};
use super::target::Target;
use crate::exit::UsageError;

/// The ways between this machine and the shop, checked against the target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ways {
    /// Where connections go: `--connect-to`, or else the target's host and port.
    pub to: HostPort,
    /// The option that named that place.
    pub named_by: &'static str,
    /// Its addresses by `--resolve`, each once, in the order given; where there are none, the system's
    /// resolver is asked.
    pub resolved: Vec<IpAddr>,
    /// The source addresses; `None` leaves them to the kernel.
    pub bind: Option<BindList>,
}

impl Ways {
    /// How many source addresses there are, 1 or more: the kernel's own choice is one.
    pub fn sources(&self) -> usize {
        self.bind.as_ref().map_or(1, |list| list.addresses().len())
    }

    /// The source address of single requests, made before a run or instead of one.
    pub fn first_source(&self) -> Option<IpAddr> {
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
}

impl HostPort {
    /// Reads `HOST:PORT` as `--connect-to` has it; an IPv6 address stands in brackets.
    pub fn parse(text: &str) -> Result<HostPort, UsageError> {
        let bad = |mend: String| UsageError(format!("--connect-to {text:?}: {mend}"));
        let (host, port) = split_host(text).map_err(bad)?;
        if port.contains(':') {
            return Err(bad(
                "write HOST:PORT alone, such as shop.test:8000 or [::1]:8000".to_owned(),
            ));
        }
        let port = port_of(port).map_err(bad)?;
        Ok(HostPort { host, port })
    }

    /// That of a target.
    pub fn of(target: &Target) -> HostPort {
        HostPort {
            host: target
                .base
                .host()
                .expect("http URLs have a host")
                .to_owned(),
            port: target.port(),
        }
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
        write!(f, "{}:{}", self.host, self.port)
    }
}

/// The host in front, as a URL would have it, and what follows the colon behind it; or the mend.
pub fn split_host(text: &str) -> Result<(Host, &str), String> {
    let end = match text.find(']').filter(|_| text.starts_with('[')) {
        Some(bracket) => bracket + 1,
        None => text.find(':').unwrap_or(text.len()),
    };
    let (host, rest) = text.split_at(end);
    if host.is_empty() {
        return Err("begin with the host, an IPv6 address in brackets: [::1]:8000".to_owned());
    }
    let rest = rest
        .strip_prefix(':')
        .ok_or("the port is missing: write HOST:PORT, such as 127.0.0.1:8000")?;
    let host = Host::parse(host)
        .map_err(|error| format!("{error}: write a host name or an address, [::1] in brackets"))?;
    Ok((host, rest))
}

/// A port, 1 to 65535; or the mend.
pub fn port_of(text: &str) -> Result<u16, String> {
    decimal(text)
        .filter(|&port| port != 0)
        .ok_or_else(|| format!("{text:?} is no port: give a number from 1 to 65535"))
}
