//! Everything that is made of the tables of options and commands to be read.

mod completions;
mod man;
mod page;
#[cfg(test)]
mod readme;
mod topics;
mod wrap;

use super::commands::{self, Command};
use super::table;

pub use man::man;
pub use page::{full, overview, short};

/// The completions of a shell.
pub fn completions(shell: &str) -> Option<String> {
    match shell {
        "bash" => Some(completions::bash()),
        "zsh" => Some(completions::zsh()),
        "fish" => Some(completions::fish()),
        _ => None,
    }
}

/// The names of the topics.
pub fn topic_names() -> Vec<&'static str> {
    topics::ALL.iter().map(|topic| topic.name).collect()
}

/// What the help says about a command, a topic or an option. A topic says more than the page of a command of the
/// same name, which it points to.
pub fn about(word: &str) -> Option<String> {
    if let Some(topic) = topics::ALL.iter().find(|topic| topic.name == word) {
        return Some(topic.text.to_owned());
    }
    if let Some(command) = command(word) {
        return Some(full(command));
    }
    let name = word.split('=').next().unwrap_or(word).replace('_', "-");
    let long = format!("--{}", name.trim_start_matches('-'));
    let is_meant = |opt: &&table::Opt| {
        opt.long == long || opt.aliases.contains(&long.as_str()) || opt.short == name
    };
    let found: Vec<_> = table::all().filter(is_meant).collect();
    (!found.is_empty()).then(|| {
        found
            .into_iter()
            .map(page::option)
            .collect::<Vec<_>>()
            .join("\n")
    })
}

/// The command of that name; the load itself is found as `run`.
fn command(word: &str) -> Option<&'static Command> {
    match word {
        "run" | "profilerclient" => Some(&commands::RUN),
        name => commands::by_name(name),
    }
}

#[cfg(test)]
#[path = "help_tests.rs"]
mod tests;
