//! Clients as child processes: pinned to a core, and measured by what the kernel counted of them.

use std::ffi::OsStr;
use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use profilerclient::sys::process;

use super::kernel;

/// How often the child is looked after. Its CPU time does not depend on it.
const LOOK: Duration = Duration::from_millis(20);

/// How children are run.
pub struct Children<'a> {
    /// For what they write.
    pub directory: &'a Path,
    /// Where they run; anywhere, if absent.
    pub core: Option<usize>,
}

/// What a child did.
pub struct Ran {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
    /// User and system time.
    pub cpu: Duration,
    /// Its largest resident set, bytes.
    pub peak_resident: u64,
    /// From its start to its end, to within [`LOOK`].
    pub wall: Duration,
}

impl Children<'_> {
    /// Runs a program to its end; one that takes longer than `limit` is killed.
    pub fn run(
        &self,
        program: &OsStr,
        arguments: &[String],
        limit: Duration,
    ) -> Result<Ran, String> {
        // To files, so that nobody need read while the child is measured.
        let stdout = self.directory.join("stdout");
        let stderr = self.directory.join("stderr");
        let create = |path: &Path| File::create(path).map_err(|error| error.to_string());
        let mut command = Command::new(program);
        command
            .args(arguments)
            .stdin(Stdio::null())
            .stdout(create(&stdout)?)
            .stderr(create(&stderr)?);
        process::die_with_parent(&mut command);
        if let Some(core) = self.core {
            kernel::pin(&mut command, core);
        }
        let started = Instant::now();
        let mut child = command.spawn().map_err(|error| error.to_string())?;
        let ended = loop {
            thread::sleep(LOOK);
            match kernel::try_wait(child.id()) {
                Ok(Some(ended)) => break ended,
                Ok(None) if started.elapsed() < limit => {}
                outcome => {
                    // It may have ended meanwhile.
                    let _ = child.kill();
                    let _ = child.wait();
                    return Err(match outcome {
                        Err(error) => error.to_string(),
                        Ok(_) => format!("killed: it had not ended after {} s", limit.as_secs()),
                    });
                }
            }
        };
        let text = |path: &Path| match fs::read(path) {
            Ok(bytes) => Ok(String::from_utf8_lossy(&bytes).into_owned()),
            Err(error) => Err(error.to_string()),
        };
        Ok(Ran {
            status: ended.status,
            stdout: text(&stdout)?,
            stderr: text(&stderr)?,
            cpu: ended.cpu,
            peak_resident: ended.peak_resident,
            wall: started.elapsed(),
        })
    }
}

impl Ran {
    /// Why nothing can be read from it, in a line.
    pub fn complaint(&self) -> String {
        let lines = self.stderr.lines().chain(self.stdout.lines());
        let first = lines
            .map(str::trim)
            // Those that begin with == are valgrind's.
            .find(|line| !line.is_empty() && !line.starts_with("=="))
            .unwrap_or("nothing");
        format!("ended with {} and said: {first}", self.status)
    }
}
