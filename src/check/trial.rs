//! One purchase at an arbitrary site: a shopper of the load, with its session, as a run would send it.

use std::io;
use std::io::Write;
use std::net::SocketAddr;
use std::time::Duration;

use super::Check;
use super::network::millis;
use super::output::Report;
use super::shop::Visit;
use super::skipped::{NOT_ASKED, skip_purchase};
use crate::html;
use crate::net::sources::Sources;
use crate::net::tls::TlsClient;
use crate::plan::{Orders, Plan};
use crate::prepare;
use crate::reactor::{Reactor, ReactorSettings, Recorder};
use crate::row::Row;
use crate::row::answers::ReportKind;
use crate::row::failure::{Failure, FailureKind};
use crate::settings::{NetSettings, ShopSettings};
use crate::shopper::scenario::Scenario;
use crate::signals::Signals;
use crate::time::clock::{Clock, Stamp};

/// Says whether the site asks for a CSRF token; with a seed makes one purchase.
pub(super) fn examine<W: Write>(
    shop: &ShopSettings,
    net: &NetSettings,
    seed: Option<u64>,
    visit: &Visit,
    signals: &mut Signals,
    report: &mut Report<W>,
) -> io::Result<()> {
    let (Some(address), Some(home)) = (visit.address(), &visit.home) else {
        let missing = "an answer from the home page is missing";
        report.add(Check::skip("csrf", missing))?;
        return skip_purchase(seed.map_or(NOT_ASKED, |_| missing), report);
    };
    let has_token = html::csrf_token(&home.body).is_some()
        || home
            .cookies
            .iter()
            .any(|cookie| cookie.starts_with("csrftoken="));
    let Some(seed) = seed else {
        report.add(judge_csrf(has_token, shop, None))?;
        return skip_purchase(NOT_ASKED, report);
    };
    if shop.buy_query.has_place() && !shop.has_products() {
        report.add(judge_csrf(has_token, shop, None))?;
        let missing =
            "product ids are missing: give --products, or --buy-query without a place for one";
        return skip_purchase(missing, report);
    }
    let row = prepare::scenario(shop, net, address, signals);
    let row = row.map(|scenario| buy(scenario, net, seed, address, signals));
    match row {
        Err(error) => {
            report.add(judge_csrf(has_token, shop, None))?;
            report.add(Check::error("purchase", &error))?;
            skip_reports("a purchase is missing", report)
        }
        Ok(Err(failure)) => {
            report.add(judge_csrf(has_token, shop, None))?;
            report.add(judge_failure(&failure))?;
            skip_reports("a purchase is missing", report)
        }
        Ok(Ok(row)) => {
            let is_refused =
                (row.buy.failure.as_ref()).map(|failure| failure.kind == FailureKind::CsrfRefused);
            report.add(judge_csrf(has_token, shop, Some(is_refused == Some(true))))?;
            report.add(judge_purchase(&row))?;
            report.add(judge_report(&row, shop.site.report))?;
            report.add(Check::skip(
                "report clock",
                "an arbitrary site has no clock of its own",
            ))
        }
    }
}

fn skip_reports<W: Write>(why: &str, report: &mut Report<W>) -> io::Result<()> {
    let names = ["report", "report clock"];
    names
        .into_iter()
        .try_for_each(|name| report.add(Check::skip(name, why)))
}

/// Begins with the first shopper whose quantity is 1: a check must not use up the stock. One of 98 shoppers is
/// such a one; the search is bounded.
fn smallest_order(orders: Orders) -> Orders {
    let first = (0..100_000).find(|&index| orders.order(index).quantity == 1);
    Orders {
        first: first.unwrap_or(0),
        ..orders
    }
}

