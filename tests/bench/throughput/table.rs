//! What was measured, round by round, and how it is shown.

/// Of one run of a tool.
#[derive(Clone, Copy)]
pub struct Figures {
    pub per_second: f64,
    /// The client's CPU time for a request, µs.
    pub cpu_micros: f64,
    /// The client's largest resident set, MB.
    pub peak_megabytes: f64,
    /// Shares of a core that the client and the server had, percent.
    pub client_busy: f64,
    pub server_busy: f64,
    /// For how much of the time the server waited for its core, percent.
    pub server_waited: f64,
    pub has_errors: bool,
}

/// All runs of a measurement.
#[derive(Default)]
pub struct Results {
    entries: Vec<Entry>,
}

struct Entry {
    cell: &'static str,
    tool: &'static str,
    figures: Figures,
}

impl Results {
    pub fn push(&mut self, cell: &'static str, tool: &'static str, figures: Figures) {
        self.entries.push(Entry {
            cell,
            tool,
            figures,
        });
    }

    /// The median over the rounds.
    pub fn median(&self, cell: &str, tool: &str, of: fn(&Figures) -> f64) -> Option<f64> {
        spread(self.of(cell, tool).map(of)).map(|(_, median, _)| median)
    }

    fn of(&self, cell: &str, tool: &str) -> impl Iterator<Item = &Figures> {
        let is_it = move |entry: &&Entry| entry.cell == cell && entry.tool == tool;
        self.entries
            .iter()
            .filter(is_it)
            .map(|entry| &entry.figures)
    }

    /// The table of a cell: median and spread of each tool that has a run.
    pub fn print(&self, cell: &'static str, tools: impl Iterator<Item = &'static str>) {
        println!(
            "\n{cell}\n  {:<16}{:>28}{:>28}{:>22}   busy: client, server  waited",
            "", "requests per second", "CPU per request, µs", "peak memory, MB"
        );
        for tool in tools {
            let show = |of: fn(&Figures) -> f64, decimals: usize| -> String {
                let Some((min, median, max)) = spread(self.of(cell, tool).map(of)) else {
                    return "-".to_owned();
                };
                format!("{median:.decimals$} ({min:.decimals$}–{max:.decimals$})")
            };
            let percent = |of: fn(&Figures) -> f64| match self.median(cell, tool, of) {
                Some(percent) => format!("{percent:.0} %"),
                None => "-".to_owned(),
            };
            let failed = self.of(cell, tool).filter(|run| run.has_errors).count();
            let note = match failed {
                0 => String::new(),
                count => format!("   ERRORS in {count}"),
            };
            println!(
                "  {tool:<16}{:>28}{:>28}{:>22}   {:>12}{:>8}{:>8}{note}",
                show(|run| run.per_second, 0),
                show(|run| run.cpu_micros, 2),
                show(|run| run.peak_megabytes, 1),
                percent(|run| run.client_busy),
                percent(|run| run.server_busy),
                percent(|run| run.server_waited),
            );
        }
    }
}

/// Smallest, median and largest.
fn spread(values: impl Iterator<Item = f64>) -> Option<(f64, f64, f64)> {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    let median = *values.get(values.len() / 2)?;
    Some((values[0], median, values[values.len() - 1]))
}
