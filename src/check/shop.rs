//! The home page: its response, and what it shows about the server and the products.

use std::io;
use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;

use super::Check;
use super::clocks;
use super::network::millis;
use super::output::Report;
use crate::html;
use crate::prepare;
use crate::prepare::fetch::{self, PAGE_LIMIT, Page};
use crate::row::failure::{Failure, FailureKind};
use crate::settings::{NetSettings, Products, ShopSettings};
use crate::shopper::scenario::Scenario;
use crate::signals::Signals;

/// The results of the home page.
#[derive(Debug, Default)]
pub(super) struct Visit {
    address: Option<SocketAddr>,
    /// The page as received, with any status; absent without a complete response.
    pub(super) home: Option<Page>,
    /// Empty if they could not be determined.
    products: Vec<String>,
}

impl Visit {
    /// Where the server is, if it can be reached.
    pub(super) fn address(&self) -> Option<SocketAddr> {
        self.address
    }

    /// A product id; empty if none is known.
    pub(super) fn first_product(&self) -> &str {
        self.products.first().map_or("", String::as_str)
    }

    /// Where and what to buy, or what is missing for that.
    pub(super) fn shelf(&self) -> Result<(SocketAddr, &[String]), &'static str> {
        let address = self.address.ok_or(NO_CONNECTION)?;
        match (&self.home, self.products.as_slice()) {
            (None, _) => Err(NO_ANSWER),
            (_, []) => Err("product ids are missing"),
            (_, products) => Ok((address, products)),
        }
    }
}

const NO_CONNECTION: &str = "a connection is missing";
const NO_ANSWER: &str = "an answer from the home page is missing";

/// Reads the home page once. Its request is the run's own, but offers to keep the connection: whether
/// the server would is one of the findings.
pub(super) fn examine<W: Write>(
    shop: &ShopSettings,
    net: &NetSettings,
    address: Option<SocketAddr>,
    signals: &mut Signals,
    report: &mut Report<W>,
) -> io::Result<Visit> {
    let later = ["keep-alive", "products", "server clock"];
    let skip = |names: &[&'static str], missing: &str, report: &mut Report<W>| {
        (names.iter()).try_for_each(|&name| report.add(Check::skip(name, missing)))
    };
    let mut visit = Visit {
        address,
        ..Visit::default()
    };
    let Some(address) = address else {
        skip(&["home"], NO_CONNECTION, report)?;
        skip(&later, NO_CONNECTION, report)?;
        return Ok(visit);
    };
    let scenario = prepare::bare(shop, true);
    let home = fetch::get(&scenario, address, net, &scenario.home_path, signals);
    report.add(judge_home(&home, &scenario))?;
    let Ok(home) = home else {
        skip(&later, NO_ANSWER, report)?;
        return Ok(visit);
    };
    report.add(judge_keep_alive(home.keep_alive, net.keep_alive))?;
    if home.status == 200 {
        let links = shop.target.path(&shop.app, "/");
        let linked = html::product_ids(&home.body, &links);
        report.add(match shop.has_products() {
            true => judge_products(&shop.products, &linked, &links),
            false => unknown_products(&linked),
        })?;
        visit.products = on_sale(&shop.products, linked);
    } else {
        report.add(Check::skip("products", "a home page is missing"))?;
        visit.products = on_sale(&shop.products, Vec::new());
    }
    report.add(clocks::judge_date(home.date.as_ref(), home.times))?;
    visit.home = Some(home);
    Ok(visit)
}

fn on_sale(wanted: &Products, linked: Vec<String>) -> Vec<String> {
    match wanted {
        Products::Listed(ids) => ids.clone(),
        Products::Auto => linked,
    }
}

fn judge_home(home: &Result<Page, Failure>, scenario: &Scenario) -> Check {
    let asked = &scenario.home_path;
    let page = match home {
        Ok(page) => page,
        Err(failure) if failure.kind == FailureKind::BodyTooLarge => {
            return Check::warn(
                "home",
                format!("{asked} is larger than {PAGE_LIMIT} bytes, which a check does not read"),
                "a run does: its times will be those of the transfer; give a smaller page \
                 with --page-query",
            );
        }
        Err(failure) => {
            if let Some(origin) = leads_to_https(failure, scenario) {
                return Check::fail(
                    "home",
                    format!(
                        "{asked} redirects to HTTPS (Django's SECURE_SSL_REDIRECT, or the proxy \
                         in front): {failure}"
                    ),
                    format!("give -t {origin}"),
                );
            }
            let hint = failure.kind.hint().unwrap_or(LOOK);
            return Check::fail("home", format!("{asked}: {failure}"), hint);
        }
    };
    let path = &page.path;
    if page.status != 200 {
        return Check::fail("home", refusal(page), hint_of_status(page.status));
    }
    let span = u64::try_from(page.times.received - page.times.started).unwrap_or(0);
    let (bytes, took) = (page.body.len(), millis(Duration::from_nanos(span)));
    Check::ok(
        "home",
        match page.redirects {
            0 => format!("200 from {path}, {bytes} bytes in {took}"),
            1 if *path == format!("{asked}/") => format!(
                "200 from {path} after a redirect, {bytes} bytes in {took}; every shopper follows \
                 it, -p / avoids it"
            ),
            hops => format!("200 from {path} after {hops} redirects, {bytes} bytes in {took}"),
        },
    )
}

