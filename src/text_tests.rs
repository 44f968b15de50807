//! Tests of text.

use super::*;

#[test]
fn control_characters_are_shown_not_sent() {
    let hostile = "a\x1b[2Jb\u{202e}c\nd\u{9b}e";
    let shown = Printable(hostile).to_string();
    assert_eq!(shown, "a\\u{1b}[2Jb\\u{202e}c\\nd\\u{9b}e");
    assert!(!shown.chars().any(is_unprintable));
}

#[test]
fn long_text_is_cut_at_a_character() {
    assert_eq!(shortened("äöü", 2), "äö…");
    assert_eq!(shortened("äöü", 3), "äöü");
}
