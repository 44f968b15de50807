//! Where a difference arose: connecting, TLS, before, in or after the server's code.

use serde::Serialize;

/// A stage of a request that is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Stage {
    /// The TCP handshake.
    Connect,
    /// The TLS handshake.
    Tls,
    /// Before the server's code began: queueing and network.
    Queueing,
    /// The server's code, as it reported it.
    Service,
    /// From its end to the last byte.
    After,
    /// Before and after the server's code together: its clock is not known well enough.
    AroundService,
    /// From the handshake to the first byte, of requests without a report.
    Wait,
    /// From the first byte to the last.
    Receive,
}

impl Stage {
    /// As it stands in the sentence, after "arose".
    pub fn words(self) -> &'static str {
        match self {
            Stage::Connect => "in connecting (TCP)",
            Stage::Tls => "in the TLS handshake",
            Stage::Queueing => "before the server's code (queueing and network)",
            Stage::Service => "in the server's code (service time)",
            Stage::After => "after the server's code",
            Stage::AroundService => {
                "before or after the server's code (its clock is not known well enough)"
            }
            Stage::Wait => "in the wait for the first byte",
            Stage::Receive => "in the receipt of the response",
        }
    }
}

/// The mean times of the stages, seconds; stages that are not known are not there. They add up to the mean.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Stages {
    /// Of the home pages.
    pub home: Vec<(Stage, f64)>,
    /// Of the purchases.
    pub buy: Vec<(Stage, f64)>,
}

/// The share of a difference in one stage.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StageChange {
    /// Which one.
    pub stage: Stage,
    /// By how much its mean changed, seconds.
    pub change_seconds: f64,
}

/// Shares below this are not named.
const NAMED: f64 = 0.1;

/// The mean changes from one side's stages to the other's, pair by pair; stages that any of them lacks are left
/// out.
pub fn changes(pairs: &[[&[(Stage, f64)]; 2]]) -> Vec<StageChange> {
    let Some([first, also]) = pairs.first() else {
        return Vec::new();
    };
    let of = |stages: &[(Stage, f64)], stage: Stage| {
        let found = stages.iter().find(|(of, _)| *of == stage);
        found.map(|(_, mean)| *mean)
    };
    let change = |stage: Stage| -> Option<f64> {
        let mut sum = 0.0;
        for [baseline, other] in pairs {
            // A side without TLS spends no time in it.
            let lacking = matches!(stage, Stage::Tls | Stage::Connect).then_some(0.0);
            sum += of(other, stage).or(lacking)? - of(baseline, stage).or(lacking)?;
        }
        Some(sum / pairs.len() as f64)
    };
    let mut stages: Vec<Stage> = first.iter().map(|(stage, _)| *stage).collect();
    for (stage, _) in *also {
        if !stages.contains(stage) {
            stages.push(*stage);
        }
    }
    stages.sort();
    let changes = stages.into_iter().filter_map(|stage| {
        Some(StageChange {
            stage,
            change_seconds: change(stage)?,
        })
    });
    changes.collect()
}

/// The sentence: where most of the change of the mean arose. Absent where the stages are not known, or where
/// their changes cancel each other.
pub fn sentence(what: &str, changes: &[StageChange]) -> Option<String> {
    let total: f64 = changes.iter().map(|of| of.change_seconds).sum();
    let size: f64 = changes.iter().map(|of| of.change_seconds.abs()).sum();
    if changes.is_empty() || size == 0.0 || !size.is_finite() {
        return None;
    }
    let mut largest: Vec<&StageChange> = changes.iter().collect();
    largest.sort_by(|a, b| b.change_seconds.abs().total_cmp(&a.change_seconds.abs()));
    largest.retain(|of| of.change_seconds.abs() >= NAMED * size);
    let named: Vec<String> = (largest.iter())
        .map(|of| {
            format!(
                "{} arose {}",
                signed_ms(of.change_seconds),
                of.stage.words()
            )
        })
        .collect();
    Some(format!(
        "of {} of the mean {what}, {}",
        signed_ms(total),
        named.join(", ")
    ))
}

/// The sentence for a claimed change of a time, seconds: where the mean changed the other way, its stages do not
/// tell where the claimed change arose.
pub fn sentence_for(what: &str, changes: &[StageChange], claimed: Option<f64>) -> Option<String> {
    let total: f64 = changes.iter().map(|of| of.change_seconds).sum();
    match claimed {
        Some(claimed) if claimed * total < 0.0 => Some(format!(
            "not told: the mean {what} changed the other way, by {}",
            signed_ms(total)
        )),
        _ => sentence(what, changes),
    }
}

fn signed_ms(seconds: f64) -> String {
    format!("{:+.3} ms", seconds * 1e3)
}

#[cfg(test)]
#[path = "place_tests.rs"]
mod tests;
