//! Options: what is asked of this machine for the time of a load.

use super::spec::{Commands, Group, Opt, options};

const COMMANDS: Commands = Commands::LOADS
    .and(Commands::CHECK)
    .and(Commands::CALIBRATE);

options! { MACHINE_OPTIONS:
    /// All that makes launches punctual.
    PRECISE = Opt::new("--precise", Group::Machine).on(COMMANDS)
        .help("launch on time, at the cost of CPU: pin the event loop to the CPU with the least \
            interrupts, run it under SCHED_FIFO or a raised nice value, lock its memory, spin for at most \
            100 µs before each scheduled launch, and poll the network device. A burst or a \
            closed workload is pinned, raised and locked too; it has nothing to spin for without \
            --ramp-up or --think-time. What is not permitted is left out; -v and --json name it (see \
            help load)")
        .help_of(&[
            (Commands::CHECK, "check the CPU that --precise would take (also without this option)"),
            (Commands::CALIBRATE, "take the measures of --precise during each burst: one CPU, SCHED_FIFO or \
                a raised nice value, locked memory; a burst has nothing to spin for"),
        ]);

    /// The CPU.
    CPU = Opt::new("--cpu", Group::Machine).value("N").on(COMMANDS)
        .unset("any; with --precise the one with the least interrupts")
        .unset_of(&[(Commands::CHECK, "the one that --precise would take")])
        .help("pin the event loop to this CPU, with or without --precise")
        .help_of(&[(Commands::CHECK, "check this CPU")]);
}
