//! Tests of the whole command line.

use super::table::Group;
use super::*;
use crate::precise::Asked;
use proptest::prelude::*;

fn parsed(line: &str) -> Result<Command, String> {
    parse(line.split_whitespace().map(Into::into).collect())
        .map(|invocation| invocation.command)
        .map_err(|error| error.to_string())
}

fn printed(line: &str) -> String {
    match parsed(line).expect(line) {
        Command::Print(text) => text,
        other => panic!("{line}: {other:?}"),
    }
}

const LEAST: &str = "-t http://h -d rdbms";

#[test]
fn every_option_of_every_command_is_read() {
    for spec in commands::ALL
        .iter()
        .filter(|spec| spec.id != Commands::TEXTS)
    {
        let least = match spec.id {
            Commands::RUN | Commands::CHECK => LEAST,
            Commands::REPORT | Commands::SUMMARY | Commands::COMPARE => "r.csv",
            Commands::MERGE => "rows.csv",
            Commands::DEPLOY => "kubernetes",
            Commands::SHARDS => "2",
            _ => "",
        };
        let after = match spec.id {
            Commands::DEPLOY | Commands::SHARDS => format!("-- {LEAST}"),
            _ => String::new(),
        };
        for opt in table::of(spec.id) {
            if least.contains(&format!("{} ", opt.short)) && !opt.short.is_empty() {
                continue;
            }
            let (mut before, mut value) = example(opt.long);
            if spec.id == Commands::SHOP && opt.long.starts_with("--tls-") {
                (before, value) = example_of_shop_tls(opt.long);
            }
            let is_load = matches!(spec.id, Commands::RUN | Commands::CHECK);
            let with_variants = format!("--variant x --variant b --prepare x {before}");
            if is_load && opt.group == Group::Comparing {
                before = &with_variants;
            }
            let least = match opt.group {
                Group::Tls => least.replace("http:", "https:"),
                _ => least.to_owned(),
            };
            let line = format!(
                "{} {least} {before} {} {value} {after}",
                spec.name, opt.long
            );
            if let Err(error) = parsed(&line) {
                panic!("{line}: {error}");
            }
        }
    }
}

/// The same for the shop's options of TLS.
fn example_of_shop_tls(long: &str) -> (&'static str, &'static str) {
    match long {
        "--tls-cert" => ("", "x.pem"),
        "--tls-key" => ("--tls-cert x.pem", "x.key"),
        _ => ("--tls-cert x.pem", "1.3"),
    }
}

/// What an option needs beside it, and a value for it.
fn example(long: &str) -> (&'static str, &'static str) {
    match long {
        "--think-time" => ("--repeat 2", "5ms"),
        "--shard" => ("--seed 1", "2/3"),
        "--start-at" => ("", "+5s"),
        "--start-strict" => ("--start-at +5s", ""),
        "--slot" => ("--start-at +5s", "5s"),
        "--rate" => ("--count 5", "5/s"),
        "--arrivals" => ("--rate 5 --count 5", "poisson"),
        "--count" | "--max-in-flight" => ("--rate 5 --duration 5s", "7"),
        "--stages" => ("", "1s@5/s"),
        "--target" => ("", "http://h"),
        "--app-dirname" => ("", "cassandra"),
        "--page-query" => ("", "?x"),
        "--buy-query" => ("", "/{}/x"),
        "--products" => ("", "1,2"),
        "--connect-to" => ("", "h:1"),
        "--ca" | "--cert" | "--keylog" | "--crl" => ("", "x.pem"),
        "--ca-only" => ("--ca x.pem", ""),
        "--key" => ("--cert x.pem", "x.key"),
        "--sni" => ("", "shop.test"),
        "--tls-min" | "--tls-max" => ("", "1.3"),
        "--tls-groups" => ("", "x25519,secp384r1"),
        "--tls-resume" => ("", "30%"),
        "--variant" => ("--prepare x --variant b", "a"),
        "--prepare" | "--serve" => ("--variant a --variant b", "x"),
        "--cleanup" => ("--variant a --variant b --prepare x", "x"),
        "--prepare-timeout" | "--ready-timeout" => ("--variant a --variant b --prepare x", "7s"),
        "--resolve" => ("", "h:80:127.0.0.1"),
        "--bind" => ("", "127.0.0.2"),
        "--header" => ("", "X:y"),
        "--form" => ("", "a={n}"),
        "--form-file" | "--body" => ("", "x.csv"),
        "--content-type" => ("--body x.xml", "text/xml"),
        "--method" => ("", "PUT"),
        "--expect" => ("", "200,302"),
        "--csrf-page" => ("--csrf", "/cart/"),
        "--report" => ("", "none"),
        "--server-timing-total" => ("--report server-timing", "view"),
        "--server-header" => ("", "X-Runtime"),
        "--clock" => ("", "kernel"),
        "--fail-if" => ("", "errors>1%"),
        "--by" => ("", "title"),
        "--baseline" => ("", "x"),
        "--metric" => ("", "buy.p99"),
        "--margin" => ("", "1%"),
        "--confidence" => ("", "99%"),
        "--floor" => ("", "x.json"),
        "--allow-unknown" => ("--fail-if-slower", ""),
        "--color" => ("", "never"),
        "--progress" => ("", "log"),
        "--shards" => ("", "2"),
        "--image" => ("--shards 2", "x"),
        "--start-in" => ("--shards 2", "7s"),
        "--title" => ("", "x"),
        "--level" => ("", "1,10"),
        "--run" => ("", "last"),
        "--since" => ("", "2h"),
        "--listen" => ("", "127.0.0.1:0"),
        "--fault" => ("", "reset:1%"),
        "--output" | "--json-file" | "--html" | "--benchmark-title" | "--note" | "--user-agent" => {
            ("", "x")
        }
        "--concurrent" | "--repeat" | "--rounds" | "--seed" | "--workers" | "--inventory"
        | "--home-size" | "--cpu" | "--max-body" | "--max-memory" | "--warm-up" => ("", "7"),
        "--duration" | "--ramp-up" | "--pause" | "--timeout" | "--connect-timeout"
        | "--retry-delay" | "--service-time" => ("", "7s"),
        _ => ("", ""),
    }
}

