//! The man page, in the macros of man(7).

use std::fmt::Write;

use super::topics;
use crate::cli::commands::{self, Command};
use crate::cli::table::{self, Commands, Group, Opt};

/// The man page as roff.
pub fn man() -> String {
    let mut out = String::new();
    let version = env!("CARGO_PKG_VERSION");
    let _ = writeln!(
        out,
        ".TH PROFILERCLIENT 1 \"\" \"profilerclient {version}\" \"User Commands\""
    );
    out.push_str(".SH NAME\n");
    let _ = writeln!(out, "profilerclient \\- {}", text(commands::RUN.summary));
    synopsis(&mut out);
    out.push_str(".SH DESCRIPTION\n");
    paragraphs(&mut out, &commands::RUN);
    out.push_str(".SH COMMANDS\n");
    for command in commands::ALL
        .iter()
        .filter(|command| !command.name.is_empty())
    {
        let call = format!("{} {}", command.name, command.operands);
        let _ = writeln!(
            out,
            ".TP\n.B {}\n{}",
            text(call.trim_end()),
            sentence(command.summary)
        );
        for paragraph in command.about {
            let _ = writeln!(out, ".IP\n{}", line(paragraph));
        }
    }
    out.push_str(".SH OPTIONS\n");
    let _ = writeln!(
        out,
        "{}",
        line(
            "Long names may be written with _ for -. Values follow after a space or =, values of short names \
         also directly. SPAN is 300, 250us, 5ms, 1.5s, 2m or 1h30m; without a unit it is in seconds.",
        )
    );
    options(&mut out, &commands::RUN, |_| true);
    for command in [
        &commands::DEMO,
        &commands::CHECK,
        &commands::SHOP,
        &commands::DEPLOY,
        &commands::SUMMARY,
        &commands::COMPARE,
        &commands::REPORT,
    ] {
        let _ = writeln!(out, ".SH OPTIONS OF {}", text(&command.name.to_uppercase()));
        options(&mut out, command, |opt| !commands::RUN.takes(opt));
    }
    out.push_str(".SH EXIT STATUS\n");
    for (code, meaning) in commands::RUN.exit_codes {
        let _ = writeln!(out, ".TP\n.B {code}\n{}", sentence(meaning));
    }
    tail(&mut out);
    out
}

fn synopsis(out: &mut String) {
    out.push_str(".SH SYNOPSIS\n.nf\n");
    for command in commands::ALL {
        let operands = match command.id {
            Commands::RUN => "-t URL -d APP [OPTION…]",
            Commands::CHECK => "-t URL -d APP [--buy] [OPTION…]",
            Commands::TEXTS => command.operands,
            Commands::SUMMARY | Commands::REPORT | Commands::COMPARE => "FILE… [OPTION…]",
            Commands::MERGE => "FILE… [OPTION…]",
            Commands::SHARDS => "N -- -t URL -d APP [OPTION…]",
            Commands::DEPLOY => "slurm|kubernetes --shards N -- -t URL -d APP [OPTION…]",
            _ => "[OPTION…]",
        };
        let _ = writeln!(out, "\\fB{}\\fR {}", text(&command.call()), text(operands));
    }
    out.push_str(".fi\n");
}

fn paragraphs(out: &mut String, command: &Command) {
    for paragraph in command.about {
        let _ = writeln!(out, ".PP\n{}", line(paragraph));
    }
}

fn options(out: &mut String, command: &Command, is_wanted: impl Fn(&Opt) -> bool) {
    for group in Group::ALL {
        let mut wanted = table::of(command.id)
            .filter(|opt| opt.group == group && is_wanted(opt))
            .peekable();
        if wanted.peek().is_some() {
            let _ = writeln!(out, ".SS {}", text(group.title(command.id)));
        }
        for opt in wanted {
            entry(out, opt, command.id);
        }
    }
}

fn entry(out: &mut String, opt: &Opt, command: Commands) {
    let short = match opt.short {
        "" => String::new(),
        short => format!("\\fB{}\\fR, ", text(short)),
    };
    let value = match opt.value {
        "" => String::new(),
        value => format!(" \\fI{}\\fR", text(value)),
    };
    let _ = writeln!(out, ".TP\n{short}\\fB{}\\fR{value}", text(opt.long));
    let _ = writeln!(out, "{}", sentence(opt.help_for(command)));
    if !opt.details.is_empty() {
        out.push_str(".RS\n.nf\n");
        for detail in opt.details {
            let _ = writeln!(out, "{}", line(detail));
        }
        out.push_str(".fi\n.RE\n");
    }
    let default = opt.default_for(command);
    if !default.is_empty() {
        let lead = match opt.details.is_empty() {
            true => "",
            false => ".IP\n",
        };
        let _ = writeln!(out, "{lead}[{}]", text(default));
    }
}

fn tail(out: &mut String) {
    out.push_str(".SH FILES\n");
    for (name, what) in [
        ("report.csv", "rows, one for each iteration"),
        (
            "report.csv.runs.jsonl",
            "what rows cannot carry: settings, machine, counts of each part",
        ),
    ] {
        let _ = writeln!(out, ".TP\n.I {}\n{}", text(name), sentence(what));
    }
    out.push_str(".SH ENVIRONMENT\n");
    for (name, what) in [
        ("NO_COLOR", "no colour, unless --color always is given"),
        ("TZ", "the time zone of the rows' local times"),
    ] {
        let _ = writeln!(out, ".TP\n.B {}\n{}", text(name), sentence(what));
    }
    out.push_str(".SH EXAMPLES\n");
    for command in [
        &commands::RUN,
        &commands::DEMO,
        &commands::CHECK,
        &commands::SHOP,
    ] {
        for (call, what) in command.usage {
            let _ = writeln!(out, ".TP\n.B {}\n{}", text(call), sentence(what));
        }
    }
    out.push_str(".SH SEE ALSO\n");
    let topics: Vec<&str> = topics::ALL.iter().map(|topic| topic.name).collect();
    let see = format!(
        "profilerclient help TOPIC, where TOPIC is one of {}.",
        topics.join(", ")
    );
    let _ = writeln!(out, "{}", line(&see));
}

/// A line of text: what it begins with is not taken for a request.
fn line(line: &str) -> String {
    let text = text(line);
    match text.starts_with(['.', '\\']) && !text.starts_with("\\-") {
        true => format!("\\&{text}"),
        false => text,
    }
}

/// A line that ends as a sentence does.
fn sentence(phrase: &str) -> String {
    match phrase.ends_with([':', '.', '?']) {
        true => line(phrase),
        false => line(&format!("{phrase}.")),
    }
}

/// Text with what roff would interpret escaped, and characters beyond ASCII by their code (groff(7),
/// groff_char(7)).
fn text(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\(rs"),
            '-' => out.push_str("\\-"),
            '\'' => out.push_str("\\(aq"),
            '"' => out.push_str("\\(dq"),
            '`' => out.push_str("\\(ga"),
            '^' => out.push_str("\\(ha"),
            '~' => out.push_str("\\(ti"),
            c if c.is_ascii() => out.push(c),
            c => {
                let _ = write!(out, "\\[u{:04X}]", u32::from(c));
            }
        }
    }
    out
}
