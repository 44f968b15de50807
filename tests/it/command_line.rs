//! What is refused before anything is sent, and how it is said.

use std::path::Path;
use std::process::Command;

use tempfile::tempdir;

use crate::support::*;

#[test]
fn invalid_command_lines_are_refused_and_nothing_is_sent() {
    let server = Scripted::start(|_, _| {});
    let url = server.url();
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let file = file.to_str().expect("UTF-8");
    let bare = url.trim_start_matches("http://");
    let https = url.replace("http://", "https://");
    for (args, parts) in [
        (&["-d", "rdbms"][..], &["--target", "missing"][..]),
        (&["-t", &url], &["--app-dirname", "missing"]),
        (
            &["-t", bare, "-d", "rdbms"],
            &[bare, "no scheme", "http://"],
        ),
        (
            &["-t", &url, "-d", "rdbms", "--ca", "ca.pem"],
            &["--ca", "an https:// target", &https],
        ),
        (
            &["-t", &https, "-d", "rdbms", "--ca", "no-such.pem"],
            &["--ca", "no-such.pem", "cannot be read"],
        ),
        (
            &["-t", &https, "-d", "rdbms", "--key", "no-such.pem"],
            &["--key", "--cert FILE"],
        ),
        (
            &["-t", "http://no-such-host.invalid", "-d", "rdbms"],
            &["no-such-host.invalid", "resolve"],
        ),
        (
            &["-t", &url, "-d", "rdbms", "-c", "0"],
            &["--concurrent \"0\"", "1 or more"],
        ),
        (
            &["-t", &url, "-d", "rdbms", "-c", "ten"],
            &["--concurrent \"ten\"", "whole number"],
        ),
        (
            &["-t", &url, "-d", "rdbms", "--colour"],
            &["--colour", "--help"],
        ),
        (&["-t", &url, "-d", "rdbms", "now"], &["now", "--help"]),
        (&["launch"], &["launch", "demo", "shop"]),
        (
            &["-t", &url, "-d", "rdbms\r\nX: y"],
            &["--app-dirname", "control characters"],
        ),
        (
            &["-t", &url, "-d", "rdbms", "-p", "/\u{1}"],
            &["--page-query", "control characters"],
        ),
        (
            &["-t", &url, "-d", "rdbms", "-b", "/{}/\n"],
            &["--buy-query", "control characters"],
        ),
        (
            &["-t", &url, "-d", "rdbms", "--products", "2,\t3\u{7f}"],
            &["--products", "control"],
        ),
        (
            &["-t", &url, "-d", "rdbms", "-H", "X: a\r\nY: b"],
            &["--header", "control characters"],
        ),
        (
            &["-t", &url, "-d", "rdbms", "--user-agent", "a\nb"],
            &["--user-agent", "control"],
        ),
        (
            &["-t", &url, "-d", "elsewhere"],
            &["elsewhere", "--products"],
        ),
    ] {
        let args: Vec<&str> = args.iter().copied().chain(["-o", file]).collect();
        let refused = client(&args).refused(2, parts);
        assert_eq!(refused.stdout, "", "{args:?}");
        let line = refused.stderr.trim_end();
        assert!(!line.contains(char::is_control), "{line:?}");
    }
    assert_eq!(server.connections(), 0);
    assert!(!Path::new(file).exists(), "no file was left behind");
}

#[test]
fn help_and_version() {
    let help = client(["--help"]).ok();
    assert_eq!(help.stderr, "");
    for option in [
        "--target",
        "--app-dirname",
        "--concurrent",
        "--benchmark-title",
        "--page-query",
        "--buy-query",
        "--output",
        "--products",
        "--connect-to",
        "--resolve",
        "--bind",
        "--seed",
        "--header",
        "--user-agent",
        "--keep-alive",
        "--preconnect",
        "--timeout",
        "--connect-timeout",
        "--max-body",
        "--utc",
        "--json",
        "--quiet",
        "--verbose",
        "--help",
        "--version",
        "demo",
        "shop",
        "130",
        "143",
    ] {
        assert!(help.stdout.contains(option), "{option} is not in the help");
    }
    let short = client(["-h"]).ok().stdout;
    assert!(short.lines().count() <= 24, "one screen:\n{short}");
    for part in ["demo", "check", "--target", "--concurrent", "--help"] {
        assert!(short.contains(part), "{part} is not in {short}");
    }
    let version = client(["--version"]).ok().stdout;
    assert_eq!(
        version,
        format!("profilerclient {}\n", env!("CARGO_PKG_VERSION"))
    );
    assert!(
        client(["shop", "--help"])
            .ok()
            .stdout
            .contains("--service-time")
    );
    assert!(client(["demo", "--help"]).ok().stdout.contains("demo"));
}

