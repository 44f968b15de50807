//! What an arbitrary site is: whether it is Django, whether it has sessions and sends Server-Timing, and the
//! form of its purchase.

use std::io;
use std::io::Write;
use std::net::SocketAddr;

use super::Check;
use super::output::Report;
use super::shop::{Visit, refusal};
use crate::html::forms::{FormField, PostForm, post_form};
use crate::prepare;
use crate::prepare::fetch::{self, Page};
use crate::row::answers::ReportKind;
use crate::row::server_timing::{metrics, service_seconds};
use crate::settings::{NetSettings, ShopSettings, SiteSettings};
use crate::signals::Signals;
use crate::summary::SECURE_COOKIES_HINT;

/// Whether a shop is an arbitrary site, of which nothing is known.
pub(super) fn is_arbitrary(shop: &ShopSettings) -> bool {
    *shop.site != SiteSettings::default() || !shop.has_products() || !shop.buy_query.has_place()
}

/// Says what the home page, and the page of the form, tell about the site.
pub(super) fn examine<W: Write>(
    shop: &ShopSettings,
    net: &NetSettings,
    visit: &Visit,
    signals: &mut Signals,
    report: &mut Report<W>,
) -> io::Result<()> {
    let (Some(home), Some(address)) = (&visit.home, visit.address()) else {
        let missing = "an answer from the home page is missing";
        let names = ["django", "sessions", "server timing", "form"];
        return names
            .into_iter()
            .try_for_each(|name| report.add(Check::skip(name, missing)));
    };
    let (path, page) = form_page(shop, net, visit, home, address, signals);
    let pages: Vec<&Page> = [Some(home), page.as_ref().ok()]
        .into_iter()
        .flatten()
        .collect();
    report.add(judge_django(&pages))?;
    let is_tls = shop.target.base.scheme() == "https";
    report.add(judge_sessions(&pages, shop.site.cookies))?;
    if let Some(names) = secure_cookies(&pages).filter(|_| !is_tls) {
        report.add(lost_sessions(&names))?;
    }
    report.add(judge_timing(home, shop.site.report))?;
    report.add(match page {
        Ok(page) => judge_form(&path, &page, shop),
        Err(why) => Check::warn("form", why, NAME_PAGE),
    })
}

const NAME_PAGE: &str = "name the page of the form: --csrf --csrf-page PATH";

/// The page that has the form, with its path: the one named, or the home page if it has one, or a details
/// page.
fn form_page(
    shop: &ShopSettings,
    net: &NetSettings,
    visit: &Visit,
    home: &Page,
    address: SocketAddr,
    signals: &mut Signals,
) -> (String, Result<Page, String>) {
    let is_named = shop.site.csrf_page.is_some();
    let product = visit.first_product();
    if !is_named && (post_form(&home.body).is_some() || product.is_empty()) {
        return (home.path.clone(), Ok(home.clone()));
    }
    let path = prepare::token_path(shop, product);
    let scenario = prepare::bare(shop, true);
    let page = match fetch::get(&scenario, address, net, &path, signals) {
        Ok(page) if page.status == 200 => Ok(page),
        Ok(page) => Err(refusal(&page)),
        Err(failure) => Err(format!("{path}: {failure}")),
    };
    (path, page)
}

/// The names of the cookies of a page.
fn cookie_names(page: &Page) -> impl Iterator<Item = &str> {
    let names = page
        .cookies
        .iter()
        .filter_map(|cookie| cookie.split_once('='));
    names.map(|(name, _)| name.trim())
}

fn judge_django(pages: &[&Page]) -> Check {
    let mut signs = Vec::new();
    let has_cookie = |name: &str| {
        pages
            .iter()
            .any(|page| cookie_names(page).any(|of| of == name))
    };
    let has_field = |name: &str, value: &str| {
        let is_it = |of: &str| of.eq_ignore_ascii_case(value);
        pages.iter().any(|page| page.field(name).is_some_and(is_it))
    };
    if has_cookie("csrftoken") {
        signs.push("cookie csrftoken");
    }
    if has_cookie("sessionid") {
        signs.push("cookie sessionid");
    }
    let token = b"csrfmiddlewaretoken";
    if pages
        .iter()
        .any(|page| memchr::memmem::find(&page.body, token).is_some())
    {
        signs.push("field csrfmiddlewaretoken");
    }
    if has_field("Cross-Origin-Opener-Policy", "same-origin")
        && has_field("X-Content-Type-Options", "nosniff")
        && has_field("Referrer-Policy", "same-origin")
    {
        signs.push("the fields of SecurityMiddleware");
    }
    let server = pages
        .iter()
        .find_map(|page| page.field("Server"))
        .unwrap_or("no Server field");
    Check::ok(
        "django",
        match signs.as_slice() {
            [] => format!("no sign of Django ({server}): a site of any kind can be measured"),
            signs => format!("yes, by {} ({server})", signs.join(", ")),
        },
    )
}

/// The names of the cookies that only TLS connections send back (RFC 6265 section 5.4); absent without one.
fn secure_cookies(pages: &[&Page]) -> Option<String> {
    let mut names: Vec<String> = Vec::new();
    for field in pages.iter().flat_map(|page| &page.cookies) {
        let Ok(cookie) = cookie::Cookie::parse(field.as_str()) else {
            continue;
        };
        let is_new = !names.iter().any(|name| name == cookie.name());
        if cookie.secure() == Some(true) && is_new && names.len() < 10 {
            names.push(cookie.name().to_owned());
        }
    }
    (!names.is_empty()).then(|| names.join(", "))
}

