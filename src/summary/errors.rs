//! What went wrong, grouped.

use crate::row::Source;
use crate::row::failure::{Failure, FailureKind};
use crate::row::server_report::ServerFigures;
use crate::text::shortened;

/// Error groups that are told apart; a server that never says the same twice must not fill the
/// memory.
pub(super) const MAX_GROUPS: usize = 200;

/// Characters of a server's error message that are kept, and compared.
pub(super) const MAX_MESSAGE: usize = 200;

/// Errors, grouped.
#[derive(Clone, Debug, Default)]
pub struct Errors {
    groups: Vec<ErrorGroup>,
    ungrouped: u64,
}

/// Errors that are alike.
#[derive(Clone, Debug, PartialEq)]
pub struct ErrorGroup {
    /// Where they arose.
    pub place: Source,
    /// What they are.
    pub what: ErrorKind,
    /// How many.
    pub count: u64,
    /// What was particular about the first of them.
    pub example: Option<Box<str>>,
}

/// What an error is.
#[derive(Clone, Debug, PartialEq)]
pub enum ErrorKind {
    /// A failure on the client's side.
    Client(FailureKind),
    /// A server's message, as it came but shortened.
    Message(Box<str>),
    /// A server said `result: false` and not why.
    NoMessage,
    /// A report with odd values, of which the others were kept; no failure of the purchase.
    OddReport(Box<str>),
}

impl ErrorKind {
    /// What can be done about it, where the cause is known.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            ErrorKind::Client(kind) => kind.hint(),
            ErrorKind::Message(_) | ErrorKind::NoMessage | ErrorKind::OddReport(_) => None,
        }
    }
}

impl std::fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ErrorKind::Client(kind) => kind.fmt(f),
            ErrorKind::Message(message) => f.write_str(message),
            ErrorKind::NoMessage => f.write_str("refused without an error message"),
            ErrorKind::OddReport(what) => write!(f, "odd report, its other values hold: {what}"),
        }
    }
}

impl Errors {
    /// The groups, the most frequent first; of equals, the first to appear.
    pub fn most_frequent(&self) -> Vec<&ErrorGroup> {
        let mut groups: Vec<&ErrorGroup> = self.groups.iter().collect();
        groups.sort_by_key(|group| std::cmp::Reverse(group.count));
        groups
    }

    /// Errors beyond the number of groups that are told apart.
    pub fn ungrouped(&self) -> u64 {
        self.ungrouped
    }

    /// All errors.
    pub fn total(&self) -> u64 {
        let grouped: u64 = self.groups.iter().map(|group| group.count).sum();
        grouped + self.ungrouped
    }

    pub(super) fn add_failure(&mut self, place: Source, failure: &Failure) {
        let what = ErrorKind::Client(failure.kind);
        self.add(place, what, failure.detail.as_deref());
    }

    pub(super) fn add_report(&mut self, place: Source, figures: &ServerFigures) {
        match figures.error_msg.as_deref() {
            Some(message) if !message.is_empty() => {
                let message = shortened(message, MAX_MESSAGE).into();
                self.add(place, ErrorKind::Message(message), None);
            }
            _ if figures.result == Some(false) => self.add(place, ErrorKind::NoMessage, None),
            _ => {}
        }
    }

    /// Notes what was odd about a report ([`crate::row::server_report::ServerReport::odd`]).
    pub(super) fn add_odd(&mut self, what: &str) {
        let what = shortened(what, MAX_MESSAGE).into();
        self.add(Source::Server, ErrorKind::OddReport(what), None);
    }

    fn add(&mut self, place: Source, what: ErrorKind, example: Option<&str>) {
        let is_it = |group: &&mut ErrorGroup| group.place == place && group.what == what;
        if let Some(group) = self.groups.iter_mut().find(is_it) {
            group.count += 1;
        } else if self.groups.len() < MAX_GROUPS {
            self.groups.push(ErrorGroup {
                place,
                what,
                count: 1,
                example: example.map(Box::from),
            });
        } else {
            self.ungrouped += 1;
        }
    }
}
