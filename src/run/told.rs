//! What is said before a run with variants: its parts, and the time needed.

use std::time::Duration;

use crate::settings::{Hook, RunSettings};
use crate::text::counted;

/// The parts of a run with variants, and how long they take as far as the plan determines it.
pub(super) fn time_needed(
    settings: &RunSettings,
    parts: usize,
    planned: Option<Duration>,
) -> String {
    let variants = settings.variants.as_ref().map_or(&[][..], |of| &of.list);
    let rounds = u64::from(settings.load.rounds.get());
    let levels = parts as u64 / rounds.max(1) / (variants.len() as u64).max(1);
    let mut text = format!(
        "profilerclient: {}: {} of {} variants",
        counted(parts as u64, "part", "parts"),
        counted(rounds, "round", "rounds"),
        variants.len()
    );
    if levels > 1 {
        text += &format!(" at {levels} levels");
    }
    let beside = match variants.first().and_then(|variant| variant.hook.as_ref()) {
        None => "the last requests of each part",
        Some(Hook::Prepare(_)) => {
            "--prepare, the wait for the target and the last requests of each part"
        }
        Some(Hook::Serve(_)) => "the server's start and end and the last requests of each part",
    };
    text + &match planned {
        Some(planned) => format!("; takes {} and the time of {beside}", shown(planned)),
        None => "; the time is not known in advance (progress shows what is left)".to_owned(),
    }
}

/// A span in the units of a clock: `1 h 5 min`, `2 min 30 s`, `4.5 s`.
pub(super) fn shown(span: Duration) -> String {
    let seconds = span.as_secs_f64();
    let whole = seconds.round() as u64;
    match whole {
        ..60 => format!("{} s", (seconds * 10.0).round() / 10.0),
        60..3600 => format!("{} min {} s", whole / 60, whole % 60),
        _ => format!("{} h {} min", whole / 3600, whole % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_as_people_say_them() {
        for (seconds, text) in [
            (4.52, "4.5 s"),
            (40.0, "40 s"),
            (59.7, "1 min 0 s"),
            (150.0, "2 min 30 s"),
            (3_900.0, "1 h 5 min"),
        ] {
            assert_eq!(shown(Duration::from_secs_f64(seconds)), text);
        }
    }
}
