//! Sharded runs on a real Slurm, submitted as `deploy slurm ... | sbatch` does.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use profilerclient::plan::{DOMAIN, Orders};
use serde_json::Value;

use crate::django_support::DjangoShop;
use crate::recorder::Recorder;
use crate::slurm_support::Cluster;
use crate::support::*;

const SEED: u64 = 20_150_103;

/// Shopper numbers of one part of a run begin at a multiple of this.
const ROOM: u64 = 1 << 40;

/// Tests allow this much between the instant and a start on a loaded machine; typical are less than 3 ms.
const ALLOWED: f64 = 0.025;

/// The script that `deploy slurm` prints for three shards.
fn script(url: &str, app: &str, flags: &[&str]) -> String {
    let seed = SEED.to_string();
    let common = [
        "deploy",
        "slurm",
        "--shards",
        "3",
        "--start-in",
        "3s",
        "--",
        "-t",
        url,
        "-d",
        app,
    ];
    let all = [&common[..], &["--seed", &seed], flags].concat();
    client(all).ok().stdout
}

/// What a job left behind.
struct Job {
    code: i32,
    output: String,
    /// Of the merged file.
    summary: Value,
    rows: Vec<Row>,
}

/// A shorter limit for shards that never end.
const SHORT: [(&str, &str); 1] = [("LIMIT", "12")];

impl Job {
    fn of(cluster: &Cluster, job: u64) -> Job {
        let (code, output) = cluster.wait_for(job);
        let dir = cluster.of_job(job);
        let report = dir.join("report.csv");
        let lines = fs::read_to_string(dir.join("report.csv.runs.jsonl"));
        let lines = lines.unwrap_or_else(|error| panic!("{error}: {output}\n{}", logs(&dir)));
        let run: Value =
            serde_json::from_str(lines.lines().next().expect("a run line")).expect("JSON");
        Job {
            code,
            output,
            summary: run["merged"].clone(),
            rows: rows(&report),
        }
    }

    /// That it is whole. Returns whether all starts were at the instant, each by its own clock, which here is one for
    /// all: never before it, and not much later.
    #[track_caller]
    fn is_whole(&self, what: &str) -> bool {
        assert_eq!(self.code, 0, "{}", self.output);
        assert_eq!(self.summary["merged"], 3, "{:#}", self.summary);
        assert_eq!(self.summary["partial"], false);
        let each = self.summary["each"].as_array().expect("shards");
        let delays: Vec<f64> = (each.iter().enumerate())
            .map(|(place, shard)| {
                let delay = shard["start_delay_seconds"].as_f64().expect("a start");
                // The first arrivals of an open load are due one after another: 300/s.
                delay - (place as f64 / 300.0) * f64::from(u8::from(what.contains("open")))
            })
            .collect();
        let spread = &self.summary["starts"]["spread_seconds"];
        // Shown with --nocapture: these are the figures of the documentation.
        eprintln!("{what}: starts after the instant, s: {delays:?}; spread {spread}");
        assert!(
            delays.iter().all(|delay| *delay >= -1e-6),
            "before the instant: {delays:?}"
        );
        delays.iter().all(|delay| *delay <= ALLOWED)
    }

    /// That shards are missing, said clearly, and the rows of the others are whole.
    #[track_caller]
    fn is_partial(&self, dir: &Path, merged: usize, parts: &[&str]) {
        assert_eq!(self.code, 3, "{}", self.output);
        let told = format!("PARTIAL: {merged} of 3 shards");
        assert!(self.output.contains(&told), "{}", self.output);
        for part in parts {
            assert!(self.output.contains(part), "{part}: {}", self.output);
        }
        let each = self.summary["each"].as_array().expect("shards");
        let mut expected = 0;
        for shard in each.iter().filter(|shard| shard["merged"] == true) {
            let own = rows(&dir.join(format!("rows-{}.csv", shard["index"])));
            assert_eq!(shard["rows"], own.len());
            expected += own.len();
        }
        assert_eq!(
            each.iter().filter(|shard| shard["merged"] == true).count(),
            merged
        );
        assert_eq!(self.rows.len(), expected);
    }
}

fn logs(dir: &Path) -> String {
    let logs = (0..3).map(|task| fs::read_to_string(dir.join(format!("shard-{task}.log"))));
    logs.map(|log| log.unwrap_or_default() + "\n---\n")
        .collect()
}

/// The addresses of a part's shoppers, as one process has them.
fn addresses(part: u64, shoppers: u64) -> BTreeSet<String> {
    let orders = Orders {
        seed: SEED,
        products: 4,
        first: part * ROOM,
    };
    let of = |index| {
        let name = orders.order(index).address.to_vec();
        format!("{}@{DOMAIN}", String::from_utf8(name).expect("ASCII"))
    };
    (0..shoppers).map(of).collect()
}

