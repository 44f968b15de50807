//! Verdicts on home latencies, purchase latencies and pace: each hint, followed in the case it is given for,
//! changes the verdict.
//!
//! A contended machine and ports that run out are in `shortages`. A send delay on a new connection cannot be
//! provoked at will, and is tested by the rules with measured evidence.

use std::fs;
use std::io;
use std::process::{Child, Stdio};
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::Duration;

use serde_json::Value;
use tempfile::tempdir;

use crate::load_support::run;
use crate::support::*;

/// How long the program is stopped.
const HELD: Duration = Duration::from_millis(300);

/// What happens to the program while a response is on its way.
#[derive(Clone, Copy)]
enum Meanwhile {
    Stopped,
    WithoutDescriptors,
    Nothing,
}

/// Whether a process is in a state of `/proc/PID/stat`: `S` sleeps, `T` is stopped.
fn is_in_state(pid: u32, state: char) -> bool {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).expect("it is there");
    let rest = stat.rsplit(')').next().map(str::trim_start);
    rest.is_some_and(|rest| rest.starts_with(state))
}

/// Lowers the limit of open files of a process below those that it has.
fn take_descriptors(pid: u32) {
    let limit = libc::rlimit {
        rlim_cur: 3,
        rlim_max: 3,
    };
    // SAFETY: the limit outlives the call, and the old one is not asked for.
    let result = unsafe {
        libc::prlimit(
            pid as libc::pid_t,
            libc::RLIMIT_NOFILE,
            &raw const limit,
            std::ptr::null_mut(),
        )
    };
    assert_eq!(result, 0, "{}", io::Error::last_os_error());
}

/// Runs one shopper at a server whose `held`-th response, from 0, is `response`, and comes while that happens to
/// the program. All others are a page, or for a purchase a report.
fn shopper(held: usize, response: Vec<u8>, meanwhile: Meanwhile, options: &[&str]) -> Finished {
    let (asked, was_asked) = mpsc::channel();
    let (answer, may_answer) = mpsc::channel::<()>();
    let may_answer = Mutex::new(may_answer);
    let server = Scripted::start(move |mut stream, number| {
        let is_home = read_request(&mut stream).starts_with("GET");
        if number == held {
            asked.send(()).expect("the test waits");
            let may_answer = may_answer.lock().expect("one answer at a time");
            may_answer.recv_timeout(PATIENCE).expect("the test goes on");
            return respond(&mut stream, &response);
        }
        let welcome = page(200, "text/html", "welcome");
        // A redirect of a purchase leads to a report.
        let is_page = is_home && number <= held;
        respond(&mut stream, &if is_page { welcome } else { report() });
    });
    let dir = tempdir().expect("a directory");
    let mut args = flags(&server.url(), 1, &dir.path().join("report.csv"));
    args.extend(options.iter().map(|&option| option.to_owned()));
    let child = command(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    was_asked.recv_timeout(PATIENCE).expect("a request");
    let answers = || answer.send(()).expect("the server waits");
    happens(&child, meanwhile, answers);
    wait(child)
}

fn happens(child: &Child, meanwhile: Meanwhile, answers: impl FnOnce()) {
    match meanwhile {
        Meanwhile::Nothing => answers(),
        Meanwhile::WithoutDescriptors => {
            take_descriptors(child.id());
            answers();
        }
        Meanwhile::Stopped => {
            // Stopped elsewhere it would not know for how long.
            wait_until("the wait for the response", || is_in_state(child.id(), 'S'));
            signal(child.id(), libc::SIGSTOP);
            wait_until("the stop", || is_in_state(child.id(), 'T'));
            answers();
            thread::sleep(HELD);
            signal(child.id(), libc::SIGCONT);
        }
    }
}

pub fn json(finished: &Finished) -> Value {
    serde_json::from_str(&finished.stdout).unwrap_or_else(|_| panic!("{finished:#?}"))
}

/// The kinds of the reasons against a figure.
pub fn kinds(json: &Value, figure: &str) -> Vec<String> {
    let reasons = json["verdict"][figure]["reasons"].as_array();
    let kinds = reasons.expect("a list").iter();
    kinds
        .map(|reason| reason["kind"].as_str().expect("a text").to_owned())
        .collect()
}

#[track_caller]
pub fn assert_given(json: &Value, figure: &str, kind: &str, hint: &str) {
    let found = kinds(json, figure);
    assert!(
        found.iter().any(|of| of == kind),
        "{kind}: {:#}",
        json["verdict"]
    );
    assert_eq!(json["verdict"][figure]["state"], "not_trusted");
    let hints = json["verdict"][figure]["hints"].to_string();
    assert!(hints.contains(hint), "{hint}: {hints}");
}

#[track_caller]
pub fn assert_gone(json: &Value, figure: &str, kind: &str) {
    let found = kinds(json, figure);
    assert!(
        !found.iter().any(|of| of == kind),
        "{kind}: {:#}",
        json["verdict"]
    );
}

fn welcome() -> Vec<u8> {
    page(200, "text/html", "welcome")
}

fn redirect(status: &str, location: &str) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status}\r\nLocation: {location}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )
    .into_bytes()
}

