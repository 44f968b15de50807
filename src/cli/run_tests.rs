//! Tests of run.

use super::*;
use crate::settings::Products;
use pico_args::Arguments;

fn parse_words(words: &[&str]) -> Result<RunSettings, Invalid> {
    let words = words.iter().map(Into::into).collect();
    parse(Arguments::from_vec(words), None)
}

fn parse_line(line: &str) -> Result<RunSettings, Invalid> {
    let words: Vec<&str> = line.split(' ').collect();
    parse_words(&words)
}

const LEAST: &str = "-t http://127.0.0.1:8000 -d rdbms";

#[test]
fn the_defaults_of_the_old_client() {
    let settings = parse_line(LEAST).expect("enough");
    assert_eq!(
        settings.load.most_at_once(),
        Some(crate::settings::AtOnce::concurrent(1))
    );
    assert_eq!(settings.rows.title, "");
    assert_eq!(settings.rows.output, PathBuf::from("report.csv"));
    assert_eq!(settings.shop.buy_path("3"), "/rdbms/3/purchase/1/");
    assert_eq!(settings.net.timeout, Some(Duration::from_secs(300)));
    assert_eq!(settings.net.connect_timeout, settings.net.timeout);
    assert_eq!(settings.shop.max_body, 1 << 20);
    let Products::Listed(ids) = settings.shop.products else {
        panic!("known ids");
    };
    assert_eq!(ids, ["2", "3", "4", "5"]);
}

#[test]
fn old_and_new_spellings_agree() {
    let old = parse_line(
        "--target=http://h/ --app_dirname=cassandra --concurrent=7 --benchmark_title=x \
         --page_query=?a --buy_query=/{}/b --output=o.csv",
    );
    let new = parse_line(
        "-thttp://h -dcassandra -c7 --benchmark-title x --page-query ?a --buy-query /{}/b -o o.csv",
    );
    assert_eq!(old, new);
    assert!(old.is_ok(), "{old:?}");
}

#[test]
fn free_text_may_look_like_an_option() {
    let mut words: Vec<&str> = LEAST.split(' ').collect();
    words.extend(["-a", "-c 5 with --keep-alive", "-H", "X: -q"]);
    let settings = parse_words(&words).expect("text is text");
    assert_eq!(settings.rows.title, "-c 5 with --keep-alive");
    assert!(!settings.net.keep_alive);
    assert_eq!(
        settings.load.most_at_once(),
        Some(crate::settings::AtOnce::concurrent(1))
    );
}

#[test]
fn conditions_with_equals_signs_in_every_spelling() {
    for words in [
        &["--fail-if", "buy.p99>=3s", "--fail-if", "errors>1%"][..],
        &["--fail-if=buy.p99>=3s", "--fail-if=errors>1%"],
        &["--fail_if=buy.p99>=3s", "--fail_if", "errors>1%"],
    ] {
        let all: Vec<&str> = LEAST.split(' ').chain(words.iter().copied()).collect();
        let settings = parse_words(&all).expect("conditions");
        let texts: Vec<&str> = settings
            .judge
            .thresholds
            .iter()
            .map(|of| of.text.as_str())
            .collect();
        assert_eq!(texts, ["buy.p99>=3s", "errors>1%"]);
    }
    assert_eq!(parse_line(LEAST).expect("enough").judge.thresholds, []);
}

#[test]
fn each_place_for_the_product() {
    for query in ["/{!s}/p", "/{}/p", "/{product_id}/p"] {
        let line = format!("{LEAST} -b {query}");
        let settings = parse_line(&line).expect("a query");
        assert_eq!(settings.shop.buy_path("9"), "/rdbms/9/p");
    }
}

#[test]
fn an_empty_value_is_a_value() {
    for words in [
        &["--benchmark_title=", "--page_query="][..],
        &["-a", "", "-p="],
    ] {
        let all: Vec<&str> = LEAST.split(' ').chain(words.iter().copied()).collect();
        let settings = parse_words(&all).expect("empty is fine");
        assert_eq!(
            (
                settings.rows.title.as_str(),
                settings.shop.page_query.as_str()
            ),
            ("", "")
        );
    }
    let quoted: Vec<&str> = LEAST.split(' ').chain(["-a='x'"]).collect();
    assert_eq!(parse_words(&quoted).expect("text").rows.title, "'x'");
}

#[test]
fn zero_is_no_time_limit() {
    let settings = parse_line(&format!("{LEAST} --timeout 0 --connect-timeout 2s")).expect("ok");
    assert_eq!(settings.net.timeout, None);
    assert_eq!(settings.net.connect_timeout, Some(Duration::from_secs(2)));
}

