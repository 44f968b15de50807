//! The cookies of one shopper (RFC 6265 section 5): storage, and which of them go with a request. All
//! requests of a shopper go to one host.

use cookie::{Cookie, Expiration};

/// The most cookies that a shopper keeps (RFC 6265 section 6.1 asks for 50 of a domain at least).
pub const MOST_COOKIES: usize = 50;

/// The longest cookie that is kept, bytes of its name, value and attributes.
pub const LONGEST_COOKIE: usize = 4096;

/// The most bytes of names, values and paths that a shopper keeps.
pub const MOST_BYTES: usize = 16 * 1024;

/// Where cookies come from and go to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CookieHost {
    /// The host that requests name, in lower case.
    pub host: String,
    /// Whether connections are TLS.
    pub is_secure: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Stored {
    name: String,
    value: String,
    path: String,
    /// The Domain attribute, without a leading dot; the host itself if absent.
    domain: Option<String>,
    is_secure: bool,
    /// Seconds since the Unix epoch; the end of the session if absent.
    expires: Option<i64>,
}

impl Stored {
    fn bytes(&self) -> usize {
        self.name.len() + self.value.len() + self.path.len()
    }
}

/// The cookies of one shopper, in the order of their creation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Jar {
    cookies: Vec<Stored>,
}

/// What became of a Set-Cookie field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was kept, or took the place of one of the same name.
    Kept,
    /// It was kept, but no request has it: it is Secure, and connections are plain HTTP (section 5.4 step 1).
    Withheld,
    /// It removed one, or came expired.
    Removed,
    /// It was not kept: not valid, of another domain, without what its prefix promises, too large, or one too
    /// many.
    Dropped,
}

impl Jar {
    /// Forgets all: the next shopper begins without cookies.
    pub fn clear(&mut self) {
        self.cookies.clear();
    }

    /// Takes a Set-Cookie field of a response to a request for `path`, at `now`, seconds since the Unix
    /// epoch.
    pub fn take(&mut self, field: &[u8], of: &CookieHost, path: &str, now: i64) -> Outcome {
        let Some(cookie) = read(field, of, path, now) else {
            return Outcome::Dropped;
        };
        let is_same = |other: &Stored| {
            other.name == cookie.name && other.path == cookie.path && other.domain == cookie.domain
        };
        let place = self.cookies.iter().position(is_same);
        if cookie.expires.is_some_and(|expires| expires <= now) {
            if let Some(place) = place {
                self.cookies.remove(place);
            }
            return Outcome::Removed;
        }
        let others = self.cookies.iter().enumerate();
        let others = others.filter(|(other, _)| Some(*other) != place);
        let bytes: usize = others.map(|(_, other)| other.bytes()).sum();
        let has_room = place.is_some() || self.cookies.len() < MOST_COOKIES;
        if !has_room || bytes + cookie.bytes() > MOST_BYTES {
            return Outcome::Dropped;
        }
        let is_withheld = cookie.is_secure && !of.is_secure;
        match place {
            // It keeps its time of creation (section 5.3 step 11.3).
            Some(place) => self.cookies[place] = cookie,
            None => self.cookies.push(cookie),
        }
        match is_withheld {
            true => Outcome::Withheld,
            false => Outcome::Kept,
        }
    }

    /// The value of a cookie that goes with a request for `path`.
    pub fn value(&self, name: &str, of: &CookieHost, path: &str, now: i64) -> Option<String> {
        let mut sent = self
            .sent(of, path, now)
            .filter(|cookie| cookie.name == name);
        sent.next().map(|cookie| cookie.value.clone())
    }

    /// Appends the Cookie field of a request for `path`, after cookies that go with every request; nothing if
    /// there are none.
    pub fn write(&self, own: &str, of: &CookieHost, path: &str, now: i64, out: &mut Vec<u8>) {
        let mut separator = "Cookie: ";
        if !own.is_empty() {
            out.extend_from_slice(separator.as_bytes());
            out.extend_from_slice(own.as_bytes());
            separator = "; ";
        }
        // Longer paths first, then the earlier ones (section 5.4 step 2): there are few, and a second list
        // would have to be allocated.
        let longest = |below: usize| {
            let lengths = self.sent(of, path, now).map(|cookie| cookie.path.len());
            lengths.filter(|length| *length < below).max()
        };
        let mut below = usize::MAX;
        while let Some(length) = longest(below) {
            let of_length = self.sent(of, path, now);
            for cookie in of_length.filter(|cookie| cookie.path.len() == length) {
                for part in [separator, &cookie.name, "=", &cookie.value] {
                    out.extend_from_slice(part.as_bytes());
                }
                separator = "; ";
            }
            below = length;
        }
        if separator == "; " {
            out.extend_from_slice(b"\r\n");
        }
    }

