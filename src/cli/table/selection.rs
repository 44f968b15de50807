//! Options: which of the rows that are read back.

use super::spec::{Commands, Group, Opt, options};

options! { SELECTION_OPTIONS:
    /// Titles.
    SELECT_TITLE = Opt::new("--title", Group::Selection).text("TEXT").repeatable()
        .on(Commands::READERS)
        .help("runs with this title; repeatable: with one of them")
        .day_one("runs with this title; repeatable");

    /// Levels.
    SELECT_LEVEL = Opt::new("--level", Group::Selection).value("N,N,…").repeatable()
        .on(Commands::READERS)
        .help("of the runs only the parts with that many virtual users; a list, or repeatable")
        .day_one("only the parts with N virtual users");

    /// Runs.
    SELECT_RUN = Opt::new("--run", Group::Selection).value("RUN").repeatable()
        .on(Commands::READERS)
        .help("the run with this number in the list or this id, or the beginning of the id; also last \
            and all, and several such as 1,3; repeatable")
        .day_one("the run of this number or id; also last, all");

    /// Time.
    SELECT_SINCE = Opt::new("--since", Group::Selection).text("WHEN")
        .on(Commands::READERS)
        .help("runs that began then or later: 2h (the last 2 hours; 30m, 7d), 2015-01-03, \
            '2015-01-03 00:33:34' (local time), 2015-01-03T00:33:34Z, or seconds since the Unix epoch")
        .day_one("runs that began then or later: 2h, 2015-01-03");

    /// Damaged rows.
    LENIENT = Opt::new("--lenient", Group::Selection)
        .on(Commands::READERS)
        .help("skip rows that cannot be understood, and count them; the first of them is an error otherwise, in \
            runs that are not selected too (a list of runs reads only the columns that it shows)")
        .day_one("skip and count rows that cannot be understood");
}
