//! What this machine grants: descriptors, source ports, backlogs, kernel stamps.

use std::fs;
use std::io;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::thread;
use std::time::Duration;

use super::Check;
use super::output::Report;
use crate::cli::run::RunSettings;
use crate::fetch::Page;
use crate::limits::{self, AtOnce};
use crate::sys::limits::OpenFiles;
use crate::sys::stamps;

/// Checks the limits against the shoppers of a run. `is_here` is whether the shop is on this machine,
/// where that is known.
pub(super) fn examine<W: Write>(
    settings: &RunSettings,
    home: Option<&Page>,
    is_here: Option<bool>,
    report: &mut Report<W>,
) -> io::Result<()> {
    let sources = settings.ways.sources();
    let limit = match settings.load.most_at_once() {
        Some(most) => limits::descriptors_for(most).map(|limit| (limit, most)),
        None => limits::usual_most(sources),
    };
    let shoppers = match (
        limit.as_ref().map(|(_, most)| *most),
        settings.load.most_at_once(),
    ) {
        (Ok(most), _) | (Err(_), Some(most)) => most.count,
        (Err(_), None) => 1,
    };
    report.add(judge_descriptors(limit))?;
    let each = connections_each(settings.keep_alive, home);
    let sources = sources as u64;
    let ports = limits::source_ports();
    report.add(judge_ports(ports, sources, shoppers as u64, each))?;
    let backlog = Backlog {
        somaxconn: sysctl("net/core/somaxconn"),
        syn_backlog: sysctl("net/ipv4/tcp_max_syn_backlog"),
        syn_cookies: sysctl("net/ipv4/tcp_syncookies"),
    };
    report.add(judge_backlog(backlog, shoppers as u64, is_here))?;
    report.add(judge_stamps(probe_stamps()))
}

fn sysctl(name: &str) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/sys/{name}")).ok()?;
    text.trim().parse().ok()
}

fn judge_descriptors(limit: Result<(OpenFiles, AtOnce), String>) -> Check {
    match limit {
        Ok((limit, AtOnce { count, short, .. })) => Check::ok(
            "descriptors",
            format!("{} may be open, enough for {short} {count}", limit.soft),
        ),
        Err(line) => Check::fail_line("descriptors", &line),
    }
}

/// How many connections one shopper makes, redirects of the purchase aside.
fn connections_each(keep_alive: bool, home: Option<&Page>) -> u64 {
    match home {
        Some(home) if keep_alive && home.keep_alive => 1,
        Some(home) => 2 + u64::from(home.redirects),
        // As Django has it: one redirect to the slash.
        None => 3,
    }
}

/// `each`: the connections of one shopper.
fn judge_ports(ports: Option<u64>, sources: u64, shoppers: u64, each: u64) -> Check {
    let name = "source ports";
    let Some(ports_of_one) = ports else {
        return Check::ok(name, "their number cannot be read on this machine");
    };
    let ports = ports_of_one.saturating_mul(sources);
    let finding = match sources {
        1 => format!("{ports} towards one address, for {shoppers} shoppers"),
        _ => format!(
            "{ports_of_one} towards one address from each of {sources}, for {shoppers} shoppers"
        ),
    };
    let widen = "give more source addresses (--bind A,B), widen net.ipv4.ip_local_port_range";
    if ports < shoppers {
        return Check::fail(name, finding, format!("{widen} or give -c {ports} at most"));
    }
    let all = shoppers.saturating_mul(each);
    if ports < all {
        return Check::warn(
            name,
            format!("{finding} with {all} connections one after the other"),
            format!(
                "{widen} or use --keep-alive: a closed connection may hold its port for a minute"
            ),
        );
    }
    Check::ok(name, finding)
}

/// The kernel's bounds for what waits at a listening socket.
#[derive(Clone, Copy)]
struct Backlog {
    somaxconn: Option<u64>,
    syn_backlog: Option<u64>,
    syn_cookies: Option<u64>,
}

fn judge_backlog(backlog: Backlog, shoppers: u64, is_here: Option<bool>) -> Check {
    let name = "backlog";
    let shown = |limit: Option<u64>| limit.map_or("unreadable".to_owned(), |n| n.to_string());
    let finding = format!(
        "somaxconn {}, tcp_max_syn_backlog {} on this machine",
        shown(backlog.somaxconn),
        shown(backlog.syn_backlog)
    );
    if is_here != Some(true) {
        return Check::ok(
            name,
            format!(
                "{finding}; those of the server's machine count, look there for {shoppers} or more"
            ),
        );
    }
    let below = |limit: Option<u64>| limit.is_some_and(|limit| limit < shoppers);
    if below(backlog.somaxconn) {
        return Check::warn(
            name,
            format!("{finding}, fewer than the {shoppers} shoppers that may wait to be accepted"),
            format!(
                "sysctl net.core.somaxconn={shoppers} and the server's own setting (gunicorn \
                 --backlog, uwsgi --listen); else some wait a second and more for their next try"
            ),
        );
    }
    // With SYN cookies a full table turns nobody away.
    if below(backlog.syn_backlog) && backlog.syn_cookies == Some(0) {
        return Check::warn(
            name,
            format!("{finding}, fewer than the {shoppers} shoppers, and no SYN cookies"),
            format!("sysctl net.ipv4.tcp_max_syn_backlog={shoppers}, or net.ipv4.tcp_syncookies=1"),
        );
    }
    Check::ok(
        name,
        format!("{finding}, enough for {shoppers}; the server's own setting may be lower"),
    )
}

