//! IP addresses with the interface that they belong to, where they have one (RFC 4007 section 11).

use std::fmt;
use std::net::{IpAddr, SocketAddr, SocketAddrV6};

use crate::sys::network;

/// An IP address; a link-local IPv6 one with its interface, as in `fe80::1%eth0`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ScopedIp {
    /// The address.
    pub ip: IpAddr,
    /// The interface's index (`sin6_scope_id`, ipv6(7)); 0 if there is none.
    pub scope: u32,
}

impl ScopedIp {
    /// With a port, as a socket takes it.
    pub fn with_port(self, port: u16) -> SocketAddr {
        match self.ip {
            IpAddr::V4(_) => SocketAddr::new(self.ip, port),
            IpAddr::V6(v6) => SocketAddrV6::new(v6, port, 0, self.scope).into(),
        }
    }

    /// Reads an address, an IPv6 one with or without brackets and a zone; `None` if it is not one, or of
    /// an interface that does not exist.
    pub fn parse(text: &str) -> Option<ScopedIp> {
        let bare = text.strip_prefix('[').and_then(|t| t.strip_suffix(']'));
        let (address, zone) = match bare.unwrap_or(text).split_once('%') {
            Some((address, zone)) => (address, Some(zone)),
            None => (bare.unwrap_or(text), None),
        };
        let ip: IpAddr = match (bare, zone) {
            (None, None) => address.parse().ok()?,
            _ => IpAddr::V6(address.parse().ok()?),
        };
        let scope = zone.map_or(Some(0), |zone| scope_of(zone).ok())?;
        Some(ScopedIp { ip, scope })
    }

    /// Whether it is link-local without an interface: then nothing can be reached.
    pub fn lacks_interface(self) -> bool {
        match self.ip {
            IpAddr::V4(_) => false,
            IpAddr::V6(v6) => v6.is_unicast_link_local() && self.scope == 0,
        }
    }
}

impl From<IpAddr> for ScopedIp {
    fn from(ip: IpAddr) -> ScopedIp {
        ScopedIp { ip, scope: 0 }
    }
}

impl PartialEq<IpAddr> for ScopedIp {
    fn eq(&self, other: &IpAddr) -> bool {
        self.scope == 0 && self.ip == *other
    }
}

impl fmt::Display for ScopedIp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.ip, Zone(self.scope))
    }
}

/// An interface's index behind an address: `%eth0`, or its number; nothing for 0.
#[derive(Clone, Copy, Debug)]
pub struct Zone(pub u32);

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.0, network::interface_name(self.0)) {
            (0, _) => Ok(()),
            (_, Some(name)) => write!(f, "%{name}"),
            (index, None) => write!(f, "%{index}"),
        }
    }
}

/// The interface does not exist.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownZone(String);

impl fmt::Display for UnknownZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:?} is not an interface of this machine: give one (ip link shows them)",
            self.0
        )
    }
}

/// The index of the interface that a zone names: by its name or number, in a URL behind `%25` (RFC
/// 6874 section 2) or, as commonly written, behind `%` alone.
pub fn scope_of(zone: &str) -> Result<u32, UnknownZone> {
    let in_url = zone.strip_prefix("25").filter(|zone| !zone.is_empty());
    let names = [in_url, Some(zone)].into_iter().flatten();
    let index_of = |name: &str| {
        let digits = name.bytes().all(|byte| byte.is_ascii_digit());
        let number = name.parse().ok().filter(|&index| digits && index > 0);
        let known = number.filter(|&index| network::interface_name(index).is_some());
        network::interface_index(name).or(known)
    };
    let found = names.map(index_of).find_map(|index| index);
    found.ok_or_else(|| UnknownZone(in_url.unwrap_or(zone).to_owned()))
}

/// Removes the zone from a host in brackets: `[fe80::1%eth0]:80` becomes `[fe80::1]:80` and the
/// interface's index. Text without a zone in brackets stays as it is, with 0.
pub fn take_zone(text: &str) -> Result<(String, u32), UnknownZone> {
    let bracketed = text.find('[').zip(text.find(']'));
    let within = bracketed.and_then(|(open, close)| {
        let percent = text.get(open..close)?.find('%')? + open;
        Some((percent, close))
    });
    match within {
        None => Ok((text.to_owned(), 0)),
        Some((percent, close)) => {
            let scope = scope_of(&text[percent + 1..close])?;
            Ok((format!("{}{}", &text[..percent], &text[close..]), scope))
        }
    }
}

#[cfg(test)]
#[path = "ip_tests.rs"]
mod tests;
