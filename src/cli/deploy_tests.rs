//! Tests of deploy.

use std::time::Duration;

use crate::cli::{Command, parse};
use crate::settings::{DeploySettings, Engine};

fn settings_of(words: &[&str]) -> Result<DeploySettings, String> {
    let argv = words.iter().map(Into::into).collect();
    match parse(argv).map(|of| of.command) {
        Ok(Command::Deploy(settings)) => Ok(*settings),
        Ok(other) => panic!("{other:?}"),
        Err(error) => Err(error.to_string()),
    }
}

fn settings(line: &str) -> Result<DeploySettings, String> {
    settings_of(&line.split_whitespace().collect::<Vec<_>>())
}

const RUN: &str = "-- -t http://127.0.0.1:1 -d rdbms";

#[test]
fn options_are_divided_between_the_shards_and_the_merge() {
    let line = format!(
        "deploy slurm --shards 3 --start-in 7s {RUN} -c 900 --seed 5 --fail-if errors>1% -q --strict -o all.csv --utc"
    );
    let of = settings(&line).unwrap();
    assert_eq!((of.engine, of.shards.get()), (Engine::Slurm, 3));
    assert_eq!(of.start_in, Some(Duration::from_secs(7)));
    let shard = [
        "--target=http://127.0.0.1:1",
        "--app-dirname=rdbms",
        "--concurrent=900",
        "--utc",
    ];
    assert_eq!(of.shard_flags, shard);
    assert_eq!(
        of.merge_flags,
        ["--fail-if=errors>1%", "--quiet", "--strict"]
    );
    assert_eq!(of.seed, Some(5));
    assert_eq!(of.output.as_deref(), Some("all.csv"));
    let of = settings(&format!("deploy kubernetes --shards 1 --image a/b:1 {RUN}")).unwrap();
    assert_eq!((of.seed, of.output), (None, None));
    assert_eq!(of.image.as_deref(), Some("a/b:1"));
}

#[test]
fn texts_come_through_as_they_are() {
    for title in ["--strict", "-x", "a=b", "it's \"so\"\n$(date)", ""] {
        let words = [
            "deploy", "slurm", "--shards", "2", "--", "-t", "http://h", "-d", "rdbms", "-a", title,
        ];
        let flag = format!("--benchmark-title={title}");
        assert_eq!(settings_of(&words).unwrap().shard_flags.last(), Some(&flag));
    }
}

#[test]
fn what_is_refused() {
    for (line, parts) in [
        ("deploy", ["engine", "slurm|kubernetes"]),
        (
            "deploy mesos --shards 2 -- -c 1",
            ["mesos", "slurm or kubernetes"],
        ),
        (
            &format!("deploy slurm {RUN}"),
            ["--shards", "number of shards"],
        ),
        (
            &format!("deploy slurm --shards 0 {RUN}"),
            ["--shards", "from 1"],
        ),
        (
            &format!("deploy slurm --shards 100001 {RUN}"),
            ["--shards", "100000"],
        ),
        (
            &format!("deploy slurm --shards 2 --image i {RUN}"),
            ["--image", "kubernetes"],
        ),
        (
            &format!("deploy kubernetes --shards 2 --image= {RUN}"),
            ["--image", "registry"],
        ),
        (
            &format!("deploy slurm --shards 2 --start-in soon {RUN}"),
            ["--start-in", "soon"],
        ),
        (
            "deploy slurm --shards 2",
            ["the run is missing", "its options after --"],
        ),
        ("deploy slurm --shards 2 -- -d rdbms", ["--target", ""]),
        (
            &format!("deploy slurm --shards 2 {RUN} --concurent 3"),
            ["--concurent", "--concurrent"],
        ),
        (
            &format!("deploy slurm --shards 2 {RUN} -c x"),
            ["--concurrent", "x"],
        ),
        (
            &format!("deploy slurm --shards 2 {RUN} --seed x"),
            ["--seed", "x"],
        ),
        (
            &format!("deploy slurm --shards 2 {RUN} --fail-if x"),
            ["--fail-if", "x"],
        ),
        (
            &format!("deploy slurm --shards 2 {RUN} word"),
            ["word", "argument"],
        ),
        (
            &format!("deploy slurm --shards 2 {RUN} -o -"),
            ["--output", "to a file"],
        ),
        (
            &format!("deploy slurm --shards 2 {RUN} -o rows-%s.csv"),
            ["--output", "named by the job"],
        ),
        (
            &format!("deploy slurm --shards 2 {RUN} --no-runs-file"),
            ["--no-runs-file", "leave it out"],
        ),
        (
            &format!("deploy slurm --shards 2 {RUN} --help"),
            ["help", "leave them out"],
        ),
        (
            &format!("deploy slurm --shards 2 word {RUN}"),
            ["word", "argument"],
        ),
    ] {
        let error = settings(line).unwrap_err();
        assert!(!error.contains('\n'), "{error}");
        for part in parts {
            assert!(error.contains(part), "{line}: {error}");
        }
    }
}

#[test]
fn how_long_a_load_takes_at_most() {
    let longest = |flags: &str| {
        let line = format!("deploy slurm --shards 2 {RUN} {flags} --connect-timeout 5s");
        settings(&line).unwrap().longest.map(|of| of.as_secs())
    };
    assert_eq!(longest("-c 900 --timeout 10s"), Some(30));
    assert_eq!(longest("-c 9 --repeat 3 --timeout 10s"), Some(90));
    assert_eq!(longest("-c 9 --duration 60s --timeout 10s"), Some(90));
    assert_eq!(
        longest("--rate 300/s --duration 60s --timeout 10s"),
        Some(90)
    );
    assert_eq!(longest("--rate 300/s --count 60"), None);
    assert_eq!(longest("-c 9 --timeout 0"), None);
}
