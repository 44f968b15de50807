//! Pace: whether plan and shop set rate and density, or the client did.

use std::time::Duration;

use crate::plan::Kind;
use crate::stats::Distribution;

use super::evidence::{Evidence, Requests};
use super::own::largest_supported;
use super::reason::Reason;

/// The share of a response's time by which the pace may be late.
const LATE_SHARE: f64 = 0.1;

/// Of the pace, spans up to this, nanoseconds, are ignored.
const LATE_IGNORED: i64 = 1_000_000;

/// The share of a core above which a loop is a bottleneck.
const BUSY: f64 = 0.9;

/// Shorter runs are not judged by their CPU time.
const LONG_ENOUGH: Duration = Duration::from_millis(500);

/// Why the client set the pace; empty if it did not.
pub fn pace_reasons(evidence: &Evidence) -> Vec<Reason> {
    let (home, buy) = (&evidence.home, &evidence.buy);
    let mut reasons = Reason::resources(
        home.without_descriptor + buy.without_descriptor,
        home.without_port + buy.without_port,
    );
    reasons.extend((evidence.dropped_late > 0).then_some(Reason::Behind {
        late: evidence.dropped_late,
        of: evidence.due,
    }));
    reasons.extend(busy(evidence));
    reasons.extend((evidence.handshakes).reason(evidence.wall, evidence.in_flight));
    reasons.extend((evidence.paused > LATE_IGNORED).then_some(Reason::Paused(evidence.paused)));
    reasons.extend(match evidence.kind {
        Kind::Burst => late_start(evidence),
        Kind::Open => launch_delay(evidence),
        Kind::Closed => wait_between(evidence),
    });
    reasons.extend(purchase_delay(evidence));
    reasons.extend(read_delay(evidence));
    reasons
}

fn busy(evidence: &Evidence) -> Option<Reason> {
    let share = evidence
        .cpu_share()
        .filter(|_| evidence.wall >= LONG_ENOUGH)?;
    (share >= BUSY).then(|| Reason::Busy((share * 100.0).round() as u32))
}

/// The value there; absent for a single value.
fn largest_supported_value(of: &Distribution) -> Option<i64> {
    of.at(largest_supported(of)?)
}

fn late_start(evidence: &Evidence) -> Option<Reason> {
    let delay = largest_supported_value(evidence.launch_delay.as_ref()?)?;
    let served = evidence.served.as_ref()?.middle();
    exceeds(delay, 1.0, served).then_some(Reason::LateStart { delay, served })
}

fn launch_delay(evidence: &Evidence) -> Option<Reason> {
    let delays = evidence.launch_delay.as_ref()?;
    let quantile = largest_supported(delays)?;
    let delay = delays.at(quantile)?;
    let of = evidence.home.elapsed.as_ref()?.middle();
    exceeds(delay, LATE_SHARE, of).then_some(Reason::LaunchDelay {
        quantile,
        delay,
        of,
    })
}

fn wait_between(evidence: &Evidence) -> Option<Reason> {
    let delay = evidence.launch_delay.as_ref()?.mean;
    let mean = |of: &Requests| of.elapsed.as_ref().map(|of| of.mean);
    let (home, buy) = (mean(&evidence.home), mean(&evidence.buy));
    let of = home
        .or(buy)?
        .saturating_add(buy.filter(|_| home.is_some()).unwrap_or(0));
    exceeds(delay, LATE_SHARE, of).then_some(Reason::WaitBetween { delay, of })
}

fn read_delay(evidence: &Evidence) -> Option<Reason> {
    // Nothing follows a purchase but in a closed workload.
    let delay = match evidence.kind {
        Kind::Closed => evidence.buy.read_delay.as_ref()?.mean,
        Kind::Burst | Kind::Open => return None,
    };
    let of = mean_response(evidence)?;
    exceeds(delay, LATE_SHARE, of).then_some(Reason::ReadDelay { delay, of })
}

fn purchase_delay(evidence: &Evidence) -> Option<Reason> {
    let (delay, of) = (evidence.purchase_delay?, mean_response(evidence)?);
    exceeds(delay, LATE_SHARE, of).then_some(Reason::PurchaseDelay { delay, of })
}

fn mean_response(evidence: &Evidence) -> Option<i64> {
    mean([&evidence.home, &evidence.buy].map(|of| of.elapsed.as_ref()))
}

fn exceeds(span: i64, share: f64, of: i64) -> bool {
    span > LATE_IGNORED && span as f64 > share * of as f64
}

fn mean(of: [Option<&Distribution>; 2]) -> Option<i64> {
    let (sum, n) = (of.into_iter().flatten()).fold((0i128, 0i128), |(sum, n), of| {
        let count = of.n as i128;
        (sum + i128::from(of.mean) * count, n + count)
    });
    // The mean of i64 values fits into an i64.
    (n > 0).then(|| (sum / n) as i64)
}
