//! The entry of one option in the table.

/// A set of commands, one bit each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Commands(u16);

impl Commands {
    /// None of them.
    pub const NONE: Commands = Commands(0);
    /// The load itself, which has no command word.
    pub const RUN: Commands = Commands(1);
    /// `check`
    pub const CHECK: Commands = Commands(1 << 1);
    /// `calibrate`
    pub const CALIBRATE: Commands = Commands(1 << 2);
    /// `demo`
    pub const DEMO: Commands = Commands(1 << 3);
    /// `shop`
    pub const SHOP: Commands = Commands(1 << 4);
    /// `help`, `man`, `completions` and `version`, which have no own options.
    pub const TEXTS: Commands = Commands(1 << 5);
    /// `merge`
    pub const MERGE: Commands = Commands(1 << 12);
    /// `deploy`
    pub const DEPLOY: Commands = Commands(1 << 13);
    /// `shards`
    pub const SHARDS: Commands = Commands(1 << 14);
    /// `summary`
    pub const SUMMARY: Commands = Commands(1 << 6);
    /// `report`
    pub const REPORT: Commands = Commands(1 << 7);
    /// `compare`
    pub const COMPARE: Commands = Commands(1 << 8);
    /// All of them.
    pub const ALL: Commands = Commands(u16::MAX);
    /// Those that send a load.
    pub const LOADS: Commands = Commands::RUN.and(Commands::DEMO);
    /// Those that read rows back and take a selection of them.
    pub const READERS: Commands = Commands::SUMMARY
        .and(Commands::REPORT)
        .and(Commands::COMPARE);

    /// The union of two sets.
    pub const fn and(self, other: Commands) -> Commands {
        Commands(self.0 | other.0)
    }

    /// Whether the two have a command in common.
    pub const fn overlaps(self, other: Commands) -> bool {
        self.0 & other.0 != 0
    }
}

/// A section of the help, in the order of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    /// Which shop, and what is asked of it.
    Target,
    /// Variants that are compared.
    Variants,
    /// Source addresses.
    Source,
    /// What `check` looks at.
    Check,
    /// A number of virtual users.
    Closed,
    /// An arrival rate.
    Open,
    /// What both workloads take.
    Both,
    /// One run as several processes.
    Shards,
    /// What is asked of the machine.
    Machine,
    /// The requests.
    Requests,
    /// What is posted to an ordinary site, and what its answers mean.
    Site,
    /// TLS.
    Tls,
    /// Whose clock.
    Clocks,
    /// Which rows are read back.
    Selection,
    /// What is compared.
    Comparing,
    /// Rows and summary.
    Output,
    /// Where the built-in shop listens.
    Listen,
    /// How the built-in shop works.
    Service,
    /// How the built-in shop fails.
    Faults,
    /// Help and version.
    General,
}

impl Group {
    /// All of them, in the order of the page.
    pub const ALL: [Group; 20] = [
        Group::Target,
        Group::Variants,
        Group::Source,
        Group::Check,
        Group::Closed,
        Group::Open,
        Group::Both,
        Group::Shards,
        Group::Machine,
        Group::Requests,
        Group::Site,
        Group::Tls,
        Group::Clocks,
        Group::Selection,
        Group::Comparing,
        Group::Output,
        Group::Listen,
        Group::Service,
        Group::Faults,
        Group::General,
    ];

