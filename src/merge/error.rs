//! Why files cannot be merged.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::exit::Hinted;
use crate::text::{Printable, shortened};

/// Why files cannot be merged into one run.
#[derive(Debug)]
pub enum MergeError {
    /// A file has the rows of a run that was not sharded.
    Unsharded {
        /// The file.
        path: PathBuf,
    },
    /// A file is the result of a merge.
    Merged {
        /// The file.
        path: PathBuf,
    },
    /// A shard was given twice.
    Twice {
        /// Its number, counted from 1.
        index: u64,
        /// The number of shards.
        count: u64,
        /// Both files.
        paths: Box<[PathBuf; 2]>,
    },
    /// Two files are not of one run.
    Differ {
        /// In what they differ.
        what: &'static str,
        /// The files.
        paths: Box<[PathBuf; 2]>,
        /// What each has.
        values: Box<[String; 2]>,
        /// What to do about it.
        hint: &'static str,
    },
    /// Two files only look alike: their runs were not at the same time.
    Apart {
        /// The files.
        paths: Box<[PathBuf; 2]>,
        /// When the run of each began: ISO 8601 in UTC.
        began: Box<[String; 2]>,
    },
    /// A file has the columns of another version.
    Columns {
        /// The file.
        path: PathBuf,
        /// Its header.
        header: String,
    },
    /// The merged file cannot be made.
    Output {
        /// The file.
        path: PathBuf,
        /// Why not.
        why: String,
    },
    /// None of the files has a shard.
    NoShard {
        /// What is wrong with each.
        problems: Vec<String>,
    },
    /// A file cannot be read or written.
    Io {
        /// The file.
        path: PathBuf,
        /// The system's error.
        error: io::Error,
    },
    /// The merged file could not be read back.
    ReadBack(String),
}

impl MergeError {
    /// For `map_err`: an error of the system about a file.
    pub(super) fn io(path: &std::path::Path) -> impl Fn(io::Error) -> MergeError {
        let path = path.to_owned();
        move |error| MergeError::Io {
            path: path.clone(),
            error,
        }
    }
}

impl Hinted for MergeError {
    fn finding(&self) -> String {
        match self {
            MergeError::Unsharded { path } => {
                format!("{} is of a run without --shard", path.display())
            }
            MergeError::Merged { path } => format!("{} is a merged file", path.display()),
            MergeError::Twice {
                index,
                count,
                paths,
            } => format!(
                "shard {index} of {count} was given twice, {} and {}",
                paths[0].display(),
                paths[1].display()
            ),
            MergeError::Differ {
                what,
                paths,
                values,
                ..
            } => format!(
                "{} and {} are not of one run: their {what} differ ({} and {})",
                paths[0].display(),
                paths[1].display(),
                values[0],
                values[1]
            ),
            MergeError::Apart { paths, began } => format!(
                "{} and {} look alike, but are not of one run: they began at {} and {}, and the first had ended \
                 long before",
                paths[0].display(),
                paths[1].display(),
                began[0],
                began[1]
            ),
            MergeError::Columns { path, header } => format!(
                "{} does not have the columns of this version ({})",
                path.display(),
                shortened(header, 60)
            ),
            MergeError::Output { path, why } => format!("{}: {why}", path.display()),
            MergeError::NoShard { problems } => {
                format!("no shard was found ({})", problems.join("; "))
            }
            MergeError::Io { path, error } => format!("{}: {error}", path.display()),
            MergeError::ReadBack(error) => format!("the merged file cannot be read back: {error}"),
        }
    }

    fn hint(&self) -> String {
        match self {
            MergeError::Unsharded { .. } => {
                "name the files of one run's shards; compare or report take others"
            }
            MergeError::Merged { .. } => "name the shards' own files",
            MergeError::Twice { .. } => "name each shard once",
            MergeError::Differ { hint, .. } => hint,
            MergeError::Apart { .. } => "name the shards of one run",
            MergeError::Columns { .. } => "merge with the version that wrote it",
            MergeError::Output { .. } => "name a new or an empty file with -o",
            MergeError::NoShard { .. } => "name the files that the shards wrote (-o)",
            MergeError::Io { .. } => "check its name, its permissions and the space left",
            MergeError::ReadBack(_) => "let nothing else write to it, and merge again",
        }
        .to_owned()
    }
}

impl fmt::Display for MergeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        Printable(&self.line()).fmt(f)
    }
}

impl std::error::Error for MergeError {}
