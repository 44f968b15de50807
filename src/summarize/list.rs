//! The list of runs: as a table, and as JSON.

use std::io::{self, Write};

use serde::Serialize;

use crate::plan::Kind;
use crate::report::{Catalogue, FoundRun};
use crate::rows::load::Load;
use crate::show::json;
use crate::summary::{SCHEMA_VERSION, Summary};
use crate::text::{Printable, bounded, shortened};

/// The widest line.
const WIDTH: usize = 80;

/// The width of a time.
const BEGAN: usize = 19;

/// Between two columns.
const GAP: &str = "  ";

/// The keys of the list in JSON, a run's likewise, as the help has them.
#[derive(Serialize)]
pub(super) struct List<'a> {
    schema_version: u32,
    warnings: &'a [String],
    runs: Vec<ListedRun<'a>>,
}

/// One run of the list.
#[derive(Serialize)]
pub(super) struct ListedRun<'a> {
    /// What `--run` takes, counted from 1.
    number: usize,
    /// The run's id, if it is recorded.
    id: Option<&'a str>,
    files: Vec<String>,
    title: &'a str,
    /// When its first shopper started: RFC 3339 in UTC; absent where none did.
    began: Option<String>,
    load: Kind,
    levels: Vec<u64>,
    rows: u64,
    bought: u64,
    /// Whether it was found by its rows alone.
    guessed: bool,
    /// Whether rows of it are known to be missing.
    incomplete: bool,
    /// Absent where it was not selected.
    #[serde(skip_serializing_if = "Option::is_none")]
    summary: Option<&'a Summary>,
}

impl<'a> ListedRun<'a> {
    pub fn of(run: &'a FoundRun, summary: Option<&'a Summary>) -> ListedRun<'a> {
        let began = run.began.and_then(|nanos| {
            let at = jiff::Timestamp::from_nanosecond(nanos.into()).ok()?;
            Some(format!("{at:.6}"))
        });
        ListedRun {
            number: run.number,
            id: run.facts.id.as_deref(),
            files: (run.files.iter())
                .map(|path| path.display().to_string())
                .collect(),
            title: &run.facts.title,
            began,
            load: run.kind(),
            levels: run.levels(),
            rows: run.rows(),
            bought: run.bought(),
            guessed: run.is_guessed,
            incomplete: run.is_incomplete,
            summary,
        }
    }
}

/// The whole list.
pub(super) fn object<'a>(
    runs: impl Iterator<Item = (&'a FoundRun, Option<&'a Summary>)>,
    catalogue: &'a Catalogue,
) -> List<'a> {
    List {
        schema_version: SCHEMA_VERSION,
        warnings: catalogue.warnings(),
        runs: runs
            .map(|(run, summary)| ListedRun::of(run, summary))
            .collect(),
    }
}

/// The list up to its first run: runs with summaries follow one by one.
pub(super) fn opening(catalogue: &Catalogue) -> String {
    let mut text = Vec::new();
    // Writing to memory does not fail.
    let _ = json::write(&object(std::iter::empty(), catalogue), &mut text);
    let text = String::from_utf8_lossy(&text);
    text.trim_end().trim_end_matches("]}").to_owned()
}

/// The list as a table of at most 80 columns, and how to select.
pub(super) fn write(runs: &[FoundRun], out: &mut impl Write) -> io::Result<()> {
    let has_several_files = runs.windows(2).any(|pair| pair[0].files != pair[1].files);
    writeln!(out, "{} runs, not pooled", runs.len())?;
    writeln!(out)?;
    let widths = Widths::of(runs);
    let headings = ["run", "began", "title", "load", "rows", "bought"];
    writeln!(out, "{}", widths.line(headings.map(str::to_owned)))?;
    let mut files = None;
    for run in runs {
        if has_several_files && files != Some(&run.files) {
            let names: Vec<String> = (run.files.iter())
                .map(|path| Printable(&path.display().to_string()).to_string())
                .collect();
            writeln!(out, "{}", bounded(&names.join(", "), WIDTH))?;
            files = Some(&run.files);
        }
        writeln!(out, "{}", widths.line(cells(run)))?;
    }
    writeln!(out)?;
    if runs.iter().any(|run| run.is_guessed) {
        writeln!(
            out,
            "~ distinguished by its rows alone: the load is a guess"
        )?;
    }
    if runs.iter().any(|run| run.is_incomplete) {
        writeln!(out, "! rows of the run are missing")?;
    }
    writeln!(
        out,
        "Hint: --run 1, --run last or --run all for summaries; also --title, --level,\n      --since"
    )
}

