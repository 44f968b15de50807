//! `profilerclient shards N`: a run as several processes of this machine is the run, whatever becomes of them.

use std::fs;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use profilerclient::plan::Order;
use serde_json::Value;
use tempfile::{TempDir, tempdir};

use crate::load_support::{Till, sorted, words};
use crate::shards_support::lines_of;
use crate::support::*;

/// The command line for that many processes.
fn shards(count: usize, url: &str, file: &Path, load: &str) -> Vec<String> {
    let mut all = vec!["shards".to_owned(), count.to_string(), "--".to_owned()];
    all.extend(words(url, &file.to_string_lossy(), load));
    all
}

fn place() -> (TempDir, PathBuf) {
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    (dir, file)
}

/// The names of what is in a directory, in order.
fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).expect("a directory");
    let mut names: Vec<String> = entries
        .map(|entry| {
            entry
                .expect("an entry")
                .file_name()
                .to_string_lossy()
                .into_owned()
        })
        .collect();
    names.sort_unstable();
    names
}

const MERGED: [&str; 2] = ["report.csv", "report.csv.runs.jsonl"];

/// The directory of the shards, which is kept.
fn kept(dir: &Path, stderr: &str) -> PathBuf {
    let is_of_shards = |name: &&String| name.starts_with("report.csv.shards-");
    let names = names(dir);
    let name = names.iter().find(is_of_shards);
    let path =
        dir.join(name.unwrap_or_else(|| panic!("no directory is kept: {names:?}, {stderr}")));
    assert!(stderr.contains(&path.display().to_string()), "{stderr}");
    path
}

#[test]
fn the_merged_run_is_the_run_of_one_process() {
    for (load, count) in [
        ("-c 31", 31),
        ("--rate 200/s --count 60 --arrivals poisson", 60),
        ("-c 7 --repeat 3", 21),
        ("-c 1", 1),
    ] {
        let load = format!("{load} --seed 5");
        let till = Till::start();
        let (_dir, file) = place();
        client(words(&till.url(), &file.to_string_lossy(), &load)).ok();
        let whole: Vec<Order> = sorted(till.orders());
        assert_eq!(whole.len(), count, "{load}");
        let till = Till::start();
        let (dir, file) = place();
        let finished = client(shards(3, &till.url(), &file, &(load.clone() + " --json"))).ok();
        assert_eq!(sorted(till.orders()), whole, "{load}");
        assert_eq!(rows(&file).len(), count, "{load}");
        let summary: Value = serde_json::from_str(&finished.stdout).expect("JSON");
        assert_eq!(summary["rows_written"], count, "{load}");
        assert_eq!(summary["shards"]["count"], 3);
        assert_eq!(summary["shards"]["merged"], 3);
        assert_eq!(names(dir.path()), MERGED, "the shards' files are removed");
        assert_eq!(lines_of(&file)[0]["merged"]["partial"], false);
    }
}

#[test]
fn rows_are_sales_and_a_seed_is_drawn_and_told() {
    let shop = Shop::start(&[]);
    let (dir, file) = place();
    let finished = client(shards(2, &shop.url, &file, "-c 40")).ok();
    assert_eq!(rows(&file).len(), 40);
    assert_eq!(shop.stat("distinct_emails"), 40);
    let seed = lines_of(&file)[0]["seed"]
        .as_str()
        .expect("a seed")
        .to_owned();
    assert!(
        finished.stderr.contains(&format!("--seed {seed} ")),
        "{finished:#?}"
    );
    assert!(
        finished.stdout.contains("40 of 40 purchases"),
        "{finished:#?}"
    );
    assert_eq!(names(dir.path()), MERGED);
}

#[test]
fn the_parts_of_a_sweep_are_merged_part_by_part() {
    let shop = Shop::start(&[]);
    let (_dir, file) = place();
    client(shards(2, &shop.url, &file, "-c 1,6 --slot 2s --seed 3")).ok();
    let lines = lines_of(&file);
    let parts: Vec<(u64, u64)> = (lines.iter().filter(|line| line["line"] == "part"))
        .map(|part| {
            (
                part["level"].as_u64().expect("a level"),
                part["rows"].as_u64().expect("rows"),
            )
        })
        .collect();
    assert_eq!(parts, [(1, 1), (6, 6)]);
}

