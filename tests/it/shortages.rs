//! Verdicts where others take what this program needs, the CPU or the source ports: the hint, followed, changes
//! the verdict.

use std::hint::black_box;
use std::io;
use std::os::unix::process::CommandExt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use serde_json::Value;
use tempfile::tempdir;

use crate::load_support::words;
use crate::support::*;
use crate::verdicts::{assert_given, assert_gone, json, kinds};
use crate::ways::{has_own_network, with_ten_ports};

/// What a hint about the machine says.
const OF_ITS_OWN: &str = "a CPU of its own (--cpu)";

/// Keeps the calling thread, and what it starts, on one CPU.
fn stay_on(cpu: usize) -> io::Result<()> {
    // SAFETY: zeros are an empty set, and the set outlives both calls.
    let result = unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        libc::CPU_SET(cpu, &mut set);
        libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), &raw const set)
    };
    match result {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

/// The CPUs that this process may use.
fn cpus() -> Vec<usize> {
    // SAFETY: zeros are an empty set, which the call fills in.
    let set = unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        let size = size_of::<libc::cpu_set_t>();
        assert_eq!(libc::sched_getaffinity(0, size, &raw mut set), 0);
        set
    };
    let count = libc::CPU_SETSIZE as usize;
    // SAFETY: the numbers are within the set.
    (0..count)
        .filter(|&cpu| unsafe { libc::CPU_ISSET(cpu, &set) })
        .collect()
}

/// Does something beside a thread that needs all of a CPU.
fn beside_a_busy_loop<T>(cpu: usize, what: impl FnOnce() -> T) -> T {
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            stay_on(cpu).expect("one of this process's CPUs");
            while !is_over.load(Ordering::Relaxed) {
                black_box(0);
            }
        });
        // Also where an assertion fails: the scope waits for its threads.
        let result = catch_unwind(AssertUnwindSafe(what));
        is_over.store(true, Ordering::Relaxed);
        result.unwrap_or_else(|panic| resume_unwind(panic))
    })
}

/// A run at such a priority that whoever else wants its CPU has nearly all of it.
fn low_priority(url: &str, cpu: Option<usize>, options: &str) -> Value {
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let mut args = words(url, file.to_str().expect("UTF-8"), options);
    args.push("--json".to_owned());
    let mut command = command(args);
    // SAFETY: between fork and exec there are but two system calls.
    unsafe {
        command.pre_exec(move || {
            libc::setpriority(libc::PRIO_PROCESS, 0, 19);
            cpu.map_or(Ok(()), stay_on)
        });
    }
    json(&finish(command).ok())
}

/// An open load whose arrivals are late since others have the CPU.
#[test]
fn contention_ends_with_a_cpu_of_its_own() {
    let cpus = cpus();
    let [first, second, ..] = cpus[..] else {
        eprintln!("SKIPPED: contention (one CPU)");
        return;
    };
    let shop = Shop::start(&[]);
    let load = "--rate 100/s --duration 1s -p /";
    let is_contended = |json: &Value| kinds(json, "pace").iter().any(|of| of == "contention");
    beside_a_busy_loop(first, || {
        let contended = low_priority(&shop.url, Some(first), load);
        assert_given(&contended, "pace", "launch_delay", OF_ITS_OWN);
        assert_given(&contended, "pace", "contention", OF_ITS_OWN);
        // The other tests may need that CPU, too.
        let own = format!("{load} --cpu {second}");
        let uncontended = (0..5)
            .map(|_| low_priority(&shop.url, None, &own))
            .find(|json| !is_contended(json));
        match uncontended {
            Some(json) => assert_gone(&json, "pace", "launch_delay"),
            None => eprintln!("SKIPPED: a CPU of its own (others need both)"),
        }
    });
}

/// Eight of ten ports are held by another run at the same shop.
#[test]
fn missing_ports_end_with_more_source_addresses() {
    if !has_own_network() {
        return;
    }
    let of = |more: &str| {
        let dir = tempdir().expect("a directory");
        let url = "http://127.0.0.1:8000";
        let script = format!(
            "cd {dir} || exit 99
             {BINARY} shop --listen 127.0.0.1:8000 --service-time 3s --workers 20 > shop & shop=$!
             until [ -s shop ]; do sleep 0.05; done
             {BINARY} -t {url} -d rdbms -c 8 -p / --keep-alive -o held.csv > held 2>&1 & held=$!
             until [ $(grep -c ' 01 ' /proc/net/tcp) -ge 16 ]; do sleep 0.05; done
             {BINARY} -t {url} -d rdbms -c 5 -p / -o rows.csv --json {more} > found.json
             kill $held $shop
             cat found.json",
            dir = dir.path().display()
        );
        json(&with_ten_ports(&script).ok())
    };
    let short = of("");
    for figure in ["home", "pace"] {
        assert_given(&short, figure, "ports", "--bind A,B");
    }
    let enough = of("--bind 127.0.0.2,127.0.0.3");
    for figure in ["home", "purchase", "pace"] {
        assert_gone(&enough, figure, "ports");
    }
    assert_eq!(enough["failed_purchases"], 0, "{enough:#}");
}
