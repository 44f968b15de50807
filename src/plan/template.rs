//! Templates of what a purchase posts: text with placeholders, compiled before the load and filled in for
//! each shopper without an allocation.

use std::fmt;

use super::encoding::Encoding;
use super::order::{DOMAIN, Identity, Order};
use super::random::{GOLDEN, SplitMix64, mix};
use super::table::Table;

/// The longest text of `{random:N}`, characters.
pub const LONGEST_RANDOM: u16 = 1024;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Piece {
    /// Encoded already.
    Text(Vec<u8>),
    Email,
    Quantity,
    ProductId,
    Number,
    /// That many characters of `0-9a-z`.
    Random(u16),
    /// A column of the table.
    Column(usize),
}

/// Why a text is not a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TemplateError {
    /// A placeholder that does not exist.
    Unknown(String),
    /// `{random}` without a length, or with one that is 0 or above `LONGEST_RANDOM`.
    Random(String),
    /// A brace without its counterpart.
    Brace(char),
}

impl TemplateError {
    /// What is wrong, and the hint; `columns` are those that the form file has.
    pub fn what_and_hint(&self, columns: &[String]) -> (String, String) {
        match self {
            TemplateError::Unknown(found) => {
                let mut names = "{email}, {quantity}, {product_id}, {n} or {random:8}".to_owned();
                if !columns.is_empty() {
                    names += &format!(", or a column of --form-file ({})", columns.join(", "));
                }
                (
                    format!("unknown placeholder {found}"),
                    format!("write {names}; {{{{ and }}}} are braces"),
                )
            }
            TemplateError::Random(found) => (
                format!("{found} has no length from 1 to {LONGEST_RANDOM}"),
                "write {random:8} for 8 random characters".into(),
            ),
            TemplateError::Brace(brace) => (
                format!("a single {brace}"),
                format!("write {brace}{brace} for a brace"),
            ),
        }
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (what, hint) = self.what_and_hint(&[]);
        write!(f, "{what}: {hint}")
    }
}

impl std::error::Error for TemplateError {}

/// A compiled template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Template {
    pieces: Vec<Piece>,
}

/// What templates take values from, beside the order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Values {
    /// The product ids, encoded.
    products: Vec<Box<[u8]>>,
    /// The rows of the form file.
    pub table: Option<Table>,
}

impl Values {
    /// Of those products, and that form file.
    pub fn new(products: &[String], table: Option<Table>, encoding: Encoding) -> Values {
        Values {
            products: products.iter().map(|id| encoding.encoded(id)).collect(),
            table,
        }
    }
}

impl Values {
    /// The product ids, encoded: they determine what is posted, as do the rows.
    pub fn products(&self) -> &[Box<[u8]>] {
        &self.products
    }
}

impl Template {
    /// Reads the value of a field: `{{` and `}}` are braces, every other brace belongs to a placeholder.
    pub fn field(
        text: &str,
        columns: &[String],
        encoding: Encoding,
    ) -> Result<Template, TemplateError> {
        let mut template = Template::default();
        let mut rest = text;
        while let Some(place) = rest.find(['{', '}']) {
            let (before, braces) = rest.split_at(place);
            template.push_text(before, encoding);
            let mut pairs = ["{{", "}}"].iter();
            if let Some(after) = pairs.find_map(|pair| braces.strip_prefix(pair)) {
                template.push_text(&braces[..1], encoding);
                rest = after;
                continue;
            }
            let end = match braces.find('}') {
                Some(0) => return Err(TemplateError::Brace('}')),
                Some(end) => end + 1,
                None => return Err(TemplateError::Brace('{')),
            };
            template.pieces.push(piece(&braces[..end], columns)?);
            rest = &braces[end..];
        }
        template.push_text(rest, encoding);
        Ok(template)
    }

    /// Reads a whole body, in which braces are mostly not those of placeholders: a placeholder is a name in
    /// braces (`{email}`, `{random:8}`), and the same in two pairs of braces is that text with one pair.
    /// All other braces, such as those of JSON, are themselves.
    pub fn body(text: &str, columns: &[String]) -> Result<Template, TemplateError> {
        let mut template = Template::default();
        let mut rest = text;
        while let Some(place) = rest.find('{') {
            let (before, braces) = rest.split_at(place);
            template.push_text(before, Encoding::Plain);
            let escaped = braces.strip_prefix('{').and_then(placeholder);
            let is_escaped =
                escaped.is_some_and(|inner| braces[1 + inner.len()..].starts_with('}'));
            if let Some(inner) = escaped.filter(|_| is_escaped) {
                template.push_text(inner, Encoding::Plain);
                rest = &braces[inner.len() + 2..];
            } else if let Some(found) = placeholder(braces) {
                template.pieces.push(piece(found, columns)?);
                rest = &braces[found.len()..];
            } else {
                template.push_text("{", Encoding::Plain);
                rest = &braces[1..];
            }
        }
        template.push_text(rest, Encoding::Plain);
        Ok(template)
    }

