//! Where connections come from and other ways to the server: `--bind`, `--connect-to`, `--resolve`.

use pico_args::Arguments;

use super::options::{Name, UsageError, text, texts};
use crate::net::bind_list::BindList;
use crate::net::ip::ScopedIp;
use crate::net::target::Target;
use crate::net::ways::{HostPort, Ways, port_of, split_host};

const BIND: Name = Name("", "--bind", "--bind");
const CONNECT_TO: Name = Name("", "--connect-to", "--connect_to");
const RESOLVE: Name = Name("", "--resolve", "--resolve");

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

/// One `--resolve`: curl's `HOST:PORT:ADDRESS[,ADDRESS]…`.
struct ResolveEntry {
    of: HostPort,
    addresses: Vec<ScopedIp>,
}

impl ResolveEntry {
    fn parse(text: &str) -> Result<ResolveEntry, UsageError> {
        let bad = |hint: String| UsageError(format!("{RESOLVE} {text:?}: {hint}"));
        let (host, scope, rest) = split_host(text).map_err(|error| bad(error.to_string()))?;
        let Some((port, list)) = rest.split_once(':') else {
            return Err(bad(
                "the address is missing: write HOST:PORT:ADDRESS".to_owned()
            ));
        };
        let port = port_of(port).map_err(|error| bad(error.to_string()))?;
        let addresses = list
            .split(',')
            .map(|part| {
                ScopedIp::parse(part).ok_or_else(|| {
                    bad(format!(
                        "{part:?} is not an IP address: write HOST:PORT:ADDRESS,ADDRESS"
                    ))
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
