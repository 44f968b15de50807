//! The times of any report: read the same with and without memory of the one before; and offsets of any
//! bounds.
//!
//! Each line of the input is a time, or two numbers that are bounds of an offset.
#![no_main]

use jiff::tz::TimeZone;
use libfuzzer_sys::fuzz_target;
use profilerclient::time::offset::{Bounds, Offsets};
use profilerclient::time::reading::{ReportClock, of_date_field, of_report};

fuzz_target!(|input: &str| {
    let rule = "CET-1CEST,M3.5.0,M10.5.0/3";
    let zone = TimeZone::posix(rule).expect("a rule of POSIX");
    let mut clock = ReportClock::new(zone.clone());
    let mut offsets = Offsets::default();
    let mut others = Offsets::default();
    for line in input.lines() {
        let _ = of_date_field(line.as_bytes());
        let read = clock.read(line);
        let alone = of_report(line, &zone);
        assert_eq!(read.map(|time| time.unix_nanos), alone, "{line:?}");
        if let Some(time) = read {
            assert!(
                (1..=3_600_000_000_000).contains(&time.resolution),
                "{line:?}"
            );
            let near = clock.read_near(line, i64::MAX).expect("as before");
            let hour = 3_600_000_000_000;
            let later = near.unix_nanos.abs_diff(time.unix_nanos);
            assert!(later == 0 || later == hour, "{line:?} {later}");
        }
        let mut numbers = line.split_whitespace().map(|word| word.parse::<i64>().ok());
        let bounds = Bounds {
            at_least: numbers.next().flatten(),
            at_most: numbers.next().flatten(),
        };
        offsets.add(bounds);
        others.add(bounds);
        others.merge(&offsets);
        for offsets in [&offsets, &others] {
            let _ = offsets.drift();
            let _ = offsets.finding();
            let _ = offsets.correction();
            let _ = offsets.quarters_of_an_hour();
        }
    }
});
