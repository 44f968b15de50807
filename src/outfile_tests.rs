//! Tests of files that are written at the end.

use std::fs;

use tempfile::tempdir;

use super::*;

#[test]
fn a_directory_that_does_not_exist_is_an_error_with_a_hint() {
    let dir = tempdir().expect("a directory");
    let path = dir.path().join("absent").join("x.json");
    let error = OutFile::open(&path, "--json-file").expect_err("no such directory");
    assert!(error.hint().contains("directory"), "{error}");
    assert!(error.finding().contains("x.json"), "{error}");
    let error = OutFile::open(dir.path(), "--json-file").expect_err("a directory");
    assert!(error.hint().contains("a file in it"), "{error}");
}

#[test]
fn what_the_file_contained_is_replaced_when_it_is_written() {
    let dir = tempdir().expect("a directory");
    let path = dir.path().join("x.json");
    fs::write(&path, "a longer text of another run").expect("written");
    let file = OutFile::open(&path, "--json-file").expect("opened");
    let before = fs::read_to_string(&path).expect("read");
    assert_eq!(before, "a longer text of another run");
    file.write(b"{}\n").expect("written");
    assert_eq!(fs::read_to_string(&path).expect("read"), "{}\n");
}

#[test]
fn another_name_of_the_rows_file_is_recognized() {
    let dir = tempdir().expect("a directory");
    let (rows, other) = (dir.path().join("report.csv"), dir.path().join("x.json"));
    fs::write(&rows, "rows").expect("written");
    std::os::unix::fs::symlink(&rows, &other).expect("a link");
    let file = OutFile::open(&other, "--json-file").expect("opened");
    assert!(file.is_same(&rows));
    assert!(!file.is_same(&dir.path().join("another")));
    drop(file);
    assert_eq!(fs::read_to_string(&rows).expect("read"), "rows");
}

#[test]
fn a_run_without_a_load_leaves_no_new_file_and_keeps_an_old_one() {
    let dir = tempdir().expect("a directory");
    let path = dir.path().join("x.json");
    drop(OutFile::open(&path, "--json-file").expect("opened"));
    assert!(!path.exists());
    fs::write(&path, "old").expect("written");
    drop(OutFile::open(&path, "--json-file").expect("opened"));
    assert_eq!(fs::read_to_string(&path).expect("read"), "old");
}
