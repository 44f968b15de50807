//! The commands of runs that are divided into shards.

use super::{Command, Commands, TEXT_CODES};

/// The run as several processes of this machine.
pub static SHARDS: Command = Command {
    id: Commands::SHARDS,
    name: "shards",
    operands: "N",
    summary: "send a load by N processes on this machine, and merge it",
    usage: &[
        (
            "profilerclient shards 2 -- -t URL -d APP -c 1000",
            "one burst by two",
        ),
        ("profilerclient shards 4 -- FLAGS", "the load of FLAGS"),
    ],
    about: &[
        "One event loop is one core: this is for a load that needs more of them. Each of N processes of this program \
         launches its share of one seeded plan, all start at one instant, and their rows are merged into one file \
         with one summary: the run has the shoppers and due times that one process would have. FLAGS are the options of \
         the run. Those that judge or show it (--fail-if, --strict, --json, --html, -o, ...) go to the merge, \
         the others to every process. A seed is drawn and printed if none is given.",
        "The start is 1 s + 20 ms for each process ahead, unless --start-at is given; a run of several parts requires \
         --slot. Each process is pinned to a CPU of its own (--cpu) if there are enough and --cpu is not given. \
         The file of -o has to be new or empty; this is checked before the load.",
        "Until the merge, rows and logs of the processes are in a directory beside the file. It is removed once \
         all is merged; if a process failed or was killed it is kept and named.",
    ],
    sections: &[],
    exit_codes: &[
        (
            "0",
            "the run was done, merged and written, even if purchases failed",
        ),
        ("1", "the run could not be done, or not be merged"),
        ("2", "invalid command line; nothing was sent"),
        (
            "3",
            "a shard is missing or broken (PARTIAL), or a threshold (--fail-if) is met, or cannot be evaluated",
        ),
        (
            "4",
            "with --strict, --strict-pace: the run was client-limited",
        ),
        (
            "129",
            "interrupted by SIGHUP; what was launched has rows and is merged",
        ),
        ("130", "interrupted by SIGINT, likewise"),
        ("143", "interrupted by SIGTERM, likewise"),
    ],
};

/// The shards' files made into one.
pub static MERGE: Command = Command {
    id: Commands::MERGE,
    name: "merge",
    operands: "FILE...",
    summary: "merge the rows of a run's shards, and summarize the run",
    usage: &[
        ("profilerclient merge rows-*.csv -o report.csv", "one run"),
        (
            "profilerclient merge rows-*.csv -o report.csv --strict",
            "judge it",
        ),
    ],
    about: &[
        "Reads what the shards of one run wrote (--shard K/N: rows and FILE.runs.jsonl beside them), and writes all \
         rows by part, then by start, and the lines of one run beside them. Percentiles are made from the rows, \
         never from percentiles; thresholds and --strict judge the merged run. summary, report and compare take \
         the merged file as any other.",
        "Refused are files of different plans, seeds, start instants or numbers of shards, a shard given twice, runs \
         that were not sharded, and an -o file that is not empty. A shard that is missing or broken (no file, cut, \
         killed) is left out and named, PARTIAL: nothing is extrapolated to it, and the exit code is 3.",
        "The summary says how far apart the shards started, and within which bounds: each shard brackets the shop's \
         clock by its purchases, so that the skew of any two machines' clocks is bounded without trusting NTP.",
    ],
    sections: &[],
    exit_codes: &[
        ("0", "all shards are merged"),
        ("1", "the files are not of one run, or could not be merged"),
        ("2", "invalid command line"),
        (
            "3",
            "a shard is missing or broken (PARTIAL), or a threshold (--fail-if) is met, or cannot be evaluated",
        ),
        (
            "4",
            "with --strict, --strict-pace: the run was client-limited",
        ),
    ],
};

/// The run for an engine.
pub static DEPLOY: Command = Command {
    id: Commands::DEPLOY,
    name: "deploy",
    operands: "slurm|kubernetes",
    summary: "print the job of a sharded run for Slurm or Kubernetes",
    usage: &[
        (
            "profilerclient deploy slurm --shards 4 -- FLAGS | sbatch",
            "Slurm",
        ),
        (
            "profilerclient deploy kubernetes --shards 4 -- FLAGS",
            "for kubectl",
        ),
    ],
    about: &[
        "Prints a batch script or a manifest to standard output; nothing is sent. FLAGS are the \
         options of the run: -t URL -d APP -c 4000. Those that judge or show it (--fail-if, \
         --strict, --json, -o, ...) go to the merge at the end, the others to every shard. A seed is drawn if none is given. Every line is explained in a comment.",
        "slurm: one task for each shard, one on each node; the start is computed when the job starts; merge is the last \
         step. kubernetes: an Indexed Job; the start is that long after the printing, and a shard that is late \
         refuses. How to fetch the rows and merge them stands in the comments.",
    ],
    sections: &[],
    exit_codes: TEXT_CODES,
};
