//! Summary, JSON, progress: what reaches the terminal and what must not.

use serde_json::Value;
use tempfile::tempdir;

use crate::support::*;

fn run(server: &Scripted, shoppers: usize, more: &[&str]) -> Finished {
    let dir = tempdir().expect("a directory");
    let mut args = flags(&server.url(), shoppers, &dir.path().join("report.csv"));
    args.extend(more.iter().map(|&arg| arg.to_owned()));
    client(args).ok()
}

fn fine() -> Scripted {
    Scripted::purchases(|mut stream| respond(&mut stream, &report()))
}

#[test]
fn the_summary_has_the_figures_of_the_old_client_and_more() {
    let summary = run(&fine(), 20, &[]).stdout;
    for part in [
        "report.csv",
        "burst of 20 at ",
        "20 of 20 purchases, 0 failed",
        "p50",
        "p90",
        "p99",
        "max",
        "p95",
        "mean",
        "home",
        "purchase",
        "service time",
        "200",
        "seed",
    ] {
        assert!(summary.contains(part), "{part:?} is not in {summary}");
    }
}

#[test]
fn json_has_the_same_figures() {
    let finished = run(&fine(), 20, &["--json", "--seed", "5"]);
    let json: Value = serde_json::from_str(&finished.stdout).expect("one JSON object");
    assert_eq!(json["schema_version"], 2, "{json:#}");
    let text = json.to_string();
    for part in ["p50", "p99", "mean", "max", "\"seed\":\"5\"", "report.csv"] {
        assert!(text.contains(part), "{part:?} is not in {json:#}");
    }
}

#[test]
fn quiet_prints_nothing_and_verbose_prints_details() {
    let quiet = run(&fine(), 3, &["-q"]);
    assert_eq!((quiet.stdout.as_str(), quiet.stderr.as_str()), ("", ""));
    let verbose = run(&fine(), 3, &["-v"]);
    for part in ["127.0.0.1", "open files", "clock"] {
        assert!(
            verbose.stderr.contains(part),
            "{part:?} is not in {verbose:#?}"
        );
    }
    let normal = run(&fine(), 3, &[]);
    assert_eq!(
        normal.stderr, "",
        "no progress line where there is no terminal"
    );
}

#[test]
fn errors_are_grouped_with_the_most_frequent_first_and_hints() {
    let server = Scripted::start(|mut stream, number| {
        read_request(&mut stream);
        match number % 4 {
            0 => respond(&mut stream, &page(502, "text/html", "")),
            _ => respond(
                &mut stream,
                &page(403, "text/html", "CSRF verification failed"),
            ),
        }
    });
    let summary = run(&server, 40, &[]).stdout;
    let often = summary
        .find("HTTP 403 Forbidden")
        .expect("the frequent one");
    let seldom = summary
        .find("HTTP 502 Bad Gateway")
        .expect("the seldom one");
    assert!(often < seldom, "{summary}");
    assert!(summary.contains("CsrfViewMiddleware"), "{summary}");
    assert!(summary.contains("upstream"), "{summary}");
}

#[test]
fn control_characters_from_a_server_never_reach_the_terminal() {
    let body =
        r#"{"result": false, "error_msg": "\u001b]0;owned\u0007\u001b[2J\u009b31m\r\nsold out"}"#;
    let json = page(200, "application/json", body);
    let html = page(500, "text/html", "<title>\x1b[31mred\x07</title>");
    for answer in [json, html] {
        let server = Scripted::purchases(move |mut stream| respond(&mut stream, &answer));
        for more in [&[][..], &["-v"], &["--json"]] {
            let finished = run(&server, 3, more);
            for text in [&finished.stdout, &finished.stderr] {
                let hostile = text.chars().find(|&c| c.is_control() && c != '\n');
                assert_eq!(hostile, None, "{text:?}");
            }
        }
    }
}

#[test]
fn progress_on_a_terminal_is_cleared() {
    if std::process::Command::new("script")
        .arg("--version")
        .output()
        .is_err()
    {
        panic!("the command script (util-linux) is missing: the progress line was not tested");
    }
    let server = Scripted::purchases(|mut stream| {
        std::thread::park_timeout(std::time::Duration::from_millis(700));
        respond(&mut stream, &report());
    });
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let line = format!(
        "{BINARY} -t {} -d rdbms -c 3 -o {}",
        server.url(),
        file.display()
    );
    let mut script = std::process::Command::new("script");
    script
        .args(["-qec", &line, "/dev/null"])
        .stdin(std::process::Stdio::null());
    let shown = finish(script).ok().stdout;
    assert!(shown.contains("in flight"), "{shown:?}");
    let last = shown.rfind("in flight").expect("found before");
    assert!(
        shown[last..].contains("\r\x1b[K") || shown[last..].contains("\x1b[2K"),
        "wiped: {shown:?}"
    );
}
