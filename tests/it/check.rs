//! `profilerclient check`: what it finds, and that it leaves the shop alone.

use std::net::TcpListener;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::fmt::rfc2822::DateTimePrinter;
use jiff::{SignedDuration, Timestamp};
use profilerclient::sys::cpus;
use serde_json::Value;
use tempfile::tempdir;

use crate::support::*;

/// Runs the check of an app at a shop; the directory it runs in must stay empty.
fn check(url: &str, more: &[&str]) -> Finished {
    let dir = tempdir().expect("a directory");
    let mut command = command(["check", "-t", url, "-d", "rdbms"]);
    if !more.contains(&"--timeout") {
        command.args(["--timeout", "10s"]);
    }
    command.args(more).current_dir(dir.path());
    let finished = finish(command);
    let left = std::fs::read_dir(dir.path()).expect("a directory").count();
    assert_eq!(left, 0, "no file is opened or written");
    finished
}

/// The line of a check.
#[track_caller]
fn line<'a>(finished: &'a Finished, name: &str) -> &'a str {
    (finished.stdout.lines())
        .find(|line| {
            line.get(5..)
                .is_some_and(|rest| rest.starts_with(&format!("{name}: ")))
        })
        .unwrap_or_else(|| panic!("no {name} in {finished:#?}"))
}

#[track_caller]
fn assert_line(finished: &Finished, name: &str, status: &str, parts: &[&str]) {
    let line = line(finished, name);
    assert!(
        line.starts_with(&format!("{status:<4} ")),
        "{line}\n{finished:#?}"
    );
    for part in parts {
        assert!(line.contains(part), "{part:?} is not in {line:?}");
    }
}

const NAMES: [&str; 23] = [
    "resolve",
    "connect",
    "home",
    "keep-alive",
    "products",
    "server clock",
    "csrf",
    "purchase",
    "report",
    "report clock",
    "own clock",
    "descriptors",
    "source ports",
    "backlog",
    "kernel stamps",
    "cpu",
    "governor",
    "turbo",
    "smt sibling",
    "steal",
    "virtualization",
    "timer slack",
    "nic interrupts",
];

#[test]
fn checking_a_good_shop_sells_nothing() {
    let shop = Shop::start(&[]);
    let found = check(&shop.url, &["-c", "100", "-o", "never.csv"]).ok();
    assert_eq!(found.stderr, "");
    let names: Vec<&str> = (found.stdout.lines())
        .map(|line| line[5..].split(": ").next().expect("a name"))
        .collect();
    assert_eq!(names, NAMES);
    let authority = shop.url.trim_start_matches("http://");
    assert_line(&found, "resolve", "ok", &[authority]);
    assert_line(&found, "connect", "ok", &[authority, "ms"]);
    assert_line(
        &found,
        "home",
        "ok",
        &["200 from /rdbms/", "redirect", "-p /"],
    );
    assert_line(&found, "keep-alive", "ok", &["keeps"]);
    assert_line(
        &found,
        "products",
        "ok",
        &["4 given", "all on the home page"],
    );
    assert_line(&found, "server clock", "ok", &["Date"]);
    assert_line(&found, "csrf", "ok", &["no token"]);
    for name in ["purchase", "report", "report clock"] {
        assert_line(&found, name, "skip", &["--buy"]);
    }
    assert_line(&found, "descriptors", "ok", &["-c 100"]);
    assert_line(&found, "source ports", "ok", &["100 shoppers"]);
    assert_line(&found, "backlog", "ok", &["somaxconn", "100"]);
    assert!(shop.stat("requests") <= 5, "{}", shop.stats());
    assert_eq!(shop.stat("purchase_requests"), 0);
}

