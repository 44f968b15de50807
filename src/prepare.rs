//! From checked settings to the scenario of a run: what must be known of the shop is fetched here,
//! before the run and outside its timing.

use std::net::SocketAddr;

use url::Url;

use crate::cli::run::{Products, RunSettings};
use crate::fetch::{self, Page};
use crate::http::request::{Field, RequestWriter};
use crate::route::Route;
use crate::scenario::Scenario;
use crate::signals::Signals;

/// Makes the scenario; with `--products auto` and `--csrf` that takes one page each. The error is one
/// line that names the page and the mend.
pub fn scenario(
    settings: &RunSettings,
    address: SocketAddr,
    signals: &Signals,
) -> Result<Scenario, String> {
    let mut scenario = bare(settings);
    let products = match &settings.products {
        Products::Listed(ids) => ids.clone(),
        Products::Auto => find_products(settings, &scenario, address, signals)?,
    };
    if settings.csrf {
        let path = details_path(settings, &products[0]);
        let page = page(settings, &scenario, address, &path, signals)?;
        let token = CsrfToken::find(&page).ok_or_else(|| {
            format!(
                "--csrf: no CSRF token on {path}: is the protection on there? Leave --csrf out if not"
            )
        })?;
        token.go_with(&mut scenario, settings);
    }
    scenario.buy_paths = products.iter().map(|id| settings.buy_path(id)).collect();
    Ok(scenario)
}

/// The scenario as far as the settings alone decide it: without products and CSRF token.
pub fn bare(settings: &RunSettings) -> Scenario {
    Scenario {
        base: settings.target.base.clone(),
        alias: alias(settings),
        requests: requests(settings, &[]),
        home_path: settings.target.path(&settings.app, &settings.page_query),
        buy_paths: Vec::new(),
        form_suffix: Vec::new(),
        keep_alive: settings.keep_alive,
        max_body: settings.max_body,
    }
}

/// The path of a product's details page, which has the form of its purchase.
pub fn details_path(settings: &RunSettings, product: &str) -> String {
    let rest = format!("/{product}/details/");
    settings.target.path(&settings.app, &rest)
}

fn requests(settings: &RunSettings, for_posts: &[Field]) -> RequestWriter {
    RequestWriter::new(
        &settings.target.authority(),
        &settings.user_agent,
        &settings.headers,
        for_posts,
        settings.keep_alive,
    )
}

/// The origin that an overridden Host field makes the server believe in: its absolute redirects
/// lead there, and mean the target.
fn alias(settings: &RunSettings) -> Option<url::Origin> {
    let host = settings.headers.iter().find(|field| field.is("Host"))?;
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
    let route = Route::to(address, &settings.ways);
    let page = fetch::get(scenario, route, path, settings.timeout, signals)
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
    let links = settings.target.path(&settings.app, "/");
    let ids = fetch::product_ids(&page.body, &links);
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
        let token = hidden_field(&String::from_utf8_lossy(&page.body)).or(of_cookie)?;
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
        let own = settings.headers.iter().find(|field| field.is("Cookie"));
        let cookies: Vec<&str> = own
            .map(|field| field.value.as_str())
            .into_iter()
            .chain([self.cookies.as_str()])
            .filter(|cookies| !cookies.is_empty())
            .collect();
        // What the server takes for its own origin is what the Host field says.
        let host = settings.headers.iter().find(|field| field.is("Host"));
        let authority =
            host.map_or_else(|| settings.target.authority(), |field| field.value.clone());
        let origin = format!("{}://{authority}", settings.target.base.scheme());
        let mut fields = vec![
            field("Cookie", cookies.join("; ")),
            field("Referer", format!("{origin}/")),
            field("Origin", origin),
        ];
        let given = |name: &str| settings.headers.iter().any(|header| header.is(name));
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

/// The value of `<input … name="csrfmiddlewaretoken" … value="…">`, whatever the order of the two.
fn hidden_field(html: &str) -> Option<String> {
    let at = html.find(FORM_FIELD)?;
    let start = html[..at].rfind('<')?;
    let end = at + html[at..].find('>')?;
    let tag = &html[start..end];
    let (_, after) = tag.split_once("value=")?;
    let quote = after.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (value, _) = after[1..].split_once(quote)?;
    let fits =
        !value.is_empty() && value.len() <= 200 && value.bytes().all(|b| b.is_ascii_alphanumeric());
    fits.then(|| value.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use pico_args::Arguments;

    fn page(cookies: &[&str], body: &str) -> Page {
        Page {
            status: 200,
            path: "/".to_owned(),
            cookies: cookies.iter().map(|&cookie| cookie.to_owned()).collect(),
            body: body.as_bytes().to_vec(),
            ..Page::default()
        }
    }

    fn settings(more: &[&str]) -> RunSettings {
        let words = ["-t", "http://h:8000", "-d", "rdbms"].iter().chain(more);
        let args = Arguments::from_vec(words.map(Into::into).collect());
        crate::cli::run::parse(args, None).expect("settings")
    }

    #[test]
    fn a_token_is_found_in_form_and_cookie() {
        let cookies = [
            "csrftoken=secret; Path=/; SameSite=Lax",
            "sessionid=s1; HttpOnly",
        ];
        for form in [
            r#"<input type="hidden" name="csrfmiddlewaretoken" value="Tok3n">"#,
            "<input value='Tok3n' type=hidden name=csrfmiddlewaretoken />",
        ] {
            let found = CsrfToken::find(&page(&cookies, form)).expect("a token");
            assert_eq!(found.token, "Tok3n");
            assert_eq!(found.cookies, "csrftoken=secret; sessionid=s1");
            assert_eq!(found.form_suffix(), b"&csrfmiddlewaretoken=Tok3n");
        }
        let found = CsrfToken::find(&page(&cookies, "no form")).expect("the cookie's");
        assert_eq!(found.token, "secret");
        assert_eq!(CsrfToken::find(&page(&["sessionid=s1"], "no form")), None);
        let hostile = r#"<input name="csrfmiddlewaretoken" value="a&b=c">"#;
        assert_eq!(CsrfToken::find(&page(&[], hostile)), None);
    }

    #[test]
    fn the_fields_that_django_wants() {
        let token = CsrfToken {
            cookies: "csrftoken=x".to_owned(),
            token: "t".to_owned(),
        };
        let texts = |settings: &RunSettings| -> Vec<String> {
            let fields = token.fields(settings);
            fields
                .iter()
                .map(|f| format!("{}: {}", f.name, f.value))
                .collect()
        };
        assert_eq!(
            texts(&settings(&[])),
            [
                "Cookie: csrftoken=x",
                "Referer: http://h:8000/",
                "Origin: http://h:8000"
            ]
        );
        assert_eq!(
            texts(&settings(&[
                "-H",
                "Cookie: a=1",
                "-H",
                "Host: shop",
                "-H",
                "Referer: http://r/"
            ])),
            ["Cookie: a=1; csrftoken=x", "Origin: http://shop"]
        );
    }
}
