//! Tests of kept fields.

use super::*;

fn header<'a>(name: &'a str, value: &'a str) -> Header<'a> {
    Header {
        name,
        value: value.as_bytes(),
    }
}

#[test]
fn only_the_fields_that_are_wanted_are_kept() {
    let headers = [
        header("set-cookie", "a=1"),
        header("Server-Timing", "db;dur=1"),
        header("server-timing", "app;dur=2"),
        header("x-runtime", "0.5"),
    ];
    assert_eq!(Wanted::default().kept_of(&headers), None);
    let wanted = Wanted {
        cookies: true,
        timing: true,
        named: vec!["X-Runtime".to_owned()],
    };
    let kept = wanted.kept_of(&headers).expect("all of them");
    assert_eq!(kept.cookies, [Box::from(&b"a=1"[..])]);
    assert_eq!(kept.timing, b"db;dur=1, app;dur=2");
    assert_eq!(kept.named, [(0, Box::from(&b"0.5"[..]))]);
    assert!(!kept.is_cut);
    assert_eq!(wanted.kept_of(&[header("Date", "x")]), None);
}

#[test]
fn fields_without_end_are_cut_at_a_metric() {
    let wanted = Wanted {
        cookies: true,
        timing: true,
        ..Wanted::default()
    };
    let long = "metric;dur=1.5,".repeat(4000);
    let kept = wanted
        .kept_of(&[header("Server-Timing", &long)])
        .expect("cut");
    assert!(kept.is_cut);
    assert!(kept.timing.len() <= LONGEST_VALUE && kept.timing.ends_with(b"metric;dur=1.5"));
    let cookies: Vec<_> = (0..100).map(|_| header("Set-Cookie", "a=1")).collect();
    let kept = wanted.kept_of(&cookies).expect("some");
    assert_eq!((kept.cookies.len(), kept.cookies_left), (MOST_COOKIES, 36));
}
