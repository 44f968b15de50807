//! Options: one run as several processes.

use super::spec::{Commands, Group, Opt, options};

options! { SHARD_OPTIONS:
    /// The share of this process.
    SHARD = Opt::new("--shard", Group::Shards).value("K/N|auto").on(Commands::RUN)
        .unset("the whole run")
        .help("launch the K-th of N shares of the run (from 1), needs --seed: virtual users by their \
            places, arrivals of one stream by their indices, so that N processes with the same options make up the \
            run of one. auto reads K and N from Slurm, a Kubernetes Indexed Job, Open MPI, PMI or GNU parallel \
            (see help shards)");

    /// The start of the load.
    START_AT = Opt::new("--start-at", Group::Shards).value("INSTANT").on(Commands::RUN)
        .unset("when all is ready")
        .help("get ready, then start at that instant of the wall clock: 2026-03-01T12:00:00Z, seconds \
            since 1970 or, by hand, +5s. One that is late counts from the instant");

    /// Late is too late.
    START_STRICT = Opt::new("--start-strict", Group::Shards).on(Commands::RUN)
        .help("send no load and exit with code 1 if --start-at has passed before all is ready");

    /// The parts of a run.
    SLOT = Opt::new("--slot", Group::Shards).value("SPAN").on(Commands::RUN)
        .help("start each part (a level in a round, and each warm-up) that much after the one before; one that \
            takes longer ends the run. Required for a sharded run of several parts");
}
