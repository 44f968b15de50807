//! What is asked of the shop and how: paths, products, header fields, limits of bodies.

use super::commands::Command;
use super::error::{Invalid, Wrong};
use super::given::{Given, invalid};
use super::table;
use super::values::{parse_size, parse_span};
use crate::http::request::Field;
use crate::net::target::path_part;
use crate::settings::{BuyQuery, Products};

/// The ids of the app `rdbms`.
const RDBMS_PRODUCTS: &str = "2,3,4,5";
/// The ids of the app `cassandra`.
const CASSANDRA_PRODUCTS: &str = "c382310f-bbf9-445b-bec8-cfb9d723cda7,\
    734951a1-b6b4-4412-af22-791366fe8698,f259a3b5-e8bd-4494-b6ac-d1bd269c88a2,\
    466a83c1-f2c2-4e35-8d10-8533f496a8e2,04a96d73-3aa3-4ee7-b52e-b44351805b95";

/// The longest body, bytes.
const LONGEST_BODY: u64 = 1 << 30;

/// What follows the app in the home request.
pub fn page_query(command: &Command, given: &mut Given, app: &str) -> Result<String, Invalid> {
    let text = given.text(&table::PAGE_QUERY)?;
    let text = text.unwrap_or_else(|| table::PAGE_QUERY.value_for(command.id).to_owned());
    if text.starts_with(|c: char| c.is_alphanumeric()) {
        let wrong = Wrong::new(
            format!("it follows the app directly: /{app}{text}"),
            "begin it with / or ?, or leave it out for the home page of the app",
        );
        return Err(invalid(&table::PAGE_QUERY, text, wrong));
    }
    path_part(table::PAGE_QUERY.long, &text).map_err(Invalid::said)
}

/// What follows the app in the purchase. What is posted may have the product id, or none is needed.
pub fn buy_query(given: &mut Given, is_custom: bool) -> Result<BuyQuery, Invalid> {
    let text = given.text_or_default(&table::BUY_QUERY)?;
    let encoded = path_part(table::BUY_QUERY.long, &text).map_err(Invalid::said)?;
    let parsed = match is_custom {
        true => BuyQuery::parse_any(&encoded),
        false => BuyQuery::parse(&encoded),
    };
    parsed.map_err(|error| {
        let (what, hint) = error.what_and_hint();
        invalid(&table::BUY_QUERY, text, Wrong::new(what, hint))
    })
}

/// What is on sale; `is_open`: nothing needs to be known of it.
pub fn products(given: &mut Given, app: &str, is_open: bool) -> Result<Products, Invalid> {
    let list = match (given.text(&table::PRODUCTS)?, app) {
        (Some(list), _) if list.trim() == "auto" => return Ok(Products::Auto),
        (Some(list), _) => list,
        (None, "rdbms") => RDBMS_PRODUCTS.to_owned(),
        (None, "cassandra") => CASSANDRA_PRODUCTS.to_owned(),
        // Nothing is known to be for sale, and perhaps nothing has to be.
        (None, _) if is_open => return Ok(Products::Listed(vec![String::new()])),
        (None, app) => return Err(unknown_products(app)),
    };
    let ids = list.split(',').map(str::trim);
    if ids.clone().any(str::is_empty) {
        let wrong = Wrong::new("an id is empty", "separate ids by single commas");
        return Err(invalid(&table::PRODUCTS, list, wrong));
    }
    let ids = ids.map(|id| path_part(table::PRODUCTS.long, id).map_err(Invalid::said));
    ids.collect::<Result<_, _>>().map(Products::Listed)
}

fn unknown_products(app: &str) -> Invalid {
    // wrk's -d is a span of time.
    let is_span = app.starts_with(|c: char| c.is_ascii_digit()) && parse_span(app).is_some();
    let hint = match is_span {
        true => "for a span of time write --duration; for an app give --products ID,ID,… too",
        false => "give --products ID,ID,…, or --products auto to read them from the home page",
    };
    let wrong = Wrong::new("the product ids of this app are not known", hint);
    invalid(&table::APP, app.to_owned(), wrong)
}

/// Fields that the program decides by itself, and the hint.
pub const RESERVED: [(&str, &str); 4] = [
    (
        "Content-Length",
        "the program counts the form itself: leave it out",
    ),
    (
        "Transfer-Encoding",
        "forms are sent with a Content-Length: leave it out",
    ),
    (
        "Connection",
        "use --keep-alive, or leave it out for a connection per request",
    ),
    (
        "Expect",
        "purchases are sent without waiting for 100 Continue: leave it out",
    ),
];

/// A header field.
pub fn header(text: &str) -> Result<Field, Wrong> {
    let field = Field::parse(text).map_err(|hint| Wrong::hint(hint.to_string()))?;
    let is_named = |(name, _): &&(&str, &'static str)| field.name.eq_ignore_ascii_case(name);
    match RESERVED.iter().find(is_named) {
        Some((_, hint)) => Err(Wrong::hint(*hint)),
        None => Ok(field),
    }
}

/// The value of the User-Agent field.
pub fn user_agent(text: &str) -> Result<String, Wrong> {
    Field::parse(&format!("User-Agent: {text}"))
        .map(|field| field.value)
        .map_err(|hint| Wrong::hint(hint.to_string()))
}

/// The longest body of a purchase.
pub fn max_body(text: &str) -> Result<usize, Wrong> {
    parse_size(text, LONGEST_BODY)
        .ok_or_else(|| Wrong::hint("give bytes, such as 65536, 512K or 4M, up to 1024M"))
}

/// The limit for all bodies together.
pub fn max_memory(text: &str) -> Result<usize, Wrong> {
    parse_size(text, u64::MAX)
        .ok_or_else(|| Wrong::hint("give bytes, such as 500000, 64M or 2G, 1 or more"))
}