/// That percentiles of the summary are those of all rows; of a sweep, those of each level.
#[track_caller]
fn percentiles_are_those_of_the_rows(dir: &Path, rows: &[Row]) {
    let shown = fs::read(dir.join("report.json")).expect("the JSON summary");
    let summary: Value = serde_json::from_slice(&shown).expect("JSON");
    assert_eq!(summary["rows_written"], rows.len());
    let levels: Vec<&Value> = match summary["levels"].as_array() {
        Some(levels) => levels.iter().collect(),
        None => vec![&summary],
    };
    for level in levels {
        let concurrent = level["concurrent"].to_string();
        let is_of_level =
            |row: &&Row| summary["levels"].is_null() || row["concurrent_requests"] == concurrent;
        let mut elapsed: Vec<f64> = (rows.iter().filter(is_of_level))
            .map(|row| row["client_buy_elapsed_seconds"].parse().expect("a number"))
            .collect();
        elapsed.sort_by(f64::total_cmp);
        let found = &level["buy_elapsed_seconds"];
        assert_eq!(found["n"], elapsed.len());
        for (name, share) in [("p50", 0.5), ("p90", 0.9), ("p95", 0.95)] {
            let rank = (elapsed.len() as f64 * share).ceil() as usize;
            // A sweep of few shoppers does not support all of them.
            let Some(value) = found[name].as_f64() else {
                assert!(elapsed.len() < 100, "{name} of {}", elapsed.len());
                continue;
            };
            assert!(
                (value - elapsed[rank - 1]).abs() < 1e-9,
                "{name}: {value} of {rank}"
            );
        }
        assert_eq!(found["max"].as_f64(), elapsed.last().copied());
    }
}

/// How often a job is tried: other work on this machine may delay a start.
const ATTEMPTS: usize = 3;

/// Runs a whole job at the embedded shop until its starts were at the instant.
fn whole(cluster: &Cluster, what: &str, flags: &[&str], parts: &[u64]) {
    let is_punctual = (0..ATTEMPTS).any(|_| attempt(cluster, what, flags, parts));
    assert!(
        is_punctual,
        "{what}: in {ATTEMPTS} jobs a start was more than {ALLOWED} s late"
    );
}

/// Runs it once, behind a recorder of what is ordered, and returns whether the starts were at the instant.
fn attempt(cluster: &Cluster, what: &str, flags: &[&str], parts: &[u64]) -> bool {
    let shop = Shop::start(&["--inventory", "1000000"]);
    let recorder = Recorder::before(&shop.url);
    let name = format!("{}.json", what.replace([' ', '/'], "-"));
    let json = cluster.dir().join(name);
    let json_flag = format!("--json-file={}", json.display());
    let script = script(&recorder.url(), "rdbms", &[flags, &[&json_flag]].concat());
    let job = cluster.submit(&script, &[], &[]);
    let found = Job::of(cluster, job);
    let is_punctual = found.is_whole(what);
    let copy = cluster.of_job(job).join("report.json");
    fs::copy(&json, copy).expect("the JSON summary");
    let all: u64 = parts.iter().sum();
    assert_eq!(found.rows.len() as u64, all, "{what}");
    assert_eq!(shop.stat("purchases"), all, "{what}: rows are sales");
    let planned = (0..).zip(parts);
    let planned = planned.flat_map(|(part, shoppers)| addresses(part, *shoppers));
    let mut planned: Vec<String> = planned.collect();
    planned.sort_unstable();
    assert_eq!(recorder.addresses(), planned, "{what}");
    percentiles_are_those_of_the_rows(&cluster.of_job(job), &found.rows);
    is_punctual
}

#[test]
fn a_burst_an_open_load_and_a_sweep_are_those_of_one_process() {
    let Some(cluster) = Cluster::start(3) else {
        return;
    };
    whole(&cluster, "a burst of 900", &["-c", "900"], &[900]);
    let open = ["--rate", "300/s", "--count", "900"];
    whole(&cluster, "an open load of 300/s", &open, &[900]);
    let sweep = ["-c", "31,60", "--rounds", "2", "--slot", "2s"];
    whole(&cluster, "a sweep", &sweep, &[31, 60, 31, 60]);
}

