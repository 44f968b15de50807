//! The forms of a page and their fields, for a line of `--form` options to copy.

use super::{TAG_BYTES, attributes, find, without_references};

/// The most fields of one form.
const MOST_FIELDS: usize = 64;

/// The longest name or value of a field that is read, bytes.
const FIELD_BYTES: usize = 200;

/// A form that is POSTed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PostForm {
    /// Where it is sent; empty for the page itself.
    pub action: String,
    /// Its fields with a name, in their order.
    pub fields: Vec<FormField>,
}

/// A field of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormField {
    /// Its name.
    pub name: String,
    /// The `type` of an input in lower case, or `select` or `textarea`.
    pub kind: String,
    /// Its value; of a select, that of its first option with one.
    pub value: String,
}

/// The first form of a page with `method="post"` and a field to fill in, or else the first with any field.
pub fn post_form(page: &[u8]) -> Option<PostForm> {
    let mut found: Option<PostForm> = None;
    let mut from = 0;
    while let Some(at) = find(page, b"<form", from) {
        let end = find(page, b"</form", at).unwrap_or(page.len());
        from = at + 1;
        let form = form(&page[at + b"<form".len()..end]);
        let Some(form) = form.filter(|form| !form.fields.is_empty()) else {
            continue;
        };
        if form.fields.iter().any(|field| field.kind != "hidden") {
            return Some(form);
        }
        found.get_or_insert(form);
    }
    found
}

fn form(text: &[u8]) -> Option<PostForm> {
    let tag = &text[..text.len().min(TAG_BYTES)];
    let mut form = PostForm::default();
    let mut is_post = false;
    for (key, value) in attributes(tag) {
        is_post |= key.eq_ignore_ascii_case(b"method") && value.eq_ignore_ascii_case(b"post");
        if key.eq_ignore_ascii_case(b"action") {
            form.action = read(value)?;
        }
    }
    if !is_post {
        return None;
    }
    let mut from = 0;
    while let Some(at) = next_tag(text, from) {
        from = at + 1;
        if form.fields.len() == MOST_FIELDS {
            break;
        }
        form.fields.extend(field(&text[at..]));
    }
    Some(form)
}

const TAGS: [&[u8]; 3] = [b"<input", b"<select", b"<textarea"];

fn next_tag(text: &[u8], from: usize) -> Option<usize> {
    let mut at = from + memchr::memchr(b'<', text.get(from..)?)?;
    loop {
        let is_field = |tag: &&[u8]| {
            let begin = text.get(at..at + tag.len());
            begin.is_some_and(|begin| begin.eq_ignore_ascii_case(tag))
        };
        if TAGS.iter().any(is_field) {
            return Some(at);
        }
        at += 1 + memchr::memchr(b'<', text.get(at + 1..)?)?;
    }
}

fn field(text: &[u8]) -> Option<FormField> {
    let begins = |tag: &[u8]| {
        text.get(..tag.len())
            .is_some_and(|of| of.eq_ignore_ascii_case(tag))
    };
    let kind = TAGS.iter().find(|tag| begins(tag))?;
    let tag = &text[kind.len()..text.len().min(TAG_BYTES)];
    let mut field = FormField {
        name: String::new(),
        kind: String::from_utf8_lossy(&kind[1..]).into_owned(),
        value: String::new(),
    };
    let is_input = field.kind == "input";
    if is_input {
        field.kind = "text".to_owned();
    }
    for (key, value) in attributes(tag) {
        if key.eq_ignore_ascii_case(b"name") {
            field.name = read(value)?;
        } else if key.eq_ignore_ascii_case(b"value") && is_input {
            field.value = read(value).unwrap_or_default();
        } else if key.eq_ignore_ascii_case(b"type") && is_input {
            field.kind = read(value)?.to_ascii_lowercase();
        } else if key.eq_ignore_ascii_case(b"disabled") {
            return None;
        }
    }
    if field.kind == "select" {
        field.value = first_option(text);
    }
    let is_button = matches!(
        field.kind.as_str(),
        "submit" | "button" | "image" | "reset" | "file"
    );
    (!field.name.is_empty() && !is_button).then_some(field)
}

/// The first value of a select that is not empty.
fn first_option(text: &[u8]) -> String {
    let within = &text[..text.len().min(16 * TAG_BYTES)];
    let end = find(within, b"</select", 0).unwrap_or(within.len());
    let mut from = 0;
    while let Some(at) = find(&within[..end], b"<option", from) {
        from = at + 1;
        let tag = &within[at + b"<option".len()..end];
        let value = attributes(tag).find(|(key, _)| key.eq_ignore_ascii_case(b"value"));
        if let Some(value) = value
            .and_then(|(_, value)| read(value))
            .filter(|of| !of.is_empty())
        {
            return value;
        }
    }
    String::new()
}

/// A value with its character references read, if it is short and on one line.
fn read(value: &[u8]) -> Option<String> {
    let text = str::from_utf8(value)
        .ok()
        .filter(|text| text.len() <= FIELD_BYTES)?;
    let text = without_references(text);
    (!text.contains(char::is_control)).then_some(text)
}

#[cfg(test)]
#[path = "forms_tests.rs"]
mod tests;
