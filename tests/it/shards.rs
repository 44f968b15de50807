//! One run as several processes: the union of the shards is the run, and all start at the instant that was given.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{SystemTime, UNIX_EPOCH};

use jiff::Timestamp;
use profilerclient::plan::Order;
use serde_json::Value;
use tempfile::{TempDir, tempdir};

use crate::load_support::{Till, sorted, words};
use crate::support::*;

/// Seconds since the Unix epoch, in so many seconds.
fn instant(ahead: f64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    format!("{:.6}", now.expect("after 1970").as_secs_f64() + ahead)
}

/// The shards of one run, as processes.
struct Shards {
    directory: TempDir,
    children: Vec<Child>,
}

impl Shards {
    fn start(url: &str, load: &str, count: usize, options: &[&str]) -> Shards {
        let directory = tempdir().expect("a directory");
        let file = directory.path().join("rows-%s.csv");
        let children = (1..=count).map(|number| {
            let mut args = words(url, file.to_str().expect("UTF-8"), load);
            args.extend(
                ["--seed", "5", "--shard", &format!("{number}/{count}")].map(str::to_owned),
            );
            args.extend(options.iter().map(|&option| option.to_owned()));
            let mut command = command(args);
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
            command.spawn().expect("the program starts")
        });
        Shards {
            children: children.collect(),
            directory,
        }
    }

    fn end(self) -> (TempDir, Vec<Finished>) {
        (
            self.directory,
            self.children.into_iter().map(wait).collect(),
        )
    }
}

