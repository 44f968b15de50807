//! Tests of target.

use super::*;

#[test]
fn targets_in_usual_spellings() {
    for (text, authority, prefix, port) in [
        ("http://127.0.0.1:8000", "127.0.0.1:8000", "", 8000),
        ("http://127.0.0.1:8000/", "127.0.0.1:8000", "", 8000),
        ("HTTP://Shop.Example", "shop.example", "", 80),
        ("http://shop:80/", "shop", "", 80),
        ("http://[::1]:8000", "[::1]:8000", "", 8000),
        ("http://shop/sub/dir//", "shop", "/sub/dir", 80),
        ("http://[fe80::1%lo]:8000", "[fe80::1]:8000", "", 8000),
        ("http://[fe80::1%25lo]/sub", "[fe80::1]", "/sub", 80),
        ("http://shop/a%5Bb", "shop", "/a%5Bb", 80),
    ] {
        let target = Target::parse(text).expect(text);
        assert_eq!(target.authority(), authority, "{text}");
        assert_eq!(target.prefix, prefix, "{text}");
        assert_eq!(target.port(), port, "{text}");
    }
}

#[test]
fn targets_that_are_invalid() {
    for (text, hint) in [
        ("127.0.0.1:8000", "write http://127.0.0.1:8000"),
        ("localhost:8000", "no scheme"),
        ("https:/127.0.0.1:8000", "write https://127.0.0.1:8000"),
        ("ftp://shop", "only http:// and https://"),
        ("http://", "empty host"),
        ("http://shop:99999", "invalid port"),
        ("http://shop:0", "port 0"),
        ("http://a:b@shop", "Authorization"),
        ("http://shop/?q", "--page-query"),
        ("http://shop#x", "--page-query"),
        ("http://sh\r\nop", "control characters"),
        ("http://sh op", "spaces"),
        ("http://[::1", "IPv6"),
        ("http://[fe80::1]:80", "[fe80::1%eth0]"),
        ("http://[fe80::1%no-such-one]", "is not an interface"),
    ] {
        let error = Target::parse(text).expect_err(text).to_string();
        assert!(error.contains(hint), "{text:?}: {error} lacks {hint}");
        assert!(!error.contains(char::is_control), "{error:?}");
    }
}

#[test]
fn parts_of_a_request_line() {
    assert_eq!(path_part("-p", "?q=ä%20").as_deref(), Ok("?q=%C3%A4%20"));
    for text in [
        "a b",
        "a\tb",
        "a\r\nHost: x",
        "a#b",
        "a\u{85}b",
        "a\u{2003}b",
    ] {
        assert!(path_part("-p", text).is_err(), "{text:?}");
    }
}
