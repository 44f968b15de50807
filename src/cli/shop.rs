//! `profilerclient shop`: the embedded shop's options.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;

use pico_args::Arguments;

use super::options::{self, Name, UsageError};
use crate::shop::{Faults, HomeSize, MAX_HOME_SIZE, Settings};

/// What `profilerclient shop --help` prints.
pub const HELP: &str = "\
A small djangoshop to try the client on, and a measuring standard whose answers are known.

usage: profilerclient shop [OPTIONS]

It prints its address on one line (http://127.0.0.1:8000) and serves until SIGINT or SIGTERM.
Apps: rdbms (products 2, 3, 4, 5) and cassandra (five UUIDs). GET /stats tells what has arrived.

Where:
      --listen ADDRESS:PORT  where to listen; port 0 takes a free one [127.0.0.1:8000]

How it works on purchases:
      --service-time SPAN    a purchase's work takes so long (5ms, 1.5s): a wait, no CPU [0]
      --workers N            so many are worked on at once, the others wait in order [no limit]
      --inventory N          pieces of each product at the start [1000000000]
      --rest                 a second server takes part: the second half of the service time is its
                             own, and its report comes under \"rest\"
      --csrf                 purchases need the CSRF cookie and field of a details page

How it looks:
      --home-size BYTES      pads the home pages to so many bytes, at most 16777216

How it fails (for testing clients):
      --fault KIND:SHARE,…   strikes purchases, counted and evenly spread; SHARE is 0.3 or 30%, and
                             all shares together are at most 1. Kinds:
        refuse        the connection is reset as it is accepted (strikes connections, all of them)
        reset         reset before any byte of the answer
        reset-within  reset in the middle of the answer
        stall         no answer; held until the client closes
        slow-drip     the answer comes a byte every 2 ms
        500, 502      that status with an HTML page
        html          200 with HTML in place of the report
        cut           the body stops half-way, then the connection is closed
        wrong-length  Content-Length is 64 larger than the body, then the connection is closed
        close         closed without an answer
        csrf          403 as from CSRF protection

      --help                 prints this
";

const LISTEN: Name = Name("", "--listen", "--listen");
const SERVICE_TIME: Name = Name("", "--service-time", "--service_time");
const WORKERS: Name = Name("", "--workers", "--workers");
const FAULT: Name = Name("", "--fault", "--fault");
const INVENTORY: Name = Name("", "--inventory", "--inventory");
const HOME_SIZE: Name = Name("", "--home-size", "--home_size");
const REST: Name = Name("", "--rest", "--rest");
const CSRF: Name = Name("", "--csrf", "--csrf");

/// The settings that the arguments ask for, or what is wrong with them.
pub fn parse(mut args: Arguments) -> Result<Settings, UsageError> {
    let default = Settings::default();
    let settings = Settings {
        listen: listen(&mut args)?.unwrap_or(default.listen),
        service_time: options::duration(&mut args, SERVICE_TIME)?.unwrap_or(default.service_time),
        workers: options::parsed::<NonZeroUsize>(
            &mut args,
            WORKERS,
            "a whole number of workers, 1 or more",
        )?,
        faults: faults(&mut args)?,
        inventory: options::parsed(&mut args, INVENTORY, "a whole number of pieces")?
            .unwrap_or(default.inventory),
        home_size: home_size(&mut args)?.unwrap_or(default.home_size),
        rest: options::flag(&mut args, REST),
        csrf: options::flag(&mut args, CSRF),
    };
    options::finish(args)?;
    Ok(settings)
}

fn listen(args: &mut Arguments) -> Result<Option<SocketAddr>, UsageError> {
    let Some(text) = options::text(args, LISTEN)? else {
        return Ok(None);
    };
    // No look-up of names: the one that everybody writes is known.
    let address = match text.trim().strip_prefix("localhost:") {
        Some(port) => port
            .parse()
            .ok()
            .map(|port| SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), port)),
        None => text.trim().parse().ok(),
    };
    match address {
        Some(address) => Ok(Some(address)),
        None => Err(UsageError(format!(
            "{LISTEN} {text:?}: give an IP address and a port, such as 127.0.0.1:8000 or [::1]:0"
        ))),
    }
}

fn faults(args: &mut Arguments) -> Result<Faults, UsageError> {
    // Given several times it is as if given once with commas.
    let texts = options::texts(args, FAULT)?;
    if texts.is_empty() {
        return Ok(Faults::default());
    }
    Faults::parse(&texts.join(",")).map_err(|error| UsageError(format!("{FAULT} {error}")))
}

fn home_size(args: &mut Arguments) -> Result<Option<HomeSize>, UsageError> {
    let expected = format!("a number of bytes, at most {MAX_HOME_SIZE}");
    let Some(bytes) = options::parsed::<usize>(args, HOME_SIZE, &expected)? else {
        return Ok(None);
    };
    match HomeSize::new(bytes) {
        Some(size) => Ok(Some(size)),
        None => Err(UsageError(format!(
            "{HOME_SIZE} \"{bytes}\": give {expected}"
        ))),
    }
}

#[cfg(test)]
#[path = "shop_tests.rs"]
mod tests;