#[test]
fn every_spelling_of_the_old_flags() {
    let server = Scripted::purchases(|mut stream| respond(&mut stream, &report()));
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let output = format!("--output={}", file.display());
    let target = format!("-t{}/", server.url());
    let args = [
        &target,
        "--app_dirname=rdbms",
        "-c2",
        "--benchmark_title",
        "old; \"scripts\"",
        "--page_query=/?x",
        "--buy_query",
        "/{product_id}/p/",
        &output,
    ];
    client(args).ok();
    let rows = rows(&file);
    assert_eq!(rows.len(), 2);
    for row in rows {
        assert_eq!(row["benchmark_title"], "old; \"scripts\"");
        assert_eq!(row["concurrent_requests"], "2");
        assert_eq!(row["client_buy_result"], "True");
    }
}

#[test]
fn what_goes_over_the_wire() {
    let (sender, requests) = std::sync::mpsc::channel();
    let server = Scripted::start(move |mut stream, _| {
        let request = read_request(&mut stream);
        // Told before it is answered: the next request comes on another thread.
        sender.send(request).expect("the test listens");
        respond(&mut stream, &report());
    });
    let dir = tempdir().expect("a directory");
    let mut args = flags(&server.url(), 1, &dir.path().join("report.csv"));
    args.extend(
        [
            "-H",
            "X-Test: 1",
            "-H",
            "accept: text/html",
            "--user-agent",
            "me/1",
            "--products",
            "a-b",
        ]
        .map(str::to_owned),
    );
    client(args).ok();
    let home = requests.recv_timeout(PATIENCE).expect("a home request");
    let authority = server.url().replace("http://", "");
    assert_eq!(
        home,
        format!(
            "GET /rdbms HTTP/1.1\r\nHost: {authority}\r\nUser-Agent: me/1\r\nAccept-Encoding: identity\r\n\
             Connection: close\r\nX-Test: 1\r\naccept: text/html\r\n\r\n"
        )
    );
    let buy = requests.recv_timeout(PATIENCE).expect("a purchase");
    assert!(
        buy.starts_with("POST /rdbms/a-b/purchase/1/ HTTP/1.1\r\n"),
        "{buy}"
    );
    let (_, form) = buy.split_once("\r\n\r\n").expect("a body");
    let fields: Vec<(String, String)> = url::form_urlencoded::parse(form.as_bytes())
        .into_owned()
        .collect();
    let names: Vec<&str> = fields.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["email", "repeat_email", "quantity"]);
    assert_eq!(fields[0].1, fields[1].1);
    let (name, domain) = fields[0].1.split_once('@').expect("an address");
    assert_eq!(domain, "example.com");
    assert!(
        name.len() == 10
            && name
                .bytes()
                .all(|b| b.is_ascii_digit() || b.is_ascii_lowercase())
    );
    let quantity: u32 = fields[2].1.parse().expect("a number");
    assert!((1..=98).contains(&quantity));
}

#[test]
fn a_seed_repeats_the_shoppers() {
    let run = |seed: &str| {
        let (sender, forms) = std::sync::mpsc::channel();
        let server = Scripted::purchases(move |_| {});
        drop(server);
        let server = Scripted::start(move |mut stream, _| {
            let request = read_request(&mut stream);
            if let Some((head, form)) = request
                .split_once("\r\n\r\n")
                .filter(|_| request.starts_with("POST"))
            {
                let path = head.lines().next().expect("a request line").to_owned();
                sender
                    .send((path, form.to_owned()))
                    .expect("the test listens");
            }
            respond(&mut stream, &report());
        });
        let dir = tempdir().expect("a directory");
        let mut args = flags(&server.url(), 10, &dir.path().join("report.csv"));
        args.extend(["--seed".to_owned(), seed.to_owned()]);
        client(args).ok();
        let mut all: Vec<_> = (0..10)
            .map(|_| forms.recv_timeout(PATIENCE).expect("ten"))
            .collect();
        all.sort();
        all
    };
    let first = run("42");
    assert_eq!(first, run("42"));
    assert_ne!(first, run("43"));
}

