//! The addresses of `--bind`, each named or as part of a net.

use std::collections::HashSet;
use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;

use crate::exit::UsageError;

/// The option that names the source addresses.
pub const BIND: &str = "--bind";

/// Source addresses: at least one and at most [`BindList::MOST`], of one family, each once, in the
/// order given. Whether they are this machine's is not known yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BindList(Vec<IpAddr>);

impl BindList {
    /// The most source addresses.
    pub const MOST: usize = 65_536;

    /// Reads addresses and nets (`127.0.1.0/28`), separated by commas. Of an IPv4 net with a prefix
    /// shorter than /31, its own address and its broadcast address are left out. An address that is
    /// there twice is an error.
    pub fn parse(text: &str) -> Result<BindList, UsageError> {
        let bad = |mend: String| UsageError(format!("{BIND} {text:?}: {mend}"));
        let mut addresses: Vec<IpAddr> = Vec::new();
        let mut seen = HashSet::new();
        for part in text.split(',').map(str::trim) {
            let span = Span::parse(part).map_err(bad)?;
            if span.count().saturating_add(addresses.len() as u128) > BindList::MOST as u128 {
                let most = BindList::MOST;
                return Err(bad(format!("more than {most} addresses: give fewer")));
            }
            for address in span.addresses() {
                if let Some(why) = unfit(address) {
                    return Err(bad(format!("{address} {why}")));
                }
                if !seen.insert(address) {
                    return Err(bad(format!("{address} is there twice: give it once")));
                }
                addresses.push(address);
            }
        }
        let first = addresses[0];
        match addresses.iter().find(|a| a.is_ipv4() != first.is_ipv4()) {
            Some(other) => Err(bad(format!(
                "{first} and {other} are of two families: give those of the server's address"
            ))),
            None => Ok(BindList(addresses)),
        }
    }

    /// All of them, never none.
    pub fn addresses(&self) -> &[IpAddr] {
        &self.0
    }
}

/// The first few and how many there are.
impl fmt::Display for BindList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const SHOWN: usize = 4;
        let shown: Vec<String> = self.0.iter().take(SHOWN).map(IpAddr::to_string).collect();
        f.write_str(&shown.join(", "))?;
        match self.0.len() {
            0..=SHOWN => Ok(()),
            count => write!(f, ", … ({count} addresses)"),
        }
    }
}

/// Why no connection could come from an address.
fn unfit(address: IpAddr) -> Option<&'static str> {
    match address {
        _ if address.is_unspecified() => Some("is no machine's: give addresses of this one"),
        _ if address.is_multicast() => {
            Some("is a multicast address: give addresses of this machine")
        }
        IpAddr::V6(v6) if v6.is_unicast_link_local() => {
            Some("is link-local, which is not supported: give a routable address")
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
    first: u128,
    last: u128,
}

impl Span {
    /// Reads `ADDRESS` or `NET/BITS`; the error is the mend.
    fn parse(text: &str) -> Result<Span, String> {
        let (start, bits) = match text.split_once('/') {
            None => (text, None),
            Some((start, bits)) => (start, Some(bits)),
        };
        let Some(start) = address(start) else {
            return Err(format!(
                "{text:?} is neither an IP address nor a net: give such as \
                 127.0.0.2,127.0.0.3 or 127.0.1.0/28"
            ));
        };
        let (is_ipv4, number, width) = match start {
            IpAddr::V4(v4) => (true, u128::from(v4.to_bits()), 32),
            IpAddr::V6(v6) => (false, v6.to_bits(), 128),
        };
        let Some(bits) = bits else {
            return Ok(Span {
                is_ipv4,
                first: number,
                last: number,
            });
        };
        let bits: u32 = decimal(bits)
            .filter(|&bits| bits <= width)
            .ok_or_else(|| format!("{text:?}: give a prefix length from 0 to {width}"))?;
        // All ones where the net is the whole of IPv6.
        let hosts = 1u128
            .checked_shl(width - bits)
            .map_or(u128::MAX, |count| count - 1);
        if number & hosts != 0 {
            let net = to_address(is_ipv4, number & !hosts);
            return Err(format!(
                "{text:?} is an address within a net: write {net}/{bits} for the net, {start} for the \
                 address"
            ));
        }
        let ends = u128::from(is_ipv4 && bits < 31);
        Ok(Span {
            is_ipv4,
            first: number + ends,
            last: number + hosts - ends,
        })
    }

    fn count(self) -> u128 {
        (self.last - self.first).saturating_add(1)
    }

    fn addresses(self) -> impl Iterator<Item = IpAddr> {
        (self.first..=self.last).map(move |number| to_address(self.is_ipv4, number))
    }
}

fn to_address(is_ipv4: bool, number: u128) -> IpAddr {
    match is_ipv4 {
        true => Ipv4Addr::from_bits(number as u32).into(),
        false => Ipv6Addr::from_bits(number).into(),
    }
}

/// A number of digits alone: the standard library would take a sign, too.
pub fn decimal<T: FromStr>(text: &str) -> Option<T> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| digits)
}

/// An IP address, an IPv6 one with or without brackets.
pub fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|t| t.strip_suffix(']'));
    match bare {
        Some(bare) => bare.parse().ok().map(IpAddr::V6),
        None => text.parse().ok(),
    }
}

#[cfg(test)]
#[path = "bind_list_tests.rs"]
mod tests;
