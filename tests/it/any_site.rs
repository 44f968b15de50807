//! Sites that answer with pages and redirects, and say of themselves what a field says: what is posted, what
//! satisfies, sessions, Server-Timing; and sites that are hostile about it.

use std::sync::{Arc, Mutex};

use serde_json::Value;
use tempfile::{TempDir, tempdir};

use crate::support::*;

/// A site that answers a GET with one response and a POST (or another method) with another, and remembers
/// what was asked.
pub struct Site {
    pub server: Scripted,
    requests: Arc<Mutex<Vec<String>>>,
    dir: TempDir,
}

impl Site {
    pub fn start(page: Vec<u8>, answer: Vec<u8>) -> Site {
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        let server = Scripted::start(move |mut stream, _| {
            let request = read_request(&mut stream);
            if request.is_empty() {
                return;
            }
            let is_page = request.starts_with("GET");
            seen.lock().expect("not poisoned").push(request);
            respond(&mut stream, if is_page { &page } else { &answer });
        });
        Site {
            server,
            requests,
            dir: tempdir().expect("a directory"),
        }
    }

    fn file(&self) -> std::path::PathBuf {
        self.dir.path().join("report.csv")
    }

    fn run(&self, shoppers: usize, more: &[&str]) -> Finished {
        let file = self.file();
        let shoppers = shoppers.to_string();
        let mut args = vec!["-t", "", "-d", "site", "-b", "/buy/", "-c", &shoppers, "-o"];
        let url = self.server.url();
        args[1] = &url;
        args.push(file.to_str().expect("UTF-8"));
        args.extend(more);
        client(args)
    }

    /// The bodies of the purchases, sorted.
    pub fn bodies(&self) -> Vec<String> {
        let requests = self.requests.lock().expect("not poisoned");
        let purchases = requests
            .iter()
            .filter(|request| !request.starts_with("GET"));
        let bodies = purchases.filter_map(|request| request.split_once("\r\n\r\n"));
        let mut bodies: Vec<String> = bodies.map(|(_, body)| body.to_owned()).collect();
        bodies.sort();
        bodies
    }

    /// The requests for a path that begins so.
    fn asked(&self, begin: &str) -> Vec<String> {
        let requests = self.requests.lock().expect("not poisoned");
        requests
            .iter()
            .filter(|request| request.starts_with(begin))
            .cloned()
            .collect()
    }
}

pub fn with_fields(status: u16, fields: &str, body: &str) -> Vec<u8> {
    let length = body.len();
    format!("HTTP/1.1 {status} x\r\n{fields}Content-Length: {length}\r\n\r\n{body}").into_bytes()
}

fn welcome() -> Vec<u8> {
    page(200, "text/html", "welcome")
}

/// The field of a request head.
fn field<'a>(request: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = request.lines().take_while(|line| !line.is_empty());
    lines.find_map(|line| line.strip_prefix(name)?.strip_prefix(": "))
}

#[test]
fn fields_are_posted_as_given_and_the_same_with_the_same_seed() {
    let site = Site::start(welcome(), page(200, "text/html", "thanks"));
    let form = [
        "--form",
        "who={n}",
        "--form",
        "mail={email}",
        "--form",
        "q={quantity}",
        "--form",
        "code={random:8}{{x}}",
        "--report",
        "none",
        "--seed",
        "5",
    ];
    site.run(4, &form).ok();
    let first = site.bodies();
    assert_eq!(first.len(), 4);
    for (number, body) in first.iter().enumerate() {
        let parts: Vec<&str> = body.split('&').collect();
        assert_eq!(parts[0], format!("who={number}"), "{body}");
        assert!(
            parts[1].starts_with("mail=") && parts[1].ends_with("%40example.com"),
            "{body}"
        );
        let quantity: u32 = parts[2][2..].parse().expect("a number");
        assert!((1..=98).contains(&quantity));
        assert!(
            parts[3].starts_with("code=") && parts[3].ends_with("%7Bx%7D"),
            "{body}"
        );
        assert_eq!(parts[3].len(), "code=".len() + 8 + "%7Bx%7D".len());
    }
    site.requests.lock().expect("not poisoned").clear();
    site.run(4, &form).ok();
    assert_eq!(site.bodies(), first);
    for row in rows(&site.file()) {
        assert_eq!(row["client_buy_result"], "True");
        assert_eq!(
            (
                row["server_buy_elapsed_seconds"].as_str(),
                row["server_buy_result"].as_str()
            ),
            ("", "")
        );
    }
    let post = &site.asked("POST")[0];
    assert!(post.starts_with("POST /site/buy/ HTTP/1.1\r\n"), "{post}");
    assert_eq!(
        field(post, "Content-Type"),
        Some("application/x-www-form-urlencoded")
    );
}

