//! Tests of scenario.

use super::*;
use proptest::prelude::*;

fn scenario() -> Scenario {
    Scenario {
        base: Url::parse("http://127.0.0.1:8000").expect("a URL"),
        alias: Some(Url::parse("http://shop.test").expect("a URL").origin()),
        requests: RequestWriter::new("shop.test", "", &[], &[], false),
        home_path: "/rdbms".to_owned(),
        buy_paths: vec![],
        form_suffix: vec![],
        keep_alive: false,
        max_body: 1,
        site: None,
        page: None,
    }
}

#[test]
fn locations_within_the_origin() {
    for (location, expected) in [
        ("/rdbms/", "/rdbms/"),
        ("details/?q=1#part", "/rdbms/details/?q=1"),
        ("http://127.0.0.1:8000/x", "/x"),
        ("//127.0.0.1:8000/y", "/y"),
        ("http://shop.test/z", "/z"),
        ("?page=2", "/rdbms/home?page=2"),
        ("", "/rdbms/home"),
        ("/a b/ü", "/a%20b/%C3%BC"),
        ("/\r\nX: y", "/X:%20y"),
        ("HTTP://127.0.0.1:8000/x", "/x"),
        ("http://user:secret@127.0.0.1:8000/x", "/x"),
        ("http:\\\\127.0.0.1:8000\\x", "/x"),
        ("\\x\\y", "/x/y"),
        ("/a#b c", "/a"),
        ("#part", "/rdbms/home"),
        ("/a\tb\u{7f}\0c", "/ab%7F%00c"),
        ("/a?b c\"<>", "/a?b%20c%22%3C%3E"),
        ("/a?\u{20ac}", "/a?%E2%82%AC"),
        ("  /trimmed ", "/trimmed"),
        ("/a%20b%zz", "/a%20b%zz"),
        ("/../../x", "/x"),
    ] {
        let path = scenario().redirect("/rdbms/home", Some(location.as_bytes()));
        assert_eq!(path.as_deref(), Ok(expected), "{location:?}");
    }
}

#[test]
fn a_path_with_two_slashes_is_still_a_path() {
    let scenario = scenario();
    let there = scenario.redirect("/rdbms", Some(b"http://127.0.0.1:8000//rdbms/"));
    assert_eq!(there.as_deref(), Ok("//rdbms/"));
    assert_eq!(
        scenario.redirect("//rdbms/", Some(b"/ok")).as_deref(),
        Ok("/ok")
    );
    let query = scenario.redirect("//rdbms/?a=b", Some(b"?c"));
    assert_eq!(query.as_deref(), Ok("//rdbms/?c"));
}

#[test]
fn locations_elsewhere_or_nowhere() {
    for (location, kind) in [
        (
            Some(&b"https://127.0.0.1:8000/"[..]),
            FailureKind::ForeignRedirect,
        ),
        (
            Some(b"http://127.0.0.1:8001/"),
            FailureKind::ForeignRedirect,
        ),
        (Some(b"//example.org/"), FailureKind::ForeignRedirect),
        (Some(b"file:///etc/passwd"), FailureKind::ForeignRedirect),
        (
            Some(b"blob:http://127.0.0.1:8000/a b"),
            FailureKind::ForeignRedirect,
        ),
        (
            Some(b"BLOB:http://127.0.0.1:8000/x"),
            FailureKind::ForeignRedirect,
        ),
        (
            Some(b"filesystem:http://127.0.0.1:8000/x"),
            FailureKind::ForeignRedirect,
        ),
        (
            Some(b"view-source:http://127.0.0.1:8000/"),
            FailureKind::ForeignRedirect,
        ),
        (Some(b"ws://127.0.0.1:8000/x"), FailureKind::ForeignRedirect),
        (
            Some(b"ftp://127.0.0.1:8000/x"),
            FailureKind::ForeignRedirect,
        ),
        (Some(b"javascript:x y"), FailureKind::ForeignRedirect),
        (Some(b"data:text/html,x"), FailureKind::ForeignRedirect),
        (Some(b"mailto:a@b"), FailureKind::ForeignRedirect),
        (
            Some(b"http://127.0.0.1:8000@example.org/"),
            FailureKind::ForeignRedirect,
        ),
        (
            Some(b"http://user@example.org/"),
            FailureKind::ForeignRedirect,
        ),
        (Some(b"\\\\example.org\\x"), FailureKind::ForeignRedirect),
        (Some(b"/\\example.org"), FailureKind::ForeignRedirect),
        (Some(b"///example.org"), FailureKind::BadRedirect),
        (Some(b"http://exa mple/"), FailureKind::BadRedirect),
        (Some(b"http://[::1"), FailureKind::BadRedirect),
        (Some(b"\xff"), FailureKind::BadRedirect),
        (None, FailureKind::BadRedirect),
    ] {
        let failure = scenario().redirect("/", location).expect_err("refused");
        assert_eq!(failure.kind, kind, "{location:?}");
    }
}

proptest! {
    #[test]
    fn a_request_line_never_has_anything_but_visible_ascii(
        start in proptest::sample::select(vec![
            "", "/", "//127.0.0.1:8000", "http:", "http://127.0.0.1:8000/", "blob:http://127.0.0.1:8000/",
            "?", "\\", "data:", "x:",
        ]),
        rest in any::<String>(),
    ) {
        let location = format!("{start}{rest}");
        if let Ok(path) = scenario().redirect("/rdbms/home?a", Some(location.as_bytes())) {
            prop_assert!(path.starts_with('/'), "{path:?}");
            prop_assert!(path.bytes().all(|byte| byte.is_ascii_graphic()), "{path:?}");
        }
    }
}