    /// Appends fixed text.
    pub fn push_text(&mut self, text: &str, encoding: Encoding) {
        if text.is_empty() {
            return;
        }
        if !matches!(self.pieces.last(), Some(Piece::Text(_))) {
            self.pieces.push(Piece::Text(Vec::new()));
        }
        if let Some(Piece::Text(last)) = self.pieces.last_mut() {
            encoding.write(text, last);
        }
    }

    /// Appends a column of the form file.
    pub fn push_column(&mut self, column: usize) {
        self.pieces.push(Piece::Column(column));
    }

    /// Appends another template.
    pub fn append(&mut self, other: Template) {
        for piece in other.pieces {
            match (self.pieces.last_mut(), piece) {
                (Some(Piece::Text(last)), Piece::Text(text)) => last.extend_from_slice(&text),
                (_, piece) => self.pieces.push(piece),
            }
        }
    }

    /// Whether the product id is one of its placeholders.
    pub fn has_product(&self) -> bool {
        self.pieces.contains(&Piece::ProductId)
    }

    /// Whether a column of the form file is one of its placeholders.
    pub fn has_column(&self, column: usize) -> bool {
        self.pieces.contains(&Piece::Column(column))
    }

    /// Appends the text for one shopper. The same order and identity make the same text.
    pub fn fill(
        &self,
        order: &Order,
        of: Identity,
        values: &Values,
        encoding: Encoding,
        out: &mut Vec<u8>,
    ) {
        let mut randoms = 0u64;
        let row = values.table.as_ref().map(|table| table.row(of.number));
        for piece in &self.pieces {
            match piece {
                Piece::Text(text) => out.extend_from_slice(text),
                Piece::Email => {
                    out.extend_from_slice(&order.address);
                    out.extend_from_slice(match encoding {
                        Encoding::Form => b"%40",
                        Encoding::Json | Encoding::Plain => b"@",
                    });
                    out.extend_from_slice(DOMAIN.as_bytes());
                }
                Piece::Quantity => push_number(order.quantity.into(), out),
                Piece::ProductId => {
                    let id = values.products.get(order.product);
                    out.extend_from_slice(id.map_or(b"", |id| id));
                }
                Piece::Number => push_number(of.number, out),
                Piece::Random(length) => {
                    randoms = randoms.wrapping_add(1);
                    push_random(of.salt ^ mix(randoms.wrapping_mul(GOLDEN)), *length, out);
                }
                Piece::Column(column) => {
                    out.extend_from_slice(row.map_or(b"", |row| row.value(*column)));
                }
            }
        }
    }
}

fn push_number(number: u64, out: &mut Vec<u8>) {
    out.extend_from_slice(itoa::Buffer::new().format(number).as_bytes());
}

fn push_random(seed: u64, length: u16, out: &mut Vec<u8>) {
    const LETTERS: &[u8; 36] = b"0123456789abcdefghijklmnopqrstuvwxyz";
    let mut random = SplitMix64(seed);
    out.extend((0..length).map(|_| LETTERS[random.below(36) as usize]));
}

/// A placeholder at the beginning of a text, with its braces.
fn placeholder(text: &str) -> Option<&str> {
    let name = text.strip_prefix('{')?;
    let is_first = |c: char| c.is_alphabetic() || c == '_';
    let of_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | ':' | '-');
    name.chars().next().filter(|c| is_first(*c))?;
    let length = name.find(|c| !of_name(c))?;
    name[length..].starts_with('}').then(|| &text[..length + 2])
}

/// The piece of a placeholder with its braces. A column has precedence.
fn piece(found: &str, columns: &[String]) -> Result<Piece, TemplateError> {
    let name = &found[1..found.len() - 1];
    if let Some(column) = columns.iter().position(|column| column == name) {
        return Ok(Piece::Column(column));
    }
    if let Some(length) = name.strip_prefix("random") {
        let length = match length.strip_prefix(':') {
            Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => digits.parse().ok(),
            Some(_) => None,
            None if length.is_empty() => None,
            None => return Err(TemplateError::Unknown(found.to_owned())),
        };
        let length = length.filter(|length| (1..=LONGEST_RANDOM).contains(length));
        return match length {
            Some(length) => Ok(Piece::Random(length)),
            None => Err(TemplateError::Random(found.to_owned())),
        };
    }
    match name {
        "email" => Ok(Piece::Email),
        "quantity" => Ok(Piece::Quantity),
        "product_id" => Ok(Piece::ProductId),
        "n" => Ok(Piece::Number),
        _ => Err(TemplateError::Unknown(found.to_owned())),
    }
}

#[cfg(test)]
#[path = "template_tests.rs"]
mod tests;
