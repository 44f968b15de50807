//! The fields of one record: where they are in a text, without their quotes.

use super::columns::DELIMITER;

/// The most fields of a record: more than any report has, with room for columns of others.
const MAX_FIELDS: usize = 4096;

/// Where a field is, without its quotes.
#[derive(Clone, Copy, Debug)]
struct Field {
    from: u32,
    to: u32,
    /// Whether it is in [`Fields::unquoted`], since its text is not one piece of the record's.
    is_unquoted: bool,
}

/// The fields of the last record.
#[derive(Debug, Default)]
pub(super) struct Fields {
    fields: Vec<Field>,
    /// The texts of fields with quotes within.
    unquoted: Vec<u8>,
    /// Where the quoted field begins in which the text ended.
    open: usize,
    line_feeds: u64,
}

/// How a look for a record ended.
#[derive(Debug)]
pub(super) enum Split {
    /// There it is: the end of its last field, and the line feeds within.
    Record { end: usize, line_feeds: u64 },
    /// More text is needed.
    Part,
    /// Likewise, within quotes.
    WithinQuotes,
    /// It has more fields than that.
    TooMany(usize),
}

/// The last record.
#[derive(Clone, Copy, Debug)]
pub(super) struct Record<'a> {
    text: &'a [u8],
    unquoted: &'a [u8],
    fields: &'a [Field],
}

impl<'a> Record<'a> {
    /// A field, without quotes.
    #[inline]
    pub fn get(&self, place: usize) -> Option<&'a [u8]> {
        let field = self.fields.get(place)?;
        Some(self.text_of(field))
    }

    /// The number of fields.
    pub fn len(&self) -> usize {
        self.fields.len()
    }

    /// Its fields.
    pub fn iter(&self) -> impl Iterator<Item = &'a [u8]> + '_ {
        self.fields.iter().map(|field| self.text_of(field))
    }

    #[inline]
    fn text_of(&self, field: &Field) -> &'a [u8] {
        let of = match field.is_unquoted {
            true => self.unquoted,
            false => self.text,
        };
        &of[field.from as usize..field.to as usize]
    }
}

impl Fields {
    /// Splits the record that begins at `at`, up to the line break that ends it.
    pub fn split(&mut self, text: &[u8], mut at: usize) -> Split {
        self.fields.clear();
        self.unquoted.clear();
        self.line_feeds = 0;
        loop {
            if self.fields.len() == MAX_FIELDS {
                return Split::TooMany(MAX_FIELDS);
            }
            let end = match text.get(at) {
                Some(b'"') => match self.quoted(text, at) {
                    Some(end) => end,
                    None => return Split::WithinQuotes,
                },
                _ => match end_of_plain(text, at) {
                    Some(end) => {
                        self.push(at, end, false);
                        end
                    }
                    None => return Split::Part,
                },
            };
            if text[end] != DELIMITER {
                let line_feeds = self.line_feeds;
                return Split::Record { end, line_feeds };
            }
            at = end + 1;
        }
    }

    /// Takes what follows the open quote as the last field. Returns the line feeds of the record.
    pub fn end_within_quotes(&mut self, text: &[u8], end: usize) -> u64 {
        let from = self.unquoted.len();
        let open = end.min(self.open + 1);
        self.push_unquoted(&text[open..end]);
        self.push(from, self.unquoted.len(), true);
        self.line_feeds + line_feeds(&text[open..end])
    }

    /// The last record, of the text that was split.
    #[inline]
    pub fn record<'a>(&'a self, text: &'a [u8]) -> Record<'a> {
        Record {
            text,
            unquoted: &self.unquoted,
            fields: &self.fields,
        }
    }

    #[inline]
    fn push(&mut self, from: usize, to: usize, is_unquoted: bool) {
        // Records are bounded far below 4 GiB.
        let [from, to] = [from, to].map(|at| at as u32);
        self.fields.push(Field {
            from,
            to,
            is_unquoted,
        });
    }

    /// Takes the quoted field that begins at `at`; gives its end, `None` where more text is needed.
    #[inline]
    fn quoted(&mut self, text: &[u8], at: usize) -> Option<usize> {
        self.open = at;
        let close = at + 1 + end_of_quoted(text.get(at + 1..)?)?;
        match *text.get(close + 1)? {
            DELIMITER | b'\n' | b'\r' => {
                self.line_feeds += line_feeds(&text[at + 1..close]);
                self.push(at + 1, close, false);
                Some(close + 1)
            }
            _ => self.with_quotes(text, at),
        }
    }

    /// The same for a field with doubled quotes, or with text behind the closing one, which belongs to it.
    #[cold]
    fn with_quotes(&mut self, text: &[u8], at: usize) -> Option<usize> {
        let mut close = at + 1;
        loop {
            close += memchr::memchr(b'"', &text[close..])?;
            match text.get(close + 1)? {
                b'"' => close += 2,
                _ => break,
            }
        }
        let end = end_of_plain(text, close + 1)?;
        let from = self.unquoted.len();
        self.push_unquoted(&text[at + 1..close]);
        self.unquoted.extend_from_slice(&text[close + 1..end]);
        self.line_feeds += line_feeds(&text[at + 1..close]);
        self.push(from, self.unquoted.len(), true);
        Some(end)
    }

    /// The text between quotes, in which quotes are doubled.
    fn push_unquoted(&mut self, mut text: &[u8]) {
        while let Some(quote) = memchr::memchr(b'"', text) {
            self.unquoted.extend_from_slice(&text[..=quote]);
            let second = usize::from(text.get(quote + 1) == Some(&b'"'));
            text = &text[quote + 1 + second..];
        }
        self.unquoted.extend_from_slice(text);
    }
}

/// Fields up to this length are looked through byte by byte: a search would cost more to begin.
const SHORT: usize = 12;

/// Where the text of a quoted field ends, from behind the quote that opens it.
#[inline]
fn end_of_quoted(text: &[u8]) -> Option<usize> {
    let short = text.get(..SHORT).unwrap_or(text);
    match short.iter().position(|byte| *byte == b'"') {
        Some(end) => Some(end),
        None => Some(short.len() + memchr::memchr(b'"', &text[short.len()..])?),
    }
}

/// Where a field without quotes ends.
#[inline]
fn end_of_plain(text: &[u8], at: usize) -> Option<usize> {
    let rest = text.get(at..)?;
    let short = rest.get(..SHORT).unwrap_or(rest);
    let is_end = |byte: &u8| matches!(*byte, DELIMITER | b'\n' | b'\r');
    match short.iter().position(is_end) {
        Some(length) => Some(at + length),
        None => {
            let rest = &rest[short.len()..];
            Some(at + short.len() + memchr::memchr3(DELIMITER, b'\n', b'\r', rest)?)
        }
    }
}

#[inline]
fn line_feeds(text: &[u8]) -> u64 {
    match text.len() {
        // Nearly all texts are times and words.
        0..=32 => text.iter().map(|byte| u64::from(*byte == b'\n')).sum(),
        _ => memchr::memchr_iter(b'\n', text).count() as u64,
    }
}

#[cfg(test)]
#[path = "fields_tests.rs"]
mod tests;
