//! A report at the moment at which rows are first written to it: opened, checked, and what goes before
//! the first row.

use std::fs::File;
use std::io::{self, IsTerminal};
use std::ops::ControlFlow;
use std::path::Path;

use crate::rows::appender::Output;
use crate::rows::columns::header_line;
use crate::rows::existing::{self, Continuation, Progress};
use crate::rows::open_error::{OpenError, STDOUT};
use crate::rows::place::{self, Opened};
use crate::rows::rotation::Mark;

/// A report that rows can be written to.
#[derive(Debug)]
pub(super) struct Begun {
    pub output: Output,
    /// Whether the file was made by this.
    pub is_new: bool,
    /// What goes before the first row: the header, or the line break that the last row lacks.
    pub prefix: Vec<u8>,
    /// What a file ends with at present.
    pub mark: Mark,
}

/// Opens a report (`-` is standard output) for rows with or without phases.
pub(super) fn begin(
    path: &Path,
    phases: bool,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<Begun, OpenError> {
    let opened = if path == Path::new(STDOUT) {
        place::open_stdout()
    } else {
        place::open(path)
    };
    let Opened { output, is_new } = opened.map_err(|why| OpenError::Place {
        path: path.to_owned(),
        why,
    })?;
    let (prefix, mark) = match output.regular() {
        Some(file) => continuation(file, path, phases, progress)?,
        None => (header_line(phases), Mark::default()),
    };
    Ok(Begun {
        output,
        is_new,
        prefix,
        mark,
    })
}

impl Begun {
    /// Whether a person sees the rows at once.
    pub fn is_terminal(&self) -> bool {
        self.output.file().is_terminal()
    }
}

fn continuation(
    file: &File,
    path: &Path,
    phases: bool,
    progress: &mut dyn FnMut(Progress) -> ControlFlow<()>,
) -> Result<(Vec<u8>, Mark), OpenError> {
    let length = || file.metadata().map(|metadata| metadata.len());
    let os = |error: io::Error| OpenError::Os {
        path: path.to_owned(),
        error,
    };
    let total = length().map_err(os)?;
    let continuation =
        existing::check(file, total, phases, progress).map_err(|why| OpenError::Existing {
            path: path.to_owned(),
            why,
        })?;
    let prefix = match continuation {
        Continuation::Header => header_line(phases),
        Continuation::LineBreak(text) => text.as_bytes().to_vec(),
    };
    let mark = length().and_then(|end| Mark::at(file, end)).map_err(os)?;
    Ok((prefix, mark))
}
