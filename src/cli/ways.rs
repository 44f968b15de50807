//! Where connections come from and other ways to the server: `--bind`, `--connect-to`, `--resolve`.

use std::fmt;
use std::net::IpAddr;

use pico_args::Arguments;
use url::Host;

use super::bind_list::{BIND, BindList, address, decimal};
use super::options::{Name, UsageError, text, texts};
use super::target::Target;

const CONNECT_TO: Name = Name("", "--connect-to", "--connect_to");
const RESOLVE: Name = Name("", "--resolve", "--resolve");

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

/// The options as they were given.
#[derive(Debug)]
pub struct Given {
    bind: Option<String>,
    connect_to: Option<String>,
    resolve: Vec<String>,
}

impl Given {
    /// Takes the options out of the arguments.
    pub fn take(args: &mut Arguments) -> Result<Given, UsageError> {
        Ok(Given {
            bind: text(args, BIND)?,
            connect_to: text(args, CONNECT_TO)?,
            resolve: texts(args, RESOLVE)?,
        })
    }

    /// Reads them. `own_shop`: the target is a shop of the program's own, to which there is one way.
    pub fn towards(self, target: &Target, own_shop: bool) -> Result<Ways, UsageError> {
        let elsewhere = [
            (CONNECT_TO, self.connect_to.is_some()),
            (RESOLVE, !self.resolve.is_empty()),
        ];
        if let Some((name, _)) = elsewhere.iter().find(|(_, given)| own_shop && *given) {
            return Err(UsageError(format!(
                "{name} does not go with demo, which starts its own shop: leave it out"
            )));
        }
        let (to, named_by) = match &self.connect_to {
            Some(text) => (HostPort::parse(text)?, CONNECT_TO.1),
            None => (HostPort::of(target), "--target"),
        };
        let mut ways = Ways {
            to,
            named_by,
            resolved: Vec::new(),
            bind: (self.bind.as_deref()).map(BindList::parse).transpose()?,
        };
        for text in &self.resolve {
            let entry = ResolveEntry::parse(text)?;
            if entry.of != ways.to {
                return Err(mismatch(text, &ways, target));
            }
            for address in entry.addresses {
                if !ways.resolved.contains(&address) {
                    ways.resolved.push(address);
                }
            }
        }
        Ok(ways)
    }
}

/// An entry that would never be looked up.
fn mismatch(text: &str, ways: &Ways, target: &Target) -> UsageError {
    let to = &ways.to;
    let shop = HostPort::of(target);
    UsageError(if ways.named_by == CONNECT_TO.1 && shop != *to {
        format!(
            "{RESOLVE} {text:?}: with {CONNECT_TO} only {to} is looked up, not the target's {shop}: \
             write {to}:ADDRESS, or leave it out"
        )
    } else {
        format!("{RESOLVE} {text:?}: connections go to {to}: write {to}:ADDRESS, or leave it out")
    })
}

/// A host and the port there, 1 to 65535.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPort {
    host: Host,
    port: u16,
}

impl HostPort {
    /// Reads `HOST:PORT` as `--connect-to` has it; an IPv6 address stands in brackets.
    pub fn parse(text: &str) -> Result<HostPort, UsageError> {
        let bad = |mend: String| UsageError(format!("{CONNECT_TO} {text:?}: {mend}"));
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

/// One `--resolve`: curl's `HOST:PORT:ADDRESS[,ADDRESS]…`.
struct ResolveEntry {
    of: HostPort,
    addresses: Vec<IpAddr>,
}

impl ResolveEntry {
    fn parse(text: &str) -> Result<ResolveEntry, UsageError> {
        let bad = |mend: String| UsageError(format!("{RESOLVE} {text:?}: {mend}"));
        let (host, rest) = split_host(text).map_err(bad)?;
        let Some((port, list)) = rest.split_once(':') else {
            return Err(bad(
                "the address is missing: write HOST:PORT:ADDRESS".to_owned()
            ));
        };
        let port = port_of(port).map_err(bad)?;
        let addresses = list
            .split(',')
            .map(|part| {
                address(part).ok_or_else(|| {
                    bad(format!(
                        "{part:?} is no IP address: write HOST:PORT:ADDRESS,ADDRESS"
                    ))
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(ResolveEntry {
            of: HostPort { host, port },
            addresses,
        })
    }
}

/// The host in front, as a URL would have it, and what follows the colon behind it; or the mend.
fn split_host(text: &str) -> Result<(Host, &str), String> {
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

fn port_of(text: &str) -> Result<u16, String> {
    decimal(text)
        .filter(|&port| port != 0)
        .ok_or_else(|| format!("{text:?} is no port: give a number from 1 to 65535"))
}

#[cfg(test)]
#[path = "ways_tests.rs"]
mod tests;
