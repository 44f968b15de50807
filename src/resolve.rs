//! From the name of the place that connections go to, to the one address a run uses.

use std::net::{IpAddr, SocketAddr, ToSocketAddrs, UdpSocket};
use std::time::Duration;

use crate::cli::bind_list::BindList;
use crate::cli::ways::Ways;
use crate::route::Route;

/// How long a candidate address may take to answer a trial connection.
const TRIAL: Duration = Duration::from_secs(2);

/// Whether an address is one of this machine's own.
pub fn is_here(ip: IpAddr) -> bool {
    // Only an own address can be bound to; nothing is sent.
    ip.is_loopback() || UdpSocket::bind((ip, 0)).is_ok()
}

/// The addresses of the place that connections go to, at least one: those of `--resolve` in their
/// order, else the resolver's in its order of preference; with `--bind` those of its family.
pub fn addresses(ways: &Ways) -> Result<Vec<SocketAddr>, String> {
    let found = all_addresses(ways)?;
    match &ways.bind {
        None => Ok(found),
        Some(list) => of_family(list, found, ways),
    }
}

fn of_family(
    list: &BindList,
    mut found: Vec<SocketAddr>,
    ways: &Ways,
) -> Result<Vec<SocketAddr>, String> {
    let source = list.addresses()[0];
    let others: Vec<String> = found.iter().map(SocketAddr::to_string).collect();
    found.retain(|address| address.is_ipv4() == source.is_ipv4());
    if !found.is_empty() {
        return Ok(found);
    }
    let (ours, theirs) = match source.is_ipv4() {
        true => ("IPv4", "IPv6"),
        false => ("IPv6", "IPv4"),
    };
    Err(format!(
        "--bind {source} is {ours}, but {} {} has only {theirs} addresses ({}): give {theirs} addresses \
         to --bind",
        ways.named_by,
        ways.to,
        others.join(", ")
    ))
}

fn all_addresses(ways: &Ways) -> Result<Vec<SocketAddr>, String> {
    let (host, port) = (ways.to.host(), ways.to.port());
    if !ways.resolved.is_empty() {
        let given = ways.resolved.iter();
        return Ok(given.map(|&ip| SocketAddr::new(ip, port)).collect());
    }
    let option = ways.named_by;
    let mut found: Vec<SocketAddr> = match (host.as_str(), port).to_socket_addrs() {
        Ok(addresses) => addresses.collect(),
        Err(error) => {
            return Err(format!(
                "{option} host {host:?} does not resolve ({error}): check its spelling, or give an address"
            ));
        }
    };
    found.dedup();
    if found.is_empty() {
        return Err(format!(
            "{option} host {host:?} has no address: check its spelling, or give an address"
        ));
    }
    Ok(found)
}

/// The address that takes connections. A name with several addresses (`localhost` is often `::1` and
/// `127.0.0.1`, with a server on one of them) is tried with one connection each, in order; the first
/// one stands in where none answers, so that the rows say what is wrong.
pub fn reachable(addresses: &[SocketAddr], ways: &Ways) -> SocketAddr {
    let first = addresses[0];
    if addresses.len() == 1 {
        return first;
    }
    addresses
        .iter()
        .copied()
        .find(|&address| Route::to(address, ways).attempt(TRIAL).is_ok())
        .unwrap_or(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    fn ways(line: &str) -> Ways {
        let words = line.split(' ').chain(["-d", "rdbms"]).map(Into::into);
        let args = pico_args::Arguments::from_vec(words.collect());
        let settings = crate::cli::run::parse(args, None).expect("settings");
        settings.ways
    }

    fn resolved(line: &str) -> Result<Vec<String>, String> {
        let found = addresses(&ways(line))?;
        Ok(found.iter().map(SocketAddr::to_string).collect())
    }

    #[test]
    fn literals_resolve_to_themselves() {
        let v6 = resolved("-t http://[::1]:81").expect("a literal");
        assert_eq!(v6, ["[::1]:81"]);
        let elsewhere = resolved("-t http://no.invalid --connect-to 127.0.0.9:82");
        assert_eq!(elsewhere.expect("a literal"), ["127.0.0.9:82"]);
    }

    #[test]
    fn addresses_given_are_not_asked_for() {
        let line = "-t http://no.invalid:83 --resolve no.invalid:83:127.0.0.9,[::1]";
        let given = resolved(line).expect("given");
        assert_eq!(given, ["127.0.0.9:83", "[::1]:83"]);
    }

    #[test]
    fn only_the_family_of_the_source_addresses() {
        let line = "-t http://s:83 --resolve s:83:::1,127.0.0.9,::2";
        for (source, expected) in [
            ("127.0.0.2", &["127.0.0.9:83"][..]),
            ("fd00::/127", &["[::1]:83", "[::2]:83"]),
        ] {
            let left = resolved(&format!("{line} --bind {source}"));
            assert_eq!(left.expect("one of the family"), expected);
        }
        for (line, parts) in [
            (
                "-t http://[::1]:81 --bind 127.0.0.2",
                &["127.0.0.2 is IPv4", "--target [::1]:81", "only IPv6"][..],
            ),
            (
                "-t http://s --connect-to 127.0.0.1:80 --bind ::1",
                &["::1 is IPv6", "--connect-to 127.0.0.1:80", "only IPv4"],
            ),
        ] {
            let error = resolved(line).expect_err(line);
            for part in parts {
                assert!(error.contains(part), "{part:?} is not in {error:?}");
            }
        }
    }

    #[test]
    fn a_name_that_does_not_resolve_is_named() {
        let error = resolved("-t http://no-such-host.invalid:1").expect_err("RFC 2606");
        assert!(
            error.contains("--target host \"no-such-host.invalid\""),
            "{error}"
        );
        let error = resolved("-t http://h --connect-to no.invalid:1").expect_err("RFC 2606");
        assert!(
            error.contains("--connect-to host \"no.invalid\""),
            "{error}"
        );
    }

    #[test]
    fn the_address_that_listens_is_taken() {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let open = listener.local_addr().expect("its address");
        let closed = {
            let gone = TcpListener::bind("127.0.0.1:0").expect("a free port");
            gone.local_addr().expect("its address")
        };
        for more in ["", " --bind 127.0.0.2"] {
            let ways = ways(&format!("-t http://s{more}"));
            assert_eq!(reachable(&[closed, open], &ways), open);
            assert_eq!(reachable(&[closed], &ways), closed);
        }
    }
}
