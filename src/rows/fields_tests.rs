//! Tests of the splitter of records.

use proptest::prelude::*;

use crate::rows::columns::DELIMITER;
use crate::rows::records::Records;

/// The records of a text, their lines and their ends.
fn read(text: &[u8]) -> Vec<(Vec<Vec<u8>>, u64)> {
    let mut records = Records::new(text);
    let mut found = Vec::new();
    while let Ok(Some(record)) = records.next() {
        let fields = record.iter().map(<[u8]>::to_vec).collect();
        found.push((fields, records.line()));
    }
    found
}

/// The same as the csv crate reads them.
fn read_by_csv(text: &[u8]) -> Vec<Vec<Vec<u8>>> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(DELIMITER)
        .has_headers(false)
        .flexible(true)
        .from_reader(text);
    let records = reader.byte_records().map(|record| record.expect("memory"));
    records
        .map(|record| record.iter().map(<[u8]>::to_vec).collect())
        .collect()
}

fn fields(fields: &[&str]) -> Vec<Vec<u8>> {
    fields
        .iter()
        .map(|field| field.as_bytes().to_vec())
        .collect()
}

#[test]
fn fields_and_lines_of_records() {
    let text = "a;\"b;c\"\r\n\r\n\"d\"\"e\";\"f\ng\"h\"i\n\"\";j\"k\r\"open\nl";
    assert_eq!(
        read(text.as_bytes()),
        [
            (fields(&["a", "b;c"]), 1),
            (fields(&["d\"e", "f\ngh\"i"]), 3),
            (fields(&["", "j\"k"]), 5),
            (fields(&["open\nl"]), 5),
        ]
    );
}

#[test]
fn a_damaged_record_is_left_behind_by_one_line() {
    let text = b"a;\"b\nc;d\ne;f\n\"g\nh;i\n";
    let mut records = Records::new(&text[..]);
    assert_eq!(records.next().expect("read").expect("a record").len(), 2);
    assert!(records.is_of_several_lines());
    assert!(records.begin_again().expect("memory"));
    let next = records.next().expect("read").expect("a record");
    assert_eq!(next.get(0), Some(&b"c"[..]));
    assert_eq!((records.line(), records.begin(), records.end()), (2, 4, 8));
}

#[test]
fn a_record_without_bounds_is_an_error_and_its_line_is_passed_over() {
    let mut text = b"a;b\n\"".to_vec();
    text.resize(10 << 20, b'x');
    text.extend_from_slice(b"\nc;d\n");
    for many in [b"".to_vec(), b";".repeat(5000)] {
        let mut text = text.clone();
        if !many.is_empty() {
            text.splice(4..10 << 20, many);
        }
        let mut records = Records::new(&text[..]);
        assert!(records.next().expect("read").is_some());
        let error = records.next().expect_err("too long").to_string();
        assert!(
            error.starts_with("line 2: a record of more than 4"),
            "{error}"
        );
        assert!(records.begin_again().expect("memory"));
        let record = records.next().expect("read").expect("a record");
        assert_eq!(record.get(1), Some(&b"d"[..]));
        assert_eq!(records.line(), 3);
        assert!(records.next().expect("read").is_none());
    }
}

proptest! {
    #[test]
    fn records_are_those_of_the_csv_crate(text in "[a\"; \r\né]{0,60}") {
        let found: Vec<_> = read(text.as_bytes()).into_iter().map(|(fields, _)| fields).collect();
        prop_assert_eq!(found, read_by_csv(text.as_bytes()));
    }
}
