use super::*;
use crate::row::Exchange;
use crate::row::server_report::ServerReport;
use crate::time::clock::Stamp;
use crate::time::writing::WallClockFormat;

const MS: i64 = 1_000_000;

fn standard(service_ms: u64, workers: usize) -> Standard {
    Standard {
        service: Duration::from_millis(service_ms),
        workers: NonZeroUsize::new(workers),
    }
}

/// Sent at 0, and so on; in milliseconds.
fn purchase(taken_up: i64, answered: i64, stopped: i64, seen: i64) -> Purchase {
    Purchase {
        started: 0,
        taken_up: taken_up * MS,
        answered: answered * MS,
        stopped: Some(stopped * MS),
        seen: seen * MS,
    }
}

#[test]
fn without_a_limit_each_is_due_after_its_own_arrival() {
    let burst = [purchase(1, 6, 6, 6), purchase(4, 9, 9, 9)];
    assert_eq!(due(&burst, standard(5, 0)), [6 * MS, 9 * MS]);
}

#[test]
fn two_workers_take_two_at_a_time_however_late_the_shop_notices() {
    let burst = [1, 1, 7, 7, 12].map(|taken_up| purchase(taken_up, 0, 0, 0));
    let expected = [6, 6, 11, 11, 16].map(|due| due * MS);
    assert_eq!(due(&burst, standard(5, 2)), expected);
}

#[test]
fn a_purchase_sent_when_a_worker_was_free_did_not_wait() {
    let mut burst = [purchase(1, 0, 0, 0), purchase(21, 0, 0, 0)];
    burst[1].started = 20 * MS;
    assert_eq!(due(&burst, standard(5, 1)), [6 * MS, 25 * MS]);
}

#[test]
fn the_parts_of_reported_times_add_up() {
    let mut comparison = Comparison::default();
    // In another order than the shop took them up.
    let burst = vec![purchase(6, 13, 14, 20), purchase(1, 7, 7, 9)];
    comparison.add(burst, standard(5, 1));
    let max = |sample: &Sample| sample.summary().expect("two values").max / MS;
    let min = |sample: &Sample| sample.summary().expect("two values").min / MS;
    assert_eq!(
        (min(&comparison.arithmetic), max(&comparison.arithmetic)),
        (6, 11)
    );
    assert_eq!(
        (min(&comparison.lateness), max(&comparison.lateness)),
        (1, 2)
    );
    let (kernel, user) = (&comparison.kernel, &comparison.user);
    assert_eq!((min(&kernel.error), max(&kernel.error)), (0, 1));
    assert_eq!((min(&user.error), max(&user.error)), (2, 7));
    assert_eq!((min(&kernel.elapsed), max(&kernel.elapsed)), (7, 14));
    assert_eq!((min(&user.elapsed), max(&user.elapsed)), (9, 20));
}

#[test]
fn ninety_nine_of_a_hundred_errors_must_be_within_the_limit() {
    let near = Purchase {
        seen: 10 * MS + 100_000,
        ..purchase(5, 10, 10, 10)
    };
    let far = Purchase {
        seen: near.seen + 1,
        ..near
    };
    let verdict = |far_ones: usize| {
        let mut burst = vec![near; 100 - far_ones];
        burst.extend(vec![far; far_ones]);
        let mut comparison = Comparison::default();
        comparison.add(burst, standard(5, 0));
        comparison.user.is_within()
    };
    assert_eq!(verdict(0), Some(true), "1 % of 10 ms");
    assert_eq!(verdict(1), Some(true));
    assert_eq!(verdict(2), Some(false));
    assert_eq!(Reported::default().is_within(), None);
    assert_eq!((allowed(5 * MS), allowed(50 * MS)), (50_000, 500_000));
}

#[test]
fn an_answer_reported_before_it_was_sent_is_an_error_too() {
    let early = Purchase {
        stopped: Some(9 * MS),
        ..purchase(5, 10, 10, 10)
    };
    let mut comparison = Comparison::default();
    comparison.add(vec![early], standard(5, 0));
    assert_eq!(comparison.kernel.is_within(), Some(false));
    assert_eq!(comparison.user.is_within(), Some(true));
}

#[test]
fn purchases_without_kernel_timestamps_count_for_the_user_clock_only() {
    let mut comparison = Comparison::default();
    let unstamped = Purchase {
        stopped: None,
        ..purchase(1, 6, 6, 7)
    };
    comparison.add(vec![unstamped, purchase(1, 6, 6, 7)], standard(5, 0));
    assert_eq!(comparison.unstamped(), 1);
    assert_eq!(
        (comparison.kernel.error.len(), comparison.user.error.len()),
        (1, 2)
    );
}

#[test]
fn a_size_is_within_if_all_its_levels_are() {
    let of = |levels: &[(usize, Option<bool>)]| within(levels.iter().copied());
    let (yes, no) = (Some(true), Some(false));
    assert_eq!(of(&[(10, yes), (1, yes), (10, yes)]), [1, 10]);
    assert_eq!(of(&[(1, yes), (10, no), (10, yes), (100, yes)]), [1, 100]);
    assert_eq!(of(&[(1, yes), (10, None), (100, no)]), [1]);
    assert_eq!(of(&[(1, None), (1, yes)]), [1]);
    assert!(of(&[]).is_empty());
}

#[test]
fn zones_do_not_matter() {
    let near = 1_774_746_000_123_456_789;
    for hours in [-12.0, -3.5, 0.0, 5.75, 14.0] {
        let offset = (hours * 3600e9) as i64;
        for away in [-60_000_000_000, -1, 0, 1_000_000_000] {
            assert_eq!(without_zone(near + offset + away, near), near + away);
        }
    }
}

#[test]
fn the_instants_of_a_row() {
    let clock = Clock::start();
    let mut format = WallClockFormat::local();
    let mut text = |stamp: u64| {
        let mut out = String::new();
        format.push(clock.unix_nanos(Stamp::at(stamp)), &mut out);
        Some(TimeText::from(&*out))
    };
    let mut report = ServerReport::default();
    report.main.started_time = text(2_000_000);
    report.main.stopped_time = text(7_000_000);
    let mut row = Row {
        buy: Exchange {
            started: Some(Stamp::at(1_000_000)),
            stopped: Some(Stamp::at(8_000_000)),
            seen: Some(Stamp::at(9_000_000)),
            clock: ClockSource::Kernel,
            status: Some(200),
            ..Exchange::default()
        },
        report: Some(report),
        ..Row::default()
    };
    let read = Purchase::of(&row, &clock).expect("all is there");
    let origin = clock.unix_nanos(Stamp::at(0));
    assert_eq!(read.started, origin + MS);
    assert_eq!(read.stopped, Some(origin + 8 * MS));
    assert_eq!(read.seen, origin + 9 * MS);
    for (cut, exact) in [(read.taken_up, 2), (read.answered, 7)] {
        assert!((0..1000).contains(&(origin + exact * MS - cut)), "{cut}");
    }
    row.buy.clock = ClockSource::User;
    assert_eq!(
        Purchase::of(&row, &clock).map(|read| read.stopped),
        Some(None)
    );
    row.buy.status = Some(500);
    row.buy.failure = Some(crate::row::failure::FailureKind::Status(500).into());
    assert_eq!(Purchase::of(&row, &clock), None);
}
