//! Tests of fields.

use super::*;

#[test]
fn folded_values_have_spaces() {
    let folded = [
        Header {
            name: "a",
            value: b"b\r\n  c\n\td\r\n \r\n e",
        },
        Header {
            name: "A",
            value: b"plain",
        },
        Header {
            name: "ab",
            value: b"other",
        },
    ];
    let found: Vec<_> = values(&folded, "a").collect();
    assert_eq!(found, [&b"b c d e"[..], b"plain"]);
    assert!(matches!(found[1], Cow::Borrowed(_)));
}

#[test]
fn codings_are_distinguished() {
    // value, is coded, ends chunked, only chunked
    for (value, coded, ends, only) in [
        ("", false, false, false),
        (",,", false, false, false),
        ("identity", false, false, false),
        ("Identity, CHUNKED", true, true, true),
        ("chunked, identity", true, true, true),
        ("gzip", true, false, false),
        ("gzip;q=1 , chunked", true, true, false),
        ("chunked, gzip", true, false, false),
    ] {
        let mut codings = Codings::default();
        codings.take(value.as_bytes()).expect(value);
        let found = (
            codings.is_coded(),
            codings.ends_chunked(),
            codings.is_only_chunked(),
        );
        assert_eq!(found, (coded, ends, only), "{value:?}");
    }
    for value in [
        "chunked;a=b",
        "chun ked",
        "\"chunked\"",
        ";a",
        "chunk\u{e9}d",
    ] {
        assert!(
            Codings::default().take(value.as_bytes()).is_err(),
            "{value:?}"
        );
    }
}
