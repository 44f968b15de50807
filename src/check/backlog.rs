//! How many connections may wait to be accepted: the backlog of a shop on this machine, and what the
//! kernel allows. Connections of a burst beyond that are reset, or retried after a second and more.

use std::fs;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};
use std::time::Duration;

use super::Check;
use crate::prepare::address;
use crate::settings::AtOnce;
use crate::sys::listeners::{self, Listener};
use crate::text::counted;

const NAME: &str = "backlog";

/// Checks it against the shoppers at once; `ramp_up` is the time over which the first are spread.
pub(super) fn examine(address: Option<SocketAddr>, at_once: AtOnce, ramp_up: Duration) -> Check {
    let kernel = Kernel {
        somaxconn: sysctl("net/core/somaxconn"),
        syn_backlog: sysctl("net/ipv4/tcp_max_syn_backlog"),
        syn_cookies: sysctl("net/ipv4/tcp_syncookies"),
    };
    match address.filter(|&address| address::is_here(address)) {
        None => judge_elsewhere(kernel, at_once),
        Some(address) => {
            let listeners = listeners::with_port(address.port()).unwrap_or_default();
            judge_here(
                kernel,
                backlog_of(&listeners, address.ip()),
                at_once,
                ramp_up,
            )
        }
    }
}

fn sysctl(name: &str) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/sys/{name}")).ok()?;
    text.trim().parse().ok()
}

/// The kernel's limits for connections that wait at a listening socket.
#[derive(Clone, Copy)]
struct Kernel {
    somaxconn: Option<u64>,
    syn_backlog: Option<u64>,
    syn_cookies: Option<u64>,
}

impl Kernel {
    fn finding(self) -> String {
        let shown = |limit: Option<u64>| limit.map_or("unreadable".to_owned(), |n| n.to_string());
        format!(
            "somaxconn {}, tcp_max_syn_backlog {} on this machine",
            shown(self.somaxconn),
            shown(self.syn_backlog)
        )
    }
}

/// How many connections may wait at the listeners for an address: those of that address, or
/// else those of all addresses. Several (`SO_REUSEPORT`) share the connections. `None` without a
/// listener.
fn backlog_of(listeners: &[Listener], ip: IpAddr) -> Option<u64> {
    let sum = |at: &dyn Fn(&Listener) -> bool| {
        let at = listeners.iter().filter(|listener| at(listener));
        at.map(|listener| u64::from(listener.backlog))
            .reduce(|sum, backlog| sum + backlog)
    };
    let mapped = match ip {
        IpAddr::V4(v4) => IpAddr::V6(v4.to_ipv6_mapped()),
        v6 => v6,
    };
    sum(&|listener| listener.ip == ip || listener.ip == mapped)
        .or_else(|| sum(&|at| at.ip.is_unspecified() && at.ip.is_ipv4() == ip.is_ipv4()))
        .or_else(|| sum(&|listener| listener.ip == Ipv6Addr::UNSPECIFIED))
}

fn judge_elsewhere(kernel: Kernel, at_once: AtOnce) -> Check {
    Check::ok(
        NAME,
        format!(
            "{}; the limits of the server's machine apply: check for {} or more there",
            kernel.finding(),
            at_once.count
        ),
    )
}

/// `own` is the shop's own backlog, where it is known.
fn judge_here(kernel: Kernel, own: Option<u64>, at_once: AtOnce, ramp_up: Duration) -> Check {
    let shoppers = at_once.count as u64;
    let below = |limit: Option<u64>| limit.is_some_and(|limit| limit < shoppers);
    let finding = match own {
        Some(own) => format!("{own} connections may wait to be accepted by the shop"),
        None => kernel.finding(),
    };
    if below(own.or(kernel.somaxconn)) {
        if !ramp_up.is_zero() {
            return Check::ok(
                NAME,
                format!(
                    "{finding}; the {} are spread over {} s (--ramp-up)",
                    counted(shoppers, "shopper", "shoppers"),
                    ramp_up.as_secs_f64()
                ),
            );
        }
        return Check::warn(
            NAME,
            format!(
                "{finding}, fewer than the {} that may arrive at once",
                counted(shoppers, "shopper", "shoppers")
            ),
            format!(
                "{}; {}; otherwise some are reset, or retried after a second and more",
                remedy(kernel, own, shoppers),
                spread(at_once)
            ),
        );
    }
    // With SYN cookies a full table refuses no connection.
    if below(kernel.syn_backlog) && kernel.syn_cookies == Some(0) {
        return Check::warn(
            NAME,
            format!(
                "{}, fewer than the {}, and no SYN cookies",
                kernel.finding(),
                counted(shoppers, "shopper", "shoppers")
            ),
            format!("sysctl net.ipv4.tcp_max_syn_backlog={shoppers}, or net.ipv4.tcp_syncookies=1"),
        );
    }
    Check::ok(
        NAME,
        match own {
            Some(_) => format!("{finding}, enough for {shoppers}; {}", kernel.finding()),
            None => {
                format!("{finding}, enough for {shoppers}; the server's own setting may be lower")
            }
        },
    )
}

/// Which backlog to raise: the server's, and the kernel's if that is the limit.
fn remedy(kernel: Kernel, own: Option<u64>, shoppers: u64) -> String {
    const SERVERS: &str = "gunicorn --backlog, uwsgi --listen; runserver has a fixed backlog of 10";
    let is_bounded = kernel.somaxconn.is_some_and(|most| most < shoppers);
    match (own, is_bounded) {
        (Some(10), false) => format!("use a server whose backlog can be set ({SERVERS})"),
        (_, false) => format!("raise the server's own setting ({SERVERS})"),
        (_, true) => format!(
            "raise the server's own setting ({SERVERS}) with sysctl net.core.somaxconn={shoppers}"
        ),
    }
}

/// The hint for the client's side.
fn spread(at_once: AtOnce) -> String {
    match at_once.is_open {
        false => "or spread the launches (--ramp-up 10s)".to_owned(),
        true => format!("or lower {}", at_once.option),
    }
}

#[cfg(test)]
#[path = "backlog_tests.rs"]
mod tests;
