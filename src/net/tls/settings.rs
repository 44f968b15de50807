//! What the command line says about TLS.

use std::path::PathBuf;

use rustls::NamedGroup;
use rustls::pki_types::{CertificateDer, ServerName};

use super::groups::default_groups;

/// The settings of TLS towards one server.
#[derive(Clone, Debug, PartialEq)]
pub struct TlsSettings {
    /// The name that the certificate must have; a name that is not an address is also sent (SNI, RFC 6066
    /// section 3).
    pub name: ServerName<'static>,
    /// Files of further trusted certificates, PEM.
    pub ca: Vec<PathBuf>,
    /// Further trusted certificates that are in no file: the built-in shop's.
    pub trusted: Vec<CertificateDer<'static>>,
    /// Whether the system's trusted certificates are left out.
    pub ca_only: bool,
    /// Whether any certificate is accepted.
    pub insecure: bool,
    /// The files of the client's certificate chain and of its private key, PEM.
    pub identity: Option<(PathBuf, PathBuf)>,
    /// The oldest version offered.
    pub min: Version,
    /// The newest version offered.
    pub max: Version,
    /// The key exchange groups offered, the first with a key share; at least one.
    pub groups: Vec<NamedGroup>,
    /// Which connections resume a session.
    pub resume: Resume,
    /// The file to which the secrets of all sessions are appended (NSS key log format).
    pub key_log: Option<PathBuf>,
    /// Files of certificate revocation lists, PEM.
    pub crl: Vec<PathBuf>,
}

impl TlsSettings {
    /// The settings without any option, towards a server of that name.
    pub fn usual(name: ServerName<'static>) -> TlsSettings {
        TlsSettings {
            name,
            ca: Vec::new(),
            trusted: Vec::new(),
            ca_only: false,
            insecure: false,
            identity: None,
            min: Version::V1_2,
            max: Version::V1_3,
            groups: default_groups(),
            resume: Resume::Never,
            key_log: None,
            crl: Vec::new(),
        }
    }

    /// The settings towards the built-in shop: only its own CA is trusted.
    pub fn towards_own_shop(name: ServerName<'static>, ca: CertificateDer<'static>) -> TlsSettings {
        TlsSettings {
            trusted: vec![ca],
            ca_only: true,
            ..TlsSettings::usual(name)
        }
    }
}

/// A version of TLS.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    /// RFC 5246
    #[default]
    V1_2,
    /// RFC 8446
    V1_3,
}

impl Version {
    /// `1.2` or `1.3`.
    pub fn name(self) -> &'static str {
        match self {
            Version::V1_2 => "1.2",
            Version::V1_3 => "1.3",
        }
    }
}

/// Which connections resume a session, and so save the server a part of the handshake.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Resume {
    /// None: each connection is that of a new customer.
    #[default]
    Never,
    /// A shopper resumes its own session for its purchase, as a browser does.
    Visit,
    /// The next shopper of a place resumes the session of the one before, too.
    Place,
    /// That share of the visits, 0 to 100 percent, is as with [`Resume::Visit`].
    Percent(f64),
}

impl Resume {
    /// Whether the `number`th visit of a load resumes sessions; of each N visits, a share of `p` percent
    /// are N × p / 100, rounded up or down. The seed determines which.
    pub fn applies(self, number: u64, seed: u64) -> bool {
        match self {
            Resume::Never => false,
            Resume::Visit | Resume::Place => true,
            Resume::Percent(percent) => {
                let share = percent / 100.0;
                let phase = (mixed(seed) >> 11) as f64 / (1u64 << 53) as f64;
                let up_to = |count: u64| (count as f64 * share + phase).floor();
                up_to(number + 1) > up_to(number)
            }
        }
    }

    /// As it was given.
    pub fn name(self) -> String {
        match self {
            Resume::Never => "never".to_owned(),
            Resume::Visit => "visit".to_owned(),
            Resume::Place => "place".to_owned(),
            Resume::Percent(percent) => format!("{percent}%"),
        }
    }
}

/// SplitMix64's output function: nearby seeds differ in all bits.
fn mixed(seed: u64) -> u64 {
    let mut z = seed.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
