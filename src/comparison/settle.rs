//! What would settle what a comparison leaves open.

use crate::text::counted;

use super::blocks::Matched;
use super::value::{Design, Question, Row};
use super::verdict::Verdict;

/// From this many times the rounds there are on, longer rounds are a better advice than more of them.
const FAR: u64 = 10;

/// What would settle what is still open.
pub(super) fn settle(question: &Question, rows: &[Row], matched: &Matched) -> Vec<String> {
    let open = |row: &&Row| row.verdict == Some(Verdict::CannotTell);
    if matched.design == Design::SingleRuns {
        let is_one_run = matched
            .baseline
            .iter()
            .all(|a| matched.other.iter().any(|b| a.run == b.run));
        if is_one_run {
            return vec![
                "one round of each side cannot tell them apart: run 6 rounds or more (--rounds 10)"
                    .to_owned(),
            ];
        }
        return vec![
            "a single run of each side cannot tell sides apart: run them as variants of one run, \
             --variant A=URL --variant B=URL (10 rounds, in random order)"
                .to_owned(),
        ];
    }
    let mut sentences = Vec::new();
    if matched.design == Design::Separate && rows.iter().any(|row| open(&row)) {
        sentences.push(
            "runs made one after the other differ by the drift of the machine, too: run the sides as \
             variants of one run (--variant), or take that risk with --accept-separate"
                .to_owned(),
        );
        if !question.accept_separate {
            // More of such rounds would tell no more.
            return sentences;
        }
    }
    let rounds = matched.baseline.len().min(matched.other.len()) as u64;
    let more = |row: &Row| {
        let more = row.rounds_needed?.checked_sub(rounds);
        more.filter(|more| *more > 0)
    };
    if let Some(primary) = rows.iter().find(|row| row.is_primary && open(row)) {
        let name = primary.metric.name();
        sentences.extend(match more(primary) {
            Some(more) => Some(format!(
                "{name}: {} would settle it, in one run: --rounds {} (rounds that are added to these divide the \
                 error over two looks)",
                counted(more, "more round", "more rounds"),
                rounds + more
            )),
            None => without_rounds(question, primary, matched).map(|what| format!("{name}: {what}")),
        });
    }
    let others = rows.iter().filter(|row| !row.is_primary && open(row));
    let mut others: Vec<_> = others
        .filter_map(|row| Some((more(row)?, row.metric.name())))
        .collect();
    others.sort_by_key(|(more, _)| *more);
    let (near, far): (Vec<_>, Vec<_>) =
        (others.into_iter()).partition(|(more, _)| *more <= FAR * rounds);
    if !near.is_empty() {
        let near: Vec<String> = near
            .iter()
            .map(|(more, name)| format!("{name} {more}"))
            .collect();
        sentences.push(format!("more rounds for the others: {}", near.join(", ")));
    }
    if !far.is_empty() {
        let far: Vec<_> = far.into_iter().map(|(_, name)| name).collect();
        sentences.push(format!(
            "these scatter too much for rounds of this length, longer ones scatter less (--duration): {}",
            far.join(", ")
        ));
    }
    sentences
}

/// What would settle a primary metric that more rounds do not.
fn without_rounds(question: &Question, row: &Row, matched: &Matched) -> Option<String> {
    let parts = matched.parts();
    let parts = || parts.iter().flatten();
    let values = || parts().filter_map(|part| part.values.of(row.metric));
    let needed = (row.metric.quantile()).map_or(0, |of| of.values_needed() as u64);
    if row.baseline.is_none() {
        let is_short = parts().any(|part| part.due < needed);
        return is_short.then(|| {
            format!("longer rounds, of {needed} shoppers or more each, would tell it: --duration or --repeat")
        });
    }
    if values().any(|value| value.is_infinite()) {
        let what = "find out why shoppers failed: rounds in which they did so leave it open";
        return Some(what.to_owned());
    }
    match question.margin > 0.0 {
        true => Some("too many rounds would be needed: longer rounds scatter less (--duration)".to_owned()),
        false => Some(
            "no number of rounds settles a margin of 0: give a difference that does not matter (--margin)"
                .to_owned(),
        ),
    }
}
