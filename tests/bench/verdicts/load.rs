//! A busy loop on each CPU.

use std::process::{Child, Command, Stdio};

use profilerclient::sys::process;

/// They end by themselves after this, seconds, should nothing else end them.
const LONGEST: &str = "60";

/// Processes that never sleep, one for each CPU, not niced; they end with this.
pub struct BusyLoops(Vec<Child>);

impl BusyLoops {
    pub fn start() -> BusyLoops {
        let cpus = std::thread::available_parallelism().map_or(1, |count| count.get());
        let one = || {
            let mut command = Command::new("timeout");
            command
                .args([LONGEST, "sh", "-c", "while :; do :; done"])
                .stdin(Stdio::null());
            process::die_with_parent(&mut command);
            command.spawn()
        };
        BusyLoops((0..cpus).filter_map(|_| one().ok()).collect())
    }
}

impl Drop for BusyLoops {
    fn drop(&mut self) {
        for child in &mut self.0 {
            // `timeout` passes SIGTERM on to its child.
            let _ = process::kill(child.id(), libc::SIGTERM);
            let _ = child.wait();
        }
    }
}
