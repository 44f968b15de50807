//! Tests of suggest.

use super::*;
use crate::cli::commands::{CALIBRATE, CHECK, DEMO, RUN, SHOP};
use crate::cli::words::Words;

/// What is said of a command line.
fn said(command: &'static Command, line: &str) -> String {
    let words = line.split(' ').map(Into::into).collect();
    let error = Words::read(command, words).into_given(command);
    let error = error.expect_err(line).to_string();
    assert!(!error.contains(char::is_control), "{error:?}");
    error
}

#[test]
fn options_that_do_not_exist_get_the_nearest_and_the_help_of_the_command() {
    for (command, line, parts) in [
        (
            &RUN,
            "--concurent 5",
            &[
                "--concurent",
                "did you mean --concurrent?",
                "see profilerclient --help",
            ][..],
        ),
        (&RUN, "--keepalive", &["--keep-alive"]),
        (&RUN, "--keep-aliev", &["did you mean --keep-alive?"]),
        (&RUN, "--Timeout 5", &["did you mean --timeout?"]),
        (&RUN, "--time-out 5", &["did you mean --timeout?"]),
        (&RUN, "--conn h:1", &["--connect-to or --connect-timeout"]),
        (&RUN, "-n 5", &["-n", "--repeat", "--count"]),
        (&RUN, "-n5", &["\"-n5\"", "--repeat"]),
        (&RUN, "--requests=5", &["--requests", "--repeat", "--count"]),
        (&RUN, "--connections 5", &["--concurrent"]),
        (&RUN, "-k", &["--keep-alive"]),
        (&RUN, "-vv", &["-v (--verbose) has one level"]),
        (&RUN, "-qv", &["write each option on its own"]),
        (&RUN, "-r 5", &["--repeat"]),
        (&RUN, "-u 5", &["-c (--concurrent)"]),
        (&RUN, "--users 5", &["-c (--concurrent)"]),
        (&RUN, "--threads 5", &["one thread", "-c (--concurrent)"]),
        (&RUN, "-z 30s", &["--duration"]),
        (&RUN, "-R 100", &["--rate"]),
        (&RUN, "-s 5", &["--timeout"]),
        (&RUN, "-X POST", &["--form NAME=VALUE", "--method"]),
        (&RUN, "--warmup 5s", &["--warm-up"]),
        (&RUN, "-rate 5", &["two dashes: write --rate"]),
        (&RUN, "-keep_alive", &["two dashes: write --keep-alive"]),
        (&RUN, "–c 5", &["typographic dash"]),
        (
            &RUN,
            "--service-time 5ms",
            &["--service-time is an option of profilerclient shop"],
        ),
        (&RUN, "--demo", &["demo is a command: profilerclient demo"]),
        (&RUN, "-help", &["two dashes: write --help"]),
        (
            &RUN,
            "--xyzzy",
            &["unknown option \"--xyzzy\" (see profilerclient --help)"],
        ),
        (
            &SHOP,
            "--port 80",
            &["--listen", "see profilerclient shop --help"],
        ),
        (&SHOP, "-p 80", &["--listen"]),
        (&SHOP, "--servicetime 5ms", &["--service-time"]),
        (&SHOP, "-c 5", &["--concurrent is an option of a load"]),
        (
            &CHECK,
            "--bind-to x",
            &["did you mean --bind?", "profilerclient check --help"],
        ),
        (
            &CALIBRATE,
            "-c 5",
            &[
                "--concurrent is an option of a load",
                "profilerclient calibrate --help",
            ],
        ),
        (
            &DEMO,
            "--target http://h",
            &["--target cannot be combined with demo", "leave it out"],
        ),
        (
            &DEMO,
            "-t http://h",
            &["--target cannot be combined with demo"],
        ),
        (
            &DEMO,
            "--durtion 5s",
            &["did you mean --duration?", "profilerclient demo --help"],
        ),
    ] {
        let error = said(command, line);
        for part in parts {
            assert!(error.contains(part), "{line}: {error:?} lacks {part:?}");
        }
    }
}

