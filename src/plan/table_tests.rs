//! Tests of form files.

use super::*;

fn read(text: &str) -> Result<Table, TableError> {
    Table::read(text.as_bytes(), Encoding::Form)
}

fn value(table: &Table, number: u64, column: usize) -> &str {
    str::from_utf8(table.row(number).value(column)).expect("ASCII")
}

#[test]
fn shoppers_take_the_rows_in_turn() {
    let table = read("\u{feff}user,word\r\nann,\"a, b\"\r\nbob,\r\neve,é\r\n").expect("valid");
    assert_eq!(table.columns, ["user", "word"]);
    assert_eq!(table.rows(), 3);
    for (number, user, word) in [(0, "ann", "a%2C+b"), (1, "bob", ""), (5, "eve", "%C3%A9")] {
        assert_eq!(
            (value(&table, number, 0), value(&table, number, 1)),
            (user, word)
        );
    }
    let one = read("only\nx").expect("valid");
    assert_eq!(value(&one, u64::MAX, 0), "x");
    let other = read("a;b\n1;2\n").expect("semicolons");
    assert_eq!(value(&other, 0, 1), "2");
}

#[test]
fn invalid_files_say_where() {
    for (text, part) in [
        ("", "it is empty"),
        ("a,b\n", "no rows"),
        ("a,b\n1,2\n3\n", "line 3 has 1 columns, the header 2"),
        ("a,b\n1,2,3\n", "line 2 has 3 columns, the header 2"),
        ("a,a\n1,2\n", "\"a\" twice"),
        ("a,\n1,2\n", "without a name"),
    ] {
        let error = read(text).expect_err(text).to_string();
        assert!(error.contains(part), "{text:?}: {error}");
    }
    let not_utf8 = Table::read(&b"a\n\xff\n"[..], Encoding::Form).expect_err("not UTF-8");
    assert!(not_utf8.to_string().contains("UTF-8"), "{not_utf8}");
    let endless = Table::read(std::io::repeat(b'x'), Encoding::Form).expect_err("endless");
    assert!(
        endless.to_string().contains("larger than 64 MiB"),
        "{endless}"
    );
}
