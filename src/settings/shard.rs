//! One run as several processes: the share of this one, and when all of them start.

use std::time::Duration;

use crate::plan::Shard;

/// The share of this process in a run, and the instants at which its parts start.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ShardSettings {
    /// What this process launches of the plan.
    pub shard: Shard,
    /// The variables that `--shard auto` took it from.
    pub source: Option<&'static str>,
    /// Whether the run is sharded: `--shard 1/1` is, too.
    pub is_sharded: bool,
    /// When the load starts; absent for as soon as everything is ready.
    pub start: Option<StartAt>,
}

/// When a load starts by the wall clock.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StartAt {
    /// The instant, nanoseconds since the Unix epoch.
    pub unix_nanos: i64,
    /// Whether a process that is not ready by then sends no load.
    pub is_strict: bool,
    /// From the start of one part to that of the next; absent where parts follow as they end.
    pub slot: Option<Duration>,
}

impl ShardSettings {
    /// `2/3` for the second of three; absent for a run that is not sharded.
    pub fn name(&self) -> Option<String> {
        let (number, count) = (self.shard.number(), self.shard.count());
        self.is_sharded.then(|| format!("{number}/{count}"))
    }
}

impl StartAt {
    /// When the `number`th start is due (a part, or its warm-up), nanoseconds since the Unix epoch; absent
    /// where it follows what was before.
    pub fn instant(&self, number: u64) -> Option<i64> {
        let after = match (number, self.slot) {
            (0, _) => 0,
            (_, None) => return None,
            (number, Some(slot)) => i128::from(number).saturating_mul(slot.as_nanos() as i128),
        };
        let instant = i128::from(self.unix_nanos).saturating_add(after);
        Some(i64::try_from(instant).unwrap_or(i64::MAX))
    }
}
