//! Completions of bash, zsh and fish.

use std::fmt::Write;

use super::topics;
use crate::cli::commands::{self, Command};
use crate::cli::table::{self, Opt, Takes};

/// The command words and their names in shell functions.
fn named() -> impl Iterator<Item = &'static &'static Command> {
    commands::ALL
        .iter()
        .filter(|command| !command.name.is_empty())
}

fn options(command: &Command) -> Vec<&'static Opt> {
    table::of(command.id).collect()
}

/// The operands of commands that take files.
const FILES: &str = "FILE...";

/// The words that a command takes beside its options.
fn operands(command: &Command) -> Vec<&'static str> {
    match command.name {
        "completions" => command.operands.split('|').collect(),
        "help" => named()
            .map(|command| command.name)
            .chain(topics::ALL.iter().map(|topic| topic.name))
            .collect(),
        _ => Vec::new(),
    }
}

/// The words that complete the value of an option.
fn values(opt: &Opt) -> Option<&'static str> {
    (opt.long == table::APP.long).then_some("rdbms cassandra")
}

/// Short and long names.
fn names(opt: &Opt) -> impl Iterator<Item = &'static str> {
    [opt.short, opt.long]
        .into_iter()
        .filter(|name| !name.is_empty())
}

/// For bash(1), see "Programmable Completion".
pub fn bash() -> String {
    let mut out = String::from(
        "# bash completion of profilerclient\n\
         _profilerclient() {\n    \
         local cur=\"${COMP_WORDS[COMP_CWORD]}\" prev=\"${COMP_WORDS[COMP_CWORD-1]}\" command words\n    \
         command=\"${COMP_WORDS[1]}\"\n    \
         # --color=a is three words for bash.\n    \
         if [ \"$cur\" = \"=\" ]; then cur=; \
         elif [ \"$prev\" = \"=\" ]; then prev=\"${COMP_WORDS[COMP_CWORD-2]}\"; fi\n    \
         COMPREPLY=()\n",
    );
    values_of_bash(&mut out);
    out.push_str("    case \"$command\" in\n");
    for command in named() {
        let options = options(command);
        let words = operands(command)
            .into_iter()
            .chain(options.iter().flat_map(|opt| names(opt)));
        let mut words: Vec<&str> = words.collect();
        if command.name == "help" {
            words.extend(table::all().map(|opt| opt.long));
            words.dedup();
        }
        let _ = writeln!(
            out,
            "        {}) words=\"{}\" ;;",
            command.name,
            words.join(" ")
        );
    }
    let run = options(&commands::RUN);
    let words: Vec<&str> = run.iter().flat_map(|opt| names(opt)).collect();
    let _ = writeln!(out, "        *) words=\"{}\" ;;", words.join(" "));
    out.push_str("    esac\n");
    let words: Vec<&str> = named().map(|command| command.name).collect();
    let _ = writeln!(
        out,
        "    if [ \"$COMP_CWORD\" -eq 1 ]; then words=\"{} $words\"; fi",
        words.join(" ")
    );
    let readers: Vec<&str> = named()
        .filter(|command| command.operands == FILES)
        .map(|command| command.name)
        .collect();
    // Names may be written with _ for -, as the old ones are.
    out.push_str("    case \"$cur\" in --*) cur=\"${cur//_/-}\" ;; esac\n");
    out.push_str("    COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n");
    let _ = writeln!(
        out,
        "    if [ \"$COMP_CWORD\" -gt 1 ]; then case \"$command\" in {}) \
         mapfile -t -O \"${{#COMPREPLY[@]}}\" COMPREPLY < <(compgen -f -- \"$cur\") ;; esac; fi",
        readers.join("|")
    );
    out.push_str("}\ncomplete -F _profilerclient profilerclient\n");
    out
}

/// The values of the option before the cursor.
fn values_of_bash(out: &mut String) {
    out.push_str("    case \"$prev\" in\n");
    for opt in table::all() {
        let reply = match opt.takes {
            Takes::Nothing => continue,
            Takes::OneOf(words) => {
                format!(
                    "COMPREPLY=($(compgen -W \"{}\" -- \"$cur\"))",
                    words.join(" ")
                )
            }
            Takes::File => "mapfile -t COMPREPLY < <(compgen -f -- \"$cur\")".to_owned(),
            Takes::Value | Takes::Text => match values(opt) {
                Some(words) => format!("COMPREPLY=($(compgen -W \"{words}\" -- \"$cur\"))"),
                None => ":".to_owned(),
            },
        };
        let mut names: Vec<String> = names(opt).map(str::to_owned).collect();
        let with_underscores = format!("--{}", opt.long[2..].replace('-', "_"));
        if with_underscores != opt.long {
            names.push(with_underscores);
        }
        let _ = writeln!(out, "        {}) {reply}; return ;;", names.join("|"));
    }
    out.push_str("    esac\n");
}

