//! Any page: titles and exception texts on one line and bounded, ids and tokens that can go into a request.
#![no_main]

use libfuzzer_sys::fuzz_target;
use profilerclient::html;
use profilerclient::prepare::CsrfToken;
use profilerclient::prepare::fetch::Page;

fn assert_line(text: &str, most: usize) {
    assert!(!text.is_empty());
    assert!(!text.contains(['\r', '\n', '\t']), "{text:?}");
    assert!(text.chars().count() <= most, "{text:?}");
}

fuzz_target!(|body: &[u8]| {
    let title = html::title(body);
    if let Some(title) = &title {
        assert_line(title, 201);
    }
    let known = "HTTP 500 Internal Server Error";
    if let Some(text) = html::error_text(body, known) {
        assert_line(&text, 201 + 2 + 201);
        assert!(text.starts_with(&title.expect("what an error text begins with")));
    }
    for name in ["csrfmiddlewaretoken", "a", ""] {
        if let Some(value) = html::hidden_field(body, name) {
            assert!((1..=200).contains(&value.len()));
            assert!(value.bytes().all(|byte| byte.is_ascii_alphanumeric()));
        }
    }
    for home in ["/rdbms/", "/"] {
        let mut ids = html::product_ids(body, home);
        let count = ids.len();
        assert!(count <= 10_000);
        for id in &ids {
            assert!((1..=200).contains(&id.len()), "{id:?}");
            let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte);
            assert!(id.bytes().all(is_plain), "{id:?}");
        }
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), count, "each once");
    }
    assert!(!html::is_html(body) || body.contains(&b'<'));
    // The lines before the page are its cookies.
    let text = String::from_utf8_lossy(body);
    let page = Page {
        cookies: text.lines().take(3).map(str::to_owned).collect(),
        body: body.to_vec(),
        ..Page::default()
    };
    let _ = CsrfToken::find(&page);
});
