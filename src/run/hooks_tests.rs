//! Tests of commands.

use std::path::Path;

use super::*;

fn occasion() -> Occasion {
    Occasion {
        variant: "it's $(id)".to_owned(),
        target: "http://127.0.0.1:81".to_owned(),
        round: 3,
        level: None,
    }
}

fn prepare(command: &str, limit: Option<Duration>) -> Result<Option<()>, Box<HookError>> {
    let mut signals = Signals::install().expect("signals");
    Hooks::new().prepare(command, &occasion(), limit, &mut signals)
}

#[test]
fn the_environment_has_variant_round_and_level() {
    let command = "printf '%s|' \"$VARIANT\" \"$TARGET\" \"$ROUND\" \"${LEVEL-unset}\"; exit 3";
    let error = prepare(command, None).expect_err("status 3");
    assert_eq!(error.output, ["it's $(id)|http://127.0.0.1:81|3||"]);
    let cleanup = "test -z \"${VARIANT+x}${TARGET+x}${ROUND+x}${LEVEL+x}\"";
    Hooks::new()
        .clean_up(cleanup, None)
        .expect("they are not set");
}

#[test]
fn a_failure_is_named_with_its_command_status_and_output() {
    let command = "seq 1000; printf '\\033[2Jbad\\n' >&2; exit 7";
    let error = prepare(command, None).expect_err("status 7");
    let line = error.to_string();
    for part in [
        "--prepare 'seq 1000; ",
        "exit status 7",
        "\"it's $(id)\", round 3",
    ] {
        assert!(line.contains(part), "{line}");
    }
    let output = error.output();
    assert_eq!(output.len(), 1 + MOST_LINES);
    assert_eq!(output.last().map(String::as_str), Some("  | \\u{1b}[2Jbad"));
    assert_eq!(output[output.len() - 2], "  | 1000");
    let killed = prepare("kill -9 $$", None).expect_err("a signal");
    assert!(killed.to_string().contains("by SIGKILL"), "{killed}");
}

#[test]
fn what_a_command_leaves_in_the_background_is_not_waited_for() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("pid");
    let command = format!("sleep 600 & echo $! > '{}'", file.display());
    prepare(&command, None).expect("it returned");
    let pid = fs::read_to_string(&file).expect("it is written");
    let pid: u32 = pid.trim().parse().expect("a number");
    process::kill(pid, libc::SIGKILL).expect("it still runs");
}

#[test]
fn a_command_that_does_not_return_is_ended_with_its_children() {
    let command = "sleep 600 & sleep 600; true";
    let limit = Duration::from_millis(50);
    let error = prepare(command, Some(limit)).expect_err("the limit");
    assert!(
        error.to_string().contains("did not end within 0.05 s"),
        "{error}"
    );
}

#[test]
fn a_server_is_ended_with_its_process_group() {
    let hooks = Hooks::new();
    let mut server = hooks
        .serve("trap '' TERM; sleep 600 & exec sleep 600", &occasion())
        .expect("it starts");
    server.check().expect("it runs");
    let (group, watch) = (server.running.child.id(), server.watch.id());
    assert!(process::is_group_alive(group));
    // SIGTERM is ignored by both: only SIGKILL ends them, at once here.
    process::kill_group(group, libc::SIGKILL).expect("it is there");
    drop(server);
    assert!(!process::is_group_alive(group));
    assert!(!Path::new(&format!("/proc/{watch}")).exists());
}

#[test]
fn a_server_that_ends_by_itself_is_an_error() {
    let hooks = Hooks::new();
    let mut server = hooks.serve("echo too bad", &occasion()).expect("it starts");
    let error = loop {
        match server.check() {
            Ok(()) => thread::sleep(LOOK_SPAN),
            Err(error) => break error,
        }
    };
    assert!(
        error
            .to_string()
            .contains("ended by itself (exit status 0)"),
        "{error}"
    );
    assert_eq!(error.output, ["too bad"]);
}

#[test]
fn a_failing_cleanup_is_an_error() {
    let error = Hooks::new().clean_up("exit 1", None).expect_err("status 1");
    assert!(
        error.to_string().starts_with("--cleanup 'exit 1' failed"),
        "{error}"
    );
}

/// Hooks that do not wait long for those that ignore SIGTERM.
fn impatient() -> Hooks {
    Hooks {
        grace: Duration::from_millis(50),
        ..Hooks::new()
    }
}

/// Ignores SIGTERM, as do its children, and notes its own process.
const DEAF: &str = "trap '' TERM; echo $$ > pid; sleep 600 & exec sleep 600";

/// The process group that a command has noted in a directory.
fn noted(directory: &Path) -> u32 {
    let text = fs::read_to_string(directory.join("pid")).expect("it is written");
    text.trim().parse().expect("a number")
}

/// A directory, and the command run in it.
fn within(command: &str) -> (tempfile::TempDir, String) {
    let directory = tempfile::tempdir().expect("a directory");
    let command = format!("cd '{}'; {command}", directory.path().display());
    (directory, command)
}

#[test]
fn a_prepare_that_ignores_sigterm_is_killed() {
    let mut signals = Signals::install().expect("signals");
    let (directory, command) = within(DEAF);
    let limit = Some(Duration::from_millis(300));
    let error = impatient()
        .prepare(&command, &occasion(), limit, &mut signals)
        .expect_err("the limit");
    assert!(
        error.to_string().contains("did not end within 0.3 s"),
        "{error}"
    );
    assert!(!process::is_group_alive(noted(directory.path())));
}

#[test]
fn a_cleanup_that_ignores_sigterm_is_killed() {
    let (directory, command) = within(DEAF);
    let error = impatient()
        .clean_up(&command, Some(Duration::from_millis(300)))
        .expect_err("the limit");
    assert!(error.to_string().contains("--prepare-timeout"), "{error}");
    assert!(!process::is_group_alive(noted(directory.path())));
}

#[test]
fn a_server_that_ignores_sigterm_is_killed() {
    let (_directory, command) = within(DEAF);
    let server = impatient().serve(&command, &occasion()).expect("it starts");
    let group = server.running.child.id();
    drop(server);
    assert!(!process::is_group_alive(group));
}

/// The shell ends, and leaves a process of its group behind.
#[test]
fn what_a_server_that_ended_has_left_of_its_group_is_ended() {
    let (directory, command) = within("sleep 600 & echo $$ > pid; exit 5");
    let mut server = Hooks::new()
        .serve(&command, &occasion())
        .expect("it starts");
    let error = loop {
        match server.check() {
            Ok(()) => thread::sleep(LOOK_SPAN),
            Err(error) => break error,
        }
    };
    assert!(
        error
            .to_string()
            .contains("ended by itself (exit status 5)"),
        "{error}"
    );
    let group = noted(directory.path());
    assert!(process::is_group_alive(group), "its child still runs");
    drop(server);
    assert!(!process::is_group_alive(group));
}

/// A grandchild keeps the output open, and writes to it after the command has ended.
#[test]
fn an_output_that_stays_open_is_shown_as_far_as_it_is_written() {
    let error = prepare("sleep 600 & echo $!; exit 6", None).expect_err("status 6");
    let [pid] = &error.output[..] else {
        panic!("{:?}", error.output)
    };
    let pid = pid.parse().expect("a number");
    process::kill(pid, libc::SIGKILL).expect("it still runs");
}
