//! Tests of foreign.

use super::*;
use crate::cli::{commands, table};

#[test]
fn no_option_is_listed_as_foreign_to_its_command() {
    for command in commands::ALL {
        for opt in table::of(command.id) {
            for name in [opt.long, opt.short] {
                assert_eq!(
                    option(command.id, name),
                    None,
                    "{name} of {}",
                    command.call()
                );
            }
        }
    }
}

#[test]
fn hints_name_options_that_exist() {
    let is_name = |c: char| c.is_ascii_lowercase() || c == '-';
    for foreign in OPTIONS {
        let words = foreign.hint.split(|c: char| !is_name(c));
        for word in words.filter(|word| word.starts_with("--") && word.len() > 2) {
            assert!(
                table::all().any(|opt| opt.long == word),
                "{word} in {}",
                foreign.hint
            );
        }
    }
}