#[test]
fn words_without_an_option() {
    for (command, line, parts) in [
        (
            &CHECK,
            "--buy /{!s}/x/",
            &["the path of a purchase is -b (--buy-query)"][..],
        ),
        (
            &RUN,
            "-c 5 http://127.0.0.1:8000",
            &["give the target as -t http://127.0.0.1:8000"][..],
        ),
        (
            &RUN,
            "-c 5 127.0.0.1:8000/x",
            &["-t http://127.0.0.1:8000/x"],
        ),
        (&RUN, "-c 5 localhost", &["-t http://localhost"]),
        (&RUN, "-c 5 shop.test:80", &["-t http://shop.test:80"]),
        (
            &DEMO,
            "http://127.0.0.1:8000",
            &["demo starts its own shop"],
        ),
        (&SHOP, "127.0.0.1:8000", &["--listen 127.0.0.1:8000"]),
        (&SHOP, "8000", &["--listen 127.0.0.1:8000"]),
        (&SHOP, "http://0.0.0.0:80/", &["--listen 0.0.0.0:80"]),
        (
            &RUN,
            "-c 5 check",
            &["the command comes first: profilerclient check"],
        ),
        (&RUN, "-c 5 app_dirname=x", &["two dashes: --app-dirname"]),
        (
            &RUN,
            "-c 5 now",
            &["unexpected argument \"now\" (see profilerclient --help)"],
        ),
    ] {
        let error = said(command, line);
        for part in parts {
            assert!(error.contains(part), "{line}: {error:?} lacks {part:?}");
        }
    }
}

#[test]
fn commands_that_do_not_exist() {
    for (word, part) in [
        ("chekc", "did you mean check?"),
        ("claibrate", "did you mean calibrate?"),
        ("demmo", "did you mean demo?"),
        ("–h", "typographic dash"),
        ("Check", "did you mean check?"),
        ("run", "profilerclient -t URL"),
        ("serve", "profilerclient shop"),
        ("http://h:8000", "-t http://h:8000"),
        ("localhost:8000", "-t http://localhost:8000"),
        ("launch", "the commands are demo, check, calibrate, shop"),
    ] {
        let error = command(word).to_string();
        assert!(error.contains(word) && error.contains(part), "{error}");
    }
}

#[test]
fn distances() {
    for (a, b, expected) in [
        ("", "", 0),
        ("", "abc", 3),
        ("kitten", "sitting", 3),
        ("ab", "ba", 1),
        ("concurent", "concurrent", 1),
        ("ca", "abc", 3),
    ] {
        assert_eq!(distance(a, b), expected, "{a} {b}");
        assert_eq!(distance(b, a), expected, "{b} {a}");
    }
}

#[test]
fn people_are_told_what_they_may_have_meant() {
    for (line, part) in [
        ("demo --thread 4", "the number of virtual users is -c"),
        ("help --rat", "did you mean --rate?"),
        ("demo --json report.json", "write --json-file report.json"),
        ("demo help", "write profilerclient demo --help"),
        ("check help", "write profilerclient check --help"),
        ("demo -p rdbms", "it follows the app directly: /rdbmsrdbms"),
        ("demo -b /x/{}/{}", "write {0} at each place"),
        ("demo -b /x/{!s}/{!r}", "write {0} at each place"),
    ] {
        let words = line.split(' ').map(Into::into).collect();
        let error = crate::cli::parse(words).expect_err(line).to_string();
        assert!(error.contains(part), "{line}: {error}");
    }
    for line in [
        "demo -p /x",
        "demo -p ?a=1",
        "demo -b /{0}/{0}",
        "demo -p /",
    ] {
        let words = line.split(' ').map(Into::into).collect();
        assert!(crate::cli::parse(words).is_ok(), "{line}");
    }
}
