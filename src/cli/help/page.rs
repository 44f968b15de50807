//! The help pages: all that a command takes (`--help`), and what most people need (`-h`).

use std::fmt::Write;

use super::topics;
use super::wrap::{beside, length, wrapped};
use crate::cli::commands::{self, Command};
use crate::cli::table::{self, Commands, Group, Opt};

/// The widest line of a full page.
const WIDTH: usize = 80;
/// Where explanations begin on a full page.
const COLUMN: usize = 29;
/// Where lines that follow an explanation as they are begin.
const DETAILS_COLUMN: usize = 6;
/// The widest line of a short page.
const SHORT_WIDTH: usize = 80;
/// Where explanations begin on a short page.
const SHORT_COLUMN: usize = 29;

/// Stands for a blank at which no line is broken.
const HARD_BLANK: char = '\u{1f}';

/// The full page of a command.
pub fn full(command: &Command) -> String {
    let mut out = head(command);
    for paragraph in command.about {
        out.push('\n');
        push_lines(&mut out, "", &wrapped(paragraph, WIDTH));
    }
    out.push_str("\nUSAGE\n");
    out.push_str(&usage(command));
    if command.id == Commands::RUN {
        out.push_str("\nCOMMANDS\n");
        out.push_str(&command_list());
    }
    for group in Group::ALL {
        push_group(&mut out, command, group);
    }
    push_ignored(&mut out, command);
    for (title, lines) in command.sections {
        let _ = writeln!(out, "\n{title}");
        for line in *lines {
            let _ = writeln!(out, "{line}");
        }
    }
    if command.id == Commands::RUN {
        out.push_str("\nTOPICS (profilerclient help TOPIC)\n");
        out.push_str(&topics::list());
    }
    out.push_str("\nEXIT CODES\n");
    for (code, meaning) in command.exit_codes {
        out.push_str(&beside(
            &format!("  {code}"),
            &wrapped(meaning, WIDTH - 7),
            7,
        ));
    }
    out
}

/// The short page of a command: at most 24 lines of 80 columns.
pub fn short(command: &Command) -> String {
    let mut out = head(command);
    out.push('\n');
    out.push_str(&usage(command));
    let day_one = table::of(command.id)
        .filter(|opt| !opt.day_one.is_empty() && opt.day_one_of.overlaps(command.id))
        .filter(|opt| !opt.ignored_by.overlaps(command.id));
    let mut has_options = false;
    for opt in day_one {
        if !has_options {
            out.push('\n');
            has_options = true;
        }
        // What the command's own page says, where that is short enough.
        let own = opt.help_for(command.id);
        let text = match own != opt.help && SHORT_COLUMN + length(own) <= SHORT_WIDTH {
            true => own,
            false => opt.day_one,
        };
        let default = match opt.default_for(command.id) {
            "" => String::new(),
            default if SHORT_COLUMN + length(text) + length(default) + 3 > SHORT_WIDTH => {
                String::new()
            }
            default => format!(" [{default}]"),
        };
        let line = format!("{text}{default}");
        out.push_str(&beside(&names(opt), &[line], SHORT_COLUMN));
    }
    let call = command.call();
    match command.id == Commands::RUN {
        true => out
            .push_str("\n--help shows all options, profilerclient help the commands and topics.\n"),
        false => {
            let _ = writeln!(out, "\n{call} --help shows everything.");
        }
    }
    out
}

/// The commands and the topics.
pub fn overview() -> String {
    let mut out = head(&commands::RUN);
    out.push('\n');
    out.push_str(&usage(&commands::RUN));
    out.push_str("\nCOMMANDS (profilerclient help COMMAND)\n");
    out.push_str(&command_list());
    out.push_str("\nTOPICS (profilerclient help TOPIC)\n");
    out.push_str(&topics::list());
    out.push_str(
        "\nOptions: profilerclient --help, or profilerclient help --concurrent for one.\n",
    );
    out
}

/// One option, and the commands that take it.
pub fn option(opt: &'static Opt) -> String {
    let mut out = entry(
        opt,
        commands::that_take(opt)
            .next()
            .map_or(Commands::RUN, |first| first.id),
    );
    let calls: Vec<String> = commands::that_take(opt).map(Command::call).collect();
    out.push('\n');
    let taken_by = format!("Taken by {}.", calls.join(", "));
    push_lines(&mut out, "  ", &wrapped(&taken_by, WIDTH - 2));
    out
}

fn head(command: &Command) -> String {
    format!("{}: {}\n", command.call(), command.summary)
}

fn usage(command: &Command) -> String {
    let widest = (command.usage.iter()).map(|(line, _)| length(line)).max();
    let column = widest.unwrap_or_default() + 4;
    let line =
        |(line, what): &(&str, &str)| beside(&format!("  {line}"), &[(*what).to_owned()], column);
    command.usage.iter().map(line).collect()
}

fn command_list() -> String {
    let named = commands::ALL
        .iter()
        .filter(|command| !command.name.is_empty());
    let line = |command: &&Command| {
        let left = format!("  {} {}", command.name, command.operands);
        let summary = wrapped(command.summary, WIDTH - COLUMN);
        beside(left.trim_end(), &summary, COLUMN)
    };
    named.map(line).collect()
}

fn push_lines(out: &mut String, indent: &str, lines: &[String]) {
    for line in lines {
        let _ = writeln!(out, "{indent}{line}");
    }
}

fn push_group(out: &mut String, command: &Command, group: Group) {
    let mut options = table::of(command.id)
        .filter(|opt| opt.group == group && !opt.ignored_by.overlaps(command.id))
        .peekable();
    if options.peek().is_some() {
        let _ = writeln!(out, "\n{}", group.title(command.id));
    }
    for opt in options {
        out.push_str(&entry(opt, command.id));
    }
}

/// The options that a command accepts and does nothing with.
fn push_ignored(out: &mut String, command: &Command) {
    let ignored: Vec<String> = table::of(command.id)
        .filter(|opt| opt.ignored_by.overlaps(command.id))
        .map(|opt| match opt.short {
            "" => opt.long.to_owned(),
            // The two names stay on one line.
            short => format!("{short},{HARD_BLANK}{}", opt.long),
        })
        .collect();
    if !ignored.is_empty() {
        out.push_str("\nACCEPTED AND IGNORED\n");
        for line in wrapped(&ignored.join("; "), WIDTH - 2) {
            let _ = writeln!(out, "  {}", line.replace(HARD_BLANK, " "));
        }
    }
}

/// An option with its explanation.
fn entry(opt: &Opt, command: Commands) -> String {
    let width = WIDTH - COLUMN;
    let mut lines = wrapped(opt.help_for(command), width);
    let default = opt.default_for(command);
    if !default.is_empty() {
        let default = format!("[{default}]");
        match lines.last_mut() {
            Some(last) if length(last) + 2 + length(&default) <= width => {
                last.push_str("  ");
                last.push_str(&default);
            }
            _ => lines.extend(wrapped(&default, width)),
        }
    }
    let mut out = beside(&names(opt), &lines, COLUMN);
    push_lines(
        &mut out,
        &" ".repeat(DETAILS_COLUMN),
        &opt.details
            .iter()
            .map(|line| (*line).to_owned())
            .collect::<Vec<_>>(),
    );
    out
}

/// `  -c, --concurrent N,N,…`
fn names(opt: &Opt) -> String {
    let short = match opt.short {
        "" => "    ".to_owned(),
        short => format!("{short}, "),
    };
    let names = format!("  {short}{} {}", opt.long, opt.value);
    names.trim_end().to_owned()
}
