//! Tests of the cookies of a shopper.

use super::*;
use proptest::prelude::*;

const NOW: i64 = 1_800_000_000;

fn host(is_secure: bool) -> CookieHost {
    CookieHost {
        host: "shop.example.com".to_owned(),
        is_secure,
    }
}

fn sent(jar: &Jar, is_secure: bool, path: &str, now: i64) -> String {
    let mut out = Vec::new();
    jar.write("", &host(is_secure), path, now, &mut out);
    String::from_utf8(out).expect("text")
}

fn jar(fields: &[&str]) -> Jar {
    let mut jar = Jar::default();
    for field in fields {
        jar.take(field.as_bytes(), &host(true), "/plain/cart/?a=/b/", NOW);
    }
    jar
}

#[test]
fn cookies_go_with_requests_for_their_paths() {
    let jar = jar(&[
        "sessionid=abc; Path=/; HttpOnly; SameSite=Lax",
        "cart=1",
        "deep=2; Path=/plain/cart/step",
        "foot=3; Path=/plain/c",
    ]);
    let all = "Cookie: cart=1; sessionid=abc\r\n";
    assert_eq!(sent(&jar, true, "/plain/cart", NOW), all);
    assert_eq!(sent(&jar, true, "/plain/cart/?x=/", NOW), all);
    assert_eq!(
        sent(&jar, true, "/plain/", NOW),
        "Cookie: sessionid=abc\r\n"
    );
    assert_eq!(
        sent(&jar, true, "/plain/cart/step/2", NOW),
        "Cookie: deep=2; cart=1; sessionid=abc\r\n"
    );
    let mut out = Vec::new();
    jar.write("own=0", &host(true), "/", NOW, &mut out);
    assert_eq!(out, b"Cookie: own=0; sessionid=abc\r\n");
}

#[test]
fn a_cookie_is_replaced_and_deleted() {
    let mut jar = jar(&["a=1; Path=/", "b=2; Path=/", "a=3; Path=/"]);
    assert_eq!(sent(&jar, true, "/", NOW), "Cookie: a=3; b=2\r\n");
    for field in [
        "a=; Path=/; Max-Age=0",
        "b=; Path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT",
    ] {
        let outcome = jar.take(field.as_bytes(), &host(true), "/", NOW);
        assert_eq!(outcome, Outcome::Removed);
    }
    assert_eq!(sent(&jar, true, "/", NOW), "");
}

#[test]
fn cookies_expire() {
    let jar = jar(&[
        "a=1; Path=/; Max-Age=10",
        "b=2; Path=/; expires=Thu, 01 Jan 1970 00:00:00 GMT; Max-Age=20",
    ]);
    assert_eq!(sent(&jar, true, "/", NOW + 9), "Cookie: a=1; b=2\r\n");
    assert_eq!(sent(&jar, true, "/", NOW + 10), "Cookie: b=2\r\n");
    assert_eq!(sent(&jar, true, "/", NOW + 20), "");
}

#[test]
fn secure_cookies_go_over_tls_only() {
    let jar = jar(&["a=1; Path=/; Secure"]);
    assert_eq!(sent(&jar, false, "/", NOW), "");
    assert_eq!(sent(&jar, true, "/", NOW), "Cookie: a=1\r\n");
}

#[test]
fn a_secure_cookie_over_plain_http_is_kept_and_withheld() {
    let mut jar = Jar::default();
    let mut take = |text: &str| jar.take(text.as_bytes(), &host(false), "/", NOW);
    assert_eq!(take("a=1; Path=/; Secure"), Outcome::Withheld);
    assert_eq!(take("a=2; Path=/; Secure"), Outcome::Withheld);
    assert_eq!(take("b=3; Path=/"), Outcome::Kept);
    assert_eq!(take("a=; Path=/; Secure; Max-Age=-1"), Outcome::Removed);
    assert_eq!(sent(&jar, false, "/", NOW), "Cookie: b=3\r\n");
}