#[test]
fn products_are_read_from_the_home_page() {
    let home =
        r#"<a href="/shoes/red-1/details/">Red</a><a href="/shoes/blue-2/details/">Blue</a>"#;
    let (sender, paths) = std::sync::mpsc::channel();
    let server = Scripted::start(move |mut stream, _| {
        let request = read_request(&mut stream);
        let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
        match request.starts_with("GET") {
            true => respond(&mut stream, &page(200, "text/html", home)),
            false => {
                sender.send(path).expect("the test listens");
                respond(&mut stream, &report());
            }
        }
    });
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let file = file.to_str().expect("UTF-8");
    let url = server.url();
    client([
        "-t",
        &url,
        "-d",
        "shoes",
        "-c",
        "30",
        "-o",
        file,
        "--products",
        "auto",
    ])
    .ok();
    let mut seen: Vec<String> = (0..30)
        .map(|_| paths.recv_timeout(PATIENCE).expect("thirty"))
        .collect();
    seen.sort();
    seen.dedup();
    assert_eq!(
        seen,
        ["/shoes/blue-2/purchase/1/", "/shoes/red-1/purchase/1/"]
    );

    let empty = Scripted::start(|mut stream, _| {
        read_request(&mut stream);
        respond(&mut stream, &page(200, "text/html", "closed"));
    });
    let url = empty.url();
    client(["-t", &url, "-d", "shoes", "-o", file, "--products", "auto"])
        .refused(1, &["/shoes", "no product links", "--products"]);
}

#[test]
fn more_shoppers_than_descriptors_is_refused_before_the_launch() {
    let server = Scripted::start(|_, _| {});
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let script = format!(
        "ulimit -n 64; exec {BINARY} -t {} -d rdbms -c 100 -o {}",
        server.url(),
        file.display()
    );
    let mut shell = Command::new("sh");
    shell.args(["-c", &script]);
    finish(shell).refused(1, &["--concurrent 100", "limit is 64", "ulimit"]);
    assert_eq!(server.connections(), 0);
    assert!(!file.exists());
}

#[test]
fn a_soft_limit_is_raised_to_the_hard_one() {
    let server = Scripted::purchases(|mut stream| respond(&mut stream, &report()));
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let script = format!(
        "ulimit -Sn 40; exec {BINARY} -t {} -d rdbms -c 60 -o {}",
        server.url(),
        file.display()
    );
    let mut shell = Command::new("sh");
    shell.args(["-c", &script]);
    finish(shell).ok();
    assert_eq!(rows(&file).len(), 60);
}

#[test]
fn probable_mistakes_are_refused_before_anything_is_sent() {
    let server = Scripted::start(|_, _| {});
    let url = server.url();
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let file = file.to_str().expect("UTF-8");
    let repeated = format!("{url}/rdbms/");
    let below = format!("{url}/shops/rdbms");
    for (args, parts) in [
        // The app in the target, too.
        (
            &["-t", &repeated, "-d", "rdbms"][..],
            &["--target", &repeated, "/rdbms/rdbms", "-d rdbms"][..],
        ),
        (
            &["-t", &below, "-d", "rdbms"],
            &["--target", &below, "/shops -d rdbms"],
        ),
        (&["-t", &repeated], &["--app-dirname", "-d rdbms"]),
        // A place for the product in another notation, or none.
        (
            &["-t", &url, "-d", "rdbms", "--buy-query", "/%s/purchase/1/"],
            &["--buy-query \"/%s/purchase/1/\"", "%s", "{!s}"],
        ),
        (
            &["-t", &url, "-d", "rdbms", "-b", "/%(id)s/"],
            &["--buy-query", "%(id)s", "{!s}"],
        ),
        (
            &["-t", &url, "-d", "rdbms", "-b", "/2/purchase/1/"],
            &[
                "--buy-query \"/2/purchase/1/\"",
                "no place for the product id",
                "{!s}",
            ],
        ),
        (
            &["-t", &url, "-d", "rdbms", "-b", "/{id}/purchase/1/"],
            &["--buy-query", "{id}", "{product_id}"],
        ),
        // Options of other tools.
        (
            &["-t", &url, "-d", "rdbms", "-n", "5"],
            &["\"-n\"", "--repeat", "profilerclient --help"],
        ),
        (
            &["-t", &url, "-d", "rdbms", "--concurent", "5"],
            &["did you mean --concurrent?"],
        ),
        (&["-t", &url, "-d", "rdbms", "-k"], &["--keep-alive"]),
        (
            &["-t", &url, "-d", "rdbms", "-vv"],
            &["--verbose", "one level"],
        ),
        (
            &["-t", "4", "-c", "100", "-d", "30s"],
            &["--target \"4\"", "threads"],
        ),
        (
            &["-t", &url, "-d", "30s"],
            &["--app-dirname \"30s\"", "--duration"],
        ),
        (
            &["-t", &url, "-t", &url, "-d", "rdbms"],
            &["--target is given twice"],
        ),
        (&["-d", "rdbms", &url], &["give the target as -t"]),
        (
            &["check", "-d", "rdbms", &url],
            &["give the target as -t", "profilerclient check --help"],
        ),
    ] {
        let mut args: Vec<&str> = args.to_vec();
        args.extend(["-o", file]);
        let refused = client(&args).refused(2, parts);
        assert_eq!(refused.stdout, "", "{args:?}");
    }
    client([url.as_str()]).refused(2, &["give the target as -t", &url]);
    client(["shop", "--port", "8000"]).refused(2, &["--listen", "profilerclient shop --help"]);
    client(["chekc", "-t", &url]).refused(2, &["did you mean check?"]);
    client::<&str>([]).refused(2, &["--target is missing", "demo", "-h"]);
    assert_eq!(server.connections(), 0);
    assert!(!Path::new(file).exists(), "no file was left behind");
}

