//! Rescue: rows that could not be written to the report are saved in a new file elsewhere.

use std::env;
use std::fs::{self, File, OpenOptions};
use std::io::{self, ErrorKind, Write};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::process;

/// Copies what an open file without a path holds in its first `length` bytes, and the rows that
/// were not written to it.
pub(super) fn whole<'a>(
    file: &File,
    length: u64,
    pending: impl Iterator<Item = &'a [u8]>,
) -> io::Result<PathBuf> {
    fill_new_file(|copy| {
        copy_start(file, length, copy)?;
        write_pieces(copy, pending)
    })
}

/// Writes rows, with a header before them.
pub(super) fn rows<'a>(
    header: &[u8],
    pending: impl Iterator<Item = &'a [u8]>,
) -> io::Result<PathBuf> {
    fill_new_file(|copy| {
        copy.write_all(header)?;
        write_pieces(copy, pending)
    })
}

fn write_pieces<'a>(copy: &mut File, mut pieces: impl Iterator<Item = &'a [u8]>) -> io::Result<()> {
    pieces.try_for_each(|piece| copy.write_all(piece))
}

/// Makes a file in the directory for temporary files; removes it again if it cannot be filled.
fn fill_new_file(fill: impl FnOnce(&mut File) -> io::Result<()>) -> io::Result<PathBuf> {
    let (mut file, path) = new_file(&env::temp_dir())?;
    match fill(&mut file) {
        Ok(()) => Ok(path),
        Err(error) => {
            // A partial rescue file would mislead; failing to remove it is harmless.
            let _ = fs::remove_file(&path);
            Err(error)
        }
    }
}

fn copy_start(file: &File, length: u64, copy: &mut File) -> io::Result<()> {
    let mut buffer = vec![0; 64 << 10];
    let mut offset = 0;
    while offset < length {
        let room = buffer.len().min((length - offset) as usize);
        match file.read_at(&mut buffer[..room], offset) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(n) => {
                copy.write_all(&buffer[..n])?;
                offset += n as u64;
            }
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// A file that was not there before, for this user only: the directory may be world-writable.
fn new_file(directory: &Path) -> io::Result<(File, PathBuf)> {
    let process = process::id();
    let mut attempt = 0;
    loop {
        let path = directory.join(format!("profilerclient-rescued-{process}-{attempt}.csv"));
        let mut options = OpenOptions::new();
        match options.write(true).create_new(true).mode(0o600).open(&path) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists && attempt < 10_000 => {
                attempt += 1;
            }
            result => return result.map(|file| (file, path)),
        }
    }
}
