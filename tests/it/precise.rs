//! `--precise` and `--cpu`: what a load gets of them, and what it leaves out.

use std::fs;
use std::io;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use profilerclient::plan::{Curve, Load, Open, Pattern, Plan};
use profilerclient::reactor::{ReactorSettings, Recorder};
use profilerclient::signals::Signals;
use profilerclient::sys::busy_poll::BusyPoll;
use profilerclient::sys::{cpus, scheduling};
use serde_json::Value;
use tempfile::{TempDir, tempdir};

use crate::load_support::{orders_of, react};
use crate::support::*;

const MEASURES: [&str; 6] = [
    "cpu",
    "scheduler",
    "memory",
    "timer_slack",
    "spin",
    "busy_poll",
];

/// The user that tests with fewer rights run as, where they run as root: `nobody`.
const NOBODY: u32 = 65534;

fn is_root() -> bool {
    // SAFETY: geteuid has no arguments and cannot fail.
    unsafe { libc::geteuid() == 0 }
}

fn cpus_here() -> Vec<u32> {
    cpus::allowed().expect("the CPUs")
}

/// The arguments of a load, with its summary as JSON.
fn load(url: &str, file: &Path, more: &str) -> Vec<String> {
    let file = file.to_str().expect("a UTF-8 path");
    let words = ["-t", url, "-d", "rdbms", "-p", "/", "-o", file, "--json"];
    let words = words.into_iter().chain(more.split_whitespace());
    words.map(str::to_owned).collect()
}

fn json(finished: &Finished) -> Value {
    serde_json::from_str(&finished.stdout).unwrap_or_else(|error| panic!("{error}: {finished:#?}"))
}

/// The measure of that name.
fn measure<'a>(summary: &'a Value, name: &str) -> &'a Value {
    let measures = summary["precise"]["measures"].as_array();
    let mut measures = measures.expect("measures").iter();
    measures
        .find(|measure| measure["name"] == name)
        .unwrap_or_else(|| panic!("no {name} in {summary}"))
}

/// Asserts that each measure was taken, or is named with the reason.
#[track_caller]
fn assert_all_named(summary: &Value) {
    let measures = summary["precise"]["measures"].as_array().expect("measures");
    let names: Vec<&str> = (measures.iter())
        .map(|measure| measure["name"].as_str().expect("a name"))
        .collect();
    assert_eq!(names, MEASURES);
    for measure in measures {
        assert!(measure["asked"].is_string(), "{measure}");
        let is_told = measure["got"].is_string() || measure["why_not"].is_string();
        assert!(is_told, "{measure}");
    }
}

#[test]
fn the_process_runs_on_the_cpu_asked_for() {
    let shop = Shop::start(&[]);
    let dir = tempdir().expect("a directory");
    for cpu in [cpus_here()[0], *cpus_here().last().expect("one")] {
        let file = dir.path().join(format!("{cpu}.csv"));
        let args = load(
            &shop.url,
            &file,
            &format!("--rate 40/s --duration 1s --cpu {cpu}"),
        );
        let child = command(args)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        let status = format!("/proc/{}/status", child.id());
        let wanted = format!("Cpus_allowed_list:\t{cpu}\n");
        let is_pinned = || fs::read_to_string(&status).is_ok_and(|text| text.contains(&wanted));
        wait_until("the process to be pinned", is_pinned);
        let finished = wait(child).ok();
        let summary = json(&finished);
        assert_eq!(summary["precise"]["cpus_allowed"], cpu.to_string());
        let measures = summary["precise"]["measures"].as_array().expect("measures");
        assert_eq!(measures.len(), 1, "--cpu alone: {summary}");
        assert_eq!(measure(&summary, "cpu")["why_not"], Value::Null);
        assert_eq!(summary["instrument"]["spin_seconds"], 0.0);
        assert_eq!(rows(&file).len(), 40);
    }
}

#[test]
fn without_the_options_nothing_is_asked_for() {
    let shop = Shop::start(&[]);
    let dir = tempdir().expect("a directory");
    let args = load(&shop.url, &dir.path().join("report.csv"), "-c 3");
    let summary = json(&client(args).ok());
    assert_eq!(summary["precise"], Value::Null);
}

/// The CPUs on which the child of a process may run, once it has one.
fn cpus_of_child(parent: u32) -> Option<Vec<u32>> {
    let children = format!("/proc/{parent}/task/{parent}/children");
    let children = fs::read_to_string(children).ok()?;
    let child = children.split_whitespace().next()?;
    let status = fs::read_to_string(format!("/proc/{child}/status")).ok()?;
    let mut lines = status.lines();
    cpus::parse_list(lines.find_map(|line| line.strip_prefix("Cpus_allowed_list:\t"))?)
}

