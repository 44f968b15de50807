//! Tests of the lines beside rows.

use proptest::prelude::*;

use super::*;

fn run(id: &str) -> Line {
    Line::Run(Box::new(RunLine {
        schema_version: SCHEMA_VERSION,
        run: id.to_owned(),
        seed: u64::MAX.to_string(),
        ..RunLine::default()
    }))
}

fn part(id: &str) -> Line {
    Line::Part(Box::new(PartLine {
        run: id.to_owned(),
        range: Some([7, 9]),
        figures: PartFigures {
            launch_delay: SampleRecord {
                n: 1,
                min: Some(-5),
                max: Some(-5),
                sum: -5,
                negatives: 1,
                counts: vec![-6, 1],
            },
            ..PartFigures::default()
        },
        ..PartLine::default()
    }))
}

#[test]
fn appended_lines_are_read_back() {
    let directory = tempfile::tempdir().expect("a directory");
    let rows = directory.path().join("report.csv");
    assert_eq!(read(&rows).expect("no file is no error"), (Vec::new(), 0));
    let end = Line::End(Box::new(EndLine {
        run: "a".to_owned(),
        ending: "done".to_owned(),
        ..EndLine::default()
    }));
    let lines = vec![run("a"), part("a"), end];
    for line in &lines {
        let mut file = RunsFile::open(&rows).expect("a file");
        file.append(line).expect("appended");
    }
    assert_eq!(
        path_of(&rows),
        directory.path().join("report.csv.runs.jsonl")
    );
    assert_eq!(read(&rows).expect("readable"), (lines, 0));
}

#[test]
fn a_torn_last_line_does_not_affect_others() {
    let directory = tempfile::tempdir().expect("a directory");
    let rows = directory.path().join("report.csv");
    let mut file = RunsFile::open(&rows).expect("a file");
    file.append(&run("a")).expect("appended");
    let whole = std::fs::read(path_of(&rows)).expect("written");
    for cut in 1..whole.len() - 1 {
        std::fs::write(path_of(&rows), &whole[..cut]).expect("torn");
        let mut file = RunsFile::open(&rows).expect("a file");
        file.append(&part("b")).expect("appended");
        assert_eq!(
            read(&rows).expect("readable"),
            (vec![part("b")], 1),
            "{cut}"
        );
    }
}

#[test]
fn lines_of_later_versions_are_counted_and_skipped() {
    let later = "{\"line\":\"run\",\"schema_version\":99,\"run\":\"x\"}\n\n{\"line\":\"other\"}\nnonsense\n";
    assert_eq!(
        read_lines(later.as_bytes()).expect("readable"),
        (Vec::new(), 3)
    );
    let grown = "{\"line\":\"end\",\"run\":\"x\",\"new\":1}\n";
    let (lines, unreadable) = read_lines(grown.as_bytes()).expect("readable");
    assert_eq!(
        (lines.len(), unreadable),
        (1, 0),
        "unknown keys are ignored, missing ones have defaults"
    );
}

proptest! {
    #[test]
    fn garbage_is_no_panic(garbage in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = read_lines(&garbage[..]);
    }
}

#[test]
fn verdicts_are_recorded_and_early_lines_have_none() {
    let verdict = Verdict::of_all(true, &[]);
    let line = PartLine {
        verdict: Some(verdict),
        trusted: true,
        ..PartLine::default()
    };
    let text = serde_json::to_string(&line).expect("JSON");
    let read: PartLine = serde_json::from_str(&text).expect("a line");
    assert_eq!(read, line);
    let early =
        r#"{"run": "a", "trusted": false, "reasons": [{"reason": "late", "hint": "wait"}]}"#;
    let read: PartLine = serde_json::from_str(early).expect("a line");
    assert_eq!(
        (read.verdict, read.trusted, read.reasons.len()),
        (None, false, 1)
    );
    assert_eq!(read.run_queue_nanos, None);
}

#[test]
fn reasons_are_objects_and_those_of_early_lines_are_read() {
    let early = r#"["a text (a hint)", {"reason": "a text", "hint": "a hint"}]"#;
    let read: Vec<ReasonGiven> = serde_json::from_str(early).expect("reasons");
    let given = |reason: &str, hint: &str| ReasonGiven {
        kind: "recorded".to_owned(),
        level: None,
        reason: reason.to_owned(),
        hint: hint.to_owned(),
    };
    assert_eq!(
        read,
        [given("a text (a hint)", ""), given("a text", "a hint")]
    );
    let written = serde_json::to_string(&read[1]).expect("JSON");
    assert_eq!(
        written,
        r#"{"kind":"recorded","level":null,"reason":"a text","hint":"a hint"}"#
    );
    let told = read.iter().map(ReasonGiven::to_string).collect::<Vec<_>>();
    assert_eq!(told, ["a text (a hint)", "a text: a hint"]);
}

#[test]
fn a_load_that_cannot_be_is_an_unreadable_line() {
    let with = |change: &dyn Fn(&mut crate::rows::load::Load)| {
        let Line::Run(mut line) = run("a") else {
            unreachable!("a line of a run")
        };
        change(&mut line.load);
        let text = serde_json::to_vec(&Line::Run(line)).expect("JSON");
        let (lines, unreadable) = read_lines(text.as_slice()).expect("a slice can be read");
        (lines.len(), unreadable)
    };
    assert_eq!(with(&|load| load.duration_seconds = Some(30.0)), (1, 0));
    assert_eq!(with(&|load| load.rate_per_second = Some(500.0)), (1, 0));
    for number in [-1.0, 1e308, -1e308] {
        assert_eq!(with(&|load| load.duration_seconds = Some(number)), (0, 1));
        assert_eq!(with(&|load| load.think_time_seconds = Some(number)), (0, 1));
        assert_eq!(with(&|load| load.ramp_up_seconds = Some(number)), (0, 1));
        assert_eq!(with(&|load| load.warm_up_seconds = Some(number)), (0, 1));
        assert_eq!(with(&|load| load.pause_seconds = number), (0, 1));
        assert_eq!(with(&|load| load.rate_per_second = Some(number)), (0, 1));
        let stage = |seconds, rate_per_second| {
            Some(vec![crate::rows::load::LoadStage {
                seconds,
                rate_per_second,
            }])
        };
        assert_eq!(with(&|load| load.stages = stage(number, 1.0)), (0, 1));
        assert_eq!(with(&|load| load.stages = stage(1.0, number)), (0, 1));
    }
}
