//! Opening the report before any load is sent, and finding out whether it is still in its place.

use std::fmt;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use crate::rows::appender::Output;
use crate::sys::stream::{self, Stream};

/// Other names of standard output.
const STDOUT_NAMES: [&str; 3] = ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1"];

/// What was opened.
#[derive(Debug)]
pub(super) struct Opened {
    pub output: Output,
    /// Whether this run created the file.
    pub is_new: bool,
}

/// Where an open file is now.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Whereabouts {
    /// Under its path.
    InPlace,
    /// Under another path.
    Moved(PathBuf),
    /// Under no path that could be found; what is written to it is lost at the end of the program.
    Gone,
}

/// Why a report cannot be opened.
#[derive(Debug)]
pub enum PlaceError {
    /// Standard output was closed when the program started.
    StdoutClosed,
    /// The path is empty.
    NoName,
    /// It is a directory.
    Directory,
    /// It is a block device.
    BlockDevice,
    /// The directory that it should be in does not exist.
    NoDirectory(PathBuf),
    /// A part of its path does not exist.
    NoPlace,
    /// It is a FIFO without a reader.
    NoReader,
    /// Another run writes to it.
    Locked,
    /// It was removed or replaced each time that it was opened.
    Unstable,
    /// Another error of the system.
    Os(io::Error),
}

impl fmt::Display for PlaceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PlaceError::StdoutClosed => f.write_str(
                "it is closed (or /dev/null, opened for reading and writing): \
                 redirect it, or name a file with -o",
            ),
            PlaceError::NoName => f.write_str("the name is empty: name a file with -o"),
            PlaceError::Directory => f.write_str("it is a directory: name a file in it"),
            PlaceError::BlockDevice => f.write_str("it is a block device: choose a file with -o"),
            PlaceError::NoDirectory(parent) => write!(
                f,
                "the directory {} does not exist: make it or choose another file with -o",
                parent.display()
            ),
            PlaceError::NoPlace => {
                f.write_str("the file cannot be made there: choose another file with -o")
            }
            PlaceError::NoReader => f.write_str("this FIFO has no reader: start its reader first"),
            PlaceError::Locked => f.write_str(
                "another run is writing it: wait for it to end, or choose another file with -o",
            ),
            PlaceError::Unstable => {
                f.write_str("it is removed or replaced all the time: choose another file with -o")
            }
            PlaceError::Os(error) => write!(f, "{error}: {}", hint(error)),
        }
    }
}

impl std::error::Error for PlaceError {}

/// What to do about an error of the system.
fn hint(error: &io::Error) -> &'static str {
    match error.kind() {
        ErrorKind::NotADirectory => "a part of the path is a file",
        ErrorKind::PermissionDenied => {
            "it must be readable and writable: change its permissions or choose another file with -o"
        }
        ErrorKind::ReadOnlyFilesystem => "choose a file on another file system with -o",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            "free some space or choose another file with -o"
        }
        _ => "choose another file with -o",
    }
}

impl PlaceError {
    fn of(path: &Path, error: io::Error) -> PlaceError {
        match error.kind() {
            ErrorKind::IsADirectory => PlaceError::Directory,
            ErrorKind::NotFound if path.as_os_str().is_empty() => PlaceError::NoName,
            ErrorKind::NotFound => match path.parent().filter(|parent| !parent.is_dir()) {
                Some(parent) if !parent.as_os_str().is_empty() => {
                    PlaceError::NoDirectory(parent.to_owned())
                }
                _ => PlaceError::NoPlace,
            },
            _ => PlaceError::Os(error),
        }
    }
}

/// Whether a path is another name of standard output, whatever that is redirected to.
pub fn is_stdout_name(path: &Path) -> bool {
    STDOUT_NAMES.iter().any(|name| path == Path::new(name))
}

/// Opens standard output, past the buffer of the standard library.
pub(super) fn open_stdout() -> Result<Opened, PlaceError> {
    if stream::stdout_was_closed() {
        return Err(PlaceError::StdoutClosed);
    }
    let descriptor = io::stdout().as_fd().try_clone_to_owned();
    descriptor
        .and_then(|descriptor| Stream::inherited(File::from(descriptor)))
        .map(Opened::stream)
        .map_err(PlaceError::Os)
}

