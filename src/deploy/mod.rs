//! `deploy`: the job of a sharded run, for Slurm as a batch script, for Kubernetes as a manifest.
//!
//! What engines do otherwise is taken into account: tasks that start one after another, a job that succeeds
//! with a task missing, a launcher that hangs, a signal that ends a process before its rows are written, a pod
//! that is started again in the middle of the run.

mod job;
mod kubernetes;
mod quote;
mod slurm;

use std::io::Write;
use std::time::{Duration, SystemTime};

use crate::console::Console;
use crate::exit::{Ending, Error};
use crate::run::random_seed;
use crate::settings::{DeploySettings, Engine};

use job::Job;

/// The time to get ready where none is given: tasks of a Slurm step start within 0.2 s of one another.
const SLURM_START_IN: Duration = Duration::from_secs(5);

/// The same where images have to be pulled first.
const KUBERNETES_START_IN: Duration = Duration::from_secs(120);

/// How long a load may take whose length nothing bounds.
const LONGEST: Duration = Duration::from_secs(24 * 3_600);

/// For the rows to be written, and for a task to end.
const TO_END: Duration = Duration::from_secs(60);

/// Prints the job.
pub fn run(settings: &DeploySettings) -> Result<Ending, Error> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let now =
        since.map_err(|_| Error::failed("this machine's clock is before 1970: set it first"))?;
    let start_in = settings.start_in.unwrap_or(match settings.engine {
        Engine::Slurm => SLURM_START_IN,
        Engine::Kubernetes => KUBERNETES_START_IN,
    });
    let longest = settings.longest.unwrap_or(LONGEST).min(LONGEST * 30);
    let job = Job {
        settings,
        seed: settings.seed.unwrap_or_else(random_seed),
        start_in,
        limit: (start_in + longest + TO_END).as_secs() + 1,
        now,
        program: std::env::current_exe().unwrap_or_else(|_| "profilerclient".into()),
    };
    let text = match settings.engine {
        Engine::Slurm => slurm::script(&job),
        Engine::Kubernetes => kubernetes::manifest(&job),
    };
    (Console::stdout().write_all(text.as_bytes()))
        .map(|()| Ending::Done)
        .map_err(|error| Error::failed(format_args!("standard output cannot be written: {error}")))
}

#[cfg(test)]
#[path = "deploy_tests.rs"]
mod tests;
