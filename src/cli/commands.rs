//! The commands: their names, what they are for, and what their help says beside the options.

mod readers;
mod shards;

use super::table::{Commands, Opt};

pub use readers::{COMPARE, REPORT, SUMMARY};
pub use shards::{DEPLOY, MERGE, SHARDS};

/// One command.
#[derive(Debug)]
pub struct Command {
    /// Which one, as the table of options names it.
    pub id: Commands,
    /// The command word; empty for the load itself.
    pub name: &'static str,
    /// What follows the word, beside options.
    pub operands: &'static str,
    /// One line.
    pub summary: &'static str,
    /// Command lines and what they do.
    pub usage: &'static [(&'static str, &'static str)],
    /// Paragraphs below the summary, to be wrapped.
    pub about: &'static [&'static str],
    /// Sections after the options: a heading, and lines that stand as they are.
    pub sections: &'static [(&'static str, &'static [&'static str])],
    /// Exit codes and their meaning, to be wrapped.
    pub exit_codes: &'static [(&'static str, &'static str)],
}

impl Command {
    /// The command as it is called: `profilerclient check`.
    pub fn call(&self) -> String {
        match self.name {
            "" => "profilerclient".to_owned(),
            name => format!("profilerclient {name}"),
        }
    }

    /// Whether it takes that option.
    pub fn takes(&self, opt: &Opt) -> bool {
        opt.commands.overlaps(self.id)
    }
}

/// Exit codes of a load.
const LOAD_CODES: &[(&str, &str)] = &[
    (
        "0",
        "the run was done and written, even if purchases failed",
    ),
    ("1", "the run could not be done or not be written"),
    ("2", "invalid command line; nothing was sent"),
    (
        "3",
        "all is written, but a threshold (--fail-if) is met, or cannot be evaluated; or the comparison of variants \
         is not as --fail-if-slower or --fail-if-different demands",
    ),
    (
        "4",
        "with --strict, --strict-pace: all is written, but the run was client-limited (the summary says why)",
    ),
    (
        "129",
        "interrupted by SIGHUP; every shopper in flight has a row that says so",
    ),
    ("130", "interrupted by SIGINT, likewise"),
    ("143", "interrupted by SIGTERM, likewise"),
];

const SERVICE_CODES: &[(&str, &str)] = &[
    ("0", "done"),
    ("1", "it could not be done"),
    ("2", "invalid command line"),
    ("130", "interrupted by SIGINT"),
    ("143", "interrupted by SIGTERM"),
];

const TEXT_CODES: &[(&str, &str)] = &[("0", "printed"), ("2", "invalid command line")];

/// The load itself.
pub static RUN: Command = Command {
    id: Commands::RUN,
    name: "",
    operands: "",
    summary: "load generator and latency instrument for Django shops",
    usage: &[
        ("profilerclient demo -c 1000", "try it on the built-in shop"),
        (
            "profilerclient -t URL -d APP [options]",
            "send shoppers to a shop",
        ),
        (
            "profilerclient check -t URL -d APP",
            "pre-flight check, no load",
        ),
    ],
    about: &[
        "Each shopper opens the home page and buys a product: one iteration. Each iteration leaves one \
         CSV row that joins what the client measured with what the server (and a second server behind \
         it) reported about itself. The load is a burst, a closed workload (N virtual users, each \
         iteration followed by the next) or an open workload (arrivals at a rate).",
    ],
    sections: &[(
        "COMMAND LINE",
        &[
            "  Long names may be written with _ for -. Values follow after a space or =,",
            "  those of short names also directly: -c1000. SPAN is 300, 250us, 5ms, 1.5s,",
            "  2m, 1h30m (no unit: seconds). With -o - standard output is for the rows, and",
            "  the summary goes to standard error.",
        ],
    )],
    exit_codes: LOAD_CODES,
};

