//! TLS of an https target: one handshake as a run makes it, and one that resumes its session.

use std::io;
use std::io::Write;
use std::net::SocketAddr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::Check;
use super::certificate::{Trust, judge_chain, judge_expiry};
use super::network::millis;
use super::output::Report;
use crate::net::tls::{Resume, Tickets, TlsClient, TlsError, TlsSettings};
use crate::prepare::handshake::{Trial, try_handshake};
use crate::prepare::route::Route;
use crate::row::failure::{Failure, FailureKind};
use crate::row::{Handshake, TlsFailure};
use crate::settings::NetSettings;
use crate::signals::Signals;

/// How long a handshake may take; less where `--connect-timeout` says so.
const PATIENCE: Duration = Duration::from_secs(5);

/// Where no more can be said without a handshake.
const LATER: [&str; 3] = ["certificate", "expiry", "resumption"];

/// Makes the handshakes; nothing for a plain target.
pub(super) fn examine<W: Write>(
    net: &NetSettings,
    address: Option<SocketAddr>,
    signals: &mut Signals,
    report: &mut Report<W>,
) -> io::Result<()> {
    let Some(settings) = &net.tls else {
        return Ok(());
    };
    let Some(address) = address else {
        report.add(Check::skip("tls", "a connection is missing"))?;
        return skip(report, "a connection is missing");
    };
    let door = Door {
        route: Route::to(address, &net.ways),
        patience: net
            .connect_timeout
            .map_or(PATIENCE, |timeout| timeout.min(PATIENCE)),
    };
    let findings = match Findings::gather(&door, settings, signals) {
        Ok(findings) => findings,
        Err(error) => {
            report.add(Check::error("tls", &error))?;
            return skip(report, "TLS cannot be set up");
        }
    };
    if signals.received().is_some() {
        return Ok(());
    }
    report.add(judge_handshake(&findings.trial))?;
    let Ok(trial) = &findings.trial else {
        return skip(report, "a TLS handshake is missing");
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let now = now.map_or(0, |since| since.as_secs() as i64);
    let trust = match (findings.refused, settings.insecure) {
        (None, _) => Trust::Verified,
        (Some(why), true) => Trust::Accepted(why.to_string()),
        (Some(why), false) => {
            let hint = why.kind.hint().unwrap_or_default();
            match why.kind {
                FailureKind::Tls(TlsFailure::UnknownIssuer) => {
                    Trust::Unknown(why.to_string(), hint)
                }
                _ => Trust::Refused(why.to_string(), hint),
            }
        }
    };
    report.add(judge_chain(&trial.chain, &trust))?;
    report.add(judge_expiry(&trial.chain, now, settings.insecure))?;
    report.add(judge_resumption(findings.resumed, settings.resume))
}

fn skip<W: Write>(report: &mut Report<W>, why: &str) -> io::Result<()> {
    LATER
        .iter()
        .try_for_each(|&name| report.add(Check::skip(name, why)))
}

/// Where handshakes are made.
struct Door {
    route: Route,
    patience: Duration,
}

impl Door {
    fn shake_hands(
        &self,
        client: &TlsClient,
        tickets: &Tickets,
        signals: &mut Signals,
    ) -> Result<Trial, Failure> {
        let client = client.with_tickets(tickets);
        try_handshake(&self.route, &client, tickets, self.patience, signals)
    }
}

/// What the handshakes have shown.
struct Findings {
    /// The first one: without regard to the certificate, if that is refused.
    trial: Result<Trial, Failure>,
    /// Why the certificate is refused, if it is.
    refused: Option<Failure>,
    /// What became of the second one, which offered the session of the first; `None` without a ticket.
    resumed: Option<Result<Handshake, Failure>>,
}

impl Findings {
    fn gather(
        door: &Door,
        settings: &TlsSettings,
        signals: &mut Signals,
    ) -> Result<Findings, TlsError> {
        let strict = TlsClient::load(&TlsSettings {
            insecure: false,
            ..settings.clone()
        });
        // Without any trusted certificate only --insecure is left.
        let strict = match (strict, settings.insecure) {
            (Err(TlsError::NoRoots(_)), true) => None,
            (loaded, _) => Some(loaded?),
        };
        let tickets = Tickets::default();
        let mut refused = None;
        if let Some(client) = strict {
            match door.shake_hands(&client, &tickets, signals) {
                Err(failure) if is_of_certificate(failure.kind) => refused = Some(failure),
                trial => return Ok(Findings::of(door, &client, &tickets, trial, None, signals)),
            }
        }
        let lax = TlsClient::load(&TlsSettings {
            insecure: true,
            ..settings.clone()
        })?;
        let trial = door.shake_hands(&lax, &tickets, signals);
        Ok(Findings::of(door, &lax, &tickets, trial, refused, signals))
    }

    fn of(
        door: &Door,
        client: &TlsClient,
        tickets: &Tickets,
        trial: Result<Trial, Failure>,
        refused: Option<Failure>,
        signals: &mut Signals,
    ) -> Findings {
        let has_ticket = trial.is_ok() && tickets.has_any();
        let resumed = has_ticket.then(|| {
            let second = door.shake_hands(client, tickets, signals);
            second.map(|trial| trial.handshake)
        });
        Findings {
            trial,
            refused,
            resumed,
        }
    }
}

/// Whether it is about the server's certificate, which a handshake can be made without.
fn is_of_certificate(kind: FailureKind) -> bool {
    matches!(
        kind,
        FailureKind::Tls(
            TlsFailure::UnknownIssuer
                | TlsFailure::Expired
                | TlsFailure::NotYetValid
                | TlsFailure::WrongName
                | TlsFailure::Revoked
                | TlsFailure::UnknownRevocation
                | TlsFailure::UnsupportedCertificate
                | TlsFailure::BadCertificate
        )
    )
}

fn judge_handshake(trial: &Result<Trial, Failure>) -> Check {
    match trial {
        Ok(trial) => {
            let took = millis(trial.took);
            let peer = trial.peer.as_ref().map_or(String::new(), |peer| {
                let group = peer.group.as_deref();
                let group = group.map_or(String::new(), |group| format!(", {group}"));
                format!("{}, {}{group}, ", peer.version, peer.suite)
            });
            let retried = match trial.handshake {
                Handshake::Retried => {
                    "; the server asked for another group, which takes a round trip: --tls-groups \
                     with that one first avoids it"
                }
                _ => "",
            };
            Check::ok("tls", format!("{peer}handshake in {took}{retried}"))
        }
        Err(failure) => {
            let hint = failure.kind.hint();
            let hint = hint.unwrap_or("try openssl s_client -connect HOST:PORT");
            Check::fail("tls", failure.to_string(), hint)
        }
    }
}

fn judge_resumption(resumed: Option<Result<Handshake, Failure>>, wanted: Resume) -> Check {
    let name = "resumption";
    let why = match resumed {
        Some(Ok(Handshake::Resumed)) => {
            return Check::ok(name, "the server resumes sessions");
        }
        Some(Ok(_)) => "the server sends tickets, but still makes a full handshake".to_owned(),
        Some(Err(failure)) => format!("the connection with a ticket failed ({failure})"),
        None => "the server sends no tickets: each connection is a full handshake".to_owned(),
    };
    match wanted {
        Resume::Never => Check::ok(name, why),
        _ => Check::warn(
            name,
            why,
            "leave --tls-resume out, or enable it on the server (nginx: ssl_session_tickets on)",
        ),
    }
}

#[cfg(test)]
#[path = "tls_tests.rs"]
mod tests;
