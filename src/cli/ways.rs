//! Where connections come from and other ways to the server: `--bind`, `--connect-to`, `--resolve`.

use super::commands::Command;
use super::error::{Invalid, Wrong};
use super::given::{Given, invalid};
use super::table::{self, CONNECT_TO, RESOLVE};
use crate::net::bind_list::BindList;
use crate::net::ip::ScopedIp;
use crate::net::target::Target;
use crate::net::ways::{HostPort, Ways, port_of, split_host};

/// The ways to a target, one of `all`. A command with its own shop has neither `--connect-to` nor `--resolve`.
pub fn settings(
    command: &Command,
    given: &mut Given,
    target: &Target,
    all: &[Target],
) -> Result<Ways, Invalid> {
    let bind = given.text(&table::BIND)?;
    let (connect_to, resolve) = match command.takes(&CONNECT_TO) {
        true => (given.text(&CONNECT_TO)?, given.texts(&RESOLVE)?),
        false => (None, Vec::new()),
    };
    let (to, named_by) = match &connect_to {
        Some(text) => (
            HostPort::parse(text).map_err(Invalid::said)?,
            CONNECT_TO.long,
        ),
        None => (HostPort::of(target), table::TARGET.long),
    };
    let mut ways = Ways {
        to,
        named_by,
        resolved: Vec::new(),
        bind: (bind.as_deref())
            .map(BindList::parse)
            .transpose()
            .map_err(Invalid::said)?,
    };
    for text in resolve {
        let entry = match ResolveEntry::parse(&text) {
            Ok(entry) if entry.of == ways.to => entry,
            // It is for another variant.
            Ok(entry)
                if connect_to.is_none()
                    && all.iter().any(|other| HostPort::of(other) == entry.of) =>
            {
                continue;
            }
            Ok(_) => {
                let wrong = mismatch(&ways, target);
                return Err(invalid(&RESOLVE, text, wrong));
            }
            Err(wrong) => return Err(invalid(&RESOLVE, text, wrong)),
        };
        for address in entry.addresses {
            if !ways.resolved.contains(&address) {
                ways.resolved.push(address);
            }
        }
    }
    Ok(ways)
}

/// Why an entry would never be looked up.
fn mismatch(ways: &Ways, target: &Target) -> Wrong {
    let to = &ways.to;
    let shop = HostPort::of(target);
    let hint = format!("write {to}:ADDRESS, or leave it out");
    match ways.named_by == CONNECT_TO.long && shop != *to {
        true => Wrong::new(
            format!("with --connect-to only {to} is looked up, not the target's {shop}"),
            hint,
        ),
        false => Wrong::new(format!("connections go to {to}"), hint),
    }
}

/// One `--resolve`: curl's `HOST:PORT:ADDRESS[,ADDRESS]…`.
struct ResolveEntry {
    of: HostPort,
    addresses: Vec<ScopedIp>,
}

impl ResolveEntry {
    fn parse(text: &str) -> Result<ResolveEntry, Wrong> {
        let said = |error: &dyn std::fmt::Display| Wrong::hint(error.to_string());
        let (host, scope, rest) = split_host(text).map_err(|error| said(&error))?;
        let Some((port, list)) = rest.split_once(':') else {
            return Err(Wrong::new(
                "the address is missing",
                "write HOST:PORT:ADDRESS",
            ));
        };
        let port = port_of(port).map_err(|error| said(&error))?;
        let addresses = list
            .split(',')
            .map(|part| {
                ScopedIp::parse(part).ok_or_else(|| {
                    Wrong::new(
                        format!("{part:?} is not an IP address"),
                        "write HOST:PORT:ADDRESS,ADDRESS",
                    )
                })
            })
            .collect::<Result<_, _>>()?;
        Ok(ResolveEntry {
            of: HostPort { host, port, scope },
            addresses,
        })
    }
}

#[cfg(test)]
#[path = "ways_tests.rs"]
mod tests;
