//! The batch script for Slurm.

use super::job::Job;
use super::quote::{filled, shell};
use crate::text::counted;

/// The script, to be piped into `sbatch`.
pub(super) fn script(job: &Job) -> String {
    let settings = job.settings;
    let output = match &settings.output {
        Some(name) => shell(name),
        None => "\"$DIR/report.csv\"".to_owned(),
    };
    filled(SCRIPT, |name| match name {
        "SHARDS" => settings.shards.to_string(),
        "COUNTED" => counted(settings.shards.get().into(), "shard", "shards"),
        "MINUTES" => (job.limit / 60 + 3).to_string(),
        "LIMIT" => job.limit.to_string(),
        "START_IN" => (job.start_in.as_secs_f64().ceil() as u64 + 1).to_string(),
        "SEED" => job.seed.to_string(),
        "VERSION" => env!("CARGO_PKG_VERSION").to_owned(),
        "PROGRAM" => shell(&job.program.to_string_lossy()),
        "OUTPUT" => output.clone(),
        "FLAGS" => lines(&settings.shard_flags),
        "MERGE_FLAGS" => lines(&settings.merge_flags),
        other => unreachable!("no place is called {other}"),
    })
}

/// One word on each line.
fn lines(flags: &[String]) -> String {
    let words: Vec<String> = flags
        .iter()
        .map(|flag| format!("  {}", shell(flag)))
        .collect();
    words.join("\n")
}

const SCRIPT: &str = r#"#!/bin/bash
# A sharded run of profilerclient {{VERSION}}: {{COUNTED}}, each a task on a node of its own.
# Submit it: profilerclient deploy slurm ... | sbatch      Its messages are in slurm-JOB.out.
# Options of sbatch take precedence over those below: sbatch --partition=NAME --ntasks-per-node={{SHARDS}}
# To end it early and keep all rows: scancel --batch --signal=TERM JOB

# One task for each shard, and one on each node: no shard shares its machine with another.
#SBATCH --job-name=profilerclient
#SBATCH --ntasks={{SHARDS}}
#SBATCH --ntasks-per-node=1
# The tasks start together, when all nodes are ready.
#SBATCH --wait-all-nodes=1
# A node that fails ends neither the other shards nor this script, which still merges their rows.
#SBATCH --no-kill
# A job that was started again would send its load a second time.
#SBATCH --no-requeue
# Minutes until Slurm ends the job, and a warning to this script a minute before: see trap below.
#SBATCH --time={{MINUTES}}
#SBATCH --signal=B:TERM@60

set -u
# The program, by a path that all nodes have; another one: sbatch --export=ALL,PROFILERCLIENT=/path
PROFILERCLIENT=${PROFILERCLIENT:-{{PROGRAM}}}
# A directory of this job, on a file system that all nodes share: rows and lines of the shards, and their messages.
DIR=profilerclient-$SLURM_JOB_ID
mkdir -- "$DIR" || exit 1
# The merged rows. They are not mixed with those of another run: looked at before any load is sent.
REPORT={{OUTPUT}}
if [ -s "$REPORT" ]; then echo "$REPORT is not empty: name a new file with -o" >&2; exit 1; fi
# The options of every shard. The shard's number comes from Slurm's variables; the seed makes all of them parts of one
# plan; a shard that is late refuses: it would be missing in the merge, but not distort the load.
FLAGS=(
{{FLAGS}}
  --seed={{SEED}}
  --shard=auto
  --start-strict
  --output="$DIR/rows-%s.csv"
)
# The options of the merge: what judges and shows the whole run.
MERGE_FLAGS=(
{{MERGE_FLAGS}}
)
# Seconds until the shards are given up: longer than the load can take. Another limit: sbatch --export=ALL,LIMIT=600
LIMIT=${LIMIT:-{{LIMIT}}}

# Asks all shards to end and to write their rows. SIGTERM to srun would end them before they can.
end_shards() { scancel --signal=INT "$SLURM_JOB_ID" 2>/dev/null; }
trap end_shards TERM
# Whether every shard has written its last line.
all_done() {
  local k
  for k in $(seq {{SHARDS}}); do
    grep -qs '"line":"end"' "$DIR/rows-$k.csv.runs.jsonl" || return 1
  done
}

# The start of the load, the same for all: computed once, here.
START=$(($(date +%s) + {{START_IN}}))
echo "the load starts at $START (Unix time)"
# One task a shard. A task that fails ends no other (--kill-on-bad-exit=0, --wait=0, --no-kill), whatever the
# cluster has as defaults. MPI's variables could contradict Slurm's (--mpi=none). The output of
# shard K goes to shard-(K-1).log.
srun --ntasks={{SHARDS}} --kill-on-bad-exit=0 --wait=0 --no-kill --mpi=none --export=ALL \
  --output="$DIR/shard-%t.log" --error="$DIR/shard-%t.log" \
  "$PROFILERCLIENT" "${FLAGS[@]}" --start-at="$START" </dev/null &
SRUN=$!
# Srun hangs where the daemon of a step was killed: it is waited for until all shards are done, or the limit is over.
SECONDS=0
ENDED=
while kill -0 "$SRUN" 2>/dev/null; do
  if [ -z "$ENDED" ] && { all_done || [ "$SECONDS" -ge "$LIMIT" ]; }; then
    # Ten seconds for srun to see that its tasks have ended, or to ask those that have not.
    [ "$SECONDS" -lt "$LIMIT" ] || end_shards
    ENDED=$((SECONDS + 10))
  fi
  if [ -n "$ENDED" ] && [ "$SECONDS" -ge "$ENDED" ]; then
    echo "srun hangs: it is killed" >&2
    kill -KILL "$SRUN" 2>/dev/null
  fi
  sleep 0.2
done
wait "$SRUN"
echo "srun ended with code $?; whether all shards are there is for the merge to say"

# The last step: one file, one summary. Every shard is named, so that a missing one is PARTIAL (exit code 3).
FILES=()
for k in $(seq {{SHARDS}}); do FILES+=("$DIR/rows-$k.csv"); done
"$PROFILERCLIENT" merge "${FILES[@]}" "${MERGE_FLAGS[@]}" --output="$REPORT"
"#;

#[cfg(test)]
#[path = "slurm_tests.rs"]
mod tests;