#[test]
fn rows_of_a_form_file_are_taken_in_turn() {
    let site = Site::start(welcome(), page(200, "text/html", "thanks"));
    let csv = site.dir.path().join("users.csv");
    std::fs::write(&csv, "user,word\nann,a b\nbob,\"x,y\"\n").expect("written");
    let csv = csv.to_str().expect("UTF-8");
    site.run(4, &["--form-file", csv, "--report", "none"]).ok();
    let (ann, bob) = ("user=ann&word=a+b", "user=bob&word=x%2Cy");
    assert_eq!(site.bodies(), [ann, ann, bob, bob]);
}

#[test]
fn a_body_is_sent_with_its_method_and_type() {
    let site = Site::start(welcome(), with_fields(201, "", ""));
    let body = site.dir.path().join("body.json");
    std::fs::write(&body, r#"{"n": {n}, "to": {"mail": "{email}"}}"#).expect("written");
    let body = body.to_str().expect("UTF-8");
    let more = [
        "--body", body, "--method", "PUT", "--expect", "201", "--report", "none",
    ];
    site.run(2, &more).ok();
    for (number, body) in site.bodies().iter().enumerate() {
        let json: Value = serde_json::from_str(body).expect("JSON");
        assert_eq!(json["n"], number);
        let mail = json["to"]["mail"].as_str().expect("text");
        assert!(mail.ends_with("@example.com"), "{mail}");
    }
    let puts = site.asked("PUT /site/buy/ ");
    assert_eq!(puts.len(), 2);
    assert_eq!(field(&puts[0], "Content-Type"), Some("application/json"));
}

#[test]
fn a_redirect_that_is_expected_is_the_answer() {
    let site = Site::start(
        welcome(),
        with_fields(302, "Location: /site/thanks/\r\n", ""),
    );
    site.run(3, &["--form", "a=b", "--expect", "200,302"]).ok();
    assert_eq!(site.asked("GET /site/thanks/").len(), 0);
    for row in rows_of_site(&site.file(), false, &[200.0, 302.0]) {
        assert_eq!(
            (
                row["client_buy_http_code"].as_str(),
                row["client_buy_result"].as_str()
            ),
            ("302", "True")
        );
    }
    // Without it the redirect is followed, and its page is no report.
    let followed = site.run(1, &["--form", "a=b"]);
    assert!(followed.stdout.contains("no server report"), "{followed:?}");
    assert_eq!(site.asked("GET /site/thanks/").len(), 1);
}

#[test]
fn a_status_that_is_not_expected_fails() {
    let site = Site::start(
        welcome(),
        page(200, "text/html", "<form>a field is wrong</form>"),
    );
    let finished = site.run(2, &["--form", "a=b", "--expect", "302", "--report", "none"]);
    assert!(finished.stdout.contains("--expect"), "{finished:?}");
    assert_eq!(
        rows_of_site(&site.file(), false, &[302.0])[0]["client_buy_error_msg"],
        "HTTP 200"
    );
}

#[test]
fn metrics_of_server_timing_are_figures() {
    let timing =
        "Server-Timing: db;dur=41;desc=\"7 queries\", total;dur=60, hit\r\nX-Runtime: 0.25\r\n";
    let site = Site::start(
        with_fields(200, "Server-Timing: app;dur=5\r\n", "hi"),
        with_fields(200, timing, "thanks"),
    );
    let more = [
        "--form",
        "a=b",
        "--report",
        "server-timing",
        "--phases",
        "--json",
    ];
    let finished = site.run(3, &more).ok();
    let summary: Value = serde_json::from_str(&finished.stdout).expect("JSON");
    let found: Vec<_> = (summary["server_timings"].as_array().expect("a list").iter())
        .map(|of| {
            (
                of["step"].clone(),
                of["name"].clone(),
                of["unit"].clone(),
                of["p50"].as_f64(),
                of["count"].as_u64(),
            )
        })
        .collect();
    let expected = |step: &str, name: &str, unit: &str, p50: f64| {
        (step.into(), name.into(), unit.into(), Some(p50), Some(3))
    };
    assert_eq!(
        found,
        [
            expected("home", "app", "seconds", 0.005),
            expected("buy", "db", "seconds", 0.041),
            expected("buy", "db", "queries", 7.0),
            expected("buy", "total", "seconds", 0.06),
            expected("buy", "X-Runtime", "seconds", 0.25),
        ]
    );
    assert_eq!(summary["server_elapsed_seconds"]["p50"], 0.06);
    assert_eq!(summary["wait_split"]["service"]["seconds"]["p50"], 0.06);
    for row in rows_with_phases(&site.file()) {
        assert_eq!(row["server_buy_elapsed_seconds"], "0.06");
        assert_eq!(row["server_home_timing"], "app;dur=5");
        assert_eq!(
            row["server_buy_timing"],
            "db;dur=41;desc=\"7 queries\", total;dur=60, hit"
        );
        assert_eq!(row["server_buy_started_time"], "");
    }
    // Another metric, and another field.
    site.run(
        1,
        &[
            "--form",
            "a=b",
            "--report",
            "server-timing",
            "--server-timing-total",
            "db",
            "--phases",
        ],
    )
    .ok();
    site.run(
        1,
        &[
            "--form",
            "a=b",
            "--report",
            "none",
            "--server-header",
            "x-runtime",
            "--phases",
        ],
    )
    .ok();
    let all = rows_with_phases(&site.file());
    let service = |row: &Row| row["server_buy_elapsed_seconds"].clone();
    assert_eq!(
        all[3..].iter().map(service).collect::<Vec<_>>(),
        ["0.041", "0.25"]
    );
}

/// The page has them too, also when it is made from the rows.
#[test]
fn the_page_has_the_metrics_of_server_timing() {
    let timing = "Server-Timing: db;dur=41;desc=\"<b>\", total;dur=60\r\n";
    let site = Site::start(
        with_fields(200, "", "hi"),
        with_fields(200, timing, "thanks"),
    );
    let page = site.dir.path().join("page.html");
    let name = page.to_str().expect("UTF-8");
    let more = ["--form", "a=b", "--report", "server-timing", "--phases"];
    site.run(3, &[&more[..], &["--html", name]].concat()).ok();
    let live = std::fs::read_to_string(&page).expect("a page");
    let file = site.file();
    client(["report", file.to_str().expect("UTF-8"), "-o", name]).ok();
    let read_back = std::fs::read_to_string(&page).expect("a page");
    for text in [live, read_back] {
        let at = text.find("Server-Timing)").expect("a caption");
        let table = &text[at..at + text[at..].find("</table>").expect("a table")];
        let plain = table.replace(['\u{a0}', '\u{202f}'], " ");
        // 41 ms are 68 % of the service time.
        for part in ["db", "41", "60", "68 %", "purchase"] {
            assert!(plain.contains(part), "{part}: {plain}");
        }
    }
}

#[test]
fn an_answer_with_server_timing_and_no_report_has_a_hint() {
    let site = Site::start(
        welcome(),
        with_fields(200, "Server-Timing: app;dur=5\r\n", "<p>thanks"),
    );
    let finished = site.run(1, &["--form", "a=b"]);
    assert!(
        finished.stdout.contains("--report server-timing"),
        "{finished:?}"
    );
    let none = Site::start(welcome(), page(200, "text/html", "<p>thanks"));
    let finished = none.run(1, &["--form", "a=b"]);
    assert!(finished.stdout.contains("--report none"), "{finished:?}");
}

/// A site whose pages set a session by the number of the connection, and a token.
#[test]
fn each_shopper_has_its_own_session_and_token() {
    let seen = Arc::new(Mutex::new(Vec::new()));
    let requests = Arc::clone(&seen);
    let server = Scripted::start(move |mut stream, number| {
        let request = read_request(&mut stream);
        if request.is_empty() {
            return;
        }
        let answer = if request.starts_with("GET /site/form/") {
            let form = format!("<input name=csrfmiddlewaretoken value=t{number}>");
            with_fields(
                200,
                "Set-Cookie: csrftoken=secret; Path=/\r\nSet-Cookie: old=; Max-Age=0; Path=/\r\n",
                &form,
            )
        } else if request.starts_with("GET") {
            let cookies = format!(
                "Set-Cookie: sessionid=s{number}; Path=/\r\nSet-Cookie: old=x; Path=/\r\nSet-Cookie: far=1; Path=/elsewhere\r\n"
            );
            with_fields(200, &cookies, "home")
        } else {
            with_fields(302, "Location: /x\r\n", "")
        };
        requests
            .lock()
            .expect("not poisoned")
            .push((number, request));
        respond(&mut stream, &answer);
    });
    let dir = tempdir().expect("a directory");
    let mut args = flags(&server.url(), 5, &dir.path().join("report.csv"));
    args[3] = "site".to_owned();
    let more = [
        "-b",
        "/buy/",
        "--cookies",
        "--csrf",
        "--csrf-page",
        "/site/form/?a=1",
        "--form",
        "a=b",
        "--expect",
        "302",
        "-H",
        "Cookie: own=1",
        "--json",
    ];
    args.extend(more.map(str::to_owned));
    let summary: Value = serde_json::from_str(&client(args).ok().stdout).expect("JSON");
    let requests = seen.lock().expect("not poisoned");
    let of = |begin: &str| {
        let found = requests
            .iter()
            .filter(|(_, request)| request.starts_with(begin));
        found.cloned().collect::<Vec<_>>()
    };
    let session = |request: &str| {
        let cookies = field(request, "Cookie").expect("cookies").to_owned();
        let mut parts = cookies
            .split("; ")
            .map(str::to_owned)
            .collect::<Vec<_>>()
            .into_iter();
        assert_eq!(parts.next().as_deref(), Some("own=1"));
        (parts.next().expect("a session"), parts.collect::<Vec<_>>())
    };
    let homes = of("GET /site ");
    assert_eq!(homes.len(), 5);
    assert!(
        homes
            .iter()
            .all(|(_, home)| field(home, "Cookie") == Some("own=1"))
    );
    let mut sessions = std::collections::HashMap::new();
    for (number, form) in of("GET /site/form/?a=1 ") {
        let (session, others) = session(&form);
        assert_eq!(others, ["old=x"]);
        sessions.insert(session, format!("a=b&csrfmiddlewaretoken=t{number}"));
    }
    assert_eq!(sessions.len(), 5);
    let purchases = of("POST /site/buy/ ");
    assert_eq!(purchases.len(), 5);
    for (_, purchase) in purchases {
        let (session, others) = session(&purchase);
        assert_eq!(others, ["csrftoken=secret"]);
        let (_, body) = purchase.split_once("\r\n\r\n").expect("a body");
        assert_eq!(sessions.remove(&session).as_deref(), Some(body));
        assert!(field(&purchase, "Referer").is_some());
    }
    assert_eq!(summary["form_page_elapsed_seconds"]["n"], 5);
    assert_eq!(summary["form_pages_failed"], 0);
    let rows = rows_of_site(&dir.path().join("report.csv"), false, &[302.0]);
    assert_eq!(rows.len(), 5);
}

#[test]
fn without_sessions_no_cookie_is_kept() {
    let site = Site::start(
        with_fields(200, "Set-Cookie: a=1; Path=/\r\n", "hi"),
        page(200, "text/html", "thanks"),
    );
    site.run(2, &["--form", "a=b", "--report", "none"]).ok();
    assert!(
        site.asked("POST")
            .iter()
            .all(|post| field(post, "Cookie").is_none())
    );
}

/// Sessions that plain http loses: said once, with the hint.
#[test]
fn secure_cookies_at_a_plain_target_are_said() {
    let site = Site::start(
        with_fields(200, "Set-Cookie: sessionid=1; Path=/; Secure\r\n", "hi"),
        page(200, "text/html", "thanks"),
    );
    let more = ["--form", "a=b", "--cookies", "--report", "none"];
    let finished = site.run(3, &more).ok();
    let said = finished
        .stdout
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    let sentence = "3 Secure cookies were not sent back, since the target is plain http";
    assert_eq!(said.matches(sentence).count(), 1, "{said}");
    assert!(said.contains("SESSION_COOKIE_SECURE"), "{said}");
    assert!(
        site.asked("POST")
            .iter()
            .all(|post| field(post, "Cookie").is_none())
    );
    let file = site.file();
    let read_back = client(["summary", file.to_str().expect("UTF-8"), "--json"]).ok();
    let summary: Value = serde_json::from_str(&read_back.stdout).expect("JSON");
    assert_eq!(summary["cookies_withheld"]["count"], 3);
    let hint = summary["cookies_withheld"]["hint"]
        .as_str()
        .expect("a hint");
    assert!(hint.contains("https"), "{hint}");
    let url = site.server.url();
    let check = client(["check", "-t", &url, "-d", "site", "-b", "/buy/", "--json"]);
    let found: Value = serde_json::from_str(&check.stdout).expect("JSON");
    let checks = found["checks"].as_array().expect("a list");
    let named = |name: &str| checks.iter().find(|of| of["name"] == name).cloned();
    let sessions = named("sessions").expect("sessions");
    assert_eq!(sessions["finding"], "the pages set cookies: sessionid");
    let secure = named("secure cookies").expect("Secure cookies");
    assert_eq!(secure["status"], "warn");
}

/// A service time that was asked for and is not there is said, with what to do.
#[test]
fn purchases_without_a_service_time_are_said() {
    let timing = "Server-Timing: db;dur=5\r\nX-Runtime: soon\r\n";
    for (fields, more, missing) in [
        ("", &["--report", "server-timing"][..], true),
        (
            "Server-Timing: hit\r\n",
            &["--report", "server-timing"],
            true,
        ),
        (timing, &["--report", "server-timing"], false),
        (
            timing,
            &["--report", "server-timing", "--server-timing-total", "view"],
            true,
        ),
        (
            timing,
            &["--report", "none", "--server-header", "X-Runtime"],
            true,
        ),
        (timing, &["--report", "none"], false),
    ] {
        let site = Site::start(welcome(), with_fields(200, fields, "thanks"));
        let finished = site.run(3, &[&["--form", "a=b"], more].concat()).ok();
        let said = finished
            .stdout
            .split_whitespace()
            .collect::<Vec<_>>()
            .join(" ");
        let sentence = "3 purchases have no service time in Server-Timing or --server-header";
        assert_eq!(said.contains(sentence), missing, "{more:?}: {said}");
        let file = site.file();
        let read_back = client(["summary", file.to_str().expect("UTF-8"), "--json"]).ok();
        let summary: Value = serde_json::from_str(&read_back.stdout).expect("JSON");
        let count = summary["server_times_missing"]["count"].as_u64();
        assert_eq!(count, missing.then_some(3), "{more:?}");
    }
}

#[test]
fn cookies_and_metrics_without_end_are_bounded_and_said() {
    let cookies: String = (0..200)
        .map(|n| format!("Set-Cookie: c{n}=x\r\n"))
        .collect();
    let long = format!("Server-Timing: {}\r\n", "metric;dur=1.5,".repeat(4000));
    let site = Site::start(
        with_fields(200, &cookies, "hi"),
        with_fields(200, &long, "thanks"),
    );
    let more = [
        "--form",
        "a=b",
        "--cookies",
        "--report",
        "server-timing",
        "--phases",
    ];
    let finished = site.run(2, &more).ok();
    assert!(
        finished.stdout.contains("300 cookies were not kept"),
        "{finished:?}"
    );
    assert!(
        finished.stdout.contains("2 Server-Timing fields were cut"),
        "{finished:?}"
    );
    for post in site.asked("POST") {
        assert_eq!(
            field(&post, "Cookie").expect("cookies").split("; ").count(),
            50
        );
    }
    for row in rows_with_phases(&site.file()) {
        assert!(row["server_buy_timing"].chars().count() <= 4096 + 1);
        assert_eq!(row["server_buy_elapsed_seconds"], "0.0015");
    }
}

#[test]
fn hostile_metrics_are_left_out() {
    let hostile = "Server-Timing: =;dur=1, a b;dur=2, \"x\";dur=3, ok;dur=4;desc=\"\x1b]0;x\", ;;;,,,, n;dur=-5, m;dur=1e999\r\n";
    let site = Site::start(welcome(), with_fields(200, hostile, "thanks"));
    let finished = site.run(1, &["--form", "a=b", "--report", "server-timing"]);
    // The escape character makes it a head that breaks the grammar (RFC 9110 section 5.5).
    assert!(
        finished.stdout.contains("not an HTTP/1.x response"),
        "{finished:?}"
    );
    assert!(!finished.stdout.contains('\x1b'), "{finished:?}");
    let hostile = hostile.replace('\x1b', "");
    let site = Site::start(welcome(), with_fields(200, &hostile, "thanks"));
    site.run(1, &["--form", "a=b", "--report", "server-timing"])
        .ok();
    assert_eq!(rows(&site.file())[0]["server_buy_elapsed_seconds"], "0.004");
}

#[test]
fn what_cannot_be_posted_is_refused_before_the_load() {
    let site = Site::start(welcome(), page(200, "text/html", "thanks"));
    let csv = site.dir.path().join("users.csv");
    std::fs::write(&csv, "user,word\nann\n").expect("written");
    let csv = csv.to_str().expect("UTF-8");
    for (more, parts) in [
        (
            &["--form", "a={nope}"][..],
            &["unknown placeholder {nope}", "{email}"][..],
        ),
        (
            &["--form-file", csv],
            &["line 2 has 1 columns, the header 2"],
        ),
        (&["--form-file", "/nowhere.csv"], &["No such file"]),
    ] {
        site.run(1, more).refused(2, parts);
    }
    assert_eq!(site.server.connections(), 0);
}
