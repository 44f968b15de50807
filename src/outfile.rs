//! A file that is written at the end of a command (`--json-file`, `--html`, a page): opened before the work,
//! so that a name that cannot be written is found before it, and filled when all is done.

use std::fmt;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use crate::console::Console;
use crate::exit::Hinted;

/// The file, once it is known that it can be written.
#[derive(Debug)]
pub struct OutFile {
    path: PathBuf,
    /// Absent if it is not a regular file (`/dev/fd/63` of a shell's `>(jq .)`, a named pipe): what reads
    /// from it may not be there yet.
    file: Option<File>,
    /// Made by this command, and still empty.
    is_new: bool,
}

/// Why it cannot be written.
#[derive(Debug)]
pub struct OutFileError {
    option: &'static str,
    path: PathBuf,
    error: io::Error,
}

impl OutFile {
    /// Makes the file, or opens the one that is there. What it contains stays until it is written. Errors
    /// name the option that it was given with.
    pub fn open(path: &Path, option: &'static str) -> Result<OutFile, OutFileError> {
        let found = fs::metadata(path).ok();
        let is_other = (found.as_ref()).is_some_and(|found| !found.is_file() && !found.is_dir());
        let file = match is_other {
            true => None,
            false => Some(open(path).map_err(|error| OutFileError {
                option,
                path: path.to_owned(),
                error,
            })?),
        };
        Ok(OutFile {
            path: path.to_owned(),
            file,
            is_new: found.is_none(),
        })
    }

    /// Puts the text in the place of what it contained.
    pub fn write(mut self, text: &[u8]) -> Result<(), io::Error> {
        self.is_new = false;
        let Some(mut file) = self.file.take() else {
            return Console::open(&self.path)?.write_all(text);
        };
        file.set_len(0)?;
        file.write_all(text)
    }

    /// Whether it is the regular file of that name, whatever name it has itself.
    pub fn is_same(&self, path: &Path) -> bool {
        let own = self.file.as_ref().and_then(|file| file.metadata().ok());
        let (Some(own), Ok(other)) = (own, fs::metadata(path)) else {
            return false;
        };
        own.is_file() && (own.dev(), own.ino()) == (other.dev(), other.ino())
    }

    /// Its name.
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// A command that ended before its work was done leaves no empty file.
impl Drop for OutFile {
    fn drop(&mut self) {
        if self.is_new {
            let _ = fs::remove_file(&self.path);
        }
    }
}

fn open(path: &Path) -> io::Result<File> {
    (OpenOptions::new().write(true).create(true).truncate(false)).open(path)
}

impl Hinted for OutFileError {
    fn finding(&self) -> String {
        let (path, error) = (self.path.display(), &self.error);
        format!("{} {path} cannot be written ({error})", self.option)
    }

    fn hint(&self) -> String {
        match self.error.kind() {
            io::ErrorKind::NotFound => "make its directory first, or give another name",
            io::ErrorKind::IsADirectory => "give the name of a file in it",
            _ => "give the name of a file that may be written",
        }
        .to_owned()
    }
}

impl fmt::Display for OutFileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line())
    }
}

#[cfg(test)]
#[path = "outfile_tests.rs"]
mod tests;