/// Thresholds and limits are judged once, by the merged run.
#[test]
fn the_exit_code_is_that_of_the_merged_run() {
    let shop = Shop::start(&[]);
    for (flags, code, said) in [
        (["--fail-if", "buy.p50>0ms"], 3, "--fail-if buy.p50>0ms"),
        (["--fail-if", "buy.p50>1h"], 0, ""),
    ] {
        let (dir, file) = place();
        let mut args = shards(2, &shop.url, &file, "-c 10 --seed 1 -q");
        args.extend(flags.map(str::to_owned));
        let finished = client(args);
        assert_eq!(finished.code(), Some(code), "{finished:#?}");
        assert!(finished.stderr.contains(said), "{finished:#?}");
        assert_eq!(names(dir.path()), MERGED);
    }
}

#[test]
fn strict_judges_the_merged_run() {
    let shop = Shop::start(&[]);
    let (_dir, file) = place();
    let finished = client(shards(
        2,
        &shop.url,
        &file,
        "-c 50 --seed 1 --strict --json",
    ));
    let summary: Value = serde_json::from_str(&finished.stdout).expect("JSON");
    let is_limited = ["home", "purchase"]
        .iter()
        .any(|figure| summary["verdict"][figure]["state"] == "not_trusted");
    let expected = if is_limited { 4 } else { 0 };
    assert_eq!(finished.code(), Some(expected), "{finished:#?}");
    assert_eq!(
        finished.stderr.contains("--strict: NOT TRUSTED"),
        is_limited,
        "{finished:#?}"
    );
}

/// Every shopper of a shop that nobody listens for has a row that says so, as without shards.
#[test]
fn an_unreachable_shop_gives_rows_and_the_code_of_one_process() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    drop(listener);
    let (_dir, single) = place();
    let alone = client(words(&url, &single.to_string_lossy(), "-c 6 -q"));
    let (_dir, file) = place();
    let finished = client(shards(2, &url, &file, "-c 6 -q"));
    assert_eq!(finished.code(), alone.code(), "{finished:#?} {alone:#?}");
    assert_eq!(rows(&file).len(), rows(&single).len());
    assert!(
        rows(&file)
            .iter()
            .all(|row| row["client_home_http_code"] == "-100")
    );
}

/// What all shards fail of before the load is said once, with its exit code, and nothing is left.
#[test]
fn what_fails_before_any_load_is_said_once() {
    let (dir, file) = place();
    let load = "-c 6 --ca /nowhere/ca.pem";
    let alone = client(words("https://127.0.0.1:9", &file.to_string_lossy(), load));
    let code = alone.code().expect("a code");
    assert!(code == 1 || code == 2, "{alone:#?}");
    let finished = client(shards(3, "https://127.0.0.1:9", &file, load)).refused(code, &["ca.pem"]);
    assert_eq!(finished.stderr, alone.stderr);
    assert_eq!(names(dir.path()), [""; 0]);
}

#[test]
fn bad_flags_are_refused_before_any_load() {
    let server = Scripted::start(|_, _| {});
    for (load, parts) in [
        ("--shard 1/2", &["--shard", "every process"][..]),
        ("--no-runs-file", &["--no-runs-file", "merge"][..]),
        ("-c 1,2", &["--slot"][..]),
        ("-c x", &["-c", "x"][..]),
    ] {
        let (dir, file) = place();
        client(shards(2, &server.url(), &file, load)).refused(2, parts);
        assert_eq!(names(dir.path()), [""; 0], "{load}");
    }
    let (dir, file) = place();
    let numbered = dir.path().join("rows-%s.csv");
    client(shards(2, &server.url(), &numbered, "")).refused(2, &["rows-%s.csv", "%s"]);
    fs::write(&file, "something").expect("written");
    client(shards(2, &server.url(), &file, "")).refused(1, &["report.csv", "not empty", "-o"]);
    assert_eq!(fs::read_to_string(&file).expect("read"), "something");
    assert_eq!(names(dir.path()), ["report.csv"]);
    assert_eq!(server.connections(), 0);
}

/// A run that has begun, with its directory and the process numbers of its shards.
struct Running {
    child: Child,
    shards: Vec<u32>,
}

