//! Which resource is short, told of real runs at servers whose reports say what they are short of.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Condvar, Mutex};
use std::thread;
use std::time::Duration;

use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

use crate::shards_support::change;
use crate::support::*;

/// What a server is, and what it reports about itself.
#[derive(Clone, Copy)]
struct Kind {
    /// Purchases at the same time; others wait for their turn.
    workers: u32,
    /// Of a purchase alone, milliseconds.
    service: u64,
    /// Whether purchases at the same time share the CPU: then each takes longer.
    shares_cpu: bool,
    /// Percent of the CPU; absent where it reports none.
    cpu: Option<f64>,
    /// The CPU time of a purchase, as a share of its service time.
    on_cpu: f64,
    /// Every n-th purchase is answered by a page with the status 500; 0 for none.
    fails: u32,
}

const WORKERS: Kind = Kind {
    workers: 1,
    service: 8,
    shares_cpu: false,
    cpu: Some(12.0),
    on_cpu: 0.9,
    fails: 0,
};

const CPU: Kind = Kind {
    workers: 1_000,
    service: 4,
    shares_cpu: true,
    cpu: Some(97.0),
    on_cpu: 0.95,
    fails: 0,
};

const DATABASE: Kind = Kind {
    workers: 1_000,
    service: 30,
    shares_cpu: false,
    cpu: Some(9.0),
    on_cpu: 0.05,
    fails: 0,
};

/// Starts it.
fn server(kind: Kind) -> Scripted {
    let busy = (Mutex::new(0_u32), Condvar::new());
    let at_once = AtomicU32::new(0);
    let number = AtomicU32::new(0);
    Scripted::purchases(move |mut stream| {
        let (lock, freed) = &busy;
        let taken = lock.lock().expect("no panic");
        let mut taken = freed
            .wait_while(taken, |taken| *taken >= kind.workers)
            .expect("no panic");
        *taken += 1;
        drop(taken);
        let started = jiff::Timestamp::now();
        let others = at_once.fetch_add(1, Ordering::SeqCst);
        let factor = if kind.shares_cpu {
            u64::from(others) + 1
        } else {
            1
        };
        thread::sleep(Duration::from_millis(kind.service * factor));
        at_once.fetch_sub(1, Ordering::SeqCst);
        let stopped = jiff::Timestamp::now();
        *lock.lock().expect("no panic") -= 1;
        freed.notify_one();
        let elapsed = stopped.duration_since(started).as_secs_f64();
        let body = json!({
            "cpu_usage": kind.cpu,
            "cpu_seconds": elapsed * kind.on_cpu,
            "elapsed_seconds": elapsed,
            "error_msg": "",
            "memory_usage": 100,
            "result": true,
            "started_time": started.to_string(),
            "stopped_time": stopped.to_string(),
        });
        let is_failed = kind.fails > 0
            && number
                .fetch_add(1, Ordering::SeqCst)
                .is_multiple_of(kind.fails);
        let answer = match is_failed {
            true => page(500, "text/html", "<h1>Server Error</h1>"),
            false => page(200, "application/json", &body.to_string()),
        };
        respond(&mut stream, &answer);
    })
}

/// Runs both as variants, and compares their rows.
fn compared(kinds: [(&str, Kind); 2], load: &str) -> (TempDir, PathBuf, Value) {
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("rows.csv");
    let servers = kinds.map(|(_, kind)| server(kind));
    let mut words: Vec<String> = ["-d", "rdbms", "-q", "-o"].map(str::to_owned).to_vec();
    words.push(file.display().to_string());
    words.extend(load.split(' ').map(str::to_owned));
    for ((name, _), server) in kinds.iter().zip(&servers) {
        words.extend(["--variant".to_owned(), format!("{name}={}", server.url())]);
    }
    client(words).ok();
    // Whatever else this machine has to do meanwhile.
    change(&file, "part", |part| {
        for figure in ["home", "purchase", "pace"] {
            part["verdict"][figure]["state"] = json!("trusted");
            part["verdict"][figure]["reasons"] = json!([]);
        }
    });
    let found = read(&file);
    (dir, file, found)
}

fn read(file: &Path) -> Value {
    let name = file.display().to_string();
    let read = client(["compare", &name, "--by", "variant", "--json"]).ok();
    serde_json::from_str(&read.stdout).expect("JSON")
}

