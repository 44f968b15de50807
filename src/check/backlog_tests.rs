//! Tests of backlog.

use super::super::Status;
use super::*;

fn kernel(somaxconn: u64, syn_backlog: u64, syn_cookies: u64) -> Kernel {
    Kernel {
        somaxconn: Some(somaxconn),
        syn_backlog: Some(syn_backlog),
        syn_cookies: Some(syn_cookies),
    }
}

#[track_caller]
fn assert_check(check: &Check, status: Status, parts: &[&str], absent: &[&str]) {
    assert_eq!(check.status, status, "{check:?}");
    let line = format!("{}: {}", check.finding, check.hint.as_deref().unwrap_or(""));
    for part in parts {
        assert!(line.contains(part), "{part:?} is not in {line:?}");
    }
    for part in absent {
        assert!(!line.contains(part), "{part:?} is in {line:?}");
    }
}

#[test]
fn the_backlog_of_the_shop_is_compared_with_the_shoppers() {
    let usual = kernel(4096, 512, 1);
    for (own, shoppers, status, parts, absent) in [
        (Some(10), 10, Status::Ok, &["10 connections"][..], &[][..]),
        (
            Some(10),
            300,
            Status::Warn,
            &["10 connections", "300 shoppers", "runserver", "--ramp-up"],
            &["somaxconn"],
        ),
        (
            Some(128),
            300,
            Status::Warn,
            &["gunicorn --backlog", "--ramp-up"],
            &["somaxconn"],
        ),
        (
            Some(4096),
            5000,
            Status::Warn,
            &["somaxconn=5000", "--ramp-up"],
            &[],
        ),
        (
            Some(10),
            5000,
            Status::Warn,
            &["somaxconn=5000", "gunicorn --backlog"],
            &[],
        ),
        (Some(4096), 4096, Status::Ok, &["enough for 4096"], &[]),
        (None, 4096, Status::Ok, &["own setting may be lower"], &[]),
        (
            None,
            5000,
            Status::Warn,
            &["somaxconn=5000", "--ramp-up"],
            &[],
        ),
    ] {
        let at_once = AtOnce::concurrent(shoppers);
        let check = judge_here(usual, own, at_once, Duration::ZERO);
        assert_check(&check, status, parts, absent);
    }
}

#[test]
fn other_loads_and_other_machines() {
    let usual = kernel(4096, 512, 1);
    let at_once = AtOnce::concurrent(300);
    let spread = judge_here(usual, Some(10), at_once, Duration::from_secs(5));
    assert_check(&spread, Status::Ok, &["5 s (--ramp-up)"], &[]);
    let open = judge_here(usual, Some(10), AtOnce::in_flight(300), Duration::ZERO);
    assert_check(
        &open,
        Status::Warn,
        &["lower --max-in-flight"],
        &["--ramp-up"],
    );
    let check = judge_elsewhere(kernel(128, 512, 1), at_once);
    assert_check(&check, Status::Ok, &["check for 300 or more there"], &[]);
    let unread = Kernel {
        somaxconn: None,
        syn_backlog: None,
        syn_cookies: None,
    };
    let check = judge_here(unread, None, at_once, Duration::ZERO);
    assert_check(&check, Status::Ok, &["unreadable"], &[]);
    let floods = judge_here(kernel(4096, 128, 0), Some(4096), at_once, Duration::ZERO);
    assert_check(&floods, Status::Warn, &["tcp_max_syn_backlog=300"], &[]);
}

#[test]
fn the_listeners_for_an_address() {
    let at = |ip: &str, backlog| Listener {
        ip: ip.parse().expect("an address"),
        port: 80,
        waiting: 0,
        backlog,
    };
    let all = [
        at("127.0.0.1", 1),
        at("0.0.0.0", 2),
        at("::", 4),
        at("::1", 8),
        at("::1", 16),
    ];
    for (listeners, ip, expected) in [
        (&all[..], "127.0.0.1", Some(1)),
        (&all, "127.0.0.2", Some(2)),
        (&all, "::1", Some(24)),
        (&all, "::2", Some(4)),
        (&all[2..], "127.0.0.1", Some(4)),
        (&all[..2], "::1", None),
        (&all[..1], "127.0.0.2", None),
        (&[at("::ffff:127.0.0.1", 32)], "127.0.0.1", Some(32)),
    ] {
        let ip = ip.parse().expect("an address");
        assert_eq!(backlog_of(listeners, ip), expected, "{ip}");
    }
}
