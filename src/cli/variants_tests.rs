//! Tests of variants on the command line.

use super::*;
use crate::cli::{self, Command as Parsed};
use crate::settings::RunSettings;

/// The settings of a command line; the words are separated by `|`.
fn parsed(words: &str) -> Result<RunSettings, String> {
    let words = format!("-d|rdbms|{words}");
    let argv = words.split('|').map(Into::into).collect();
    match cli::parse(argv) {
        Ok(invocation) => match invocation.command {
            Parsed::Run(settings) => Ok(*settings),
            other => panic!("{other:?}"),
        },
        Err(error) => Err(error.to_string()),
    }
}

fn variants(words: &str) -> Variants {
    parsed(words).expect(words).variants.expect("variants")
}

const TWO: &str = "--variant|a=http://127.0.0.1:81|--variant|b=https://shop.example:82/x";

#[test]
fn a_url_is_told_apart_from_a_name_with_an_equals_sign() {
    for (text, name, url) in [
        ("a", "a", None),
        ("a=b", "a=b", None),
        ("a=http://h", "a", Some("http://h")),
        ("a=b=https://h/=c", "a=b", Some("https://h/=c")),
        ("a=HTTP://h", "a", Some("HTTP://h")),
        ("a=b://", "a", Some("b://")),
        ("=http://h", "", Some("http://h")),
        ("a==://", "a==://", None),
        ("workers=2 url=x y://", "workers=2 url=x y://", None),
    ] {
        assert_eq!(split(text), (name, url), "{text}");
    }
}

#[test]
fn each_variant_has_its_own_shop_and_network() {
    let settings = parsed(TWO).expect("two variants");
    assert_eq!(settings.load.rounds.get(), 10);
    let variants = settings.variants.expect("variants");
    let [a, b] = &variants.list[..] else {
        panic!("{variants:?}")
    };
    assert_eq!((a.name.as_str(), b.name.as_str()), ("a", "b"));
    assert_eq!(a.net.ways.to.port, 81);
    assert_eq!(
        (b.net.ways.to.port, b.shop.target.prefix.as_str()),
        (82, "/x")
    );
    assert!(a.net.tls.is_none() && b.net.tls.is_some());
    assert_eq!((&a.hook, &variants.cleanup), (&None, &None));
    assert_eq!(
        (settings.shop, settings.net),
        (a.shop.clone(), a.net.clone())
    );
    // Options of TLS are for those that have it, and each --resolve for its own.
    let more = "--insecure|--resolve|shop.example:82:127.0.0.9|--rounds|3";
    let settings = parsed(&format!("{TWO}|{more}")).expect(more);
    assert_eq!(settings.load.rounds.get(), 3);
    let list = settings.variants.expect("variants").list;
    assert!(list[1].net.tls.as_ref().is_some_and(|tls| tls.insecure));
    let resolved: Vec<usize> = (list.iter()).map(|of| of.net.ways.resolved.len()).collect();
    assert_eq!(resolved, [0, 1]);
}

#[test]
fn names_are_put_into_commands_quoted() {
    let hostile = "it's $(id) \"x\"";
    let line = format!(
        "-t|http://127.0.0.1:81|--variant|plain|--variant|{hostile}|--prepare|switch x{{variant}}|--cleanup|rm \
         x|--prepare-timeout|0|--ready-timeout|2s"
    );
    let variants = variants(&line);
    let hooks: Vec<_> = variants.list.iter().map(|of| of.hook.clone()).collect();
    let prepare = |command: &str| Some(Hook::Prepare(command.to_owned()));
    assert_eq!(
        hooks,
        [
            prepare("switch xplain"),
            prepare("switch x'it'\\''s $(id) \"x\"'")
        ]
    );
    assert_eq!(variants.list[0].shop, variants.list[1].shop);
    assert_eq!(variants.cleanup.as_deref(), Some("rm x"));
    assert_eq!(variants.prepare_timeout, None);
    assert_eq!(variants.ready_timeout.as_secs(), 2);
}

