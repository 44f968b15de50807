//! The commands that read rows back.

use super::{Command, Commands};

/// The summaries of rows read back.
pub static SUMMARY: Command = Command {
    id: Commands::SUMMARY,
    name: "summary",
    operands: "FILE...",
    summary: "summarize rows read back, or list their runs",
    usage: &[
        ("profilerclient summary report.csv", "the run, or the runs"),
        (
            "profilerclient summary report.csv --run last --json",
            "one of several runs",
        ),
        (
            "zcat old.csv.gz | profilerclient summary -",
            "rows from a pipe",
        ),
    ],
    about: &[
        "Reads rows, and FILE.runs.jsonl beside them where it exists, and prints the summary that the run printed. \
         Rows of all versions are read: 28 columns or more, and the 19 or 21 of the old client. Without \
         FILE.runs.jsonl (as on standard input) runs are distinguished by title, concurrency and pauses, and what \
         rows do not carry is missing; times without an offset are then of this machine's zone.",
        "One run: its summary. Several runs are never pooled: without a selection they are listed, with number, \
         begin, title, load, rows and successful purchases; each selected run gets a summary of its own. In JSON \
         one run is the object of help json, several are an object with the array runs: number, id, files, \
         title, began, load, levels, rows, bought, guessed, incomplete, and, if selected, summary.",
        "A row that cannot be understood is an error that names file, line and column. With --lenient it is \
         skipped and counted (rows_skipped). A last row that was cut is left out with a warning.",
    ],
    sections: &[],
    exit_codes: &[
        ("0", "printed"),
        ("1", "a file cannot be read, or a row cannot be understood"),
        ("2", "invalid command line, or no run is as selected"),
        (
            "3",
            "printed, but a threshold (--fail-if) is met by a run, or cannot be evaluated",
        ),
    ],
};

/// The comparison.
pub static COMPARE: Command = Command {
    id: Commands::COMPARE,
    name: "compare",
    operands: "FILE...",
    summary: "tell which configuration is better, by rows read back",
    usage: &[
        ("profilerclient compare report.csv", "the variants of a run"),
        (
            "profilerclient compare report.csv --by level",
            "the levels of a sweep",
        ),
        (
            "profilerclient compare old.csv new.csv",
            "runs made one after the other",
        ),
    ],
    about: &[
        "Compares sides (variants, levels, files, titles or runs) with a baseline: one table for each pair of \
         sides, with metric, both figures, the change with its interval, and a verdict. FASTER or SLOWER \
         (HIGHER or LOWER): there is a difference, and it may be beyond the margin. DIFFERENT BUT SMALL: there is \
         one, within the margin. SAME: any difference is within the margin. CANNOT TELL: neither, with the rounds \
         that would settle it.",
        "The unit is the round, not the request: requests of one run share the machine, its caches and its queue. \
         Rounds of variants in one run (--variant) are compared block by block (Hodges-Lehmann estimate, exact \
         signed-rank interval; 6 rounds or more). Runs made one after the other drift apart by themselves: their \
         verdict is CANNOT TELL (not interleaved), unless --accept-separate takes that risk. Single runs stand \
         side by side, with intervals within each run: CANNOT TELL (single runs).",
        "Failed, dropped and not launched shoppers count as infinitely slow: shedding load does not \
         win. Means and server metrics have no verdict where purchases failed. Times that \
         servers send (Server-Timing) have their median and p99 in the table, buy.timing.db.p50; \
         --metric takes p50, p90, p99, p99.9 and mean of each, and of counts (buy.timing.db:queries). They divide \
         the error among themselves. Errors are compared by difference.",
        "Runs of different loads, or that took place at the same time, are refused.",
    ],
    sections: &[],
    exit_codes: &[
        ("0", "compared"),
        ("1", "a file cannot be read, or the runs cannot be compared"),
        ("2", "invalid command line, or there is only one side"),
        (
            "3",
            "compared, but --fail-if-slower or --fail-if-different is met, or the verdict is CANNOT TELL; or a \
             threshold (--fail-if) is met by a run or a variant",
        ),
    ],
};

/// The page of rows read back.
pub static REPORT: Command = Command {
    id: Commands::REPORT,
    name: "report",
    operands: "FILE...",
    summary: "make an HTML page with charts from rows read back",
    usage: &[
        ("profilerclient report report.csv", "writes report.html"),
        (
            "profilerclient report old.csv new.csv -o page.html",
            "the runs of both",
        ),
        (
            "zcat old.csv.gz | profilerclient report -",
            "rows from a pipe",
        ),
    ],
    about: &[
        "Makes one self-contained HTML file: it needs no network and no JavaScript, and has the figures of every \
         chart as a table. Rows of every version are read, those of the old client too; FILE.runs.jsonl beside \
         them adds what rows cannot carry. - is standard input. Several runs are distinguished and never pooled. \
         The name of the page is printed.",
        "Up to 6 runs have charts, the latest ones of the selection, and fewer where the page would be larger than 1 MB; \
         the latest 500 are listed.",
    ],
    sections: &[],
    exit_codes: &[
        ("0", "the page was made"),
        (
            "1",
            "a file cannot be read, a row cannot be understood, or the page cannot be written",
        ),
        ("2", "invalid command line, or no run is as selected"),
    ],
};
