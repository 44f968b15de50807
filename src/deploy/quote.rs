//! Texts of users as words of a shell and as scalars of YAML: any text comes through as it is.

use std::fmt::Write;

/// A text with each `{{NAME}}` in it filled in; what is filled in is not looked at again.
pub(super) fn filled(template: &str, of: impl Fn(&str) -> String) -> String {
    let mut text = String::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once("{{") {
        let (name, after) = after.split_once("}}").expect("a place has an end");
        text.push_str(before);
        text.push_str(&of(name));
        rest = after;
    }
    text + rest
}

/// Whether a character shows as itself: neither what YAML calls not printable (YAML 1.2, section 5.1), nor what
/// parsers of YAML 1.1 such as kubectl's take for a line break, in comments too (its section 4.2), nor what
/// reverses the direction of the text after it.
fn is_printable(c: char) -> bool {
    let is_other = matches!(
        c,
        '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}'
    );
    !c.is_control() && !is_other
}

/// A word of bash. Sbatch refuses scripts with carriage returns, and a line break would end a comment before its
/// time: what is not printable is escaped.
pub(super) fn shell(text: &str) -> String {
    if text.chars().all(is_printable) {
        return format!("'{}'", text.replace('\'', r"'\''"));
    }
    let mut quoted = String::from("$'");
    for c in text.chars() {
        match c {
            '\'' | '\\' => quoted.extend(['\\', c]),
            c if !is_printable(c) => {
                for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                    // Three digits: a digit that follows is not taken for one of them.
                    let _ = write!(quoted, "\\{byte:03o}");
                }
            }
            c => quoted.push(c),
        }
    }
    quoted.push('\'');
    quoted
}

/// A double-quoted scalar of YAML 1.2 (section 7.3.1).
pub(super) fn yaml(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c if !is_printable(c) => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}

/// An argument of a container. Kubernetes replaces `$(NAME)` in arguments, and `$$` by `$`.
pub(super) fn argument(text: &str) -> String {
    yaml(&text.replace('$', "$$"))
}

#[cfg(test)]
#[path = "quote_tests.rs"]
pub(super) mod tests;
