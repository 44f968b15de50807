//! From the target's name to a connection.

use std::io;
use std::io::Write;
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use super::Check;
use super::output::Report;
use crate::cli::run::RunSettings;
use crate::failure::Failure;
use crate::fetch;
use crate::resolve;

/// How long an address may take to answer; less where `--connect-timeout` says so.
const PATIENCE: Duration = Duration::from_secs(5);

/// What is known of the way to the shop.
pub(super) struct Network {
    /// The address that answered.
    pub(super) connected: Option<SocketAddr>,
    /// That one, or else the first of the target's addresses.
    pub(super) preferred: Option<SocketAddr>,
}

/// Resolves the target and makes one connection, the way a run chooses its address.
pub(super) fn examine<W: Write>(
    settings: &RunSettings,
    report: &mut Report<W>,
) -> io::Result<Network> {
    let addresses = match resolve::addresses(&settings.target) {
        Ok(addresses) => addresses,
        Err(line) => {
            report.add(Check::fail_line("resolve", &line))?;
            report.add(Check::skip("connect", "the target's address is missing"))?;
            return Ok(Network {
                connected: None,
                preferred: None,
            });
        }
    };
    let patience = settings
        .connect_timeout
        .map_or(PATIENCE, |timeout| timeout.min(PATIENCE));
    let tries = connect(&addresses, patience);
    report.add(judge_addresses(&settings.target.host(), &tries, &addresses))?;
    report.add(judge_connect(&tries))?;
    let connected = tries.answered.map(|(address, _)| address);
    Ok(Network {
        connected,
        preferred: connected.or(addresses.first().copied()),
    })
}

/// What came of connecting to one address after the other until one answered.
struct Tries {
    failed: Vec<(SocketAddr, Failure)>,
    answered: Option<(SocketAddr, Duration)>,
}

fn connect(addresses: &[SocketAddr], patience: Duration) -> Tries {
    let mut failed = Vec::new();
    for &address in addresses {
        let before = Instant::now();
        match TcpStream::connect_timeout(&address, patience) {
            Ok(_) => {
                let answered = Some((address, before.elapsed()));
                return Tries { failed, answered };
            }
            Err(error) => failed.push((address, fetch::connect(error))),
        }
    }
    Tries {
        failed,
        answered: None,
    }
}

fn judge_addresses(host: &str, tries: &Tries, addresses: &[SocketAddr]) -> Check {
    let listed: Vec<String> = addresses.iter().map(SocketAddr::to_string).collect();
    let listed = listed.join(", ");
    Check::ok(
        "resolve",
        match (&tries.answered, addresses.len()) {
            (Some((used, _)), 2..) => format!("{host} is {listed}; a run uses {used}"),
            _ if host.parse::<IpAddr>().is_ok() => listed,
            _ => format!("{host} is {listed}"),
        },
    )
}

fn judge_connect(tries: &Tries) -> Check {
    let failed: Vec<String> = (tries.failed.iter())
        .map(|(address, failure)| format!("{address}: {failure}"))
        .collect();
    let failed = failed.join(", ");
    match (&tries.answered, tries.failed.first()) {
        (Some((address, took)), None) => {
            Check::ok("connect", format!("{address} in {}", millis(*took)))
        }
        (Some((address, took)), Some(_)) => Check::ok(
            "connect",
            format!("{address} in {} (but {failed})", millis(*took)),
        ),
        (None, first) => {
            let hint = first.and_then(|(_, failure)| failure.kind.hint());
            let mend = hint.unwrap_or("check the target's address, the route and the firewall");
            Check::fail("connect", failed, mend)
        }
    }
}

/// A short span for people.
pub(super) fn millis(span: Duration) -> String {
    format!("{:.3} ms", span.as_secs_f64() * 1e3)
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::*;
    use crate::failure::FailureKind;

    fn address(text: &str) -> SocketAddr {
        text.parse().expect("an address")
    }

    #[test]
    fn which_address_is_used() {
        let (one, two) = (address("[::1]:80"), address("127.0.0.1:80"));
        let tries = Tries {
            failed: vec![(one, FailureKind::ConnectionRefused.into())],
            answered: Some((two, Duration::from_micros(1500))),
        };
        assert_eq!(
            judge_addresses("localhost", &tries, &[one, two]).finding,
            "localhost is [::1]:80, 127.0.0.1:80; a run uses 127.0.0.1:80"
        );
        let check = judge_connect(&tries);
        assert_eq!(check.status, Status::Ok);
        assert_eq!(
            check.finding,
            "127.0.0.1:80 in 1.500 ms (but [::1]:80: connection refused)"
        );
        assert_eq!(judge_addresses("::1", &tries, &[one]).finding, "[::1]:80");
    }

    #[test]
    fn nobody_answers() {
        for (kind, mend) in [
            (FailureKind::ConnectionRefused, "is the server up"),
            (FailureKind::ConnectTimeout, "backlog"),
            (FailureKind::Os(libc::EPERM), "firewall"),
        ] {
            let tries = Tries {
                failed: vec![(address("127.0.0.1:80"), kind.into())],
                answered: None,
            };
            let check = judge_connect(&tries);
            assert_eq!(check.status, Status::Fail);
            assert!(check.finding.contains("127.0.0.1:80"), "{check:?}");
            assert!(
                check.mend.as_ref().is_some_and(|m| m.contains(mend)),
                "{check:?}"
            );
        }
    }

    #[test]
    fn own_addresses() {
        assert!(resolve::is_here(address("127.0.0.9:1").ip()));
        // RFC 5737: nobody's.
        assert!(!resolve::is_here(address("192.0.2.1:1").ip()));
    }
}
