//! Where the time went in words: what customers waited for.

use crate::page::{Bar, Charts, PartName, STEPS, Slice};

use super::words::{percent, span};

/// The time of whole visits, and of the longest purchase, in words: what a customer waited for. Empty for several
/// levels, and where the clocks do not allow it.
pub(super) fn headlines(charts: &Charts) -> Vec<String> {
    let of_visit = |bar: &Bar, subject: &str| {
        let [home, before, inside, after] = [
            PartName::Home,
            PartName::Before,
            PartName::Inside,
            PartName::After,
        ]
        .map(|part| part_of(bar, part));
        let (home, before, inside, after) = (home?, before?, inside?, after?);
        Some(format!(
            "{subject} waited {}: {} of it before the service time of the purchase (home page {}, queueing and \
             network {}), {} service time ({}), {} after it.",
            span(bar.total),
            percent(home.share + before.share),
            span(home.seconds),
            span(before.seconds),
            percent(inside.share),
            span(inside.seconds),
            percent(after.share),
        ))
    };
    let of_longest = |bar: &Bar, subject: &str| {
        let [home, before, inside] =
            [PartName::Home, PartName::Before, PartName::Inside].map(|part| part_of(bar, part));
        let (before, inside) = (home?.share + before?.share, inside?);
        Some(format!(
            "{subject} was {}: {} of it before the service time of the purchase, which was {} ({}).",
            span(bar.total),
            percent(before),
            span(inside.seconds),
            percent(inside.share),
        ))
    };
    let subject = |band: &str| (band == "all").then_some("A customer on average");
    let visits = told_of(charts, "visit", subject, of_visit);
    let subject = |band: &str| (band == "longest").then_some("The longest wait");
    let longest_visit = told_of(charts, "visit", subject, of_longest);
    // Where it is not much longer than the others it tells nothing new.
    let means = charts
        .went
        .bars
        .iter()
        .filter(|bar| bar.step == STEPS[1] && bar.is_journey);
    let mean = means
        .clone()
        .find(|bar| bar.band == "all")
        .map_or(0.0, |bar| bar.total);
    let longest = means
        .clone()
        .any(|bar| bar.band == "longest" && bar.total > 3.0 * mean);
    let longest = longest.then(|| {
        let subject = |band: &str| {
            (band == "longest").then_some("The longest purchase with the server's times")
        };
        told_of(charts, STEPS[1], subject, of_purchase)
    });
    let longest = longest.into_iter().flatten();
    visits
        .into_iter()
        .chain(longest_visit)
        .chain(longest)
        .collect()
}

pub(super) fn part_of(bar: &Bar, part: PartName) -> Option<&Slice> {
    bar.slices.iter().find(|slice| slice.part == part)
}

fn of_purchase(bar: &Bar, subject: &str) -> Option<String> {
    let [before, inside, after] =
        [PartName::Before, PartName::Inside, PartName::After].map(|part| part_of(bar, part));
    let told = |slice: &Slice| format!("{} ({})", span(slice.seconds), percent(slice.share));
    Some(format!(
        "{subject} took {}: queueing and network {}, service time {}, after it {}.",
        span(bar.total),
        told(before?),
        told(inside?),
        told(after?)
    ))
}

/// What purchases spent their time on, in words.
pub(super) fn sentences(charts: &Charts) -> Vec<String> {
    told_of(
        charts,
        "purchase",
        |band| match band {
            "all" => Some("A purchase on average"),
            "p99+" => Some("A purchase of the slowest 1 %"),
            _ => None,
        },
        of_purchase,
    )
}

fn told_of(
    charts: &Charts,
    step: &str,
    subject: impl Fn(&str) -> Option<&'static str>,
    tell: impl Fn(&Bar, &str) -> Option<String>,
) -> Vec<String> {
    let bars = || {
        charts
            .went
            .bars
            .iter()
            .filter(|bar| bar.step == step && bar.is_journey)
    };
    let several = bars().filter(|bar| bar.band == "all").count() > 1;
    if several || charts.went.is_doubtful {
        return Vec::new();
    }
    bars()
        .filter_map(|bar| tell(bar, subject(bar.band)?))
        .collect()
}
