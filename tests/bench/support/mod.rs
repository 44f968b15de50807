//! What several benchmarks need.

pub mod nginx;

use std::process::{Command, Stdio};

/// Whether a program can be run.
pub fn is_installed(program: &str) -> bool {
    let mut command = Command::new(program);
    command.arg("--version").stdin(Stdio::null());
    command.stdout(Stdio::null()).stderr(Stdio::null());
    // Some end with an error, but they are there.
    command.status().is_ok()
}