#[test]
fn one_purchase_with_buy() {
    for (shop, more) in [
        (Shop::start(&["--rest"]), &["--buy"][..]),
        (Shop::start(&["--csrf"]), &["--buy", "--csrf"]),
    ] {
        let found = check(&shop.url, more).ok();
        assert_line(&found, "purchase", "ok", &["/purchase/1/", "bought"]);
        line(&found, "report");
        assert_line(&found, "report clock", "ok", &["report"]);
        assert_eq!((shop.stat("purchases"), shop.stat("quantity_sold")), (1, 1));
        assert!(shop.stat("requests") <= 5, "{}", shop.stats());
    }
}

#[test]
fn csrf_protection_is_detected_and_verified() {
    let shop = Shop::start(&["--csrf"]);
    let seen = check(&shop.url, &[]).ok();
    assert_line(&seen, "csrf", "warn", &["may be on", "give --csrf"]);
    let with = check(&shop.url, &["--csrf"]).ok();
    assert_line(&with, "csrf", "ok", &["token", "each purchase"]);
    assert_eq!(shop.stat("purchase_requests"), 0);

    let proved = check(&shop.url, &["--buy"]);
    assert_eq!(proved.code(), Some(1));
    assert_line(&proved, "csrf", "fail", &["is on", "give --csrf"]);
    assert_line(&proved, "purchase", "fail", &["403", "give --csrf"]);
    assert_line(&proved, "report", "skip", &["missing"]);
    assert_eq!(shop.stat("purchases"), 0);

    let open = Shop::start(&[]);
    let needless = check(&open.url, &["--csrf", "--buy"]);
    assert_eq!(needless.code(), Some(1));
    assert_line(&needless, "csrf", "fail", &["leave --csrf out"]);
    assert_line(&needless, "purchase", "skip", &["token"]);
    assert_eq!(open.stat("purchase_requests"), 0);
}

#[test]
fn a_refused_port_does_not_stop_independent_checks() {
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.local_addr().expect("its address")
    };
    let found = check(&format!("http://{closed}"), &["--buy"]);
    assert_eq!((found.code(), found.stderr.as_str()), (Some(1), ""));
    assert_line(&found, "resolve", "ok", &[]);
    assert_line(
        &found,
        "connect",
        "fail",
        &["connection refused", "is the server up"],
    );
    for name in &NAMES[2..10] {
        assert_line(&found, name, "skip", &["a connection is missing"]);
    }
    for name in &NAMES[10..16] {
        assert!(!line(&found, name).starts_with("skip"), "{found:#?}");
    }
    // These may be missing on the machine, which is another reason.
    for name in &NAMES[16..] {
        assert!(!line(&found, name).contains("connection"), "{found:#?}");
    }
}

#[test]
fn a_name_that_does_not_resolve() {
    let found = check("http://no-such-host.invalid", &[]);
    assert_eq!(found.code(), Some(1));
    assert_line(
        &found,
        "resolve",
        "fail",
        &["no-such-host.invalid", "spelling"],
    );
    assert_line(&found, "connect", "skip", &["address"]);
    assert_line(&found, "home", "skip", &["connection"]);
    assert_line(&found, "backlog", "ok", &["server's machine apply"]);
}

#[test]
fn invalid_home_pages() {
    for (status, part) in [(404, "--app-dirname"), (500, "log"), (400, "ALLOWED_HOSTS")] {
        let server = Scripted::start(move |mut stream, _| {
            read_request(&mut stream);
            respond(
                &mut stream,
                &page(status, "text/html", "<title>No\x1b[2J</title>"),
            );
        });
        let found = check(&server.url(), &[]);
        assert_eq!(found.code(), Some(1));
        assert_line(&found, "home", "fail", &[&status.to_string(), part]);
        assert_line(&found, "products", "skip", &["home page"]);
        assert!(!found.stdout.contains('\x1b'), "{found:#?}");
    }
    let server = Scripted::start(|mut stream, _| drop(read_request(&mut stream)));
    let found = check(&server.url(), &["--buy"]);
    assert_eq!(found.code(), Some(1));
    assert_line(&found, "connect", "ok", &[]);
    assert_line(&found, "home", "fail", &["closed without an answer"]);
    for name in &NAMES[3..10] {
        assert_line(
            &found,
            name,
            "skip",
            &["an answer from the home page is missing"],
        );
    }
}

