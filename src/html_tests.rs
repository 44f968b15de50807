//! Tests of html.

use super::*;
use proptest::prelude::*;

#[test]
fn titles_are_one_line() {
    for (page, expected) in [
        ("<title>Not Found</title>", Some("Not Found")),
        ("<html>\n<TITLE lang='en'>\n a\n\tb </TITLE>", Some("a b")),
        (
            "<title>Can&#x27;t &lt;b&gt; &amp;lt;</title>",
            Some("Can't <b> &lt;"),
        ),
        ("<title></title>", None),
        ("<title> \n</title>", None),
        ("<title>cut", None),
        ("<title", None),
        ("no page", None),
    ] {
        assert_eq!(title(page.as_bytes()).as_deref(), expected, "{page}");
    }
    let long = format!("<title>{}", "ü".repeat(9000));
    let found = title(long.as_bytes()).expect("a title");
    assert_eq!(found.chars().count(), TEXT_CHARS + 1);
}

/// The parts of Django's page that matter, in its own order.
fn debug_page(title: &str, value: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n  <title>{title}</title>\n  <style>\n    \
         pre.exception_value {{ color: #575757; }}\n  </style>\n</head>\n<body>\n<div id=\"summary\">\n  \
         <h1>{title}</h1>\n  <pre class=\"exception_value\">{value}</pre>\n  <table class=\"meta\">"
    )
}

#[test]
fn a_debug_page_gives_the_exception_and_its_value() {
    let known = "HTTP 500 Internal Server Error";
    let page = debug_page(
        "OperationalError\n         at /rdbms/2/purchase/1/",
        "database is locked",
    );
    let text = error_text(page.as_bytes(), known);
    let expected = "OperationalError at /rdbms/2/purchase/1/: database is locked";
    assert_eq!(text.as_deref(), Some(expected));
    let page = debug_page("KeyError at /x", "&#x27;product&#x27;");
    let text = error_text(page.as_bytes(), known);
    assert_eq!(text.as_deref(), Some("KeyError at /x: 'product'"));
    let page = debug_page("ValueError at /x", "No exception message supplied");
    assert_eq!(
        error_text(page.as_bytes(), known).as_deref(),
        Some("ValueError at /x")
    );
}

#[test]
fn a_title_that_repeats_the_status_is_omitted() {
    for (known, title, says_more) in [
        ("HTTP 502 Bad Gateway", "502 Bad Gateway", false),
        ("HTTP 502 Bad Gateway", "Bad Gateway", false),
        ("HTTP 502 Bad Gateway", "HTTP Error 502", false),
        ("HTTP 504 Gateway Timeout", "504 Gateway Time-out", false),
        (
            "HTTP 503 Service Unavailable",
            "503 Service Temporarily Unavailable",
            false,
        ),
        (
            "HTTP 500 Internal Server Error",
            "Server Error (500)",
            false,
        ),
        ("HTTP 404 Not Found", "Page Not Found", false),
        ("HTTP 403 Forbidden", "403 Forbidden", false),
        ("HTTP 404 Not Found", "Page not found at /rdbms/9/", true),
        ("HTTP 418", "I'm a teapot", true),
        (
            "HTTP 502 Bad Gateway",
            "shop.example | 502: Bad gateway",
            true,
        ),
    ] {
        let page = format!("<title>{title}</title>");
        let text = error_text(page.as_bytes(), known);
        assert_eq!(text.as_deref(), says_more.then_some(title), "{known}");
    }
}

#[test]
fn ids_are_read_from_links_once_each() {
    let page = br#"<a href="/rdbms/2/details/">x</a> <a href='/rdbms/3/details/'>y</a>
            <a href="/rdbms/2/details/">x again</a> <a href="/rdbms/about/">no</a>
            <a href="/other/9/details/">no</a> <a href="http://h/rdbms/a-b/details/?x">z</a>
            /rdbms//details/ /rdbms/a b/details/ /rdbms/<b>/details/ /rdbms/4/detailsofit/"#;
    assert_eq!(product_ids(page, "/rdbms/"), ["2", "3", "a-b"]);
    assert!(product_ids(b"\xff\xfe no links", "/rdbms/").is_empty());
    let long = format!("/rdbms/{}/details/", "1".repeat(ID_BYTES + 1));
    assert!(product_ids(long.as_bytes(), "/rdbms/").is_empty());
}

#[test]
fn pages_with_many_links_are_read_in_bounded_time_and_number() {
    let links = (0..MOST_IDS + 5).map(|id| format!("/rdbms/{id}/details/ "));
    let page: String = links.collect();
    assert_eq!(product_ids(page.as_bytes(), "/rdbms/").len(), MOST_IDS);
    // Quadratic searches would take minutes here.
    let page = "/rdbms/".repeat(300_000);
    assert!(product_ids(page.as_bytes(), "/rdbms/").is_empty());
    let page = "<input name=x ".repeat(20_000);
    assert_eq!(hidden_field(page.as_bytes(), "token"), None);
}

#[test]
fn a_hidden_field_is_found_for_any_order_of_attributes() {
    for page in [
        r#"<input type="hidden" name="token" value="Tok3n">"#,
        "<input value='Tok3n' type=hidden name=token />",
        "<INPUT NAME = token VALUE=Tok3n>",
        "token <input name=other value=x><input name=token value=Tok3n>",
        "<input disabled title='a>b' name=token value=Tok3n>",
    ] {
        assert_eq!(
            hidden_field(page.as_bytes(), "token").as_deref(),
            Some("Tok3n"),
            "{page}"
        );
    }
    for page in [
        r#"<input name="token" value="a&b=c">"#,
        r#"<input name="token" value="">"#,
        r#"<input name="token2" value="x">"#,
        r#"<input name="token">"#,
        r#"<input name="token" value="x"#,
        "token value='x'",
    ] {
        assert_eq!(hidden_field(page.as_bytes(), "token"), None, "{page}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_within_bounds(
        noise in proptest::collection::vec(any::<u8>(), 0..200),
        parts in proptest::collection::vec(0usize..12, 0..20),
    ) {
        const PARTS: [&str; 12] = [
            "<title>", "</title>", "<input ", "name=", "token", "value=", "\"", ">", "/rdbms/",
            "/details/", "<pre class=\"exception_value\">", "</pre>",
        ];
        let mut page: Vec<u8> = parts.iter().flat_map(|&part| PARTS[part].bytes()).collect();
        page.splice(page.len() / 2..page.len() / 2, noise);
        for text in [title(&page), error_text(&page, "HTTP 500 Internal Server Error")] {
            let text = text.unwrap_or_default();
            prop_assert!(text.chars().count() <= 2 * TEXT_CHARS + 4);
        }
        for id in product_ids(&page, "/rdbms/") {
            prop_assert!((1..=ID_BYTES).contains(&id.len()));
            let link = format!("/rdbms/{id}/details").into_bytes();
            prop_assert!(page.windows(link.len()).any(|window| window.eq_ignore_ascii_case(&link)));
        }
        if let Some(value) = hidden_field(&page, "token") {
            prop_assert!(value.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        }
    }
}
