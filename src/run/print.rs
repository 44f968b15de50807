//! Where a finished summary goes: the terminal, and the file of `--json-file`.

use std::io::{self, Write};

use anstream::AutoStream;

use crate::settings::{ColorChoice, ShowSettings, Verbosity};
use crate::show::text::Detail;
use crate::show::{color, json, text};
use crate::summary::Summary;
use crate::text::Printable;

use super::json_file::JsonFile;

/// Prints the summary: on standard output, or on standard error where the rows go to standard output.
pub(super) fn summary(
    settings: &ShowSettings,
    summary: &Summary,
    json_file: Option<JsonFile>,
    rows_on_stdout: bool,
) -> io::Result<()> {
    let mut to_file = Ok(());
    if let Some(file) = json_file {
        let mut object = Vec::new();
        json::write(summary, &mut object)?;
        let path = file.path().to_owned();
        to_file = file
            .write(&object)
            .map_err(|error| io::Error::other(format!("{}: {error}", path.display())));
    }
    let printed = match (settings.json, settings.verbosity) {
        // Requested explicitly: quiet does not disable it.
        (true, _) => print(settings.color, rows_on_stdout, |out| {
            json::write(summary, out)
        }),
        (false, Verbosity::Quiet) => {
            if summary.bought == 0 {
                let line = text::first_line(summary);
                let _ = writeln!(io::stderr(), "{}", Printable(&line));
            }
            Ok(())
        }
        (false, verbosity) => {
            let detail = match verbosity {
                Verbosity::Verbose => Detail::Full,
                _ => Detail::Brief,
            };
            print(settings.color, rows_on_stdout, |out| {
                text::write(summary, detail, out)
            })
        }
    };
    printed.and(to_file)
}

fn print(
    choice: ColorChoice,
    rows_on_stdout: bool,
    write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>,
) -> io::Result<()> {
    let choice = color::choice(choice);
    let mut shown = Vec::new();
    write(&mut shown)?;
    let written = match rows_on_stdout {
        true => AutoStream::new(io::stderr(), choice).write_all(&shown),
        false => {
            let mut out = AutoStream::new(io::stdout(), choice);
            out.write_all(&shown).and_then(|()| out.flush())
        }
    };
    match written {
        // The reader of the summary closed the pipe; the rows are safe.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other,
    }
}
