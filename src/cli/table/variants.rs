//! Options: variants that are compared, and the commands that switch between them.

use super::spec::{Commands, Group, Opt, options};

const WITH_TARGET: Commands = Commands::RUN.and(Commands::CHECK);

options! { VARIANT_OPTIONS:
    /// A variant.
    VARIANT = Opt::new("--variant", Group::Variants).text("NAME|NAME=URL").on(WITH_TARGET).repeatable()
        .help("a variant to compare; give two or more. NAME=URL is a target of its own, in place of -t; NAME \
            alone is a configuration of the one target of -t, switched to by --prepare or --serve. Every round \
            runs each variant at each level once, in an order drawn from the seed (see help variants)");

    /// The command that switches to a variant.
    PREPARE = Opt::new("--prepare", Group::Variants).text("COMMAND").on(WITH_TARGET)
        .ignored_by(Commands::CHECK)
        .help("run this before each part (/bin/sh -c) to switch to the variant: {variant} is its name, quoted \
            for the shell; VARIANT, ROUND, LEVEL and TARGET are in the environment. It must return; a status other \
            than 0 ends the run");

    /// The command of a server in the foreground.
    SERVE = Opt::new("--serve", Group::Variants).text("COMMAND").on(WITH_TARGET)
        .ignored_by(Commands::CHECK)
        .help("start this server before each part and end its process group after it (SIGTERM, after 10s \
            SIGKILL); it has to stay in the foreground. {variant} and the environment as for --prepare");

    /// The command at the end.
    CLEANUP = Opt::new("--cleanup", Group::Variants).text("COMMAND").on(WITH_TARGET)
        .ignored_by(Commands::CHECK)
        .help("run this once at the end of the run, however it ends");

    /// The limit of a command.
    PREPARE_TIMEOUT = Opt::new("--prepare-timeout", Group::Variants).value("SPAN").default("60s")
        .on(WITH_TARGET).ignored_by(Commands::CHECK)
        .help("limit for each run of --prepare and for --cleanup; 0 is none");

    /// The limit of the wait for the target.
    READY_TIMEOUT = Opt::new("--ready-timeout", Group::Variants).value("SPAN").default("30s")
        .on(WITH_TARGET).ignored_by(Commands::CHECK)
        .help("after --prepare or --serve, wait this long for the target to answer a GET of the home page, \
            with any status");
}