#[test]
fn titles_are_those_of_a_and_the_names() {
    let settings = parsed(TWO).expect("two");
    assert_eq!(settings.title_of(1), "b");
    let settings = parsed(&format!("{TWO}|-a|tuesday")).expect("two");
    assert_eq!(settings.title_of(0), "tuesday a");
    let settings = parsed("-t|http://127.0.0.1:81|-a|tuesday").expect("one");
    assert_eq!(
        (settings.title_of(0).as_str(), settings.load.rounds.get()),
        ("tuesday", 1)
    );
}

#[test]
fn any_other_name_is_taken_as_it_is() {
    let long = "n".repeat(200);
    let names = ["-rf", "--baseline", "x=http", "a&b", &long];
    let words = names.map(|name| format!("--variant|{name}=http://h:1/p=q"));
    let list = variants(&words.join("|")).list;
    let found: Vec<&str> = list.iter().map(|of| of.name.as_str()).collect();
    assert_eq!(found, names);
    assert!(list.iter().all(|of| of.shop.target.prefix == "/p=q"));
}

#[test]
fn what_is_refused_is_named_with_a_hint() {
    let target = "-t|http://127.0.0.1:81";
    for (words, parts) in [
        (
            "--variant|a=http://h",
            &["\"a=http://h\"", "two or more"][..],
        ),
        (
            &format!("{TWO}|--variant|a=http://x"),
            &["\"a=http://x\"", "listed twice"],
        ),
        (
            &format!("{TWO}|--variant|c"),
            &["\"c\"", "NAME=URL for all"],
        ),
        (
            &format!("{TWO}|{target}"),
            &["--target cannot be combined with --variant NAME=URL"],
        ),
        (
            &format!("{TWO}|--variant|c=ftp://x"),
            &["--variant \"ftp://x\"", "http://"],
        ),
        (
            &format!("{TWO}|--variant|=http://x"),
            &["the name is empty"],
        ),
        (
            &format!("{TWO}|--variant|a\u{1b}[2J=http://x"),
            &["control characters", "\\u{1b}"],
        ),
        (
            &format!("{TWO}|--variant|a\n2=http://x"),
            &["control characters", "a\\n2"],
        ),
        (
            &format!("{target}|--variant||--variant|b|--prepare|x"),
            &["the name is empty", "NAME or NAME=URL"],
        ),
        (
            &format!(
                "{target}|--variant|{}|--variant|b|--prepare|x",
                "n".repeat(201)
            ),
            &["at most 200 characters"],
        ),
        (
            &format!("{target}|--variant|x=1|--variant|x=1|--prepare|x"),
            &["listed twice"],
        ),
        (
            &format!("{target}|--variant|a|--variant|b"),
            &["--variant requires --prepare or --serve"],
        ),
        (
            &format!("{target}|--variant|a|--variant|b|--prepare|x|--serve|y"),
            &["--prepare cannot be combined with --serve"],
        ),
        (
            &format!("{target}|--variant|a|--variant|b c|--prepare|x \"{{variant}}\""),
            &["\"b c\" needs quotes of its own", "$VARIANT"],
        ),
        (
            &format!("{TWO}|--cleanup|rm {{variant}}"),
            &["--cleanup", "leave {variant} out"],
        ),
        (&format!("{TWO}|--serve| "), &["--serve", "give a command"]),
        (
            &format!("{target}|--prepare|x"),
            &["--prepare requires --variant"],
        ),
        (
            &format!("{target}|--ready-timeout|2s"),
            &["--ready-timeout requires --variant"],
        ),
        (
            "--variant|a|--variant|b|--serve|x",
            &["--target is missing"],
        ),
        (
            &format!("{TWO}|--resolve|other:82:127.0.0.1"),
            &["--resolve", "other:82"],
        ),
        (
            &format!("{TWO}|--variant|c=http://h/rdbms"),
            &["--variant", "it ends with the app"],
        ),
    ] {
        let error = parsed(words).expect_err(words);
        for part in parts {
            assert!(error.contains(part), "{words}: {error}");
        }
    }
}
