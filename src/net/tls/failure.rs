//! From an error of the TLS library to the failure of a row.

use rustls::{AlertDescription, CertificateError, Error, InvalidMessage, PeerMisbehaved};

use crate::row::TlsFailure;
use crate::row::failure::{Failure, FailureKind};

/// What had happened on the connection before the error.
#[derive(Clone, Copy, Debug)]
pub struct Context {
    /// Whether the handshake was complete.
    pub is_ready: bool,
    /// Whether the server had chosen a version: it had answered.
    pub has_answer: bool,
    /// Whether the client has a certificate.
    pub has_identity: bool,
}

impl Context {
    fn place(self) -> &'static str {
        match self.is_ready {
            true => "after the handshake",
            false => "in the handshake",
        }
    }
}

impl TlsFailure {
    pub(super) fn into_failure(self) -> Failure {
        FailureKind::Tls(self).into()
    }
}

/// The failure that an error is.
pub fn failure_of(error: &Error, context: Context) -> Failure {
    let place = context.place();
    let with =
        |kind: TlsFailure, detail: &str| Failure::with_detail(FailureKind::Tls(kind), detail);
    match error {
        Error::InvalidCertificate(error) => of_certificate(error),
        Error::AlertReceived(alert) => of_alert(*alert, context),
        Error::NoApplicationProtocol
        | Error::PeerMisbehaved(PeerMisbehaved::SelectedUnofferedApplicationProtocol) => {
            TlsFailure::NoHttp1.into_failure()
        }
        Error::PeerIncompatible(why) => {
            let text = format!("{why:?}");
            match text.contains("Version") || text.contains("Tls1") {
                true => with(TlsFailure::ProtocolMismatch, &spaced(&text)),
                false => with(TlsFailure::CipherMismatch, &spaced(&text)),
            }
        }
        Error::PeerMisbehaved(PeerMisbehaved::TooManyRenegotiationRequests) => {
            TlsFailure::Renegotiation.into_failure()
        }
        Error::PeerMisbehaved(
            why @ (PeerMisbehaved::TooManyEmptyFragments
            | PeerMisbehaved::TooManyKeyUpdateRequests
            | PeerMisbehaved::TooManyWarningAlertsReceived),
        ) => with(TlsFailure::Flood, &spaced(&format!("{why:?}"))),
        Error::DecryptError | Error::PeerSentOversizedRecord => with(TlsFailure::BadRecord, place),
        Error::InvalidMessage(
            InvalidMessage::InvalidContentType
            | InvalidMessage::InvalidEmptyPayload
            | InvalidMessage::UnknownProtocolVersion
            | InvalidMessage::MessageTooLarge
            | InvalidMessage::MessageTooShort,
        ) => with(TlsFailure::BadRecord, place),
        Error::InvalidMessage(why) => with(
            TlsFailure::BadMessage,
            &format!("{} {place}", spaced(&format!("{why:?}"))),
        ),
        Error::PeerMisbehaved(why) => with(
            TlsFailure::BadMessage,
            &format!("{} {place}", spaced(&format!("{why:?}"))),
        ),
        other => with(TlsFailure::BadMessage, &format!("{other} {place}")),
    }
}

fn of_certificate(error: &CertificateError) -> Failure {
    let kind = match error {
        CertificateError::UnknownIssuer => TlsFailure::UnknownIssuer,
        CertificateError::Expired | CertificateError::ExpiredContext { .. } => TlsFailure::Expired,
        CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
            TlsFailure::NotYetValid
        }
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
            TlsFailure::WrongName
        }
        CertificateError::Revoked => TlsFailure::Revoked,
        CertificateError::UnknownRevocationStatus
        | CertificateError::ExpiredRevocationList
        | CertificateError::ExpiredRevocationListContext { .. } => TlsFailure::UnknownRevocation,
        // An issuer of that name is trusted, with another key: it was made anew.
        CertificateError::BadSignature => TlsFailure::UnknownIssuer,
        CertificateError::BadEncoding => TlsFailure::BadCertificate,
        _ => TlsFailure::UnsupportedCertificate,
    };
    let detail = match error {
        CertificateError::NotValidForNameContext {
            expected,
            presented,
        } => Some(wrong_name(&expected.to_str(), presented)),
        CertificateError::ExpiredContext { time, not_after } => {
            Some(format!("{} ago", days(time.as_secs(), not_after.as_secs())))
        }
        CertificateError::NotValidYetContext { time, not_before } => Some(format!(
            "valid in {}",
            days(not_before.as_secs(), time.as_secs())
        )),
        CertificateError::Other(other) => Some(spaced(&format!("{other:?}"))),
        _ if kind == TlsFailure::UnsupportedCertificate => Some(error.to_string()),
        CertificateError::BadSignature => {
            Some("an issuer of that name is trusted, but with another key".to_owned())
        }
        _ => None,
    };
    match detail {
        Some(detail) => Failure::with_detail(FailureKind::Tls(kind), &detail),
        None => kind.into_failure(),
    }
}

