//! Tests of the batch script.

use std::io::Write as _;
use std::process::{Command, Stdio};

use super::super::quote::tests::HOSTILE;
use super::super::tests::{job, settings};
use super::*;
use crate::settings::Engine;

#[test]
fn bash_accepts_the_script_whatever_the_options_are() {
    let settings = settings(Engine::Slurm, &HOSTILE);
    let text = script(&job(&settings));
    assert!(!text.contains('\r'), "sbatch refuses it");
    let mut bash = Command::new("bash")
        .args(["-c", "bash -n && echo accepted"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("bash");
    bash.stdin
        .take()
        .expect("piped")
        .write_all(text.as_bytes())
        .expect("written");
    let found = bash.wait_with_output().expect("its end");
    assert_eq!(found.stdout, b"accepted\n");
}

#[test]
fn options_of_sbatch_come_before_the_first_command() {
    let settings = settings(Engine::Slurm, &["--concurrent=9"]);
    let text = script(&job(&settings));
    assert!(text.starts_with("#!/bin/bash\n"), "{text}");
    let first = text
        .lines()
        .position(|line| !line.is_empty() && !line.starts_with('#'));
    let last = text.lines().collect::<Vec<_>>();
    let last = last.iter().rposition(|line| line.starts_with("#SBATCH"));
    assert!(last < first, "{text}");
    for option in [
        "--ntasks=3",
        "--ntasks-per-node=1",
        "--no-kill",
        "--no-requeue",
        "--wait-all-nodes=1",
        // Five minutes for the shards, and some for the merge.
        "--time=8",
    ] {
        let line = format!("#SBATCH {option}");
        assert!(text.lines().any(|one| one == line), "{option}: {text}");
    }
    assert_eq!(
        text.matches("date +%s").count(),
        1,
        "the start is computed once"
    );
    assert!(text.contains("START=$(($(date +%s) + 121))"), "{text}");
    assert!(
        text.contains(r"'/opt/it'\''s here/profilerclient'"),
        "{text}"
    );
    let last = text.trim_end().lines().last().expect("lines");
    assert!(last.starts_with("\"$PROFILERCLIENT\" merge "), "{last}");
}
