//! The one table of options: everything that is said of an option, and everything needed to find it in
//! a command line, is defined only here. Parsing, every help page, the man page, the
//! completions of shells and README's table come from it.

mod comparing;
mod deploy;
mod load;
mod machine;
mod output;
mod requests;
mod selection;
mod shard;
mod shop;
mod site;
mod spec;
mod target;
mod tls;
mod variants;

pub use comparing::*;
pub use deploy::*;
pub use load::*;
pub use machine::*;
pub use output::*;
pub use requests::*;
pub use selection::*;
pub use shard::*;
pub use shop::*;
pub use site::*;
pub use spec::{Commands, Group, Opt, Takes};
pub use target::*;
pub use tls::*;
pub use variants::*;

/// All options, in the order of the help.
pub fn all() -> impl Iterator<Item = &'static Opt> {
    [
        TARGET_OPTIONS,
        VARIANT_OPTIONS,
        LOAD_OPTIONS,
        SHARD_OPTIONS,
        MACHINE_OPTIONS,
        REQUEST_OPTIONS,
        SITE_OPTIONS,
        TLS_OPTIONS,
        SELECTION_OPTIONS,
        COMPARE_OPTIONS,
        OUTPUT_OPTIONS,
        SHOP_OPTIONS,
        DEPLOY_OPTIONS,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// The options that a command takes.
pub fn of(command: Commands) -> impl Iterator<Item = &'static Opt> {
    all().filter(move |opt| opt.commands.overlaps(command))
}

/// The option of a command that has this long name (written with `-`, with the dashes in front).
pub fn by_long(command: Commands, name: &str) -> Option<&'static Opt> {
    of(command).find(|opt| opt.long == name || opt.aliases.contains(&name))
}

/// The option of a command that has this short name (with the dash in front).
pub fn by_short(command: Commands, name: &str) -> Option<&'static Opt> {
    of(command).find(|opt| !opt.short.is_empty() && opt.short == name)
}

#[cfg(test)]
#[path = "table_tests.rs"]
mod tests;
