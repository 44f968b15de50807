//! README's table of options.

use std::fmt::Write;

use crate::cli::commands;
use crate::cli::table::{self, Commands, Group, Opt};

/// The table of a load's options, in Markdown.
pub fn options() -> String {
    let mut out = String::from("| option | meaning | default |\n|---|---|---|\n");
    for group in Group::ALL {
        for opt in table::of(Commands::RUN).filter(|opt| opt.group == group) {
            out.push_str(&row(opt));
        }
    }
    let check = table::of(Commands::CHECK).filter(|opt| !commands::RUN.takes(opt));
    for opt in check {
        out.push_str(&row(opt));
    }
    out
}

fn row(opt: &Opt) -> String {
    let command = commands::that_take(opt)
        .next()
        .map_or(Commands::RUN, |command| command.id);
    let short = match opt.short {
        "" => String::new(),
        short => format!("`{short}`, "),
    };
    let name = format!("{} {}", opt.long, opt.value);
    let name = name.trim_end().replace('|', "\\|");
    // `check --buy`
    let of = match command == Commands::RUN {
        true => "",
        false => "check ",
    };
    let help = escaped(opt.help_for(command));
    let help = help.trim_end_matches(':');
    let mut out = String::new();
    let default = escaped(opt.default_for(command));
    let _ = writeln!(out, "| {short}`{of}{name}` | {help} | {default} |");
    out
}

fn escaped(text: &str) -> String {
    text.replace('|', "\\|")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}
