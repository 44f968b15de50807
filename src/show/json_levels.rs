//! The JSON of a sweep over levels of concurrency: two keys of an object.
//!
//! | key | what |
//! |---|---|
//! | `levels` | a list, one object for each level, in the order in which they were given: see below |
//! | `scalability` | the law fitted to the rounds of the levels, and what it says: see below |
//!
//! A level has, over all its rounds, `concurrent` (shoppers at once), `rounds`, `launched`, `bought`,
//! `failed_purchases`, `wall_seconds` (in which the load ran), `purchases_per_second` (`null` if that
//! was no time), `home_elapsed_seconds` and `buy_elapsed_seconds` (distributions as in
//! [`crate::show::json`], over all requests with a start and an end; `null` without any) and `trusted`
//! (whether the verdict of every round was; `null` without rounds).
//!
//! The scalability has `lambda`, `sigma` and `kappa` of [`crate::stats::scalability`] (purchases per second,
//! and two numbers without a unit), `error` (the root mean square of the relative residuals, 0.1 is
//! 10 %; with three levels it means nothing), `knee` (shoppers) and `peak` (purchases per second
//! there, by the fit), `finding`, and `ceiling` (purchases per second that the fit does not exceed).
//! By the finding,
//!
//! | `finding` | what | absent (`null`) |
//! |---|---|---|
//! | `knee` | more than `knee` shoppers get less | `ceiling` |
//! | `falls` | throughput falls from the first level on: the knee is at it or below | `ceiling` |
//! | `no_knee` | none is seen up to the last level | `knee`, `peak`; `ceiling` if there is none |
//! | `too_few` | fewer than three levels with purchases: no fit | all of the others |

use serde::ser::{Serialize, SerializeMap, Serializer};

use crate::show::json::{distribution, seconds};
use crate::show::levels::{Level, fit};
use crate::stats::scalability::{Finding, Fit};

/// Appends the keys `levels` and `scalability`; both are `null` where there are no levels.
pub fn write<M: SerializeMap>(levels: &[Level], map: &mut M) -> Result<(), M::Error> {
    if levels.is_empty() {
        map.serialize_entry("levels", &())?;
        return map.serialize_entry("scalability", &());
    }
    let rounds: Vec<Rounds> = levels.iter().map(Rounds).collect();
    map.serialize_entry("levels", &rounds)?;
    map.serialize_entry("scalability", &Scalability(fit(levels)))
}

struct Rounds<'a>(&'a Level);

impl Serialize for Rounds<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Rounds(level) = self;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("concurrent", &level.concurrent)?;
        map.serialize_entry("rounds", &level.rounds)?;
        map.serialize_entry("launched", &level.launched)?;
        map.serialize_entry("bought", &level.bought)?;
        map.serialize_entry("failed_purchases", &level.failed)?;
        map.serialize_entry("wall_seconds", &seconds(level.wall_nanos))?;
        map.serialize_entry("purchases_per_second", &level.rate())?;
        map.serialize_entry("home_elapsed_seconds", &distribution(&level.home))?;
        map.serialize_entry("buy_elapsed_seconds", &distribution(&level.buy))?;
        map.serialize_entry("trusted", &level.is_trusted())?;
        map.end()
    }
}

struct Scalability(Option<Fit>);

impl Serialize for Scalability {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Scalability(fit) = self;
        let (finding, knee, peak, ceiling) = match fit.map(|fit| fit.finding) {
            None => ("too_few", None, None, None),
            Some(Finding::Knee { at, peak }) => ("knee", Some(at), Some(peak), None),
            Some(Finding::Falls { from, peak }) => ("falls", Some(from as f64), Some(peak), None),
            Some(Finding::NoKnee { ceiling, .. }) => ("no_knee", None, None, ceiling),
        };
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("lambda", &fit.map(|fit| fit.law.lambda))?;
        map.serialize_entry("sigma", &fit.map(|fit| fit.law.sigma))?;
        map.serialize_entry("kappa", &fit.map(|fit| fit.law.kappa))?;
        map.serialize_entry("error", &fit.map(|fit| fit.error))?;
        map.serialize_entry("knee", &knee)?;
        map.serialize_entry("peak", &peak)?;
        map.serialize_entry("finding", finding)?;
        map.serialize_entry("ceiling", &ceiling)?;
        map.end()
    }
}

#[cfg(test)]
#[path = "json_levels_tests.rs"]
mod tests;