    /// The heading on the page of a command.
    pub fn title(self, command: Commands) -> &'static str {
        match self {
            Group::Closed if command == Commands::CHECK => "VIRTUAL USERS",
            Group::Open if command == Commands::CHECK => "OPEN WORKLOAD",
            Group::Both if command == Commands::CHECK => "CONNECTIONS AND LIMITS",
            Group::Target => "TARGET",
            Group::Variants => "VARIANTS (which configuration is better; see help variants)",
            Group::Source => "SOURCE ADDRESSES",
            Group::Check => "WHAT TO CHECK",
            Group::Closed => {
                "CLOSED WORKLOAD (N virtual users; without --repeat or --duration a burst)"
            }
            Group::Open => "OPEN WORKLOAD (arrivals at a rate, however long responses take)",
            Group::Both => "BOTH WORKLOADS",
            Group::Machine if command == Commands::DEPLOY => "JOB",
            Group::Shards => "ONE RUN AS SEVERAL PROCESSES (see help shards)",
            Group::Machine => "THIS MACHINE",
            Group::Requests => "REQUESTS",
            Group::Site => "ANY DJANGO SITE (forms, sessions, Server-Timing; see help django)",
            Group::Tls => "TLS (an https:// target; see help https)",
            Group::Clocks => "CLOCKS",
            Group::Selection => {
                "SELECTION (without it everything; several runs are listed, never pooled)"
            }
            Group::Comparing if command == Commands::RUN => {
                "COMPARISON (of variants, at the end of the run; see help variants)"
            }
            Group::Comparing => "COMPARISON",
            Group::Output => "OUTPUT",
            Group::Listen => "ADDRESS",
            Group::Service => "PAGES AND PURCHASES",
            Group::Faults => "FAULTS (for testing clients)",
            Group::General => "GENERAL",
        }
    }
}

/// What follows an option.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Takes {
    /// Nothing: a flag.
    Nothing,
    /// A value that does not look like an option.
    Value,
    /// Any text.
    Text,
    /// The name of a file.
    File,
    /// One of these words.
    OneOf(&'static [&'static str]),
}

/// One option: its texts, and what is needed to find it in a command line.
#[derive(Debug)]
pub struct Opt {
    /// `--target`. On a command line each `-` within may also be a `_`.
    pub long: &'static str,
    /// `-t`, or nothing.
    pub short: &'static str,
    /// Further long names.
    pub aliases: &'static [&'static str],
    /// What follows it.
    pub takes: Takes,
    /// The name of what follows in the help: `URL`.
    pub value: &'static str,
    /// Whether it may be given several times.
    pub is_repeatable: bool,
    /// What holds where it is not given, as it would be given; or nothing.
    pub default: &'static str,
    /// The default of another command, where it is another.
    pub default_of: &'static [(Commands, &'static str)],
    /// What holds where it is not given, in words, where that is not a value.
    pub unset: &'static str,
    /// The same on another command's page.
    pub unset_of: &'static [(Commands, &'static str)],
    /// Its section of the help.
    pub group: Group,
    /// The explanation: a phrase that begins with a verb or a noun, to be wrapped.
    pub help: &'static str,
    /// The explanation on another command's page.
    pub help_of: &'static [(Commands, &'static str)],
    /// Lines that follow the explanation as they are.
    pub details: &'static [&'static str],
    /// The explanation on the short page of `-h`; nothing leaves it out there.
    pub day_one: &'static str,
    /// The commands whose short page has it.
    pub day_one_of: Commands,
    /// The commands that take it.
    pub commands: Commands,
    /// Those of them that accept it and do nothing with it.
    pub ignored_by: Commands,
    /// Those of them that cannot do without it.
    pub required_by: Commands,
}

impl Opt {
    /// A flag of the load.
    pub const fn new(long: &'static str, group: Group) -> Opt {
        Opt {
            long,
            short: "",
            aliases: &[],
            takes: Takes::Nothing,
            value: "",
            is_repeatable: false,
            default: "",
            default_of: &[],
            unset: "",
            unset_of: &[],
            group,
            help: "",
            help_of: &[],
            details: &[],
            day_one: "",
            day_one_of: Commands::ALL,
            commands: Commands::LOADS.and(Commands::CHECK),
            ignored_by: Commands::NONE,
            required_by: Commands::NONE,
        }
    }

    /// Its short name.
    pub const fn short(mut self, short: &'static str) -> Opt {
        self.short = short;
        self
    }