fn wrong_name(expected: &str, presented: &[String]) -> String {
    /// Names of the certificate that are shown.
    const SHOWN: usize = 3;
    let name = |text: &String| -> String {
        // rustls writes DnsName("example.org").
        text.split('"').nth(1).unwrap_or(text).to_owned()
    };
    let mut names: Vec<String> = presented.iter().take(SHOWN).map(name).collect();
    if presented.len() > SHOWN {
        names.push(format!("{} more", presented.len() - SHOWN));
    }
    match names.is_empty() {
        true => format!("it has no names, not {expected}"),
        false => format!("it names {}, not {expected}", names.join(", ")),
    }
}

/// The time from `earlier` to `later`, seconds, in words.
fn days(later: u64, earlier: u64) -> String {
    let seconds = later.saturating_sub(earlier);
    match (seconds / 86_400, seconds / 3600) {
        (0, 0) => format!("{seconds} s"),
        (0, 1) => "1 hour".to_owned(),
        (0, hours) => format!("{hours} hours"),
        (1, _) => "1 day".to_owned(),
        (days, _) => format!("{days} days"),
    }
}

fn of_alert(alert: AlertDescription, context: Context) -> Failure {
    use AlertDescription as Alert;
    let kind = match alert {
        Alert::ProtocolVersion => TlsFailure::ProtocolMismatch,
        Alert::NoApplicationProtocol => TlsFailure::NoHttp1,
        Alert::UnrecognisedName => TlsFailure::UnknownName,
        Alert::CertificateRequired => TlsFailure::ClientCertificateRequired,
        Alert::BadCertificate
        | Alert::UnsupportedCertificate
        | Alert::CertificateRevoked
        | Alert::CertificateExpired
        | Alert::CertificateUnknown
        | Alert::UnknownCA
        | Alert::AccessDenied
            if context.has_identity =>
        {
            TlsFailure::ClientCertificateRefused
        }
        Alert::NoCertificate | Alert::BadCertificate if !context.has_identity => {
            TlsFailure::ClientCertificateRequired
        }
        // TLS 1.2 has no alert of its own for a missing client certificate (RFC 5246 section 7.4.6).
        Alert::HandshakeFailure if context.has_answer && !context.has_identity => {
            TlsFailure::ClientCertificateRequired
        }
        Alert::HandshakeFailure | Alert::InsufficientSecurity if !context.is_ready => {
            TlsFailure::CipherMismatch
        }
        _ => TlsFailure::Alert,
    };
    let name = alert_name(alert);
    let place = context.place();
    Failure::with_detail(FailureKind::Tls(kind), &format!("alert {name} {place}"))
}

/// The name of an alert as the standard writes it: `bad_certificate`.
fn alert_name(alert: AlertDescription) -> String {
    let text = format!("{alert:?}");
    match alert {
        AlertDescription::UnknownCA => "unknown_ca".to_owned(),
        AlertDescription::BadRecordMac => "bad_record_mac".to_owned(),
        AlertDescription::UnrecognisedName => "unrecognized_name".to_owned(),
        AlertDescription::UnknownPSKIdentity => "unknown_psk_identity".to_owned(),
        AlertDescription::Unknown(code) => format!("{code}"),
        _ => spaced(&text).replace(' ', "_"),
    }
}

/// `TooManyThings` as `too many things`.
fn spaced(name: &str) -> String {
    let mut text = String::new();
    let mut before = ' ';
    for c in name.chars() {
        if c.is_ascii_uppercase() && before.is_ascii_lowercase() {
            text.push(' ');
        }
        text.push(c.to_ascii_lowercase());
        before = c;
    }
    text
}

/// Where the first bytes of a server are not those of a TLS record: what they are.
pub fn not_tls(bytes: &[u8]) -> Option<Failure> {
    /// Text that is shown.
    const SHOWN: usize = 60;
    // change_cipher_spec to heartbeat (RFC 8446 section 5.1, RFC 6520).
    if (20..=24).contains(&bytes[0]) {
        return None;
    }
    let kind = FailureKind::Tls(TlsFailure::NotTls);
    let line = bytes.split(|&byte| byte == b'\r' || byte == b'\n').next();
    let line = String::from_utf8_lossy(line.unwrap_or_default());
    let line: String = line.chars().take(SHOWN).collect();
    Some(match bytes.starts_with(b"HTTP/") {
        true => Failure::with_detail(kind, &format!("a plain HTTP port answered {line}")),
        false => Failure::with_detail(kind, &format!("the server sent {line:?}")),
    })
}

#[cfg(test)]
#[path = "failure_tests.rs"]
mod tests;
