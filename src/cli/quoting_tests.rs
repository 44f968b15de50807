//! Tests of quoting, with the shell that is to read it.

use std::process::Command;

use super::*;

const HOSTILE: [&str; 12] = [
    "a b",
    "it's",
    "$(touch /tmp/hostile)",
    "`id`",
    "\"double\"",
    "$HOME",
    "; exit 7",
    "-n",
    "a\\'b\\",
    "*",
    "{variant}",
    "é\u{2028}名",
];

/// What a command prints, run as hooks are.
fn printed(command: &str) -> String {
    let output = Command::new("/bin/sh").args(["-c", command]).output();
    let output = output.expect("a shell");
    assert!(output.status.success(), "{command}");
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn a_hostile_name_is_one_word_for_the_shell() {
    for name in HOSTILE {
        let command = put_in("printf '%s|' {variant} x{variant}y", name).expect(name);
        assert_eq!(printed(&command), format!("{name}|x{name}y|"), "{command}");
    }
}

#[test]
fn plain_names_go_in_as_they_are_also_within_quotes() {
    assert_eq!(
        put_in("systemctl restart \"shop@{variant}\"", "v1.2-sync"),
        Ok("systemctl restart \"shop@v1.2-sync\"".to_owned())
    );
    assert_eq!(quoted(""), "''");
}

#[test]
fn a_name_that_needs_quotes_is_refused_within_quotes() {
    for command in [
        "echo \"{variant}\"",
        "echo '{variant}'",
        "echo \"it's {variant}\"",
        "echo `echo {variant}`",
        "echo \\{variant}",
        "cat <<END\n{variant}\nEND",
        "echo \"\\\"{variant}\"",
    ] {
        assert_eq!(
            put_in(command, "a b"),
            Err(Unquotable::WithinQuotes),
            "{command}"
        );
    }
    for command in [
        "echo 'a' {variant} \"b\"",
        "echo \\\" {variant}",
        "echo '\\' {variant}",
        "echo $(echo {variant})",
    ] {
        assert!(put_in(command, "a b").is_ok(), "{command}");
    }
}