/// The load at a built-in shop.
pub static DEMO: Command = Command {
    id: Commands::DEMO,
    name: "demo",
    operands: "",
    summary: "send a load to the built-in shop, started for this run",
    usage: &[
        ("profilerclient demo -c 1000", "a burst of 1000 shoppers"),
        (
            "profilerclient demo -c 20 --duration 5s",
            "20 virtual users for 5 s",
        ),
        (
            "profilerclient demo --rate 500/s --duration 5s",
            "500 arrivals per second",
        ),
    ],
    about: &[
        "A first run without a shop of your own, with --tls over HTTPS. The built-in shop is started on a \
         free port of this machine and stopped after the run. It answers in microseconds, so that this \
         client sets the pace of a large burst; the summary says so. Where there is a second CPU, the client \
         keeps to one (which --cpu chooses) and the shop to the others. It takes the options of a load, \
         except for those that name a shop (-t, --connect-to, --resolve).",
    ],
    sections: &[],
    exit_codes: LOAD_CODES,
};

/// The pre-flight check.
pub static CHECK: Command = Command {
    id: Commands::CHECK,
    name: "check",
    operands: "",
    summary: "pre-flight check of the shop and of this machine",
    usage: &[
        ("profilerclient check -t URL -d APP", "GET requests only"),
        (
            "profilerclient check -t URL -d APP -c 1000 --buy",
            "also buys one piece",
        ),
    ],
    about: &[
        "A handful of requests, no load, no CSV. It takes the options of a load, so that a command line \
         can be checked by putting the word check in front of it. It prints one line for each check: ok, \
         warn (a run works, with restrictions), fail (a run would not work) or skip (not checked), each \
         with the finding and a hint.",
    ],
    sections: &[(
        "CHECKS",
        &[
            "  resolve, connect           addresses of the target, the one that answers",
            "  bind                       whether the --bind addresses are this machine's",
            "  tls                        https: version, cipher suite, group, time",
            "  certificate, expiry        https: names, issuer, chain, trust, days left",
            "  resumption                 https: whether sessions are resumed",
            "  home                       status, redirects, bytes, time",
            "  keep-alive                 whether the server keeps a connection if asked to",
            "  products                   whether the ids are linked on the home page",
            "  server clock               its Date field against this machine's clock",
            "  django, sessions           any site: signs of Django; cookies; which of them",
            "  secure cookies             are Secure, and lost over plain http",
            "  server timing, form        any site: metrics; fields of the form, to copy",
            "  csrf                       whether a details page has a token; with --buy:",
            "                             whether it is needed",
            "  purchase, report           with --buy: the sale, the figures in the report",
            "  report clock               with --buy: its times against this clock",
            "  own clock                  whether a time service keeps it",
            "  descriptors, source ports  for N shoppers",
            "  backlog                    listen backlog, for a shop on this machine",
            "  kernel stamps              whether the kernel stamps what it receives",
            "  cpu                        the CPU of --cpu, or that --precise would take;",
            "                             what disturbs it is a warning with either option",
            "  governor, turbo            its frequency",
            "  smt sibling, steal         other CPUs of its core; time lost to others",
            "  virtualization             whether this is a virtual machine",
            "  timer slack                how late time-outs may end",
            "  nic interrupts             share of those of network cards on that CPU",
        ],
    )],
    exit_codes: &[
        ("0", "no check failed"),
        ("1", "a check failed"),
        ("2", "invalid command line; nothing was sent"),
        ("130", "interrupted by SIGINT"),
        ("143", "interrupted by SIGTERM"),
    ],
};

/// The calibration.
pub static CALIBRATE: Command = Command {
    id: Commands::CALIBRATE,
    name: "calibrate",
    operands: "",
    summary: "measure the error of this machine's figures",
    usage: &[(
        "profilerclient calibrate [--tls] [--json] [-q]",
        "bursts on loopback",
    )],
    about: &[
        "The program buys from its built-in shop, whose response times follow from arithmetic, and \
         compares. Run it on an idle machine; on a busy one it shows by how much other work disturbs.",
        "Floor: one shopper at a time at a shop that takes no time, the smallest figures possible here. \
         Levels: 1 to 1000 shoppers in a burst, on connections made ahead, at a shop with a service time \
         of 5 or 50 ms, or of 2 ms with two purchases at a time. The shop notes when it took a purchase up and \
         when it sent the answer, on the same clock.",
    ],
    sections: &[(
        "WHAT IT PRINTS",
        &[
            "  reported  response times by arithmetic (first come, first served), by the",
            "            kernel's receive timestamps, and by this process's clock",
            "  off       shop: how late the shop was against arithmetic (it shares this",
            "            machine); kernel clock, user clock: error, reported less true",
            "            response time; the true one ends when the shop sends the answer,",
            "            so the way over loopback is in it",
            "  in        whether 99 of 100 errors are at most 1 % or 50 µs, whichever is",
            "            larger",
        ],
    )],
    exit_codes: SERVICE_CODES,
};

