//! Options: how requests look, how much of the answers is kept, and whose clock times them.

use super::spec::{Commands, Group, Opt, options};

options! { REQUEST_OPTIONS:
    /// Header fields.
    HEADER = Opt::new("--header", Group::Requests).short("-H").text("'Name: value'").repeatable()
        .help("add or override a header field; repeatable");

    /// Django's protection.
    CSRF = Opt::new("--csrf", Group::Requests)
        .help("fetch a CSRF token and cookie from a details page before the load, and send them with \
            every purchase")
        .help_of(&[(Commands::CHECK, "check that a CSRF token can be fetched")])
        .day_one("send Django's CSRF token with every purchase");

    /// The name of the program.
    USER_AGENT = Opt::new("--user-agent", Group::Requests).text("TEXT")
        .default(concat!("profilerclient/", env!("CARGO_PKG_VERSION")))
        .help("the User-Agent field");

    /// The limit of one body.
    MAX_BODY = Opt::new("--max-body", Group::Requests).value("BYTES").default("1M")
        .help("longest response body of a purchase: 65536, 512K or 4M");

    /// The limit of all bodies.
    MAX_MEMORY = Opt::new("--max-memory", Group::Requests).value("BYTES")
        .unset("a share of this machine's memory").ignored_by(Commands::CHECK)
        .help("limit for all response bodies in flight together: 64M or 2G; an iteration above it \
            fails, the run goes on");

    /// Whose clock.
    CLOCK = Opt::new("--clock", Group::Clocks).one_of(&["auto", "kernel", "user"], "auto|kernel|user")
        .default("auto").ignored_by(Commands::CHECK)
        .help("clock of the responses' arrival: the kernel's receive timestamps, or this process's \
            clock; auto is kernel where it is available");

    /// Transmit timestamps.
    TX_STAMPS = Opt::new("--tx-stamps", Group::Clocks).ignored_by(Commands::CHECK)
        .help("kernel timestamps of the requests' departure too (higher overhead, for precision runs)");
}
