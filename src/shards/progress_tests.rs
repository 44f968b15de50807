//! Tests of the progress.

use super::*;

#[test]
fn the_line_has_rows_elapsed_time_and_the_shards_that_run() {
    assert_eq!(
        line(1_234, 2_340_000_000, 3, 4),
        "1234 rows, 2.3 s, 3 of 4 shards running"
    );
    assert!(line(0, -500_000_000, 4, 4).starts_with("starts in 0.5 s"));
}

#[test]
fn rows_are_counted_as_their_file_grows() {
    let dir = tempfile::tempdir().expect("a directory");
    let path = dir.path().join("rows.csv");
    let mut rows = Rows {
        path: path.clone(),
        file: None,
        lines: 0,
    };
    assert_eq!(rows.count(), 0);
    std::fs::write(&path, "header\r\none\r\n").expect("written");
    assert_eq!(rows.count(), 1);
    let mut file = File::options().append(true).open(&path).expect("opened");
    file.write_all(b"two\r\nthree\r\n").expect("written");
    assert_eq!(rows.count(), 3);
}