/// The resource and the sentence of each side of the last group.
fn resources(found: &Value) -> BTreeMap<String, (String, String)> {
    let groups = found["groups"].as_array().expect("groups");
    let sides = groups.last().expect("a group")["sides"]
        .as_array()
        .expect("sides");
    let text = |value: &Value| value.as_str().expect("text").to_owned();
    sides
        .iter()
        .map(|side| {
            let of = &side["resource"];
            (
                text(&side["name"]),
                (text(&of["short"]), text(&of["sentence"])),
            )
        })
        .collect()
}

#[track_caller]
fn assert_short(found: &Value, name: &str, short: &str, parts: &[&str]) {
    let (found, sentence) = &resources(found)[name];
    assert_eq!(found, short, "{name}: {sentence}");
    for part in parts {
        assert!(sentence.contains(part), "{part:?}: {sentence}");
    }
}

#[test]
fn too_few_workers_and_a_slow_database_are_told_apart() {
    let (_dir, _, found) = compared(
        [("workers", WORKERS), ("database", DATABASE)],
        "-c 8 --repeat 4 --rounds 2",
    );
    let told = [
        "workers: ",
        "queueing and network before the server's code, and its CPU is 12 % busy",
    ];
    assert_short(&found, "workers", "workers", &told);
    let told = [
        "the second server or the database: ",
        "5 % of that on the CPU, and its CPU is 9 % busy",
    ];
    assert_short(&found, "database", "second_server_or_database", &told);
}

#[test]
fn a_busy_cpu_and_a_server_that_reports_none_are_told_apart() {
    let silent = Kind { cpu: None, ..CPU };
    let (_dir, _, found) = compared(
        [("cpu", CPU), ("silent", silent)],
        "-c 8 --repeat 4 --rounds 2",
    );
    assert_short(
        &found,
        "cpu",
        "cpu",
        &["CPU of the server: its CPU is 97 % busy"],
    );
    let told = ["not told by these figures: the server reports no CPU usage"];
    assert_short(&found, "silent", "not_told", &told);
}

#[test]
fn a_sweep_tells_by_what_grows_with_the_level() {
    let kinds = [("workers", WORKERS), ("cpu", CPU)];
    let (_dir, _, found) = compared(kinds, "-c 1,12 --repeat 4 --rounds 2");
    assert_eq!(found["groups"].as_array().expect("groups").len(), 2);
    assert_short(&found, "workers", "workers", &["workers: "]);
    assert_short(
        &found,
        "cpu",
        "cpu",
        &["97 % busy and the service time grows with the level"],
    );
}

#[test]
fn failures_are_named_beside_the_resource() {
    let failing = Kind {
        fails: 4,
        ..WORKERS
    };
    let kinds = [("failing", failing), ("workers", WORKERS)];
    let (_dir, _, found) = compared(kinds, "-c 8 --repeat 4 --rounds 2");
    assert_short(
        &found,
        "failing",
        "workers",
        &["; 25 % of the shoppers failed"],
    );
    assert!(!resources(&found)["workers"].1.contains("failed"));
}

/// By the verdicts beside the rows: a client that is too slow hides what the server is short of.
#[test]
fn a_client_that_limited_the_run_is_what_is_short() {
    let kinds = [("workers", WORKERS), ("database", DATABASE)];
    let (_dir, file, _) = compared(kinds, "-c 8 --repeat 4 --rounds 2");
    change(&file, "part", |part| {
        if part["variant"] == "workers" {
            let reason =
                json!({"kind": "read_delay", "reason": "mean read delay 5 ms", "hint": "wait"});
            part["verdict"]["home"]["state"] = json!("not_trusted");
            part["verdict"]["home"]["reasons"] = json!([reason]);
            part["verdict"]["purchase"] = part["verdict"]["home"].clone();
        }
    });
    let found = read(&file);
    assert_short(
        &found,
        "workers",
        "client",
        &["this client: it limited the load or the latencies"],
    );
    assert_short(&found, "database", "second_server_or_database", &[]);
    let warnings = found["warnings"].to_string();
    let told = "workers: the latencies of 2 of 2 parts are NOT TRUSTED (mean read delay 5 ms)";
    assert!(warnings.contains(told), "{warnings}");
}