/// The widths of the columns.
struct Widths {
    number: usize,
    title: usize,
    load: usize,
    rows: usize,
    bought: usize,
}

impl Widths {
    fn of(runs: &[FoundRun]) -> Widths {
        let mut widest = ["run", "", "title", "load", "rows", "bought"].map(str::len);
        for run in runs {
            for (width, cell) in widest.iter_mut().zip(cells(run)) {
                *width = cell.chars().count().max(*width);
            }
        }
        let [number, _, title, load, rows, bought] = widest;
        let room = WIDTH.saturating_sub(number + BEGAN + rows + bought + 5 * GAP.len());
        let load = load.min(room / 2);
        Widths {
            number,
            title: title.min(room - load),
            load,
            rows,
            bought,
        }
    }

    fn line(&self, [number, began, title, load, rows, bought]: [String; 6]) -> String {
        let Widths {
            number: of_number,
            title: of_title,
            load: of_load,
            rows: of_rows,
            bought: of_bought,
        } = self;
        let title = bounded(&title, (*of_title).max(1)).into_owned();
        let load = bounded(&load, (*of_load).max(1)).into_owned();
        format!(
            "{number:>of_number$}{GAP}{began:<BEGAN$}{GAP}{title:<of_title$}{GAP}{load:<of_load$}{GAP}\
             {rows:>of_rows$}{GAP}{bought:>of_bought$}"
        )
    }
}

/// A run's line. `~`: the load is a guess; `!`: rows are missing.
fn cells(run: &FoundRun) -> [String; 6] {
    let mark = if run.is_incomplete { "!" } else { "" };
    [
        run.number.to_string(),
        began(run),
        Printable(&shortened(&run.facts.title, WIDTH)).to_string(),
        load_told(run),
        run.rows().to_string(),
        format!("{mark}{}", run.bought()),
    ]
}

/// What precedes the summary of one of several runs.
pub(super) fn heading(run: &FoundRun) -> String {
    let names: Vec<String> = (run.files.iter())
        .map(|path| path.display().to_string())
        .collect();
    let text = format!("Run {}, {}, {}", run.number, began(run), names.join(", "));
    shortened(&Printable(&text).to_string(), 79)
}

/// To the second, in the zone of the run's rows.
fn began(run: &FoundRun) -> String {
    match run.facts.started_time.split(['.', 'Z']).next() {
        None | Some("") => "not started".to_owned(),
        Some(time) => bounded(&Printable(&time.replace('T', " ")).to_string(), BEGAN).into_owned(),
    }
}

/// The load in a few words; `~`: guessed.
fn load_told(run: &FoundRun) -> String {
    let load: &Load = &run.facts.load;
    let levels: Vec<String> = run.levels().iter().map(u64::to_string).collect();
    let levels = levels.join(",");
    let mut text = match load.kind {
        Kind::Burst => format!("burst {levels}"),
        Kind::Closed => format!("closed {levels}"),
        Kind::Open => match (load.rate_per_second, load.rate_unit.as_deref()) {
            (Some(rate), Some("m")) => format!("open {}/m", rounded(rate * 60.0)),
            (Some(rate), Some("h")) => format!("open {}/h", rounded(rate * 3600.0)),
            (Some(rate), _) => format!("open {}/s", rounded(rate)),
            (None, _) => "open".to_owned(),
        },
    };
    if load.rounds > 1 {
        text += &format!(" x {}", load.rounds);
    }
    let mark = if run.is_guessed { "~" } else { "" };
    bounded(&format!("{mark}{}", text.trim_end()), WIDTH).into_owned()
}

fn rounded(rate: f64) -> f64 {
    (rate * 1e3).round() / 1e3
}

#[cfg(test)]
#[path = "list_tests.rs"]
mod tests;
