//! TLS: `--ca` to `--crl`.

use std::path::PathBuf;

use super::commands::Command;
use super::error::{Invalid, Wrong};
use super::given::{Given, invalid};
use super::table::{self, Opt};
use crate::net::target::Target;
use crate::net::tls::{Resume, TlsSettings, Version, default_groups, group_names, group_of};

use rustls::NamedGroup;
use rustls::pki_types::ServerName;

/// The settings of TLS; `None` for a plain target, with which none of the options can be combined, unless
/// another target of `all` has TLS.
pub fn settings(
    command: &Command,
    given: &mut Given,
    target: &Target,
    all: &[Target],
) -> Result<Option<TlsSettings>, Invalid> {
    if !command.takes(&table::CA) {
        return match target.is_https() {
            true => Ok(Some(TlsSettings::usual(host_of(target)?))),
            false => Ok(None),
        };
    }
    if !target.is_https() && all.iter().any(Target::is_https) {
        table::TLS_OPTIONS.iter().for_each(|opt| given.leave(opt));
        return Ok(None);
    }
    if !target.is_https() {
        let of_tls = table::TLS_OPTIONS.iter().find(|opt| given.is_given(opt));
        return match of_tls {
            None => Ok(None),
            Some(opt) => Err(Invalid::Requires {
                option: opt.long,
                requires: "an https:// target".into(),
                hint: format!("write -t {}, or leave it out", as_https(target)).into(),
            }),
        };
    }
    let versions = [Version::V1_2, Version::V1_3];
    let settings = TlsSettings {
        name: match given.value(&table::SNI, server_name)? {
            Some(name) => name,
            None => host_of(target)?,
        },
        ca: given.values(&table::CA, file)?,
        trusted: Vec::new(),
        ca_only: given.flag(&table::CA_ONLY),
        insecure: given.flag(&table::INSECURE),
        identity: identity(given)?,
        min: given.one_of(&table::TLS_MIN, versions)?,
        max: given.one_of(&table::TLS_MAX, versions)?,
        groups: given
            .value(&table::TLS_GROUPS, groups)?
            .unwrap_or_else(default_groups),
        resume: given.value_or_default(&table::TLS_RESUME, resume)?,
        key_log: given.value(&table::KEYLOG, file)?,
        crl: given.values(&table::CRL, file)?,
    };
    refuse_conflicts(&settings)?;
    Ok(Some(settings))
}

fn refuse_conflicts(settings: &TlsSettings) -> Result<(), Invalid> {
    let conflict = |opt: &'static Opt, with: &'static str, hint: &'static str| {
        Err(Invalid::Conflict {
            option: opt.long,
            with: with.into(),
            hint: hint.into(),
        })
    };
    if settings.min > settings.max {
        return conflict(
            &table::TLS_MIN,
            "--tls-max 1.2",
            "the oldest version must not be newer than the newest",
        );
    }
    if settings.ca_only && settings.ca.is_empty() {
        return Err(Invalid::Requires {
            option: table::CA_ONLY.long,
            requires: table::CA.long.into(),
            hint: "give the certificates to trust with --ca FILE".into(),
        });
    }
    if settings.insecure && settings.ca_only {
        return conflict(&table::INSECURE, "--ca-only", "give one of them");
    }
    if settings.insecure && !settings.crl.is_empty() {
        return conflict(
            &table::INSECURE,
            "--crl",
            "without a check of the certificate its list is not read: give one of them",
        );
    }
    Ok(())
}

fn as_https(target: &Target) -> String {
    let base = target.base.as_str().trim_end_matches('/');
    base.replacen("http://", "https://", 1) + &target.prefix
}

/// The name of the target's host: its address without brackets, its domain without a trailing dot.
fn host_of(target: &Target) -> Result<ServerName<'static>, Invalid> {
    let host = target.base.host_str().unwrap_or_default();
    server_name(host).map_err(|_| {
        let wrong = Wrong::new(
            "a certificate cannot have this name",
            "give the name in the server's certificate with --sni NAME",
        );
        invalid(&table::TARGET, target.base.to_string(), wrong)
    })
}

fn identity(given: &mut Given) -> Result<Option<(PathBuf, PathBuf)>, Invalid> {
    let certificate = given.value(&table::CERT, file)?;
    let key = given.value(&table::KEY, file)?;
    match (certificate, key) {
        (None, None) => Ok(None),
        (Some(certificate), Some(key)) => Ok(Some((certificate, key))),
        (Some(certificate), None) => Ok(Some((certificate.clone(), certificate))),
        (None, Some(_)) => Err(Invalid::Requires {
            option: table::KEY.long,
            requires: table::CERT.long.into(),
            hint: "give the certificate of the key with --cert FILE".into(),
        }),
    }
}

fn file(text: &str) -> Result<PathBuf, Wrong> {
    match text {
        "" => Err(Wrong::hint("give a file name")),
        name => Ok(PathBuf::from(name)),
    }
}

fn server_name(text: &str) -> Result<ServerName<'static>, Wrong> {
    let host = text.trim_start_matches('[').trim_end_matches([']', '.']);
    ServerName::try_from(host.to_owned())
        .map_err(|_| Wrong::hint("give a host name such as shop.example.org, or an address"))
}

fn groups(text: &str) -> Result<Vec<NamedGroup>, Wrong> {
    let mut groups = Vec::new();
    for name in text.split([',', ':']).map(str::trim) {
        let group = group_of(name).ok_or_else(|| {
            let all = group_names().join(", ");
            Wrong::new(
                format!("{name:?} is not a group that can be offered"),
                format!("give some of {all}"),
            )
        })?;
        if groups.contains(&group) {
            return Err(Wrong::new(
                format!("{name} is listed twice"),
                "give each group once",
            ));
        }
        groups.push(group);
    }
    Ok(groups)
}

fn resume(text: &str) -> Result<Resume, Wrong> {
    match text.trim() {
        "never" => Ok(Resume::Never),
        "visit" => Ok(Resume::Visit),
        "place" => Ok(Resume::Place),
        share => (share.strip_suffix('%'))
            .and_then(|number| number.trim().parse().ok())
            .filter(|percent| (0.0..=100.0).contains(percent))
            .map(Resume::Percent)
            .ok_or_else(|| {
                Wrong::hint("give never, visit, place, or a share of the visits such as 30%")
            }),
    }
}

#[cfg(test)]
#[path = "tls_tests.rs"]
mod tests;
