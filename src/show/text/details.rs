//! The details of `-v`.

use std::io::{self, Write};

use crate::stats::Distribution;
use crate::summary::{Part, Phases, Summary};
use crate::text::{Printable, counted};

use super::latency::has_response;
use super::layout::{line, ms, percent, span, table};

/// The length of a bar for 100 % of the time.
const BAR: f64 = 30.0;

pub(super) fn write(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    if summary.variants.is_none() {
        parts(summary, out)?;
    }
    own(summary, out)?;
    precise(summary, out)?;
    machine(summary, out)
}

pub(super) fn parts(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    let (mut home, mut buy) = (&summary.home_phases, &summary.buy_phases);
    let (journey, none) = (&summary.journey, &Phases::default());
    if !has_response(&summary.home_http_codes) {
        home = none;
    }
    if !has_response(&summary.buy_http_codes) {
        buy = none;
    }
    let parts = [
        ("home connect", &home.connect),
        ("home TLS", &home.tls),
        ("home send", &home.send),
        ("home wait", &home.wait),
        ("home receive", &home.receive),
        ("purchase connect", &buy.connect),
        ("purchase TLS", &buy.tls),
        ("purchase send", &buy.send),
        ("purchase wait", &buy.wait),
        ("purchase receive", &buy.receive),
        ("queueing and network", &journey.before_server),
        ("service time", &journey.in_server),
        ("after the service", &journey.after_server),
    ];
    let title = ["Where time went, ms", "p50", "p99", "share", ""];
    let mut rows = vec![title.map(str::to_owned).to_vec()];
    rows.extend(parts.iter().filter_map(|(name, part)| row(name, part)));
    if rows.len() > 1 {
        writeln!(out)?;
        table(&left(rows), out)?;
    }
    let negative: Vec<String> = (parts.iter().filter(|(_, part)| part.negative > 0))
        .map(|(name, part)| format!("{name} {}", part.negative))
        .collect();
    match negative.is_empty() {
        true => Ok(()),
        false => line(
            out,
            "Below zero",
            format_args!(
                "{} (a wait: the kernel had the answer before this program recorded that the \
                 request was sent; a stage: by the two uncorrected clocks)",
                negative.join(", ")
            ),
        ),
    }
}

fn row(name: &str, part: &Part) -> Option<Vec<String>> {
    let of = part.seconds?;
    let share = part
        .share
        .map_or("-".to_owned(), |share| format!("{:.1} %", share * 100.0));
    let length = (part.share.unwrap_or(0.0).clamp(0.0, 1.0) * BAR).round() as usize;
    Some(vec![
        name.to_owned(),
        ms(of.p50, 3),
        ms(of.p99, 3),
        share,
        "#".repeat(length),
    ])
}

/// The last column to the left.
fn left(mut rows: Vec<Vec<String>>) -> Vec<Vec<String>> {
    let widest = rows
        .iter()
        .filter_map(|row| row.last())
        .map(String::len)
        .max();
    for row in &mut rows {
        if let Some(bar) = row.last_mut() {
            *bar = format!("{bar:<width$}", width = widest.unwrap_or(0));
        }
    }
    rows
}

fn own(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    let of = &summary.instrument;
    let title = ["Client, ms", "p50", "p99", "max"].map(str::to_owned);
    let mut rows = vec![title.to_vec()];
    rows.extend(delay("launch delay", of.launch_delay_seconds.as_ref()));
    rows.extend(delay("read delay", of.read_delay_seconds.as_ref()));
    rows.extend(delay("send delay", of.send_delay_seconds.as_ref()));
    rows.extend(delay("hop delay", of.hop_delay_seconds.as_ref()));
    if rows.len() > 1 {
        writeln!(out)?;
        table(&rows, out)?;
    }
    if let (Some(share), Some(longest)) = (of.cpu_share, of.longest_iteration_nanos) {
        let spin = match (of.spin_seconds, of.cpu_seconds) {
            (Some(spin), Some(cpu)) if spin >= cpu * 0.005 && cpu > 0.0 => {
                format!(" ({:.0} % of that waiting awake)", spin / cpu * 100.0)
            }
            _ => String::new(),
        };
        let text = format!(
            "{:.0} % busy{spin}, longest iteration {}",
            share.min(1.0) * 100.0,
            span(longest)
        );
        line(out, "Event loop", text)?;
    }
    own_shares(summary, out)?;
    contention(summary, out)?;
    if let Some((used, limit)) = of.descriptors_used.zip(of.descriptors_limit) {
        let ports = match (of.ports_used, of.ports_available) {
            (Some(used), Some(available)) => format!(", source ports {used} of {available}"),
            (Some(used), None) => format!(", source ports {used}"),
            _ => String::new(),
        };
        line(
            out,
            "Used",
            format_args!("descriptors {used} of {limit}{ports}"),
        )?;
    }
    match (of.clock_synchronised, of.clock_estimated_error_seconds) {
        (Some(true), Some(error)) => line(
            out,
            "This clock",
            format_args!(
                "synchronized by a time service, {:.3} ms off by its estimate",
                error * 1e3
            ),
        ),
        (Some(false), _) => line(out, "This clock", "not synchronized by a time service"),
        _ => Ok(()),
    }
}

