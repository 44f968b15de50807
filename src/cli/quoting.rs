//! Puts the name of a variant into a command for `/bin/sh -c`, so that the shell reads it as one word and
//! nothing within it is expanded or run, whatever characters it has.

use std::borrow::Cow;

/// What stands for the name.
pub const PLACEHOLDER: &str = "{variant}";

/// Why a name cannot be put into a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unquotable {
    /// The placeholder stands within quotes, backquotes or a here-document, or after a backslash, where
    /// quotes around the name would be read as something else.
    WithinQuotes,
}

/// A name as one word of a POSIX shell: as it is where no character in it means anything there, otherwise
/// in single quotes (POSIX, Shell Command Language, section 2.2.2).
pub fn quoted(name: &str) -> Cow<'_, str> {
    match is_plain(name) {
        true => Cow::Borrowed(name),
        false => Cow::Owned(format!("'{}'", name.replace('\'', r"'\''"))),
    }
}

/// The command with the name in the place of each placeholder.
pub fn put_in(command: &str, name: &str) -> Result<String, Unquotable> {
    if !is_plain(name) && is_quoted_somewhere(command) {
        return Err(Unquotable::WithinQuotes);
    }
    Ok(command.replace(PLACEHOLDER, &quoted(name)))
}

fn is_plain(name: &str) -> bool {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_@%+=:,./-".contains(c);
    !name.is_empty() && name.chars().all(is_plain)
}

/// Whether a placeholder stands where quotes have another meaning. Some places that would be safe count
/// too: a command substitution within double quotes, whatever follows `<<`.
fn is_quoted_somewhere(command: &str) -> bool {
    let mut within = None;
    let mut rest = command;
    let mut has_here_document = false;
    while let Some(c) = rest.chars().next() {
        if rest.starts_with(PLACEHOLDER) && (within.is_some() || has_here_document) {
            return true;
        }
        let mut length = c.len_utf8();
        match (within, c) {
            (Some('\''), '\'') => within = None,
            (Some('\''), _) => {}
            (_, '\\') => {
                if rest[1..].starts_with(PLACEHOLDER) {
                    return true;
                }
                length += rest[1..].chars().next().map_or(0, char::len_utf8);
            }
            (Some(quote), c) if quote == c => within = None,
            (Some(_), _) => {}
            (None, '\'' | '"' | '`') => within = Some(c),
            (None, '<') if rest.starts_with("<<") => has_here_document = true,
            (None, _) => {}
        }
        rest = &rest[length..];
    }
    false
}

#[cfg(test)]
#[path = "quoting_tests.rs"]
mod tests;