    fn sent<'a>(
        &'a self,
        of: &'a CookieHost,
        path: &'a str,
        now: i64,
    ) -> impl Iterator<Item = &'a Stored> {
        let path = path.split('?').next().unwrap_or(path);
        self.cookies.iter().filter(move |cookie| {
            (of.is_secure || !cookie.is_secure)
                && cookie.expires.is_none_or(|expires| expires > now)
                && path_matches(path, &cookie.path)
        })
    }
}

/// Reads a field as section 5.2 and 5.3 have it; `None` if it is ignored.
fn read(field: &[u8], of: &CookieHost, path: &str, now: i64) -> Option<Stored> {
    if field.len() > LONGEST_COOKIE {
        return None;
    }
    let text = str::from_utf8(field).ok()?;
    if text.chars().any(char::is_control) {
        return None;
    }
    let cookie = Cookie::parse(text).ok()?;
    let name = cookie.name();
    if name.is_empty() {
        return None;
    }
    let domain = cookie
        .domain()
        .map(|domain| domain.trim_start_matches('.').to_lowercase());
    let domain = domain.filter(|domain| !domain.is_empty());
    if domain
        .as_deref()
        .is_some_and(|domain| !domain_matches(&of.host, domain))
    {
        return None;
    }
    if !has_what_its_prefix_promises(&cookie) {
        return None;
    }
    let expires = match (cookie.max_age(), cookie.expires()) {
        // Max-Age has precedence.
        (Some(age), _) => Some(now.saturating_add(age.whole_seconds())),
        (None, Some(Expiration::DateTime(at))) => Some(at.unix_timestamp()),
        (None, Some(Expiration::Session) | None) => None,
    };
    let path = match cookie.path().filter(|path| path.starts_with('/')) {
        Some(path) => path.to_owned(),
        None => default_path(path).to_owned(),
    };
    Some(Stored {
        name: name.to_owned(),
        value: cookie.value().to_owned(),
        path,
        domain: domain.filter(|domain| *domain != of.host),
        is_secure: cookie.secure() == Some(true),
        expires,
    })
}

/// The rules of names that begin with `__Secure-` or `__Host-`, in any case (RFC 6265bis section 4.1.3).
fn has_what_its_prefix_promises(cookie: &Cookie<'_>) -> bool {
    let begins = |prefix: &str| {
        let start = cookie.name().get(..prefix.len());
        start.is_some_and(|start| start.eq_ignore_ascii_case(prefix))
    };
    let is_secure = cookie.secure() == Some(true);
    if begins("__Host-") {
        return is_secure && cookie.path() == Some("/") && cookie.domain().is_none();
    }
    is_secure || !begins("__Secure-")
}

/// Section 5.1.3. A host that is an address matches only itself.
fn domain_matches(host: &str, domain: &str) -> bool {
    let is_address = host.starts_with('[') || host.parse::<std::net::Ipv4Addr>().is_ok();
    let is_below = || {
        host.strip_suffix(domain)
            .is_some_and(|before| before.ends_with('.'))
    };
    host == domain || !is_address && is_below()
}

/// Section 5.1.4: the directory of the request.
fn default_path(path: &str) -> &str {
    let path = path.split('?').next().unwrap_or(path);
    match path.rfind('/') {
        None | Some(0) => "/",
        Some(end) => &path[..end],
    }
}

/// Section 5.1.4.
fn path_matches(path: &str, of_cookie: &str) -> bool {
    path.strip_prefix(of_cookie)
        .is_some_and(|rest| rest.is_empty() || of_cookie.ends_with('/') || rest.starts_with('/'))
}

#[cfg(test)]
#[path = "jar_tests.rs"]
mod tests;
