use super::*;
use crate::row::Exchange;
use crate::row::server_report::ServerReport;
use crate::time::clock::Stamp;
use crate::time::offset::Bounds;

const MS: i64 = 1_000_000;

/// As in 2015: the server works for 0.9 s, the client waits for 100 s.
fn waiting(offset: i64) -> Journeys {
    let mut journeys = Journeys::default();
    for row in 0..100 {
        let begins = 99_000 * MS + row * MS + offset;
        journeys.before.push(begins);
        journeys.inside.push(900 * MS);
        journeys.after.push(100 * MS - offset);
        journeys.receive.push(0);
        journeys.main.add(Bounds {
            at_least: Some(offset - 50 * MS),
            at_most: Some(offset + 50 * MS),
        });
    }
    journeys
}

#[test]
fn stages_are_corrected_for_any_clock_offset() {
    let hour = 3_600_000 * MS;
    for offset in [0, hour, -hour] {
        let journeys = waiting(offset);
        let stages = journeys.stages();
        let before = stages.before.sample.summary().expect("values");
        assert_eq!(before.moved(stages.before.added).p50, Some(99_049 * MS));
        let after = stages.after.sample.summary().expect("values");
        assert_eq!(after.moved(stages.after.added).p50, Some(100 * MS));
        let shares = [stages.before, stages.inside, stages.after].map(|stage| {
            let share = stage.share.expect("known");
            (share * 1000.0).round()
        });
        assert_eq!(shares, [990.0, 9.0, 1.0], "{offset}");
    }
}

#[test]
fn contradictory_clocks_have_no_shares() {
    let mut journeys = waiting(0);
    assert!(journeys.stages().before.share.is_some());
    journeys.main.add(Bounds {
        at_least: Some(70 * MS),
        at_most: Some(80 * MS),
    });
    assert_eq!(journeys.stages().before.share, None);
    assert_eq!(Journeys::default().stages().before.share, None);
}

#[test]
fn parts_together_are_the_whole() {
    let mut whole = waiting(0);
    whole.merge(&waiting(MS));
    assert_eq!((whole.before.len(), whole.main.rows()), (200, 200));
    assert_eq!(whole.main.bounds().at_least, Some(-49 * MS));
    assert_eq!(whole.main.bounds().at_most, Some(50 * MS));
}

#[test]
fn rows_give_the_path_of_the_purchase() {
    let clock = Clock::start();
    let mut text = String::new();
    let mut format = crate::time::writing::WallClockFormat::utc();
    let mut time = |micros: u64| {
        text.clear();
        format.push(clock.unix_nanos(Stamp::at(micros * 1_000)), &mut text);
        text.clone()
    };
    let (started, stopped) = (time(3_000), time(4_000));
    let one = format!("\"started_time\": \"{started}\", \"stopped_time\": \"{stopped}\"");
    let body = format!("{{{one}, \"rest\": {{{one}}}}}");
    let row = Row {
        buy: Exchange {
            started: Some(Stamp::at(1_000_000)),
            first_byte: Some(Stamp::at(6_000_000)),
            stopped: Some(Stamp::at(6_500_000)),
            ..Exchange::default()
        },
        report: ServerReport::parse(body.as_bytes()).ok(),
        ..Row::default()
    };
    let mut journeys = Journeys::default();
    journeys.add(&row, &clock);
    journeys.add(&Row::default(), &clock);
    let sums = [&journeys.before, &journeys.inside, &journeys.after].map(Sample::sum);
    for (sum, expected) in sums.into_iter().zip([2_000_000, 1_000_000, 2_000_000]) {
        // The server's times are cut to microseconds.
        assert!((sum - expected).abs() <= 1_000, "{sums:?}");
    }
    assert_eq!(journeys.receive.sum(), 500_000);
    assert_eq!((journeys.main.rows(), journeys.rest.rows()), (1, 1));
    assert_eq!(journeys.main.bounds(), journeys.rest.bounds());
}