#[test]
fn prefixes_of_names_are_promises() {
    for (field, outcome) in [
        ("__Secure-a=1; Secure", Outcome::Kept),
        ("__Secure-a=1", Outcome::Dropped),
        ("__SECURE-a=1", Outcome::Dropped),
        ("__Host-a=1; Secure; Path=/", Outcome::Kept),
        ("__Host-a=1; Path=/", Outcome::Dropped),
        ("__Host-a=1; Secure", Outcome::Dropped),
        (
            "__host-a=1; Secure; Path=/; Domain=shop.example.com",
            Outcome::Dropped,
        ),
        ("__Hostess=1", Outcome::Kept),
    ] {
        let taken = Jar::default().take(field.as_bytes(), &host(true), "/", NOW);
        assert_eq!(taken, outcome, "{field}");
    }
}

#[test]
fn cookies_of_other_domains_are_dropped() {
    for (domain, outcome) in [
        ("example.com", Outcome::Kept),
        (".example.com", Outcome::Kept),
        ("SHOP.example.com", Outcome::Kept),
        ("other.com", Outcome::Dropped),
        ("ample.com", Outcome::Dropped),
        ("a.shop.example.com", Outcome::Dropped),
    ] {
        let field = format!("a=1; Domain={domain}");
        let taken = Jar::default().take(field.as_bytes(), &host(true), "/", NOW);
        assert_eq!(taken, outcome, "{domain}");
    }
    let address = CookieHost {
        host: "127.0.0.1".to_owned(),
        is_secure: false,
    };
    let taken = Jar::default().take(b"a=1; Domain=0.0.1", &address, "/", NOW);
    assert_eq!(taken, Outcome::Dropped);
}

#[test]
fn cookies_without_end_are_dropped_beyond_the_bounds() {
    let mut jar = Jar::default();
    let take = |jar: &mut Jar, text: &str| jar.take(text.as_bytes(), &host(true), "/", NOW);
    for number in 0..MOST_COOKIES {
        assert_eq!(take(&mut jar, &format!("c{number}=x")), Outcome::Kept);
    }
    assert_eq!(take(&mut jar, "more=x"), Outcome::Dropped);
    assert_eq!(take(&mut jar, "c7=y"), Outcome::Kept);
    jar.clear();
    let large = "x".repeat(LONGEST_COOKIE - 2);
    for name in ["a", "b", "c"] {
        assert_eq!(take(&mut jar, &format!("{name}={large}")), Outcome::Kept);
    }
    assert_eq!(take(&mut jar, &format!("d={large}")), Outcome::Kept);
    assert_eq!(take(&mut jar, "e=1234567"), Outcome::Dropped);
    assert_eq!(take(&mut jar, &format!("a={large}yyy")), Outcome::Dropped);
    for invalid in ["", "=x", "no pair", "a=\u{1}"] {
        assert_eq!(take(&mut jar, invalid), Outcome::Dropped, "{invalid:?}");
    }
}

proptest! {
    #[test]
    fn any_field_leaves_a_jar_within_bounds(
        fields in prop::collection::vec("\\PC{0,60}|[a-z]{1,2}=[a-z\"]{0,9}(; ?(Path|Max-Age|Domain|expires)=[/a-z0-9.-]{0,9}){0,3}", 0..70)
    ) {
        let mut jar = Jar::default();
        for field in &fields {
            jar.take(field.as_bytes(), &host(true), "/a/b", NOW);
        }
        prop_assert!(jar.cookies.len() <= MOST_COOKIES);
        let bytes: usize = jar.cookies.iter().map(Stored::bytes).sum();
        prop_assert!(bytes <= MOST_BYTES);
        let line = sent(&jar, true, "/a/b/c", NOW);
        prop_assert!(line.is_empty() || line.ends_with("\r\n"));
        prop_assert!(!line.trim_end_matches("\r\n").contains(char::is_control));
    }
}
