//! The command line of `profilerclient calibrate`.

use pico_args::Arguments;

use super::options::{Name, UsageError, finish, flag};
use crate::settings::CalibrateSettings;

/// What `profilerclient calibrate --help` prints.
pub const HELP: &str = "\
How far can this machine's figures be trusted? Some 10 s of bursts at a shop of the program's own,
whose answers are known by arithmetic.

USAGE
  profilerclient calibrate [--json] [-q]

      --json                   one JSON object: schema_version, floor, levels, within
  -q, --quiet                  the conclusion only
  -h, --help

WHAT IT DOES
  Floor: one shopper at a time at a shop that takes no time: the smallest figures there can be here.
  Levels: 1 to 1,000 shoppers at once, on connections made ahead, at a shop that works 5 or 50 ms on
  each purchase, without a limit or two at a time. The shop writes when it took a purchase up and
  when it let the answer go, on the same clock.

WHAT IT PRINTS
  reported       response times by arithmetic (first come, first served), by the kernel's receive
                 stamps, and by this process's clock
  off            shop: how late the shop was against arithmetic (its own, on this machine)
                 kernel clock, user clock: reported less true response time, the true one being
                 until the shop let the answer go; the way back over loopback is in it
  in             whether 99 of 100 errors are at most 1 % or 50 µs, whichever is larger

EXIT CODES
  0    done, whatever was found
  1    it could not be done
  2    the command line cannot be meant
  130  interrupted by SIGINT, 143 by SIGTERM
";

const JSON: Name = Name("", "--json", "--json");
const QUIET: Name = Name("-q", "--quiet", "--quiet");

/// Reads the flags.
pub fn parse(mut args: Arguments) -> Result<CalibrateSettings, UsageError> {
    let settings = CalibrateSettings {
        json: flag(&mut args, JSON),
        quiet: flag(&mut args, QUIET),
    };
    finish(args)?;
    Ok(settings)
}

#[cfg(test)]
#[path = "calibrate_tests.rs"]
mod tests;
