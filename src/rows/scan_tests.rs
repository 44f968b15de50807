//! Tests of scan.

use csv::ReaderBuilder;
use proptest::prelude::*;

use super::*;

/// Reads a text in chunks of some size.
fn scanned(text: &str, chunk: usize) -> Scan {
    let mut scan = Scan::default();
    for chunk in text.as_bytes().chunks(chunk) {
        scan.feed_counting(chunk);
    }
    scan
}

#[test]
fn the_last_record_and_the_state_at_the_end() {
    for (text, is_quoted, last_record, delimiters) in [
        ("", false, 0, 0),
        ("a;b", false, 0, 1),
        ("a;b\n", false, 0, 1),
        ("a;b\nc;d", false, 4, 2),
        ("a;b\r\nc;d", false, 5, 2),
        ("a;b\nc;d\r", false, 4, 2),
        ("a\n\"b\nc\";d", false, 2, 1),
        ("a\n\"b\nc;d", true, 2, 0),
        ("a\n\"b\"\"\nc\";d", false, 2, 1),
        ("a\n\"b\"\"\nc;d", true, 2, 0),
        ("a\n\"\";\"", true, 2, 1),
        ("a\n\"\"\"", true, 2, 0),
        ("a\n\"\"\"\"", false, 2, 0),
        ("a\nb\"c\nd\"e;", false, 6, 1),
        ("a\n\"b\"c\"\nd", false, 8, 0),
        ("\u{feff}\"a\nb\";c", false, 0, 1),
        ("\u{feff}\"a\nb", true, 0, 0),
        ("x\u{feff}\"a\nb", false, 7, 0),
    ] {
        for chunk in [1, 2, 3, 1_000] {
            // The mark is looked for in one chunk, as it always comes.
            if chunk < 3 && text.starts_with('\u{feff}') {
                continue;
            }
            let scan = scanned(text, chunk);
            assert_eq!(
                (
                    scan.is_within_quotes(),
                    scan.last_record(),
                    scan.delimiters()
                ),
                (is_quoted, last_record, delimiters),
                "{text:?} in chunks of {chunk}"
            );
            assert_eq!(scan.length(), text.len() as u64);
        }
    }
}

proptest! {
    /// It agrees with a reader of CSV on whether a record that follows would be one of its own.
    #[test]
    fn records_end_where_a_reader_ends_them(text in "[a\";\r\n]{1,30}", chunk in 1usize..9) {
        let probed = format!("{text}\r\nprobe");
        let mut reader = ReaderBuilder::new()
            .delimiter(DELIMITER)
            .has_headers(false)
            .flexible(true)
            .from_reader(probed.as_bytes());
        let last = reader.records().last().expect("the probe").expect("a record");
        let is_own = last.len() == 1 && &last[0] == "probe";
        prop_assert_eq!(scanned(&text, chunk).is_within_quotes(), !is_own, "{:?}", text);
    }
}
