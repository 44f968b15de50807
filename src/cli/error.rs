//! What can be wrong with a command line, and how it is said: one line that names the input and a hint.

use std::borrow::Cow;
use std::fmt;

use crate::exit::Error;
use crate::text::{Printable, shortened};

/// Why a value is refused: what is wrong with it (may be empty, where the hint says it), and the hint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// What is wrong.
    pub what: Cow<'static, str>,
    /// What to do about it.
    pub hint: Cow<'static, str>,
}

impl Wrong {
    /// What is wrong, and the hint.
    pub fn new(what: impl Into<Cow<'static, str>>, hint: impl Into<Cow<'static, str>>) -> Wrong {
        Wrong {
            what: what.into(),
            hint: hint.into(),
        }
    }

    /// Only a hint, which makes clear what is wrong.
    pub fn hint(hint: impl Into<Cow<'static, str>>) -> Wrong {
        Wrong::new("", hint)
    }
}

/// An invalid command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invalid {
    /// A value cannot be used.
    Value {
        /// The option's long name.
        option: &'static str,
        /// What was given.
        value: String,
        /// Why not.
        wrong: Wrong,
    },
    /// An option lacks its value.
    NoValue {
        /// The option's long name.
        option: &'static str,
        /// The hint.
        hint: Cow<'static, str>,
    },
    /// A flag has a value.
    FlagWithValue {
        /// The option's long name.
        option: &'static str,
        /// What was given.
        value: String,
    },
    /// A value is not UTF-8.
    NotUtf8 {
        /// The option's long name, or what else it is.
        what: &'static str,
    },
    /// An option that is given once is given again.
    Repeated {
        /// The option's long name.
        option: &'static str,
    },
    /// Two options, or an option and a command, that cannot be combined.
    Conflict {
        /// The option's long name.
        option: &'static str,
        /// What it cannot be combined with.
        with: Cow<'static, str>,
        /// The hint.
        hint: Cow<'static, str>,
    },
    /// An option that means nothing without another.
    Requires {
        /// The option's long name.
        option: &'static str,
        /// What it requires.
        requires: Cow<'static, str>,
        /// The hint.
        hint: Cow<'static, str>,
    },
    /// A required option is missing.
    Missing {
        /// The option's long name, or the operand.
        option: &'static str,
        /// The hint.
        hint: Cow<'static, str>,
    },
    /// Several old options begin like this.
    Ambiguous {
        /// As it was given.
        given: String,
        /// Their long names.
        candidates: Vec<&'static str>,
    },
    /// An option, argument, command or topic that does not exist here.
    Unknown {
        /// What kind of thing it is.
        kind: Kind,
        /// As it was given.
        given: String,
        /// The hint.
        hint: Cow<'static, str>,
        /// How the help is called that lists what exists.
        help: String,
    },
    /// The message of a part of the core about one of its values.
    Said(String),
}

/// What does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// An option.
    Option,
    /// A word that belongs to no option.
    Argument,
    /// A command.
    Command,
    /// A topic of the help.
    Topic,
}

impl Kind {
    fn unknown(self) -> &'static str {
        match self {
            Kind::Option => "unknown option",
            Kind::Argument => "unexpected argument",
            Kind::Command => "unknown command",
            Kind::Topic => "unknown topic",
        }
    }
}

/// The most characters that are quoted of what was given.
const LONGEST: usize = 120;

impl Invalid {
    /// The message of another part of the program about one of its values.
    pub fn said(error: impl fmt::Display) -> Invalid {
        Invalid::Said(error.to_string())
    }

    fn text(&self) -> String {
        match self {
            Invalid::Value {
                option,
                value,
                wrong: Wrong { what, hint },
            } => {
                let value = shortened(value, LONGEST);
                match what.as_ref() {
                    "" => format!("{option} {value:?}: {hint}"),
                    what => format!("{option} {value:?}: {what}: {hint}"),
                }
            }
            Invalid::NoValue { option, hint } => format!("{option} requires a value: {hint}"),
            Invalid::FlagWithValue { option, value } => {
                let value = shortened(value, LONGEST);
                format!("{option} takes no value, but {value:?} is given: leave the value out")
            }
            Invalid::NotUtf8 { what } => {
                format!("{what}: the text is not UTF-8: write it as UTF-8")
            }
            Invalid::Repeated { option } => format!("{option} is given twice: give it once"),
            Invalid::Conflict { option, with, hint } => {
                format!("{option} cannot be combined with {with}: {hint}")
            }
            Invalid::Requires {
                option,
                requires,
                hint,
            } => format!("{option} requires {requires}: {hint}"),
            Invalid::Missing { option, hint } => format!("{option} is missing: {hint}"),
            Invalid::Ambiguous { given, candidates } => {
                let candidates = candidates.join(" or ");
                format!("{given:?} is ambiguous: write {candidates}")
            }
            Invalid::Unknown {
                kind,
                given,
                hint,
                help,
            } => {
                let (what, given) = (kind.unknown(), shortened(given, LONGEST));
                match hint.as_ref() {
                    "" => format!("{what} {given:?} (see {help})"),
                    hint => format!("{what} {given:?}: {hint} (see {help})"),
                }
            }
            Invalid::Said(text) => text.clone(),
        }
    }
}

impl fmt::Display for Invalid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Printable(&self.text()).fmt(f)
    }
}

impl std::error::Error for Invalid {}

impl From<Invalid> for Error {
    fn from(invalid: Invalid) -> Error {
        Error::Usage(invalid.text())
    }
}
