//! The options of a command line by name, read one after the other: what all commands share.

use std::ffi::OsString;
use std::str::FromStr;

use pico_args::Arguments;

use super::error::{Invalid, Wrong};
use super::table::{Opt, Takes};

/// The options that were given. Each is taken out when it is read.
#[derive(Clone, Debug)]
pub struct Given(Arguments);

/// In front of each value: then none of them can be taken for an option.
const MARK: char = '=';

impl Default for Given {
    fn default() -> Given {
        Given(Arguments::from_vec(Vec::new()))
    }
}

impl Given {
    /// Options with their values, those that take one.
    pub fn new(options: Vec<(&'static Opt, Option<String>)>) -> Given {
        let words = options.into_iter().flat_map(|(opt, value)| {
            let value = value.map(|value| OsString::from(format!("{MARK}{value}")));
            std::iter::once(OsString::from(opt.long)).chain(value)
        });
        Given(Arguments::from_vec(words.collect()))
    }

    /// Whether a flag is given.
    pub fn flag(&mut self, opt: &'static Opt) -> bool {
        self.0.contains(opt.long)
    }

    /// Whether an option with a value is given; it stays where it is.
    pub fn is_given(&self, opt: &'static Opt) -> bool {
        self.0.clone().contains(opt.long)
    }

    /// The texts of an option that may be repeated, in the order given.
    pub fn texts(&mut self, opt: &'static Opt) -> Result<Vec<String>, Invalid> {
        let text = |word: &str| {
            let text = word.strip_prefix(MARK).unwrap_or(word);
            Ok::<_, std::convert::Infallible>(text.to_owned())
        };
        self.0
            .values_from_fn(opt.long, text)
            .map_err(|_| Invalid::NoValue {
                option: opt.long,
                hint: opt.value.into(),
            })
    }

    /// The text of an option.
    pub fn text(&mut self, opt: &'static Opt) -> Result<Option<String>, Invalid> {
        Ok(self.texts(opt)?.pop())
    }

    /// The text of an option, or its default.
    pub fn text_or_default(&mut self, opt: &'static Opt) -> Result<String, Invalid> {
        Ok(self.text(opt)?.unwrap_or_else(|| opt.default.to_owned()))
    }

    /// The value of an option.
    pub fn value<T>(
        &mut self,
        opt: &'static Opt,
        read: impl FnOnce(&str) -> Result<T, Wrong>,
    ) -> Result<Option<T>, Invalid> {
        self.text(opt)?
            .map(|text| read(&text).map_err(|wrong| invalid(opt, text, wrong)))
            .transpose()
    }

    /// The value of an option, or its default.
    pub fn value_or_default<T>(
        &mut self,
        opt: &'static Opt,
        read: impl FnOnce(&str) -> Result<T, Wrong>,
    ) -> Result<T, Invalid> {
        let text = self.text_or_default(opt)?;
        read(&text).map_err(|wrong| invalid(opt, text, wrong))
    }

    /// The values of an option that may be repeated.
    pub fn values<T>(
        &mut self,
        opt: &'static Opt,
        read: impl Fn(&str) -> Result<T, Wrong>,
    ) -> Result<Vec<T>, Invalid> {
        self.texts(opt)?
            .into_iter()
            .map(|text| read(&text).map_err(|wrong| invalid(opt, text, wrong)))
            .collect()
    }

    /// A number, with what it should be in the error.
    pub fn number<T: FromStr>(
        &mut self,
        opt: &'static Opt,
        expected: &'static str,
    ) -> Result<Option<T>, Invalid> {
        self.value(opt, |text| number(text, expected))
    }

    /// The value that belongs to the word given: `values` are in the order of the table's words.
    pub fn one_of<T: Copy, const N: usize>(
        &mut self,
        opt: &'static Opt,
        values: [T; N],
    ) -> Result<T, Invalid> {
        let Takes::OneOf(words) = opt.takes else {
            unreachable!("{} takes one of several words", opt.long);
        };
        let text = self.text_or_default(opt)?;
        match words.iter().position(|word| *word == text.trim()) {
            Some(place) => Ok(values[place]),
            None => {
                let (last, first) = words.split_last().expect("a choice has words");
                let hint = format!("give {} or {last}", first.join(", "));
                Err(invalid(opt, text, Wrong::hint(hint)))
            }
        }
    }

    /// Leaves an option unread.
    pub fn leave(&mut self, opt: &'static Opt) {
        match opt.takes_value() {
            true => drop(self.texts(opt)),
            false => drop(self.flag(opt)),
        }
    }

    /// Ends the reading.
    ///
    /// # Panics
    ///
    /// If an option was not read that the table gives to the command (a test reads all of them).
    pub fn finish(self) {
        let left = self.0.finish();
        assert!(left.is_empty(), "not read: {left:?}");
    }
}

/// A number, or what it should be.
pub fn number<T: FromStr>(text: &str, expected: &'static str) -> Result<T, Wrong> {
    let hint = || Wrong::hint(format!("give {expected}"));
    text.trim().parse().map_err(|_| hint())
}

/// The error of a value.
pub fn invalid(opt: &'static Opt, value: String, wrong: Wrong) -> Invalid {
    Invalid::Value {
        option: opt.long,
        value,
        wrong,
    }
}
