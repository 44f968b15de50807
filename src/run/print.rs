//! Where a finished summary goes: the terminal, and the file of `--json-file`.

use std::io::{self, Write};

use anstream::AutoStream;

use crate::console::{Console, is_unread};
use crate::outfile::OutFile;
use crate::settings::{ColorChoice, ShowSettings, Verbosity};
use crate::show::text::Detail;
use crate::show::{color, json, text};
use crate::summary::Summary;
use crate::text::Printable;

/// Prints the summary: on standard output, or on standard error where the rows go to standard output.
pub(super) fn summary(
    settings: &ShowSettings,
    summary: &Summary,
    json_file: Option<OutFile>,
    rows_on_stdout: bool,
) -> io::Result<()> {
    let mut to_file = Ok(());
    if let Some(file) = json_file {
        let mut object = Vec::new();
        json::write(summary, &mut object)?;
        let path = file.path().to_owned();
        to_file = file
            .write(&object)
            .or_else(unless_unread)
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
                Console::stderr().say(&Printable(&line).to_string());
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
    let choice = match rows_on_stdout {
        true => color::choice(choice, &io::stderr()),
        false => color::choice(choice, &io::stdout()),
    };
    let mut text = Vec::new();
    write(&mut text)?;
    let mut colored = AutoStream::new(Vec::new(), choice);
    colored.write_all(&text)?;
    let shown = colored.into_inner();
    let mut console = match rows_on_stdout {
        true => Console::stderr(),
        false => Console::stdout(),
    };
    console.write_all(&shown).or_else(unless_unread)
}

/// A summary that is not read is not an error: the rows are safe.
fn unless_unread(error: io::Error) -> io::Result<()> {
    match is_unread(&error) {
        true => Ok(()),
        false => Err(error),
    }
}
