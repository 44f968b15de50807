//! The commands of `--prepare`, `--serve` and `--cleanup` in runs that do not go as planned.

use std::fs;
use std::io::Read;
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;

use crate::django_support::is_gone;
use crate::support::*;
use crate::variants_support::*;

/// Runs the words of two variants with a `--cleanup` that leaves a line; sends the signal once it is time.
fn interrupted(
    place: &Place,
    words: &[&str],
    number: i32,
    mut is_time: impl FnMut() -> bool,
) -> Finished {
    let cleanup = format!("echo done >> '{}/cleaned'", place.path().display());
    let words = [words, &["--cleanup", &cleanup]].concat();
    let child = command(place.words(&words))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    wait_until("the moment of the signal", &mut is_time);
    signal(child.id(), number);
    let finished = wait(child);
    assert_eq!(finished.status.signal(), Some(number), "{finished:#?}");
    assert_eq!(place.text("cleaned"), "done\n", "{finished:#?}");
    finished
}

fn switched(url: &str) -> [&str; 6] {
    ["-t", url, "--variant", "a", "--variant", "b"]
}

#[test]
fn a_signal_during_prepare_ends_it_with_its_group() {
    for number in [libc::SIGINT, libc::SIGTERM] {
        let shop = Shop::start(&[]);
        let place = Place::new();
        let prepare = format!(
            "cd '{}'; sleep 600 & echo $! > later; echo $$ >> later; mv later pids; wait",
            place.path().display()
        );
        let words = [&switched(&shop.url)[..], &["--prepare", &prepare]].concat();
        interrupted(&place, &words, number, || pids(place.path()).len() == 2);
        assert!(pids(place.path()).into_iter().all(is_gone));
        assert_eq!(shop.stat("purchases"), 0);
        let (_, parts, ending) = place.lines();
        assert_eq!((parts.len(), ending.as_str()), (0, "interrupted"));
    }
}

#[test]
fn a_signal_during_the_wait_for_a_server_ends_both() {
    for number in [libc::SIGINT, libc::SIGTERM] {
        let (place, nothing) = (Place::new(), Held::new());
        let serve = format!(
            "echo $$ > '{}/pids'; exec sleep 600",
            place.path().display()
        );
        let url = nothing.url();
        let words = [&switched(&url)[..], &["--serve", &serve]].concat();
        interrupted(&place, &words, number, || pids(place.path()).len() == 1);
        assert!(pids(place.path()).into_iter().all(is_gone));
    }
}

/// It accepts, and never answers: the readiness takes an answer.
#[test]
fn a_server_that_accepts_and_never_answers_is_not_ready() {
    let mute = Scripted::start(|mut stream, _| {
        let _ = stream.read_to_end(&mut Vec::new());
    });
    let place = Place::new();
    let url = mute.url();
    let words = [
        &switched(&url)[..],
        &["--prepare", "true", "--ready-timeout", "300ms"],
    ]
    .concat();
    let finished = place.run(&words);
    assert_eq!(finished.code(), Some(1), "{finished:#?}");
    assert!(
        finished.stderr.contains("did not answer within 0.3 s"),
        "{finished:#?}"
    );
    let words = [&switched(&url)[..], &["--prepare", "true"]].concat();
    let before = mute.connections();
    interrupted(&place, &words, libc::SIGINT, || mute.connections() > before);
}

#[test]
fn a_signal_between_two_parts_ends_the_run_at_once() {
    let shop = Shop::start(&[]);
    let place = Place::new();
    let [a, b] = [variant("a", &shop.url), variant("b", &shop.url)];
    let words = ["--variant", &a, "--variant", &b, "--pause", "1h", "-c", "3"];
    interrupted(&place, &words, libc::SIGINT, || {
        let lines = place.text("report.csv.runs.jsonl");
        lines.contains("\"part\"") && lines.lines().count() == 2
    });
    let (_, parts, ending) = place.lines();
    assert_eq!((parts.len(), ending.as_str()), (1, "interrupted"));
    assert!(!parts[0].cut, "the pause came after it");
    assert_eq!(rows(&place.file).len(), 3);
}

