use super::*;
use crate::row::server_report::ServerReport;
use crate::time::clock::Stamp;
use crate::time::offset::Bounds;

const MS: i64 = 1_000_000;

/// As in 2015: the server works for 0.9 s, the client waits for 100 s.
fn waiting(offset: i64) -> Summary {
    let mut summary = Summary::default();
    let journeys = &mut summary.journeys;
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
    summary
}

fn written(summary: &Summary) -> String {
    let mut out = Vec::new();
    write(summary, &mut out).expect("written");
    String::from_utf8(out).expect("text")
}

#[test]
fn time_before_the_server_jumps_to_the_eye_whatever_its_clock_says() {
    let expected = "
Where the time went, ms        p50        p99   share
buy before server        99049.000  99098.000  99.0 %  ##############################
buy in server              900.000    900.000   0.9 %
buy after server           100.000    100.000   0.1 %
99.0 % of the purchases' time had passed BEFORE THE SERVER BEGAN, its work took 0.9 %: look at the \
queue before its code (workers, backlog, proxy) and at the network first.
";
    assert_eq!(written(&waiting(0)), expected);
    let hour = 3_600_000 * MS;
    assert_eq!(
        written(&waiting(hour)),
        format!("{expected}Negative, as the clocks say: after server 100\n")
    );
    assert_eq!(
        written(&waiting(-hour)),
        format!("{expected}Negative, as the clocks say: before server 100\n")
    );
}

#[test]
fn little_time_is_no_finding_and_none_no_table() {
    let mut summary = Summary::default();
    assert_eq!(written(&summary), "");
    for sample in [
        &mut summary.journeys.before,
        &mut summary.journeys.inside,
        &mut summary.journeys.after,
        &mut summary.journeys.receive,
    ] {
        sample.push(0);
    }
    let nothing = written(&summary);
    assert!(
        nothing.contains("buy in server              -    -      -\n"),
        "{nothing}"
    );
    summary.journeys.before.push(10 * MS);
    assert!(!written(&summary).contains("BEFORE"));
}

#[test]
fn rows_tell_of_their_way() {
    let clock = Clock::start();
    let mut text = String::new();
    let mut format = crate::time::writing::WallClockFormat::utc();
    let mut time = |micros: u64| {
        text.clear();
        format.push(clock.unix_nanos(Stamp(micros * 1_000)), &mut text);
        text.clone()
    };
    let (started, stopped) = (time(3_000), time(4_000));
    let one = format!("\"started_time\": \"{started}\", \"stopped_time\": \"{stopped}\"");
    let body = format!("{{{one}, \"rest\": {{{one}}}}}");
    let row = Row {
        buy: Exchange {
            started: Some(Stamp(1_000_000)),
            first_byte: Some(Stamp(6_000_000)),
            stopped: Some(Stamp(6_500_000)),
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
