//! Tests of the jobs' texts.

use std::num::NonZeroU32;

use super::*;

/// A job of three shards with these options.
pub(super) fn settings(engine: Engine, flags: &[&str]) -> DeploySettings {
    DeploySettings {
        engine,
        shards: NonZeroU32::new(3).expect("not 0"),
        image: None,
        start_in: None,
        seed: Some(7),
        shard_flags: flags.iter().map(|flag| (*flag).to_owned()).collect(),
        merge_flags: vec!["--fail-if=errors>1%".to_owned()],
        output: None,
        longest: None,
    }
}

pub(super) fn job(settings: &DeploySettings) -> Job<'_> {
    Job {
        settings,
        seed: 7,
        start_in: Duration::from_millis(120_000),
        limit: 300,
        now: Duration::from_millis(1_700_000_000_250),
        program: "/opt/it's here/profilerclient".into(),
    }
}

/// Every line that says something is below a comment, on the level of its own block or of one around it.
#[test]
fn every_line_is_explained() {
    for (engine, text_of) in [
        (Engine::Slurm, slurm::script as fn(&Job) -> String),
        (Engine::Kubernetes, kubernetes::manifest),
    ] {
        let settings = settings(engine, &["--concurrent=9"]);
        let text = text_of(&job(&settings));
        let comments = text
            .lines()
            .filter(|line| line.trim_start().starts_with("# "));
        assert!(comments.count() > 20, "{text}");
        for line in text.lines() {
            assert!(line.chars().count() <= 120, "{line}");
        }
        assert!(!text.contains("{{"), "{text}");
    }
}
