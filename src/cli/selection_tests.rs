//! Tests of the selection of rows.

use super::since;
use crate::cli::{Command, parse};
use crate::settings::{BadRows, SummarySettings};

fn settings(words: &[&str]) -> Result<SummarySettings, String> {
    let argv = [&["summary"], words].concat();
    let argv = argv.into_iter().map(Into::into).collect();
    match parse(argv).map_err(|error| error.to_string())?.command {
        Command::Summary(settings) => Ok(*settings),
        other => panic!("{other:?}"),
    }
}

#[test]
fn all_options_of_a_selection_are_read_anywhere_on_the_line() {
    let read = settings(&[
        "a.csv",
        "--title",
        "--odd",
        "--level=1,10",
        "b.csv",
        "--run",
        "2",
        "--title",
        "",
        "--run",
        "last",
        "--level",
        "100",
        "--since",
        "2015-01-03T00:33:34Z",
        "--lenient",
        "-",
    ])
    .expect("settings")
    .read;
    let paths: Vec<_> = read.paths.iter().map(|path| path.to_str()).collect();
    assert_eq!(paths, [Some("a.csv"), Some("b.csv"), Some("-")]);
    assert_eq!(read.selection.titles, ["--odd", ""]);
    assert_eq!(read.selection.levels, [1, 10, 100]);
    assert_eq!(read.selection.runs, ["2", "last"]);
    assert_eq!(read.selection.since, Some(1_420_245_214_000_000_000));
    assert_eq!(read.bad_rows, BadRows::Skip);
    let read = settings(&["a.csv"]).expect("settings").read;
    assert!(read.selection.is_everything());
    assert_eq!(read.bad_rows, BadRows::Refuse);
}

#[test]
fn invalid_selections_are_refused_with_a_hint() {
    for (words, part) in [
        (&[][..], "write profilerclient summary report.csv"),
        (&[""], "the name of a file is empty"),
        (&["a", "b", "a"], "\"a\" is given twice"),
        (&["-", "-"], "- (standard input) is given twice"),
        (&["a", "--level", "ten"], "--level \"ten\": give numbers"),
        (&["a", "--level", "1,"], "--level \"1,\""),
        (&["a", "--run", " "], "give the number of a run"),
        (&["a", "--since", "soon"], "give a span such as 30m"),
        (&["a", "--since", "300"], "give a unit (300s, 300m)"),
        (&["a", "--since", "1h", "--since", "2h"], "given twice"),
        (&["a", "-c", "5"], "--concurrent is an option of a load"),
        (&["a", "-q", "-v"], "cannot be combined"),
        (
            &["a.csv", "--json-file", "a.csv"],
            "one of the files with rows",
        ),
    ] {
        let error = settings(words).expect_err("invalid");
        assert!(error.contains(part), "{words:?}: {error}");
    }
}

#[test]
fn json_goes_to_a_file_if_a_name_follows() {
    for (words, json, file) in [
        (&["a", "--json"][..], true, None),
        (&["--json", "a"], true, None),
        (&["a", "--json", "-v"], true, None),
        (&["a", "--json=out"], false, Some("out")),
        (&["a", "--json", "out.json"], false, Some("out.json")),
        (&["a", "--json-file", "out"], false, Some("out")),
        (&["a", "--json", "--json=out"], true, Some("out")),
    ] {
        let read = settings(words).expect("settings");
        let found = read.json_file.as_ref().and_then(|path| path.to_str());
        assert_eq!((read.json, found), (json, file), "{words:?}");
    }
}

#[test]
fn instants_are_read_in_every_form() {
    const SECOND: i64 = 1_000_000_000;
    let now = 1_500_000_000 * SECOND;
    let local = |text: &str| {
        let zone = crate::time::zone::local_zone();
        let time: jiff::civil::DateTime = text.parse().expect("a time");
        let at = time.to_zoned(zone).expect("in range").timestamp();
        i64::try_from(at.as_nanosecond()).expect("in range")
    };
    for (text, expected) in [
        ("2h", now - 7200 * SECOND),
        ("1h30m", now - 5400 * SECOND),
        ("90s", now - 90 * SECOND),
        ("7d", now - 7 * 86_400 * SECOND),
        ("1.5 days", now - 129_600 * SECOND),
        ("1420245214", 1_420_245_214 * SECOND),
        ("1420245214.25", 1_420_245_214 * SECOND + SECOND / 4),
        ("2015-01-03T00:33:34Z", 1_420_245_214 * SECOND),
        (
            "2015-01-03T01:33:34.5+01:00",
            1_420_245_214 * SECOND + SECOND / 2,
        ),
        ("2015-01-03 00:33:34z", 1_420_245_214 * SECOND),
        ("2015-01-03", local("2015-01-03T00:00:00")),
        ("2015-01-03 00:33", local("2015-01-03T00:33:00")),
        (" 2015-01-03 00:33:34 ", local("2015-01-03T00:33:34")),
    ] {
        assert_eq!(since(text, now), Ok(expected), "{text}");
    }
    for text in [
        "",
        "h",
        "2x",
        "-2h",
        "2015-13-01",
        "2015-02-30",
        "20150103",
        "1e9",
        "nan",
        "99999999999999999999999999",
        "1.2.3",
        "9999999d",
        "300",
    ] {
        assert!(since(text, now).is_err(), "{text}");
    }
}
