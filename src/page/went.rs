//! Where the time went: the parts of home pages and purchases, by bands of the elapsed time.

use crate::time::offset::Finding;

use super::collect::{Collector, LevelFigures};
use super::column::{PartSums, StepSums, VISIT};
use super::known::STEPS;

/// Where the time of a run's requests went.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Went {
    /// The bands of each level, step and way of splitting, in the order of the page.
    pub bars: Vec<Bar>,
    /// The offset of the server's clock that before and after are corrected by, nanoseconds.
    pub correction: i64,
    /// Whether that is known too badly to tell before from after: the clocks contradict each other, or
    /// half of the mean purchase is uncertain.
    pub is_doubtful: bool,
}

/// The mean parts of some requests.
#[derive(Clone, Debug, PartialEq)]
pub struct Bar {
    /// `visit` (home page and purchase together), `home` or `purchase`.
    pub step: &'static str,
    /// The virtual users of a closed workload; absent where that is not known.
    pub level: Option<u64>,
    /// `all`, `p50-p90`, `p99+`; of visits and of purchases with a server's times also `longest`, the longest
    /// one alone.
    pub band: &'static str,
    /// Whether the parts are those of the path to the server and back, rather than those of the request.
    pub is_journey: bool,
    /// The requests whose parts are known.
    pub n: u64,
    /// The mean of all parts together, seconds.
    pub total: f64,
    /// In the order in which they follow one another; one without a name where the rows do not tell them
    /// apart.
    pub slices: Vec<Slice>,
}

/// A part of the time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slice {
    /// Which one.
    pub part: PartName,
    /// The mean, seconds; may be below 0 where the clocks disagree.
    pub seconds: f64,
    /// Its share of the total, 0 to 1.
    pub share: f64,
}

/// The parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum PartName {
    /// The whole request: nothing more is recorded.
    Whole,
    /// Until the TCP connection was established.
    Connect,
    /// From then until the TLS handshake was complete.
    Tls,
    /// From then until the request was sent.
    Send,
    /// From then until the first byte.
    Wait,
    /// From then until the last byte.
    Receive,
    /// Of a visit: the home page.
    Home,
    /// Queueing and network, until the server starts on it.
    Before,
    /// The service time.
    Inside,
    /// From the end of the service on.
    After,
}

impl PartName {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            PartName::Whole => "whole request",
            PartName::Connect => "connect",
            PartName::Tls => "TLS",
            PartName::Send => "send",
            PartName::Wait => "wait",
            PartName::Receive => "receive",
            PartName::Home => "home page",
            PartName::Before => "queueing and network",
            PartName::Inside => "service time",
            PartName::After => "after",
        }
    }
}

/// The bands: their names, the quantiles between which they lie, in hundredths, and the requests that they
/// need.
const BANDS: [(&str, [f64; 2], f64); 3] = [
    ("all", [0.0, 100.0], 1.0),
    ("p50-p90", [50.0, 90.0], 10.0),
    ("p99+", [99.0, 100.0], 100.0),
];

/// The band of the longest visit or purchase alone.
const LONGEST: &str = "longest";

/// The bars of a run.
pub(super) fn went(collected: &Collector) -> Went {
    let correction = collected.offsets.correction();
    let mut went = Went {
        bars: Vec::new(),
        correction,
        is_doubtful: false,
    };
    for (level, figures) in &collected.levels {
        let level = Some(*level).filter(|level| *level > 0);
        went.bars
            .extend((visits(figures, correction)).map(|bar| Bar {
                step: "visit",
                level,
                is_journey: true,
                ..bar
            }));
        for (step, name) in STEPS.iter().enumerate() {
            let buckets = bands(&figures.sums[step], |sums| sums.whole.n);
            for (band, chosen) in buckets {
                let mut sums = StepSums::default();
                (chosen.iter()).for_each(|(bucket, share)| sums.merge(bucket, *share));
                let bars = bars(&sums, correction as f64);
                went.bars.extend(bars.map(|bar| Bar {
                    step: name,
                    level,
                    band,
                    ..bar
                }));
            }
        }
        went.bars
            .extend(longest_purchase(figures, correction).map(|bar| Bar { level, ..bar }));
    }
    let means = (went.bars.iter())
        .filter(|bar| bar.step == STEPS[1] && bar.is_journey && bar.band != LONGEST);
    let shortest = means.map(|bar| bar.total).fold(f64::INFINITY, f64::min);
    let uncertainty = collected.offsets.uncertainty().unwrap_or(0) as f64 / 1e9;
    went.is_doubtful =
        collected.offsets.finding() == Finding::Contradictory || uncertainty * 2.0 > shortest;
    leave_out_empty(&mut went.bars);
    went
}

/// Leaves out the parts that no request has: a TLS handshake of plain HTTP, and the receipt of the response
/// where the rows do not distinguish it from what came before.
fn leave_out_empty(bars: &mut [Bar]) {
    for (part, is_journey) in [(PartName::Tls, false), (PartName::Receive, true)] {
        let is_there = |bar: &Bar| {
            let mut slices = bar.slices.iter();
            let is_some = slices.any(|slice| slice.part == part && slice.seconds != 0.0);
            bar.is_journey == is_journey && is_some
        };
        if bars.iter().any(is_there) {
            continue;
        }
        for bar in bars.iter_mut().filter(|bar| bar.is_journey == is_journey) {
            bar.slices.retain(|slice| slice.part != part);
        }
    }
}

