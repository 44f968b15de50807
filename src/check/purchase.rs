//! CSRF protection, and one purchase with `--buy`.

use std::io;
use std::io::Write;
use std::time::Duration;

use super::Check;
use super::clocks;
use super::network::millis;
use super::output::Report;
use super::shop::{Visit, refusal};
use super::skipped::{NOT_ASKED, skip_purchase};
use super::{site, trial};
use crate::plan::{Order, Orders};
use crate::prepare::fetch::{self, Page};
use crate::prepare::{self, CsrfToken};
use crate::row::failure::{Failure, FailureKind};
use crate::row::server_report::{ServerFigures, ServerReport};
use crate::settings::{NetSettings, ShopSettings};
use crate::shopper;
use crate::signals::Signals;
use crate::time::zone::local_zone;

/// The input of a purchase.
pub(super) struct Buyer<'a> {
    pub(super) shop: &'a ShopSettings,
    pub(super) net: &'a NetSettings,
    /// The seed of the purchase; `None` without `--buy`.
    pub(super) seed: Option<u64>,
}

/// Reads a details page; with a seed makes one purchase.
pub(super) fn examine<W: Write>(
    &Buyer { shop, net, seed }: &Buyer<'_>,
    visit: &Visit,
    signals: &mut Signals,
    report: &mut Report<W>,
) -> io::Result<()> {
    if site::is_arbitrary(shop) {
        return trial::examine(shop, net, seed, visit, signals, report);
    }
    let (address, products) = match visit.shelf() {
        Ok(shelf) => shelf,
        Err(missing) => {
            report.add(Check::skip("csrf", missing))?;
            return skip_purchase(seed.map_or(NOT_ASKED, |_| missing), report);
        }
    };
    let mut scenario = prepare::bare(shop, true);
    let path = prepare::details_path(shop, &products[0]);
    let details = fetch::get(&scenario, address, net, &path, signals);
    let details = Details::of(details);
    let token = match &details {
        Details::Token(token) if shop.csrf => Some(token),
        _ => None,
    };
    if let Some(token) = token {
        token.go_with(&mut scenario, shop);
    }
    let Some(seed) = seed.filter(|_| !shop.csrf || token.is_some()) else {
        report.add(judge_csrf(&path, &details, shop.csrf, None))?;
        let why = seed.map_or(NOT_ASKED, |_| "a CSRF token is missing");
        return skip_purchase(why, report);
    };
    let order = order(seed, products.len());
    let mut form = Vec::new();
    order.write_form(&mut form);
    form.extend_from_slice(&scenario.form_suffix);
    let path_bought = shop.buy_path(&products[order.product]);
    let answer = fetch::post(&scenario, address, net, &path_bought, form, signals);
    let sale = Sale::of(answer);
    report.add(judge_csrf(&path, &details, shop.csrf, sale.csrf_refused()))?;
    report.add(judge_sale(&path_bought, &sale, shop.csrf))?;
    let (Some(page), Some(figures)) = (&sale.page, &sale.report) else {
        let missing = "a report is missing";
        report.add(Check::skip("report", missing))?;
        return report.add(Check::skip("report clock", missing));
    };
    report.add(judge_report(figures))?;
    let times = &figures.main;
    report.add(clocks::judge_report(times, page, &local_zone()))
}

/// The order of the run's first shopper, with quantity 1: a check must not use up the stock.
fn order(seed: u64, products: usize) -> Order {
    let orders = Orders {
        seed,
        products,
        first: 0,
    };
    Order {
        quantity: 1,
        ..orders.order(0)
    }
}

/// The result of a product's details page.
#[derive(Debug)]
enum Details {
    Token(CsrfToken),
    NoToken,
    /// It could not be read; the reason with the path.
    Unknown(String),
}

impl Details {
    fn of(page: Result<Page, Failure>) -> Details {
        match page {
            Ok(page) if page.status != 200 => Details::Unknown(refusal(&page)),
            Ok(page) => CsrfToken::find(&page).map_or(Details::NoToken, Details::Token),
            Err(failure) => Details::Unknown(format!("the details page: {failure}")),
        }
    }
}

/// The result of a purchase.
#[derive(Debug)]
struct Sale {
    page: Option<Page>,
    report: Option<ServerReport>,
    failure: Option<Failure>,
}

impl Sale {
    fn of(answer: Result<Page, Failure>) -> Sale {
        let page = match answer {
            Ok(page) => page,
            Err(failure) => {
                return Sale {
                    page: None,
                    report: None,
                    failure: Some(failure),
                };
            }
        };
        let answer = shopper::Answer {
            status: page.status,
            body: &page.body,
            coding: page.coding.as_deref(),
            has_timing: page.field("Server-Timing").is_some(),
        };
        let (report, failure) = shopper::judge_purchase(&answer, &mut Default::default());
        Sale {
            page: Some(page),
            report,
            failure,
        }
    }

