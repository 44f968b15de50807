//! Which parts are compared with which: the blocks of two sides.

use std::collections::{BTreeMap, BTreeSet};

use super::part::{PartMetrics, Replicate};
use super::value::Design;

/// The parts of two sides: of an interleaved pair, those at the same place are of one block.
#[derive(Clone, Debug)]
pub(super) struct Matched<'a> {
    pub design: Design,
    pub baseline: Vec<&'a Replicate>,
    pub other: Vec<&'a Replicate>,
    /// Parts that are left out, as the other parts of their block are missing.
    pub left_out: usize,
}

impl Matched<'_> {
    /// The runs whose blocks are pooled; 1 for other pairs.
    pub fn looks(&self) -> usize {
        match self.design {
            Design::Interleaved => {
                let runs: BTreeSet<usize> = self.baseline.iter().map(|part| part.run).collect();
                runs.len()
            }
            _ => 1,
        }
    }

    /// The figures of both, pair by pair or all of each.
    pub fn parts(&self) -> [Vec<&PartMetrics>; 2] {
        let of = |side: &[&'_ Replicate]| side.iter().map(|of| of.part.began).collect::<Vec<_>>();
        debug_assert!(of(&self.baseline).is_sorted() || self.design == Design::Interleaved);
        [
            self.baseline.iter().map(|of| &of.part).collect(),
            self.other.iter().map(|of| &of.part).collect(),
        ]
    }
}

/// The parts of two sides of a group. A block is a round of a run that has every side that the run has.
pub(super) fn matched(parts: &[Replicate], baseline: usize, other: usize) -> Matched<'_> {
    let mut runs: BTreeMap<usize, BTreeMap<u64, BTreeMap<usize, &Replicate>>> = BTreeMap::new();
    for part in parts {
        let rounds = runs.entry(part.run).or_default();
        let sides = rounds.entry(part.round).or_default();
        sides.entry(part.side).or_insert(part);
    }
    let mut matched = Matched {
        design: Design::Interleaved,
        baseline: Vec::new(),
        other: Vec::new(),
        left_out: 0,
    };
    for rounds in runs.values() {
        let all: BTreeSet<usize> = rounds.values().flat_map(|of| of.keys().copied()).collect();
        for sides in rounds.values().filter(|sides| sides.len() == all.len()) {
            if let (Some(a), Some(b)) = (sides.get(&baseline), sides.get(&other)) {
                matched.baseline.push(a);
                matched.other.push(b);
            }
        }
    }
    let of_side = |side: usize| {
        let mut of_side: Vec<&Replicate> = parts.iter().filter(|of| of.side == side).collect();
        of_side.sort_by_key(|of| of.part.began);
        of_side
    };
    let all = [of_side(baseline), of_side(other)];
    if matched.baseline.is_empty() {
        let [a, b] = all;
        let is_single = a.len() < 2 || b.len() < 2;
        return Matched {
            design: match is_single {
                true => Design::SingleRuns,
                false => Design::Separate,
            },
            baseline: a,
            other: b,
            left_out: 0,
        };
    }
    matched.left_out = all.iter().map(Vec::len).sum::<usize>() - 2 * matched.baseline.len();
    if matched.baseline.len() == 1 {
        matched.design = Design::SingleRuns;
    }
    let mut order: Vec<usize> = (0..matched.baseline.len()).collect();
    order.sort_by_key(|place| {
        let (a, b) = (&matched.baseline[*place], &matched.other[*place]);
        a.part.began.into_iter().chain(b.part.began).min()
    });
    matched.baseline = order.iter().map(|place| matched.baseline[*place]).collect();
    matched.other = order.iter().map(|place| matched.other[*place]).collect();
    matched
}

#[cfg(test)]
#[path = "blocks_tests.rs"]
mod tests;
