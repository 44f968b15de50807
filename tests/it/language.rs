//! The language of texts for users: plain terms, and none of the banned phrases.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::client;

/// The sources whose string literals and doc comments are read.
const READ: &str = "src";

/// Phrases with a plain term in their place; compared in lower case, whole words, and with any blanks
/// between them.
const BANNED: &[(&str, &str)] = &[
    ("lay unseen", "read delay"),
    ("lie unseen", "read delay"),
    ("seen late", "read delay"),
    ("typically waited", "send delay"),
    ("cannot be meant", "invalid command line"),
    ("who is through", "iterations per virtual user"),
    ("nobody", "none, no iteration"),
    ("is on the way", "in flight"),
    ("on the way comes", "in flight"),
    ("who comes", "arrivals"),
    ("who buys", "shoppers"),
    ("whoever", "the reader, the caller"),
    ("so many", "N, a number of"),
    ("by the clock", "open workload, arrival rate"),
    ("however slow the shop is", "open workload"),
    ("at equal distances", "evenly spaced"),
    ("independent of one another", "Poisson"),
    ("comes true", "is met"),
    ("come true", "be met"),
    ("cannot be told", "cannot be evaluated"),
    ("the client's own", "client-limited"),
    ("this client's own", "client-limited"),
    ("a shop of its own", "the built-in shop"),
    ("shop of the program's own", "the built-in shop"),
    ("all as it should be", "pre-flight check"),
    ("before the server began", "queueing or network"),
    ("no way leads", "no route"),
    ("is no", "is not a"),
    ("are no", "are not"),
    ("is there twice", "listed twice"),
    ("does not go with", "cannot be combined with"),
    ("do not go with", "cannot be combined with"),
    ("does not go without", "requires"),
    ("breaks off", "ends inside a quoted field"),
    ("that satisfied", "successful"),
    ("mend", "hint"),
    ("mends", "hints"),
    ("dearer", "higher overhead"),
    ("wants a value", "requires a value"),
    ("exclude each other", "cannot be combined with"),
    ("closed loop", "closed workload"),
    ("closed loops", "closed workload"),
    ("launch lag", "launch delay"),
    ("seen delay", "read delay"),
    ("that they took", "send delay"),
    ("by the way of", "through"),
    ("by way of", "through"),
    ("went away", "closed the connection"),
    ("somebody", "another program, a user"),
    ("anybody", "any client"),
    ("everybody", "all users"),
    ("all the same", "nevertheless"),
    ("not to be had", "not available"),
    ("says nothing of", "has no data on"),
    ("say nothing of", "have no data on"),
    ("says of", "reports on"),
    ("say of", "report on"),
    ("tells of", "reports"),
    ("tell of", "report"),
    ("told apart", "distinguished"),
    ("told from", "distinguished from"),
    ("as it came", "unchanged"),
    ("comes to an end", "ends"),
    ("has become of", "has happened to"),
    ("becomes of", "happens to"),
    ("what came of", "the result of"),
    ("who was", "each shopper that was"),
    ("satisfied", "successful"),
    ("that satisfy", "successful"),
    ("closed-loop", "closed workload"),
    ("open loop", "open workload"),
    ("seen-delay", "read delay"),
    ("the mend", "the hint"),
    ("to mend", "to correct"),
    ("twice given", "listed twice"),
    ("is through", "has finished"),
    ("are through", "have finished"),
    ("half through", "half done"),
    ("nobody begins", "no iteration starts"),
    ("nobody is launched", "no shopper is launched"),
    ("who stays", "shoppers"),
    ("shopper who", "a shopper that"),
    ("shoppers who", "shoppers that"),
    ("for ever", "forever, without a limit"),
    ("for want of", "because no ... was available"),
    ("befalls", "occurs in"),
    ("befall", "occur in"),
    ("by the letter", "valid, exactly"),
    ("so often", "N times"),
    ("came by the clock", "arrived"),
    ("way there", "outbound path"),
    ("way back", "return path"),
    ("whose turn it is", "next"),
    ("as it should be", "correct"),
    ("deserve trust", "be trusted"),
    ("deserves trust", "can be trusted"),
];

/// The words of a text in lower case, with a blank before and behind each. Apostrophes and hyphens
/// belong to words.
fn words(text: &str) -> String {
    let lower = text.to_lowercase().replace('’', "'");
    let is_of_word = |c: char| c.is_alphanumeric() || c == '\'' || c == '-' || c == '_';
    let words: Vec<&str> = lower
        .split(|c| !is_of_word(c))
        .filter(|word| !word.is_empty())
        .collect();
    format!(" {} ", words.join(" "))
}

/// The banned phrases of a text.
fn found(text: &str) -> Vec<&'static str> {
    // Without the marks between words: a phrase may be broken into lines.
    let words = words(text);
    let is_there = |phrase: &str| words.contains(&format!(" {phrase} "));
    BANNED
        .iter()
        .filter(|(phrase, _)| is_there(phrase))
        .map(|(phrase, _)| *phrase)
        .chain(has_subject_who(text).then_some("who …"))
        .collect()
}

/// Whether a sentence or clause begins with "who" and is not a question: "who comes late waits".
fn has_subject_who(text: &str) -> bool {
    text.split_inclusive(['.', ';', ':', '?', '!'])
        .filter(|clause| !clause.ends_with('?'))
        .any(|clause| words(clause).starts_with(" who "))
}

#[track_caller]
fn assert_plain(place: &str, text: &str) {
    let found = found(text);
    assert!(found.is_empty(), "{place}: {found:?} in {text:?}");
}

