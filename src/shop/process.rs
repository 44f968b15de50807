//! The newcomer's first command: a shop of one's own, the main job against it, and an end to it.

use std::io::{BufRead, BufReader};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use crate::sys::process;

/// The embedded shop as a child process on a free loopback port. It is stopped when this is dropped,
/// and dies with this process however that ends.
#[derive(Debug)]
pub struct ShopProcess {
    child: Child,
    /// Where it listens.
    pub url: String,
}

impl ShopProcess {
    /// Starts it and waits until it listens. The error is one line.
    pub fn start(args: &[&str]) -> Result<ShopProcess, String> {
        let binary = std::env::current_exe()
            .map_err(|error| format!("the program's own file cannot be found: {error}"))?;
        ShopProcess::start_program(&binary, args)
    }

    /// The same with the program in that file: tests and benchmarks are programs of their own.
    pub fn start_program(binary: &Path, args: &[&str]) -> Result<ShopProcess, String> {
        let mut command = Command::new(binary);
        command
            .args(["shop", "--listen", "127.0.0.1:0"])
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            // A Ctrl-C at the terminal is for the client; it stops the shop when the rows are safe.
            .process_group(0);
        process::die_with_parent(&mut command);
        let mut child = command
            .spawn()
            .map_err(|error| format!("the shop cannot be started: {error}"))?;
        let stdout = child.stdout.take().expect("asked for a pipe");
        let mut shop = ShopProcess {
            child,
            url: String::new(),
        };
        match BufReader::new(stdout).read_line(&mut shop.url) {
            Ok(count) if count > 0 => {}
            Ok(_) => return Err("the shop ended before it listened".to_owned()),
            Err(error) => return Err(format!("the shop cannot be heard: {error}")),
        }
        shop.url.truncate(shop.url.trim_end().len());
        Ok(shop)
    }
}

impl Drop for ShopProcess {
    fn drop(&mut self) {
        // It may be gone already; there is nobody left to tell.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
