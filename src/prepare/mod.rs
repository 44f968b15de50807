//! From checked settings to the scenario of a run: what must be known about the shop is fetched here,
//! before the run and outside its timing.

pub mod address;
mod csrf;
pub mod fetch;
pub mod handshake;
pub mod limits;
pub mod posting;
mod requests;
mod resolve;
pub mod route;
mod site;

use std::fmt;
use std::net::SocketAddr;

use url::Url;

pub use self::csrf::CsrfToken;
use self::fetch::Page;
use self::posting::{Posting, PostingError};
use self::requests::requests;
use crate::exit::{self, Hinted};
use crate::html;
use crate::plan::Orders;
use crate::row::failure::Failure;
use crate::settings::{NetSettings, Products, ShopSettings};
use crate::shopper::scenario::Scenario;
use crate::signals::Signals;

/// Why the preparation of a load failed.
#[derive(Debug)]
pub enum PrepareError {
    /// The page at that path could not be read completely.
    Unread(String, Failure),
    /// The page at that path has a status other than 200.
    Refused(String, u16),
    /// What is posted does not fit the products.
    Posting(PostingError),
    /// `--csrf`: the page has no token.
    NoToken(String),
    /// `--products auto`: the page has no links of that form.
    NoProducts(String, String),
}

impl Hinted for PrepareError {
    fn finding(&self) -> String {
        match self {
            PrepareError::Unread(path, failure) => {
                format!("{path} could not be read before the run: {failure}")
            }
            PrepareError::Refused(path, status) => {
                format!("{path} answered HTTP {status} before the run")
            }
            PrepareError::Posting(error) => error.finding(),
            PrepareError::NoToken(path) => format!("--csrf: no CSRF token on {path}"),
            PrepareError::NoProducts(links, path) => {
                format!("--products auto: no product links ({links}ID/details/) on {path}")
            }
        }
    }

    fn hint(&self) -> String {
        match self {
            PrepareError::Posting(error) => return error.hint(),
            PrepareError::Unread(_, failure) => {
                let hint = failure.kind.hint();
                hint.unwrap_or("request the page with curl -v, and look at the server's log")
            }
            PrepareError::Refused(..) => "check --target, --app-dirname and --products",
            PrepareError::NoToken(_) => "leave --csrf out unless CSRF protection is enabled there",
            PrepareError::NoProducts(..) => "give --products ID,ID,…",
        }
        .to_owned()
    }
}

impl fmt::Display for PrepareError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line())
    }
}

impl From<PrepareError> for exit::Error {
    fn from(error: PrepareError) -> exit::Error {
        match error {
            PrepareError::Posting(error) => error.into(),
            error => exit::Error::failed(error),
        }
    }
}

/// Makes the scenario; `--products auto` and `--csrf` without `--cookies` fetch one page each.
pub fn scenario(
    shop: &ShopSettings,
    net: &NetSettings,
    address: SocketAddr,
    signals: &mut Signals,
) -> Result<Scenario, PrepareError> {
    let posting = posting::read(shop).map_err(PrepareError::Posting)?;
    let mut scenario = bare(shop, net.keep_alive);
    let products = match &shop.products {
        Products::Listed(ids) => ids.clone(),
        Products::Auto => find_products(shop, net, &scenario, address, signals)?,
    };
    if shop.csrf && shop.site.cookies {
        // Each shopper takes its own.
        let fields = csrf::origin_fields(shop);
        scenario.requests = requests(shop, &fields, scenario.keep_alive);
    } else if shop.csrf {
        let path = token_path(shop, &products[0]);
        let page = page(&scenario, net, address, &path, signals)?;
        let token = CsrfToken::find(&page).ok_or(PrepareError::NoToken(path))?;
        token.go_with(&mut scenario, shop);
    }
    scenario.buy_paths = products.iter().map(|id| shop.buy_path(id)).collect();
    post(&mut scenario, posting, &products)?;
    Ok(scenario)
}

/// Has the Server-Timing fields kept for the rows.
pub fn keep_timing(scenario: &mut Scenario, shop: &ShopSettings) {
    let Some(anew) = site::site(shop, true) else {
        return;
    };
    match &mut scenario.site {
        Some(site) => site.wanted = anew.wanted,
        None => scenario.site = Some(anew),
    }
}

/// Adds what is posted to a scenario.
pub fn post(
    scenario: &mut Scenario,
    posting: Option<Posting>,
    products: &[String],
) -> Result<(), PrepareError> {
    let Some(posting) = posting else {
        return Ok(());
    };
    let orders = Orders {
        seed: 0,
        products: products.len(),
        first: 0,
    };
    let posted = posting
        .of_products(products, &orders)
        .map_err(PrepareError::Posting)?;
    if let Some(site) = &mut scenario.site {
        site.posted = Some(posted);
    }
    Ok(())
}

/// The page that the token of all shoppers is taken from.
pub fn token_path(shop: &ShopSettings, product: &str) -> String {
    match &shop.site.csrf_page {
        Some(path) => path.clone(),
        None if product.is_empty() => shop.target.path(&shop.app, &shop.page_query),
        None => details_path(shop, product),
    }
}

/// The scenario as far as the settings determine it: without products and CSRF token.
pub fn bare(shop: &ShopSettings, keep_alive: bool) -> Scenario {
    Scenario {
        base: shop.target.base.clone(),
        alias: alias(shop),
        requests: requests(shop, &[], keep_alive),
        home_path: shop.target.path(&shop.app, &shop.page_query),
        buy_paths: Vec::new(),
        form_suffix: Vec::new(),
        keep_alive,
        max_body: shop.max_body,
        site: site::site(shop, false),
        page: None,
    }
}

/// The path of a product's details page, which has the form of its purchase.
pub fn details_path(shop: &ShopSettings, product: &str) -> String {
    shop.target.path(&shop.app, &format!("/{product}/details/"))
}

/// The server's origin according to an overridden Host field: its absolute redirects
/// lead there, and are taken to the target.
fn alias(shop: &ShopSettings) -> Option<url::Origin> {
    let host = shop.headers.iter().find(|field| field.is("Host"))?;
    let scheme = shop.target.base.scheme();
    let url = Url::parse(&format!("{scheme}://{}", host.value)).ok()?;
    Some(url.origin())
}

fn page(
    scenario: &Scenario,
    net: &NetSettings,
    address: SocketAddr,
    path: &str,
    signals: &mut Signals,
) -> Result<Page, PrepareError> {
    let page = fetch::get(scenario, address, net, path, signals)
        .map_err(|failure| PrepareError::Unread(path.to_owned(), failure))?;
    match page.status {
        200 => Ok(page),
        status => Err(PrepareError::Refused(path.to_owned(), status)),
    }
}

fn find_products(
    shop: &ShopSettings,
    net: &NetSettings,
    scenario: &Scenario,
    address: SocketAddr,
    signals: &mut Signals,
) -> Result<Vec<String>, PrepareError> {
    let page = page(scenario, net, address, &scenario.home_path, signals)?;
    let links = shop.target.path(&shop.app, "/");
    let ids = html::product_ids(&page.body, &links);
    match ids.is_empty() {
        true => Err(PrepareError::NoProducts(links, page.path)),
        false => Ok(ids),
    }
}