/// For zsh, see zshcompsys(1).
pub fn zsh() -> String {
    let mut out =
        String::from("#compdef profilerclient\n\n_profilerclient() {\n    local -a commands\n");
    out.push_str("    commands=(\n");
    for command in named() {
        let entry = format!("{}:{}", command.name, command.summary.replace(':', "\\:"));
        let _ = writeln!(out, "        {}", quoted(&entry));
    }
    out.push_str(
        "    )\n    if (( CURRENT == 2 )); then\n        _describe command commands\n    fi\n",
    );
    out.push_str("    case $words[2] in\n");
    for command in named() {
        let _ = writeln!(out, "        {})", command.name);
        arguments_of_zsh(&mut out, command);
        out.push_str("            ;;\n");
    }
    out.push_str("        *)\n");
    arguments_of_zsh(&mut out, &commands::RUN);
    out.push_str("            ;;\n    esac\n}\n\n");
    out.push_str("if [ \"$funcstack[1]\" = _profilerclient ]; then\n    _profilerclient \"$@\"\nelse\n    compdef _profilerclient profilerclient\nfi\n");
    out
}

fn arguments_of_zsh(out: &mut String, command: &Command) {
    out.push_str("            _arguments \\\n");
    if !command.name.is_empty() {
        let _ = writeln!(
            out,
            "                {} \\",
            quoted(&format!("1:command:({})", command.name))
        );
    }
    for opt in options(command) {
        for name in names(opt) {
            let what = opt.help_for(command.id).replace('[', "(").replace(']', ")");
            let what = what.replace('\\', "\\\\").replace(':', "\\:");
            let star = if opt.is_repeatable { "*" } else { "" };
            let value = match opt.takes {
                Takes::Nothing => String::new(),
                Takes::OneOf(words) => format!(":value:({})", words.join(" ")),
                Takes::File => ":file:_files".to_owned(),
                Takes::Value | Takes::Text => match values(opt) {
                    Some(words) => format!(":value:({words})"),
                    None => ":value: ".to_owned(),
                },
            };
            // The value of a long name may follow after =, that of a short one directly.
            let joined = match (opt.takes_value(), name.starts_with("--")) {
                (false, _) => "",
                (true, true) => "=",
                (true, false) => "+",
            };
            let spec = format!("{star}{name}{joined}[{what}]{value}");
            let _ = writeln!(out, "                {} \\", quoted(&spec));
        }
    }
    let words = operands(command);
    match words.is_empty() {
        true if command.operands == FILES => {
            out.push_str("                '*:file:_files' && return 0\n");
        }
        true => out.push_str("                && return 0\n"),
        false => {
            let spec = format!("2:argument:({})", words.join(" "));
            let _ = writeln!(out, "                {} && return 0", quoted(&spec));
        }
    }
}

/// For fish, see complete(1) there.
pub fn fish() -> String {
    let mut out =
        String::from("# fish completion of profilerclient\ncomplete -c profilerclient -f\n");
    let all: Vec<&str> = named().map(|command| command.name).collect();
    let no_command = format!("not __fish_seen_subcommand_from {}", all.join(" "));
    for command in named() {
        let _ = writeln!(
            out,
            "complete -c profilerclient -n __fish_use_subcommand -a {} -d {}",
            command.name,
            quoted_for_fish(command.summary)
        );
    }
    for command in commands::ALL {
        let condition = match command.name {
            "" => no_command.clone(),
            name => format!("__fish_seen_subcommand_from {name}"),
        };
        let words = operands(command);
        if !words.is_empty() {
            let _ = writeln!(
                out,
                "complete -c profilerclient -n {} -a {}",
                quoted_for_fish(&condition),
                quoted_for_fish(&words.join(" "))
            );
        }
        if command.operands == FILES {
            let condition = quoted_for_fish(&condition);
            let _ = writeln!(out, "complete -c profilerclient -n {condition} -F");
        }
        for opt in options(command) {
            option_of_fish(&mut out, command, opt, &condition);
        }
    }
    out
}

fn option_of_fish(out: &mut String, command: &Command, opt: &Opt, condition: &str) {
    let _ = write!(
        out,
        "complete -c profilerclient -n {} -l {}",
        quoted_for_fish(condition),
        &opt.long[2..]
    );
    if !opt.short.is_empty() {
        let _ = write!(out, " -s {}", &opt.short[1..]);
    }
    match opt.takes {
        Takes::Nothing => {}
        Takes::OneOf(words) => {
            let _ = write!(out, " -x -a {}", quoted_for_fish(&words.join(" ")));
        }
        Takes::File => out.push_str(" -r -F"),
        Takes::Value | Takes::Text => match values(opt) {
            Some(words) => {
                let _ = write!(out, " -x -a {}", quoted_for_fish(words));
            }
            None => out.push_str(" -x"),
        },
    }
    let _ = writeln!(out, " -d {}", quoted_for_fish(opt.help_for(command.id)));
}

/// A word in single quotes for bash and zsh.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "'\\''"))
}

/// A word in single quotes for fish.
fn quoted_for_fish(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}