#[test]
fn late_stamps_end_with_the_kernels_clock() {
    let late = |clock: &str| {
        let options = ["--json", "--clock", clock];
        json(&shopper(0, welcome(), Meanwhile::Stopped, &options))
    };
    let user = late("user");
    assert_given(&user, "home", "late_stamps", "--clock kernel");
    assert_eq!(user["instrument"]["trusted"], false);
    let kernel = late("kernel");
    assert_eq!(kernel["instrument"]["kernel_stamped_responses"], 2);
    assert_gone(&kernel, "home", "late_stamps");
    // To read late is a matter of the pace.
    assert_given(&kernel, "pace", "purchase_delay", "");
}

#[test]
fn redirects_that_wait_end_with_the_address_behind_them() {
    let home = |response: Vec<u8>, options: &[&str]| {
        let options = [&["--json"], options].concat();
        json(&shopper(0, response, Meanwhile::Stopped, &options))
    };
    let to_page = redirect("301 Moved Permanently", "/rdbms/");
    // The second response is of a GET too, but no purchase yet.
    let redirected = home(to_page, &[]);
    assert_given(&redirected, "home", "hop_delay", "");
    let share = redirected["verdict"]["home"]["reasons"][0]["reason"].as_str();
    assert!(
        share.is_some_and(|text| text.contains("hop delay")),
        "{share:?}"
    );
    assert_gone(&home(welcome(), &["-p", "/"]), "home", "hop_delay");

    let purchase = |response: Vec<u8>, options: &[&str]| {
        let options = [&["--json"], options].concat();
        json(&shopper(1, response, Meanwhile::Stopped, &options))
    };
    let redirected = purchase(redirect("303 See Other", "/rdbms/done/"), &[]);
    assert_given(&redirected, "purchase", "hop_delay", "");
    assert_gone(&redirected, "home", "hop_delay");
    assert_gone(
        &purchase(report(), &["-b", "/{!s}/done/"]),
        "purchase",
        "hop_delay",
    );
}

#[test]
fn a_stop_is_gone_from_a_run_without_one() {
    let of = |meanwhile| json(&shopper(0, welcome(), meanwhile, &["--json"]));
    assert_given(&of(Meanwhile::Stopped), "pace", "stopped", "run it again");
    assert_gone(&of(Meanwhile::Nothing), "pace", "stopped");
}

#[test]
fn missing_descriptors_end_with_a_higher_limit() {
    let of = |meanwhile| json(&shopper(0, welcome(), meanwhile, &["--json"]));
    let limited = of(Meanwhile::WithoutDescriptors);
    for figure in ["purchase", "pace"] {
        assert_given(&limited, figure, "descriptors", "raise ulimit -n");
        assert_gone(&of(Meanwhile::Nothing), figure, "descriptors");
    }
    assert_gone(&limited, "home", "descriptors");
}