#[test]
fn the_demo_and_its_shop_have_a_cpu_each() {
    let all = cpus_here();
    let [first, .., last] = all[..] else {
        eprintln!("SKIPPED: a CPU for the demo's shop: this machine has one CPU");
        return;
    };
    let dir = tempdir().expect("a directory");
    for (more, own) in [
        ("", None),
        ("--cpu", Some(first)),
        ("--cpu", Some(last)),
        ("--precise", None),
    ] {
        let file = dir.path().join("report.csv");
        let mut demo = command(["demo", "-c", "1", "--json", "-o"]);
        demo.arg(&file).args(["--duration", "1s"]);
        demo.args(more.split_whitespace());
        demo.args(own.map(|cpu| cpu.to_string()));
        let demo = (demo.stdout(Stdio::piped()).stderr(Stdio::piped()))
            .spawn()
            .expect("it starts");
        // It may be anywhere until its address is known.
        let is_apart = || cpus_of_child(demo.id()).is_some_and(|cpus| cpus != all);
        wait_until("the shop to have CPUs of its own", is_apart);
        let shops = cpus_of_child(demo.id()).expect("it runs for a second");
        let summary = json(&wait(demo).ok());
        let clients = summary["precise"]["cpus_allowed"].as_str().expect("a list");
        let clients = cpus::parse_list(clients).expect("CPUs");
        let expected: Vec<u32> = (all.iter().copied())
            .filter(|cpu| !clients.contains(cpu))
            .collect();
        assert_eq!((clients.len(), shops), (1, expected), "{more}");
        assert!(own.is_none_or(|own| clients == [own]));
    }
}

#[test]
fn a_cpu_that_cannot_be_used_is_refused_before_any_load() {
    let shop = Shop::start(&[]);
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let allowed = cpus::list(&cpus_here());
    for cpu in ["8191", "100000", "4294967295"] {
        let named = format!("--cpu {cpu}");
        let parts = [named.as_str(), &format!("allowed: {allowed}")];
        for more in [&named, &format!("{named} --precise --rate 5/s --count 5")] {
            client(load(&shop.url, &file, more)).refused(2, &parts);
        }
        client(["calibrate", "--cpu", cpu]).refused(2, &parts);
        client(["demo", "--cpu", cpu]).refused(2, &parts);
    }
    for odd in ["x", "-1", "0-1", "0,1", "1.0", "", "+1", "4294967296"] {
        let args = load(&shop.url, &file, "-c 1");
        let args = args.into_iter().chain([format!("--cpu={odd}")]);
        client(args).refused(2, &["--cpu", "the number of one CPU"]);
    }
    assert_eq!(shop.stat("requests"), 0);
    assert!(!file.exists());
}

#[test]
fn a_cpu_outside_of_the_affinity_is_refused() {
    let all = cpus_here();
    let [first, .., last] = all[..] else {
        eprintln!("SKIPPED: a CPU that is not allowed: this machine has one CPU");
        return;
    };
    let shop = Shop::start(&[]);
    let dir = tempdir().expect("a directory");
    let on_first = |more: &str| {
        let mut command = command(load(&shop.url, &dir.path().join("report.csv"), more));
        // SAFETY: one system call, which changes the new process only.
        unsafe { command.pre_exec(move || cpus::allow(&[first])) };
        finish(command)
    };
    let parts = [&format!("--cpu {last}"), &*format!("allowed: {first})")];
    on_first(&format!("-c 1 --cpu {last}")).refused(2, &parts);
    let summary = json(&on_first("--precise --rate 20/s --count 10").ok());
    assert_eq!(summary["precise"]["cpus_allowed"], first.to_string());
}

#[test]
fn a_precise_open_load_has_all_its_rows_and_names_its_measures() {
    let shop = Shop::start(&[]);
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let args = load(&shop.url, &file, "--precise --rate 500/s --duration 1s");
    let summary = json(&client(args).ok());
    assert_all_named(&summary);
    let found = rows(&file);
    assert_eq!(found.len(), 500);
    assert_eq!(count_by(&found, "client_buy_http_code")["200"], 500);
    let is_alone = cpus::online().is_some_and(|online| online.len() == 1);
    let spin = &summary["instrument"]["spin_seconds"];
    match is_alone {
        true => assert_eq!(spin, 0.0),
        false => assert!(spin.as_f64() > Some(0.0), "{summary}"),
    }
    let busy_poll = measure(&summary, "busy_poll");
    let why = busy_poll["why_not"].as_str().expect("a reason");
    assert!(why.contains("loopback"), "{why}");
    let cpu = measure(&summary, "cpu")["got"].as_str().expect("a CPU");
    let pinned = summary["precise"]["cpus_allowed"].as_str().expect("a list");
    assert!(cpu.starts_with(&format!("{pinned} of ")), "{cpu}");
}