/// Starts a run, and waits until both shards have rows.
fn running(shop: &Shop, dir: &Path, file: &Path) -> Running {
    let args = shards(2, &shop.url, file, "--rate 200/s --duration 50s --seed 1");
    let mut command = command(args);
    // As a shell with job control starts it.
    command.process_group(0);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().expect("the program starts");
    wait_until("rows of both shards", || {
        let of_shards = names(dir)
            .into_iter()
            .find(|name| name.starts_with("report.csv.shards-"));
        of_shards.is_some_and(|name| {
            (1..=2).all(|number| {
                let rows = dir.join(&name).join(format!("rows-{number}.csv"));
                fs::read_to_string(rows).is_ok_and(|text| text.lines().count() > 3)
            })
        })
    });
    let children = format!("/proc/{0}/task/{0}/children", child.id());
    let children = fs::read_to_string(children).expect("the children");
    let shards = children
        .split_whitespace()
        .map(|pid| pid.parse().expect("a number"));
    Running {
        child,
        shards: shards.collect(),
    }
}

#[test]
fn an_interrupt_reaches_all_shards_and_what_there_is_is_merged() {
    for number in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
        let shop = Shop::start(&[]);
        let (dir, file) = place();
        let running = running(&shop, dir.path(), &file);
        assert_eq!(running.shards.len(), 2);
        signal(running.child.id(), number);
        let finished = wait(running.child);
        assert_eq!(finished.code(), Some(128 + number), "{finished:#?}");
        let rows = rows(&file);
        assert!(rows.len() > 6, "{finished:#?}");
        assert!(!finished.stderr.contains("PARTIAL"), "{finished:#?}");
        assert_eq!(names(dir.path()), MERGED, "{finished:#?}");
        let lines = lines_of(&file);
        assert_eq!(lines.last().expect("an end")["ending"], "interrupted");
    }
}

/// Keys of a terminal are signals for all processes of its foreground group.
#[test]
fn a_terminal_stops_continues_and_ends_all_processes_together() {
    let shop = Shop::start(&[]);
    let (dir, file) = place();
    let running = running(&shop, dir.path(), &file);
    let group = running.child.id();
    let all: Vec<u32> = running.shards.iter().copied().chain([group]).collect();
    let to_all = |number: i32| {
        profilerclient::sys::process::kill_group(group, number).expect("the group is there");
    };
    let state = |pid: u32| {
        let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("its state");
        let (_, after) = stat.rsplit_once(") ").expect("a name");
        after.chars().next().expect("a state")
    };
    to_all(libc::SIGTSTP);
    wait_until("all are stopped", || {
        all.iter().all(|pid| state(*pid) == 'T')
    });
    to_all(libc::SIGCONT);
    wait_until("none is stopped", || {
        all.iter().all(|pid| state(*pid) != 'T')
    });
    to_all(libc::SIGINT);
    let finished = wait(running.child);
    assert_eq!(finished.code(), Some(128 + libc::SIGINT), "{finished:#?}");
    assert!(!finished.stderr.contains("PARTIAL"), "{finished:#?}");
    assert_eq!(names(dir.path()), MERGED, "{finished:#?}");
    let stopped = "was stopped";
    let told = finished
        .stdout
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    assert!(told.contains(stopped), "{finished:#?}");
}

/// A shard that had nothing left to do is whole, though the others were ended.
#[test]
fn a_shard_that_was_done_before_the_interrupt_is_whole() {
    let shop = Shop::start(&[]);
    let (dir, file) = place();
    let args = shards(3, &shop.url, &file, "-c 2 --duration 50s --seed 1 -q");
    let mut command = command(args);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().expect("the program starts");
    wait_until("the end of the third", || {
        let mut names = names(dir.path()).into_iter();
        let of_shards = names.find(|name| name.starts_with("report.csv.shards-"));
        of_shards.is_some_and(|name| {
            let has = |file: &str, what: &str| {
                let text = fs::read_to_string(dir.path().join(&name).join(file));
                text.is_ok_and(|text| text.contains(what))
            };
            has("rows-3.csv.runs.jsonl", "\"end\"")
                && has("rows-1.csv", "True")
                && has("rows-2.csv", "True")
        })
    });
    signal(child.id(), libc::SIGTERM);
    let finished = wait(child);
    assert_eq!(finished.code(), Some(128 + libc::SIGTERM), "{finished:#?}");
    assert!(!finished.stderr.contains("PARTIAL"), "{finished:#?}");
    assert!(rows(&file).len() > 1);
    let lines = lines_of(&file);
    assert_eq!(lines[0]["merged"]["merged"], 3);
    assert_eq!(lines.last().expect("an end")["ending"], "interrupted");
    assert_eq!(names(dir.path()), MERGED);
}

