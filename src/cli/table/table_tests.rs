//! Tests of table.

use super::*;
use crate::cli::commands;

#[test]
fn no_two_options_of_a_command_have_the_same_name() {
    for command in commands::ALL {
        let mut names = Vec::new();
        for opt in of(command.id) {
            let short = Some(opt.short).filter(|short| !short.is_empty());
            names.extend([opt.long].into_iter().chain(short));
            names.extend(opt.aliases);
        }
        let all = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), all, "{}: {names:?}", command.call());
    }
}

#[test]
fn entries_are_complete() {
    for opt in all() {
        let name = opt.long.strip_prefix("--").expect(opt.long);
        assert!(
            name.bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'-'),
            "{name}"
        );
        assert!(opt.short.is_empty() || (opt.short.len() == 2 && opt.short.starts_with('-')));
        assert!(!opt.help.is_empty() && !opt.help.ends_with('.'), "{name}");
        assert_eq!(opt.takes_value(), !opt.value.is_empty(), "{name}");
        if let Takes::OneOf(words) = opt.takes {
            assert_eq!(opt.value, words.join("|"), "{name}");
            assert!(words.contains(&opt.default), "{name}");
        }
        // The short page has a line of 80 columns for each.
        assert!(opt.day_one.chars().count() <= 50, "{name}: {}", opt.day_one);
    }
}