#[test]
fn products_that_do_not_exist() {
    let server = Scripted::purchases(|_| {});
    let found = check(&server.url(), &[]).ok();
    assert_line(
        &found,
        "products",
        "warn",
        &["no link", "/rdbms/ID/details/"],
    );
    let found = check(&server.url(), &["--products", "auto"]);
    assert_eq!(found.code(), Some(1));
    assert_line(&found, "products", "fail", &["--products ID"]);
    assert_line(&found, "csrf", "skip", &["product ids are missing"]);

    let shop = Shop::start(&[]);
    let found = check(&shop.url, &["--products", "77"]).ok();
    assert_line(&found, "products", "warn", &["77", "auto", "2, 3, 4, 5"]);
    let found = check(&shop.url, &["--products", "auto"]).ok();
    assert_line(&found, "products", "ok", &["4 found"]);
}

/// A shop whose clock is ahead by so much, in its Date fields and in its reports, which are written
/// in UTC without saying so where `zoned` is not given.
fn shop_with_clock_ahead(ahead: SignedDuration, zoned: bool) -> Scripted {
    Scripted::start(move |mut stream, _| {
        let request = read_request(&mut stream);
        let now = Timestamp::now() + ahead;
        let time = jiff::fmt::strtime::format("%Y-%m-%dT%H:%M:%S.%6f", now).expect("a time");
        let mark = if zoned { "Z" } else { "" };
        let body = match request.starts_with("GET") {
            true => "<a href=\"/rdbms/2/details/\">2</a>".to_owned(),
            false => format!(
                "{{\"result\": true, \"started_time\": \"{time}{mark}\", \"stopped_time\": \"{time}{mark}\"}}"
            ),
        };
        let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&now);
        let date = date.expect("a date");
        let length = body.len();
        let head = format!("HTTP/1.1 200 x\r\nDate: {date}\r\nContent-Length: {length}\r\n\r\n");
        respond(&mut stream, (head + &body).as_bytes());
    })
}

#[test]
fn clocks_that_are_off() {
    let right = shop_with_clock_ahead(SignedDuration::ZERO, true);
    let found = check(&right.url(), &["--buy"]).ok();
    assert_line(&found, "server clock", "ok", &[]);
    assert_line(&found, "report clock", "ok", &[]);
    assert_line(
        &found,
        "report",
        "warn",
        &["no cpu_usage, no elapsed_seconds"],
    );

    let hour = SignedDuration::from_hours(1);
    let wrong = shop_with_clock_ahead(hour, true);
    let found = check(&wrong.url(), &["--buy"]).ok();
    assert_line(
        &found,
        "server clock",
        "warn",
        &["s from this machine", "chronyc"],
    );
    assert_line(&found, "report clock", "warn", &["+1:00 h"]);

    let late = shop_with_clock_ahead(-SignedDuration::from_secs(7), true);
    let found = check(&late.url(), &["--buy"]).ok();
    assert_line(&found, "server clock", "warn", &["-7", "chronyc"]);
    assert_line(&found, "report clock", "warn", &["-7.0", "chronyc"]);

    // The tests run west of Greenwich.
    let elsewhere = shop_with_clock_ahead(SignedDuration::ZERO, false);
    let found = check(&elsewhere.url(), &["--buy"]).ok();
    assert_line(&found, "server clock", "ok", &[]);
    assert_line(
        &found,
        "report clock",
        "warn",
        &["another time zone", "TIME_ZONE"],
    );
}