#[test]
fn an_interrupt_before_the_start_leaves_nothing() {
    let shop = Shop::start(&[]);
    let (dir, file) = place();
    let args = shards(2, &shop.url, &file, "-c 5 --start-at +500s -q");
    let mut command = command(args);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().expect("the program starts");
    wait_until("the lines of both shards", || {
        let mut names = names(dir.path()).into_iter();
        let of_shards = names.find(|name| name.starts_with("report.csv.shards-"));
        of_shards.is_some_and(|name| {
            let lines = |number| format!("rows-{number}.csv.runs.jsonl");
            let text = |number| fs::read_to_string(dir.path().join(&name).join(lines(number)));
            (1..=2).all(|number| text(number).is_ok_and(|text| text.ends_with('\n')))
        })
    });
    signal(child.id(), libc::SIGINT);
    let finished = wait(child);
    assert_eq!(finished.code(), Some(128 + libc::SIGINT), "{finished:#?}");
    assert!(!finished.stderr.contains("PARTIAL"), "{finished:#?}");
    assert_eq!(shop.stat("distinct_emails"), 0);
    assert_eq!(names(dir.path()), [""; 0]);
}

/// This seed has no arrival in that time: nothing is missing, and no threshold can be evaluated.
#[test]
fn a_run_without_arrivals_is_whole() {
    let shop = Shop::start(&[]);
    let load = "--rate 1/s --duration 100ms --arrivals poisson --seed 3";
    let (dir, file) = place();
    let finished = client(shards(2, &shop.url, &file, load)).ok();
    assert!(!finished.stderr.contains("PARTIAL"), "{finished:#?}");
    assert!(
        finished.stderr.contains("all shards are whole"),
        "{finished:#?}"
    );
    assert_eq!(names(dir.path()), [""; 0]);
    let judged = format!("{load} --fail-if buy.p99>1s");
    let finished = client(shards(2, &shop.url, &file, &judged));
    assert_eq!(finished.code(), Some(3), "{finished:#?}");
    assert!(
        finished.stderr.contains("cannot be evaluated"),
        "{finished:#?}"
    );
    assert_eq!(shop.stat("distinct_emails"), 0);
}

#[test]
fn a_shard_that_is_killed_makes_it_partial_and_its_rows_are_kept() {
    let shop = Shop::start(&[]);
    let (dir, file) = place();
    let running = running(&shop, dir.path(), &file);
    signal(running.shards[1], libc::SIGKILL);
    // The other one goes on; it is whole at the end of its load, or here, once it was asked to end.
    signal(running.shards[0], libc::SIGINT);
    let finished = wait(running.child);
    assert_eq!(finished.code(), Some(3), "{finished:#?}");
    assert!(
        finished.stderr.contains("PARTIAL: 1 of 2 shards"),
        "{finished:#?}"
    );
    let kept = kept(dir.path(), &finished.stderr);
    let own = rows(&kept.join("rows-1.csv"));
    assert_eq!(rows(&file).len(), own.len());
    assert!(kept.join("rows-2.csv").exists() && kept.join("shard-2.log").exists());
}

/// What one shard says, and what all of them say.
#[test]
fn warnings_are_passed_on_with_the_number_of_their_shard() {
    let shop = Shop::start(&[]);
    let (_dir, file) = place();
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    let at = since.expect("after 1970").as_secs() - 5;
    let load = format!("-c 4 --seed 1 --start-at {at}");
    let finished = client(shards(2, &shop.url, &file, &load)).ok();
    // They are late by the same or by different spans.
    let is_late = |line: &&str| line.contains(": --start-at: this process was ready ");
    let lines: Vec<&str> = finished.stderr.lines().filter(is_late).collect();
    match lines[..] {
        [both] => assert!(
            both.starts_with("profilerclient: shards 1, 2 (2 times): "),
            "{both}"
        ),
        [one, two] => {
            assert!(one.starts_with("profilerclient: shard 1: "), "{one}");
            assert!(two.starts_with("profilerclient: shard 2: "), "{two}");
        }
        _ => panic!("{finished:#?}"),
    }
    let strict = load + " --start-strict";
    let (dir, file) = place();
    let finished = client(shards(2, &shop.url, &file, &strict));
    assert_eq!(finished.code(), Some(1), "{finished:#?}");
    assert!(finished.stderr.contains("--start-strict"), "{finished:#?}");
    assert_eq!(names(dir.path()), [""; 0]);
}