#[test]
fn a_burst_at_the_django_shop() {
    let Some(shop) = DjangoShop::start(&["--server", "gunicorn-gthread"]) else {
        return;
    };
    let Some(cluster) = Cluster::start(3) else {
        return;
    };
    let what = "a burst of 60 at the Django shop";
    let script = script(&shop.url, "rdbms", &["-c", "60"]);
    let is_punctual = (1..=ATTEMPTS).any(|attempt| {
        let found = Job::of(&cluster, cluster.submit(&script, &[], &[]));
        assert_eq!(found.rows.len(), 60);
        let orders = shop.settled("rdbms");
        assert_eq!(orders.len(), 60 * attempt, "rows are sales");
        let sold: BTreeSet<String> = orders.into_iter().map(|order| order.0).collect();
        assert_eq!(sold, addresses(0, 60));
        found.is_whole(what)
    });
    assert!(
        is_punctual,
        "{what}: a start was more than {ALLOWED} s late, each time"
    );
}

/// A load of some seconds, of which a shard can miss the end.
const LONG: [&str; 6] = ["--rate", "60/s", "--duration", "5s", "--timeout", "2s"];

/// Waits until a shard has written rows.
fn is_under_way(cluster: &Cluster, job: u64, shard: usize) {
    let rows = cluster.of_job(job).join(format!("rows-{shard}.csv"));
    wait_until("rows", || {
        fs::metadata(&rows).is_ok_and(|found| found.len() > 1_000)
    });
}

#[test]
fn a_task_killed_in_the_middle_of_the_run_is_missing() {
    let Some(cluster) = Cluster::start(3) else {
        return;
    };
    let shop = Shop::start(&["--inventory", "1000000"]);
    let job = cluster.submit(&script(&shop.url, "rdbms", &LONG), &[], &[]);
    let task = cluster.task(job, 1);
    is_under_way(&cluster, job, 2);
    signal(task, libc::SIGKILL);
    let found = Job::of(&cluster, job);
    found.is_partial(&cluster.of_job(job), 2, &["shard 2", "no end line"]);
    assert_eq!(found.rows.len(), 200, "the other rows are whole");
}

/// The step's daemon dies with its node: srun waits for it in vain.
#[test]
fn a_node_that_dies_in_the_middle_of_the_run_is_missing() {
    let Some(mut cluster) = Cluster::start(3) else {
        return;
    };
    let shop = Shop::start(&["--inventory", "1000000"]);
    let job = cluster.submit(&script(&shop.url, "rdbms", &LONG), &[], &SHORT);
    is_under_way(&cluster, job, 3);
    // The script runs on the first node.
    cluster.kill_node(3);
    let found = Job::of(&cluster, job);
    found.is_partial(&cluster.of_job(job), 2, &["shard 3", "no end line"]);
    assert_eq!(found.rows.len(), 200, "the other rows are whole");
}

#[test]
fn a_task_that_never_starts_is_missing() {
    let Some(cluster) = Cluster::start(3) else {
        return;
    };
    let shop = Shop::start(&["--inventory", "1000000"]);
    let wrapper = cluster.dir().join("program");
    let never = format!(
        "#!/bin/sh\n[ \"$1\" = merge ] || [ \"$SLURM_PROCID\" != 0 ] || exit 127\nexec '{BINARY}' \"$@\"\n"
    );
    fs::write(&wrapper, never).expect("written");
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(&wrapper, fs::Permissions::from_mode(0o755)).expect("its owner");
    let program = [("PROFILERCLIENT", wrapper.to_str().expect("UTF-8"))];
    let job = cluster.submit(&script(&shop.url, "rdbms", &["-c", "90"]), &[], &program);
    let found = Job::of(&cluster, job);
    found.is_partial(&cluster.of_job(job), 2, &["shard 1", "does not exist"]);
    assert_eq!(found.rows.len(), 60);
    assert_eq!(shop.stat("purchases"), 60);
}

/// `scancel --batch --signal=TERM` is how the script says that a run is ended early.
#[test]
fn a_job_ended_early_keeps_the_rows_of_all_shards() {
    let Some(cluster) = Cluster::start(3) else {
        return;
    };
    let shop = Shop::start(&["--inventory", "1000000"]);
    let load = ["--rate", "60/s", "--duration", "40s", "--timeout", "2s"];
    let job = cluster.submit(&script(&shop.url, "rdbms", &load), &[], &[]);
    (1..=3).for_each(|shard| is_under_way(&cluster, job, shard));
    let mut cancel = cluster.command("scancel");
    cancel.args(["--batch", "--signal=TERM", &job.to_string()]);
    finish_command(&mut cancel).ok();
    let found = Job::of(&cluster, job);
    assert_eq!(
        found.summary["merged"], 3,
        "{:#}\n{}",
        found.summary, found.output
    );
    let shards =
        (1..=3).map(|shard| rows(&cluster.of_job(job).join(format!("rows-{shard}.csv"))).len());
    assert_eq!(found.rows.len(), shards.sum::<usize>());
    assert!(found.output.contains("srun ended"), "{}", found.output);
}
