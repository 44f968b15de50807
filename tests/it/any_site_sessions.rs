//! Sessions at ordinary sites: cookies of redirects and error pages, their order, and where CSRF tokens stand.

use std::sync::{Arc, Mutex};

use tempfile::tempdir;

use crate::any_site::{field, with_fields};
use crate::support::*;

/// A site that answers by the beginning of the request, and what it was asked.
struct Paths {
    server: Scripted,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Paths {
    /// `answers`: the beginning of a request, and the response; the first that fits.
    fn start(answers: Vec<(&'static str, Vec<u8>)>) -> Paths {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let requests = Arc::clone(&seen);
        let server = Scripted::start(move |mut stream, _| {
            let request = read_request(&mut stream);
            let answer = answers.iter().find(|(begin, _)| request.starts_with(begin));
            if let Some((_, answer)) = answer {
                requests.lock().expect("not poisoned").push(request);
                respond(&mut stream, answer);
            }
        });
        Paths { server, seen }
    }

    /// Runs one shopper, and returns its requests.
    fn visit(&self, more: &[&str]) -> Vec<String> {
        let directory = tempdir().expect("a directory");
        let file = directory.path().join("rows.csv");
        let url = self.server.url();
        let mut args = vec!["-t", &url, "-d", "site", "-b", "/buy/", "--report", "none"];
        args.extend(["-o", file.to_str().expect("UTF-8"), "--cookies"]);
        args.extend(more);
        client(args).ok();
        std::mem::take(&mut *self.seen.lock().expect("not poisoned"))
    }
}

fn thanks() -> Vec<u8> {
    page(200, "text/html", "thanks")
}

/// RFC 6265 section 5.4: longer paths first, then those that were made earlier.
#[test]
fn cookies_of_redirects_and_error_pages_are_kept_and_sent_in_order() {
    let redirect = "Location: /site/x\r\nSet-Cookie: hop=1; Path=/\r\n";
    let error = "Set-Cookie: error=2; Path=/site\r\nSet-Cookie: a=root; Path=/\r\n\
        Set-Cookie: a=deep; Path=/site/buy\r\nSet-Cookie: a=app; Path=/site\r\n\
        Set-Cookie: other=3; Path=/site/bu\r\nSet-Cookie: q=\"x y\"; Path=/\r\n\
        Set-Cookie: gone=4; Path=/; Max-Age=-1\r\nSet-Cookie: far=5; Path=/; Domain=example.com\r\n\
        Set-Cookie: __Secure-s=6; Path=/\r\nSet-Cookie: hop=7; Path=/\r\n";
    let site = Paths::start(vec![
        ("GET /site ", with_fields(302, redirect, "")),
        ("GET /site/x ", with_fields(500, error, "oops")),
        ("POST ", thanks()),
    ]);
    let requests = site.visit(&["--form", "a=b"]);
    let cookies: Vec<_> = requests
        .iter()
        .map(|request| field(request, "Cookie"))
        .collect();
    assert_eq!(
        cookies,
        [
            None,
            Some("hop=1"),
            Some("a=deep; error=2; a=app; hop=7; a=root; q=\"x y\"")
        ]
    );
}

#[test]
fn a_token_is_taken_from_the_form_or_a_meta_tag_or_the_cookie() {
    let meta = r#"<head><META content="ofMeta" name="csrf-token"></head>"#;
    let form = "<form method=post><input value=ofForm name=csrfmiddlewaretoken></form>";
    let cookie = "Set-Cookie: csrftoken=ofCookie; Path=/\r\n";
    for (fields, body, token) in [
        (cookie, format!("{meta}{form}"), "ofForm"),
        (cookie, meta.to_owned(), "ofMeta"),
        ("", meta.to_owned(), "ofMeta"),
        (cookie, "hi".to_owned(), "ofCookie"),
    ] {
        let answers = vec![
            ("GET ", with_fields(200, fields, &body)),
            ("POST ", thanks()),
        ];
        let site = Paths::start(answers);
        let requests = site.visit(&["--form", "a=b", "--csrf"]);
        let expected = format!("a=b&csrfmiddlewaretoken={token}");
        assert!(requests[1].ends_with(&expected), "{requests:?}");
        let json = tempdir().expect("a directory");
        let json = json.path().join("body.json");
        std::fs::write(&json, "{}").expect("written");
        let requests = site.visit(&["--csrf", "--body", json.to_str().expect("UTF-8")]);
        assert_eq!(field(&requests[1], "X-CSRFToken"), Some(token));
    }
}

/// A redirect from the page of the form is followed; a page that is missing is said, and the purchase is made.
#[test]
fn pages_of_forms_may_redirect_or_fail() {
    let form = "<input name=csrfmiddlewaretoken value=t0ken>";
    let site = Paths::start(vec![
        ("GET /site ", thanks()),
        ("GET /form ", with_fields(301, "Location: /form/\r\n", "")),
        (
            "GET /form/ ",
            with_fields(200, "Set-Cookie: s=1; Path=/\r\n", form),
        ),
        ("GET /missing ", with_fields(404, "", form)),
        ("POST ", thanks()),
    ]);
    let requests = site.visit(&["--form", "a=b", "--csrf", "--csrf-page", "/form"]);
    assert_eq!(requests.len(), 4, "{requests:?}");
    assert!(
        requests[3].ends_with("a=b&csrfmiddlewaretoken=t0ken"),
        "{requests:?}"
    );
    assert_eq!(field(&requests[3], "Cookie"), Some("s=1"));
    let requests = site.visit(&["--form", "a=b", "--csrf", "--csrf-page", "/missing"]);
    assert!(requests[2].ends_with("\r\n\r\na=b"), "{requests:?}");
}
