//! Tests of machine.

use super::super::Status;
use super::*;

#[track_caller]
fn assert_check(check: &Check, status: Status, parts: &[&str]) {
    assert_eq!(check.status, status, "{check:?}");
    let line = format!("{}: {}", check.finding, check.hint.as_deref().unwrap_or(""));
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
            .hint
            .as_ref()
            .is_some_and(|hint| hint.starts_with("raise it")),
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
fn stamps() {
    assert_check(&judge_stamps(Ok(true)), Status::Ok, &[]);
    assert_check(&judge_stamps(Ok(false)), Status::Warn, &["program's clock"]);
    let error = io::Error::from_raw_os_error(libc::ENOPROTOOPT);
    assert_check(&judge_stamps(Err(error)), Status::Warn, &["not available"]);
    // Whichever way this machine is: it answers.
    assert!(stamps::are_made().is_ok());
}
