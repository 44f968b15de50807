//! The forms of a page and their fields, for a line of `--form` options to copy.

use super::{MOST_TAGS, TAG_BYTES, attributes, find, without_references};

/// The most fields of one form.
const MOST_FIELDS: usize = 64;

/// The most forms of one page.
const MOST_FORMS: usize = 1000;

/// The most options of a select that are looked at.
const MOST_OPTIONS: usize = 100;

/// The longest name or value of a field that is read, bytes.
const FIELD_BYTES: usize = 200;

/// A form that is POSTed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PostForm {
    /// Where it is sent; empty for the page itself.
    pub action: String,
    /// Its fields with a name, in their order: of radio buttons with one name the chosen one, and the button that
    /// sends the form where there is one with a name.
    pub fields: Vec<FormField>,
    /// The names of its files, which are not among the fields.
    pub files: Vec<String>,
}

/// A field of a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FormField {
    /// Its name.
    pub name: String,
    /// The `type` of an input in lower case, or `select` or `textarea`; `submit` for a button.
    pub kind: String,
    /// Its value; of a select, that of the option that is selected, or
    /// else of its first one with a value.
    pub value: String,
}

/// The first form of a page with `method="post"` and a field to fill in, or else the first with any field.
pub fn post_form(page: &[u8]) -> Option<PostForm> {
    const OPEN: &[u8] = b"<form";
    let mut found: Option<PostForm> = None;
    let mut next = find(page, OPEN, 0);
    let mut tags = MOST_TAGS;
    for _ in 0..MOST_FORMS {
        let Some(at) = next else { break };
        // One that is not closed ends where the next begins: each byte is searched once.
        next = find(page, OPEN, at + 1);
        let text = &page[at + OPEN.len()..next.unwrap_or(page.len())];
        let end = find(text, b"</form", 0).unwrap_or(text.len());
        let form = form(&text[..end], &mut tags);
        let Some(form) = form.filter(|form| !form.fields.is_empty()) else {
            continue;
        };
        let is_to_fill = |field: &FormField| !matches!(field.kind.as_str(), "hidden" | "submit");
        if form.fields.iter().any(is_to_fill) {
            return Some(form);
        }
        found.get_or_insert(form);
    }
    found
}

/// `tags`: how many more may be parsed.
fn form(text: &[u8], tags: &mut usize) -> Option<PostForm> {
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
    let (mut from, mut buttons) = (0, Vec::new());
    while let Some(at) = next_tag(text, from) {
        from = at + 1;
        if form.fields.len() == MOST_FIELDS || *tags == 0 {
            break;
        }
        *tags -= 1;
        let Some((field, is_checked)) = field(&text[at..]) else {
            continue;
        };
        match field.kind.as_str() {
            "button" | "image" | "reset" => {}
            "submit" => buttons.push(field),
            "file" if form.files.len() < MOST_FIELDS => form.files.push(field.name),
            "file" => {}
            "radio" => form.add_radio(field, is_checked),
            _ => form.fields.push(field),
        }
    }
    // Of several buttons, it is not known which one is meant.
    if let [_] = buttons.as_slice() {
        form.fields.append(&mut buttons);
    }
    Some(form)
}

impl PostForm {
    /// Of those with one name, a browser sends the chosen one.
    fn add_radio(&mut self, field: FormField, is_checked: bool) {
        let is_same = |other: &&mut FormField| other.kind == "radio" && other.name == field.name;
        match self.fields.iter_mut().find(is_same) {
            Some(other) if is_checked => *other = field,
            Some(_) => {}
            None => self.fields.push(field),
        }
    }
}

const TAGS: [&[u8]; 4] = [b"<input", b"<select", b"<textarea", b"<button"];

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

/// A field with a name, and whether it is checked.
fn field(text: &[u8]) -> Option<(FormField, bool)> {
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
    let has_value = matches!(field.kind.as_str(), "input" | "button");
    match field.kind.as_str() {
        "input" => field.kind = "text".to_owned(),
        "button" => field.kind = "submit".to_owned(),
        _ => {}
    }
    let mut is_checked = false;
    for (key, value) in attributes(tag) {
        if key.eq_ignore_ascii_case(b"name") {
            field.name = read(value)?;
        } else if key.eq_ignore_ascii_case(b"value") && has_value {
            field.value = read(value).unwrap_or_default();
        } else if key.eq_ignore_ascii_case(b"type") && has_value {
            field.kind = read(value)?.to_ascii_lowercase();
        } else if key.eq_ignore_ascii_case(b"disabled") {
            return None;
        } else if key.eq_ignore_ascii_case(b"checked") {
            is_checked = true;
        }
    }
    if field.name.is_empty() {
        return None;
    }
    if field.kind == "select" {
        field.value = chosen_option(text);
    }
    Some((field, is_checked))
}

/// The value of a select's option that is selected, or else the first one that is not empty.
fn chosen_option(text: &[u8]) -> String {
    let within = &text[..text.len().min(16 * TAG_BYTES)];
    let end = find(within, b"</select", 0).unwrap_or(within.len());
    let (mut from, mut first) = (0, None);
    for _ in 0..MOST_OPTIONS {
        let Some(at) = find(&within[..end], b"<option", from) else {
            break;
        };
        from = at + 1;
        let tag = &within[at + b"<option".len()..end];
        let (mut value, mut is_selected) = (None, false);
        for (key, of) in attributes(&tag[..tag.len().min(TAG_BYTES)]) {
            if key.eq_ignore_ascii_case(b"value") {
                value = read(of).filter(|of| !of.is_empty());
            }
            is_selected |= key.eq_ignore_ascii_case(b"selected");
        }
        match value {
            Some(value) if is_selected => return value,
            Some(value) => {
                first.get_or_insert(value);
            }
            None => {}
        }
    }
    first.unwrap_or_default()
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
