//! Which resource is short: one sentence from the figures of a side.

use serde::Serialize;

/// The share of the server's CPU from which it is at its limit.
const BUSY: f64 = 0.9;

/// The share of a purchase from which it is mostly that.
const MOST: f64 = 0.5;

/// By this factor a time has grown between the first level of a sweep and the last.
const GROWN: f64 = 1.5;

/// From this share on, failures are named.
const NOTABLE_FAILURES: f64 = 0.01;

/// What is known about the resources, of a part or as the mean of several. Shares are parts of 1.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ResourceFacts {
    /// The time before the server's code began, in the mean purchase.
    pub queue_share: Option<f64>,
    /// The service time in the mean purchase.
    pub service_share: Option<f64>,
    /// The mean time before the server's code began, seconds.
    pub queueing: Option<f64>,
    /// The mean service time, seconds.
    pub service: Option<f64>,
    /// The server's CPU that is in use, as its reports say.
    pub server_cpu: Option<f64>,
    /// The CPU time of a purchase in its service time.
    pub on_cpu: Option<f64>,
    /// Shoppers without a purchase.
    pub failures: f64,
    /// Whether this client limited latencies or pace.
    pub is_client_limited: bool,
}

/// A level of a sweep.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LevelFacts {
    /// The virtual users.
    pub level: u64,
    /// The figures at that level.
    pub facts: ResourceFacts,
}

/// The fitted law of a sweep.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct LawFacts {
    /// The level of the highest throughput, where throughput falls above it.
    pub knee: Option<f64>,
    /// Purchases per second that are not exceeded.
    pub ceiling: Option<f64>,
}

/// The resource that is short.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Short {
    /// Requests wait for a worker while the CPU is idle.
    Workers,
    /// The server's CPU is at its limit.
    Cpu,
    /// Workers wait, without using their CPU.
    SecondServerOrDatabase,
    /// This client.
    Client,
    /// None of them, by these figures.
    NotTold,
}

/// The resource, and the sentence about it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Resource {
    /// Which one.
    pub short: Short,
    /// The sentence.
    pub sentence: String,
}

/// Which resource is short at the last of these levels; there may be but one.
pub fn resource(levels: &[LevelFacts], law: Option<&LawFacts>) -> Resource {
    let Some(last) = levels.last() else {
        return not_told("figures are missing");
    };
    let facts = last.facts;
    let first = levels[0].facts;
    let mut found = short(&first, &facts, levels.len() > 1);
    if facts.failures >= NOTABLE_FAILURES {
        found.sentence += &format!("; {:.0} % of the shoppers failed", facts.failures * 100.0);
    }
    match law {
        Some(LawFacts { knee: Some(at), .. }) => {
            found.sentence += &format!("; throughput falls above {at:.0} virtual users");
        }
        Some(LawFacts {
            ceiling: Some(most),
            ..
        }) => {
            found.sentence += &format!("; throughput levels off at {most:.0} purchases per second")
        }
        _ => {}
    }
    found
}

fn short(first: &ResourceFacts, last: &ResourceFacts, is_sweep: bool) -> Resource {
    if last.is_client_limited {
        return Resource {
            short: Short::Client,
            sentence: "this client: it limited the load or the latencies, so that the server's limit is not \
                       shown"
                .to_owned(),
        };
    }
    let grew = |of: fn(&ResourceFacts) -> Option<f64>| match (of(first), of(last)) {
        (Some(first), Some(last)) if is_sweep => first > 0.0 && last >= GROWN * first,
        _ => false,
    };
    let is_mostly = |share: Option<f64>| share.is_some_and(|share| share >= MOST);
    let is_queueing = is_mostly(last.queue_share) && (!is_sweep || grew(|of| of.queueing));
    let is_serving = is_mostly(last.service_share) || grew(|of| of.service);
    let Some(cpu) = last.server_cpu else {
        return not_told("the server reports no CPU usage");
    };
    if last.queue_share.is_none() && last.service_share.is_none() {
        return not_told("the server reports no times");
    }
    let percent = |share: Option<f64>| share.unwrap_or(0.0) * 100.0;
    let busy = format!("its CPU is {:.0} % busy", cpu * 100.0);
    if cpu >= BUSY && (is_queueing || is_serving) {
        return Resource {
            short: Short::Cpu,
            sentence: format!(
                "CPU of the server: {busy}{}",
                match grew(|of| of.service) {
                    true => " and the service time grows with the level",
                    false => "",
                }
            ),
        };
    }
    let waits = last.on_cpu.is_some_and(|share| share < MOST) || cpu < MOST;
    if is_serving && waits && cpu < BUSY && !is_queueing {
        return Resource {
            short: Short::SecondServerOrDatabase,
            sentence: format!(
                "the second server or the database: {:.0} % of a purchase is service time{}, and {busy}",
                percent(last.service_share),
                match last.on_cpu {
                    Some(share) => format!(", {:.0} % of that on the CPU", share * 100.0),
                    None => String::new(),
                }
            ),
        };
    }
    if is_queueing && cpu < BUSY {
        return Resource {
            short: Short::Workers,
            sentence: format!(
                "workers: {:.0} % of a purchase is queueing and network before the server's code, and {busy}",
                percent(last.queue_share)
            ),
        };
    }
    not_told(&format!(
        "{:.0} % of a purchase is queueing and network, {:.0} % service time, and {busy}",
        percent(last.queue_share),
        percent(last.service_share)
    ))
}

fn not_told(why: &str) -> Resource {
    Resource {
        short: Short::NotTold,
        sentence: format!("not told by these figures: {why}"),
    }
}

/// The means of several parts' facts.
pub fn mean(parts: &[ResourceFacts]) -> ResourceFacts {
    let of = |of: fn(&ResourceFacts) -> Option<f64>| {
        let values: Vec<f64> = parts.iter().filter_map(of).collect();
        (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
    };
    let limited = parts.iter().filter(|part| part.is_client_limited).count();
    ResourceFacts {
        queue_share: of(|part| part.queue_share),
        service_share: of(|part| part.service_share),
        queueing: of(|part| part.queueing),
        service: of(|part| part.service),
        server_cpu: of(|part| part.server_cpu),
        on_cpu: of(|part| part.on_cpu),
        failures: of(|part| Some(part.failures)).unwrap_or(0.0),
        is_client_limited: 2 * limited > parts.len(),
    }
}

#[cfg(test)]
#[path = "resource_tests.rs"]
mod tests;
