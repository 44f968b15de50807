//! Options: rows, summary, exit codes, help.

use super::spec::{Commands, Group, Opt, options};

const REPORTING: Commands = Commands::LOADS
    .and(Commands::CHECK)
    .and(Commands::CALIBRATE)
    .and(Commands::SUMMARY)
    .and(Commands::MERGE)
    .and(Commands::COMPARE);

/// The commands with the summary of a load.
const SUMMARIZING: Commands = Commands::LOADS
    .and(Commands::CHECK)
    .and(Commands::SUMMARY)
    .and(Commands::MERGE);

/// Those of them that make a file of rows, and judge a run.
const SUMMARIZED: Commands = Commands::LOADS.and(Commands::CHECK).and(Commands::MERGE);

options! { OUTPUT_OPTIONS:
    /// The CSV.
    OUTPUT = Opt::new("--output", Group::Output).short("-o").file("FILE").default("report.csv")
        .on(SUMMARIZED).ignored_by(Commands::CHECK)
        .help_of(&[(Commands::MERGE, "the merged CSV: a new or an empty file")])
        .help("the CSV, appended to; - is standard output (the summary then goes to standard error)")
        .day_one("CSV, appended to; - is standard output");

    /// The page.
    PAGE = Opt::new("--output", Group::Output).short("-o").file("FILE").default("report.html")
        .on(Commands::REPORT)
        .help("the HTML page; - is standard output");

    /// The title column.
    TITLE = Opt::new("--benchmark-title", Group::Output).short("-a").aliases(&["--title"])
        .text("TEXT").unset("empty")
        .ignored_by(Commands::CHECK)
        .help("title, written in every row; --title is the same")
        .day_one("title, written in every row");

    /// Free text of a run.
    NOTE = Opt::new("--note", Group::Output).text("TEXT").ignored_by(Commands::CHECK)
        .help("note on this run, kept in FILE.runs.jsonl and in the JSON summary");

    /// No file of runs.
    NO_RUNS_FILE = Opt::new("--no-runs-file", Group::Output).ignored_by(Commands::CHECK)
        .help("write no FILE.runs.jsonl beside the CSV (it keeps what rows cannot: settings, machine, \
            counts of each part)");

    /// More columns.
    PHASES = Opt::new("--phases", Group::Output).ignored_by(Commands::CHECK)
        .help("30 more columns: the phases of each request (connect, TLS, send, wait, receive), its clock, \
            its port, the times between client and server, and Server-Timing (see help columns)");

    /// Times in UTC.
    UTC = Opt::new("--utc", Group::Output).ignored_by(Commands::CHECK).unset("local time")
        .help("write times in UTC, with Z");

    /// Thresholds.
    FAIL_IF = Opt::new("--fail-if", Group::Output).text("CONDITION").repeatable()
        .on(SUMMARIZING.and(Commands::COMPARE)).ignored_by(Commands::CHECK)
        .help("exit with code 3 if this threshold is met, or cannot be evaluated; repeatable. A figure, \
            one of > >= < <=, and a limit, in quotes (help thresholds lists the figures):")
        .details(&[
            "'buy.p99>300ms'  of home, buy, server, rest, form: .min .mean .max .p50 …",
            "'buy.timing.db.p99>50ms'  what the server said of its own times",
            "'errors>1%'      shoppers without a purchase; also home.errors, …",
            "'rate<100'       successful purchases per second",
        ])
        .day_one("exit code 3 if met, such as 'buy.p99>300ms'");

    /// Client-limited runs.
    STRICT = Opt::new("--strict", Group::Output).on(SUMMARIZED).ignored_by(Commands::CHECK)
        .help("exit with code 4 if the latencies of home pages or purchases cannot be trusted, since too \
            much of them is this client's (see help trust)");

    /// Client-limited runs, the pace included.
    STRICT_PACE = Opt::new("--strict-pace", Group::Output).on(SUMMARIZED).ignored_by(Commands::CHECK)
        .help("the same, and also if the pace (rate and density of the requests) was limited by this client, \
            not by the server");

    /// JSON on standard output.
    JSON = Opt::new("--json", Group::Output).on(REPORTING)
        .help("print the summary as one JSON object (help json lists its keys)")
        .help_of(&[
            (Commands::CHECK, "print one JSON object: schema_version, target, app, checks (name, status, \
                finding, hint), ok"),
            (Commands::CALIBRATE, "print one JSON object: schema_version, floor, levels, within, \
                precise"),
            (Commands::COMPARE, "print the comparison as one JSON object (help json lists its keys)"),
            (Commands::SUMMARY, "print one JSON object: the summary of the run (help json), or the list of \
                runs; with a name after it (--json=FILE, --json FILE.json) into that file"),
        ])
        .day_one("print the result as one JSON object");

    /// JSON in a file.
    JSON_FILE = Opt::new("--json-file", Group::Output).file("FILE").on(SUMMARIZING).ignored_by(Commands::CHECK)
        .help("write the JSON summary to this file, beside the text on the terminal");

    /// The page.
    HTML = Opt::new("--html", Group::Output).file("FILE")
        .on(SUMMARIZED).ignored_by(Commands::CHECK)
        .help("make an HTML page of this run when it is done, as the command report does");

    /// Colour.
    COLOR = Opt::new("--color", Group::Output)
        .one_of(&["auto", "always", "never"], "auto|always|never").default("auto")
        .on(SUMMARIZING.and(Commands::COMPARE))
        .help("colour of the summary; auto: on a terminal, unless NO_COLOR is set")
        .help_of(&[(Commands::CHECK, "colour of ok, warn and fail; auto: on a terminal, unless NO_COLOR \
            is set")]);

    /// The progress line.
    PROGRESS = Opt::new("--progress", Group::Output)
        .one_of(&["auto", "log", "never"], "auto|log|never").default("auto")
        .ignored_by(Commands::CHECK)
        .help("progress on standard error: a line on a terminal (auto), a timestamped line every few \
            seconds (log, for CI), or none");

    /// Less.
    QUIET = Opt::new("--quiet", Group::Output).short("-q").on(REPORTING)
        .help("print errors only")
        .help_of(&[
            (Commands::CHECK, "print only what is warn or fail"),
            (Commands::CALIBRATE, "print the conclusion only"),
            (Commands::COMPARE, "print nothing; the exit code tells"),
            (Commands::SUMMARY, "print no text; errors, and exit code 3 of --fail-if"),
        ]);

    /// More.
    VERBOSE = Opt::new("--verbose", Group::Output).short("-v").on(SUMMARIZING).ignored_by(Commands::CHECK)
        .help("print all figures, and the addresses, limits and clocks that are used")
        .help_of(&[
            (Commands::SUMMARY, "print all figures"),
            (Commands::MERGE, "print all figures"),
        ]);

    /// Help.
    HELP = Opt::new("--help", Group::General).short("-h").on(Commands::ALL)
        .help("print help: -h what most people need, --help everything");

    /// Version.
    VERSION = Opt::new("--version", Group::General).short("-V").on(Commands::ALL)
        .help("print the version");
}