/// Where a plain target's redirect leads, if that is HTTPS.
fn leads_to_https<'a>(failure: &'a Failure, scenario: &Scenario) -> Option<&'a str> {
    let origin = failure.detail.as_deref()?;
    let is_from_plain = scenario.base.scheme() == "http";
    (is_from_plain && failure.kind == FailureKind::ForeignRedirect)
        .then_some(origin)
        .filter(|origin| origin.starts_with("https://"))
}

const LOOK: &str = "request the page with curl -v, and look at the server's log";

/// The description of a page with a status other than 200.
pub(super) fn refusal(page: &Page) -> String {
    let kind = FailureKind::Status(page.status);
    match html::error_text(&page.body, &kind.to_string()) {
        Some(text) => format!("{}: {kind}, titled {text:?}", page.path),
        None => format!("{}: {kind}", page.path),
    }
}

fn hint_of_status(status: u16) -> &'static str {
    match status {
        400 => {
            "Django refuses a Host it does not know: add it to ALLOWED_HOSTS, or give -H 'Host: …'"
        }
        401 | 403 => {
            "give the credentials that the shop requires: -H 'Cookie: …' or -H 'Authorization: …'"
        }
        404 => "check --app-dirname and --page-query",
        _ => FailureKind::Status(status).hint().unwrap_or(LOOK),
    }
}

/// Whether the server keeps a connection on request; `wanted` is whether a run will request it.
fn judge_keep_alive(keeps: bool, wanted: bool) -> Check {
    let name = "keep-alive";
    match (keeps, wanted) {
        (true, _) => Check::ok(name, "the server keeps connections open on request"),
        (false, true) => Check::warn(
            name,
            "the server closes after each response, so --keep-alive changes nothing",
            "leave it out, or have the server keep connections (gunicorn: --worker-class gthread)",
        ),
        (false, false) => Check::ok(name, "the server closes after each response"),
    }
}

/// No ids are given, and perhaps none are needed.
fn unknown_products(linked: &[String]) -> Check {
    let name = "products";
    match linked {
        [] => Check::ok(name, "no ids given, and the home page links to none"),
        linked => Check::ok(
            name,
            format!("no ids given; --products auto finds {}", few(linked)),
        ),
    }
}

fn judge_products(wanted: &Products, linked: &[String], links: &str) -> Check {
    let name = "products";
    let form = format!("{links}ID/details/");
    let ids = match wanted {
        Products::Auto if linked.is_empty() => {
            return Check::fail(
                name,
                format!("auto finds no link of the form {form} on the home page"),
                "give --products ID,ID,…",
            );
        }
        Products::Auto => {
            return Check::ok(name, format!("{} found: {}", linked.len(), few(linked)));
        }
        Products::Listed(ids) => ids,
    };
    let (there, elsewhere): (Vec<String>, Vec<String>) =
        ids.iter().cloned().partition(|id| linked.contains(id));
    let (count, given) = (ids.len(), few(ids));
    match (there.len(), elsewhere.len()) {
        (0, _) if linked.is_empty() => Check::warn(
            name,
            format!("{count} given ({given}), but the home page has no link of the form {form}"),
            "check whether the ids are on sale: --buy tries one",
        ),
        (0, _) => Check::warn(
            name,
            format!("none of the {count} given ({given}) is on the home page"),
            format!("give --products auto for those that are ({})", few(linked)),
        ),
        (_, 0) => Check::ok(
            name,
            format!("{count} given, all on the home page: {given}"),
        ),
        (found, _) => Check::ok(
            name,
            format!(
                "{found} of the {count} given are on the home page, the others are not: {}",
                few(&elsewhere)
            ),
        ),
    }
}

fn few(ids: &[String]) -> String {
    const SHOWN: usize = 5;
    let shown = ids[..ids.len().min(SHOWN)].join(", ");
    match ids.len() {
        0..=SHOWN => shown,
        _ => format!("{shown}, …"),
    }
}

#[cfg(test)]
#[path = "shop_tests.rs"]
mod tests;
