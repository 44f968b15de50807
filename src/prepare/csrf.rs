//! Django's CSRF protection: the token of a page, and its use in purchases.

use super::fetch::Page;
use super::requests::requests;
use crate::html;
use crate::http::request::Field;
use crate::settings::ShopSettings;
use crate::shopper::scenario::Scenario;

/// What Django's CSRF protection requires with a POST: the secret in a cookie, and a token made
/// from it in the form.
#[derive(Debug, PartialEq, Eq)]
pub struct CsrfToken {
    cookies: String,
    token: String,
}

/// Where Django looks for the token of a request that is not a form.
const TOKEN_HEADER: &str = "X-CSRFToken";

/// What Django requires over HTTPS with each purchase, unless it is given.
pub(super) fn origin_fields(shop: &ShopSettings) -> Vec<Field> {
    // The server derives its origin from the Host field.
    let host = shop.headers.iter().find(|field| field.is("Host"));
    let authority = host.map_or_else(|| shop.target.authority(), |field| field.value.clone());
    let origin = format!("{}://{authority}", shop.target.base.scheme());
    let referer = format!("{origin}/");
    let given = |name: &str| shop.headers.iter().any(|header| header.is(name));
    [("Referer", referer), ("Origin", origin)]
        .into_iter()
        .filter(|(name, _)| !given(name))
        .map(|(name, value)| Field {
            name: name.to_owned(),
            value,
        })
        .collect()
}

const COOKIE: &str = "csrftoken";

impl CsrfToken {
    /// Reads the hidden form field, or the `meta` tag, and the cookies of a page. Where a page has neither, the cookie's
    /// own value serves as the token.
    pub fn find(page: &Page) -> Option<CsrfToken> {
        let pairs: Vec<&str> = page
            .cookies
            .iter()
            .filter_map(|cookie| cookie.split(';').next())
            .map(str::trim)
            .filter(|pair| pair.contains('=') && !pair.contains(char::is_control))
            .collect();
        let of_cookie = pairs
            .iter()
            .filter_map(|pair| pair.split_once('='))
            .find(|(name, _)| *name == COOKIE)
            .map(|(_, value)| value.to_owned());
        let token = html::csrf_token(&page.body).or(of_cookie)?;
        Some(CsrfToken {
            cookies: pairs.join("; "),
            token,
        })
    }

    /// Adds it to every purchase.
    pub fn go_with(&self, scenario: &mut Scenario, shop: &ShopSettings) {
        scenario.requests = requests(shop, &self.fields(shop), scenario.keep_alive);
        let is_form = scenario.site.as_ref().is_none_or(|site| site.is_form());
        if is_form && shop.site.posts.body.is_none() {
            scenario.form_suffix = self.form_suffix();
        }
    }

    /// The header fields of every purchase. Over HTTPS Django requires Referer or Origin, too.
    fn fields(&self, shop: &ShopSettings) -> Vec<Field> {
        let field = |name: &str, value: String| Field {
            name: name.to_owned(),
            value,
        };
        let own = shop.headers.iter().find(|field| field.is("Cookie"));
        let cookies: Vec<&str> = own
            .map(|field| field.value.as_str())
            .into_iter()
            .chain([self.cookies.as_str()])
            .filter(|cookies| !cookies.is_empty())
            .collect();
        let mut fields = vec![field("Cookie", cookies.join("; "))];
        fields.extend(origin_fields(shop));
        if shop.site.posts.body.is_some() {
            // A body that is not a form has no place for the token.
            fields.push(field(TOKEN_HEADER, self.token.clone()));
        }
        fields.retain(|field| !field.value.is_empty());
        fields
    }

    fn form_suffix(&self) -> Vec<u8> {
        let mut form = url::form_urlencoded::Serializer::new(String::from("&"));
        form.append_pair(html::CSRF_FIELD, &self.token);
        // The serializer does not know that there is a separator already.
        form.finish().replacen("&&", "&", 1).into_bytes()
    }
}

#[cfg(test)]
#[path = "csrf_tests.rs"]
mod tests;
