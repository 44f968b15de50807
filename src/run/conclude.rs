//! The end of a command that has a finished summary: prints it and judges it.

use std::path::{Path, PathBuf};

use crate::console::Console;
use crate::exit::{Ending, Error};
use crate::outfile::OutFile;
use crate::pages;
use crate::rows::runs;
use crate::settings::{JudgeSettings, ShowSettings};
use crate::show::text::{limited, threshold_told};
use crate::summary::{Summary, Trust, Verdict};
use crate::text::Printable;

use super::print;

/// What is opened before the work, so that a name that cannot be written is found first.
#[derive(Debug)]
pub struct Conclusion {
    json_file: Option<OutFile>,
    html: Option<OutFile>,
}

impl Conclusion {
    /// Opens the files that are asked for. None of the rows may be among them: those of `inputs`, and those of
    /// `output`.
    pub fn prepare(
        show: &ShowSettings,
        inputs: &[PathBuf],
        output: &Path,
    ) -> Result<Conclusion, Error> {
        let open = |path: &Option<PathBuf>, option: &'static str| {
            let file = path.as_deref().map(|path| OutFile::open(path, option));
            file.transpose().map_err(Error::failed)
        };
        let json_file = open(&show.json_file, "--json-file")?;
        let html = open(&show.html, "--html")?;
        refuse_files_of_rows([&json_file, &html], inputs, output)?;
        Ok(Conclusion { json_file, html })
    }

    /// Prints the summary of the rows in a file, makes its page, and judges it.
    pub fn conclude(
        self,
        rows: &Path,
        show: &ShowSettings,
        judge: &JudgeSettings,
        summary: &Summary,
    ) -> Result<Ending, Error> {
        let shown = print::summary(show, summary, self.json_file, false);
        if let Some(html) = self.html {
            pages::of_run(rows, summary.clone(), html)?;
        }
        shown.map_err(|error| {
            Error::failed(format_args!(
                "the summary cannot be written ({error}); the {} rows are in {}",
                summary.rows_written, summary.report_file
            ))
        })?;
        Ok(self::judge(judge, summary))
    }
}

/// Refuses what would replace rows, the lines beside them, or each other, under whatever name: the file of
/// `--json-file` and that of `--html`.
pub(super) fn refuse_files_of_rows(
    [json_file, html]: [&Option<OutFile>; 2],
    inputs: &[PathBuf],
    output: &Path,
) -> Result<(), Error> {
    for (file, option) in [(json_file, "--json-file"), (html, "--html")] {
        let Some(file) = file else { continue };
        let refused = |what: &str| {
            let name = file.path().display();
            Err(Error::usage(format_args!(
                "{option} {name} is {what}: give another file"
            )))
        };
        if inputs.iter().any(|input| runs::is_of_rows(file, input)) {
            return refused("a file to read");
        }
        // The file of the rows may not be there yet: then nothing but its name can be the same.
        if runs::is_of_rows(file, output) || file.path() == output {
            return refused("the CSV (--output), or the file beside it");
        }
    }
    match (json_file, html) {
        (Some(json_file), Some(html)) if html.is_same(json_file.path()) => Err(Error::usage(
            "--html is the file of --json-file: give another file",
        )),
        _ => Ok(()),
    }
}

/// The ending of a complete run; prints the reason of a failure.
pub(super) fn judge(settings: &JudgeSettings, summary: &Summary) -> Ending {
    let mut ending = Ending::Done;
    for (of, verdict) in verdicts(summary) {
        if let Some(flag) = strict_flag(settings, verdict) {
            let limited = limited(verdict, settings.strict_pace);
            say(&format!(
                "profilerclient: {flag}: {of}NOT TRUSTED: client-limited: {limited}"
            ));
            ending = Ending::ClientLimited;
        }
    }
    for outcome in summary.thresholds.iter().filter(|outcome| outcome.failed) {
        let (threshold, told) = (&outcome.threshold, threshold_told(outcome));
        say(&format!("profilerclient: --fail-if {threshold}: {told}"));
        ending = Ending::ThresholdsMet;
    }
    ending
}

/// The verdict on the run, or on each of its variants with the words that name it.
fn verdicts(summary: &Summary) -> Vec<(String, &Verdict)> {
    match &summary.variants {
        None => vec![(String::new(), &summary.verdict)],
        Some(variants) => (variants.iter())
            .map(|of| (format!("variant {:?}: ", of.name), &of.verdict))
            .collect(),
    }
}

/// The flag that makes a client-limited run a failure; absent where none does.
fn strict_flag(judge: &JudgeSettings, verdict: &Verdict) -> Option<&'static str> {
    let latencies = verdict.latencies() == Trust::NotTrusted;
    match (judge.strict_pace, judge.strict) {
        (true, _) if latencies || verdict.pace.is_limited() => Some("--strict-pace"),
        (false, true) if latencies => Some("--strict"),
        _ => None,
    }
}

/// Prints a line on standard error and ignores write errors.
pub fn say(lines: &str) {
    let mut console = Console::stderr();
    for line in lines.lines() {
        console.say(&Printable(line).to_string());
    }
}