#[test]
fn every_kind_of_load_can_be_precise() {
    let shop = Shop::start(&[]);
    let dir = tempdir().expect("a directory");
    for (number, (more, count, spins)) in [
        ("-c 30", 30, false),
        ("-c 4 --repeat 5 --keep-alive", 20, false),
        ("-c 4 --repeat 5 --think-time 5ms", 20, true),
        ("-c 20 --ramp-up 100ms", 20, true),
        ("-c 20 --preconnect", 20, false),
        ("--rate 200/s --count 50 --arrivals poisson", 50, true),
        ("--rate 200/s --count 50 --keep-alive", 50, true),
        ("--rate 2000/s --count 400 --max-in-flight 1", 400, true),
        ("--stages 200ms@400/s", 40, true),
        ("-c 1,5 --rounds 2 --warm-up 3", 12, false),
    ]
    .into_iter()
    .enumerate()
    {
        let file = dir.path().join(format!("{number}.csv"));
        let args = load(&shop.url, &file, &format!("{more} --precise"));
        let summary = json(&client(args).ok());
        assert_all_named(&summary);
        assert_eq!(rows(&file).len(), count, "{more}");
        let why = measure(&summary, "spin")["why_not"].as_str().unwrap_or("");
        assert_eq!(!why.contains("scheduled"), spins, "{more}: {summary}");
    }
}

#[derive(Default)]
struct Rows(Vec<profilerclient::row::Row>);

impl Recorder for Rows {
    fn record(&mut self, row: profilerclient::row::Row) {
        self.0.push(row);
    }
}

#[test]
fn loads_that_spin_or_poll_the_device_are_complete() {
    let shop = Shop::start(&[]);
    let address = shop.url.trim_start_matches("http://");
    let address = address.parse().expect("the shop's address");
    let plan = Plan {
        shard: Default::default(),
        orders: orders_of(3),
        load: Load::Open(Open {
            curve: Curve::Constant(1000.0),
            pattern: Pattern::Poisson,
            count: Some(100),
            duration: None,
            max_in_flight: 100,
        }),
    };
    for (busy_poll, micros) in [
        (BusyPoll::Off, 100),
        (BusyPoll::Epoll, 0),
        // Refused for each socket of a user without the privilege, which is no failure.
        (BusyPoll::Sockets, 100),
    ] {
        for keep_alive in [false, true] {
            let settings = ReactorSettings {
                spin: Duration::from_micros(micros),
                busy_poll,
                timeout: Some(PATIENCE),
                ..ReactorSettings::towards(address)
            };
            let mut rows = Rows::default();
            let outcome = react(&plan, &settings, keep_alive, &mut rows);
            assert_eq!(outcome.counts.bought, 100, "{busy_poll:?} {keep_alive}");
            assert_eq!(rows.0.len(), 100);
            assert_eq!(outcome.spun > Duration::ZERO, micros > 0);
            assert!(outcome.spun <= outcome.cpu);
            let early = |row: &profilerclient::row::Row| row.home.started < row.due;
            assert!(!rows.0.iter().any(early), "never before it is due");
        }
    }
}

/// A copy of the program that every user may start, in a directory that they may write to.
fn for_everyone() -> (TempDir, PathBuf) {
    let dir = tempdir().expect("a directory");
    let mode = |path: &Path, mode| {
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("our own file");
    };
    mode(dir.path(), 0o755);
    let program = dir.path().join("profilerclient");
    fs::copy(BINARY, &program).expect("a copy");
    mode(&program, 0o755);
    let home = dir.path().join("home");
    fs::create_dir(&home).expect("a directory");
    if is_root() {
        chown(&home, Some(NOBODY), Some(NOBODY)).expect("root may");
    }
    (dir, program)
}

/// Has a command run without any privilege: not as root, and with limits that permit no more than a nice
/// value of 20 less this one.
fn without_privileges(command: &mut Command, nice: u64) {
    let is_root = is_root();
    let limit = |resource, value: u64| {
        let limit = libc::rlimit {
            rlim_cur: value,
            rlim_max: value,
        };
        // SAFETY: the limit outlives the call.
        match unsafe { libc::setrlimit(resource, &raw const limit) } {
            0 => Ok(()),
            _ => Err(io::Error::last_os_error()),
        }
    };
    let lower = move || {
        limit(libc::RLIMIT_RTPRIO, 0)?;
        limit(libc::RLIMIT_NICE, nice)?;
        limit(libc::RLIMIT_MEMLOCK, 64 << 10)?;
        // SAFETY: they have no pointers.
        let is_left = unsafe { !is_root || libc::setgid(NOBODY) == 0 && libc::setuid(NOBODY) == 0 };
        match is_left {
            true => Ok(()),
            false => Err(io::Error::last_os_error()),
        }
    };
    // SAFETY: system calls only, which change the new process.
    unsafe { command.pre_exec(lower) };
}

