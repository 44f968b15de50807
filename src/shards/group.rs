//! The processes of a run.

use std::os::unix::process::ExitStatusExt;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use crate::exit::Error;
use crate::settings::ShardsSettings;
use crate::signals::Signals;
use crate::sys::{cpus, process};

use super::directory::Directory;
use super::plan::Plan;
use super::progress::Progress;

/// How often is looked whether processes have ended.
const LOOK: Duration = Duration::from_millis(20);

/// How a process ended.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ended {
    /// Its exit code; absent where a signal killed it.
    pub code: Option<i32>,
}

/// The processes; those that still run are killed when this is dropped.
#[derive(Debug)]
pub(super) struct Group {
    children: Vec<(Child, Option<ExitStatus>)>,
}

impl Group {
    /// Starts all of them.
    pub fn start(plan: &Plan<'_>, directory: &Directory) -> Result<Group, Error> {
        let program = std::env::current_exe().map_err(|error| {
            Error::failed(format_args!(
                "this program's executable cannot be found ({error}): start it by its path"
            ))
        })?;
        let cpus = cpus_of(plan.settings);
        let mut group = Group {
            children: Vec::new(),
        };
        for number in directory.numbers() {
            let log = directory.make_log(number)?;
            let failed = |error| {
                Error::failed(format_args!(
                    "shard {number} cannot be started ({error}): give fewer, or raise the limit of processes (ulimit -u)"
                ))
            };
            let mut command = Command::new(&program);
            command
                .args(arguments(plan, directory, number, &cpus))
                .stdin(Stdio::null())
                .stdout(log.try_clone().map_err(failed)?)
                // Of the process group of this one: what a terminal stops (Ctrl-Z) and continues, or ends (Ctrl-C),
                // are all of them. That this process passes on the end, too, does not end them at once.
                .stderr(log);
            process::die_with_parent(&mut command);
            let child = command.spawn().map_err(failed)?;
            group.children.push((child, None));
        }
        Ok(group)
    }

    /// Waits until all have ended; the first signal is passed on to those that run.
    pub fn wait(&mut self, signals: &mut Signals, progress: &mut Progress) -> Result<(), Error> {
        let failed =
            |error| Error::failed(format_args!("the shards cannot be waited for: {error}"));
        let mut is_told = false;
        loop {
            let mut running = 0;
            for (child, status) in &mut self.children {
                if status.is_none() {
                    *status = child.try_wait().map_err(failed)?;
                }
                running += usize::from(status.is_none());
            }
            if running == 0 {
                return Ok(());
            }
            progress.draw(running);
            match signals.received() {
                Some(signal) if !is_told => {
                    is_told = true;
                    self.send(signal);
                }
                Some(_) => std::thread::sleep(LOOK),
                None => signals.wait(LOOK).map_err(failed)?,
            }
        }
    }

    /// Sends a signal to those that run.
    fn send(&self, signal: i32) {
        let running = self.children.iter().filter(|(_, status)| status.is_none());
        for (child, _) in running {
            // One that has just ended needs no signal.
            let _ = process::kill(child.id(), signal);
        }
    }

    /// How each ended, in their order.
    pub fn into_ended(mut self) -> Vec<Ended> {
        let children = std::mem::take(&mut self.children);
        let code = |status: Option<ExitStatus>| {
            let status = status?;
            status.signal().map_or(status.code(), |_| None)
        };
        (children.into_iter())
            .map(|(_, status)| Ended { code: code(status) })
            .collect()
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        for (child, _) in self
            .children
            .iter_mut()
            .filter(|(_, status)| status.is_none())
        {
            // It may have ended already; nothing can be done about an error here.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// A CPU for each, where there are enough and none is asked for.
fn cpus_of(settings: &ShardsSettings) -> Vec<u32> {
    let count = settings.count.get() as usize;
    match cpus::allowed() {
        Ok(allowed) if !settings.has_cpu && allowed.len() >= count => allowed,
        _ => Vec::new(),
    }
}

fn arguments(plan: &Plan<'_>, directory: &Directory, number: u32, cpus: &[u32]) -> Vec<String> {
    let settings = plan.settings;
    let (seconds, nanos) = (
        plan.start_at.div_euclid(1_000_000_000),
        plan.start_at.rem_euclid(1_000_000_000),
    );
    // In a name of a shard's file a percent sign is doubled.
    let rows = directory.rows_of(number);
    let rows = rows.to_string_lossy().replace('%', "%%");
    let mut arguments = settings.shard_flags.clone();
    arguments.extend([
        format!("--shard={number}/{}", settings.count),
        format!("--seed={}", plan.seed),
        format!("--start-at={seconds}.{nanos:09}"),
        format!("--output={rows}"),
        "--quiet".to_owned(),
        "--progress=log".to_owned(),
    ]);
    let cpu = cpus.get(number as usize - 1);
    arguments.extend(cpu.map(|cpu| format!("--cpu={cpu}")));
    arguments
}

#[cfg(test)]
#[path = "group_tests.rs"]
mod tests;
