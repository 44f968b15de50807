//! Options: what is compared with what, and what follows.

use super::spec::{Commands, Group, Opt, options};

/// Where there is a comparison: of rows read back, and of the variants of a run.
const COMPARISONS: Commands = Commands::COMPARE.and(Commands::RUN).and(Commands::CHECK);

options! { COMPARE_OPTIONS:
    /// What makes the sides.
    BY = Opt::new("--by", Group::Comparing)
        .one_of(
            &["auto", "file", "title", "variant", "level", "run"],
            "auto|file|title|variant|level|run",
        )
        .default("auto").on(Commands::COMPARE)
        .help("compare files, titles, variants, levels or runs; auto: several files, otherwise the first of \
            variant, title, level and run of which there are several")
        .day_one("what to compare");

    /// The side that others are compared with.
    BASELINE = Opt::new("--baseline", Group::Comparing).text("NAME").on(COMPARISONS).ignored_by(Commands::CHECK)
        .unset("the first")
        .help("compare the others with this side: its name, or the number or id of a run")
        .help_of(&[(Commands::RUN, "compare the other variants with this one")])
        .day_one_of(Commands::COMPARE, "compare the others with this side");

    /// The metric that decides.
    METRIC = Opt::new("--metric", Group::Comparing).value("METRIC").default("buy.p50")
        .on(COMPARISONS).ignored_by(Commands::CHECK)
        .help("the primary metric: it is tested at the full level, and decides the exit code. buy or home with \
            .p50 .p90 .p99 .p99.9 or .mean; purchases_per_second, errors, server.p50, server.p99, \
            queueing.p50, service.p50, after.p50; what the server said of its own times, such as \
            buy.timing.db.p99 or home.timing.db:queries.mean")
        .day_one_of(Commands::COMPARE, "the metric that decides");

    /// What does not matter.
    MARGIN = Opt::new("--margin", Group::Comparing).value("SHARE").default("5%")
        .on(COMPARISONS).ignored_by(Commands::CHECK)
        .help("differences up to this share of the baseline do not matter (of errors: percentage points)")
        .day_one_of(Commands::COMPARE, "differences up to this do not matter");

    /// The level of the intervals.
    CONFIDENCE = Opt::new("--confidence", Group::Comparing).value("SHARE").default("95%")
        .on(COMPARISONS).ignored_by(Commands::CHECK)
        .help("level of the intervals, 50% to 99.9%: divided among the sides compared with the baseline, and \
            among the secondary metrics");

    /// The risk of separate runs.
    ACCEPT_SEPARATE = Opt::new("--accept-separate", Group::Comparing).on(Commands::COMPARE)
        .help("give verdicts for runs that were not interleaved, marked so. They may differ by the drift of the \
            machine alone: in simulations 54 to 86 % of equal sides do");

    /// The findings of a calibration.
    FLOOR = Opt::new("--floor", Group::Comparing).file("FILE").on(COMPARISONS).ignored_by(Commands::CHECK)
        .help("warn of differences below the floor of this machine, from the file of calibrate --json");

    /// Exit code.
    FAIL_IF_SLOWER = Opt::new("--fail-if-slower", Group::Comparing).on(COMPARISONS).ignored_by(Commands::CHECK)
        .help("exit with code 3 if the primary metric is SLOWER (a rate LOWER, errors or a count HIGHER) than the \
            baseline's, or if the verdict is CANNOT TELL")
        .day_one_of(Commands::COMPARE, "exit code 3 if it is slower, or CANNOT TELL");

    /// Exit code.
    FAIL_IF_DIFFERENT = Opt::new("--fail-if-different", Group::Comparing).on(COMPARISONS).ignored_by(Commands::CHECK)
        .help("exit with code 3 if the primary metric differs in either direction, DIFFERENT BUT SMALL \
            included, or if the verdict is CANNOT TELL");

    /// Exit code.
    ALLOW_UNKNOWN = Opt::new("--allow-unknown", Group::Comparing).on(COMPARISONS).ignored_by(Commands::CHECK)
        .help("with the two above: exit with code 0 where the verdict is CANNOT TELL");

    /// The page.
    COMPARE_HTML = Opt::new("--html", Group::Output).file("FILE").on(Commands::COMPARE)
        .help("make an HTML page of the comparison: ratios with intervals, the shift over the quantiles, blocks \
            over time");
}
