//! Where a finished summary goes: the terminal, and the file of `--json-file`.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use anstream::AutoStream;

use crate::console::{Console, is_unread};
use crate::settings::{ColorChoice, ShowSettings, Verbosity};
use crate::show::text::Detail;
use crate::show::{json, text};
use crate::summary::Summary;
use crate::text::Printable;

/// Prints the summary: on standard output, or beside it where the rows go there.
pub(super) fn summary(
    settings: &ShowSettings,
    summary: &Summary,
    rows_on_stdout: bool,
) -> io::Result<()> {
    let mut to_file = Ok(());
    if let Some(path) = &settings.json_file {
        let mut object = Vec::new();
        json::write(summary, &mut object)?;
        to_file = write_file(path, &object)
            .or_else(unless_unread)
            .map_err(|error| io::Error::other(format!("{}: {error}", path.display())));
    }
    let printed = match (settings.json, settings.verbosity) {
        // Asked for by name: quiet does not take it back.
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

/// Writes a file, or to what is no file (`/dev/fd/63` of a shell's `>(jq .)`, a FIFO), whose reader is
/// waited for.
fn write_file(path: &Path, bytes: &[u8]) -> io::Result<()> {
    if fs::metadata(path).is_ok_and(|found| !found.is_file() && !found.is_dir()) {
        return Console::open(path).and_then(|mut console| console.write_all(bytes));
    }
    fs::write(path, bytes)
}

fn print(
    color: ColorChoice,
    rows_on_stdout: bool,
    write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>,
) -> io::Result<()> {
    let choice = match color {
        ColorChoice::Auto if rows_on_stdout => AutoStream::choice(&io::stderr()),
        ColorChoice::Auto => AutoStream::choice(&io::stdout()),
        ColorChoice::Always => anstream::ColorChoice::Always,
        ColorChoice::Never => anstream::ColorChoice::Never,
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

/// That nobody reads the summary is no error: the rows are safe.
fn unless_unread(error: io::Error) -> io::Result<()> {
    match is_unread(&error) {
        true => Ok(()),
        false => Err(error),
    }
}