fn lines(file: &Path) -> Vec<Value> {
    let mut name = file.as_os_str().to_owned();
    name.push(".runs.jsonl");
    let text = std::fs::read_to_string(name).expect("the lines");
    text.lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

#[test]
fn the_union_of_the_shards_is_the_run() {
    for (load, rows) in [
        ("-c 31", 31),
        ("-c 2", 2),
        ("-c 7 --repeat 5 --think-time exp:2ms", 35),
        ("-c 7 --ramp-up 100ms", 7),
        ("--rate 200/s --count 50 --arrivals poisson", 50),
        ("--rate 200/s --count 50", 50),
        ("--stages 100ms@300/s,100ms@100/s", 35),
    ] {
        let till = Till::start();
        let dir = tempdir().expect("a directory");
        let mut args = words(
            &till.url(),
            &dir.path().join("w.csv").to_string_lossy(),
            load,
        );
        args.extend(["--seed", "5"].map(str::to_owned));
        client(args).ok();
        let whole: Vec<Order> = sorted(till.orders());
        assert_eq!(whole.len(), rows, "{load}");
        let till = Till::start();
        let at = instant(1.0);
        let shards = Shards::start(&till.url(), load, 3, &["--start-at", &at]);
        let (dir, finished) = shards.end();
        let mut written = 0;
        let mut hashes = Vec::new();
        for (number, finished) in (1..).zip(finished) {
            finished.ok();
            let file = dir.path().join(format!("rows-{number}.csv"));
            written += rows_of_shard(&file);
            let run = &lines(&file)[0];
            assert_eq!(run["shard"], format!("{number}/3"));
            assert!(run.get("shard_source").is_none(), "K/N was given: {run}");
            let start = run["start_at"].as_str().expect("an instant");
            let start: Timestamp = start.parse().expect("ISO 8601");
            let given: f64 = at.parse().expect("seconds");
            assert!((start.as_nanosecond() as f64 / 1e9 - given).abs() < 1e-6);
            hashes.push(run["plan_hash"].clone());
        }
        assert_eq!(written, rows, "{load}");
        assert_eq!(sorted(till.orders()), whole, "{load}");
        assert!(hashes.iter().all(|hash| *hash == hashes[0]), "{hashes:?}");
    }
}

fn rows_of_shard(file: &Path) -> usize {
    // A shard that launches nothing leaves no file.
    match file.exists() {
        true => rows(file).len(),
        false => 0,
    }
}

/// It waits for the start like the others, and its lines say that it was there.
#[test]
fn a_shard_that_owns_nothing_has_all_its_lines() {
    let shop = Shop::start(&[]);
    let at = instant(1.0);
    let (dir, finished) = Shards::start(&shop.url, "-c 2", 3, &["--start-at", &at]).end();
    for finished in finished {
        finished.ok();
    }
    let file = dir.path().join("rows-3.csv");
    assert_eq!(rows_of_shard(&file), 0);
    let lines = lines(&file);
    let kinds: Vec<&Value> = lines.iter().map(|line| &line["line"]).collect();
    assert_eq!(kinds, ["run", "part", "end"]);
    assert_eq!(
        (&lines[0]["shard"], &lines[1]["rows"]),
        (&"3/3".into(), &0.into())
    );
    assert_eq!(
        (&lines[2]["ending"], &lines[2]["rows"]),
        (&"done".into(), &0.into())
    );
}

/// What is made ready before the start (connections, the token of CSRF) sends no purchase before it.
#[test]
fn connections_and_tokens_are_made_before_the_start() {
    for options in [
        &["--preconnect"][..],
        &["--csrf"],
        &["--csrf", "--preconnect", "--keep-alive"],
    ] {
        let protection: &[&str] = match options.contains(&"--csrf") {
            true => &["--csrf"],
            false => &[],
        };
        let shop = Shop::start(protection);
        let at = instant(1.0);
        let all = [&["--start-at", &at][..], options].concat();
        let (dir, finished) = Shards::start(&shop.url, "-c 9", 2, &all).end();
        let given: f64 = at.parse().expect("seconds");
        let mut sold = 0;
        for (number, finished) in (1..).zip(finished) {
            finished.ok();
            let file = dir.path().join(format!("rows-{number}.csv"));
            let rows = rows(&file);
            assert!(
                rows.iter().all(|row| row["client_buy_http_code"] == "200"),
                "{options:?}"
            );
            sold += rows.len() as u64;
            let start = lines(&file)[1]["first_start"]
                .as_str()
                .expect("a start")
                .to_owned();
            let start: Timestamp = start.parse().expect("ISO 8601");
            // The instant is exact to the microseconds in which it was given.
            let late = start.as_nanosecond() as f64 / 1e9 - given;
            assert!(late >= -0.0001, "{options:?}: {late}");
        }
        assert_eq!(sold, 9, "{options:?}");
        assert_eq!(shop.stat("distinct_emails"), sold, "{options:?}");
    }
}

/// All parts of a sweep begin at their slots, and every row has the level of the whole run.
#[test]
fn the_parts_of_a_sweep_start_at_their_slots() {
    let load = "-c 1,10 --rounds 2 --warm-up 3";
    let till = Till::start();
    let whole_dir = tempdir().expect("a directory");
    let whole_file = whole_dir.path().join("w.csv");
    let mut args = words(&till.url(), &whole_file.to_string_lossy(), load);
    args.extend(["--seed", "5"].map(str::to_owned));
    client(args).ok();
    let whole: Vec<Order> = sorted(till.orders());
    // The warm-ups buy, too.
    assert_eq!(whole.len(), 22 + 4 * 3);
    let till = Till::start();
    let at = instant(1.0);
    let options = ["--start-at", &at, "--slot", "600ms"];
    let (dir, finished) = Shards::start(&till.url(), load, 2, &options).end();
    assert_eq!(sorted(till.orders()), whole);
    let first: f64 = at.parse().expect("seconds");
    let mut levels: BTreeMap<String, usize> = BTreeMap::new();
    for (number, finished) in (1..).zip(finished) {
        finished.ok();
        let file = dir.path().join(format!("rows-{number}.csv"));
        for row in rows(&file) {
            *levels
                .entry(row["concurrent_requests"].clone())
                .or_default() += 1;
        }
        let parts = lines(&file)
            .into_iter()
            .filter(|line| line["line"] == "part");
        for (part, line) in parts.enumerate() {
            let Some(start) = line["first_start"].as_str() else {
                assert_eq!((number, line["level"].as_u64()), (2, Some(1)));
                continue;
            };
            let start: Timestamp = start.parse().expect("ISO 8601");
            // Each part comes after its warm-up.
            let due = first + 0.6 * (2 * part + 1) as f64;
            let late = start.as_nanosecond() as f64 / 1e9 - due;
            assert!(late >= -0.0001, "{part}: {late}");
        }
    }
    assert_eq!(lines(&whole_file).len(), 6);
    let expected = [("1".to_owned(), 2), ("10".to_owned(), 20)];
    assert_eq!(levels, BTreeMap::from(expected));
}

#[test]
fn a_shard_that_is_late_says_so_or_refuses() {
    let shop = Shop::start(&[]);
    let at = instant(-2.0);
    let load = "--rate 10/s --count 30";
    let (dir, finished) = Shards::start(&shop.url, load, 1, &["--start-at", &at, "--phases"]).end();
    for finished in finished {
        let finished = finished.ok();
        assert!(finished.stderr.contains("ready 2."), "{finished:#?}");
        let lines = lines(&dir.path().join("rows-1.csv"));
        let delays = &lines[1]["figures"]["launch_delay"];
        assert!(!delays.is_null(), "{lines:#?}");
    }
    let rows = rows_with_phases(&dir.path().join("rows-1.csv"));
    assert_eq!(rows.len(), 30);

    let sold = shop.stat("distinct_emails");
    let options = ["--start-at", &at, "--start-strict"];
    let (dir, finished) = Shards::start(&shop.url, load, 1, &options).end();
    for finished in finished {
        finished.refused(1, &["--start-strict", "ready 2.", "later"]);
    }
    assert_eq!(shop.stat("distinct_emails"), sold);
    assert_eq!(rows_of_shard(&dir.path().join("rows-1.csv")), 0);
}

#[test]
fn a_part_that_outlasts_its_slot_is_an_error_and_its_rows_are_safe() {
    let shop = Shop::start(&["--service-time", "300ms"]);
    let at = instant(0.5);
    let options = ["--start-at", &at, "--slot", "100ms"];
    let (dir, finished) = Shards::start(&shop.url, "-c 3 --rounds 2", 1, &options).end();
    for finished in finished {
        finished.refused(1, &["--slot", "part 1 ended", "part 2", "a longer --slot"]);
    }
    assert_eq!(rows(&dir.path().join("rows-1.csv")).len(), 3);
}

/// Nothing follows the last part that could be late.
#[test]
fn the_last_part_is_compared_with_its_slot_too() {
    let shop = Shop::start(&["--service-time", "300ms"]);
    let at = instant(0.5);
    let options = ["--start-at", &at, "--slot", "100ms"];
    let (dir, finished) = Shards::start(&shop.url, "-c 3", 1, &options).end();
    for finished in finished {
        let finished = finished.refused(1, &["--slot", "part 1 ended", "a longer --slot"]);
        assert!(!finished.stderr.contains("part 2"), "{finished:#?}");
    }
    let file = dir.path().join("rows-1.csv");
    assert_eq!(rows(&file).len(), 3);
    let lines = lines(&file);
    assert_eq!(lines[0]["slot_seconds"], 0.1);
    assert_eq!(lines[1]["rows"], 3);
    assert_eq!(lines[2]["ending"], "failed");
}

/// A wait for the start ends with a signal.
#[test]
fn an_interrupt_ends_the_wait_for_the_start() {
    let shop = Shop::start(&[]);
    let at = instant(600.0);
    let mut shards = Shards::start(&shop.url, "-c 3", 1, &["--start-at", &at]);
    let child = &shards.children[0];
    let file = shards.directory.path().join("rows-1.csv");
    wait_until("the run line", || {
        std::fs::read_to_string(format!("{}.runs.jsonl", file.display()))
            .is_ok_and(|text| text.ends_with('\n'))
    });
    signal(child.id(), libc::SIGINT);
    let child = shards.children.remove(0);
    let finished = wait(child);
    assert_ne!(finished.code(), Some(0), "{finished:#?}");
    assert_eq!(shop.stat("distinct_emails"), 0);
    assert_eq!(rows_of_shard(&file), 0);
}

#[test]
fn the_engine_tells_the_shard() {
    let shop = Shop::start(&[]);
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("rows-%s.csv");
    let mut args = words(&shop.url, file.to_str().expect("UTF-8"), "-c 5");
    args.extend(["--seed", "1", "--shard", "auto"].map(str::to_owned));
    let mut two = command(&args);
    two.env("JOB_COMPLETION_INDEX", "1").env("SHARDS", "3");
    let finished = finish(two).ok();
    assert!(
        finished.stderr.contains("2/3 by JOB_COMPLETION_INDEX"),
        "{finished:#?}"
    );
    let file = dir.path().join("rows-2.csv");
    assert_eq!(rows(&file).len(), 2);
    let run = &lines(&file)[0];
    assert_eq!(run["shard_source"], "JOB_COMPLETION_INDEX");
    for error in ["estimated_error_nanos", "maximum_error_nanos"] {
        assert!(run["clock"][error].is_u64(), "{run:#?}");
    }
    assert!(run["clock"]["synchronised"].is_boolean(), "{run:#?}");
    client(&args).refused(2, &["--shard", "auto", "no engine", "K/N"]);
}

#[test]
fn bad_shards_are_refused_before_any_load() {
    let server = Scripted::start(|_, _| {});
    for (options, parts) in [
        (
            "--shard 0/3 --seed 1",
            &["--shard", "0/3", "from 1 to N"][..],
        ),
        ("--shard 4/3 --seed 1", &["shard 4 of 3 does not exist"][..]),
        ("--shard x/3 --seed 1", &["--shard", "x/3"][..]),
        ("--shard 1/3", &["--shard", "--seed"][..]),
        (
            "--shard 1/3 --seed 1 -c 1,2",
            &["--slot", "several parts"][..],
        ),
        (
            "--shard 1/3 --seed 1 --rounds 2 --start-at +1s",
            &["--slot"][..],
        ),
        (
            "--shard 1/3 --seed 1 --warm-up 5 --start-at +1s",
            &["--slot"][..],
        ),
        (
            "--shard 1/3 --seed 1 --rate 5 --count 5 --max-in-flight 2",
            &["--max-in-flight", "3 shards"][..],
        ),
        (
            "--shard 1/3 --seed 1 --variant a --variant b --prepare true --start-at +1s --slot 1s",
            &["--shard", "--variant", "one process"][..],
        ),
        ("--start-strict", &["--start-strict", "--start-at"][..]),
        ("--slot 5s", &["--slot", "--start-at"][..]),
        ("--start-at soon", &["--start-at", "soon", "RFC 3339"][..]),
        ("--start-at 5", &["--start-at", "more than a day ago"][..]),
        (
            "--start-at +1s --slot 1s --pause 1s -c 1,2",
            &["--pause", "--slot"][..],
        ),
    ] {
        let dir = tempdir().expect("a directory");
        let file = dir.path().join("r.csv");
        let args = words(&server.url(), file.to_str().expect("UTF-8"), options);
        client(args).refused(2, parts);
        assert!(!file.exists());
    }
    let args = words(&server.url(), "rows-%d.csv", "--shard 1/3 --seed 1");
    client(args).refused(2, &["--output", "%s is the number of the shard"]);
    assert_eq!(server.connections(), 0);
    assert!(!Path::new("rows-%d.csv").exists());
}