/// Sessions that plain HTTP loses: no purchase that needs them can succeed.
fn lost_sessions(names: &str) -> Check {
    Check::warn(
        "secure cookies",
        format!("plain http does not send them back: {names}"),
        SECURE_COOKIES_HINT,
    )
}

fn judge_sessions(pages: &[&Page], asked: bool) -> Check {
    let name = "sessions";
    let mut cookies: Vec<&str> = Vec::new();
    for cookie in pages.iter().flat_map(|page| cookie_names(page)) {
        if !cookies.contains(&cookie) && cookies.len() < 10 {
            cookies.push(cookie);
        }
    }
    let list = cookies.join(", ");
    match (cookies.is_empty(), asked) {
        (true, false) => Check::ok(name, "no page sets a cookie"),
        (true, true) => Check::ok(
            name,
            "no page sets a cookie, so that --cookies changes nothing",
        ),
        (false, true) => Check::ok(name, format!("each shopper keeps its own cookies: {list}")),
        (false, false) => Check::warn(
            name,
            format!("the pages set cookies: {list}"),
            "give --cookies, so that each shopper has a session of its own",
        ),
    }
}

fn judge_timing(home: &Page, report: ReportKind) -> Check {
    let name = "server timing";
    let Some(value) = home.field("Server-Timing") else {
        let finding = "the home page has no Server-Timing field";
        return match report {
            ReportKind::ServerTiming => Check::warn(
                name,
                finding,
                "help django has a middleware that sends it, to paste",
            ),
            ReportKind::Json | ReportKind::None => Check::ok(name, finding),
        };
    };
    let mut names: Vec<&str> = metrics(value).map(|metric| metric.name).collect();
    names.truncate(10);
    let total = match service_seconds(value, None) {
        Some(seconds) => format!("service time {:.1} ms", seconds * 1e3),
        None => "no durations".to_owned(),
    };
    let finding = format!("{} ({total})", names.join(", "));
    match report {
        ReportKind::ServerTiming => Check::ok(name, finding),
        ReportKind::Json | ReportKind::None => Check::warn(
            name,
            finding,
            "give --report server-timing, where purchases do not answer with the JSON report",
        ),
    }
}

fn judge_form(path: &str, page: &Page, shop: &ShopSettings) -> Check {
    let name = "form";
    let Some(form) = post_form(&page.body) else {
        return Check::warn(
            name,
            format!("{path} has no form that is POSTed"),
            NAME_PAGE,
        );
    };
    let line = options(path, &form, shop);
    let fields: Vec<&str> = form
        .fields
        .iter()
        .map(|field| field.name.as_str())
        .collect();
    let list = fields.join(", ");
    match form.files.as_slice() {
        [] => Check::ok(name, format!("{path} posts {list} (to copy: {line})")),
        files => Check::warn(
            name,
            format!(
                "{path} posts {list} (to copy: {line}), and files: {}",
                files.join(", ")
            ),
            "files are not posted: name another page by --csrf --csrf-page PATH if one is required",
        ),
    }
}

/// The options that post this form.
fn options(path: &str, form: &PostForm, shop: &ShopSettings) -> String {
    let mut words = Vec::new();
    let base = shop.target.path(&shop.app, "");
    let action = match form.action.as_str() {
        "" => path,
        action => action,
    };
    if let Some(rest) = action
        .strip_prefix(base.as_str())
        .filter(|rest| rest.starts_with('/'))
    {
        words.push(format!("-b {}", quoted(&braced(rest))));
    }
    let mut has_token = false;
    for field in &form.fields {
        match field.name == "csrfmiddlewaretoken" {
            true => has_token = true,
            false => words.push(format!(
                "--form {}",
                quoted(&format!("{}={}", field.name, value(field)))
            )),
        }
    }
    if has_token {
        words.push("--cookies --csrf".to_owned());
        if path != shop.target.path(&shop.app, &shop.page_query) {
            words.push(format!("--csrf-page {}", quoted(path)));
        }
    }
    words.join(" ")
}

/// A value for a field: that of the page, or a placeholder by name and type.
fn value(field: &FormField) -> String {
    let name = field.name.to_ascii_lowercase();
    let has = |part: &str| name.contains(part);
    match field.kind.as_str() {
        "hidden" | "radio" | "select" | "submit" => braced(&field.value),
        "checkbox" if field.value.is_empty() => "on".to_owned(),
        "checkbox" => braced(&field.value),
        "email" => "{email}".to_owned(),
        _ if has("email") || has("mail") => "{email}".to_owned(),
        _ if has("quantity") || has("qty") || has("amount") => "{quantity}".to_owned(),
        _ if has("product") || has("item") || has("sku") => "{product_id}".to_owned(),
        _ if !field.value.is_empty() => braced(&field.value),
        "number" | "range" => "1".to_owned(),
        _ => "{random:8}".to_owned(),
    }
}

/// With its braces doubled.
fn braced(text: &str) -> String {
    text.replace('{', "{{").replace('}', "}}")
}

/// A word for a shell.
fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:@,+%".contains(c);
    match text.chars().all(is_plain) && !text.is_empty() {
        true => text.to_owned(),
        false => format!("'{}'", text.replace('\'', "'\\''")),
    }
}

#[cfg(test)]
#[path = "site_tests.rs"]
mod tests;
