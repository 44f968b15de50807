//! How values are written into what a purchase posts.

use url::form_urlencoded;

/// How values are written, so that none of them breaks the text around it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// `application/x-www-form-urlencoded` (WHATWG URL, section 5.2).
    Form,
    /// Within a string of JSON (RFC 8259 section 7).
    Json,
    /// As they are.
    Plain,
}

impl Encoding {
    /// Appends a value.
    pub fn write(self, value: &str, out: &mut Vec<u8>) {
        match self {
            Encoding::Form => {
                for part in form_urlencoded::byte_serialize(value.as_bytes()) {
                    out.extend_from_slice(part.as_bytes());
                }
            }
            Encoding::Json => {
                let quoted = serde_json::to_vec(value).expect("a string is valid JSON");
                out.extend_from_slice(&quoted[1..quoted.len() - 1]);
            }
            Encoding::Plain => out.extend_from_slice(value.as_bytes()),
        }
    }

    /// The same as a text of its own.
    pub(super) fn encoded(self, value: &str) -> Box<[u8]> {
        let mut out = Vec::new();
        self.write(value, &mut out);
        out.into()
    }
}
