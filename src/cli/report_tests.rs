use std::path::Path;

use crate::cli::{Command, parse};
use crate::settings::{BadRows, ReportSettings};

fn settings(line: &str) -> Result<ReportSettings, String> {
    let words = line.split_whitespace().map(Into::into).collect();
    match parse(words).map_err(|error| error.to_string())?.command {
        Command::Report(settings) => Ok(*settings),
        other => panic!("{other:?}"),
    }
}

#[test]
fn files_and_the_page_are_read_in_any_order() {
    let read = settings("report a.csv -o p.html b.csv").expect("settings");
    assert_eq!(read.read.paths, [Path::new("a.csv"), Path::new("b.csv")]);
    assert_eq!(read.page, Path::new("p.html"));
    let read = settings("report - --output=x/p.html").expect("settings");
    assert_eq!(read.read.paths, [Path::new("-")]);
    let read = settings("report a.csv").expect("settings");
    assert_eq!(read.page, Path::new("report.html"));
    assert!(read.read.selection.is_everything());
}

#[test]
fn runs_are_selected() {
    let read =
        settings("report a.csv --run last --level 1,10 --title x --lenient").expect("settings");
    let selection = &read.read.selection;
    assert_eq!(
        (&selection.runs[..], &selection.levels[..]),
        (&["last".to_owned()][..], &[1, 10][..])
    );
    assert_eq!(selection.titles, ["x"]);
    assert_eq!(read.read.bad_rows, BadRows::Skip);
}

#[test]
fn the_page_never_replaces_rows() {
    for (line, part) in [
        ("report", "report.csv"),
        ("report a.csv -o a.csv", "one of the files with rows"),
        ("report a.csv -o", "--output"),
        ("report a.csv --duration 5s", "--duration"),
    ] {
        let error = settings(line).expect_err(line);
        assert!(error.contains(part), "{line}: {error}");
    }
}
