//! The reports of the load generators.

use serde_json::Value;

/// What one said of one run.
#[derive(Debug, PartialEq)]
pub struct Report {
    /// Completed ones.
    pub requests: u64,
    pub per_second: f64,
    /// In its own words; there should be none.
    pub errors: Vec<String>,
}

fn number<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.trim().parse().ok()
}

/// The rest of the line that begins so, white space aside.
fn after<'a>(text: &'a str, start: &str) -> Option<&'a str> {
    let mut lines = text.lines();
    lines.find_map(|line| line.trim().strip_prefix(start).map(str::trim))
}

/// The lines that begin so, as errors.
fn lines(text: &str, starts: &[&str]) -> Vec<String> {
    let is_one = |line: &&str| starts.iter().any(|start| line.starts_with(start));
    let found = text.lines().map(str::trim).filter(is_one);
    found.map(str::to_owned).collect()
}

/// This program: two requests for each shopper.
pub fn own(output: &str) -> Option<Report> {
    let summary: Value = serde_json::from_str(output.trim()).ok()?;
    let requests = 2 * summary.get("launched")?.as_u64()?;
    let failed = summary.get("failed_purchases")?.as_u64()?;
    let mut errors = Vec::new();
    if failed > 0 || summary.get("bought")?.as_u64()? + failed != requests / 2 {
        errors.push(format!("{failed} failed purchases"));
    }
    let groups = summary.get("errors").and_then(Value::as_array);
    for group in groups.into_iter().flatten().take(3) {
        let text = |key: &str| group.get(key).and_then(Value::as_str).unwrap_or("?");
        let count = group.get("count").and_then(Value::as_u64).unwrap_or(0);
        errors.push(format!(
            "{} {}: {count} times",
            text("step"),
            text("message")
        ));
    }
    Some(Report {
        requests,
        per_second: requests as f64 / summary.get("wall_seconds")?.as_f64()?,
        errors,
    })
}

/// The bare loop.
pub fn bare(output: &str) -> Option<Report> {
    let object: Value = serde_json::from_str(output.trim()).ok()?;
    let requests = object.get("requests")?.as_u64()?;
    let errors = object.get("errors")?.as_u64()?;
    Some(Report {
        requests,
        per_second: requests as f64 / object.get("seconds")?.as_f64()?,
        errors: (errors > 0)
            .then(|| format!("{errors} broken connections"))
            .into_iter()
            .collect(),
    })
}

/// `N requests in 1.03s, …` and `Requests/sec: …`.
pub fn wrk(output: &str) -> Option<Report> {
    let mut counts = output
        .lines()
        .filter_map(|line| line.split_once(" requests in "));
    Some(Report {
        requests: number(counts.next()?.0)?,
        per_second: number(after(output, "Requests/sec:")?)?,
        errors: lines(output, &["Socket errors:", "Non-2xx or 3xx responses:"]),
    })
}

/// What oha reports for requests in flight at the end.
const OHA_DEADLINE: &str = "aborted due to deadline";

/// An object with counts by status and by error.
pub fn oha(output: &str) -> Option<Report> {
    let object: Value = serde_json::from_str(output.trim()).ok()?;
    let counts = |key: &str| -> Option<Vec<(&String, u64)>> {
        let of = object.get(key)?.as_object()?.iter();
        of.map(|(name, count)| Some((name, count.as_u64()?)))
            .collect()
    };
    let statuses = counts("statusCodeDistribution")?;
    let requests = statuses.iter().map(|(_, count)| count).sum();
    let not_well = statuses
        .into_iter()
        .filter(|(status, _)| !status.starts_with('2'));
    let mut errors = counts("errorDistribution").unwrap_or_default();
    errors.retain(|(name, _)| *name != OHA_DEADLINE);
    Some(Report {
        requests,
        per_second: requests as f64 / object.pointer("/summary/total")?.as_f64()?,
        errors: not_well
            .chain(errors)
            .map(|(name, count)| format!("{name}: {count} times"))
            .collect(),
    })
}

/// `[200] 7749 responses` under a heading, and errors under another.
pub fn hey(output: &str) -> Option<Report> {
    let below = |heading: &'static str| {
        let lines = output.lines().map(str::trim);
        let from = lines.skip_while(move |line| *line != heading).skip(1);
        from.take_while(|line| !line.is_empty())
    };
    let mut requests = 0;
    let mut errors = Vec::new();
    for line in below("Status code distribution:") {
        requests += number::<u64>(line.split_whitespace().nth(1)?)?;
        if !line.starts_with("[2") {
            errors.push(line.to_owned());
        }
    }
    errors.extend(below("Error distribution:").map(str::to_owned));
    Some(Report {
        requests,
        per_second: number(after(output, "Requests/sec:")?)?,
        errors,
    })
}

/// `finished in 1.00s, 41725.00 req/s, …`, `requests: … done, …` and `status codes: …`.
pub fn h2load(output: &str) -> Option<Report> {
    let counted = |line: &str, what: &str| -> Option<u64> {
        let mut parts = line.split(',').map(str::trim);
        number(parts.find_map(|part| part.strip_suffix(what))?)
    };
    let finished = after(output, "finished in")?;
    let requests = after(output, "requests:")?;
    let statuses = after(output, "status codes:")?;
    let any = |line: &str, of: &[&str]| of.iter().any(|what| counted(line, what) != Some(0));
    let mut errors = Vec::new();
    if any(requests, &[" failed", " errored", " timeout"]) {
        errors.push(requests.to_owned());
    }
    if any(statuses, &[" 3xx", " 4xx", " 5xx"]) {
        errors.push(statuses.to_owned());
    }
    let rate = finished
        .split(", ")
        .find_map(|part| part.strip_suffix(" req/s"))?;
    Some(Report {
        requests: counted(requests, " done")?,
        per_second: number(rate)?,
        errors,
    })
}

/// `Complete requests: …`, `Requests per second: … [#/sec] (mean)`.
pub fn ab(output: &str) -> Option<Report> {
    let rate = after(output, "Requests per second:")?;
    let mut errors = lines(
        output,
        &["Failed requests:", "Write errors:", "Non-2xx responses:"],
    );
    errors.retain(|line| !line.ends_with(" 0"));
    Some(Report {
        requests: number(after(output, "Complete requests:")?)?,
        per_second: number(rate.split_whitespace().next()?)?,
        errors,
    })
}
