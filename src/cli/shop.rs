//! The settings of `profilerclient shop`.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use super::error::{Invalid, Wrong};
use super::given::{Given, invalid, number};
use super::table;
use super::values::{parse_size, span};
use crate::shop::{Faults, HomeSize, MAX_HOME_SIZE, Settings};

/// The settings that the options ask for.
pub fn settings(given: &mut Given) -> Result<Settings, Invalid> {
    Ok(Settings {
        listen: given.value_or_default(&table::SHOP_LISTEN, listen)?,
        service_time: given.value_or_default(&table::SHOP_SERVICE_TIME, span)?,
        workers: given.number(&table::SHOP_WORKERS, "a whole number of workers, 1 or more")?,
        faults: faults(given)?,
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

fn faults(given: &mut Given) -> Result<Faults, Invalid> {
    // Given several times it is as if given once with commas.
    let texts = given.texts(&table::SHOP_FAULT)?;
    if texts.is_empty() {
        return Ok(Faults::default());
    }
    let list = texts.join(",");
    Faults::parse(&list)
        .map_err(|error| invalid(&table::SHOP_FAULT, list, Wrong::hint(error.to_string())))
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
