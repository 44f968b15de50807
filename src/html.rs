//! Extracts data from HTML pages: the title, the exception on Django's debug page, a hidden form field,
//! links to products. This is not an HTML parser; every search is bounded, and takes time in
//! proportion to the page.

pub mod forms;

use std::collections::HashSet;

use crate::text::shortened;

/// How much of a page is searched for titles and exceptions, in bytes: error messages are
/// near the beginning, and the page of every failed request is searched.
pub const TOP_BYTES: usize = 16 * 1024;

/// Longest title or exception text that is read, in bytes of the page.
const TEXT_BYTES: usize = 4096;

/// Longest title, and longest text of an exception, that is returned, in characters.
const TEXT_CHARS: usize = 200;

/// Longest tag that is parsed, in bytes.
const TAG_BYTES: usize = 4096;

/// The most tags of a kind that are parsed on one page: each may be as long as the longest.
const MOST_TAGS: usize = 2_000;

/// The field of a form with the token of Django's CSRF protection.
pub const CSRF_FIELD: &str = "csrfmiddlewaretoken";

/// Longest product id and longest value of a hidden field, bytes.
const ID_BYTES: usize = 200;

/// The most product ids taken from one page.
const MOST_IDS: usize = 10_000;

/// Whether a body looks like HTML: then it is not JSON.
pub fn is_html(body: &[u8]) -> bool {
    body.trim_ascii_start().first() == Some(&b'<')
}

/// The text of a page's `<title>`, on one line.
pub fn title(body: &[u8]) -> Option<String> {
    let body = &body[..body.len().min(TOP_BYTES)];
    let open = find(body, b"<title", 0)?;
    let start = open
        + body[open..]
            .iter()
            .take(TAG_BYTES)
            .position(|&byte| byte == b'>')?
        + 1;
    text_until(body, start, b"</title")
}

/// The cause given by an error page: its title, and on a debug page of Django the exception's
/// value behind it (`OperationalError at /x: database is locked`). `None` where that only repeats
/// `known`, such as `HTTP 502 Bad Gateway`.
pub fn error_text(body: &[u8], known: &str) -> Option<String> {
    let title = title(body).filter(|title| says_more(title, known))?;
    Some(match exception_value(body) {
        Some(value) => format!("{title}: {value}"),
        None => title,
    })
}

/// What Django's debug page has below its heading (`django/views/templates/technical_500.html`).
fn exception_value(body: &[u8]) -> Option<String> {
    const OPEN: &[u8] = b"<pre class=\"exception_value\">";
    let body = &body[..body.len().min(TOP_BYTES)];
    let start = find(body, OPEN, 0)? + OPEN.len();
    text_until(body, start, b"</pre").filter(|text| text != "No exception message supplied")
}

/// Whether a title has words beyond those of the known status. Spelling differs:
/// `Gateway Time-out`, `Error 404`, `Service Temporarily Unavailable`.
fn says_more(title: &str, known: &str) -> bool {
    const FILLERS: [&str; 8] = [
        "http",
        "error",
        "status",
        "code",
        "page",
        "request",
        "entity",
        "temporarily",
    ];
    let words = |text: &str| -> HashSet<String> {
        let text = text.to_lowercase().replace("time-out", "timeout");
        let parts = text.split(|c: char| !c.is_alphanumeric());
        let parts = parts.filter(|word| !word.is_empty() && !FILLERS.contains(word));
        parts.map(str::to_owned).collect()
    };
    !words(title).is_subset(&words(known))
}

/// The CSRF token of a page of Django: that of its form, or else of a `<meta name="csrf-token">`, from which
/// scripts take it.
pub fn csrf_token(body: &[u8]) -> Option<String> {
    const NAMES: [&str; 4] = ["csrf-token", "csrf_token", "csrftoken", CSRF_FIELD];
    let is_named = |name: &[u8]| {
        NAMES
            .iter()
            .any(|of| name.eq_ignore_ascii_case(of.as_bytes()))
    };
    hidden_field(body, CSRF_FIELD).or_else(|| value_of(body, b"<meta", is_named, b"content"))
}

/// The value of `<input … name="NAME" … value="…">`, in any order of the two, if it consists of
/// letters and digits.
pub fn hidden_field(body: &[u8], name: &str) -> Option<String> {
    value_of(body, b"<input", |of| of == name.as_bytes(), b"value")
}

