//! Tests of the exit code.

use super::*;
use crate::comparison::samples::compared_with;

fn ending_of(comparison: &Comparison, words: &str) -> Ending {
    let is_given = |word: &str| words.split(' ').any(|of| of == word);
    let fail = FailSettings {
        if_slower: is_given("slower"),
        if_different: is_given("different"),
        allow_unknown: is_given("allow"),
    };
    ending(fail, comparison)
}

#[test]
fn the_exit_code_follows_the_primary_metric() {
    let slower = compared_with(0.006, 10);
    let faster = compared_with(0.004, 10);
    let small = compared_with(0.00505, 10);
    let same = compared_with(0.005, 10);
    let open = compared_with(0.006, 3);
    for (comparison, words, is_met) in [
        (&slower, "", false),
        (&slower, "slower", true),
        (&slower, "different", true),
        (&slower, "slower allow", true),
        (&faster, "slower", false),
        (&faster, "different", true),
        (&small, "slower", false),
        (&small, "different", true),
        (&same, "slower different", false),
        (&open, "", false),
        (&open, "slower", true),
        (&open, "different", true),
        (&open, "slower different allow", false),
    ] {
        let expected = if is_met {
            Ending::ThresholdsMet
        } else {
            Ending::Done
        };
        let row = comparison.primary_rows().next().expect("a pair");
        assert_eq!(
            ending_of(comparison, words),
            expected,
            "{:?} {words}",
            row.verdict
        );
    }
}
