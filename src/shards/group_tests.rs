//! Tests of what the processes are given.

use super::*;
use std::num::NonZeroU32;

use crate::settings::{MergeSettings, ProgressMode};

#[test]
fn every_process_gets_its_share_and_the_same_seed_and_start() {
    let settings = ShardsSettings {
        count: NonZeroU32::new(2).expect("two"),
        shard_flags: vec!["--concurrent=9".to_owned()],
        seed: None,
        start_at: None,
        has_cpu: false,
        progress: ProgressMode::Never,
        merge: MergeSettings::default(),
    };
    let plan = Plan {
        settings: &settings,
        seed: 7,
        start_at: 1_772_366_400_000_000_005,
    };
    let dir = tempfile::tempdir().expect("a directory");
    let output = dir.path().join("100%.csv");
    let directory = Directory::make(&output, 2).expect("made");
    let of = |number, cpus: &[u32]| arguments(&plan, &directory, number, cpus);
    let (one, two) = (of(1, &[4, 6]), of(2, &[4, 6]));
    for argument in [
        "--concurrent=9",
        "--seed=7",
        "--start-at=1772366400.000000005",
    ] {
        assert!(one.iter().any(|of| of == argument), "{one:?}");
        assert!(two.iter().any(|of| of == argument), "{two:?}");
    }
    assert!(one.contains(&"--shard=1/2".to_owned()) && two.contains(&"--shard=2/2".to_owned()));
    assert!(one.contains(&"--cpu=4".to_owned()) && two.contains(&"--cpu=6".to_owned()));
    assert!(
        two.iter().any(|of| of.contains("100%%.csv.shards-")),
        "{two:?}"
    );
    assert!(!of(2, &[]).iter().any(|of| of.starts_with("--cpu")));
}
