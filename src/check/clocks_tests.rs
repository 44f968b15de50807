use std::time::Duration;

use super::super::Status;
use super::*;

const MILLI: i64 = 1_000_000;
/// 1994-11-06T08:49:37Z.
const DATE: i64 = 784_111_777 * SECOND;
const FIELD: &[u8; DATE_BYTES] = b"Sun, 06 Nov 1994 08:49:37 GMT";

#[track_caller]
fn assert_check(check: &Check, status: Status, parts: &[&str]) {
    assert_eq!(check.status, status, "{check:?}");
    let line = format!("{}: {}", check.finding, check.hint.as_deref().unwrap_or(""));
    for part in parts {
        assert!(line.contains(part), "{part:?} is not in {line:?}");
    }
}

fn asked(sent: i64) -> Times {
    Times {
        started: sent,
        sent,
        received: sent + 10 * MILLI,
    }
}

#[test]
fn the_date_field_bounds_the_offset_within_its_second() {
    for (sent, status, part) in [
        (DATE, Status::Ok, "-0.010 to +1.000 s"),
        (DATE + 995 * MILLI, Status::Ok, "-1.005 to +0.005 s"),
        (DATE - 500 * MILLI, Status::Ok, "+0.490 to +1.500 s"),
        (DATE + 1900 * MILLI, Status::Ok, "to -0.900 s"),
        (DATE - 1100 * MILLI, Status::Warn, "chronyc"),
        (DATE + 2100 * MILLI, Status::Warn, "chronyc"),
        (
            DATE - 3600 * SECOND,
            Status::Warn,
            "+3599.990 to +3601.000 s",
        ),
        (i64::MIN / 2, Status::Warn, "chronyc"),
    ] {
        assert_check(&judge_date(Some(FIELD), asked(sent)), status, &[part]);
    }
    for field in [
        None,
        Some(b"this is no date at all, it is."),
        Some(&[0x1b; 30]),
    ] {
        let field: Option<&[u8; DATE_BYTES]> =
            field.map(|field| field[1..].try_into().expect("29"));
        assert_check(
            &judge_date(field, asked(DATE)),
            Status::Warn,
            &["Date", "--buy"],
        );
    }
}

/// A purchase of 20 ms that the server says to have worked on from 5 to 15 ms, `ahead` of its time.
fn reported(ahead: i64, zone: &TimeZone) -> Check {
    let text = |nanos: i64| {
        let mut out = String::new();
        crate::time::writing::WallClockFormat::utc().push(nanos, &mut out);
        Some(out.trim_end_matches('Z').into())
    };
    let figures = ServerFigures {
        started_time: text(DATE + 5 * MILLI + ahead),
        stopped_time: text(DATE + 15 * MILLI + ahead),
        ..ServerFigures::default()
    };
    let page = Page {
        times: Times {
            started: DATE - MILLI,
            sent: DATE,
            received: DATE + 20 * MILLI,
        },
        ..Page::default()
    };
    judge_report(&figures, &page, zone)
}

#[test]
fn the_report_bounds_the_offset_within_the_purchase() {
    let hour = 3600 * SECOND;
    for (ahead, status, part) in [
        (0, Status::Ok, "-5.000 to +5.001 ms"),
        (5 * MILLI, Status::Ok, "+0.000 to +10.001 ms"),
        (-5 * MILLI, Status::Ok, "-10.000 to +0.001 ms"),
        (6 * MILLI, Status::Ok, "+1.000 to +11.001 ms"),
        (9 * MILLI, Status::Warn, "+4.000 to +14.001 ms"),
        (-9 * MILLI, Status::Warn, "-14.000 to -3.999 ms"),
        (11 * MILLI, Status::Warn, "chronyc"),
        (-11 * MILLI, Status::Warn, "chronyc"),
        (5 * SECOND, Status::Warn, "chronyc"),
        (hour, Status::Warn, "another time zone (+1:00 h)"),
        (-5 * hour, Status::Warn, "another time zone (-5:00 h)"),
        (5 * hour + hour / 2 + SECOND, Status::Warn, "(+5:30 h)"),
        (-hour / 4, Status::Warn, "(-0:15 h)"),
        (hour / 6, Status::Warn, "chronyc"),
        (48 * hour, Status::Warn, "chronyc"),
        (1000 * 24 * hour, Status::Warn, "chronyc"),
    ] {
        assert_check(&reported(ahead, &TimeZone::UTC), status, &[part]);
    }
    let here = TimeZone::posix("EST5").expect("a POSIX zone");
    assert_check(
        &reported(0, &here),
        Status::Warn,
        &["(+5:00 h)", "TIME_ZONE"],
    );
    assert_check(
        &reported(-5 * hour, &here),
        Status::Ok,
        &["-5.000 to +5.001 ms"],
    );
}

#[test]
fn reports_without_bounds() {
    let bounds = |low, high| Bounds {
        at_least: Some(low),
        at_most: Some(high),
    };
    let check = judge_bounds("x", bounds(20 * MILLI, -20 * MILLI));
    assert_check(&check, Status::Warn, &["more than the purchase took"]);
    let figures = ServerFigures {
        started_time: Some("noon\u{1b}".into()),
        ..ServerFigures::default()
    };
    let check = judge_report(&figures, &Page::default(), &TimeZone::UTC);
    assert_check(&check, Status::Warn, &["noon", "missing", "ISO 8601"]);
    let check = judge_bounds("x", bounds(i64::MIN, i64::MAX));
    assert_check(&check, Status::Ok, &[]);
    let open = Bounds {
        at_least: Some(-MILLI),
        at_most: None,
    };
    assert_check(&judge_bounds("x", open), Status::Ok, &["-1.000 to +inf ms"]);
}

#[test]
fn the_clock_of_this_machine() {
    let kept = |synchronised| {
        Ok(Discipline {
            synchronised,
            estimated_error: Duration::from_micros(250),
        })
    };
    let refused = || Err(io::Error::from_raw_os_error(libc::EPERM));
    assert_check(&judge_own(kept(true), false), Status::Ok, &["0.250 ms"]);
    assert_check(&judge_own(kept(false), false), Status::Warn, &["chronyd"]);
    assert_check(
        &judge_own(kept(false), true),
        Status::Ok,
        &["does not matter"],
    );
    assert_check(
        &judge_own(refused(), false),
        Status::Warn,
        &["not known", "containers"],
    );
    assert_check(&judge_own(refused(), true), Status::Ok, &["not known"]);
}
