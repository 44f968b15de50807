//! The TLS connections of a run as the summary has them.

use serde::Serialize;

use crate::net::tls::TlsFigures;
use crate::time::span::{maybe_seconds, seconds};

/// The TLS connections of a run.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Tls {
    /// Whether any certificate was accepted (`--insecure`); absent where that is not recorded.
    pub insecure: Option<bool>,
    /// Which connections were to resume sessions (`--tls-resume`).
    pub resume: Option<String>,
    /// The version of the first handshake.
    pub version: Option<String>,
    /// Its cipher suite, by the name of the standard.
    pub suite: Option<String>,
    /// Its key exchange group.
    pub group: Option<String>,
    /// Certificates that the server sent.
    pub certificates: u64,
    /// Their size.
    pub chain_bytes: u64,
    /// Complete handshakes, all kinds together.
    pub handshakes: u64,
    /// With the server's certificate.
    pub full: u64,
    /// With the keys of an earlier session.
    pub resumed: u64,
    /// Full ones with a further round trip (HelloRetryRequest).
    pub retried: u64,
    /// Handshakes that did not complete.
    pub failed: u64,
    /// Sessions that were offered to be resumed, and were not.
    pub tickets_refused: u64,
    /// CPU time of the client in all handshakes.
    #[serde(rename = "handshake_cpu_seconds", serialize_with = "seconds")]
    pub handshake_cpu_nanos: i64,
    /// The mean for a handshake.
    #[serde(rename = "cpu_per_handshake_seconds", serialize_with = "maybe_seconds")]
    pub cpu_per_handshake_nanos: Option<i64>,
    /// Responses whose arrival may be that of a later segment: more than the response was read at once.
    pub later_segments: u64,
}

impl Tls {
    /// Of the figures of all parts; `insecure` and `resume` as configured.
    pub fn of(figures: TlsFigures, insecure: Option<bool>, resume: Option<String>) -> Tls {
        let signed = |nanos: u64| i64::try_from(nanos).unwrap_or(i64::MAX);
        Tls {
            insecure,
            resume,
            certificates: figures.certificates,
            chain_bytes: figures.chain_bytes,
            handshakes: figures.complete(),
            full: figures.full,
            resumed: figures.resumed,
            retried: figures.retried,
            failed: figures.failed,
            tickets_refused: figures.tickets_refused,
            handshake_cpu_nanos: signed(figures.handshake_cpu_nanos),
            cpu_per_handshake_nanos: figures.cpu_per_handshake().map(signed),
            later_segments: figures.later_segments,
            version: figures.version,
            suite: figures.suite,
            group: figures.group,
        }
    }
}