/// The whole visits by bands, and the longest one.
fn visits(figures: &LevelFigures, correction: i64) -> impl Iterator<Item = Bar> {
    let moved = correction as f64;
    let bar_of = move |band, sums: &PartSums<VISIT>| Bar {
        band,
        ..visit_bar(sums, moved)
    };
    let bands = bands(&figures.visits, |sums| sums.n);
    let bars = bands.into_iter().map(move |(band, chosen)| {
        let mut sums = PartSums::default();
        (chosen.iter()).for_each(|(bucket, share)| sums.merge(bucket, *share));
        bar_of(band, &sums)
    });
    let number: f64 = figures.visits.iter().map(|sums| sums.n).sum();
    let longest = figures.longest.filter(|_| number > 1.0).map(|(_, parts)| {
        let mut sums = PartSums::default();
        sums.add(parts.map(Some));
        bar_of(LONGEST, &sums)
    });
    bars.chain(longest)
}

/// The longest purchase alone.
fn longest_purchase(figures: &LevelFigures, correction: i64) -> Option<Bar> {
    let number: f64 = figures.sums[1].iter().map(|sums| sums.journey.n).sum();
    let (_, stages) = figures.longest_buy.filter(|_| number > 1.0)?;
    let mut sums = StepSums::default();
    sums.journey.add(stages.map(Some));
    let bar = bars(&sums, correction as f64).find(|bar| bar.is_journey)?;
    Some(Bar {
        step: STEPS[1],
        band: LONGEST,
        ..bar
    })
}

fn visit_bar(sums: &PartSums<VISIT>, correction: f64) -> Bar {
    use PartName::{After, Before, Home, Inside, Receive};
    let [home, before, inside, after, receive] = sums.sums;
    let parts = [
        home,
        before - correction * sums.n,
        inside,
        after + correction * sums.n,
        receive,
    ];
    let names = [Home, Before, Inside, After, Receive];
    bar(sums.n, &names, &parts.map(|sum| sum / sums.n / 1e9))
}

/// The buckets of each band that has requests, and the share of each that is in the band: of a bucket on a
/// border all requests count as alike.
fn bands<T>(buckets: &[T], number: impl Fn(&T) -> f64) -> Vec<(&'static str, Vec<(&T, f64)>)> {
    let n: f64 = buckets.iter().map(&number).sum();
    let mut found = Vec::new();
    for (name, [from, to], least) in BANDS {
        let [from, to] = [from, to].map(|hundredths| n * hundredths / 100.0);
        let mut before = 0.0;
        let mut chosen = Vec::new();
        for bucket in buckets.iter().filter(|bucket| number(bucket) > 0.0) {
            let here = number(bucket);
            let within = to.min(before + here) - from.max(before);
            before += here;
            if within > 0.0 {
                chosen.push((bucket, within / here));
            }
        }
        if n >= least && !chosen.is_empty() {
            found.push((name, chosen));
        }
    }
    found
}

/// The bars of one band: of the request's phases, and of the path to the server; or the whole request.
fn bars(sums: &StepSums, correction: f64) -> impl Iterator<Item = Bar> {
    use PartName::{After, Before, Connect, Inside, Receive, Send, Tls, Wait, Whole};
    let mean = |sum: f64, n: f64| sum / n / 1e9;
    let phases = (sums.phases.n > 0.0).then(|| {
        let means = sums.phases.sums.map(|sum| mean(sum, sums.phases.n));
        let names = [Connect, Tls, Send, Wait, Receive];
        bar(sums.phases.n, &names, &means)
    });
    let journey = (sums.journey.n > 0.0).then(|| {
        let [before, inside, after, receive] =
            sums.journey.sums.map(|sum| mean(sum, sums.journey.n));
        let moved = correction / 1e9;
        let names = [Before, Inside, After, Receive];
        let means = [before - moved, inside, after + moved, receive];
        Bar {
            is_journey: true,
            ..bar(sums.journey.n, &names, &means)
        }
    });
    let whole = (phases.is_none() && journey.is_none()).then(|| {
        let [sum] = sums.whole.sums;
        bar(sums.whole.n, &[Whole], &[mean(sum, sums.whole.n)])
    });
    [journey, phases, whole].into_iter().flatten()
}

fn bar(n: f64, names: &[PartName], seconds: &[f64]) -> Bar {
    let total: f64 = seconds.iter().sum();
    let slices = names.iter().zip(seconds).map(|(part, seconds)| Slice {
        part: *part,
        seconds: *seconds,
        share: if total > 0.0 { seconds / total } else { 0.0 },
    });
    Bar {
        step: "",
        level: None,
        band: "",
        is_journey: false,
        n: n.round() as u64,
        total,
        slices: slices.collect(),
    }
}

#[cfg(test)]
#[path = "went_tests.rs"]
mod tests;
