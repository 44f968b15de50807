//! What an ordinary site needs, from the settings.

use std::sync::Arc;

use crate::http::kept::Wanted;
use crate::row::answers::ReportKind;
use crate::settings::{ShopSettings, SiteSettings};
use crate::shopper::jar::CookieHost;
use crate::shopper::site::{Sessions, Site, TokenSource};

/// Fields with a time of the server that servers and proxies are set up to send.
const USUAL_HEADERS: [&str; 4] = [
    "X-Runtime",
    "X-Request-Time",
    "X-Upstream-Response-Time",
    "X-Response-Time",
];

/// The site without what is posted; `None` for a shop that takes three fields and answers with its report.
/// `with_timing`: the Server-Timing fields go into the rows.
pub fn site(shop: &ShopSettings, with_timing: bool) -> Option<Box<Site>> {
    let settings = &*shop.site;
    if *settings == SiteSettings::default() && !with_timing {
        return None;
    }
    let wanted = wanted(settings, with_timing);
    Some(Box::new(Site {
        method: settings
            .posts
            .method
            .clone()
            .unwrap_or_else(|| "POST".to_owned()),
        has_body: settings.posts.has_body(),
        posted: None,
        expect: settings.expect.clone(),
        report: settings.report,
        timing_total: settings.timing_total.clone(),
        wanted: wanted.is_any().then(|| Arc::new(wanted)),
        sessions: settings.cookies.then(|| sessions(shop)),
    }))
}

fn wanted(settings: &SiteSettings, with_timing: bool) -> Wanted {
    let mut named = settings.server_headers.clone();
    if settings.report == ReportKind::ServerTiming {
        for usual in USUAL_HEADERS {
            if !named.iter().any(|name| name.eq_ignore_ascii_case(usual)) {
                named.push(usual.to_owned());
            }
        }
    }
    Wanted {
        cookies: settings.cookies,
        timing: with_timing || settings.report == ReportKind::ServerTiming,
        named,
    }
}

fn sessions(shop: &ShopSettings) -> Sessions {
    let own = shop.headers.iter().filter(|field| field.is("Cookie"));
    let own: Vec<&str> = own.map(|field| field.value.as_str()).collect();
    let host = shop.headers.iter().find(|field| field.is("Host"));
    let host = match host {
        Some(field) => without_port(&field.value).to_owned(),
        None => shop.target.base.host_str().unwrap_or_default().to_owned(),
    };
    Sessions {
        host: CookieHost {
            host: host.to_lowercase(),
            is_secure: shop.target.base.scheme() == "https",
        },
        own: own.join("; "),
        token: shop.csrf.then(|| match &shop.site.csrf_page {
            Some(path) => TokenSource::Page(path.clone()),
            None => TokenSource::Home,
        }),
        unix_at_zero: 0,
    }
}

fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    }
}
