//! Options: how much load, and when.

use super::spec::{Commands, Group, Opt, options};
use crate::settings::{self, usual_in_flight};

options! { LOAD_OPTIONS:
    /// Virtual users.
    CONCURRENT = Opt::new(settings::CONCURRENT, Group::Closed).short("-c").value("N,N,…").default("1")
        .help("virtual users; several numbers are the levels of a sweep, run in turn")
        .help_of(&[(Commands::CHECK, "check this machine's limits for N virtual users")])
        .day_one("virtual users; 1,10,100 is a sweep");

    /// Iterations per virtual user.
    REPEAT = Opt::new("--repeat", Group::Closed).value("N").ignored_by(Commands::CHECK)
        .unset("1; with --duration no limit")
        .help("iterations per virtual user");

    /// Between iterations.
    THINK_TIME = Opt::new("--think-time", Group::Closed).value("SPAN").default("0")
        .ignored_by(Commands::CHECK)
        .help("pause between two iterations: 200ms, or exp:200ms for exponentially distributed pauses \
            with that mean");

    /// The start of a load.
    RAMP_UP = Opt::new("--ramp-up", Group::Closed).value("SPAN").default("0")
        .ignored_by(Commands::CHECK)
        .help("spread the start of the virtual users over this time");

    /// Connections first.
    PRECONNECT = Opt::new("--preconnect", Group::Closed).ignored_by(Commands::CHECK)
        .help("make all connections first, then send all home requests in one sweep; times start at \
            the write, not at the connect");

    /// After an iteration without any answer.
    RETRY_DELAY = Opt::new("--retry-delay", Group::Closed).value("SPAN").default("10ms")
        .ignored_by(Commands::CHECK)
        .help("pause of a virtual user after an iteration without any answer (refused, reset); it \
            doubles with each such iteration, up to 1s");

    /// Arrivals.
    RATE = Opt::new("--rate", Group::Open).value("N/s").ignored_by(Commands::CHECK)
        .help("arrival rate, such as 500/s, 30/m or 5/h; ends with --duration or --count")
        .day_one("open workload: arrival rate, such as 500/s");

    /// Arrivals at a changing rate.
    STAGES = Opt::new("--stages", Group::Open).value("SPAN@RATE,…").ignored_by(Commands::CHECK)
        .help("arrival rate that changes linearly, from 0 to the first rate, from there to the next: \
            10s@100/s,30s@100/s,5s@0/s");

    /// How arrivals are spread.
    ARRIVALS = Opt::new("--arrivals", Group::Open)
        .one_of(&["constant", "poisson"], "constant|poisson").default("constant")
        .ignored_by(Commands::CHECK)
        .help("evenly spaced, or Poisson");

    /// How many arrivals.
    COUNT = Opt::new("--count", Group::Open).value("N").ignored_by(Commands::CHECK)
        .help("end after N arrivals");

    /// The limit of the open workload.
    MAX_IN_FLIGHT = Opt::new(settings::MAX_IN_FLIGHT, Group::Open).value("N")
        .unset(concat!("as many as descriptors and ports allow, at most ", usual_in_flight!()))
        .help("arrivals above this limit are dropped and recorded")
        .help_of(&[(Commands::CHECK, "check this machine's limits for N shoppers in flight")]);

    /// The end of a load.
    DURATION = Opt::new("--duration", Group::Both).value("SPAN").ignored_by(Commands::CHECK)
        .help("start no iterations after this time, such as 30s, 5m or 1h30m; those in flight finish")
        .day_one("start no iterations after this time, such as 30s");

    /// What comes before the recorded part.
    WARM_UP = Opt::new("--warm-up", Group::Both).value("N|SPAN").ignored_by(Commands::CHECK)
        .unset("none")
        .help("not recorded: N iterations (100), or iterations for a time (5s), before each level");

    /// All of it again.
    ROUNDS = Opt::new("--rounds", Group::Both).value("N").ignored_by(Commands::CHECK)
        .unset("1; with --variant 10")
        .help("repeat everything N times");

    /// Between levels and rounds.
    PAUSE = Opt::new("--pause", Group::Both).value("SPAN").default("0").ignored_by(Commands::CHECK)
        .help("pause between two levels or rounds");

    /// Connections are kept.
    KEEP_ALIVE = Opt::new("--keep-alive", Group::Both)
        .unset("one connection per request")
        .help("buy on the connection that fetched the home page, and keep it for the next iteration")
        .help_of(&[(Commands::CHECK, "count one connection for each shopper")])
        .day_one("keep connections; otherwise one per request");

    /// The random numbers.
    SEED = Opt::new("--seed", Group::Both).value("N").unset("random, is printed")
        .unset_of(&[(Commands::CHECK, "random")])
        .help("repeat the addresses, quantities, products, pauses and arrivals of an earlier run")
        .help_of(&[(Commands::CHECK, "decides what is bought")]);

    /// The limit of a request.
    TIMEOUT = Opt::new("--timeout", Group::Both).value("SPAN").default("300s")
        .help("limit for each request with its redirects: 300, 5s, 200ms; 0 is none")
        .help_of(&[(Commands::CHECK, "limit for each page (at most 30s) and for the purchase")])
        .day_one("limit for each request; 0 is none");

    /// The limit of a connect.
    CONNECT_TIMEOUT = Opt::new("--connect-timeout", Group::Both).value("SPAN")
        .unset("as --timeout")
        .help("limit for each connect; 0 is none")
        .help_of(&[(Commands::CHECK, "limit for each connect, at most 5s")]);
}
