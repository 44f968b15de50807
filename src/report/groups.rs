//! Rows of one title and one concurrency, split into runs where nothing was in flight for long.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use crate::stats::{Quantile, Sample};

/// The least pause between two runs, nanoseconds.
const LEAST_PAUSE: i64 = 1_000_000_000;

/// How much longer than usual a pause between two runs is.
const FACTOR: i64 = 10;

/// Starts that are put in order before the gaps between them are taken: rows are written in the order of
/// their ends.
const STARTS: usize = 4096;

/// The most spans in which a group is kept.
const MOST_SPANS: usize = 16_384;

/// Rows of one title and one concurrency.
#[derive(Debug)]
pub(super) struct Group {
    pub title: Box<str>,
    /// Absent too where it says nothing: in a known run with an open workload.
    pub concurrent: Option<u64>,
    /// The known run that they are of.
    pub known: Option<usize>,
    elapsed: Sample,
    gaps: Gaps,
    /// By their beginnings, with at least [`LEAST_PAUSE`] between them.
    spans: BTreeMap<i64, Span>,
    /// The beginning of the span of the last row that started.
    present: Option<i64>,
    /// Rows without a start that came before all others.
    before: Count,
    /// In ascending order, once the spans are split.
    pub runs: Vec<Run>,
}

/// The time between starts.
#[derive(Debug, Default)]
struct Gaps {
    sample: Sample,
    /// The latest starts.
    waiting: BinaryHeap<Reverse<i64>>,
    /// The last one of those before.
    before: Option<i64>,
}

/// Rows and successful purchases.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Count {
    pub rows: u64,
    pub bought: u64,
}

impl Count {
    fn add(&mut self, other: Count) {
        self.rows += other.rows;
        self.bought += other.bought;
    }
}

/// Time in which shoppers were in flight.
#[derive(Clone, Copy, Debug)]
struct Span {
    to: i64,
    last_start: i64,
    count: Count,
}

/// One run of a group, from its first start to its last end.
#[derive(Debug)]
pub(super) struct Run {
    pub from: i64,
    pub last_start: i64,
    pub to: i64,
    pub count: Count,
    /// Its id among the parts of all runs, once that is settled.
    pub id: usize,
}

impl Group {
    /// Without rows. `known`: the known run that they are of.
    pub fn new(title: Box<str>, concurrent: Option<u64>, known: Option<usize>) -> Group {
        Group {
            title,
            concurrent,
            known,
            elapsed: Sample::default(),
            gaps: Gaps::default(),
            spans: BTreeMap::new(),
            present: None,
            before: Count::default(),
            runs: Vec::new(),
        }
    }

    /// Takes in a row; `None` where its group has more pauses than are kept.
    pub fn see(&mut self, visit: Option<(i64, i64)>, count: Count) -> Option<()> {
        let Some((from, to)) = visit else {
            match self
                .present
                .and_then(|present| self.spans.get_mut(&present))
            {
                Some(span) => span.count.add(count),
                None => self.before.add(count),
            }
            return Some(());
        };
        self.elapsed.push(to - from);
        self.gaps.push(from);
        self.put(
            Span {
                to,
                last_start: from,
                count,
            },
            from,
        );
        if self.spans.len() > MOST_SPANS {
            let pause = self.pause();
            self.join(pause);
            return (self.spans.len() <= MOST_SPANS / 2).then_some(());
        }
        Some(())
    }

    /// Adds a span to those that it touches.
    fn put(&mut self, mut new: Span, mut from: i64) {
        let before = self.spans.range_mut(..=from).next_back();
        if let Some((begin, span)) = before
            && from.saturating_sub(span.to) <= LEAST_PAUSE
        {
            let begin = *begin;
            self.present = Some(begin);
            let grows = new.to > span.to;
            span.last_start = span.last_start.max(new.last_start);
            span.to = span.to.max(new.to);
            span.count.add(new.count);
            if !grows {
                return;
            }
            // It may touch the next one now.
            new = *span;
            from = begin;
        }
        let end = new.to.saturating_add(LEAST_PAUSE);
        let is_touching = self.spans.range((
            std::ops::Bound::Excluded(from),
            std::ops::Bound::Included(end),
        ));
        if let Some(next) = is_touching.map(|(begin, _)| *begin).next() {
            self.spans.remove(&from);
            let span = self.spans.remove(&next).expect("found above");
            new.to = new.to.max(span.to);
            new.last_start = new.last_start.max(span.last_start);
            new.count.add(span.count);
            return self.put(new, from);
        }
        self.spans.insert(from, new);
        self.present = Some(from);
    }

    /// Joins spans with no longer pause between them.
    fn join(&mut self, pause: i64) {
        let mut joined: Vec<(i64, Span)> = Vec::new();
        for (from, span) in std::mem::take(&mut self.spans) {
            match joined.last_mut() {
                Some((_, last)) if from.saturating_sub(last.to) <= pause => {
                    last.to = last.to.max(span.to);
                    last.last_start = last.last_start.max(span.last_start);
                    last.count.add(span.count);
                }
                _ => joined.push((from, span)),
            }
        }
        let present = self.present;
        self.present = present.and_then(|at| {
            let after = joined.partition_point(|(from, _)| *from <= at);
            joined.get(after.checked_sub(1)?).map(|(from, _)| *from)
        });
        self.spans = joined.into_iter().collect();
    }

    /// Splits the rows into runs, when all were seen.
    pub fn cut(&mut self) {
        let pause = match self.known {
            Some(_) => i64::MAX,
            None => self.pause(),
        };
        self.join(pause);
        let spans = std::mem::take(&mut self.spans);
        self.runs = (spans.into_iter())
            .map(|(from, span)| Run {
                from,
                last_start: span.last_start,
                to: span.to,
                count: span.count,
                id: usize::MAX,
            })
            .collect();
        if self.runs.is_empty() {
            // No shopper started.
            self.runs.push(Run {
                from: 0,
                last_start: 0,
                to: 0,
                count: Count::default(),
                id: usize::MAX,
            });
        }
        self.runs[0].count.add(self.before);
        self.elapsed = Sample::default();
        self.gaps = Gaps::default();
    }

    /// The shortest pause that separates two runs, nanoseconds.
    fn pause(&self) -> i64 {
        let median = |sample: &Sample| sample.percentile(Quantile::P50).unwrap_or(0);
        let usual = median(&self.elapsed).max(median(&self.gaps.all()));
        usual.saturating_mul(FACTOR).max(LEAST_PAUSE)
    }
}

impl Gaps {
    fn push(&mut self, start: i64) {
        self.waiting.push(Reverse(start));
        if self.waiting.len() > STARTS {
            let Some(Reverse(first)) = self.waiting.pop() else {
                return;
            };
            if let Some(before) = self.before.replace(first) {
                self.sample.push(first.saturating_sub(before).max(0));
            }
        }
    }

    /// With those of the starts that wait.
    fn all(&self) -> Sample {
        let mut sample = self.sample.clone();
        let starts = self.waiting.clone().into_sorted_vec().into_iter().rev();
        let mut before = self.before;
        for Reverse(start) in starts {
            if let Some(before) = before.replace(start) {
                sample.push(start.saturating_sub(before).max(0));
            }
        }
        sample
    }
}
