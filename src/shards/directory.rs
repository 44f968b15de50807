//! The directory with the rows and logs of the shards, beside the merged file.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use crate::exit::Error;
use crate::run::conclude::say;
use crate::run::random_seed;

/// How many names are tried.
const TRIES: usize = 16;

/// A directory of this run alone.
#[derive(Debug)]
pub(super) struct Directory {
    path: PathBuf,
    count: u32,
}

impl Directory {
    /// Makes it beside that file, with a name of its own.
    pub fn make(output: &Path, count: u32) -> Result<Directory, Error> {
        let mut error = io::Error::from(io::ErrorKind::AlreadyExists);
        for _ in 0..TRIES {
            let mut name = output.as_os_str().to_owned();
            name.push(format!(".shards-{:08x}", random_seed() as u32));
            let path = PathBuf::from(name);
            match fs::create_dir(&path) {
                Ok(()) => return Ok(Directory { path, count }),
                Err(other) => error = other,
            }
            if error.kind() != io::ErrorKind::AlreadyExists {
                break;
            }
        }
        Err(Error::failed(format_args!(
            "no directory can be made beside {} ({error}): name a file with -o in a directory that can be written",
            output.display()
        )))
    }

    /// The file of a shard's rows; shards are counted from 1.
    pub fn rows_of(&self, number: u32) -> PathBuf {
        self.path.join(format!("rows-{number}.csv"))
    }

    /// The file of what a shard says.
    pub fn log_of(&self, number: u32) -> PathBuf {
        self.path.join(format!("shard-{number}.log"))
    }

    /// Makes that file.
    pub fn make_log(&self, number: u32) -> Result<File, Error> {
        let path = self.log_of(number);
        File::create(&path)
            .map_err(|error| Error::failed(format_args!("{}: {error}", path.display())))
    }

    /// The files of all rows.
    pub fn rows(&self) -> impl Iterator<Item = PathBuf> + '_ {
        self.numbers().map(|number| self.rows_of(number))
    }

    /// The numbers of all shards.
    pub fn numbers(&self) -> std::ops::RangeInclusive<u32> {
        1..=self.count
    }

    /// Removes it: everything is merged, or nothing was sent.
    pub fn remove(&self) {
        let removed = fs::remove_dir_all(&self.path);
        if let Err(error) = removed
            && error.kind() != io::ErrorKind::NotFound
        {
            let path = self.path.display();
            say(&format!(
                "profilerclient: note: {path} cannot be removed: {error}"
            ));
        }
    }

    /// Says where it is, if it is there.
    pub fn keep(&self) {
        if self.path.exists() {
            say(&format!(
                "profilerclient: the rows and logs of the shards are kept in {}",
                self.path.display()
            ));
        }
    }
}
