//! The command line of `profilerclient check`: that of a run, and `--buy`.

use pico_args::Arguments;

use super::options::{Name, UsageError, flag};
use super::run;
use crate::settings::CheckSettings;

/// What `profilerclient check --help` prints.
pub const HELP: &str = "\
Is the shop there, and can this machine measure it? A handful of requests, no load, no report file.

USAGE
  profilerclient check -t URL -d APP [-c N] [options]

It takes the options of a run, so a run's command line can be checked by putting the word check in
front; those that have no meaning here are accepted and ignored. One line for each check:

  ok   name: finding
  warn name: finding: what to do    a run works, but not all of it will be as it should
  fail name: finding: what to do    a run would not work
  skip name: what is missing        not checked

WHERE TO
  -t, --target URL             scheme, host and port of the shop: http://127.0.0.1:8000
  -d, --app-dirname APP        the app's path segment: rdbms, cassandra, …
  -p, --page-query TEXT        what follows /APP in the home request          [empty]
  -b, --buy-query TEXT         what follows /APP in the purchase              [/{!s}/purchase/1/]
      --products ID,ID,…       the ids on sale, or auto              [those of rdbms, cassandra]
      --connect-to HOST:PORT   connect there instead
      --resolve HOST:PORT:ADDRESS,…
                               the addresses of the target, or of --connect-to

WHERE FROM
      --bind ADDRESS,NET/BITS,…
                               source addresses: all are tried, requests come from the first

WHAT TO CHECK
      --buy                    make one purchase, of one piece; without it only GETs are sent
  -c, --concurrent N,N,…       check the limits of this machine for so many shoppers, the most of
                               several levels  [1]
      --max-in-flight N        the same, with --rate or --stages
      --keep-alive             count one connection for each shopper
      --csrf                   the run will send a CSRF token: see that it can be had
      --seed N                 decides what is bought, and by whom            [random]
      --timeout SPAN           for each page, at most 30s, and for the purchase  [300]
      --connect-timeout SPAN   for each connect, at most 5s                   [as --timeout]

REQUESTS
  -H, --header 'Name: value'   add or override a header field (repeatable)
      --user-agent TEXT        [profilerclient/VERSION]
      --max-body BYTES         longest body of a purchase, such as 512K or 4M [1M]

OUTPUT
      --json                   one JSON object: schema_version, target, app, checks (name, status,
                               finding, hint), ok
  -q, --quiet                  only what is warn or fail
  -h, --help

ACCEPTED AND IGNORED
  -a, --benchmark-title; -o, --output; --repeat; --duration; --think-time; --ramp-up; --rate;
  --stages; --arrivals; --count; --warm-up; --rounds; --pause; --preconnect; --clock; --tx-stamps;
  --phases; --fail-if; --strict; --utc; -v, --verbose

CHECKS
  resolve, connect             the target's addresses, and the one that answers
  bind                         with --bind: whether the source addresses are this machine's
  home                         status, redirects, bytes, time
  keep-alive                   whether the server keeps a connection open when asked to
  products                     whether the ids are linked on the home page
  server clock                 its Date field against this machine's clock, with the bounds
  csrf                         whether a details page has a token; with --buy whether it is needed
  purchase, report             with --buy: the sale, and the figures in the server's report
  report clock                 with --buy: the report's times against this machine's clock
  own clock                    whether a time service keeps it
  descriptors, source ports    for N shoppers
  backlog                      how many connections may wait at a shop on this machine
  kernel stamps                whether the kernel stamps what it receives

EXIT CODES
  0    no check failed
  1    a check failed
  2    the command line cannot be meant; nothing was sent
  130  interrupted by SIGINT, 143 by SIGTERM
";

const BUY: Name = Name("", "--buy", "--buy");

/// Reads the flags of a check.
pub fn parse(args: Arguments) -> Result<CheckSettings, UsageError> {
    let (run, buy) = run::parse_with(args, None, |args| flag(args, BUY))?;
    Ok(CheckSettings {
        shop: run.shop,
        net: run.net,
        load: run.load,
        seed: run.seed,
        show: run.show,
        buy,
    })
}

#[cfg(test)]
#[path = "check_tests.rs"]
mod tests;