/// The built-in shop.
pub static SHOP: Command = Command {
    id: Commands::SHOP,
    name: "shop",
    operands: "",
    summary: "run the built-in shop, a standard for testing clients",
    usage: &[
        ("profilerclient shop", "listens on 127.0.0.1:8000"),
        (
            "profilerclient shop --tls-cert PEM --tls-key PEM",
            "over HTTPS",
        ),
        (
            "profilerclient shop --service-time 5ms --workers 4",
            "sells 800 per second",
        ),
    ],
    about: &[
        "It prints its address on one line (http://127.0.0.1:8000, with a certificate https://) and serves until SIGINT or SIGTERM. \
         Apps: rdbms (products 2, 3, 4, 5) and cassandra (five UUIDs). GET /stats reports what has \
         arrived.",
    ],
    sections: &[],
    exit_codes: SERVICE_CODES,
};

/// The help.
pub static HELP: Command = Command {
    id: Commands::TEXTS,
    name: "help",
    operands: "[COMMAND|TOPIC|OPTION]",
    summary: "explain a command, a topic or an option",
    usage: &[
        ("profilerclient help", "commands and topics"),
        ("profilerclient help check", "everything about a command"),
        ("profilerclient help load", "a topic"),
        ("profilerclient help --rate", "an option"),
    ],
    about: &[],
    sections: &[],
    exit_codes: TEXT_CODES,
};

/// The man page.
pub static MAN: Command = Command {
    id: Commands::TEXTS,
    name: "man",
    operands: "",
    summary: "print the man page (roff)",
    usage: &[
        ("profilerclient man | man -l -", "read it"),
        ("profilerclient man > profilerclient.1", "keep it"),
    ],
    about: &[],
    sections: &[],
    exit_codes: TEXT_CODES,
};

/// The completions.
pub static COMPLETIONS: Command = Command {
    id: Commands::TEXTS,
    name: "completions",
    operands: "bash|zsh|fish",
    summary: "print completions for a shell",
    usage: &[
        (
            "source <(profilerclient completions bash)",
            "bash, in ~/.bashrc",
        ),
        (
            "profilerclient completions zsh > _profilerclient",
            "zsh, in a folder of $fpath",
        ),
        (
            "profilerclient completions fish | source",
            "fish, in config.fish",
        ),
    ],
    about: &[],
    sections: &[],
    exit_codes: TEXT_CODES,
};

/// The version.
pub static VERSION: Command = Command {
    id: Commands::TEXTS,
    name: "version",
    operands: "",
    summary: "print the version",
    usage: &[("profilerclient version", "the same as --version")],
    about: &[],
    sections: &[],
    exit_codes: TEXT_CODES,
};

/// All commands, in the order of the help; the load itself is the first.
pub static ALL: &[&Command] = &[
    &RUN,
    &DEMO,
    &CHECK,
    &CALIBRATE,
    &SHOP,
    &SUMMARY,
    &COMPARE,
    &REPORT,
    &SHARDS,
    &MERGE,
    &DEPLOY,
    &HELP,
    &MAN,
    &COMPLETIONS,
    &VERSION,
];

/// The command of that name; not the load itself, which has none.
pub fn by_name(name: &str) -> Option<&'static Command> {
    let named = |command: &&&'static Command| !command.name.is_empty() && command.name == name;
    ALL.iter().find(named).copied()
}

/// The commands that take an option, as they are called.
pub fn that_take(opt: &Opt) -> impl Iterator<Item = &'static Command> + use<'_> {
    ALL.iter().copied().filter(|command| command.takes(opt))
}
