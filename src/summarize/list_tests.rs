//! Tests of the list of runs.

use super::*;
use crate::report::FoundPart;
use crate::summary::RunFacts;

fn run(number: usize, title: &str, kind: Kind, levels: &[u64]) -> FoundRun {
    let part = |level: &u64| {
        let mut part = FoundPart::default();
        part.facts.level = Some(*level);
        (part.rows, part.bought) = (123_456, 123_455);
        part
    };
    FoundRun {
        number,
        facts: RunFacts {
            title: title.to_owned(),
            started_time: "2015-01-03T00:33:34.117753".to_owned(),
            load: Load {
                kind,
                ..Load::default()
            },
            ..RunFacts::default()
        },
        parts: levels.iter().map(part).collect(),
        files: vec!["report.csv".into()],
        began: Some(1_420_245_214_117_753_000),
        is_guessed: number == 2,
        is_incomplete: number == 3,
        plan: None,
    }
}

fn listed(runs: &[FoundRun]) -> String {
    let mut out = Vec::new();
    write(runs, &mut out).expect("written");
    String::from_utf8(out).expect("text")
}

#[test]
fn the_list_has_a_line_for_each_run_and_a_hint() {
    let runs = [
        run(1, "first", Kind::Burst, &[1000]),
        run(2, "", Kind::Closed, &[10, 100]),
    ];
    let text = listed(&runs);
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "2 runs, not pooled");
    assert_eq!(
        lines[2],
        "run  began                title  load              rows  bought"
    );
    assert_eq!(
        lines[3],
        "  1  2015-01-03 00:33:34  first  burst 1000      123456  123455"
    );
    assert_eq!(
        lines[4],
        "  2  2015-01-03 00:33:34         ~closed 10,100  246912  246910"
    );
    assert!(lines[6].starts_with("~ "), "{text}");
    assert!(lines[7].starts_with("Hint: --run 1"), "{text}");
}

#[test]
fn hostile_titles_keep_the_list_within_eighty_columns() {
    let title = "\u{1b}[31m\n".repeat(1000) + &"x".repeat(5000);
    let levels: Vec<u64> = (1..200).collect();
    let mut runs = [
        run(3, &title, Kind::Closed, &levels),
        run(10_000, "\u{202e}abc", Kind::Open, &[]),
    ];
    runs[1].files = vec!["x/".repeat(200).into()];
    let text = listed(&runs);
    assert!(
        text.lines().all(|line| line.chars().count() <= 80),
        "{text}"
    );
    assert!(
        !text
            .chars()
            .any(|c| c != '\n' && crate::text::is_unprintable(c))
    );
    assert!(heading(&runs[1]).chars().count() <= 80);
}

#[test]
fn the_keys_of_the_list_are_in_the_help() {
    let run = run(1, "x", Kind::Burst, &[1]);
    let value = serde_json::to_value(ListedRun::of(&run, None)).expect("JSON");
    assert_eq!(value["began"], "2015-01-03T00:33:34.117753Z");
    let argv = vec!["summary".into(), "--help".into()];
    let Ok(crate::cli::Command::Print(help)) =
        crate::cli::parse(argv).map(|invocation| invocation.command)
    else {
        panic!("a help page");
    };
    for key in value.as_object().expect("an object").keys() {
        assert!(help.contains(key.as_str()), "{key}");
    }
}
