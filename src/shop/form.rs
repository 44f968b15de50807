//! The purchase form's fields and their checks.

use url::form_urlencoded;

/// Most pieces of one purchase.
pub const MAX_QUANTITY: u32 = 1_000_000;
/// Longest e-mail address, bytes (RFC 5321's limit for a path).
const MAX_EMAIL: usize = 254;

/// What a form asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// The buyer's address, unless it is none.
    pub email: Option<String>,
    /// How many pieces, or why the form is refused.
    pub quantity: Result<u32, FormError>,
    /// The hidden CSRF field.
    pub csrf: Option<String>,
}

/// Why a form is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormError {
    /// `email` is missing or no address.
    Email,
    /// `repeat_email` is another address.
    RepeatEmail,
    /// `quantity` is missing, no whole number, zero or beyond all measure.
    Quantity,
}

impl FormError {
    /// The text for the report and the page.
    pub fn message(self) -> &'static str {
        match self {
            FormError::Email => "email: this is not an e-mail address",
            FormError::RepeatEmail => "repeat_email: the two addresses differ",
            FormError::Quantity => "quantity: this is not a whole number from 1 to 1000000",
        }
    }
}

impl Form {
    /// Reads an `application/x-www-form-urlencoded` body. Of a repeated field the last one counts,
    /// as in Django.
    pub fn read(body: &[u8]) -> Form {
        let (mut email, mut repeat_email, mut quantity, mut csrf) = (None, None, None, None);
        for (name, value) in form_urlencoded::parse(body) {
            match &*name {
                "email" => email = Some(value),
                "repeat_email" => repeat_email = Some(value),
                "quantity" => quantity = Some(value),
                "csrfmiddlewaretoken" => csrf = Some(value),
                _ => {}
            }
        }
        let email = email.filter(|email| is_email(email.trim()));
        let repeated = repeat_email.is_some() && email == repeat_email;
        let quantity = quantity.as_deref().and_then(parse_quantity);
        Form {
            quantity: match (&email, repeated, quantity) {
                (None, ..) => Err(FormError::Email),
                (_, false, _) => Err(FormError::RepeatEmail),
                (.., None) => Err(FormError::Quantity),
                (.., Some(quantity)) => Ok(quantity),
            },
            email: email.map(|email| email.trim().to_owned()),
            csrf: csrf.map(|token| token.into_owned()),
        }
    }
}

fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let dotted = domain.split('.').count() > 1 && domain.split('.').all(|label| !label.is_empty());
    let odd = |c: char| c.is_whitespace() || c.is_control() || c == '@';
    text.len() <= MAX_EMAIL
        && !local.is_empty()
        && dotted
        && !local.contains(odd)
        && !domain.contains(odd)
}

fn parse_quantity(text: &str) -> Option<u32> {
    let digits = text.trim();
    // `parse` would take a sign as well.
    if !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let quantity = digits.parse().ok()?;
    (1..=MAX_QUANTITY).contains(&quantity).then_some(quantity)
}

#[cfg(test)]
#[path = "form_tests.rs"]
mod tests;