/// Pages that are quicker than the launch: fewer shoppers, or a slower page.
#[test]
fn shoppers_that_are_not_concurrent_are_so_when_they_are_fewer() {
    let shop = Shop::start(&[]);
    let many = || run(&shop.url, "-c 400 -p /").json;
    let is_limited = |json: &Value| kinds(json, "pace").iter().any(|of| of == "not_concurrent");
    // A shop that other processes kept waiting is slower than the launch.
    match (0..5).map(|_| many()).find(is_limited) {
        Some(many) => assert_given(&many, "pace", "not_concurrent", ""),
        None => eprintln!("SKIPPED: other processes left no core to the shop"),
    }
    assert_gone(&run(&shop.url, "-c 1 -p /").json, "pace", "not_concurrent");

    let slow = Scripted::start(|mut stream, _| {
        let is_home = read_request(&mut stream).starts_with("GET");
        thread::sleep(Duration::from_millis(400));
        respond(&mut stream, &if is_home { welcome() } else { report() });
    });
    let slow = run(&slow.url(), "-c 20 -p /").json;
    assert_gone(&slow, "pace", "not_concurrent");
}

#[test]
fn arrivals_that_cannot_be_launched_can_be_at_a_lower_rate() {
    let shop = Shop::start(&["--service-time", "1ms"]);
    let at = |rate: &str| run(&shop.url, &format!("--rate {rate} --duration 200ms -p /")).json;
    let fast = at("2000000/s");
    assert!(
        fast["dropped_late"].as_u64() > Some(0),
        "{:#}",
        fast["verdict"]
    );
    assert_given(&fast, "pace", "arrivals_dropped", "lower --rate");
    assert_gone(&at("20/s"), "pace", "arrivals_dropped");
}

/// One core is not enough for many virtual users at a shop that takes no time; one that waits for the shop
/// leaves the loop idle.
#[test]
fn a_busy_loop_is_not_busy_with_fewer_virtual_users() {
    let busy = || {
        let shop = Shop::start(&[]);
        run(&shop.url, "-c 200 --duration 800ms --keep-alive -p /").json
    };
    let is_busy = |json: &Value| kinds(json, "pace").iter().any(|of| of == "busy_loop");
    // Other processes may have taken the CPU.
    match (0..5).map(|_| busy()).find(is_busy) {
        Some(busy) => assert_given(&busy, "pace", "busy_loop", ""),
        None => eprintln!("SKIPPED: other processes left no core to this client"),
    }
    let shop = Shop::start(&["--service-time", "20ms"]);
    let few = run(&shop.url, "-c 1 --duration 800ms --keep-alive -p /").json;
    assert_gone(&few, "pace", "busy_loop");
}

#[test]
fn strict_is_about_latencies_and_strict_pace_about_the_pace_too() {
    for clock in ["kernel", "user"] {
        let of = |flag| {
            let options = ["--json", "--clock", clock, flag];
            shopper(0, welcome(), Meanwhile::Stopped, &options)
        };
        let finished = of("--strict");
        let judged = json(&finished);
        let limited = ["home", "purchase"].iter();
        let limited = limited.filter(|figure| judged["verdict"][figure]["state"] == "not_trusted");
        let expected = if limited.count() > 0 { 4 } else { 0 };
        assert_eq!(finished.code(), Some(expected), "{finished:#?}");
        if clock == "user" {
            assert_eq!(expected, 4, "{finished:#?}");
        }
        let finished = of("--strict-pace");
        assert_eq!(finished.code(), Some(4), "{finished:#?}");
        assert!(
            finished
                .stderr
                .contains("pace: this program was stopped for ")
        );
    }
}

/// What is recorded with the rows is what the run said.
#[test]
fn a_report_has_the_verdict_of_its_run() {
    let shop = Shop::start(&[]);
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let mut args = flags(&shop.url, 50, &file);
    args.extend(["--json".to_owned()]);
    let told = json(&client(args).ok());
    let lines = fs::read_to_string(dir.path().join("report.csv.runs.jsonl")).expect("lines");
    let part = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).expect("JSON"))
        .find(|line| line["line"] == "part");
    assert_eq!(part.expect("a part")["verdict"], told["verdict"]);
}
