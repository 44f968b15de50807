//! Tests of quoting.

use std::process::Command;

use super::*;

/// What shells, YAML and comments could take for something else.
pub const HOSTILE: [&str; 17] = [
    "",
    "it's",
    "\"quoted\" \\ back",
    "$HOME ${HOME} $(touch /tmp/x) `id` $$ $",
    "a\nb\r\nc\td",
    "\u{1b}[31m\u{7f}\u{85}",
    "12\u{1}3",
    "# no comment",
    "- x: {y}",
    "{{NAME}} @NAME@ %s %%",
    "true",
    "~",
    "é 漢 😀 \u{2028}\u{feff}",
    "'; rm -rf /; '",
    " leading and trailing ",
    "\\n\\001",
    "two\u{2029}lines \u{202e}and back\u{2066}\u{fffe}",
];

#[test]
fn bash_reads_every_text_as_it_is() {
    for text in HOSTILE {
        let script = format!("printf %s {}", shell(text));
        assert!(script.chars().all(is_printable), "{script:?}");
        let found = Command::new("bash")
            .args(["-c", &script])
            .output()
            .expect("bash");
        assert_eq!(found.stdout, text.as_bytes(), "{script}");
    }
}

#[test]
fn yaml_scalars_are_json_texts_of_printable_characters() {
    for text in HOSTILE {
        let quoted = yaml(text);
        // Double-quoted scalars with these escapes only are JSON texts, too.
        let read: String = serde_json::from_str(&quoted).expect("a text");
        assert_eq!(read, text);
        assert!(quoted.chars().all(is_printable), "{quoted:?}");
    }
}

#[test]
fn kubernetes_finds_no_variable_in_an_argument() {
    assert_eq!(argument("$(SHARDS) $x $$ $"), "\"$$(SHARDS) $$x $$$$ $$\"");
}

#[test]
fn what_is_filled_in_is_not_looked_at_again() {
    let text = filled("a {{ONE}} b {{TWO}}{{ONE}}", |name| match name {
        "ONE" => "{{TWO}}".to_owned(),
        _ => "2".to_owned(),
    });
    assert_eq!(text, "a {{TWO}} b 2{{TWO}}");
}