/// Opens a report for appending and, if it is a regular file, locks it against other runs.
pub(super) fn open(path: &Path) -> Result<Opened, PlaceError> {
    let Ok(found) = fs::metadata(path).map(|found| found.file_type()) else {
        return open_file(path);
    };
    if found.is_file() {
        open_file(path)
    } else if found.is_dir() {
        Err(PlaceError::Directory)
    } else if found.is_block_device() {
        Err(PlaceError::BlockDevice)
    } else if is_stdout_name(path) {
        // A socket cannot be opened by its name, and a closed output looks like a device.
        open_stdout()
    } else {
        match Stream::open(path) {
            Ok(stream) => Ok(Opened::stream(stream)),
            Err(error) if found.is_fifo() && error.raw_os_error() == Some(libc::ENXIO) => {
                Err(PlaceError::NoReader)
            }
            Err(error) => Err(PlaceError::of(path, error)),
        }
    }
}

impl Opened {
    fn stream(stream: Stream) -> Opened {
        Opened {
            output: Output::Stream(stream),
            is_new: false,
        }
    }
}

/// Whether a file is the regular file, pipe or socket that standard output goes to, under any name
/// (`/dev/stdout`): what is printed there would run into the rows. A device takes both.
pub(super) fn is_standard_output(file: &File) -> io::Result<bool> {
    let stdout = File::from(io::stdout().as_fd().try_clone_to_owned()?).metadata()?;
    let file = file.metadata()?;
    let kind = file.file_type();
    let is_shared = kind.is_file() || kind.is_fifo() || kind.is_socket();
    Ok(is_shared && (stdout.dev(), stdout.ino()) == (file.dev(), file.ino()))
}

fn open_file(path: &Path) -> Result<Opened, PlaceError> {
    // A run that ends may remove the empty file it made, just between our opening and locking it.
    for _ in 0..10 {
        let (file, is_new) = open_or_create(path).map_err(|error| PlaceError::of(path, error))?;
        lock(&file)?;
        let place = whereabouts(&file, path).map_err(PlaceError::Os)?;
        if place == Whereabouts::InPlace {
            return Ok(Opened {
                output: Output::File(file),
                is_new,
            });
        }
    }
    Err(PlaceError::Unstable)
}

/// The open file, and whether it was made by this.
fn open_or_create(path: &Path) -> io::Result<(File, bool)> {
    let mut options = OpenOptions::new();
    options.read(true).append(true);
    match options.clone().create_new(true).open(path) {
        Ok(file) => Ok((file, true)),
        // There already, perhaps as a symbolic link to a file that is not.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {
            options.create(true).open(path).map(|file| (file, false))
        }
        Err(error) => Err(error),
    }
}

fn lock(file: &File) -> Result<(), PlaceError> {
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(PlaceError::Locked),
        // Some file systems have no locks; there the report is written without one.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(()),
    }
}

/// Finds out where an open file is now.
pub(super) fn whereabouts(file: &File, path: &Path) -> io::Result<Whereabouts> {
    Ok(whereabouts_of(file, &file.metadata()?, path))
}

/// The same of a file whose metadata was just read.
pub(super) fn whereabouts_of(file: &File, open: &fs::Metadata, path: &Path) -> Whereabouts {
    let is_it = |path: &Path| {
        fs::metadata(path).is_ok_and(|found| (found.dev(), found.ino()) == (open.dev(), open.ino()))
    };
    if is_it(path) {
        return Whereabouts::InPlace;
    }
    let descriptor = format!("/proc/self/fd/{}", file.as_raw_fd());
    match fs::read_link(descriptor) {
        Ok(path) if open.nlink() > 0 && is_it(&path) => Whereabouts::Moved(path),
        _ => Whereabouts::Gone,
    }
}

#[cfg(test)]
#[path = "place_tests.rs"]
mod tests;
