//! What the processes said: read from their logs, and passed on once.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead, BufReader};

use crate::console::Console;
use crate::precise::Precise;
use crate::rows::runs::{self, Line};
use crate::text::Printable;

use super::directory::Directory;

/// What begins every message of this program; other lines of a log are progress.
const OWN: &str = "profilerclient: ";

/// What begins the report of a panic.
const PANIC: &str = "thread '";

/// The most that is read of a log, bytes.
const MOST_READ: u64 = 1 << 20;

/// The most different messages that are kept.
const MOST_KEPT: usize = 100;

/// The most shards that are named with a message.
const MOST_NAMED: usize = 8;

/// Different messages, in the order in which they were read.
#[derive(Debug, Default)]
pub(super) struct Messages {
    /// Where each is in `each`.
    places: BTreeMap<String, usize>,
    each: Vec<Message>,
    omitted: u64,
    shards: u32,
}

#[derive(Debug)]
struct Message {
    text: String,
    /// The shards that said it, in their order.
    shards: Vec<u32>,
    /// How often.
    times: u64,
}

impl Messages {
    fn add(&mut self, shard: u32, text: &str) {
        let place = match self.places.get(text) {
            Some(place) => *place,
            None if self.each.len() == MOST_KEPT => {
                self.omitted += 1;
                return;
            }
            None => {
                self.places.insert(text.to_owned(), self.each.len());
                self.each.push(Message {
                    text: text.to_owned(),
                    shards: Vec::new(),
                    times: 0,
                });
                self.each.len() - 1
            }
        };
        let message = &mut self.each[place];
        message.times += 1;
        if message.shards.last() != Some(&shard) {
            message.shards.push(shard);
        }
    }

    /// Adds the messages of a log.
    fn read(&mut self, shard: u32, log: impl BufRead) {
        self.shards += 1;
        for line in log.take(MOST_READ).split(b'\n') {
            // What was read before an error counts.
            let Ok(line) = line else { return };
            let line = String::from_utf8_lossy(&line);
            // A line of progress may be drawn before it.
            let text = line.trim_end();
            if let Some(text) = text.strip_prefix(OWN) {
                self.add(shard, text);
            } else if text.starts_with(PANIC) {
                self.add(shard, text);
            }
        }
    }

    /// Adds the measures that were not got.
    fn measures(&mut self, shard: u32, precise: Option<&Precise>) {
        for missing in precise.into_iter().flat_map(Precise::missing) {
            self.add(shard, &format!("not got: {missing}"));
        }
    }

    fn lines(&self) -> Vec<String> {
        let mut lines: Vec<String> = self.each.iter().map(|message| message.line()).collect();
        if self.omitted > 0 {
            lines.push(format!("{} further messages of shards", self.omitted));
        }
        lines
    }
}

impl Message {
    fn line(&self) -> String {
        let named: Vec<String> = (self.shards.iter().take(MOST_NAMED))
            .map(u32::to_string)
            .collect();
        let mut from = match self.shards.len() {
            1 => format!("shard {}", named[0]),
            _ => format!("shards {}", named.join(", ")),
        };
        if self.shards.len() > MOST_NAMED {
            from += &format!(" and {} more", self.shards.len() - MOST_NAMED);
        }
        match self.times {
            1 => format!("{from}: {}", self.text),
            times => format!("{from} ({times} times): {}", self.text),
        }
    }
}

/// Reads all logs. With `with_measures` also which measures of `--precise` and `--cpu` were not got, which a quiet
/// process has in its lines only.
pub(super) fn read(directory: &Directory, with_measures: bool) -> Messages {
    let mut messages = Messages::default();
    for number in directory.numbers() {
        if let Ok(file) = File::open(directory.log_of(number)) {
            messages.read(number, BufReader::new(file));
        }
        let lines = runs::read(&directory.rows_of(number)).map(|(lines, _)| lines);
        for line in lines.unwrap_or_default() {
            if let (Line::End(end), true) = (line, with_measures) {
                messages.measures(number, end.precise.as_ref());
            }
        }
    }
    messages
}

/// The message of all shards, if there is only one.
pub(super) fn only(messages: &Messages) -> Option<String> {
    match &*messages.each {
        [message] if message.shards.len() as u32 == messages.shards => Some(message.text.clone()),
        _ => None,
    }
}

/// Prints each once.
pub(super) fn pass_on(messages: &Messages) {
    let mut console = Console::stderr();
    for line in messages.lines() {
        console.say(&Printable(&format!("{OWN}{line}")).to_string());
    }
}

#[cfg(test)]
#[path = "messages_tests.rs"]
mod tests;
