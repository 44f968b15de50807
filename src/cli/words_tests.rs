//! Tests of words.

use super::*;
use crate::cli::commands::{CHECK, DEMO, RUN, SHOP};

fn read(command: &'static Command, words: &[&str]) -> Words {
    Words::read(command, words.iter().map(Into::into).collect())
}

/// The text of one option.
fn text(words: &[&str], opt: &'static Opt) -> Result<Option<String>, String> {
    let given = read(&RUN, words).into_given(&RUN);
    given
        .and_then(|mut given| given.text(opt))
        .map_err(|error| error.to_string())
}

#[test]
fn every_spelling_of_an_option() {
    for words in [
        &["-c", "5"][..],
        &["-c5"],
        &["-c=5"],
        &["--concurrent", "5"],
        &["--concurrent=5"],
    ] {
        assert_eq!(
            text(words, &table::CONCURRENT),
            Ok(Some("5".into())),
            "{words:?}"
        );
    }
    for words in [
        &["--app-dirname=x"][..],
        &["--app_dirname", "x"],
        &["-d", "x"],
        &["-dx"],
    ] {
        assert_eq!(text(words, &table::APP), Ok(Some("x".into())), "{words:?}");
    }
    for word in ["--keep-alive", "--keep_alive"] {
        let mut given = read(&RUN, &[word]).into_given(&RUN).expect(word);
        assert!(given.flag(&table::KEEP_ALIVE));
        assert!(!given.flag(&table::CSRF));
    }
    assert_eq!(text(&["--title", "x"], &table::TITLE), Ok(Some("x".into())));
}

#[test]
fn values_are_taken_unchanged() {
    for (words, expected) in [
        (&["--benchmark-title="][..], ""),
        (&["-a", ""], ""),
        (&["-a="], ""),
        (&["-a='x'"], "'x'"),
        (&["--benchmark-title=a=b"], "a=b"),
        (&["-a", "--keep-alive"], "--keep-alive"),
        (&["-a", "--concurrent=3"], "--concurrent=3"),
        (&["-a", "-c 5"], "-c 5"),
        (&["-a-c"], "-c"),
        (&["-a", "--"], "--"),
    ] {
        assert_eq!(
            text(words, &table::TITLE),
            Ok(Some(expected.into())),
            "{words:?}"
        );
    }
    assert_eq!(
        text(&["-p?a=b"], &table::PAGE_QUERY),
        Ok(Some("?a=b".into()))
    );
    assert_eq!(text(&["-o", "-"], &table::OUTPUT), Ok(Some("-".into())));
}

#[test]
fn a_forgotten_value_is_not_the_next_option() {
    for (words, parts) in [
        (
            &["-o", "--json"][..],
            &["--output requires a value", "--output=--json"][..],
        ),
        (&["-c", "-q"], &["--concurrent requires a value"]),
        (
            &["--rate", "--keep_alive"],
            &["--rate requires a value", "N/s"],
        ),
        (&["-t"], &["--target requires a value", "URL"]),
        (
            &["--clock"],
            &["--clock requires a value", "auto, kernel, user"],
        ),
    ] {
        let error = text(words, &table::TITLE).expect_err("no value");
        for part in parts {
            assert!(error.contains(part), "{words:?}: {error}");
        }
    }
}

#[test]
fn a_repeated_option_is_named() {
    for words in [
        &["-c", "1", "--concurrent=2"][..],
        &["-q", "-q"],
        &["--keep-alive", "--keep_alive"],
        &["-a", "x", "--title=y"],
    ] {
        let error = text(words, &table::TITLE).expect_err("given twice");
        assert!(error.contains("is given twice: give it once"), "{error}");
    }
    let words = &["-H", "A: b", "--header=C: d"];
    let mut given = read(&RUN, words).into_given(&RUN).expect("repeatable");
    assert_eq!(
        given.texts(&table::HEADER).expect("texts"),
        ["A: b", "C: d"]
    );
}

#[test]
fn flags_take_no_value() {
    for words in [&["--keep-alive=yes"][..], &["-q=1"]] {
        let error = text(words, &table::TITLE).expect_err("a value");
        assert!(error.contains("takes no value"), "{error}");
    }
}

#[test]
fn prefixes_of_the_old_clients_options() {
    for (word, opt) in [
        ("--tar", &table::TARGET),
        ("--t", &table::TARGET),
        ("--conc", &table::CONCURRENT),
        ("--con", &table::CONCURRENT),
        ("--c", &table::CONCURRENT),
        ("--out", &table::OUTPUT),
        ("--app", &table::APP),
        ("--app_d", &table::APP),
        ("--app-d", &table::APP),
        ("--bench", &table::TITLE),
        ("--page", &table::PAGE_QUERY),
        ("--buy", &table::BUY_QUERY),
    ] {
        for words in [&[word, "7"][..], &[&format!("{word}=7")]] {
            let read = read(&RUN, words);
            let [note] = &read.notes[..] else {
                panic!("{words:?}: {:?}", read.notes);
            };
            assert!(note.contains(word.replace('_', "-").as_str()), "{note}");
            assert!(note.contains(opt.long), "{note}");
            let mut given = read.into_given(&RUN).expect(word);
            assert_eq!(given.text(opt), Ok(Some("7".into())), "{words:?}");
        }
    }
}

#[test]
fn exact_names_take_precedence_over_prefixes() {
    let mut given = read(&CHECK, &["--buy"]).into_given(&CHECK).expect("a flag");
    assert!(given.flag(&table::BUY));
    assert_eq!(text(&["--count", "7"], &table::COUNT), Ok(Some("7".into())));
    assert_eq!(text(&["--pause", "7"], &table::PAUSE), Ok(Some("7".into())));
    assert!(read(&RUN, &["--concurrent", "7"]).notes.is_empty());
}

#[test]
fn a_flag_of_check_without_a_value_is_not_a_path() {
    let error = text(&["--buy"], &table::TITLE).expect_err("no path");
    for part in [
        "\"--buy\"",
        "profilerclient check",
        "see profilerclient --help",
    ] {
        assert!(error.contains(part), "{error}");
    }
}

#[test]
fn ambiguous_and_unknown_prefixes() {
    let error = text(&["--b", "x"], &table::TITLE).expect_err("ambiguous");
    assert!(
        error.contains("--benchmark-title or --buy-query"),
        "{error}"
    );
    for words in [
        &["--keep"][..],
        &["--conn", "h:1"],
        &["--time", "5"],
        &["--"],
    ] {
        assert!(text(words, &table::TITLE).is_err(), "{words:?}");
    }
    // demo has no target, the shop none of the old options.
    let error = read(&DEMO, &["--tar", "x"])
        .into_given(&DEMO)
        .expect_err("a target");
    assert!(
        error.to_string().contains("cannot be combined with demo"),
        "{error}"
    );
    assert!(read(&SHOP, &["--conc", "5"]).into_given(&SHOP).is_err());
}

#[test]
fn text_that_is_not_utf8() {
    use std::os::unix::ffi::OsStringExt;
    let bytes = OsString::from_vec(vec![b'x', 0xff]);
    for (words, part) in [
        (vec![bytes.clone()], "the command line"),
        (vec!["-a".into(), bytes], "--benchmark-title"),
    ] {
        let error = Words::read(&RUN, words)
            .into_given(&RUN)
            .expect_err("bytes");
        let error = error.to_string();
        assert!(
            error.contains(part) && error.contains("not UTF-8"),
            "{error}"
        );
    }
}