#[test]
fn errors_name_the_input_and_the_hint() {
    for (line, parts) in [
        ("-d rdbms", &["--target is missing", "-t http://"][..]),
        ("-t http://h", &["--app-dirname is missing", "-d rdbms"]),
        ("-t h -d rdbms", &["\"h\"", "http://h"]),
        ("-t ftp://h -d rdbms", &["ftp://h", "https://"]),
        ("-t http://h -d shop", &["\"shop\"", "--products"]),
        ("-t http://h -d rdbms -c 0", &["\"0\"", "1 or more"]),
        ("-t http://h -d rdbms -c -1", &["\"-1\"", "1 or more"]),
        ("-t http://h -d rdbms -c 1 -c 2", &["--concurrent", "twice"]),
        ("-t http://h -d rdbms --nope", &["--nope", "--help"]),
        ("-t http://h -d rdbms extra", &["extra", "--help"]),
        ("-t http://h -d a/b", &["a/b", "slashes"]),
        (
            "-t http://h -d rdbms -p \r\nX:",
            &["--page-query", "control characters"],
        ),
        (
            "-t http://h -d rdbms -b /\0/",
            &["--buy-query", "control characters"],
        ),
        (
            "-t http://h -d r\x1bdbms",
            &["--app-dirname", "control characters"],
        ),
        (
            "-t http://h -d rdbms --products 1,\x07",
            &["--products", "control characters"],
        ),
        (
            "-t http://h -d rdbms --products 1,,2",
            &["--products", "empty"],
        ),
        (
            "-t http://h -d rdbms -H A:\nB",
            &["--header", "control characters"],
        ),
        (
            "-t http://h -d rdbms -H nonsense",
            &["nonsense", "Name: value"],
        ),
        (
            "-t http://h -d rdbms -H Content-Length:3",
            &["Content-Length", "leave it out"],
        ),
        (
            "-t http://h -d rdbms --user-agent a\rb",
            &["--user-agent", "control characters"],
        ),
        ("-t http://h -d rdbms --timeout soon", &["soon", "5ms"]),
        ("-t http://h -d rdbms --seed x", &["--seed", "whole number"]),
        ("-t http://h -d rdbms --max-body 0", &["--max-body", "512K"]),
        ("-t http://h -d rdbms -q -v", &["--quiet", "--verbose"]),
        (
            "-t http://h -d rdbms --fail-if buy.p99",
            &["--fail-if", "buy.p99", "quotes"],
        ),
        ("-t http://h -d rdbms -o", &["--output", "requires a value"]),
    ] {
        let error = parse_line(line).expect_err(line).to_string();
        for part in parts {
            assert!(error.contains(part), "{line:?}: {error:?} lacks {part:?}");
        }
        assert!(
            !error.contains(char::is_control),
            "one line, nothing hidden: {error:?}"
        );
    }
}

#[test]
fn options_of_output_and_limits() {
    let defaults = parse_line(LEAST).expect("enough");
    assert_eq!(defaults.net.retry_delay, Duration::from_millis(10));
    assert_eq!(defaults.shop.max_memory, None);
    assert!(defaults.rows.runs_file);
    assert_eq!(defaults.rows.note, "");
    assert_eq!(defaults.show, ShowSettings::default());

    let line = format!(
        "{LEAST} --retry-delay 1m30s --max-memory 64M --no-runs-file --note=-x --json-file s.json \
         --color never --progress log -v"
    );
    let settings = parse_line(&line).expect("settings");
    assert_eq!(settings.net.retry_delay, Duration::from_secs(90));
    assert_eq!(settings.shop.max_memory, Some(64 << 20));
    assert!(!settings.rows.runs_file);
    assert_eq!(settings.rows.note, "-x");
    let show = ShowSettings {
        json: false,
        json_file: Some(PathBuf::from("s.json")),
        html: None,
        verbosity: Verbosity::Verbose,
        color: ColorChoice::Never,
        progress: ProgressMode::Log,
    };
    assert_eq!(settings.show, show);
    for (more, part) in [
        ("--json-file -", "--json"),
        ("--json-file report.csv", "--output"),
        ("--color blue", "auto, always or never"),
        ("--progress yes", "auto, log or never"),
        ("--max-memory 0", "64M"),
        ("--retry-delay soon", "span of time"),
        ("--rate 5 --count 5 --retry-delay 5ms", "--rate or --stages"),
        ("--note", "requires a value"),
    ] {
        let error = parse_line(&format!("{LEAST} {more}")).expect_err(more);
        assert!(error.to_string().contains(part), "{more}: {error}");
    }
}

#[test]
fn a_seed_is_accepted_in_the_form_of_text_and_json() {
    for text in [
        "18446744073709551615",
        "\"18446744073709551615\"",
        " 18446744073709551615 ",
    ] {
        let mut words: Vec<&str> = LEAST.split(' ').collect();
        words.extend(["--seed", text]);
        assert_eq!(parse_words(&words).expect(text).seed, Some(u64::MAX));
    }
    for text in ["18446744073709551616", "-1", "\"5", "\"\"", "5.0"] {
        let error = parse_line(&format!("{LEAST} --seed {text}")).expect_err(text);
        assert!(error.to_string().contains("--seed"), "{error}");
    }
}

#[test]
fn the_app_is_not_repeated_in_the_target() {
    for (target, hint) in [
        ("http://h:8000/rdbms/", "write -t http://h:8000 -d rdbms"),
        ("http://h:8000/rdbms", "write -t http://h:8000 -d rdbms"),
        ("http://h/shops/rdbms//", "write -t http://h/shops -d rdbms"),
    ] {
        let error = parse_line(&format!("-t {target} -d rdbms")).expect_err(target);
        let error = error.to_string();
        assert!(error.contains(target) && error.contains(hint), "{error}");
    }
    for target in [
        "http://h/x",
        "http://h/xrdbms",
        "http://h/rdbms/x",
        "http://rdbms",
    ] {
        let settings = parse_line(&format!("-t {target} -d rdbms")).expect(target);
        assert!(
            settings
                .shop
                .buy_path("2")
                .ends_with("/rdbms/2/purchase/1/")
        );
    }
}
