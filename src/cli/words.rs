//! The words of a command line, classified by the table of options: which are options, which are their
//! values, which belong to neither.
//!
//! Names are unified here and nowhere else: `_` is read as `-`, aliases and short names as the long
//! name, and unique beginnings of the old client's seven options as those.

use std::ffi::OsString;

use super::commands::Command;
use super::error::Invalid;
use super::given::Given;
use super::suggest;
use super::table::{self, Opt, Takes};

/// How much help is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// `-h`
    ShortHelp,
    /// `--help`
    FullHelp,
    /// `-V`, `--version`
    Version,
}

/// A command line taken apart.
#[derive(Debug)]
pub struct Words {
    /// The options and their values.
    pub given: Given,
    /// The same in the order given.
    pub options: Vec<(&'static Opt, Option<String>)>,
    /// The words that belong to no option.
    pub operands: Vec<String>,
    /// A text that is asked for in place of the command.
    pub wanted: Option<Wanted>,
    /// What the user should know, one line each.
    pub notes: Vec<String>,
    /// The first thing that is wrong.
    pub error: Option<Invalid>,
}

impl Words {
    /// Takes the words that follow a command apart.
    pub fn read(command: &'static Command, argv: Vec<OsString>) -> Words {
        let mut reader = Reader {
            command,
            options: Vec::new(),
            words: Words {
                given: Given::default(),
                options: Vec::new(),
                operands: Vec::new(),
                wanted: None,
                notes: Vec::new(),
                error: None,
            },
        };
        let mut rest = argv.into_iter().peekable();
        while let Some(word) = rest.next() {
            if let Err(error) = reader.word(word, &mut rest) {
                reader.words.error.get_or_insert(error);
            }
        }
        let Reader { options, words, .. } = reader;
        Words {
            given: Given::new(options.clone()),
            options,
            ..words
        }
    }

    /// The options, where nothing is wrong and no word is left.
    pub fn into_given(self, command: &Command) -> Result<Given, Invalid> {
        if let Some(error) = self.error {
            return Err(error);
        }
        match self.operands.into_iter().next() {
            Some(left) => Err(suggest::argument(command, left)),
            None => Ok(self.given),
        }
    }
}

type Rest = std::iter::Peekable<std::vec::IntoIter<OsString>>;

struct Reader {
    command: &'static Command,
    options: Vec<(&'static Opt, Option<String>)>,
    words: Words,
}

impl Reader {
    fn word(&mut self, word: OsString, rest: &mut Rest) -> Result<(), Invalid> {
        let Ok(word) = word.into_string() else {
            return Err(Invalid::NotUtf8 {
                what: "the command line",
            });
        };
        if word.starts_with("--") && word.len() > 2 {
            self.long(&word, rest)
        } else if word.starts_with('-') && word.len() > 1 && word != "--" {
            self.short(&word, rest)
        } else {
            self.words.operands.push(word);
            Ok(())
        }
    }

    fn long(&mut self, word: &str, rest: &mut Rest) -> Result<(), Invalid> {
        let (name, value) = match word.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (word, None),
        };
        let name = unified(name);
        if let Some(opt) = table::by_long(self.command.id, &name) {
            return self.take(opt, value, rest, Wanted::FullHelp);
        }
        let opt = self.abbreviated(word, &name)?;
        match self.take(opt, value, rest, Wanted::FullHelp) {
            // Without a value it is rather the flag of another command: check --buy.
            Err(Invalid::NoValue { .. }) if table::all().any(|opt| opt.long == name) => {
                Err(suggest::option(self.command, word))
            }
            taken => taken,
        }
    }

    /// A unique beginning of one of the old client's options, as its parser took it.
    fn abbreviated(&mut self, word: &str, name: &str) -> Result<&'static Opt, Invalid> {
        let unknown = || Err(suggest::option(self.command, word));
        if !self.command.takes(&table::APP) || name.contains(|c: char| c.is_whitespace()) {
            return unknown();
        }
        let begins = |opt: &&&'static Opt| opt.long.starts_with(name);
        let found: Vec<&'static Opt> = OLD.iter().filter(begins).copied().collect();
        match found[..] {
            [] => unknown(),
            [opt] if self.command.takes(opt) => {
                let long = opt.long;
                self.words.notes.push(format!(
                    "{name} is read as {long}, as the old client read it: write {long}"
                ));
                Ok(opt)
            }
            [opt] => Err(suggest::option(self.command, opt.long)),
            _ => Err(Invalid::Ambiguous {
                given: name.to_owned(),
                candidates: found.iter().map(|opt| opt.long).collect(),
            }),
        }
    }

