//! The server's certificates as people read them: names, issuer, dates. Whether they can be trusted is
//! not decided here.

use std::net::{Ipv4Addr, Ipv6Addr};

use jiff::Timestamp;
use x509_parser::extensions::GeneralName;
use x509_parser::prelude::{FromDer, X509Certificate};

use super::Check;
use crate::text::{bounded, counted};

/// The longest name that is shown, characters.
const MAX_NAME: usize = 100;
/// The most names that are shown, and the most that are read of one certificate.
const SHOWN_NAMES: usize = 5;
const MAX_NAMES: usize = 10_000;
/// Days before its end from which on a certificate is warned of.
const SOON: i64 = 30;

const DAY: i64 = 24 * 3600;

/// What is shown of a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Certificate {
    /// Its subject, as `CN=shop`.
    pub(super) subject: String,
    /// The subject of its issuer.
    pub(super) issuer: String,
    /// The DNS names and addresses that it is for.
    pub(super) names: Vec<String>,
    /// From when it is valid, seconds since the Unix epoch.
    pub(super) begins: i64,
    /// Until when.
    pub(super) ends: i64,
}

impl Certificate {
    /// Reads a certificate in DER form; `None` if it is none.
    pub(super) fn read(der: &[u8]) -> Option<Certificate> {
        let (_, certificate) = X509Certificate::from_der(der).ok()?;
        let alternatives = certificate.subject_alternative_name().ok().flatten();
        let names = alternatives.map_or(Vec::new(), |names| {
            let names = names.value.general_names.iter().take(MAX_NAMES);
            names.filter_map(name).collect()
        });
        let validity = certificate.validity();
        Some(Certificate {
            subject: shown(&certificate.subject().to_string()),
            issuer: shown(&certificate.issuer().to_string()),
            names,
            begins: validity.not_before.timestamp(),
            ends: validity.not_after.timestamp(),
        })
    }

    /// Whether it was issued by itself, as roots are.
    fn is_self_issued(&self) -> bool {
        self.subject == self.issuer
    }
}

fn shown(text: &str) -> String {
    match text {
        "" => "(empty)".to_owned(),
        text => bounded(text, MAX_NAME).into_owned(),
    }
}

fn name(name: &GeneralName<'_>) -> Option<String> {
    match name {
        GeneralName::DNSName(name) => Some(shown(name)),
        GeneralName::IPAddress(bytes) => match bytes.len() {
            4 => Some(Ipv4Addr::from(<[u8; 4]>::try_from(*bytes).ok()?).to_string()),
            16 => Some(Ipv6Addr::from(<[u8; 16]>::try_from(*bytes).ok()?).to_string()),
            _ => None,
        },
        _ => None,
    }
}

/// What the client makes of the certificates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// They are verified.
    Verified,
    /// They are not, but `--insecure` accepts them; why not.
    Accepted(String),
    /// They are refused: why, and the hint.
    Refused(String, &'static str),
    /// They are refused because no trusted issuer is known; why, and the hint.
    Unknown(String, &'static str),
}

/// The chain as the server sent it, in DER form, the server's own first.
pub(super) fn judge_chain(chain: &[Vec<u8>], trust: &Trust) -> Check {
    let name = "certificate";
    let bytes: usize = chain.iter().map(Vec::len).sum();
    let Some(own) = chain.first().and_then(|der| Certificate::read(der)) else {
        return match trust {
            Trust::Refused(why, hint) | Trust::Unknown(why, hint) => Check::fail(name, why, *hint),
            _ => Check::skip(name, "it cannot be read"),
        };
    };
    let finding = format!(
        "{} issued by {}; {}, {bytes} bytes",
        names_of(&own),
        own.issuer,
        counted(chain.len() as u64, "certificate", "certificates"),
    );
    match trust {
        Trust::Verified => Check::ok(name, format!("for {finding}; trusted")),
        Trust::Accepted(why) => Check::warn(
            name,
            format!("for {finding}; not trusted ({why})"),
            "a run with --insecure accepts it",
        ),
        Trust::Unknown(why, _) if lacks_intermediate(chain, &own) => Check::fail(
            name,
            format!("{why}; it is for {finding}, without that of its issuer"),
            "give the issuer with --ca, or have the server send its whole chain (nginx: the \
             intermediate certificates behind its own in ssl_certificate)",
        ),
        Trust::Refused(why, hint) | Trust::Unknown(why, hint) => {
            Check::fail(name, format!("{why}; it is for {finding}"), *hint)
        }
    }
}

/// Whether the server sends only a certificate that another one issued. (A root need not be sent.)
fn lacks_intermediate(chain: &[Vec<u8>], own: &Certificate) -> bool {
    chain.len() == 1 && !own.is_self_issued()
}

fn names_of(certificate: &Certificate) -> String {
    let names = &certificate.names;
    match names.len() {
        0 => format!("no names (subject {})", certificate.subject),
        1..=SHOWN_NAMES => names.join(", "),
        count => format!(
            "{} and {} more",
            names[..SHOWN_NAMES].join(", "),
            count - SHOWN_NAMES
        ),
    }
}

/// The first end of a validity in the chain. `now`: seconds since the Unix epoch.
pub(super) fn judge_expiry(chain: &[Vec<u8>], now: i64, is_insecure: bool) -> Check {
    let check = "expiry";
    let certificates = chain.iter().filter_map(|der| Certificate::read(der));
    let all: Vec<(usize, Certificate)> = certificates.enumerate().collect();
    let unborn = all.iter().find(|(_, certificate)| certificate.begins > now);
    let first_end = all.iter().min_by_key(|(_, certificate)| certificate.ends);
    let Some((place, first)) = first_end else {
        return Check::skip(check, "no certificate can be read");
    };
    let whose = |place: usize, certificate: &Certificate| match place {
        0 => String::new(),
        _ => format!(", of {} in the chain", certificate.subject),
    };
    let fail = |finding: String, hint: &'static str| match is_insecure {
        true => Check::warn(check, finding, hint),
        false => Check::fail(check, finding, hint),
    };
    if let Some((place, certificate)) = unborn {
        return fail(
            format!(
                "valid only from {}{}",
                date(certificate.begins),
                whose(*place, certificate)
            ),
            "check the clocks of the server and of this machine",
        );
    }
    let days = (first.ends - now).div_euclid(DAY);
    let ends = format!("{}{}", date(first.ends), whose(*place, first));
    match days {
        ..0 => fail(
            format!("expired on {ends} ({} ago)", days_told(-days)),
            "renew the certificate",
        ),
        0..SOON => Check::warn(
            check,
            format!("valid until {ends} ({} left)", days_told(days)),
            "renew the certificate",
        ),
        _ => Check::ok(
            check,
            format!("valid until {ends} ({} left)", days_told(days)),
        ),
    }
}

fn days_told(days: i64) -> String {
    counted(days.unsigned_abs(), "day", "days")
}

/// The day in UTC.
fn date(seconds: i64) -> String {
    match Timestamp::from_second(seconds) {
        Ok(instant) => instant.strftime("%Y-%m-%d").to_string(),
        Err(_) => format!("second {seconds} of the Unix epoch"),
    }
}

#[cfg(test)]
#[path = "certificate_tests.rs"]
mod tests;