    /// Further long names.
    pub const fn aliases(mut self, aliases: &'static [&'static str]) -> Opt {
        self.aliases = aliases;
        self
    }

    /// A value follows.
    pub const fn value(self, name: &'static str) -> Opt {
        self.takes(Takes::Value, name)
    }

    /// Text follows, which may look like an option.
    pub const fn text(self, name: &'static str) -> Opt {
        self.takes(Takes::Text, name)
    }

    /// The name of a file follows.
    pub const fn file(self, name: &'static str) -> Opt {
        self.takes(Takes::File, name)
    }

    /// One of these words follows.
    pub const fn one_of(self, words: &'static [&'static str], name: &'static str) -> Opt {
        self.takes(Takes::OneOf(words), name)
    }

    const fn takes(mut self, takes: Takes, value: &'static str) -> Opt {
        self.takes = takes;
        self.value = value;
        self
    }

    /// It may be given several times.
    pub const fn repeatable(mut self) -> Opt {
        self.is_repeatable = true;
        self
    }

    /// The value that holds where it is not given.
    pub const fn default(mut self, default: &'static str) -> Opt {
        self.default = default;
        self
    }

    /// The values that hold for other commands where it is not given.
    pub const fn default_of(mut self, default_of: &'static [(Commands, &'static str)]) -> Opt {
        self.default_of = default_of;
        self
    }

    /// What holds where it is not given, in words.
    pub const fn unset(mut self, unset: &'static str) -> Opt {
        self.unset = unset;
        self
    }

    /// The same on other commands' pages.
    pub const fn unset_of(mut self, unset_of: &'static [(Commands, &'static str)]) -> Opt {
        self.unset_of = unset_of;
        self
    }

    /// The explanation.
    pub const fn help(mut self, help: &'static str) -> Opt {
        self.help = help;
        self
    }

    /// The explanation on other commands' pages.
    pub const fn help_of(mut self, help_of: &'static [(Commands, &'static str)]) -> Opt {
        self.help_of = help_of;
        self
    }

    /// Lines after the explanation.
    pub const fn details(mut self, details: &'static [&'static str]) -> Opt {
        self.details = details;
        self
    }

    /// The explanation on the short page.
    pub const fn day_one(mut self, day_one: &'static str) -> Opt {
        self.day_one = day_one;
        self
    }

    /// The explanation on the short page of these commands only.
    pub const fn day_one_of(mut self, commands: Commands, day_one: &'static str) -> Opt {
        self.day_one_of = commands;
        self.day_one(day_one)
    }

    /// The commands that take it.
    pub const fn on(mut self, commands: Commands) -> Opt {
        self.commands = commands;
        self
    }

    /// The commands that accept it and do nothing with it.
    pub const fn ignored_by(mut self, commands: Commands) -> Opt {
        self.ignored_by = commands;
        self
    }

    /// The commands that cannot do without it.
    pub const fn required_by(mut self, commands: Commands) -> Opt {
        self.required_by = commands;
        self
    }

    /// Whether something follows it.
    pub fn takes_value(&self) -> bool {
        self.takes != Takes::Nothing
    }

    /// The explanation on the page of a command.
    pub fn help_for(&self, command: Commands) -> &'static str {
        let own = self.help_of.iter().find(|(of, _)| of.overlaps(command));
        own.map_or(self.help, |(_, help)| help)
    }

    /// The value that holds for a command where it is not given; may be empty.
    pub fn value_for(&self, command: Commands) -> &'static str {
        let own = (self.default_of.iter()).find(|(of, _)| of.overlaps(command));
        own.map_or(self.default, |(_, default)| default)
    }

    /// What holds where it is not given, as the page of a command shows it in brackets; may be empty.
    pub fn default_for(&self, command: Commands) -> &'static str {
        let own = self.unset_of.iter().find(|(of, _)| of.overlaps(command));
        let unset = own.map_or(self.unset, |(_, unset)| unset);
        match (self.value_for(command), unset) {
            _ if self.required_by.overlaps(command) => "required",
            ("", unset) => unset,
            (default, "") => default,
            (default, _) if default != self.default => default,
            (_, unset) => unset,
        }
    }
}

/// Declares options and a list of all of them in one go.
macro_rules! options {
    ($list:ident: $($(#[$doc:meta])* $name:ident = $opt:expr;)+) => {
        $($(#[$doc])* pub static $name: Opt = $opt;)+
        /// The options of this file, in the order of the help.
        pub static $list: &[&Opt] = &[$(&$name),+];
    };
}
pub(super) use options;