fn judge_stamps(stamped: io::Result<bool>) -> Check {
    let name = "kernel stamps";
    let mend = "times are then read by this program's own clock: leave it enough CPU";
    match stamped {
        Ok(true) => Check::ok(name, "the kernel stamps what it receives"),
        Ok(false) => Check::warn(name, "the kernel does not stamp what it receives", mend),
        Err(error) => Check::warn(name, format!("not to be had ({error})"), mend),
    }
}

/// Sends a few bytes over loopback and looks whether one of them comes with a stamp.
fn probe_stamps() -> io::Result<bool> {
    /// The kernel begins to stamp only a little after the first socket has asked for it.
    const TRIES: usize = 20;
    let listener = TcpListener::bind("127.0.0.1:0").or_else(|_| TcpListener::bind("[::1]:0"))?;
    let receiver = TcpStream::connect(listener.local_addr()?)?;
    let (mut sender, _) = listener.accept()?;
    receiver.set_read_timeout(Some(Duration::from_secs(1)))?;
    stamps::enable_receive_stamps(&receiver)?;
    for _ in 0..TRIES {
        sender.write_all(b"?")?;
        if let (_, Some(_)) = stamps::recv_stamped(&receiver, &mut [0; 8])? {
            return Ok(true);
        }
        thread::sleep(Duration::from_millis(2));
    }
    Ok(false)
}

#[cfg(test)]
mod tests {
    use super::super::Status;
    use super::*;

    #[track_caller]
    fn assert_check(check: &Check, status: Status, parts: &[&str]) {
        assert_eq!(check.status, status, "{check:?}");
        let line = format!("{}: {}", check.finding, check.mend.as_deref().unwrap_or(""));
        for part in parts {
            assert!(line.contains(part), "{part:?} is not in {line:?}");
        }
    }

    #[test]
    fn descriptors() {
        let limit = OpenFiles {
            soft: 1024,
            hard: 4096,
        };
        assert_check(
            &judge_descriptors(Ok((limit, AtOnce::concurrent(7)))),
            Status::Ok,
            &["1024", "-c 7"],
        );
        let all = AtOnce::concurrent(usize::MAX / 4);
        let limit = limits::descriptors_for(all).map(|limit| (limit, all));
        let check = judge_descriptors(limit);
        assert_check(&check, Status::Fail, &["the limit is", "ulimit"]);
        assert!(
            check
                .mend
                .as_ref()
                .is_some_and(|mend| mend.starts_with("raise it")),
            "{check:?}"
        );
    }

    #[test]
    fn ports_for_all_connections() {
        let range = Some(28_232);
        for (ports, sources, shoppers, each, status, part) in [
            (range, 1, 9_000, 3, Status::Ok, "28232"),
            (range, 1, 10_000, 3, Status::Warn, "30000 connections"),
            (range, 1, 28_232, 1, Status::Ok, "28232"),
            (range, 1, 28_233, 1, Status::Fail, "-c 28232"),
            (Some(1), 1, u64::MAX, 3, Status::Fail, "--bind A,B"),
            (range, 2, 10_000, 3, Status::Ok, "from each of 2"),
            (range, 2, 56_465, 1, Status::Fail, "-c 56464"),
            (None, 1, 10_000, 3, Status::Ok, "cannot be read"),
        ] {
            let check = judge_ports(ports, sources, shoppers, each);
            assert_check(&check, status, &[part]);
        }
    }

    #[test]
    fn connections_of_a_shopper() {
        let page = |redirects, keep_alive| Page {
            redirects,
            keep_alive,
            ..Page::default()
        };
        assert_eq!(connections_each(true, Some(&page(1, true))), 1);
        assert_eq!(connections_each(true, Some(&page(1, false))), 3);
        assert_eq!(connections_each(false, Some(&page(0, true))), 2);
        assert_eq!(connections_each(false, None), 3);
    }

    #[test]
    fn backlogs_matter_where_the_server_is() {
        let backlog = |somaxconn, syn_backlog, syn_cookies| Backlog {
            somaxconn,
            syn_backlog,
            syn_cookies: Some(syn_cookies),
        };
        let small = backlog(Some(128), Some(512), 1);
        for (limits, shoppers, is_here, status, part) in [
            (small, 128, Some(true), Status::Ok, "enough for 128"),
            (small, 129, Some(true), Status::Warn, "somaxconn=129"),
            (small, 129, Some(false), Status::Ok, "look there"),
            (small, 129, None, Status::Ok, "look there"),
            (
                backlog(Some(4096), Some(512), 1),
                1000,
                Some(true),
                Status::Ok,
                "512",
            ),
            (
                backlog(Some(4096), Some(512), 0),
                1000,
                Some(true),
                Status::Warn,
                "syncookies",
            ),
            (
                backlog(None, None, 0),
                1000,
                Some(true),
                Status::Ok,
                "unreadable",
            ),
        ] {
            assert_check(&judge_backlog(limits, shoppers, is_here), status, &[part]);
        }
    }

    #[test]
    fn stamps() {
        assert_check(&judge_stamps(Ok(true)), Status::Ok, &[]);
        assert_check(&judge_stamps(Ok(false)), Status::Warn, &["own clock"]);
        let error = io::Error::from_raw_os_error(libc::ENOPROTOOPT);
        assert_check(&judge_stamps(Err(error)), Status::Warn, &["not to be had"]);
        // Whichever way this machine is: it answers.
        assert!(probe_stamps().is_ok());
    }
}