    /// Whether CSRF protection refused it; `None` where it failed otherwise.
    fn csrf_refused(&self) -> Option<bool> {
        match &self.failure {
            None => Some(false),
            Some(failure) => (failure.kind == FailureKind::CsrfRefused).then_some(true),
        }
    }
}

/// `refused` is the result of a purchase, if one was made. A token alone proves nothing: the form may
/// have one where the middleware is off or the view exempt.
fn judge_csrf(path: &str, details: &Details, asked: bool, refused: Option<bool>) -> Check {
    let name = "csrf";
    match (details, asked, refused) {
        (_, false, Some(true)) => Check::fail(
            name,
            "the protection is on: a purchase without a token was refused",
            "give --csrf",
        ),
        (_, true, Some(true)) => Check::fail(
            name,
            format!("the protection is on, and refused the token of {path}"),
            FailureKind::CsrfRefused
                .hint()
                .expect("the kind has a hint"),
        ),
        (Details::Token(_), true, _) => Check::ok(
            name,
            format!("{path} has a token, which is sent with each purchase"),
        ),
        (Details::Token(_), false, Some(false)) => Check::ok(
            name,
            format!("{path} has a token, but purchases do not need one"),
        ),
        (Details::Token(_), false, None) => Check::warn(
            name,
            format!("{path} has a token, so the protection may be on"),
            "give --csrf; without it --buy shows whether it is needed",
        ),
        (Details::NoToken, true, _) => Check::fail(
            name,
            format!("{path} has no token, where a run with --csrf looks for it"),
            "leave --csrf out if the protection is off",
        ),
        (Details::NoToken, false, _) => Check::ok(name, format!("{path} has no token")),
        (Details::Unknown(why), true, _) => Check::fail(
            name,
            why,
            "check --app-dirname and --products: a run with --csrf reads its token there",
        ),
        (Details::Unknown(why), false, Some(false)) => {
            Check::ok(name, format!("purchases do not need a token ({why})"))
        }
        (Details::Unknown(why), false, None) => Check::warn(
            name,
            format!("not known ({why})"),
            "check --products; --buy shows whether purchases succeed",
        ),
    }
}

fn judge_sale(path: &str, sale: &Sale, csrf: bool) -> Check {
    let name = "purchase";
    if let Some(failure) = &sale.failure {
        let hint = match failure.kind {
            FailureKind::CsrfRefused if !csrf => "give --csrf",
            kind => kind
                .hint()
                .unwrap_or("look at the server's log, and check --buy-query"),
        };
        return Check::fail(name, format!("{path}: {failure}"), hint);
    }
    let figures = sale.report.as_ref().map(|report| &report.main);
    if let Some(false) = figures.and_then(|main| main.result) {
        let why = figures.and_then(|main| main.error_msg.as_deref());
        return Check::fail(
            name,
            format!(
                "{path}: the shop refused it ({})",
                why.unwrap_or("no reason given")
            ),
            "correct the cause on the server, such as the stock, or choose other --products",
        );
    }
    let span = sale.page.as_ref().map_or(0, |page| {
        u64::try_from(page.times.received - page.times.started).unwrap_or(0)
    });
    let took = millis(Duration::from_nanos(span));
    Check::ok(name, format!("{path}: one item bought in {took}"))
}

fn judge_report(report: &ServerReport) -> Check {
    let mut missing: Vec<String> = missing(&report.main).map(str::to_owned).collect();
    if let Some(rest) = &report.rest {
        missing.extend(self::missing(rest).map(|key| format!("rest.{key}")));
    }
    let rest = match report.rest {
        Some(_) => "with a second server's",
        None => "no second server's",
    };
    match missing.as_slice() {
        [] => Check::ok("report", format!("all figures are there, {rest}")),
        keys => Check::warn(
            "report",
            format!("no {} ({rest})", keys.join(", no ")),
            "these columns stay empty, unless the figure only needs a warm server: check its \
             profiling",
        ),
    }
}

/// The keys that are missing in a report.
fn missing(figures: &ServerFigures) -> impl Iterator<Item = &'static str> {
    [
        ("cpu_usage", figures.cpu_usage.is_none()),
        ("elapsed_seconds", figures.elapsed_seconds.is_none()),
        ("error_msg", figures.error_msg.is_none()),
        ("memory_usage", figures.memory_usage.is_none()),
        ("result", figures.result.is_none()),
        ("started_time", figures.started_time.is_none()),
        ("stopped_time", figures.stopped_time.is_none()),
    ]
    .into_iter()
    .filter_map(|(key, missing)| missing.then_some(key))
}

#[cfg(test)]
#[path = "purchase_tests.rs"]
mod tests;