#[test]
fn a_check_takes_the_options_of_a_load_and_buy() {
    let line = "-t http://h -d rdbms -c 7 -b /{}/b -a title -o x.csv --csrf";
    let Ok(Command::Run(run)) = parsed(line) else {
        panic!("a load");
    };
    for (more, buy) in [("", false), ("--buy", true)] {
        let Ok(Command::Check(check)) = parsed(&format!("check {line} {more}")) else {
            panic!("a check");
        };
        assert_eq!((&check.shop, &check.net), (&run.shop, &run.net));
        assert_eq!((&check.load, check.seed), (&run.load, run.seed));
        assert_eq!((&check.show, check.buy), (&run.show, buy));
    }
    let Ok(Command::Check(check)) = parsed("check -t http://h -d rdbms -a --buy") else {
        panic!("a check");
    };
    assert!(!check.buy, "the title is a text");
    for line in [
        "check -d rdbms",
        "check -t h -d rdbms",
        "check -t http://h -d rdbms --sell",
    ] {
        assert!(parsed(line).is_err(), "{line}");
    }
}

#[test]
fn calibrate_has_few_options() {
    for (line, json, quiet, tls) in [
        ("calibrate", false, false, false),
        ("calibrate -q --json", true, true, false),
        ("calibrate --tls", false, false, true),
    ] {
        let expected = Command::Calibrate(CalibrateSettings {
            json,
            quiet,
            tls,
            precise: Asked::default(),
        });
        assert_eq!(parsed(line), Ok(expected));
    }
    for line in ["calibrate -c 5", "calibrate now", "calibrate --json --json"] {
        assert!(parsed(line).is_err(), "{line}");
    }
}

#[test]
fn a_demo_is_checked_before_its_shop_is_started() {
    let Ok(Command::Demo { argv, tls: false }) = parsed("demo -c 7 --keep-alive") else {
        panic!("a demo");
    };
    let settings = demo_settings(argv, "http://127.0.0.1:81").expect("settings");
    assert_eq!(settings.shop.app, "rdbms");
    assert_eq!(settings.shop.target.authority(), "127.0.0.1:81");
    assert_eq!(settings.shop.page_query, "/", "not the redirect to it");
    assert!(parsed("demo -c 0").is_err());
    assert!(parsed("demo -t http://h").is_err());
}

#[test]
fn the_page_of_a_demo_is_the_one_that_its_help_names() {
    let page_query = |argv: &[&str]| {
        let argv = argv.iter().map(OsString::from).collect();
        let settings = demo_settings(argv, "http://h").expect("settings");
        settings.shop.page_query
    };
    assert_eq!(page_query(&[]), "/");
    assert_eq!(page_query(&["-p", ""]), "");
    assert_eq!(page_query(&["-p", "?x"]), "?x");
    let of_option = |page: &str| {
        let (_, rest) = page.split_once("--page-query").expect("the option");
        rest.split_once("--buy-query")
            .expect("the next one")
            .0
            .to_owned()
    };
    assert!(of_option(&printed("demo --help")).contains("[/]"));
    assert!(of_option(&printed("--help")).contains("[empty]"));
}

