//! Where the output goes: text or JSON on standard output, JSON in a file.

use std::io::{self, Write};

use anstream::AutoStream;
use serde::Serialize;

use crate::console::{Console, is_unread};
use crate::exit::Error;
use crate::outfile::OutFile;
use crate::rows::runs;
use crate::settings::{SummarySettings, Verbosity};
use crate::show::{color, json};

/// The destinations that are asked for.
pub(super) struct Output {
    console: Console,
    /// Whether standard output gets JSON; otherwise text.
    json: bool,
    quiet: bool,
    choice: anstream::ColorChoice,
    file: Option<OutFile>,
    /// What the file gets when all is done: a command that fails leaves it as it was.
    of_file: Vec<u8>,
    /// Whether the reader of standard output has gone: it has what it wanted.
    is_unread: bool,
}

impl Output {
    /// Opens them; what the file contains stays until all is done.
    pub fn open(settings: &SummarySettings) -> Result<Output, Error> {
        let path = settings.json_file.as_deref();
        let file = path
            .map(|path| OutFile::open(path, "--json-file"))
            .transpose()
            .map_err(Error::failed)?;
        for rows in &settings.read.paths {
            if (file.as_ref()).is_some_and(|file| runs::is_of_rows(file, rows)) {
                return Err(Error::usage(
                    "--json-file is a file with rows, or the file beside one: give another file",
                ));
            }
        }
        Ok(Output {
            console: Console::stdout(),
            json: settings.json,
            quiet: settings.verbosity == Verbosity::Quiet,
            choice: color::choice(settings.color, &io::stdout()),
            file,
            of_file: Vec::new(),
            is_unread: false,
        })
    }

    /// Whether JSON goes anywhere.
    pub fn wants_json(&self) -> bool {
        self.json || self.file.is_some()
    }

    /// Writes a value as a line of JSON, where that is wanted.
    pub fn json(&mut self, value: &impl Serialize) -> Result<(), Error> {
        if !self.wants_json() {
            return Ok(());
        }
        let mut text = Vec::new();
        json::write(value, &mut text).map_err(Error::failed)?;
        self.raw_json(&text)
    }

    /// Writes a piece of JSON, where that is wanted.
    pub fn raw_json(&mut self, text: &[u8]) -> Result<(), Error> {
        if self.file.is_some() {
            self.of_file.extend_from_slice(text);
        }
        match self.json {
            true => self.print(text),
            false => Ok(()),
        }
    }

    /// Writes text on standard output, where that is wanted.
    pub fn text(
        &mut self,
        write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>,
    ) -> Result<(), Error> {
        if self.json || self.quiet {
            return Ok(());
        }
        let mut text = Vec::new();
        write(&mut text).map_err(Error::failed)?;
        let mut colored = AutoStream::new(Vec::new(), self.choice);
        colored.write_all(&text).map_err(Error::failed)?;
        self.print(&colored.into_inner())
    }

    fn print(&mut self, text: &[u8]) -> Result<(), Error> {
        if self.is_unread {
            return Ok(());
        }
        match self.console.write_all(text) {
            Err(error) if is_unread(&error) => {
                self.is_unread = true;
                Ok(())
            }
            written => written.map_err(|error| {
                Error::failed(format_args!("standard output cannot be written: {error}"))
            }),
        }
    }

    /// When all is done: writes the file.
    pub fn finish(self) -> Result<(), Error> {
        let Some(file) = self.file else {
            return Ok(());
        };
        let path = file.path().to_owned();
        match file.write(&self.of_file) {
            Err(error) if !is_unread(&error) => Err(Error::failed(format_args!(
                "--json-file {} cannot be written: {error}",
                path.display()
            ))),
            _ => Ok(()),
        }
    }
}
