//! Tests of the manifest.

use super::super::tests::{job, settings};
use super::*;
use crate::settings::Engine;

#[test]
fn the_start_is_the_time_of_the_printing_and_the_span() {
    let settings = settings(Engine::Kubernetes, &["--concurrent=9"]);
    let text = manifest(&job(&settings));
    assert!(text.contains("- \"--start-at=1700000120.250\"\n"), "{text}");
    assert!(text.contains("- \"--seed=7\"\n"), "{text}");
    assert!(text.contains("- \"--start-strict\"\n"), "{text}");
}

/// Kubernetes makes one `$` of two, in the script as in arguments.
#[test]
fn no_single_dollar_is_left_in_what_kubernetes_expands() {
    let settings = settings(Engine::Kubernetes, &["--benchmark-title=$(SHARDS) $x"]);
    let text = manifest(&job(&settings));
    let (_, expanded) = text
        .split_once("\n          command:\n")
        .expect("the command");
    assert!(!expanded.replace("$$", "").contains('$'), "{expanded}");
}

#[test]
fn a_line_break_in_an_option_ends_no_comment() {
    let mut settings = settings(Engine::Kubernetes, &[]);
    settings.merge_flags = vec!["--fail-if=a\nkind: Pod".to_owned()];
    settings.output = Some("x\n  y: z".to_owned());
    let text = manifest(&job(&settings));
    assert!(
        !text
            .lines()
            .any(|line| line.starts_with("kind: Pod") || line == "  y: z")
    );
}
