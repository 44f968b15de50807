//! `--target` and the paths: what is allowed in a request line.

use url::{Host, Url};

use super::ip::{ScopedIp, take_zone};
use crate::exit::UsageError;

/// The option of the target.
pub const TARGET: &str = "--target";

/// A shop's address as it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Scheme, host and port, with the root path. A zone is not part of it: it has no meaning for the
    /// server (RFC 6874 section 4), so the Host field omits it.
    pub base: Url,
    /// The index of the interface that a link-local address belongs to; 0 for none.
    pub scope: u32,
    /// The path before `/{app}`: usually empty, or a path without a trailing slash.
    pub prefix: String,
}

impl Target {
    /// Reads a target; errors name it and the hint.
    pub fn parse(text: &str) -> Result<Target, UsageError> {
        Target::parse_of(TARGET, text)
    }

    /// The same for another option, which the errors name.
    pub fn parse_of(option: &str, text: &str) -> Result<Target, UsageError> {
        let bad = |hint: &str| Err(UsageError(format!("{option} {text:?}: {hint}")));
        if text.chars().any(|c| c.is_control() || c.is_whitespace()) {
            return bad("remove the control characters and spaces");
        }
        let Some((scheme, _)) = text.split_once("://") else {
            let (scheme, rest) = match text.split_once(':') {
                Some((scheme @ ("http" | "https"), rest)) => (scheme, rest),
                _ => ("http", text),
            };
            let rest = rest.trim_start_matches('/');
            return bad(&format!("it has no scheme: write {scheme}://{rest}"));
        };
        match scheme.to_ascii_lowercase().as_str() {
            "http" | "https" => {}
            _ => return bad("only http:// and https:// are supported"),
        }
        let authority_end = text.find("://").map_or(0, |at| at + 3);
        let authority_end = text[authority_end..]
            .find(['/', '?', '#'])
            .map_or(text.len(), |at| authority_end + at);
        let (authority, path) = text.split_at(authority_end);
        let (authority, scope) = match take_zone(authority) {
            Ok(found) => found,
            Err(error) => return bad(&error.to_string()),
        };
        let mut url = match Url::parse(&format!("{authority}{path}")) {
            Ok(url) => url,
            Err(error) => return bad(&format!("{error}: write http://HOST:PORT")),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return bad("remove the user name and send -H 'Authorization: …'");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return bad(
                "give scheme, host and port; queries belong in --page-query or --buy-query",
            );
        }
        if url.port() == Some(0) {
            return bad("port 0 cannot be connected to: give the port the shop listens on");
        }
        if let Some(Host::Ipv6(v6)) = url.host()
            && (ScopedIp {
                ip: v6.into(),
                scope,
            })
            .lacks_interface()
        {
            return bad(&format!(
                "{v6} is link-local: append its interface, [{v6}%eth0]"
            ));
        }
        let prefix = url.path().trim_end_matches('/').to_owned();
        url.set_path("");
        Ok(Target {
            base: url,
            scope,
            prefix,
        })
    }

    /// Whether connections are made with TLS.
    pub fn is_https(&self) -> bool {
        self.base.scheme() == "https"
    }

    /// The port, by default 80, with TLS 443.
    pub fn port(&self) -> u16 {
        self.base
            .port_or_known_default()
            .expect("http and https have default ports")
    }

    /// The Host field: with the port only if it is not the default (RFC 9110 section 7.2).
    pub fn authority(&self) -> String {
        let host = self.base.host_str().expect("http URLs have a host");
        match self.base.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        }
    }

    /// The path of one of the app's pages.
    pub fn path(&self, app: &str, rest: &str) -> String {
        format!("{}/{app}{rest}", self.prefix)
    }
}

/// Checks a part of a path or query that goes into a request line as it is; letters beyond ASCII
/// are percent-encoded as UTF-8.
pub fn path_part(option: &str, text: &str) -> Result<String, UsageError> {
    let bad = |hint: &str| Err(UsageError(format!("{option} {text:?}: {hint}")));
    if text.chars().any(char::is_control) {
        return bad("remove the control characters");
    }
    if text.contains(char::is_whitespace) {
        return bad("write a space as %20");
    }
    if text.contains('#') {
        return bad("a fragment (#) never goes over the wire: write %23 for the character");
    }
    let encoded = text
        .chars()
        .fold(String::with_capacity(text.len()), |mut out, c| {
            if c.is_ascii() {
                out.push(c);
            } else {
                let mut utf8 = [0; 4];
                for byte in c.encode_utf8(&mut utf8).bytes() {
                    out.push_str(&format!("%{byte:02X}"));
                }
            }
            out
        });
    Ok(encoded)
}

#[cfg(test)]
#[path = "target_tests.rs"]
mod tests;
