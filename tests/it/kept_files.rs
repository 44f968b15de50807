//! Rows and the lines beside them are never replaced by what a command writes, under whatever name.

use std::fs;
use std::path::Path;

use tempfile::tempdir;

use crate::support::client;

/// A name of a file of that directory.
fn name(dir: &Path, file: &str) -> String {
    dir.join(file).display().to_string()
}

#[test]
fn the_lines_beside_rows_are_kept() {
    let dir = tempdir().expect("a directory");
    let rows = name(dir.path(), "r.csv");
    client(["demo", "-q", "-c", "3", "-o", &rows]).ok();
    let lines = name(dir.path(), "r.csv.runs.jsonl");
    let link = name(dir.path(), "link");
    std::os::unix::fs::symlink(&lines, &link).expect("a link");
    let before = fs::read(&lines).expect("lines");
    for file in [&lines, &link] {
        for args in [
            vec!["report", &rows, "-o", file],
            vec!["summary", &rows, "--json-file", file],
            vec!["compare", &rows, "--html", file],
            vec!["demo", "-q", "-o", &rows, "--html", file],
            vec!["demo", "-q", "-o", &rows, "--json-file", file],
        ] {
            client(&args).refused(2, &["give another file"]);
            assert_eq!(fs::read(&lines).expect("lines"), before, "{args:?}");
        }
    }
}

#[test]
fn the_lines_of_a_run_that_has_not_begun_are_not_another_file() {
    let dir = tempdir().expect("a directory");
    let rows = name(dir.path(), "r.csv");
    let lines = name(dir.path(), "r.csv.runs.jsonl");
    for option in ["--html", "--json-file"] {
        client(["demo", "-q", "-c", "3", "-o", &rows, option, &lines])
            .refused(2, &[option, "give another file"]);
        assert!(!Path::new(&lines).exists(), "{option} left an empty file");
    }
}

#[test]
fn a_page_and_a_json_file_of_other_names_are_not_one_file() {
    let dir = tempdir().expect("a directory");
    let rows = name(dir.path(), "r.csv");
    let (file, other) = (name(dir.path(), "x"), name(dir.path(), "./x"));
    let run = ["demo", "-q", "-o", &rows, "--json-file", &file];
    client(run.iter().chain(&["--html", &other])).refused(2, &["--html", "--json-file"]);
    assert!(!Path::new(&file).exists(), "an empty file was left");
}

#[test]
fn the_page_of_a_merge_does_not_replace_the_merged_rows() {
    let dir = tempdir().expect("a directory");
    let shop = crate::support::Shop::start(&[]);
    let shard = name(dir.path(), "1.csv");
    client([
        "-t", &shop.url, "-d", "rdbms", "-c", "3", "--seed", "1", "--shard", "1/1", "-q", "-o",
        &shard,
    ])
    .ok();
    let (merged, other) = (name(dir.path(), "m.csv"), name(dir.path(), "./m.csv"));
    for option in ["--html", "--json-file"] {
        client(["merge", &shard, "-o", &merged, option, &other])
            .refused(2, &[option, "give another file"]);
        let lines = format!("{shard}.runs.jsonl");
        client(["merge", &shard, "-o", &merged, option, &lines])
            .refused(2, &[option, "give another file"]);
    }
    client(["merge", &shard, "-o", &merged, "-q"]).ok();
}

#[test]
fn a_file_with_two_names_is_given_once() {
    let dir = tempdir().expect("a directory");
    let rows = name(dir.path(), "r.csv");
    client(["demo", "-q", "-c", "3", "-o", &rows]).ok();
    let link = name(dir.path(), "hard.csv");
    fs::hard_link(&rows, &link).expect("a link");
    for other in [&name(dir.path(), "./r.csv"), &link] {
        client(["summary", &rows, other]).refused(2, &["give each file once"]);
        let page = name(dir.path(), "p.html");
        client(["report", other, &rows, "-o", &page]).refused(2, &["give each file once"]);
    }
}
