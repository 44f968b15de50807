//! The settings of `profilerclient shop`.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use super::error::{Invalid, Wrong};
use super::given::{Given, invalid, number};
use super::table;
use super::values::{parse_size, span};
use crate::net::tls::Version;
use crate::shop::{FaultKind, Faults, HomeSize, MAX_HOME_SIZE, Settings, TlsSettings};

/// The settings that the options ask for.
pub fn settings(given: &mut Given) -> Result<Settings, Invalid> {
    let tls = tls(given)?;
    Ok(Settings {
        listen: given.value_or_default(&table::SHOP_LISTEN, listen)?,
        service_time: given.value_or_default(&table::SHOP_SERVICE_TIME, span)?,
        workers: given.number(&table::SHOP_WORKERS, "a whole number of workers, 1 or more")?,
        faults: faults(given, tls.is_some())?,
        tls,
        inventory: given.value_or_default(&table::SHOP_INVENTORY, |text| {
            number(text, "a whole number of pieces")
        })?,
        home_size: given
            .value(&table::SHOP_HOME_SIZE, home_size)?
            .unwrap_or_default(),
        rest: given.flag(&table::SHOP_REST),
        csrf: given.flag(&table::SHOP_CSRF),
    })
}

fn listen(text: &str) -> Result<SocketAddr, Wrong> {
    // Names are not resolved, except for the one that everybody writes.
    let address = match text.trim().strip_prefix("localhost:") {
        Some(port) => port
            .parse()
            .ok()
            .map(|port| SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)),
        None => text.trim().parse().ok(),
    };
    address.ok_or_else(|| {
        Wrong::hint("give an IP address and a port, such as 127.0.0.1:8000 or [::1]:0")
    })
}

fn tls(given: &mut Given) -> Result<Option<TlsSettings>, Invalid> {
    let only_with_certificate = [
        &table::SHOP_TLS_KEY,
        &table::SHOP_TLS_MIN,
        &table::SHOP_TLS_MAX,
    ];
    let lonely = only_with_certificate
        .into_iter()
        .find(|opt| given.is_given(opt));
    let file = |text: &str| match text {
        "" => Err(Wrong::hint("give a file name")),
        name => Ok(PathBuf::from(name)),
    };
    let certificate = given.value(&table::SHOP_TLS_CERT, file)?;
    let key = given.value(&table::SHOP_TLS_KEY, |text| match text {
        "-" => Err(Wrong::hint(
            "for standard input give --tls-cert - with the key in it",
        )),
        name => file(name),
    })?;
    let versions = [Version::V1_2, Version::V1_3];
    let min = given.one_of(&table::SHOP_TLS_MIN, versions)?;
    let max = given.one_of(&table::SHOP_TLS_MAX, versions)?;
    let Some(certificate) = certificate else {
        return match lonely {
            None => Ok(None),
            Some(opt) => Err(Invalid::Requires {
                option: opt.long,
                requires: table::SHOP_TLS_CERT.long.into(),
                hint: "give the certificate, too".into(),
            }),
        };
    };
    if min > max {
        return Err(Invalid::Conflict {
            option: table::SHOP_TLS_MIN.long,
            with: "a lower --tls-max".into(),
            hint: "give no lower --tls-max than --tls-min".into(),
        });
    }
    Ok(Some(TlsSettings {
        certificate,
        key,
        min,
        max,
    }))
}

fn faults(given: &mut Given, has_tls: bool) -> Result<Faults, Invalid> {
    // Given several times it is as if given once with commas.
    let texts = given.texts(&table::SHOP_FAULT)?;
    if texts.is_empty() {
        return Ok(Faults::default());
    }
    let list = texts.join(",");
    let faults = Faults::parse(&list)
        .map_err(|error| Wrong::hint(error.to_string()))
        .and_then(|faults| {
            let of_tls = faults.kinds().find(|kind| kind.needs_tls());
            match of_tls.filter(|_| !has_tls) {
                Some(kind) => Err(plain(kind)),
                None => Ok(faults),
            }
        });
    faults.map_err(|wrong| invalid(&table::SHOP_FAULT, list, wrong))
}

fn plain(kind: FaultKind) -> Wrong {
    Wrong::new(
        format!("{kind} is a fault of TLS"),
        "give a certificate (--tls-cert)",
    )
}

fn home_size(text: &str) -> Result<HomeSize, Wrong> {
    let size = match text.trim() {
        "0" => Some(0),
        text => parse_size(text, MAX_HOME_SIZE as u64),
    };
    size.and_then(HomeSize::new)
        .ok_or_else(|| Wrong::hint(format!("give a number of bytes, at most {MAX_HOME_SIZE}")))
}

#[cfg(test)]
#[path = "shop_tests.rs"]
mod tests;
