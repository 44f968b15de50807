//! Reads and compiles what purchases post: form fields, form file, body. All of it happens before anything
//! is sent.

use std::fs::File;
use std::io::{self, Read};
use std::os::unix::fs::FileTypeExt;
use std::path::Path;

use crate::exit::{self, Hinted};
use crate::plan::{
    Encoding, LARGEST_FILE, Orders, Table, TableError, Template, TemplateError, Values,
};
use crate::settings::{Posts, ShopSettings};
use crate::shopper::site::Posted;

/// The largest file of a body, bytes: each shopper posts it.
const LARGEST_BODY: u64 = 16 << 20;

/// Why it cannot be posted.
#[derive(Debug)]
pub enum PostingError {
    /// A file cannot be read: its option, its name, why.
    Unreadable(&'static str, String, io::Error),
    /// A pipe or a socket, which cannot be read more than once: its option, its name.
    Stream(&'static str, String),
    /// A template is not valid: where it stands, why, the columns of the form file.
    Template(String, TemplateError, Vec<String>),
    /// The form file is not valid.
    Table(String, TableError),
    /// The body is larger than the limit.
    BodyTooLarge(String),
    /// The body is not UTF-8.
    NotUtf8(String),
    /// The body is not JSON when it is filled in.
    NotJson(String, String),
    /// A placeholder needs product ids, and none are known.
    NoProducts,
    /// No placeholder of the body names a column of the form file.
    NoColumn(String, Vec<String>),
}

impl Hinted for PostingError {
    fn finding(&self) -> String {
        match self {
            PostingError::Unreadable(option, file, error) => format!("{option} {file:?}: {error}"),
            PostingError::Stream(option, file) => {
                format!("{option} {file:?}: a pipe cannot be read a second time")
            }
            PostingError::Template(place, error, columns) => {
                format!("{place}: {}", error.what_and_hint(columns).0)
            }
            PostingError::Table(file, error) => {
                format!("--form-file {file:?}: {}", error.what_and_hint().0)
            }
            PostingError::BodyTooLarge(file) => {
                format!(
                    "--body {file:?}: it is larger than {} MiB",
                    LARGEST_BODY >> 20
                )
            }
            PostingError::NotUtf8(file) => format!("--body {file:?}: it is not UTF-8"),
            PostingError::NotJson(file, why) => {
                format!("--body {file:?}: it is not JSON with its placeholders filled in: {why}")
            }
            PostingError::NoProducts => {
                "{product_id} is to be posted, but no product ids are known".to_owned()
            }
            PostingError::NoColumn(file, _) => {
                format!("--body {file:?}: it has no placeholder for a column of --form-file")
            }
        }
    }

    fn hint(&self) -> String {
        match self {
            PostingError::Unreadable(..) => "check the name and the permissions".to_owned(),
            PostingError::Stream(..) => "write it into a file".to_owned(),
            PostingError::Template(_, error, columns) => error.what_and_hint(columns).1,
            PostingError::Table(_, error) => error.what_and_hint().1,
            PostingError::BodyTooLarge(_) => "each shopper posts it: give a smaller one".to_owned(),
            PostingError::NotUtf8(_) => "write it as UTF-8".to_owned(),
            PostingError::NotJson(..) => {
                "put placeholders of texts in quotes, or name its type by --content-type".to_owned()
            }
            PostingError::NoProducts => "give --products ID,ID,…".to_owned(),
            PostingError::NoColumn(_, columns) => {
                format!(
                    "write one of {{{}}}, or leave --form-file out",
                    columns.join("}, {")
                )
            }
        }
    }
}

impl From<PostingError> for exit::Error {
    fn from(error: PostingError) -> exit::Error {
        exit::Error::usage(error.line())
    }
}

/// What is posted, as far as the settings and their files determine it.
#[derive(Clone, Debug)]
pub struct Posting {
    template: Template,
    table: Option<Table>,
    encoding: Encoding,
    /// The file of the body, where it must be JSON.
    json: Option<String>,
}

/// Reads it; `None` for the three fields.
pub fn read(shop: &ShopSettings) -> Result<Option<Posting>, PostingError> {
    let posts = &shop.site.posts;
    if posts.form.is_empty() && posts.form_file.is_none() && posts.body.is_none() {
        return Ok(None);
    }
    let encoding = match posts.body {
        Some(_) => encoding_of(&body_type(shop)),
        None => Encoding::Form,
    };
    let table = (posts.form_file.as_deref())
        .map(|path| read_table(path, encoding))
        .transpose()?;
    let columns = table.as_ref().map_or(&[][..], |table| &table.columns);
    let template = match &posts.body {
        Some(path) => body(path, columns)?,
        None => form(posts, columns)?,
    };
    let is_json = posts.body.is_some() && encoding == Encoding::Json;
    Ok(Some(Posting {
        template,
        table,
        encoding,
        json: posts.body.as_deref().filter(|_| is_json).map(name),
    }))
}

impl Posting {
    /// With the product ids, as they stand in paths. A body of JSON is tried.
    pub fn of_products(self, products: &[String], orders: &Orders) -> Result<Posted, PostingError> {
        if self.template.has_product() && products.iter().all(String::is_empty) {
            return Err(PostingError::NoProducts);
        }
        let decoded: Vec<String> = products.iter().map(|id| percent_decoded(id)).collect();
        let posted = Posted {
            values: Values::new(&decoded, self.table, self.encoding),
            template: self.template,
            encoding: self.encoding,
        };
        if let Some(file) = self.json {
            let mut text = Vec::new();
            let (order, of) = (orders.order(0), orders.identity(0));
            (posted.template).fill(&order, of, &posted.values, posted.encoding, &mut text);
            let parsed = serde_json::from_slice::<serde::de::IgnoredAny>(&text);
            parsed.map_err(|error| PostingError::NotJson(file, error.to_string()))?;
        }
        Ok(posted)
    }
}

/// The Content-Type of a body: that of `--content-type`, or of `--header`, or JSON.
pub fn body_type(shop: &ShopSettings) -> String {
    let of_headers = shop.headers.iter().find(|field| field.is("Content-Type"));
    let of_headers = of_headers.map(|field| field.value.clone());
    let given = shop.site.posts.content_type.clone();
    (given.or(of_headers)).unwrap_or_else(|| "application/json".to_owned())
}

fn encoding_of(media_type: &str) -> Encoding {
    let name = media_type
        .split(';')
        .next()
        .unwrap_or_default()
        .trim()
        .to_ascii_lowercase();
    match name.as_str() {
        "application/x-www-form-urlencoded" => Encoding::Form,
        name if name.ends_with("/json") || name.ends_with("+json") => Encoding::Json,
        _ => Encoding::Plain,
    }
}

fn read_table(path: &Path, encoding: Encoding) -> Result<Table, PostingError> {
    let file = open("--form-file", path, LARGEST_FILE as u64)?;
    let file = file.ok_or_else(|| PostingError::Table(name(path), TableError::TooLarge))?;
    Table::read(file, encoding).map_err(|error| PostingError::Table(name(path), error))
}

fn body(path: &Path, columns: &[String]) -> Result<Template, PostingError> {
    let file = open("--body", path, LARGEST_BODY)?;
    let file = file.ok_or_else(|| PostingError::BodyTooLarge(name(path)))?;
    let mut bytes = Vec::new();
    (file.take(LARGEST_BODY + 1).read_to_end(&mut bytes))
        .map_err(|error| PostingError::Unreadable("--body", name(path), error))?;
    if bytes.len() as u64 > LARGEST_BODY {
        return Err(PostingError::BodyTooLarge(name(path)));
    }
    let text = String::from_utf8(bytes).map_err(|_| PostingError::NotUtf8(name(path)))?;
    let place = format!("--body {:?}", name(path));
    let template = Template::body(&text, columns)
        .map_err(|error| PostingError::Template(place, error, columns.to_vec()))?;
    if !columns.is_empty() && !(0..columns.len()).any(|column| template.has_column(column)) {
        return Err(PostingError::NoColumn(name(path), columns.to_vec()));
    }
    Ok(template)
}

/// The fields given, and the columns of the form file that none of them names.
fn form(posts: &Posts, columns: &[String]) -> Result<Template, PostingError> {
    let mut form = Template::default();
    let mut separator = "";
    let mut begin = |form: &mut Template, name: &str| {
        form.push_text(separator, Encoding::Plain);
        form.push_text(name, Encoding::Form);
        form.push_text("=", Encoding::Plain);
        separator = "&";
    };
    let mut named = vec![false; columns.len()];
    for (field, value) in &posts.form {
        let value = Template::field(value, columns, Encoding::Form).map_err(|error| {
            PostingError::Template(format!("--form {field}={value}"), error, columns.to_vec())
        })?;
        for (column, is_named) in named.iter_mut().enumerate() {
            *is_named |= value.has_column(column);
        }
        begin(&mut form, field);
        form.append(value);
    }
    for (column, field) in columns
        .iter()
        .enumerate()
        .filter(|(column, _)| !named[*column])
    {
        begin(&mut form, field);
        form.push_column(column);
    }
    Ok(form)
}

/// Opens a file; `None` if it is known to be too large.
fn open(option: &'static str, path: &Path, largest: u64) -> Result<Option<File>, PostingError> {
    let unreadable = |error| PostingError::Unreadable(option, name(path), error);
    // Before it is opened: that of a FIFO would wait for somebody to write.
    let found = std::fs::metadata(path).map_err(unreadable)?;
    if found.file_type().is_fifo() || found.file_type().is_socket() {
        return Err(PostingError::Stream(option, name(path)));
    }
    let file = File::open(path).map_err(unreadable)?;
    if found.is_dir() {
        return Err(unreadable(io::Error::from_raw_os_error(libc::EISDIR)));
    }
    Ok((found.len() <= largest).then_some(file))
}

fn name(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// An id as the site knows it: in paths its octets may be percent-encoded.
fn percent_decoded(id: &str) -> String {
    let bytes = id.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    let digit = |at: usize| (*bytes.get(at)? as char).to_digit(16);
    while at < bytes.len() {
        match (bytes[at], digit(at + 1), digit(at + 2)) {
            (b'%', Some(high), Some(low)) => {
                out.push((high * 16 + low) as u8);
                at += 3;
            }
            (byte, ..) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    String::from_utf8_lossy(&out).into_owned()
}

#[cfg(test)]
#[path = "posting_tests.rs"]
mod tests;
