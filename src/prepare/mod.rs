//! From checked settings to the scenario of a run: what must be known of the shop is fetched here,
//! before the run and outside its timing.

pub mod address;
pub mod fetch;
pub mod limits;
pub mod route;

use std::net::SocketAddr;

use url::Url;

use self::fetch::Page;
use crate::html;
use crate::http::request::{Field, RequestWriter};
use crate::prepare::route::Route;
use crate::settings::{Products, RunSettings};
use crate::shopper::scenario::Scenario;
use crate::signals::Signals;

/// Makes the scenario; with `--products auto` and `--csrf` that takes one page each. The error is one
/// line that names the page and the mend.
pub fn scenario(
    settings: &RunSettings,
    address: SocketAddr,
    signals: &Signals,
) -> Result<Scenario, String> {
    let mut scenario = bare(settings);
    let products = match &settings.shop.products {
        Products::Listed(ids) => ids.clone(),
        Products::Auto => find_products(settings, &scenario, address, signals)?,
    };
    if settings.shop.csrf {
        let path = details_path(settings, &products[0]);
        let page = page(settings, &scenario, address, &path, signals)?;
        let token = CsrfToken::find(&page).ok_or_else(|| {
            format!(
                "--csrf: no CSRF token on {path}: is the protection on there? Leave --csrf out if not"
            )
        })?;
        token.go_with(&mut scenario, settings);
    }
    scenario.buy_paths = products
        .iter()
        .map(|id| settings.shop.buy_path(id))
        .collect();
    Ok(scenario)
}

/// The scenario as far as the settings alone decide it: without products and CSRF token.
pub fn bare(settings: &RunSettings) -> Scenario {
    Scenario {
        base: settings.shop.target.base.clone(),
        alias: alias(settings),
        requests: requests(settings, &[]),
        home_path: settings
            .shop
            .target
            .path(&settings.shop.app, &settings.shop.page_query),
        buy_paths: Vec::new(),
        form_suffix: Vec::new(),
        keep_alive: settings.net.keep_alive,
        max_body: settings.shop.max_body,
    }
}

/// The path of a product's details page, which has the form of its purchase.
pub fn details_path(settings: &RunSettings, product: &str) -> String {
    let rest = format!("/{product}/details/");
    settings.shop.target.path(&settings.shop.app, &rest)
}

fn requests(settings: &RunSettings, for_posts: &[Field]) -> RequestWriter {
    RequestWriter::new(
        &settings.shop.target.authority(),
        &settings.shop.user_agent,
        &settings.shop.headers,
        for_posts,
        settings.net.keep_alive,
    )
}

/// The origin that an overridden Host field makes the server believe in: its absolute redirects
/// lead there, and mean the target.
fn alias(settings: &RunSettings) -> Option<url::Origin> {
    let host = settings
        .shop
        .headers
        .iter()
        .find(|field| field.is("Host"))?;
    let url = Url::parse(&format!("http://{}", host.value)).ok()?;
    Some(url.origin())
}

fn page(
    settings: &RunSettings,
    scenario: &Scenario,
    address: SocketAddr,
    path: &str,
    signals: &Signals,
) -> Result<Page, String> {
    let route = Route::to(address, &settings.net.ways);
    let page = fetch::get(scenario, route, path, settings.net.timeout, signals)
        .map_err(|failure| format!("{path} could not be read before the run: {failure}"))?;
    match page.status {
        200 => Ok(page),
        status => Err(format!(
            "{path} answered HTTP {status} before the run: check --target, --app-dirname and --products"
        )),
    }
}

fn find_products(
    settings: &RunSettings,
    scenario: &Scenario,
    address: SocketAddr,
    signals: &Signals,
) -> Result<Vec<String>, String> {
    let page = page(settings, scenario, address, &scenario.home_path, signals)?;
    let links = settings.shop.target.path(&settings.shop.app, "/");
    let ids = html::product_ids(&page.body, &links);
    if ids.is_empty() {
        return Err(format!(
            "--products auto: no product links ({links}ID/details/) on {}: give --products ID,ID,…",
            page.path
        ));
    }
    Ok(ids)
}

/// What Django's CSRF protection wants to see with a POST: the secret in a cookie, and a token made
/// from it in the form.
#[derive(Debug, PartialEq, Eq)]
pub struct CsrfToken {
    cookies: String,
    token: String,
}

const FORM_FIELD: &str = "csrfmiddlewaretoken";
const COOKIE: &str = "csrftoken";

impl CsrfToken {
    /// Reads the hidden form field and the cookies of a page. Where a page has no form, the cookie's
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
        let token = html::hidden_field(&page.body, FORM_FIELD).or(of_cookie)?;
        Some(CsrfToken {
            cookies: pairs.join("; "),
            token,
        })
    }

    /// Makes it part of every purchase.
    pub fn go_with(&self, scenario: &mut Scenario, settings: &RunSettings) {
        scenario.requests = requests(settings, &self.fields(settings));
        scenario.form_suffix = self.form_suffix();
    }

    /// The fields that go with every purchase. Over HTTPS Django demands Referer or Origin too.
    fn fields(&self, settings: &RunSettings) -> Vec<Field> {
        let field = |name: &str, value: String| Field {
            name: name.to_owned(),
            value,
        };
        let own = settings
            .shop
            .headers
            .iter()
            .find(|field| field.is("Cookie"));
        let cookies: Vec<&str> = own
            .map(|field| field.value.as_str())
            .into_iter()
            .chain([self.cookies.as_str()])
            .filter(|cookies| !cookies.is_empty())
            .collect();
        // What the server takes for its own origin is what the Host field says.
        let host = settings.shop.headers.iter().find(|field| field.is("Host"));
        let authority = host.map_or_else(
            || settings.shop.target.authority(),
            |field| field.value.clone(),
        );
        let origin = format!("{}://{authority}", settings.shop.target.base.scheme());
        let mut fields = vec![
            field("Cookie", cookies.join("; ")),
            field("Referer", format!("{origin}/")),
            field("Origin", origin),
        ];
        let given = |name: &str| settings.shop.headers.iter().any(|header| header.is(name));
        fields.retain(|field| field.name == "Cookie" || !given(&field.name));
        fields.retain(|field| !field.value.is_empty());
        fields
    }

    fn form_suffix(&self) -> Vec<u8> {
        let mut form = url::form_urlencoded::Serializer::new(String::from("&"));
        form.append_pair(FORM_FIELD, &self.token);
        // The serializer does not know that a separator stands there already.
        form.finish().replacen("&&", "&", 1).into_bytes()
    }
}

#[cfg(test)]
#[path = "prepare_tests.rs"]
mod tests;