#[test]
fn an_ordinary_user_gets_what_is_permitted_and_the_rest_is_named() {
    let shop = Shop::start(&[]);
    let (dir, program) = for_everyone();
    let file = dir.path().join("home/report.csv");
    for (more, is_text) in [("", false), ("-v", true)] {
        let args = load(&shop.url, &file, "--precise --rate 100/s --count 60");
        let args = args.into_iter().filter(|arg| !is_text || arg != "--json");
        let mut command = Command::new(&program);
        command
            .args(args.chain(more.split_whitespace().map(str::to_owned)))
            .current_dir(dir.path().join("home"))
            .stdin(Stdio::null());
        without_privileges(&mut command, 0);
        let finished = finish(command).ok();
        if is_text {
            for part in [
                "Precise ",
                "Left out ",
                "scheduler (SCHED_FIFO 1)",
                "memory",
            ] {
                assert!(finished.stdout.contains(part), "{part}: {finished:#?}");
            }
            continue;
        }
        let summary = json(&finished);
        assert_all_named(&summary);
        let scheduler = measure(&summary, "scheduler");
        assert_eq!(scheduler["got"], Value::Null, "{scheduler}");
        let why = scheduler["why_not"].as_str().expect("a reason");
        assert!(
            why.contains("not permitted") || why.contains("only CPU"),
            "{why}"
        );
        let memory = measure(&summary, "memory");
        assert_eq!(memory["got"], Value::Null, "{memory}");
        let why = memory["why_not"].as_str().expect("a reason");
        assert!(why.contains("RLIMIT_MEMLOCK is 0.1 MB"), "{why}");
        let pinned = summary["precise"]["cpus_allowed"].as_str().expect("a list");
        assert!(pinned.parse::<u32>().is_ok(), "one CPU: {pinned}");
        assert_eq!(summary["launched"], 60);
        assert_eq!(rows(&file).len(), 60);
    }
}

#[test]
fn a_raised_nice_value_stands_in_for_fifo() {
    let shop = Shop::start(&[]);
    let (dir, program) = for_everyone();
    let file = dir.path().join("home/report.csv");
    let mut command = Command::new(&program);
    command
        .args(load(&shop.url, &file, "--precise -c 5"))
        .current_dir(dir.path().join("home"))
        .stdin(Stdio::null());
    without_privileges(&mut command, 27);
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            eprintln!("SKIPPED: a raised nice value: its limit cannot be raised here ({error})");
            return;
        }
    };
    let summary = json(&wait(child).ok());
    let scheduler = measure(&summary, "scheduler");
    let why = scheduler["why_not"].as_str().expect("a reason");
    match cpus::online().is_some_and(|online| online.len() == 1) {
        true => assert!(why.contains("only CPU"), "{scheduler}"),
        false => {
            assert_eq!(scheduler["got"], "nice -7", "{scheduler}");
            assert!(why.contains("not permitted"), "{scheduler}");
        }
    }
    assert_eq!(rows(&file).len(), 5);
}

#[test]
fn a_thread_under_fifo_that_does_not_sleep_is_a_normal_one_again() {
    // Its handler is that of the limit, too.
    let _signals = Signals::install().expect("handlers");
    let limited = thread::spawn(|| {
        let before = scheduling::begin_fifo(Duration::from_millis(20)).ok()?;
        let begun = Instant::now();
        while scheduling::is_fifo() && begun.elapsed() < Duration::from_secs(5) {
            std::hint::spin_loop();
        }
        let is_fifo = scheduling::is_fifo();
        scheduling::end_fifo();
        scheduling::restore_limit(before).expect("it was there");
        Some((is_fifo, scheduling::was_limited()))
    });
    match limited.join().expect("the thread ends") {
        Some(state) => assert_eq!(state, (false, true)),
        None => eprintln!("SKIPPED: the limit of SCHED_FIFO: it is not permitted here"),
    }
    let received = profilerclient::sys::signal::received();
    assert!(received.is_none(), "not the end of the process");
}

#[test]
fn calibrate_names_its_measures() {
    let summary = json(&client(["calibrate", "--json", "--precise"]).ok());
    assert_all_named(&summary);
    let pinned = summary["precise"]["cpus_allowed"].as_str().expect("a list");
    assert!(pinned.parse::<u32>().is_ok(), "one CPU: {pinned}");
}