/// The value of an attribute of the first such tag with that name, if it consists of letters and digits.
fn value_of(
    body: &[u8],
    open: &[u8],
    is_name: impl Fn(&[u8]) -> bool,
    of: &[u8],
) -> Option<String> {
    let mut from = 0;
    for _ in 0..MOST_TAGS {
        let at = find(body, open, from)?;
        from = at + 1;
        let tag = &body[at + open.len()..body.len().min(at + TAG_BYTES)];
        let (mut named, mut found) = (false, None);
        for (key, value) in attributes(tag) {
            named |= key.eq_ignore_ascii_case(b"name") && is_name(value);
            if key.eq_ignore_ascii_case(of) {
                found = Some(value);
            }
        }
        let fits = |value: &&[u8]| {
            (1..=ID_BYTES).contains(&value.len()) && value.iter().all(u8::is_ascii_alphanumeric)
        };
        if let Some(value) = found.filter(|_| named).filter(fits) {
            return Some(String::from_utf8_lossy(value).into_owned());
        }
    }
    None
}

/// The attributes of a tag that begins after its name, up to its `>`; empty for a tag without `>`.
fn attributes(tag: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut rest = tag;
    std::iter::from_fn(move || {
        let skipped = |byte: &&u8| byte.is_ascii_whitespace() || **byte == b'/';
        rest = &rest[rest.iter().take_while(skipped).count()..];
        let ends_name = |byte: &u8| byte.is_ascii_whitespace() || b"=>/".contains(byte);
        let (key, after) = rest.split_at(rest.iter().position(ends_name)?);
        if key.is_empty() && after.first() == Some(&b'>') {
            return None;
        }
        let Some(value) = after.trim_ascii_start().strip_prefix(b"=") else {
            rest = after;
            return Some((key, &b""[..]));
        };
        let value = value.trim_ascii_start();
        let (value, after) = match value.first()? {
            quote @ (b'"' | b'\'') => {
                let end = value[1..].iter().position(|byte| byte == quote)? + 1;
                (&value[1..end], &value[end + 1..])
            }
            _ => {
                let ends = |byte: &u8| byte.is_ascii_whitespace() || *byte == b'>';
                value.split_at(value.iter().position(ends)?)
            }
        };
        rest = after;
        Some((key, value))
    })
}

/// The product ids that a home page links to as `{home}{id}/details/`, each once, in the order of the
/// page, 10,000 at most. `home` is the path before the id, with its slashes.
pub fn product_ids(page: &[u8], home: &str) -> Vec<String> {
    const DETAILS: &[u8] = b"/details";
    let mut ids: Vec<String> = Vec::new();
    let mut known: HashSet<&[u8]> = HashSet::new();
    let mut from = 0;
    while let Some(at) = find(page, home.as_bytes(), from) {
        from = at + 1;
        let rest = &page[at + home.len()..];
        let of_id = |byte: &&u8| byte.is_ascii_alphanumeric() || b"-._~%".contains(byte);
        let length = rest.iter().take(ID_BYTES + 1).take_while(of_id).count();
        let (id, after) = rest.split_at(length);
        let ends_segment = |after: &[u8]| !after.first().is_some_and(u8::is_ascii_alphanumeric);
        let is_link = after.strip_prefix(DETAILS).is_some_and(ends_segment);
        if is_link && (1..=ID_BYTES).contains(&length) && known.insert(id) {
            ids.push(String::from_utf8_lossy(id).into_owned());
            if ids.len() == MOST_IDS {
                break;
            }
        }
    }
    ids
}

/// The text from `start` to what ends it, on one line, its character references read.
fn text_until(body: &[u8], start: usize, end: &[u8]) -> Option<String> {
    let near = &body[start..body.len().min(start + TEXT_BYTES)];
    let text = match find(near, end, 0) {
        Some(length) => &near[..length],
        // Long texts are returned as far as they are read; a text in a truncated page is ignored.
        None if near.len() == TEXT_BYTES => near,
        None => return None,
    };
    let text = String::from_utf8_lossy(text);
    let words: Vec<&str> = text.split_whitespace().collect();
    let line = without_references(&words.join(" "));
    (!line.is_empty()).then(|| shortened(&line, TEXT_CHARS))
}

/// The five characters that Django escapes, as themselves.
fn without_references(text: &str) -> String {
    const REFERENCES: [(&str, &str); 6] = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&#39;", "'"),
        // Last, so that its result is not unescaped a second time.
        ("&amp;", "&"),
    ];
    let all = REFERENCES.iter();
    all.fold(text.to_owned(), |text, (from, to)| text.replace(from, to))
}

/// The position of a text in `body`, from `from` on, ignoring the case of ASCII letters.
fn find(body: &[u8], text: &[u8], from: usize) -> Option<usize> {
    let first = *text.first()?;
    let (lower, upper) = (first.to_ascii_lowercase(), first.to_ascii_uppercase());
    let body = body.get(from..)?;
    let is_there = |at: &usize| {
        let window = body.get(*at..*at + text.len());
        window.is_some_and(|window| window.eq_ignore_ascii_case(text))
    };
    let at = memchr::memchr2_iter(lower, upper, body).find(is_there)?;
    Some(from + at)
}

#[cfg(test)]
#[path = "html_tests.rs"]
mod tests;
