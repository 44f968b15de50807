//! Tests of text.

use super::*;

#[test]
fn control_characters_are_escaped() {
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

#[test]
fn format_characters_are_unprintable() {
    // The characters with the property Bidi_Control (PropList.txt of Unicode 16).
    let bidi_controls = ['\u{61c}', '\u{200e}', '\u{200f}']
        .into_iter()
        .chain('\u{202a}'..='\u{202e}')
        .chain('\u{2066}'..='\u{2069}');
    let others = [
        '\u{2028}',
        '\u{2029}',
        '\u{206a}',
        '\u{206f}',
        '\u{fff9}',
        '\u{e0041}',
        '\u{ad}',
        '\u{200b}',
        '\u{200c}',
        '\u{200d}',
        '\u{2060}',
        '\u{2064}',
        '\u{feff}',
        '\u{180e}',
        '\u{1d173}',
    ];
    for c in bidi_controls.chain(others) {
        assert!(is_unprintable(c), "{c:?}");
        let shown = Printable(&format!("a{c}b")).to_string();
        assert_eq!(shown, format!("a{}b", c.escape_default()));
    }
    for c in [' ', 'é', 'א', 'ع', '\u{a0}', '\u{3000}', '…', '\u{1f600}'] {
        assert!(!is_unprintable(c), "{c:?}");
    }
}

#[test]
fn bounded_text_has_at_most_the_given_characters() {
    assert_eq!(bounded("", 3), "");
    assert_eq!(bounded("äöü", 3), "äöü");
    assert_eq!(bounded("äöüß", 3), "äö…");
    assert_eq!(bounded("abcd", 1), "…");
}

#[test]
fn cleaned_text_keeps_tabs_and_line_breaks_only() {
    for (text, clean) in [
        ("plain é \u{a0}", "plain é \u{a0}"),
        ("a\tb\nc\r\nd", "a\tb\nc\r\nd"),
        ("a\rb\r", "a\\rb\\r"),
        ("a\r\r\nb", "a\\r\r\nb"),
        (
            "\0a\u{1b}[2J\u{7f}\u{9b}",
            "\\u{0}a\\u{1b}[2J\\u{7f}\\u{9b}",
        ),
    ] {
        assert_eq!(cleaned(text), clean, "{text:?}");
        assert_eq!(cleaned(&cleaned(text)), clean, "{text:?} again");
    }
}
