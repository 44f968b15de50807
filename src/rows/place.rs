//! Opening the report before any load is sent, and finding out whether it is still in its place.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, ErrorKind};
use std::os::fd::{AsFd, AsRawFd};
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::{Path, PathBuf};

use crate::rows::appender::Output;
use crate::sys::file;

/// What was opened.
#[derive(Debug)]
pub(super) struct Opened {
    pub output: Output,
    /// Whether this run made the file.
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

/// Opens standard output, past the buffer of the standard library.
pub(super) fn open_stdout() -> io::Result<Opened> {
    let descriptor = io::stdout().as_fd().try_clone_to_owned()?;
    Ok(stream(File::from(descriptor)))
}

/// Opens a report for appending and, if it is a regular file, locks it against other runs. The
/// error is one line: what is wrong, and the mend.
pub(super) fn open(path: &Path) -> Result<Opened, String> {
    match fs::metadata(path) {
        Ok(found) if found.file_type().is_block_device() => {
            Err("it is a block device: choose a file with -o".to_owned())
        }
        Ok(found) if found.file_type().is_fifo() => open_fifo(path),
        Ok(found) if !found.is_file() && !found.is_dir() => open_stream(path),
        _ => open_file(path),
    }
}

fn open_fifo(path: &Path) -> Result<Opened, String> {
    match file::open_fifo(path) {
        Ok(file) => Ok(stream(file)),
        Err(error) if error.raw_os_error() == Some(libc::ENXIO) => {
            Err("nobody reads this FIFO: start its reader first".to_owned())
        }
        Err(error) => Err(why_not(path, &error)),
    }
}

fn open_stream(path: &Path) -> Result<Opened, String> {
    let opened = OpenOptions::new().append(true).open(path);
    opened.map(stream).map_err(|error| why_not(path, &error))
}

fn stream(file: File) -> Opened {
    Opened {
        output: Output {
            file,
            is_regular: false,
        },
        is_new: false,
    }
}

/// Whether a file is the regular file or the pipe that standard output goes to, under whatever name
/// (`/dev/stdout`): what is printed there would run into the rows. A device takes both.
pub(super) fn is_standard_output(file: &File) -> io::Result<bool> {
    let stdout = File::from(io::stdout().as_fd().try_clone_to_owned()?).metadata()?;
    let file = file.metadata()?;
    let is_shared = file.is_file() || file.file_type().is_fifo();
    Ok(is_shared && (stdout.dev(), stdout.ino()) == (file.dev(), file.ino()))
}

fn open_file(path: &Path) -> Result<Opened, String> {
    // A run that ends may remove the empty file it made, just between our opening and locking it.
    for _ in 0..10 {
        let (file, is_new) = open_or_create(path).map_err(|error| why_not(path, &error))?;
        lock(&file)?;
        let is_in_place = whereabouts(&file, path)
            .map_err(|error| error.to_string())
            .map(|place| place == Whereabouts::InPlace)?;
        if is_in_place {
            return Ok(Opened {
                output: Output {
                    file,
                    is_regular: true,
                },
                is_new,
            });
        }
    }
    Err("it is removed or replaced all the time: choose another file with -o".to_owned())
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

fn lock(file: &File) -> Result<(), String> {
    match file.try_lock() {
        Err(TryLockError::WouldBlock) => Err(
            "another run is writing it: wait for it to end, or choose another file with -o"
                .to_owned(),
        ),
        // Some file systems have no locks; there the report is written without one.
        Ok(()) | Err(TryLockError::Error(_)) => Ok(()),
    }
}

/// Finds out where an open file is now.
pub(super) fn whereabouts(file: &File, path: &Path) -> io::Result<Whereabouts> {
    let open = file.metadata()?;
    let is_it = |path: &Path| {
        fs::metadata(path).is_ok_and(|found| (found.dev(), found.ino()) == (open.dev(), open.ino()))
    };
    if is_it(path) {
        return Ok(Whereabouts::InPlace);
    }
    let descriptor = format!("/proc/self/fd/{}", file.as_raw_fd());
    Ok(match fs::read_link(descriptor) {
        Ok(path) if open.nlink() > 0 && is_it(&path) => Whereabouts::Moved(path),
        _ => Whereabouts::Gone,
    })
}

/// Why a report cannot be opened, and the mend.
fn why_not(path: &Path, error: &io::Error) -> String {
    let mend = match error.kind() {
        ErrorKind::NotFound => return missing(path),
        ErrorKind::IsADirectory => return "it is a directory: name a file in it".to_owned(),
        ErrorKind::NotADirectory => return format!("{error}: a part of the path is a file"),
        ErrorKind::PermissionDenied => {
            "it must be readable and writable: change its permissions or choose another file with -o"
        }
        ErrorKind::ReadOnlyFilesystem => "choose a file on another file system with -o",
        ErrorKind::StorageFull | ErrorKind::QuotaExceeded => {
            "free some space or choose another file with -o"
        }
        _ => "choose another file with -o",
    };
    format!("{error}: {mend}")
}

fn missing(path: &Path) -> String {
    if path.as_os_str().is_empty() {
        return "the name is empty: name a file with -o".to_owned();
    }
    let parent = path.parent().filter(|parent| !parent.is_dir());
    match parent {
        Some(parent) if !parent.as_os_str().is_empty() => {
            let parent = parent.display();
            format!("the directory {parent} does not exist: make it or choose another file with -o")
        }
        _ => "the file cannot be made there: choose another file with -o".to_owned(),
    }
}

#[cfg(test)]
#[path = "place_tests.rs"]
mod tests;