#[test]
fn help_is_found_wherever_it_is_asked_for() {
    for (line, part) in [
        ("-h", "--help shows all options"),
        ("--help", "EXIT CODES"),
        ("help", "TOPICS"),
        ("help run", "EXIT CODES"),
        ("--nope -c x --help", "EXIT CODES"),
        ("demo --help", "profilerclient demo:"),
        ("help demo", "profilerclient demo:"),
        ("check --help", "--buy"),
        ("check -h", "--buy"),
        ("calibrate --help", "WHAT IT PRINTS"),
        ("shop --help", "--service-time"),
        ("help shop", "--service-time"),
        ("help --help", "profilerclient help load"),
        ("man --help", "man -l"),
        ("help load", "open workload"),
        ("help differences", "old client"),
        ("help --rate", "arrival rate"),
        ("help -c", "virtual users"),
        ("help buy_query", "--buy-query"),
    ] {
        assert!(printed(line).contains(part), "{line}: {}", printed(line));
    }
    // Text is text.
    let line = "-t http://h -d rdbms -a --help";
    assert!(matches!(parsed(line), Ok(Command::Run(_))));
}

#[test]
fn versions() {
    let expected = format!("profilerclient {}\n", env!("CARGO_PKG_VERSION"));
    for line in ["version", "--version", "-V", "demo --version", "-c x -V"] {
        assert_eq!(printed(line), expected, "{line}");
    }
}

#[test]
fn texts_with_wrong_operands() {
    for (line, part) in [
        ("version now", "unexpected argument \"now\""),
        ("man page", "unexpected argument \"page\""),
        ("completions", "bash|zsh|fish"),
        ("completions tcsh", "bash, zsh, fish"),
        ("completions bash zsh", "unexpected argument \"zsh\""),
        ("help lod", "did you mean load?"),
        ("help quux", "the topics are"),
        ("help load columns", "unexpected argument \"columns\""),
        ("man -c 5", "--concurrent is an option of a load"),
    ] {
        let error = parsed(line).expect_err(line);
        assert!(error.contains(part), "{line}: {error}");
    }
}

#[test]
fn notes_are_kept_apart() {
    let argv = "--tar http://h --app rdbms --conc 5"
        .split(' ')
        .map(Into::into);
    let invocation = parse(argv.collect()).expect("old names");
    assert_eq!(invocation.notes.len(), 3, "{:?}", invocation.notes);
    let Command::Run(run) = invocation.command else {
        panic!("a load");
    };
    assert_eq!(run.load.most_at_once().map(|most| most.count), Some(5));
}

proptest! {
    #[test]
    fn any_command_line_is_a_command_or_one_printable_line(
        words in prop::collection::vec(
            prop_oneof![
                "\\PC{0,12}",
                "--?[a-z_-]{1,12}(=\\PC{0,6})?",
                Just("-t".to_owned()),
                Just("http://h/rdbms".to_owned()),
                Just("demo".to_owned()),
                Just("help".to_owned()),
                "-[a-zA-Z]{1,3}",
            ],
            0..6,
        ),
    ) {
        let argv = words.iter().map(Into::into).collect();
        if let Err(error) = parse(argv) {
            let line = error.to_string();
            prop_assert!(!line.is_empty() && !line.contains(char::is_control), "{line:?}");
        }
    }
}

/// The words of a shell's line with simple quotes.
fn shell_words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    for c in line.chars() {
        match (quote, c) {
            (Some(open), c) if c == open => quote = None,
            (None, '\'' | '"') => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (None, c) if c.is_whitespace() => words.extend(word.take()),
            (_, c) => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

/// The command lines of a text: those that begin with the program's name, with what `\` continues.
fn command_lines(text: &str) -> Vec<String> {
    let joined = text.replace("\\\n", " ");
    let lines = joined.lines().map(str::trim);
    let own = lines.filter_map(|line| line.strip_prefix("profilerclient "));
    let is_simple = |line: &&str| !line.contains(['|', '…', '[', '<']) && !line.contains("; ");
    // Prose that begins with the name has no option and no command first.
    let is_call = |line: &&str| {
        let first = line.split(' ').next().unwrap_or_default();
        first.starts_with('-') || commands::by_name(first).is_some()
    };
    let is_prose = |line: &&str| line.contains("measures,") || line.contains(" > ");
    own.filter(is_simple)
        .filter(is_call)
        .filter(|line| !is_prose(line))
        .map(|line| {
            line.replace("URL", "http://h")
                .replace("-d APP", "-d rdbms")
                .replace("-- FLAGS", "-- -t http://h -d rdbms")
        })
        .collect()
}

#[test]
fn every_command_line_in_texts_is_valid() {
    let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let mut texts = vec![std::fs::read_to_string(readme).expect("README.md")];
    texts.extend(help::topic_names().into_iter().filter_map(help::about));
    for spec in commands::ALL {
        texts.extend(spec.usage.iter().map(|(line, _)| (*line).to_owned()));
    }
    let lines: Vec<String> = texts.iter().flat_map(|text| command_lines(text)).collect();
    assert!(lines.len() > 25, "{lines:#?}");
    for line in lines {
        let words = shell_words(&line).into_iter().map(Into::into).collect();
        if let Err(error) = parse(words) {
            panic!("{line}: {error}");
        }
    }
}