/// The texts of a source: string literals and doc comments, each with its line.
fn said(source: &str) -> Vec<(usize, String)> {
    let mut out = Vec::new();
    let mut doc = String::new();
    let mut rest = source;
    let line_of = |rest: &str| source[..source.len() - rest.len()].matches('\n').count() + 1;
    while let Some(c) = rest.chars().next() {
        if rest.starts_with("//") {
            let end = rest.find('\n').unwrap_or(rest.len());
            let comment = &rest[..end];
            if comment.starts_with("///") || comment.starts_with("//!") {
                doc.push_str(&comment[3..]);
                doc.push('\n');
            }
            rest = &rest[end..];
            continue;
        }
        if !c.is_whitespace() && !doc.is_empty() {
            out.push((line_of(rest), std::mem::take(&mut doc)));
        }
        if let Some(end) = char_literal(rest) {
            rest = &rest[end..];
        } else if let Some((text, end)) = string_literal(rest) {
            out.push((line_of(rest), text));
            rest = &rest[end..];
        } else {
            rest = &rest[c.len_utf8()..];
        }
    }
    out.push((line_of(rest), doc));
    out
}

/// The length of a character literal; a lifetime is none.
fn char_literal(rest: &str) -> Option<usize> {
    let inner = rest.strip_prefix('\'')?;
    if let Some(escaped) = inner.strip_prefix('\\') {
        let first = escaped.chars().next()?.len_utf8();
        return Some(2 + first + escaped[first..].find('\'')? + 1);
    }
    let first = inner.chars().next()?.len_utf8();
    inner[first..].starts_with('\'').then_some(1 + first + 1)
}

/// A string literal, raw or not, and its length.
fn string_literal(rest: &str) -> Option<(String, usize)> {
    if rest.starts_with("r\"") || rest.starts_with("r#") {
        let hashes = rest[1..].chars().take_while(|&c| c == '#').count();
        let begin = 1 + hashes + 1;
        if rest.as_bytes().get(begin - 1) != Some(&b'"') {
            return None;
        }
        let close = format!("\"{}", "#".repeat(hashes));
        let end = rest[begin..].find(&close)?;
        return Some((
            rest[begin..begin + end].to_owned(),
            begin + end + close.len(),
        ));
    }
    let inner = rest.strip_prefix('"')?;
    let mut text = String::new();
    let mut chars = inner.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((text, at + 2)),
            // A line break that is escaped, with the blanks behind it, or a character.
            '\\' => match chars.next() {
                Some((_, 'n' | 'r' | 't' | '\n')) => text.push(' '),
                Some((_, other)) => text.push(other),
                None => return None,
            },
            c => text.push(c),
        }
    }
    None
}

/// The sources below a folder, or the file itself; tests have a language of their own.
fn sources(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        let name = path.to_string_lossy();
        let is_read = (name.ends_with(".rs") || name.ends_with(".txt"))
            && !name.ends_with("_tests.rs")
            && !name.ends_with("_testing.rs");
        return is_read.then(|| path.to_owned()).into_iter().collect();
    }
    let entries = fs::read_dir(path).expect("a folder");
    let mut paths: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    paths.sort();
    paths.iter().flat_map(|path| sources(path)).collect()
}

#[test]
fn sources_are_in_plain_english() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = sources(&root.join(READ));
    assert!(files.len() > 200, "{files:?}");
    let mut literals = 0;
    let mut wrong = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).expect("UTF-8");
        let name = file
            .strip_prefix(root)
            .expect("below")
            .display()
            .to_string();
        if name.ends_with(".txt") {
            wrong.extend(
                found(&text)
                    .iter()
                    .map(|phrase| format!("{name}: {phrase:?}")),
            );
            continue;
        }
        for (line, said) in said(&text) {
            literals += 1;
            for phrase in found(&said) {
                wrong.push(format!("{name}:{line}: {phrase:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(literals > 5000, "{literals}");
}

#[test]
fn help_is_in_plain_english() {
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
        for flag in ["-h", "--help"] {
            assert_plain(command, &client([command, flag]).ok().stdout);
        }
    }
    for args in [&["-h"][..], &["--help"], &["help"], &["man"]] {
        assert_plain(args[0], &client(args).ok().stdout);
    }
}

#[test]
fn readme_is_in_plain_english() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md");
    let text = fs::read_to_string(path).expect("README.md");
    // What a run printed is the program's text, which is read where it stands.
    let (before, rest) = text.split_once("<!-- run -->").expect("the run");
    let (_, after) = rest.split_once("<!-- end of run -->").expect("its end");
    assert_plain("README.md", before);
    assert_plain("README.md", after);
}

#[test]
fn phrases_are_found_in_literals_and_doc_comments_only() {
    let source = r##"
        /// It is no
        /// port, mend it.
        // so many
        fn recommend<'a>(a: &'a str) -> char {
            let _ = "does not \
                     go with";
            let _ = r#"This who "comes" late"#;
            let _ = "Who is it? Ready; who waits is served.";
            let _ = ('"', '\'', "this is no longer plain");
            '\\'
        }
    "##;
    let all: Vec<_> = said(source)
        .iter()
        .flat_map(|(_, text)| found(text))
        .collect();
    assert_eq!(
        all,
        [
            "is no",
            "mend",
            "does not go with",
            "who comes",
            "who …",
            "is no"
        ]
    );
    assert_eq!(
        found("They recommend closed workloads."),
        Vec::<&str>::new()
    );
}
