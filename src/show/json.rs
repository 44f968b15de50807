//! JSON for programs: one object on one line, whose schema is [`crate::summary::Summary`].

use std::io::{self, Write};

use serde::Serialize;
use serde_json::ser::{CompactFormatter, Formatter};

use crate::text::is_unprintable;

/// Writes a value as one line, without characters that a terminal interprets.
pub fn write(value: &impl Serialize, out: &mut impl Write) -> io::Result<()> {
    let mut serializer = serde_json::Serializer::with_formatter(&mut *out, Escaping);
    value.serialize(&mut serializer).map_err(io::Error::from)?;
    writeln!(out)
}

/// JSON allows most Unicode control characters in texts; a terminal would interpret them.
pub(crate) struct Escaping;

impl Formatter for Escaping {
    fn write_string_fragment<W: ?Sized + Write>(
        &mut self,
        out: &mut W,
        fragment: &str,
    ) -> io::Result<()> {
        let mut rest = fragment;
        while let Some((place, c)) = rest.char_indices().find(|(_, c)| is_unprintable(*c)) {
            out.write_all(&rest.as_bytes()[..place])?;
            // All of them lie in the plane that one escape can name.
            write!(out, "\\u{:04x}", u32::from(c))?;
            rest = &rest[place + c.len_utf8()..];
        }
        CompactFormatter.write_string_fragment(out, rest)
    }
}

#[cfg(test)]
#[path = "json_tests.rs"]
mod tests;