/// The client's share of the latencies.
fn own_shares(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    let verdict = &summary.verdict;
    let figures = [("home", &verdict.home), ("purchase", &verdict.purchase)];
    let shares: Vec<String> = figures
        .into_iter()
        .flat_map(|(name, of)| {
            let shares = [("p50", of.own_share.p50), ("p99", of.own_share.p99)];
            shares.map(|(at, share)| Some(format!("{} of {name} {at}", percent(share?))))
        })
        .flatten()
        .collect();
    match shares.is_empty() {
        true => Ok(()),
        false => line(out, "Client's share", shares.join(", ")),
    }
}

/// What others took of the CPU.
fn contention(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    let of = &summary.instrument;
    let ms = |seconds: f64| format!("{:.1} ms", seconds * 1e3);
    let parts = [
        (of.run_queue_wait_seconds).map(|wait| format!("waited {} for a CPU", ms(wait))),
        (of.involuntary_context_switches).map(|count| {
            counted(
                count,
                "involuntary context switch",
                "involuntary context switches",
            )
        }),
        (of.steal_seconds).map(|steal| format!("steal {}", ms(steal))),
    ];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    match parts.is_empty() {
        true => Ok(()),
        false => line(out, "Contention", parts.join(", ")),
    }
}

/// What `--precise` and `--cpu` got, and what was left out.
fn precise(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    let Some(of) = &summary.precise else {
        return Ok(());
    };
    if let Some(got) = of.got() {
        line(out, "Precise", Printable(&got))?;
    }
    for missing in of.missing() {
        line(out, "Left out", Printable(&missing))?;
    }
    Ok(())
}

/// The machine, and the note.
fn machine(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    if let Some(of) = &summary.machine {
        let text = |text: &Option<String>| text.as_ref().map(|text| Printable(text).to_string());
        let cpus = of.cpus.map(|cpus| counted(cpus, "CPU", "CPUs"));
        let memory = of
            .memory_bytes
            .map(|bytes| format!("{:.1} GB", bytes as f64 / 1e9));
        let governor = text(&of.governor).map(|governor| format!("governor {governor}"));
        let on = text(&of.virtualization).map(|on| format!("on {on}"));
        let parts = [
            text(&of.host_name),
            text(&of.kernel),
            text(&of.cpu_model),
            cpus,
            memory,
            governor,
            on,
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        if !parts.is_empty() {
            line(out, "Machine", parts.join(", "))?;
        }
        let load = |of: [f64; 3]| format!("{:.2}", of[0]);
        if let (Some(before), Some(after)) = (of.load_average, summary.load_average_after) {
            let text = format!("{} before, {} after", load(before), load(after));
            line(out, "Load average", text)?;
        }
    }
    match summary.note.is_empty() {
        true => Ok(()),
        false => line(out, "Note", Printable(&summary.note)),
    }
}

fn delay(name: &str, of: Option<&Distribution>) -> Option<Vec<String>> {
    let of = of?;
    let cells = [of.p50, of.p99, Some(of.max)];
    let cells = cells.iter().map(|nanos| ms(*nanos, 3));
    Some(std::iter::once(name.to_owned()).chain(cells).collect())
}
