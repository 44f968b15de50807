//! One run: its verdicts, and whether its figures were right by the capture.

use std::path::Path;
use std::process::{Command, Stdio};

use profilerclient::stats::{Quantile, percentile};
use serde_json::Value;

use super::capture::Capture;
use super::server::{BINARY, Server};
use super::truth::{Request, Truth};

/// What may be wrong with a figure that is right: this share of it, or so many nanoseconds.
const SHARE: f64 = 0.05;
const NANOS: i64 = 100_000;

/// A launch on the wire of at most this, nanoseconds, is concurrent.
const AT_ONCE: i64 = 1_000_000;

/// The percentiles of which the largest supported one is compared.
const TAILS: [(Quantile, &str); 3] = [
    (Quantile::P99, "p99"),
    (Quantile::P95, "p95"),
    (Quantile::P90, "p90"),
];

/// A figure: whether it was trusted, and whether it was right.
#[derive(Clone, Debug)]
pub struct Judged {
    pub is_trusted: bool,
    pub is_right: bool,
    /// The kinds of the reasons.
    pub reasons: Vec<String>,
    /// By how much what was said is off, and from what, where it was wrong: nanoseconds.
    pub off: Option<(i64, i64)>,
}

/// Home, purchase and pace of one run.
pub type Outcome = [Judged; 3];

/// Runs the program and captures what it does.
pub fn run(server: &Server, shoppers: u32, directory: &Path) -> Result<Outcome, String> {
    let file = directory.join("capture");
    let capture = Capture::start(&file, "lo", server.port()?, false)?;
    let report = directory.join("report.csv");
    let output = Command::new(BINARY)
        .args(["-t", &server.url, "-d", "rdbms", "-p", "/", "--json"])
        .args(["--no-runs-file", "--progress", "never"])
        .args(["-c", &shoppers.to_string()])
        .arg("-o")
        .arg(&report)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| error.to_string())?;
    let truth = capture.finish()?;
    let json: Value = serde_json::from_slice(&output.stdout)
        .map_err(|_| String::from_utf8_lossy(&output.stderr).into_owned())?;
    if json["failed_purchases"] != 0 {
        return Err(format!("{} purchases failed", json["failed_purchases"]));
    }
    let verdict = &json["verdict"];
    let home = latency(
        &verdict["home"],
        &json["home_ok_elapsed_seconds"],
        &truth,
        false,
    );
    let purchase = latency(
        &verdict["purchase"],
        &json["buy_ok_elapsed_seconds"],
        &truth,
        true,
    );
    Ok([home?, purchase?, pace(&verdict["pace"], &truth)?])
}

fn judged(verdict: &Value, off: Option<(i64, i64)>) -> Judged {
    let kinds = verdict["reasons"].as_array().into_iter().flatten();
    Judged {
        is_trusted: verdict["state"] == "trusted",
        is_right: off.is_none(),
        reasons: kinds
            .filter_map(|reason| Some(reason["kind"].as_str()?.to_owned()))
            .collect(),
        off,
    }
}

/// What was said of a latency, against the wire.
fn latency(verdict: &Value, said: &Value, truth: &Truth, is_post: bool) -> Result<Judged, String> {
    let mut wire: Vec<i64> = (truth.requests())
        .filter(|request| request.is_post == is_post)
        .map(without_client)
        .collect();
    wire.sort_unstable();
    if said["n"] != wire.len() {
        return Err(format!("{} of {} requests captured", wire.len(), said["n"]));
    }
    let of = |key: &str| {
        said[key]
            .as_f64()
            .map(|seconds| (seconds * 1e9).round() as i64)
    };
    let mut pairs = vec![match wire.len() {
        1 => (of("max"), wire.last().copied()),
        _ => (of("p50"), percentile(&wire, Quantile::P50)),
    }];
    let tail = TAILS
        .into_iter()
        .find_map(|(quantile, key)| Some((of(key), Some(percentile(&wire, quantile)?))));
    pairs.extend(tail);
    let wrong = pairs.into_iter().find_map(|(said, wire)| {
        let (said, wire) = (said?, wire?);
        let allowed = NANOS.max((SHARE * wire as f64) as i64);
        ((said - wire).abs() > allowed).then_some((said - wire, wire))
    });
    Ok(judged(verdict, wrong))
}

/// A request's time on the wire, but for what passed between the SYN-ACK and the request.
fn without_client(request: &Request) -> i64 {
    let held = request
        .accepted
        .map_or(0, |accepted| request.sent - accepted);
    request.stopped - request.started(true) - held.max(0)
}

/// The launch of the home pages, against their ends.
fn pace(verdict: &Value, truth: &Truth) -> Result<Judged, String> {
    let home = || truth.requests().filter(|request| !request.is_post);
    let mut starts: Vec<i64> = home().map(|request| request.started(true)).collect();
    starts.sort_unstable();
    let first = *starts.first().ok_or("no request was captured")?;
    let since = |at: &i64| at - first;
    let starts: Vec<i64> = starts.iter().map(since).collect();
    let mut ends: Vec<i64> = home().map(|request| request.stopped - first).collect();
    ends.sort_unstable();
    let tails = TAILS.into_iter().map(|(quantile, _)| quantile);
    let last = tails
        .chain([Quantile::P50])
        .find_map(|quantile| percentile(&starts, quantile));
    let middle = percentile(&ends, Quantile::P50).or(ends.last().copied());
    let late = last
        .zip(middle)
        .filter(|(last, middle)| last > middle && *last > AT_ONCE);
    let late = late.map(|(last, middle)| (last - middle, middle));
    Ok(judged(verdict, late.or_else(|| gap(truth))))
}

/// From the ends of the home pages to the starts of the purchases, and a response, on average: where that
/// made the purchases late. As many shoppers have the one as the other.
fn gap(truth: &Truth) -> Option<(i64, i64)> {
    let count = truth.requests().count() as i128 / 2;
    let mean = |sum: i128| i64::try_from(sum / count.max(1)).ok();
    let gaps = truth.requests().map(|request| match request.is_post {
        true => i128::from(request.started(true)),
        false => -i128::from(request.stopped),
    });
    let gap = mean(gaps.sum())?;
    let responses = truth.requests().map(|of| i128::from(without_client(of)));
    let response = mean(responses.sum::<i128>() / 2)?;
    (gap > AT_ONCE && gap > response / 10).then_some((gap, response))
}
