//! The secrets of sessions, for tools that decrypt a capture (NSS key log format).

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::Path;
use std::sync::Mutex;

use rustls::KeyLog;

/// Appends a line for each secret.
#[derive(Debug)]
pub struct KeyLogFile(Mutex<File>);

impl KeyLogFile {
    /// Opens the file, or makes it, readable by its owner alone.
    pub fn open(path: &Path) -> io::Result<KeyLogFile> {
        use std::os::unix::fs::OpenOptionsExt;
        let mut options = OpenOptions::new();
        options.append(true).create(true).mode(0o600);
        options.open(path).map(|file| KeyLogFile(Mutex::new(file)))
    }
}

impl KeyLog for KeyLogFile {
    fn log(&self, label: &str, client_random: &[u8], secret: &[u8]) {
        let mut line = label.to_owned();
        for bytes in [client_random, secret] {
            line.push(' ');
            for byte in bytes {
                line.push_str(&format!("{byte:02x}"));
            }
        }
        line.push('\n');
        // The log is for the reader of a capture; a load does not end because it is full.
        if let Ok(mut file) = self.0.lock() {
            let _ = file.write_all(line.as_bytes());
        }
    }
}
