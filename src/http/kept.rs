//! Fields of response heads that a load keeps when it is asked to: cookies, and figures of the server.

use httparse::Header;

use crate::http::fields;
use crate::row::server_timing::LONGEST_KEPT;

/// The field of the W3C's Server Timing.
pub const SERVER_TIMING: &str = "Server-Timing";

/// The longest value of figures that is kept of one head, bytes, all fields of a name together: what rows have.
pub const LONGEST_VALUE: usize = LONGEST_KEPT;

/// The most Set-Cookie fields that are read of one head.
pub const MOST_COOKIES: usize = 64;

/// Which fields are kept.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Set-Cookie.
    pub cookies: bool,
    /// Server-Timing.
    pub timing: bool,
    /// Others by name, each with a figure of the server.
    pub named: Vec<String>,
}

/// Fields of one head.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptFields {
    /// The Set-Cookie fields, [`MOST_COOKIES`] at most.
    pub cookies: Vec<Box<[u8]>>,
    /// Set-Cookie fields beyond them.
    pub cookies_left: u32,
    /// The Server-Timing fields as one value; empty without one.
    pub timing: Vec<u8>,
    /// Whether that was cut.
    pub is_cut: bool,
    /// The named fields: which of [`Wanted::named`], and the value.
    pub named: Vec<(usize, Box<[u8]>)>,
}

impl Wanted {
    /// Whether anything is kept at all.
    pub fn is_any(&self) -> bool {
        self.cookies || self.timing || !self.named.is_empty()
    }

    /// Those of a head; `None` where it has none of them.
    pub fn kept_of(&self, headers: &[Header<'_>]) -> Option<Box<KeptFields>> {
        let mut kept: Option<Box<KeptFields>> = None;
        for header in headers {
            let is = |name: &str| header.name.eq_ignore_ascii_case(name);
            if self.cookies && is("Set-Cookie") {
                let kept = kept.get_or_insert_default();
                match kept.cookies.len() < MOST_COOKIES {
                    true => kept.cookies.push(fields::unfolded(header.value).into()),
                    false => kept.cookies_left += 1,
                }
            } else if self.timing && is(SERVER_TIMING) {
                kept.get_or_insert_default().add_timing(header.value);
            }
            if let Some(place) = self.named.iter().position(|name| is(name)) {
                let kept = kept.get_or_insert_default();
                let value = fields::unfolded(header.value);
                // Of several, the first counts.
                if !kept.named.iter().any(|(of, _)| *of == place) && value.len() <= LONGEST_VALUE {
                    kept.named.push((place, value.into()));
                }
            }
        }
        kept
    }
}

impl KeptFields {
    fn add_timing(&mut self, value: &[u8]) {
        if !self.timing.is_empty() {
            self.timing.extend_from_slice(b", ");
        }
        let value = fields::unfolded(value);
        let room = LONGEST_VALUE.saturating_sub(self.timing.len());
        if value.len() <= room {
            return self.timing.extend_from_slice(&value);
        }
        // A metric that is cut would say something else.
        self.is_cut = true;
        let end = value[..room].iter().rposition(|&byte| byte == b',');
        self.timing.extend_from_slice(&value[..end.unwrap_or(0)]);
    }
}

#[cfg(test)]
#[path = "kept_tests.rs"]
mod tests;
