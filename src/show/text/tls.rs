//! The line on TLS: what was negotiated, how many handshakes there were, and what they cost this client.

use std::io::{self, Write};

use crate::summary::{Summary, Tls};
use crate::text::counted;

use super::layout::line;

pub(super) fn write(summary: &Summary, out: &mut impl Write) -> io::Result<()> {
    let Some(tls) = &summary.tls else {
        return Ok(());
    };
    let parts = [negotiated(tls), Some(handshakes(tls)), remarks(tls)];
    let mut label = "TLS";
    for part in parts.into_iter().flatten() {
        line(out, label, part)?;
        label = "";
    }
    Ok(())
}

/// Version, suite, group, chain.
fn negotiated(tls: &Tls) -> Option<String> {
    let parts = [&tls.version, &tls.suite, &tls.group].map(|part| part.as_deref());
    let names: Vec<&str> = parts.into_iter().flatten().collect();
    let chain = (tls.certificates > 0).then(|| {
        format!(
            "; {}, {:.1} kB",
            counted(tls.certificates, "certificate", "certificates"),
            tls.chain_bytes as f64 / 1e3
        )
    });
    (!names.is_empty()).then(|| names.join(", ") + &chain.unwrap_or_default())
}

fn handshakes(tls: &Tls) -> String {
    let kinds = [
        (tls.full, "full"),
        (tls.resumed, "resumed"),
        (tls.retried, "retried"),
        (tls.failed, "failed"),
    ];
    let kinds: Vec<String> = kinds
        .iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, name)| format!("{count} {name}"))
        .collect();
    let all = counted(tls.handshakes + tls.failed, "handshake", "handshakes");
    let kinds = match kinds.is_empty() {
        true => String::new(),
        false => format!(" ({})", kinds.join(", ")),
    };
    let cpu = tls.cpu_per_handshake_nanos.map_or(String::new(), |nanos| {
        format!(", {:.2} ms of this client's CPU each", nanos as f64 / 1e6)
    });
    format!("{all}{kinds}{cpu}")
}

fn remarks(tls: &Tls) -> Option<String> {
    let insecure =
        (tls.insecure == Some(true)).then(|| "certificates not checked (--insecure)".to_owned());
    let refused = (tls.tickets_refused > 0).then(|| {
        let sessions = counted(tls.tickets_refused, "session", "sessions");
        format!("{sessions} offered and not resumed by the server")
    });
    let later = (tls.later_segments > 0).then(|| {
        let responses = counted(tls.later_segments, "response", "responses");
        format!("{responses} read with later records: arrival may be a later segment's")
    });
    let remarks: Vec<String> = insecure.into_iter().chain(refused).chain(later).collect();
    (!remarks.is_empty()).then(|| remarks.join("; "))
}

#[cfg(test)]
#[path = "tls_tests.rs"]
mod tests;
