//! Tests of scenario.

use super::*;

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
        (Some(b"http://[::1"), FailureKind::BadRedirect),
        (Some(b"\xff"), FailureKind::BadRedirect),
        (None, FailureKind::BadRedirect),
    ] {
        let failure = scenario().redirect("/", location).expect_err("refused");
        assert_eq!(failure.kind, kind, "{location:?}");
    }
}