#[test]
fn cleanup_runs_once_however_the_run_ends() {
    let shop = Shop::start(&[]);
    let place = Place::new();
    let [a, b] = [variant("a", &shop.url), variant("b", &shop.url)];
    let cleanup = format!("echo done >> '{}/cleaned'", place.path().display());
    let common = [
        "--variant",
        &a,
        "--variant",
        &b,
        "--rounds",
        "1",
        "--cleanup",
        &cleanup,
        "-q",
    ];
    for (number, (more, code)) in [
        (&[][..], 0),
        (&["--fail-if", "errors<=100%"], 3),
        // One round tells nothing.
        (&["--fail-if-slower"], 3),
        (&["--floor", "/nowhere/floor.json"], 2),
        (&["--json-file", "/nowhere/found.json"], 2),
    ]
    .into_iter()
    .enumerate()
    {
        let finished = place.run(&[&common[..], more].concat());
        assert_eq!(finished.code(), Some(code), "{more:?}: {finished:#?}");
        assert_eq!(
            place.text("cleaned"),
            "done\n".repeat(number + 1),
            "{more:?}"
        );
    }
    // A command line that is not valid runs nothing.
    place
        .run(&[&common[..], &["--margin", "x"]].concat())
        .refused(2, &["--margin"]);
    assert_eq!(place.text("cleaned"), "done\n".repeat(5));
}

#[test]
fn a_cleanup_that_does_not_return_is_ended() {
    let shop = Shop::start(&[]);
    let place = Place::new();
    let [a, b] = [variant("a", &shop.url), variant("b", &shop.url)];
    let cleanup = format!(
        "cd '{}'; sleep 600 & echo $! > later; echo $$ >> later; mv later pids; wait",
        place.path().display()
    );
    let words = [
        "--variant",
        &a,
        "--variant",
        &b,
        "--rounds",
        "1",
        "--cleanup",
        &cleanup,
        "--prepare-timeout",
        "300ms",
    ];
    let finished = place.run(&words);
    assert_eq!(finished.code(), Some(1), "{finished:#?}");
    assert!(
        finished.stderr.contains("--cleanup")
            && finished.stderr.contains("did not end within 0.3 s"),
        "{finished:#?}"
    );
    let ended = pids(place.path());
    assert_eq!(ended.len(), 2);
    assert!(ended.into_iter().all(is_gone));
    assert_eq!(rows(&place.file).len(), 2, "the rows are safe");
}

#[test]
fn a_server_leaves_no_process_of_its_group_behind() {
    let (place, held) = (Place::new(), Held::new());
    // A worker that does not end with the server.
    let serve = format!(
        "sleep 600 & echo $! >> '{}/pids'; {}",
        place.path().display(),
        held.serve(place.path(), "")
    );
    let url = held.url();
    let words = [
        &switched(&url)[..],
        &["--rounds", "2", "-c", "2", "--serve", &serve],
    ]
    .concat();
    place.run(&words).ok();
    let started = pids(place.path());
    assert_eq!(started.len(), 8, "a server and a worker for each part");
    assert!(started.into_iter().all(is_gone));
}

/// The shoppers of the part fail, their rows are kept, and the run goes no further.
#[test]
fn a_server_that_is_killed_during_its_part_ends_the_run() {
    let (place, held) = (Place::new(), Held::new());
    let serve = held.serve(place.path(), "");
    let cleanup = format!("echo done > '{}/cleaned'", place.path().display());
    let url = held.url();
    let words = [
        &switched(&url)[..],
        &[
            "-c",
            "2",
            "--duration",
            "2s",
            "--serve",
            &serve,
            "--cleanup",
            &cleanup,
        ],
    ]
    .concat();
    let child = command(place.words(&words))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    wait_until("rows", || {
        fs::metadata(&place.file).is_ok_and(|of| of.len() > 5_000)
    });
    let [server] = pids(place.path())[..] else {
        panic!("one server")
    };
    signal(server, libc::SIGKILL);
    let finished = wait(child);
    assert_eq!(finished.code(), Some(1), "{finished:#?}");
    assert!(
        finished.stderr.contains("ended by itself (by SIGKILL)"),
        "{finished:#?}"
    );
    assert_eq!(place.text("cleaned"), "done\n");
    let (_, parts, ending) = place.lines();
    assert_eq!((parts.len(), ending.as_str()), (1, "failed"));
    let rows = rows(&place.file);
    assert_eq!(parts[0].rows, rows.len() as u64);
    let results = count_by(&rows, "client_buy_result");
    assert!(results["True"] > 0 && results["False"] > 0, "{results:?}");
}