#[test]
fn one_object_for_programs() {
    let shop = Shop::start(&["--csrf"]);
    let found = check(&shop.url, &["--json", "-q"]).ok();
    let value: Value = serde_json::from_str(&found.stdout).expect("one object");
    assert_eq!(value["schema_version"], 2);
    assert_eq!(
        (&value["target"], &value["app"]),
        (&shop.url.as_str().into(), &"rdbms".into())
    );
    assert_eq!(value["ok"], true);
    let checks = value["checks"].as_array().expect("an array");
    let names: Vec<&str> = checks
        .iter()
        .filter_map(|check| check["name"].as_str())
        .collect();
    assert_eq!(names, NAMES);
    let csrf = &checks[6];
    assert_eq!(csrf["status"], "warn");
    assert!(
        csrf["hint"]
            .as_str()
            .is_some_and(|hint| hint.contains("--csrf")),
        "{csrf}"
    );
    assert!(checks[0]["hint"].is_null());

    let failed = check(&shop.url, &["--json", "--buy"]);
    assert_eq!(failed.code(), Some(1));
    let value: Value = serde_json::from_str(&failed.stdout).expect("one object");
    assert_eq!(value["ok"], false);
}

#[test]
fn quiet_prints_only_warnings_and_failures() {
    let shop = Shop::start(&["--csrf"]);
    let found = check(&shop.url, &["-q"]).ok();
    assert!(found.stdout.contains("warn csrf: "), "{found:#?}");
    for line in found.stdout.lines() {
        assert!(
            line.starts_with("warn ") || line.starts_with("fail "),
            "{line}"
        );
    }
}

#[test]
fn text_of_the_server_is_escaped() {
    const HOSTILE: &str = "\x1b[2J\u{9b}31m\u{202e}\x07";
    let server = Scripted::start(|mut stream, _| {
        let request = read_request(&mut stream);
        let path = request.split(' ').nth(1).unwrap_or_default();
        let answer = match path {
            "/rdbms" => {
                "HTTP/1.1 301 x\r\nLocation: /r\u{9b}31m\u{202e}\r\nContent-Length: 0\r\n\r\n"
                    .as_bytes()
                    .to_vec()
            }
            path if path.ends_with("/details/") => {
                page(404, "text/html", &format!("<title>{HOSTILE}</title>"))
            }
            _ if request.starts_with("POST") => page(
                200,
                "application/json",
                &format!(
                    "{{\"result\": true, \"started_time\": \"{0}\", \"stopped_time\": \"{0}\"}}",
                    "\\u001b[2J\u{9b}\u{202e}"
                ),
            ),
            _ => page(200, "text/html", HOSTILE),
        };
        respond(&mut stream, &answer);
    });
    for more in [&["--buy"][..], &["--buy", "--json"]] {
        let found = check(&server.url(), more);
        for line in found.stdout.lines().chain(found.stderr.lines()) {
            assert!(
                !line.contains(profilerclient::text::is_unprintable),
                "{line:?}"
            );
        }
        assert!(found.stdout.contains("titled"), "{found:#?}");
    }
}

#[test]
fn limits_of_this_machine() {
    let server = Scripted::start(|_, _| {});
    let url = server.url();
    let script = format!("ulimit -n 64; exec {BINARY} check -t {url} -d rdbms -c 100");
    let mut shell = Command::new("sh");
    shell.args(["-c", &script]);
    let found = finish(shell);
    assert_eq!(found.code(), Some(1));
    assert_line(
        &found,
        "descriptors",
        "fail",
        &["limit is 64", "ulimit -Hn"],
    );
    let found = check(&url, &["-c", "60000"]);
    assert_line(&found, "source ports", "fail", &["ip_local_port_range"]);
}

#[test]
fn the_backlog_of_a_listener_here() {
    for (backlog, shoppers, status, parts) in [
        (10, "10", "ok", &["10 connections"][..]),
        (
            10,
            "300",
            "warn",
            &["10 connections", "300 shoppers", "--ramp-up"],
        ),
    ] {
        let address = ([127, 0, 0, 1], 0).into();
        let listener = profilerclient::sys::socket::listener(address, backlog);
        let listener = TcpListener::from(listener.expect("a listener"));
        let address = listener.local_addr().expect("its address");
        // Nobody accepts: what is found out of the home page does not matter here.
        let found = check(
            &format!("http://{address}"),
            &["-c", shoppers, "--timeout", "100ms"],
        );
        assert_line(&found, "backlog", status, parts);
        let text = line(&found, "backlog");
        let hints_at_it = status == "warn" && text.contains("somaxconn");
        assert!(!hints_at_it, "no help against 10: {text}");
    }
}

