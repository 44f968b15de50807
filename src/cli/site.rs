//! What makes an ordinary site measurable: what is posted, which answers satisfy, sessions, figures.

use std::path::PathBuf;

use super::error::{Invalid, Wrong};
use super::given::Given;
use super::requests::RESERVED;
use super::table;
use crate::http::fields::is_token_byte;
use crate::http::request::Field;
use crate::net::target::path_part;
use crate::row::answers::{Expected, ReportKind};
use crate::row::server_timing::LONGEST_NAME;
use crate::settings::{Posts, SiteSettings};

/// The most fields of `--server-header`.
const MOST_HEADERS: usize = 16;

/// The settings.
pub fn settings(given: &mut Given) -> Result<SiteSettings, Invalid> {
    let posts = posts(given)?;
    let kinds = [ReportKind::Json, ReportKind::ServerTiming, ReportKind::None];
    let report = given.one_of(&table::REPORT, kinds)?;
    let timing_total = given.value(&table::TIMING_TOTAL, metric)?;
    if timing_total.is_some() && report != ReportKind::ServerTiming {
        return Err(Invalid::Requires {
            option: table::TIMING_TOTAL.long,
            requires: "--report server-timing".into(),
            hint: "add it, or leave the metric out".into(),
        });
    }
    let server_headers = given.values(&table::SERVER_HEADER, header_name)?;
    if server_headers.len() > MOST_HEADERS {
        return Err(Invalid::Said(format!(
            "--server-header is given {} times: give at most {MOST_HEADERS}",
            server_headers.len()
        )));
    }
    let site = SiteSettings {
        posts,
        expect: given.value_or_default(&table::EXPECT, |text| {
            Expected::parse(text).map_err(Wrong::hint)
        })?,
        report,
        timing_total,
        server_headers,
        cookies: given.flag(&table::COOKIES),
        csrf_page: given.value(&table::CSRF_PAGE, page)?,
    };
    if site.csrf_page.is_some() && !given.is_given(&table::CSRF) {
        return Err(Invalid::Requires {
            option: table::CSRF_PAGE.long,
            requires: table::CSRF.long.into(),
            hint: "add it, or leave the page out".into(),
        });
    }
    if given.is_given(&table::CSRF) && !site.posts.has_body() {
        return Err(Invalid::Conflict {
            option: table::CSRF.long,
            with: "--method GET".into(),
            hint: "Django asks for a token with other methods only: leave it out".into(),
        });
    }
    Ok(SiteSettings {
        // The default is written in one way only.
        expect: match site.expect.is_usual() {
            true => Expected::default(),
            false => site.expect,
        },
        ..site
    })
}

fn posts(given: &mut Given) -> Result<Posts, Invalid> {
    let method = given.value(&table::METHOD, method)?;
    let form = given.values(&table::FORM, field)?;
    let form_file = given.value(&table::FORM_FILE, file)?;
    let body = given.value(&table::BODY, file)?;
    let content_type = match given.is_given(&table::CONTENT_TYPE) {
        true => given.value(&table::CONTENT_TYPE, media_type)?,
        false => None,
    };
    let posts = Posts {
        method: method.filter(|method| method != "POST"),
        form,
        form_file,
        body,
        content_type,
    };
    if posts.body.is_some() && !posts.form.is_empty() {
        return Err(Invalid::Conflict {
            option: table::FORM.long,
            with: table::BODY.long.into(),
            hint: "give the fields or the whole body".into(),
        });
    }
    if posts.content_type.is_some() && posts.body.is_none() {
        return Err(Invalid::Requires {
            option: table::CONTENT_TYPE.long,
            requires: table::BODY.long.into(),
            hint: "forms have a type of their own: leave it out".into(),
        });
    }
    let with_body = [
        (!posts.form.is_empty(), &table::FORM),
        (posts.form_file.is_some(), &table::FORM_FILE),
        (posts.body.is_some(), &table::BODY),
    ];
    match with_body.iter().find(|(is_given, _)| *is_given) {
        Some((_, option)) if !posts.has_body() => Err(Invalid::Conflict {
            option: option.long,
            with: "--method GET".into(),
            hint: "a GET has no body: write the fields into --buy-query".into(),
        }),
        _ => Ok(posts),
    }
}

fn field(text: &str) -> Result<(String, String), Wrong> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), value.to_owned())),
        _ => Err(Wrong::hint("write NAME=VALUE, such as 'email={email}'")),
    }
}

fn file(text: &str) -> Result<PathBuf, Wrong> {
    match text {
        "" => Err(Wrong::hint("give a file name")),
        name => Ok(PathBuf::from(name)),
    }
}

/// A method is a token (RFC 9110 section 9.1), and case matters.
fn method(text: &str) -> Result<String, Wrong> {
    const KNOWN: [&str; 5] = ["POST", "PUT", "PATCH", "DELETE", "GET"];
    let text = text.trim();
    if text.is_empty() || text.len() > 32 || !text.bytes().all(is_token_byte) {
        return Err(Wrong::hint(
            "give one word, such as POST, PUT, PATCH, DELETE or GET",
        ));
    }
    let upper = text.to_ascii_uppercase();
    if KNOWN.contains(&upper.as_str()) && upper != text {
        return Err(Wrong::new(
            "methods are case-sensitive",
            format!("write {upper}"),
        ));
    }
    match upper.as_str() {
        "HEAD" | "CONNECT" | "TRACE" | "OPTIONS" => Err(Wrong::new(
            "it is not the method of a purchase",
            "give POST, PUT, PATCH, DELETE or GET",
        )),
        _ => Ok(text.to_owned()),
    }
}

fn media_type(text: &str) -> Result<String, Wrong> {
    let field = Field::parse(&format!("Content-Type: {text}"));
    let field = field.map_err(|hint| Wrong::hint(hint.to_string()))?;
    let name = field.value.split(';').next().unwrap_or_default().trim();
    let is_token = |part: &str| !part.is_empty() && part.bytes().all(is_token_byte);
    match name.split_once('/') {
        Some((of, sub)) if is_token(of) && is_token(sub) => Ok(field.value),
        _ => Err(Wrong::hint("give a media type, such as application/json")),
    }
}

fn metric(text: &str) -> Result<String, Wrong> {
    let is_name = (1..=LONGEST_NAME).contains(&text.len()) && text.bytes().all(is_token_byte);
    match is_name {
        true => Ok(text.to_owned()),
        false => Err(Wrong::hint(
            "give the name of a metric as the server writes it, such as view",
        )),
    }
}

fn header_name(text: &str) -> Result<String, Wrong> {
    let is_name = (1..=LONGEST_NAME).contains(&text.len()) && text.bytes().all(is_token_byte);
    let is_reserved = RESERVED
        .iter()
        .any(|(name, _)| name.eq_ignore_ascii_case(text));
    match is_name && !is_reserved {
        true => Ok(text.to_owned()),
        false => Err(Wrong::hint(
            "give the name of a response field, such as X-Runtime",
        )),
    }
}

/// A path and query after the port.
fn page(text: &str) -> Result<String, Wrong> {
    if !text.starts_with('/') || text.starts_with("//") {
        return Err(Wrong::hint(
            "give a path after host and port, such as /shop/checkout/",
        ));
    }
    path_part(table::CSRF_PAGE.long, text)
        .map_err(|_| Wrong::hint("write a path without spaces, control characters and #"))
}

#[cfg(test)]
#[path = "site_tests.rs"]
mod tests;
