//! The results of the checks, as lines for people or as one JSON object for programs.
//!
//! Version 2 of the object is `{"schema_version", "target", "app", "checks", "ok"}`, each check
//! `{"name", "status", "finding", "hint"}` with a status of `ok`, `warn`, `fail` or `skip` and a hint
//! that may be `null` (it had another name in version 1). `ok` is whether no check failed.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use serde::Serialize;

use super::{Check, Status};
use crate::settings::ShopSettings;
use crate::show::json::Escaping;
use crate::text::Printable;

const SCHEMA_VERSION: u32 = 2;

/// The form of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Each check in a line, as soon as it is done.
    Lines,
    /// Only lines with a warning or a failure.
    Troubles,
    /// One object at the end.
    Json,
}

/// Receives the checks one by one.
pub(super) struct Report<W> {
    out: W,
    form: Form,
    checks: Vec<Check>,
    /// The variant that the next checks are of.
    variant: Option<String>,
}

impl<W: Write> Report<W> {
    pub(super) fn new(out: W, form: Form) -> Report<W> {
        Report {
            out,
            form,
            checks: Vec::new(),
            variant: None,
        }
    }

    /// Says which variant the next checks are of.
    pub(super) fn of_variant(&mut self, name: &str) {
        self.variant = Some(name.to_owned());
    }

    pub(super) fn add(&mut self, check: Check) -> io::Result<()> {
        let check = Check {
            variant: self.variant.clone(),
            ..check
        };
        let is_trouble = matches!(check.status, Status::Warn | Status::Fail);
        let written = match self.form {
            Form::Lines => self.write_line(&check),
            Form::Troubles if is_trouble => self.write_line(&check),
            Form::Troubles | Form::Json => Ok(()),
        };
        self.checks.push(check);
        written
    }

    /// Whether any check failed.
    pub(super) fn failed(&self) -> bool {
        self.checks.iter().any(|check| check.status == Status::Fail)
    }

    pub(super) fn finish(&mut self, shop: &ShopSettings) -> io::Result<()> {
        if self.form == Form::Json {
            let target = &shop.target;
            let document = Document {
                schema_version: SCHEMA_VERSION,
                target: target.base.as_str().trim_end_matches('/').to_owned() + &target.prefix,
                app: &shop.app,
                checks: &self.checks,
                ok: !self.failed(),
            };
            let mut serializer = serde_json::Serializer::with_formatter(&mut self.out, Escaping);
            document
                .serialize(&mut serializer)
                .map_err(io::Error::from)?;
            writeln!(self.out)?;
        }
        self.out.flush()
    }

    fn write_line(&mut self, check: &Check) -> io::Result<()> {
        let (status, style) = (check.status.name(), check.status.style());
        // Padded outside the colour, which takes no column.
        let blanks = " ".repeat(4 - status.len());
        write!(self.out, "{style}{status}{style:#}{blanks} ")?;
        if let Some(variant) = &check.variant {
            write!(self.out, "{}, ", Printable(variant))?;
        }
        write!(self.out, "{}: ", check.name)?;
        write!(self.out, "{}", Printable(&check.finding))?;
        if let Some(hint) = &check.hint {
            write!(self.out, ": {}", Printable(hint))?;
        }
        writeln!(self.out)?;
        self.out.flush()
    }
}

impl Status {
    fn name(self) -> &'static str {
        match self {
            Status::Ok => "ok",
            Status::Warn => "warn",
            Status::Fail => "fail",
            Status::Skip => "skip",
        }
    }

    /// Its colour, which is taken out where no terminal is.
    fn style(self) -> Style {
        match self {
            Status::Ok => AnsiColor::Green.on_default(),
            Status::Warn => AnsiColor::Yellow.on_default().bold(),
            Status::Fail => AnsiColor::Red.on_default().bold(),
            Status::Skip => Style::new().dimmed(),
        }
    }
}

/// The object; its keys are in the order of these fields.
#[derive(Serialize)]
struct Document<'a> {
    schema_version: u32,
    target: String,
    app: &'a str,
    checks: &'a [Check],
    ok: bool,
}

#[cfg(test)]
#[path = "output_tests.rs"]
mod tests;