/// `refused` is the result of a purchase, if one was made.
fn judge_csrf(has_token: bool, shop: &ShopSettings, refused: Option<bool>) -> Check {
    let name = "csrf";
    match (has_token, shop.csrf, refused) {
        (_, false, Some(true)) => Check::fail(
            name,
            "the protection is on: a purchase without a token was refused",
            "give --csrf --cookies",
        ),
        (_, true, Some(true)) => Check::fail(
            name,
            "the protection is on, and refused the token",
            "name the page that has the form: --csrf-page PATH, with --cookies",
        ),
        (_, true, Some(false)) => Check::ok(name, "a purchase with a token was accepted"),
        (_, false, Some(false)) => Check::ok(name, "purchases do not need a token"),
        (true, false, None) => Check::warn(
            name,
            "the home page has a token, so the protection may be on",
            "give --csrf --cookies; without them --buy shows whether they are needed",
        ),
        (true, true, None) => Check::ok(name, "the home page has a token"),
        (false, _, None) => Check::ok(name, "the home page has no token"),
    }
}

fn judge_failure(failure: &Failure) -> Check {
    let hint = failure.kind.hint();
    Check::fail(
        "purchase",
        failure.to_string(),
        hint.unwrap_or("look at the server's log, and check --buy-query and --form"),
    )
}

fn judge_purchase(row: &Row) -> Check {
    if let Some(failure) = &row.buy.failure {
        return judge_failure(failure);
    }
    if row.report.as_ref().and_then(|report| report.main.result) == Some(false) {
        return Check::fail(
            "purchase",
            "the shop refused it",
            "correct the cause on the server, such as the stock",
        );
    }
    let nanos = u64::try_from(row.buy.elapsed().unwrap_or(0)).unwrap_or(0);
    let status = row.buy.status.unwrap_or(0);
    let took = millis(Duration::from_nanos(nanos));
    Check::ok("purchase", format!("answered with {status} in {took}"))
}

fn judge_report(row: &Row, kind: ReportKind) -> Check {
    let name = "report";
    let elapsed = row
        .report
        .as_ref()
        .and_then(|report| report.main.elapsed_seconds.as_ref());
    match (elapsed.and_then(|figure| figure.as_f64()), kind) {
        (Some(seconds), _) => Check::ok(name, format!("service time {:.1} ms", seconds * 1e3)),
        (None, ReportKind::ServerTiming) => Check::warn(
            name,
            "the purchase has no Server-Timing field with a service time",
            "help django has a middleware that sends it; --server-timing-total names the metric",
        ),
        (None, ReportKind::Json | ReportKind::None) => Check::skip(name, "none is asked for"),
    }
}

/// Sends one shopper.
fn buy(
    mut scenario: Scenario,
    net: &NetSettings,
    seed: u64,
    address: SocketAddr,
    signals: &mut Signals,
) -> Result<Row, Failure> {
    let tls = net.tls.as_ref().map(TlsClient::load).transpose();
    let settings = ReactorSettings {
        sources: net.ways.first_source().map(Sources::only),
        tls: tls.map_err(|error| Failure::with_detail(FailureKind::Other, &error.to_string()))?,
        timeout: net.timeout,
        connect_timeout: net.connect_timeout,
        ..ReactorSettings::towards(address)
    };
    let orders = smallest_order(Orders {
        seed,
        products: scenario.buy_paths.len(),
        first: 0,
    });
    let plan = Plan::burst(orders, 1);
    let clock = Clock::start();
    let site = scenario.site.as_mut();
    if let Some(sessions) = site.and_then(|site| site.sessions.as_mut()) {
        sessions.unix_at_zero = clock.unix_nanos(Stamp::at(0));
    }
    let mut kept = Kept::default();
    Reactor::arm(&plan, &scenario, &settings, &clock, signals, &mut kept).and_then(Reactor::run)?;
    kept.0.ok_or_else(|| FailureKind::Interrupted.into())
}

/// Keeps the row of the one shopper.
#[derive(Default)]
struct Kept(Option<Row>);

impl Recorder for Kept {
    fn record(&mut self, row: Row) {
        self.0 = Some(row);
    }
}
