//! The addresses of `--bind`, each named or as part of a net.

use std::collections::HashSet;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use super::ip::ScopedIp;
use crate::exit::UsageError;

/// The option that names the source addresses.
pub const BIND: &str = "--bind";

/// Source addresses: at least one and at most [`BindList::MOST`], of one family, each once, in the
/// order given. Whether they belong to this machine is not checked yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BindList(Vec<ScopedIp>);

impl BindList {
    /// The most source addresses.
    pub const MOST: usize = 65_536;

    /// Reads addresses and nets (`127.0.1.0/28`), separated by commas. Of an IPv4 net with a prefix
    /// shorter than /31, its own address and its broadcast address are left out. An address that is
    /// listed twice is an error.
    pub fn parse(text: &str) -> Result<BindList, UsageError> {
        let bad = |error: BindError| UsageError(format!("{BIND} {text:?}: {error}"));
        let mut addresses: Vec<ScopedIp> = Vec::new();
        let mut seen = HashSet::new();
        for part in text.split(',').map(str::trim) {
            let span = Span::parse(part).map_err(bad)?;
            if span.count().saturating_add(addresses.len() as u128) > BindList::MOST as u128 {
                return Err(bad(BindError::TooMany));
            }
            for address in span.addresses() {
                if let Some(why) = unfit(address) {
                    return Err(bad(BindError::Unfit(address, why)));
                }
                if !seen.insert(address) {
                    return Err(bad(BindError::Twice(address)));
                }
                addresses.push(address);
            }
        }
        let first = addresses[0];
        match (addresses.iter()).find(|address| address.ip.is_ipv4() != first.ip.is_ipv4()) {
            Some(&other) => Err(bad(BindError::TwoFamilies(first, other))),
            None => Ok(BindList(addresses)),
        }
    }

    /// All of them, never none.
    pub fn addresses(&self) -> &[ScopedIp] {
        &self.0
    }
}

/// The first few and their number.
impl fmt::Display for BindList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 4;
        let shown: Vec<String> = self.0.iter().take(SHOWN).map(ScopedIp::to_string).collect();
        f.write_str(&shown.join(", "))?;
        match self.0.len() {
            0..=SHOWN => Ok(()),
            count => write!(f, ", … ({count} addresses)"),
        }
    }
}

/// Why a list of source addresses is invalid.
#[derive(Clone, Debug, PartialEq, Eq)]
enum BindError {
    /// More than [`BindList::MOST`].
    TooMany,
    /// An address that connections cannot come from, and why.
    Unfit(ScopedIp, &'static str),
    /// The same address again.
    Twice(ScopedIp),
    /// IPv4 and IPv6 addresses.
    TwoFamilies(ScopedIp, ScopedIp),
    /// Neither an address nor a net.
    NotAnAddress(String),
    /// A prefix length beyond the family's width, bits.
    BadPrefix(String, u32),
    /// An address within a net; the net and the address.
    WithinNet(String, String, String),
}

impl fmt::Display for BindError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            BindError::TooMany => {
                write!(f, "more than {} addresses: give fewer", BindList::MOST)
            }
            BindError::Unfit(address, why) => write!(f, "{address} {why}"),
            BindError::Twice(address) => write!(f, "{address} is listed twice: give it once"),
            BindError::TwoFamilies(one, other) => write!(
                f,
                "{one} and {other} are of two families: give addresses of the server's family"
            ),
            BindError::NotAnAddress(text) => write!(
                f,
                "{text:?} is neither an IP address nor a net: give, for example, 127.0.0.2,127.0.0.3 or \
                 127.0.1.0/28"
            ),
            BindError::BadPrefix(text, width) => {
                write!(f, "{text:?}: give a prefix length from 0 to {width}")
            }
            BindError::WithinNet(text, net, address) => write!(
                f,
                "{text:?} is an address within a net: write {net} for the net, {address} for the \
                 address"
            ),
        }
    }
}

/// Why connections cannot come from an address.
fn unfit(address: ScopedIp) -> Option<&'static str> {
    match address.ip {
        ip if ip.is_unspecified() => {
            Some("is not the address of a machine: give addresses of this one")
        }
        ip if ip.is_multicast() => Some("is a multicast address: give addresses of this machine"),
        _ if address.lacks_interface() => {
            Some("is link-local: append its interface, such as fe80::1%eth0")
        }
        IpAddr::V6(v6) if v6.to_ipv4_mapped().is_some() => {
            Some("is an IPv4 address in IPv6's form: write it as 127.0.0.1")
        }
        _ => None,
    }
}

/// One address, or those of a net, as numbers from first to last.
#[derive(Clone, Copy)]
struct Span {
    is_ipv4: bool,
    /// The interface that all of them belong to; 0 for none.
    scope: u32,
    first: u128,
    last: u128,
}

impl Span {
    /// Reads `ADDRESS` or `NET/BITS`.
    fn parse(text: &str) -> Result<Span, BindError> {
        let (start, bits) = match text.split_once('/') {
            None => (text, None),
            Some((start, bits)) => (start, Some(bits)),
        };
        let Some(ScopedIp { ip: start, scope }) = ScopedIp::parse(start) else {
            return Err(BindError::NotAnAddress(text.to_owned()));
        };
        let (is_ipv4, number, width) = match start {
            IpAddr::V4(v4) => (true, u128::from(v4.to_bits()), 32),
            IpAddr::V6(v6) => (false, v6.to_bits(), 128),
        };
        let Some(bits) = bits else {
            return Ok(Span {
                is_ipv4,
                scope,
                first: number,
                last: number,
            });
        };
        let bits: u32 = decimal(bits)
            .filter(|&bits| bits <= width)
            .ok_or_else(|| BindError::BadPrefix(text.to_owned(), width))?;
        // All ones where the net is the whole of IPv6.
        let hosts = 1u128
            .checked_shl(width - bits)
            .map_or(u128::MAX, |count| count - 1);
        if number & hosts != 0 {
            let net = to_address(is_ipv4, number & !hosts);
            let net = format!("{net}/{bits}");
            return Err(BindError::WithinNet(
                text.to_owned(),
                net,
                start.to_string(),
            ));
        }
        let ends = u128::from(is_ipv4 && bits < 31);
        Ok(Span {
            is_ipv4,
            scope,
            first: number + ends,
            last: number + hosts - ends,
        })
    }

    fn count(self) -> u128 {
        (self.last - self.first).saturating_add(1)
    }

    fn addresses(self) -> impl Iterator<Item = ScopedIp> {
        (self.first..=self.last).map(move |number| ScopedIp {
            ip: to_address(self.is_ipv4, number),
            scope: self.scope,
        })
    }
}

fn to_address(is_ipv4: bool, number: u128) -> IpAddr {
    match is_ipv4 {
        true => Ipv4Addr::from_bits(number as u32).into(),
        false => Ipv6Addr::from_bits(number).into(),
    }
}

/// A number of digits only: the standard library would accept a sign, too.
pub fn decimal<T: FromStr>(text: &str) -> Option<T> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

#[cfg(test)]
#[path = "bind_list_tests.rs"]
mod tests;
