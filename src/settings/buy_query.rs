//! The path of a purchase: text with places for the product id, in the notation of Python's
//! `str.format`, which the old client used.

use std::fmt;

/// What follows the app in the request of a purchase, with at least one place for the product id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuyQuery {
    text: String,
    parts: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    /// The id as it is.
    Id,
    /// The id as Python's `repr` writes it.
    Repr,
}

/// Why a text cannot be the template of a purchase's path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BuyQueryError {
    /// It has no placeholder for the product id.
    NoPlace,
    /// A conversion of C's printf (`%s`) is used where Python's notation is required.
    Printf(String),
    /// An unknown placeholder.
    Field(String),
    /// More than one placeholder without a number: Python's `format` needs a value for each.
    Twice,
    /// A brace without its counterpart.
    Brace(char),
}

impl BuyQueryError {
    /// What is wrong, and the hint.
    pub fn what_and_hint(&self) -> (String, String) {
        const WRITE: &str = "write {!s} where the product id belongs, such as /{!s}/purchase/1/";
        match self {
            BuyQueryError::NoPlace => ("it has no place for the product id".into(), WRITE.into()),
            BuyQueryError::Printf(found) => (
                format!("{found} is not replaced by the product id"),
                WRITE.into(),
            ),
            BuyQueryError::Field(found) => (
                format!("unknown placeholder {found}"),
                "the product id is {!s}, {}, {0}, {0!s}, {product_id}, {!r} or {0!r}; a brace is {{ or }}"
                    .into(),
            ),
            BuyQueryError::Twice => (
                "it has several unnumbered places, but there is one product id".into(),
                "write {0} at each place where the id belongs".into(),
            ),
            BuyQueryError::Brace(brace) => (
                format!("a single {brace}"),
                format!("write {brace}{brace} for a brace, {{!s}} for the product id"),
            ),
        }
    }
}

impl fmt::Display for BuyQueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, hint) = self.what_and_hint();
        write!(f, "{what}: {hint}")
    }
}

impl std::error::Error for BuyQueryError {}

impl BuyQuery {
    /// Reads a template: `{!s}`, `{}`, `{0}`, `{0!s}` and `{product_id}` are places for the id, `{!r}`
    /// and `{0!r}` for Python's `repr` of it, `{{` and `}}` are braces. (Python's documentation,
    /// "Format String Syntax".)
    pub fn parse(text: &str) -> Result<BuyQuery, BuyQueryError> {
        let query = BuyQuery::parse_any(text)?;
        match query.has_place() {
            true => Ok(query),
            false => Err(BuyQueryError::NoPlace),
        }
    }

    /// Whether there is a place for the id.
    pub fn has_place(&self) -> bool {
        !self.parts.iter().all(|part| matches!(part, Part::Text(_)))
    }

    /// The same, also without a place.
    pub fn parse_any(text: &str) -> Result<BuyQuery, BuyQueryError> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        let mut unnumbered = 0;
        while let Some(place) = rest.find(['{', '}']) {
            let (before, braces) = rest.split_at(place);
            plain.push_str(before);
            if let Some(after) = ["{{", "}}"]
                .iter()
                .find_map(|pair| braces.strip_prefix(pair))
            {
                plain.push_str(&braces[..1]);
                rest = after;
                continue;
            }
            let end = match braces.find('}') {
                Some(0) => return Err(BuyQueryError::Brace('}')),
                Some(end) => end + 1,
                None => return Err(BuyQueryError::Brace('{')),
            };
            let (field, after) = braces.split_at(end);
            unnumbered += u32::from(matches!(field, "{}" | "{!s}" | "{!r}"));
            if unnumbered > 1 {
                return Err(BuyQueryError::Twice);
            }
            let part = match field {
                "{!s}" | "{}" | "{0}" | "{0!s}" | "{product_id}" => Part::Id,
                "{!r}" | "{0!r}" => Part::Repr,
                _ => return Err(BuyQueryError::Field(field.to_owned())),
            };
            if !plain.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut plain)));
            }
            parts.push(part);
            rest = after;
        }
        plain.push_str(rest);
        if !plain.is_empty() {
            parts.push(Part::Text(plain));
        }
        if let Some(found) = parts.iter().find_map(Part::printf) {
            return Err(BuyQueryError::Printf(found.to_owned()));
        }
        Ok(BuyQuery {
            text: text.to_owned(),
            parts,
        })
    }

    /// The template as it was given.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The text for a product.
    pub fn for_product(&self, id: &str) -> String {
        let mut out = String::with_capacity(self.text.len() + id.len());
        for part in &self.parts {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Id => out.push_str(id),
                Part::Repr => push_repr(id, &mut out),
            }
        }
        out
    }
}

impl fmt::Display for BuyQuery {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl Part {
    /// A conversion of printf: `%s`, `%d`, `%1$s`, `%(product_id)s`. A percent sign with two
    /// hexadecimal digits is an octet (RFC 3986 section 2.1).
    fn printf(&self) -> Option<&str> {
        let Part::Text(text) = self else {
            return None;
        };
        text.match_indices('%').find_map(|(start, _)| {
            let rest = &text[start..];
            let body = &rest[1..];
            let is_octet = body.len() > 1 && body.as_bytes()[..2].iter().all(u8::is_ascii_hexdigit);
            let inner = match body.strip_prefix('(').and_then(|name| name.find(')')) {
                Some(end) => &body[end + 2..],
                None => {
                    body.trim_start_matches(|c: char| c.is_ascii_digit() || "$-+.#".contains(c))
                }
            };
            let is_conversion = inner.starts_with(['s', 'd', 'i', 'u', 'r', 'x', 'v']);
            let end = rest.len() - inner.len() + 1;
            (is_conversion && !is_octet).then(|| &rest[..end])
        })
    }
}

/// Python's `repr` of a product id: the old client had whole numbers as `int`, other ids as `str`.
fn push_repr(id: &str, out: &mut String) {
    let is_number = id.bytes().all(|byte| byte.is_ascii_digit()) && !id.is_empty();
    if is_number && (id == "0" || !id.starts_with('0')) {
        return out.push_str(id);
    }
    let quote = match id.contains('\'') && !id.contains('"') {
        true => '"',
        false => '\'',
    };
    out.push(quote);
    for c in id.chars() {
        if c == quote || c == '\\' {
            out.push('\\');
        }
        out.push(c);
    }
    out.push(quote);
}

#[cfg(test)]
#[path = "buy_query_tests.rs"]
mod tests;
