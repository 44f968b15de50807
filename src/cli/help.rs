//! The text of `--help`.

/// Help for the main job.
pub const RUN: &str = "\
profilerclient: load for a Django shop, one CSV row for each shopper

Each shopper opens the home page and buys a product. Each leaves one row that joins what the client
measured with what the server (and a second server behind it) reported of itself. Shoppers come all
at once, so many at a time for as long as you like, or by the clock.

USAGE
  profilerclient -t URL -d APP [-c N] [options]   send the shoppers
  profilerclient check -t URL -d APP [options]    no load: is all as it should be? (check --help)
  profilerclient calibrate [--json] [-q]          how far this machine's figures can be trusted
  profilerclient demo [-c N] [options]            the same against a shop of its own
  profilerclient shop [options]                   run that shop alone (see shop --help)

WHERE TO
  -t, --target URL             scheme, host and port of the shop: http://127.0.0.1:8000
  -d, --app-dirname APP        the app's path segment: rdbms, cassandra, …
  -p, --page-query TEXT        what follows /APP in the home request          [empty]
  -b, --buy-query TEXT         what follows /APP in the purchase; {!s}, {} and {product_id} stand
                               for the product id                             [/{!s}/purchase/1/]
      --products ID,ID,…       the ids on sale; auto reads them once from the home page's links
                               /APP/ID/details/ before the run       [those of rdbms, cassandra]
      --connect-to HOST:PORT   connect there instead; all that is sent still names the target
      --resolve HOST:PORT:ADDRESS,…
                               the addresses of the target, or of --connect-to, without asking for
                               them (repeatable)

WHERE FROM
      --bind ADDRESS,NET/BITS,…
                               source addresses of this machine, used in turn, connection by
                               connection: 127.0.0.2,127.0.1.0/28; each has all source ports

LOAD: SO MANY AT A TIME (a burst, unless more is said: all at once, once)
  -c, --concurrent N,N,…       shoppers at a time; several numbers are levels, run in turn   [1]
      --repeat N               purchases on each place: who is through is followed by the next
                               [1, or as many as --duration has time for]
      --duration SPAN          nobody begins after 30s, 5m; who is on the way comes to an end
      --think-time SPAN        between one and the next: 200ms, or exp:200ms, exponentially
                               distributed with that mean                     [0]
      --ramp-up SPAN           the first ones are spread over it              [0]
      --preconnect             make all connections first, then send all home requests in one
                               sweep; times then start at the write, not at the connect

LOAD: BY THE CLOCK, however slow the shop is (in place of -c)
      --rate N/s               arrivals: 500/s, 30/m; ends with --duration or --count
      --stages SPAN@RATE,…     from 0 to the first rate, from there to the next, linear each time:
                               10s@100/s,30s@100/s,5s@0/s
      --arrivals constant|poisson
                               at equal distances, or independent of one another    [constant]
      --count N                so many in all
      --max-in-flight N        who comes beyond them is not launched, and leaves a row that says so
                               [what descriptors and ports allow, 10000 at most]

LOAD OF BOTH KINDS
      --warm-up N|SPAN         so many purchases (100), or so long (5s), before each level; no rows
      --rounds N               all of it so many times, level after level     [1]
      --pause SPAN             between one level or round and the next        [0]
      --keep-alive             buy on the connection that fetched the home page, and leave it to who
                               follows; otherwise each request has its own
      --seed N                 the same shoppers again: addresses, quantities, products, pauses and
                               arrivals                                       [random, is printed]
      --timeout SPAN           for each request with its redirects: 300, 5s, 200ms; 0: none  [300]
      --connect-timeout SPAN   for each connect                               [as --timeout]

REQUESTS
  -H, --header 'Name: value'   add or override a header field (repeatable)
      --csrf                   fetch a CSRF token and cookie from a details page before the run and
                               send them with every purchase
      --user-agent TEXT        [profilerclient/VERSION]
      --max-body BYTES         longest body of a purchase, such as 512K or 4M [1M]

CLOCKS
      --clock kernel|user|auto whose clock says when responses arrive: the kernel's receive stamps
                               or this process's                   [auto: kernel where it can]
      --tx-stamps              the kernel also says when requests left: dearer, for precision runs

OUTPUT
  -o, --output FILE            the CSV, appended to; - for standard output    [report.csv]
  -a, --benchmark-title TEXT   written in every row
      --phases                 19 more columns: the parts of each request (connect, send, wait,
                               receive), whose clock it has, its port, and the purchase's way to
                               the server and back
      --fail-if CONDITION      exit code 3 where it comes true, or cannot be told (repeatable): a
                               figure, > >= < or <=, and a limit, in quotes:
                                 'buy.p99>300ms'  home, buy, server, rest with .min .mean .max .p50
                                                  … .p99.999; 1.5s, 300ms, 100us, bare numbers are
                                                  seconds
                                 'errors>1%'      shoppers who did not buy; home.errors, buy.errors,
                                                  server.errors, rest.errors; 1% or 0.01
                                 'rate<100'       purchases_per_second
      --strict                 exit code 4 where the summary's verdict is that this client, not the
                               server, limited the run
      --utc                    times in UTC, marked Z                         [local time]
      --json                   the summary as one JSON object
  -q, --quiet                  errors only
  -v, --verbose                also addresses, limits and clock
  -h, --help
  -V, --version

Long names may be written with _ for -, values after a space or =, short ones also as in -c1000.
With -o - the rows have standard output for themselves, and the summary goes to standard error.

EXIT CODES
  0    the run was done and written, even where purchases failed
  1    the run could not be done or not be written
  2    the command line cannot be meant; nothing was sent
  3    a --fail-if condition came true, or could not be told; all is written
  4    with --strict: all is written, but the figures are this client's own (the summary says why)
  130  interrupted by SIGINT, 143 by SIGTERM; what was in flight is in the file as interrupted
";

#[cfg(test)]
#[path = "help_tests.rs"]
mod tests;