    fn short(&mut self, word: &str, rest: &mut Rest) -> Result<(), Invalid> {
        let end = word.chars().take(2).map(char::len_utf8).sum();
        let (name, attached) = word.split_at(end);
        let whole = unified(&format!("-{}", word.split('=').next().unwrap_or(word)));
        if !attached.is_empty() && table::all().any(|opt| opt.long == whole) {
            return Err(suggest::single_dash(self.command, word, &whole));
        }
        match table::by_short(self.command.id, name) {
            Some(opt) if attached.is_empty() => self.take(opt, None, rest, Wanted::ShortHelp),
            Some(opt) if opt.takes_value() => {
                let value = attached.strip_prefix('=').unwrap_or(attached);
                self.take(opt, Some(value.to_owned()), rest, Wanted::ShortHelp)
            }
            Some(opt) => match attached.strip_prefix('=') {
                Some(value) => Err(Invalid::FlagWithValue {
                    option: opt.long,
                    value: value.to_owned(),
                }),
                None => Err(suggest::cluster(self.command, word, opt)),
            },
            None => Err(suggest::option(self.command, word)),
        }
    }

    /// Takes an option with its value, which may be the next word.
    fn take(
        &mut self,
        opt: &'static Opt,
        value: Option<String>,
        rest: &mut Rest,
        help: Wanted,
    ) -> Result<(), Invalid> {
        let option = opt.long;
        // `--json=FILE`, `--json FILE.json`: without a name it is a flag.
        let may_name_file =
            std::ptr::eq(opt, &table::JSON) && self.command.takes(&table::SELECT_RUN);
        let value = match (may_name_file, value) {
            (true, None) => following_json(rest),
            (_, value) => value,
        };
        if may_name_file && value.is_some() {
            return self.take(&table::JSON_FILE, value, rest, help);
        }
        let value = match (opt.takes_value(), value) {
            (true, None) => Some(self.following(opt, rest)?),
            (false, Some(value)) => return Err(Invalid::FlagWithValue { option, value }),
            (_, value) => value,
        };
        if std::ptr::eq(opt, &table::HELP) {
            self.words.wanted = Some(help);
        } else if std::ptr::eq(opt, &table::VERSION) {
            self.words.wanted.get_or_insert(Wanted::Version);
        } else {
            let is_repeated = self.options.iter().any(|(one, _)| std::ptr::eq(*one, opt));
            self.options.push((opt, value));
            if is_repeated && !opt.is_repeatable {
                return Err(Invalid::Repeated { option });
            }
        }
        Ok(())
    }

    /// The next word as a value. Text may look like anything; another value that is the name of an
    /// option stands for a value that was forgotten.
    fn following(&self, opt: &'static Opt, rest: &mut Rest) -> Result<String, Invalid> {
        let option = opt.long;
        let example = match opt.takes {
            Takes::OneOf(words) => words.join(", "),
            _ => opt.value.to_owned(),
        };
        let missing = |hint: String| {
            Err(Invalid::NoValue {
                option,
                hint: format!("{hint} (see {} --help)", self.command.call()).into(),
            })
        };
        if opt.takes != Takes::Text
            && let Some(next) = rest.peek().and_then(|next| next.to_str())
            && self.is_option(next)
        {
            return missing(format!(
                "write {option} {example}, or {option}={next} if that is the value"
            ));
        }
        match rest.next().map(OsString::into_string) {
            Some(Ok(value)) => Ok(value),
            Some(Err(_)) => Err(Invalid::NotUtf8 { what: option }),
            None => missing(format!("write {option} {example}")),
        }
    }

    fn is_option(&self, word: &str) -> bool {
        let name = unified(word.split('=').next().unwrap_or(word));
        table::by_long(self.command.id, &name).is_some()
            || table::by_short(self.command.id, word).is_some()
    }
}

/// The next word, if it can only be the name of a file of JSON.
fn following_json(rest: &mut Rest) -> Option<String> {
    let is_json = |word: &OsString| word.to_str().is_some_and(|word| word.ends_with(".json"));
    rest.next_if(is_json)?.into_string().ok()
}

/// The options that the old client had.
static OLD: [&Opt; 7] = [
    &table::TARGET,
    &table::APP,
    &table::CONCURRENT,
    &table::TITLE,
    &table::PAGE_QUERY,
    &table::BUY_QUERY,
    &table::OUTPUT,
];

/// A name with `-` for each `_`.
fn unified(name: &str) -> String {
    name.replace('_', "-")
}

#[cfg(test)]
#[path = "words_tests.rs"]
mod tests;