#[test]
fn invalid_command_lines_are_refused() {
    let server = Scripted::start(|_, _| {});
    let url = server.url();
    for (args, parts) in [
        (&["check"][..], &["--target", "missing"][..]),
        (&["check", "-t", &url], &["--app-dirname"]),
        (
            &["check", "-t", "shop", "-d", "rdbms"],
            &["no scheme", "http://shop"],
        ),
        (
            &["check", "-t", &url, "-d", "rdbms", "--sell"],
            &["--sell", "--help"],
        ),
        (
            &["check", "-t", &url, "-d", "rdbms", "now"],
            &["now", "--help"],
        ),
        (&["-t", &url, "-d", "rdbms", "--buy"], &["--buy", "--help"]),
    ] {
        client(args).refused(2, parts);
    }
    assert_eq!(server.connections(), 0);
    let help = client(["check", "--help"]).ok().stdout;
    for word in NAMES.into_iter().chain([
        "--target",
        "--app-dirname",
        "--concurrent",
        "--page-query",
        "--buy-query",
        "--products",
        "--seed",
        "--header",
        "--user-agent",
        "--timeout",
        "--connect-timeout",
        "--keep-alive",
        "--csrf",
        "--max-body",
        "--buy ",
        "--json",
        "--quiet",
        "--output",
        "--benchmark-title",
        "--preconnect",
        "--utc",
        "--verbose",
        "130",
    ]) {
        assert!(help.contains(word), "{word}");
    }
    assert!(
        client(["--help"])
            .ok()
            .stdout
            .contains("profilerclient check")
    );
}

#[test]
fn a_signal_ends_it() {
    let asked = Arc::new(Mutex::new(false));
    let seen = Arc::clone(&asked);
    let server = Scripted::start(move |mut stream, _| {
        if !read_request(&mut stream).is_empty() {
            *seen.lock().expect("no panic") = true;
            std::thread::sleep(PATIENCE);
        }
    });
    let mut command = command(["check", "-t", &server.url(), "-d", "rdbms"]);
    let child = command
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the program starts");
    let pid = child.id();
    while !*asked.lock().expect("no panic") {
        std::thread::sleep(Duration::from_millis(5));
    }
    signal(pid, libc::SIGINT);
    assert_eq!(wait(child).code(), Some(130));
}

#[test]
fn the_cpu_of_the_event_loop() {
    let shop = Shop::start(&[]);
    let allowed = cpus::allowed().expect("the CPUs");
    let cpu = allowed[0];
    let found = check(&shop.url, &["--cpu", &cpu.to_string()]).ok();
    let line = line(&found, "cpu");
    assert!(
        line.contains(&format!("CPU {cpu} of {}", cpus::list(&allowed))),
        "{line}"
    );
    let refused = check(&shop.url, &["--cpu", "8191"]);
    assert_eq!((refused.code(), refused.stderr.as_str()), (Some(1), ""));
    assert_line(&refused, "cpu", "fail", &["8191", &cpus::list(&allowed)]);
    for name in &NAMES[15..] {
        let json = check(&shop.url, &["--json", "--precise"]).ok();
        let json: Value = serde_json::from_str(&json.stdout).expect("JSON");
        let checks = json["checks"].as_array().expect("checks");
        let found = checks.iter().find(|check| check["name"] == *name);
        let found = found.unwrap_or_else(|| panic!("no {name} in {json}"));
        let has_hint = found["hint"].is_string();
        assert_eq!(has_hint, found["status"] != "ok", "{found}");
    }
}
