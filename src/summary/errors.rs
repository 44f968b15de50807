//! What went wrong, grouped.

use std::collections::HashMap;

use crate::row::Source;
use crate::row::failure::{Failure, FailureKind};
use crate::row::server_report::ServerFigures;
use crate::text::shortened;

/// The most error groups; a server that never sends the same message twice must not fill the
/// memory.
pub(super) const MAX_GROUPS: usize = 200;

/// Characters of a server's error message that are kept, and compared.
pub(super) const MAX_MESSAGE: usize = 200;

/// Errors, grouped.
#[derive(Clone, Debug, Default)]
pub struct Errors {
    groups: Vec<ErrorGroup>,
    /// Where each is in `groups`: of a server that never sends the same message twice, every one is looked for.
    places: HashMap<(Source, ErrorKind), usize>,
    ungrouped: u64,
}

/// Errors of one group.
#[derive(Clone, Debug, PartialEq)]
pub struct ErrorGroup {
    /// Where they occurred.
    pub source: Source,
    /// The kind of error.
    pub what: ErrorKind,
    /// How many.
    pub count: u64,
    /// The detail of the first of them.
    pub example: Option<Box<str>>,
}

/// The kind of an error.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// A failure on the client's side.
    Client(FailureKind),
    /// A server's message, shortened.
    Message(Box<str>),
    /// A server reported `result: false` without a message.
    NoMessage,
}

impl ErrorKind {
    /// What can be done about it, where the cause is known.
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            ErrorKind::Client(kind) => kind.hint(),
            ErrorKind::Message(_) | ErrorKind::NoMessage => None,
        }
    }
}

impl std::fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            ErrorKind::Client(kind) => kind.fmt(f),
            ErrorKind::Message(message) => f.write_str(message),
            ErrorKind::NoMessage => f.write_str("refused without an error message"),
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

    /// Failures on the client's side by kind: step, kind and count.
    pub fn failures(&self) -> Vec<(String, String, u64)> {
        let of_client = |group: &&ErrorGroup| matches!(group.what, ErrorKind::Client(_));
        (self.groups.iter().filter(of_client))
            .map(|group| {
                let step = group.source.name().to_owned();
                (step, group.what.to_string(), group.count)
            })
            .collect()
    }

    /// Errors beyond the most error groups.
    pub fn ungrouped(&self) -> u64 {
        self.ungrouped
    }

    /// All errors.
    pub fn total(&self) -> u64 {
        let grouped: u64 = self.groups.iter().map(|group| group.count).sum();
        grouped + self.ungrouped
    }

    /// Adds the errors of another part of the run.
    pub(super) fn merge(&mut self, other: &Errors) {
        for group in &other.groups {
            let example = group.example.as_deref();
            self.add_many(group.source, group.what.clone(), example, group.count);
        }
        self.ungrouped += other.ungrouped;
    }

    pub(super) fn add_failure(&mut self, source: Source, failure: &Failure) {
        if let (FailureKind::Other, Some(text)) = (failure.kind, failure.detail.as_deref()) {
            let message = shortened(text, MAX_MESSAGE).into();
            return self.add(source, ErrorKind::Message(message), None);
        }
        let what = ErrorKind::Client(failure.kind);
        self.add(source, what, failure.detail.as_deref());
    }

    /// Adds a message with its count.
    pub(super) fn add_message(&mut self, source: Source, message: &str) {
        self.add_messages(source, message, 1);
    }

    pub(super) fn add_messages(&mut self, source: Source, message: &str, count: u64) {
        let message = shortened(message, MAX_MESSAGE).into();
        self.add_many(source, ErrorKind::Message(message), None, count);
    }

    /// The messages and their counts.
    pub fn messages(&self) -> Vec<(String, u64)> {
        let groups = self.groups.iter();
        groups
            .map(|group| (group.what.to_string(), group.count))
            .collect()
    }

    pub(super) fn add_report(&mut self, source: Source, figures: &ServerFigures) {
        match figures.error_msg.as_deref() {
            Some(message) if !message.is_empty() => {
                let message = shortened(message, MAX_MESSAGE).into();
                self.add(source, ErrorKind::Message(message), None);
            }
            _ if figures.result == Some(false) => self.add(source, ErrorKind::NoMessage, None),
            _ => {}
        }
    }

    fn add(&mut self, source: Source, what: ErrorKind, example: Option<&str>) {
        self.add_many(source, what, example, 1);
    }

    fn add_many(&mut self, source: Source, what: ErrorKind, example: Option<&str>, count: u64) {
        let key = (source, what);
        if let Some(place) = self.places.get(&key) {
            self.groups[*place].count += count;
        } else if self.groups.len() < MAX_GROUPS {
            self.groups.push(ErrorGroup {
                source,
                what: key.1.clone(),
                count,
                example: example.map(Box::from),
            });
            self.places.insert(key, self.groups.len() - 1);
        } else {
            self.ungrouped += count;
        }
    }
}
