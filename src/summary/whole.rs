//! The parts of a run taken together.

use std::collections::{BTreeMap, BTreeSet};

use crate::net::tls::TlsFigures;
use crate::rows::judged::Verdict;

use super::evidence::evidence;
use super::facts::PartFacts;
use super::figures::Figures;
use super::instrument::Usage;
use super::levels::Level;
use super::verdict::judge;

/// The results of the parts of a run, one after the other.
#[derive(Clone, Debug, Default)]
pub struct Whole {
    /// All rows of all parts.
    pub figures: Figures,
    /// The number of parts added.
    pub parts: u64,
    /// What is known about all of them together.
    pub facts: PartFacts,
    /// What can be said of the figures of all parts together.
    pub(super) verdict: Verdict,
    /// Parts without a known verdict.
    pub(super) unjudged: u64,
    /// The levels, in the order of their first rounds.
    pub(super) levels: Vec<Level>,
    /// The parts of each variant taken together, by its name, in the order of their first parts.
    pub(super) variants: Vec<(String, Whole)>,
    /// By round, the parts of variants that were not cut short: variant and level.
    pub(super) blocks: BTreeMap<u64, BTreeSet<(String, Option<u64>)>>,
}

impl Whole {
    /// Adds a part that has ended, and returns its verdict; absent where that is neither
    /// recorded nor can be derived.
    pub fn add(&mut self, part: &PartFacts, figures: &Figures) -> Option<Verdict> {
        let verdict = part.verdict.clone().or_else(|| {
            let usage = part.usage.as_ref()?;
            Some(judge(&evidence(figures, usage, part)))
        });
        if let Some(name) = &part.variant {
            let part = PartFacts {
                variant: None,
                ..part.clone()
            };
            self.variant(name).add(&part, figures);
            if !part.is_cut {
                let done = self.blocks.entry(part.round).or_default();
                done.insert((name.clone(), part.level));
            }
        }
        self.parts += 1;
        self.figures.merge(figures);
        self.add_facts(part);
        match &verdict {
            Some(verdict) => self.verdict.merge(verdict, part.level),
            None => self.unjudged += 1,
        }
        if let Some(level) = part.level {
            self.level(level).add_round(
                figures,
                part.wall_nanos,
                part.span_nanos,
                verdict.as_ref(),
            );
        }
        verdict
    }

    /// Rounds in which every one of that many variants was run at every one of that many levels.
    pub(super) fn whole_blocks(&self, variants: usize, levels: usize) -> u64 {
        let size = variants * levels.max(1);
        self.blocks
            .values()
            .filter(|done| done.len() == size)
            .count() as u64
    }

    /// Counts a warm-up whose part did not start: shoppers, and failed purchases.
    pub fn add_warm_up(&mut self, shoppers: u64, failed: u64) {
        let (all, all_failed) = self.facts.warmed_up.get_or_insert((0, 0));
        *all += shoppers;
        *all_failed += failed;
    }

    /// The verdict on the whole: where a part is not judged, nothing counts as trusted.
    pub(super) fn judged(&self) -> Verdict {
        self.verdict.with_unjudged(self.unjudged)
    }

    fn add_facts(&mut self, part: &PartFacts) {
        let whole = &mut self.facts;
        whole.kind = part.kind;
        whole.first_start = whole.first_start.or(part.first_start);
        whole.wall_nanos = whole.wall_nanos.saturating_add(part.wall_nanos);
        whole.span_nanos = whole.span_nanos.saturating_add(part.span_nanos);
        whole.starts_spread_nanos = whole.starts_spread_nanos.max(part.starts_spread_nanos);
        whole.paused_nanos = whole.paused_nanos.saturating_add(part.paused_nanos);
        whole.backoffs = whole.backoffs.saturating_add(part.backoffs);
        whole.most_in_flight = whole.most_in_flight.max(part.most_in_flight);
        if let Some(tls) = &part.tls {
            (whole.tls.get_or_insert_with(TlsFigures::default)).add(tls);
        }
        if let Some(usage) = &part.usage {
            (whole.usage.get_or_insert_with(Usage::default)).merge(usage);
        }
        if let Some((shoppers, failed)) = part.warmed_up {
            self.add_warm_up(shoppers, failed);
        }
    }

    fn variant(&mut self, name: &str) -> &mut Whole {
        let place = self.variants.iter().position(|(of, _)| of == name);
        let place = place.unwrap_or_else(|| {
            self.variants.push((name.to_owned(), Whole::default()));
            self.variants.len() - 1
        });
        &mut self.variants[place].1
    }

    fn level(&mut self, number: u64) -> &mut Level {
        let place = self.levels.iter().position(|of| of.concurrent == number);
        let place = place.unwrap_or_else(|| {
            self.levels.push(Level::new(number));
            self.levels.len() - 1
        });
        &mut self.levels[place]
    }
}
