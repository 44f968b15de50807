//! Verdicts and truth side by side.

use super::run::{Judged, Outcome};

const NAMES: [&str; 3] = ["home", "purchase", "pace"];

/// The counts of one figure.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    all: usize,
    trusted: usize,
    right: usize,
    /// Right and not trusted.
    false_alarms: usize,
    /// Wrong and trusted.
    misses: usize,
}

impl Counts {
    fn add(&mut self, judged: &Judged) {
        self.all += 1;
        self.trusted += usize::from(judged.is_trusted);
        self.right += usize::from(judged.is_right);
        self.false_alarms += usize::from(judged.is_right && !judged.is_trusted);
        self.misses += usize::from(!judged.is_right && judged.is_trusted);
    }
}

/// All cells, idle and beside busy loops, by figure.
#[derive(Debug, Default)]
pub struct Totals([[Counts; 3]; 2]);

impl Totals {
    pub fn add(&mut self, is_busy: bool, outcomes: &[Outcome]) {
        for outcome in outcomes {
            for (counts, judged) in self.0[usize::from(is_busy)].iter_mut().zip(outcome) {
                counts.add(judged);
            }
        }
    }
}

pub fn heading() {
    println!(
        "{:<24}{:<6}{:<10}{:>5}{:>9}{:>7}{:>8}{:>8}",
        "cell", "CPUs", "figure", "runs", "trusted", "right", "alarms", "misses"
    );
}

/// The runs of one cell. Where a figure was wrong or not trusted, the last line says why.
pub fn cell(title: &str, is_busy: bool, outcomes: &[Outcome]) {
    for (place, name) in NAMES.into_iter().enumerate() {
        let judged = || outcomes.iter().map(|outcome| &outcome[place]);
        let mut counts = Counts::default();
        judged().for_each(|judged| counts.add(judged));
        println!("{:<24}{:<6}{}", title, cpus(is_busy), line(name, &counts));
        let mut reasons: Vec<&str> = judged()
            .flat_map(|judged| judged.reasons.iter().map(String::as_str))
            .collect();
        reasons.sort_unstable();
        reasons.dedup();
        let off: Vec<String> = judged()
            .filter_map(|judged| judged.off)
            .map(|(off, of)| format!("{:+.3} of {:.3} ms", off as f64 / 1e6, of as f64 / 1e6))
            .collect();
        if !reasons.is_empty() || !off.is_empty() {
            println!("    {}; off by {}", reasons.join(", "), off.join(", "));
        }
    }
}

pub fn totals(totals: &Totals) {
    println!();
    for (busy, of) in totals.0.iter().enumerate() {
        for (name, counts) in NAMES.into_iter().zip(of) {
            println!(
                "{:<24}{:<6}{}",
                "all cells",
                cpus(busy == 1),
                line(name, counts)
            );
        }
    }
    let share = |part: usize, all: usize| 100.0 * part as f64 / all.max(1) as f64;
    let both = |place: usize| totals.0.iter().map(move |of| of[place]);
    for (title, places) in [("latencies", &[0, 1][..]), ("pace", &[2][..])] {
        let of = || places.iter().flat_map(|place| both(*place));
        let sum = |count: fn(&Counts) -> usize| of().map(|counts| count(&counts)).sum::<usize>();
        let all = sum(|of| of.all);
        println!(
            "{title}: false alarms {:.1} %, misses {:.1} % of {all} (goal: at most 5 % each)",
            share(sum(|of| of.false_alarms), all),
            share(sum(|of| of.misses), all),
        );
    }
}

fn cpus(is_busy: bool) -> &'static str {
    if is_busy { "busy" } else { "idle" }
}

fn line(name: &str, of: &Counts) -> String {
    format!(
        "{name:<10}{:>5}{:>9}{:>7}{:>8}{:>8}",
        of.all, of.trusted, of.right, of.false_alarms, of.misses
    )
}
