//! Requests as bytes, built by hand (RFC 9112 section 3).

use std::io::Write;

use crate::http::fields::is_token_byte;

/// A header field that is safe to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// A token (RFC 9110 section 5.6.2).
    pub name: String,
    /// Without control characters but tab, white space trimmed.
    pub value: String,
}

impl Field {
    /// Reads `Name: value`; the error is the hint.
    pub fn parse(text: &str) -> Result<Field, &'static str> {
        let (name, value) = text.split_once(':').ok_or("write it as 'Name: value'")?;
        if name.is_empty() || !name.bytes().all(is_token_byte) {
            return Err("the name may only have letters, digits and !#$%&'*+-.^_`|~");
        }
        if value.chars().any(|c| c.is_control() && c != '\t') {
            return Err("remove the control characters");
        }
        Ok(Field {
            name: name.to_owned(),
            value: value.trim().to_owned(),
        })
    }

    /// Whether it has this name, ignoring case.
    pub fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// The header fields that go with every request of a run, and the writer of whole requests.
#[derive(Clone, Debug)]
pub struct RequestWriter {
    get_fields: Vec<u8>,
    post_fields: Vec<u8>,
}

impl RequestWriter {
    /// `authority` is the value of the Host field; `extra` fields replace the program's own of the
    /// same name, and `for_posts` for either of them in POST requests.
    pub fn new(
        authority: &str,
        user_agent: &str,
        extra: &[Field],
        for_posts: &[Field],
        keep_alive: bool,
    ) -> RequestWriter {
        let own = [
            ("Host", authority),
            ("User-Agent", user_agent),
            ("Accept", "*/*"),
            // Bodies are not decompressed.
            ("Accept-Encoding", "identity"),
            (
                "Connection",
                if keep_alive { "keep-alive" } else { "close" },
            ),
        ];
        let of_forms = ("Content-Type", "application/x-www-form-urlencoded");

        let is_for_posts = |field: &&Field| field.is("Content-Type");
        let for_gets: Vec<&Field> = extra.iter().filter(|field| !is_for_posts(field)).collect();
        let mut get_fields = fields(own, &for_gets);
        get_fields.extend_from_slice(b"\r\n");

        let replaced = |field: &&Field| for_posts.iter().any(|other| other.is(&field.name));
        let kept = extra.iter().filter(|field| !replaced(field));
        let for_posts: Vec<&Field> = kept.chain(for_posts).collect();
        RequestWriter {
            get_fields,
            post_fields: fields(own.into_iter().chain([of_forms]), &for_posts),
        }
    }

    /// Appends a GET request.
    pub fn get(&self, path: &str, out: &mut Vec<u8>) {
        request_line(b"GET ", path, out);
        out.extend_from_slice(&self.get_fields);
    }

    /// Appends the request line and the fields of a request, without the empty line that ends them: more
    /// fields may follow. `has_body`: with those of purchases.
    pub fn begin(&self, method: &str, has_body: bool, path: &str, out: &mut Vec<u8>) {
        out.extend_from_slice(method.as_bytes());
        request_line(b" ", path, out);
        out.extend_from_slice(match has_body {
            true => &self.post_fields,
            false => &self.get_fields[..self.get_fields.len() - b"\r\n".len()],
        });
    }

    /// Appends the head of a POST request; a form of `form_bytes` bytes must follow.
    pub fn post(&self, path: &str, form_bytes: usize, out: &mut Vec<u8>) {
        request_line(b"POST ", path, out);
        out.extend_from_slice(&self.post_fields);
        out.extend_from_slice(b"Content-Length: ");
        out.extend_from_slice(itoa::Buffer::new().format(form_bytes).as_bytes());
        out.extend_from_slice(b"\r\n\r\n");
    }
}

fn request_line(method: &[u8], path: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(method);
    out.extend_from_slice(path.as_bytes());
    out.extend_from_slice(b" HTTP/1.1\r\n");
}

/// The default fields except those that extra ones replace, then the extra ones.
fn fields<'a>(own: impl IntoIterator<Item = (&'a str, &'a str)>, extra: &[&Field]) -> Vec<u8> {
    let kept = own
        .into_iter()
        .filter(|(name, _)| !extra.iter().any(|field| field.is(name)))
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let added = extra
        .iter()
        .map(|field| (field.name.clone(), field.value.clone()));
    let mut out = Vec::new();
    for (name, value) in kept.chain(added) {
        write!(out, "{name}: {value}\r\n").expect("a Vec takes all");
    }
    out
}

#[cfg(test)]
#[path = "request_tests.rs"]
mod tests;
