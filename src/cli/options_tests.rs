//! Tests of options.

use super::*;

fn args(words: &[&str]) -> Arguments {
    Arguments::from_vec(words.iter().map(Into::into).collect())
}

const LEVEL: Name = Name("-c", "--concurrent", "--concurrent");
const APP: Name = Name("-d", "--app-dirname", "--app_dirname");

#[test]
fn every_spelling_of_an_option() {
    for words in [
        &["-c", "5"][..],
        &["-c5"],
        &["-c=5"],
        &["--concurrent", "5"],
        &["--concurrent=5"],
    ] {
        assert_eq!(parsed(&mut args(words), LEVEL, "a number"), Ok(Some(5u32)));
    }
    for words in [
        &["--app-dirname=x"][..],
        &["--app_dirname", "x"],
        &["-d", "x"],
    ] {
        assert_eq!(text(&mut args(words), APP), Ok(Some("x".to_owned())));
    }
    assert!(flag(
        &mut args(&["--keep_alive"]),
        Name("", "--keep-alive", "--keep_alive")
    ));
    assert!(flag(
        &mut args(&["--keep-alive"]),
        Name("", "--keep-alive", "--keep_alive")
    ));
    assert!(!flag(
        &mut args(&[]),
        Name("", "--keep-alive", "--keep_alive")
    ));
}

#[test]
fn pairs_are_taken_apart_but_not_in_free_text() {
    let split = |words: &[&str]| -> Vec<String> {
        let words = words.iter().map(Into::into).collect();
        let split = split_equals(words, &[Name("-a", "--title", "--title")]);
        split
            .into_iter()
            .map(|word| word.to_string_lossy().into_owned())
            .collect()
    };
    assert_eq!(
        split(&["--x=", "-c=5", "--x=a=b"]),
        ["--x", "", "-c", "5", "--x", "a=b"]
    );
    assert_eq!(split(&["--title='q'"]), ["--title", "'q'"]);
    assert_eq!(
        split(&["-a", "--x=1", "--x=2"]),
        ["-a", "--x=1", "--x", "2"]
    );
    assert_eq!(
        split(&["--title", "-a", "--x=1"]),
        ["--title", "-a", "--x", "1"]
    );
    assert_eq!(
        split(&["a=b", "--a b=c", "-ab=c", "--=x"]),
        ["a=b", "--a b=c", "-ab=c", "--=x"]
    );
}

#[test]
fn errors_name_the_input_and_the_mend() {
    let error = parsed::<u32>(&mut args(&["-c", "many"]), LEVEL, "a number").unwrap_err();
    assert_eq!(error.to_string(), "--concurrent \"many\": give a number");
    let error = text(&mut args(&["-d", "x", "--app_dirname=y"]), APP).unwrap_err();
    assert_eq!(
        error.to_string(),
        "--app-dirname is given twice: give it once"
    );
    let error = text(&mut args(&["-d"]), APP).unwrap_err();
    assert_eq!(error.to_string(), "--app-dirname wants a value");
    let error = finish(args(&["--colour"])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "unknown or repeated option \"--colour\": see --help"
    );
    let error = finish(args(&["re\x1bport"])).unwrap_err();
    assert!(error.to_string().contains("re\\u{1b}port"), "{error}");
}

#[test]
fn spans_of_time() {
    for (text, expected) in [
        ("5ms", Duration::from_millis(5)),
        ("250us", Duration::from_micros(250)),
        ("1.5s", Duration::from_millis(1500)),
        ("2m", Duration::from_secs(120)),
        ("0", Duration::ZERO),
        ("300", Duration::from_secs(300)),
        ("0.0001us", Duration::from_nanos(1)),
        ("0.0s", Duration::ZERO),
    ] {
        assert_eq!(parse_duration(text), Some(expected), "{text}");
    }
    for text in [
        "",
        "ms",
        "-1",
        "5 parsecs",
        "1e3",
        "inf",
        "NaN",
        "1.2.3",
        "99999999999",
    ] {
        assert_eq!(parse_duration(text), None, "{text}");
    }
}