#[test]
fn the_templates_and_prefixes_of_old_scripts() {
    for (template, path) in [
        ("/{!s}/x/", "/rdbms/7/x/"),
        ("/{}/x/", "/rdbms/7/x/"),
        ("/{0}/x/", "/rdbms/7/x/"),
        ("/{0!s}/x/", "/rdbms/7/x/"),
        ("/{!r}/x/", "/rdbms/7/x/"),
        ("/{0!r}/x/", "/rdbms/7/x/"),
        ("/{product_id}/x/", "/rdbms/7/x/"),
        ("/{{}}/{}/", "/rdbms/{}/7/"),
    ] {
        let (sender, paths) = std::sync::mpsc::channel();
        let server = Scripted::start(move |mut stream, _| {
            let request = read_request(&mut stream);
            if request.starts_with("POST") {
                let path = request.split(' ').nth(1).unwrap_or_default().to_owned();
                sender.send(path).expect("the test listens");
            }
            respond(&mut stream, &report());
        });
        let dir = tempdir().expect("a directory");
        let file = dir.path().join("report.csv");
        let output = format!("--out={}", file.display());
        let url = server.url();
        let finished = client([
            "--tar",
            &url,
            "--app",
            "rdbms",
            "--conc",
            "1",
            "--buy",
            template,
            &output,
            "--products",
            "7",
        ])
        .ok();
        assert_eq!(
            paths.recv_timeout(PATIENCE).as_deref(),
            Ok(path),
            "{template}"
        );
        assert_eq!(rows(&file).len(), 1);
        let notes: Vec<&str> = finished.stderr.lines().collect();
        assert_eq!(notes.len(), 5, "{notes:?}");
        for (note, name) in notes.iter().zip([
            "--target",
            "--app-dirname",
            "--concurrent",
            "--buy-query",
            "--output",
        ]) {
            assert!(note.starts_with("profilerclient: note: --"), "{note}");
            assert!(note.contains(&format!("write {name}")), "{note}");
        }
    }
}

#[test]
fn every_command_and_topic_prints_its_help() {
    for command in [
        "demo",
        "check",
        "calibrate",
        "shop",
        "help",
        "man",
        "completions",
        "version",
    ] {
        let page = client([command, "--help"]).ok();
        assert_eq!(page.stderr, "");
        assert!(
            page.stdout
                .starts_with(&format!("profilerclient {command}: ")),
            "{page:?}"
        );
        assert_eq!(client(["help", command]).ok().stdout, page.stdout);
        let short = client([command, "-h"]).ok().stdout;
        assert!(short.lines().count() <= 24, "{short}");
    }
    for topic in [
        "load",
        "columns",
        "trust",
        "accuracy",
        "speed",
        "tools",
        "differences",
    ] {
        let text = client(["help", topic]).ok().stdout;
        assert!(text.lines().count() > 5, "{text}");
        assert!(client(["help"]).ok().stdout.contains(topic));
    }
    client(["help", "toolz"]).refused(2, &["toolz", "did you mean tools?"]);
    assert!(
        client(["man"])
            .ok()
            .stdout
            .starts_with(".TH PROFILERCLIENT 1")
    );
    for shell in ["bash", "zsh", "fish"] {
        let text = client(["completions", shell]).ok().stdout;
        assert!(text.contains("json"), "{shell}: {text}");
    }
    client(["completions", "tcsh"]).refused(2, &["tcsh", "bash, zsh, fish"]);
    client(["completions"]).refused(2, &["bash|zsh|fish"]);
}
