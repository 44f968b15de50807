//! TLS of the shop: from PEM files to what its connections share.

use std::fmt;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use rustls::crypto::aws_lc_rs;
use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ServerConfig, SupportedProtocolVersion, version};

use crate::exit::{self, Hinted};
use crate::net::tls::Version;

/// The largest PEM file read, bytes: a chain with its key is a few thousand.
const MAX_PEM: u64 = 1 << 20;

/// The name that stands for standard input.
const STDIN: &str = "-";

static BOTH: [&SupportedProtocolVersion; 2] = [&version::TLS13, &version::TLS12];

/// Where the shop's certificate is, and which versions it speaks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TlsSettings {
    /// PEM: the shop's certificate, followed by those of the CAs between it and a root; `-` is standard
    /// input.
    pub certificate: PathBuf,
    /// PEM: its key; `None` if it is in the same file.
    pub key: Option<PathBuf>,
    /// The lowest version.
    pub min: Version,
    /// The highest version, not below `min`.
    pub max: Version,
}

/// Why the shop cannot speak TLS.
#[derive(Debug)]
pub enum TlsError {
    /// The file cannot be read.
    Unread(PathBuf, io::Error),
    /// It is larger than is read.
    TooLarge(PathBuf),
    /// It is not valid PEM.
    NotPem(PathBuf, String),
    /// It has no certificate.
    NoCertificate(PathBuf),
    /// It has no private key; whether it has an encrypted one.
    NoKey(PathBuf, bool),
    /// Certificate and key do not match, or one of them is of a kind that is not supported.
    Rejected(rustls::Error),
}

impl Hinted for TlsError {
    fn finding(&self) -> String {
        let name = |path: &Path| format!("{:?}", path.display().to_string());
        match self {
            TlsError::Unread(path, error) => format!("{} cannot be read ({error})", name(path)),
            TlsError::TooLarge(path) => format!("{} is larger than {MAX_PEM} bytes", name(path)),
            TlsError::NotPem(path, error) => format!("{} is not valid PEM ({error})", name(path)),
            TlsError::NoCertificate(path) => format!("{} has no certificate", name(path)),
            TlsError::NoKey(path, true) => {
                format!("the private key in {} is encrypted", name(path))
            }
            TlsError::NoKey(path, false) => format!("{} has no private key", name(path)),
            TlsError::Rejected(rustls::Error::InconsistentKeys(_)) => {
                "the private key (--tls-key) does not belong to the certificate (--tls-cert)"
                    .to_owned()
            }
            TlsError::Rejected(error) => format!("the certificate cannot be used ({error})"),
        }
    }

    fn hint(&self) -> String {
        match self {
            TlsError::Unread(..) => "check the name and the permissions of the file",
            TlsError::TooLarge(_) | TlsError::NotPem(..) | TlsError::NoCertificate(_) => {
                "give --tls-cert the chain in PEM form (-----BEGIN CERTIFICATE-----)"
            }
            TlsError::NoKey(_, true) => "decrypt it: openssl pkey -in FILE -out FILE",
            TlsError::NoKey(_, false) => {
                "give --tls-key the key in PEM form (-----BEGIN PRIVATE KEY-----)"
            }
            TlsError::Rejected(_) => {
                "compare the output of openssl x509 -pubkey and openssl pkey -pubout"
            }
        }
        .to_owned()
    }
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line())
    }
}

impl From<TlsError> for exit::Error {
    fn from(error: TlsError) -> exit::Error {
        exit::Error::usage(error)
    }
}

impl TlsSettings {
    /// Reads the files. Sessions are resumed by tickets, of which a client of TLS 1.3 gets two for each
    /// full handshake, as from nginx with OpenSSL; ALPN selects HTTP/1.1.
    pub fn load(&self) -> Result<Arc<ServerConfig>, TlsError> {
        let text = read(&self.certificate)?;
        let chain = certificates(&text, &self.certificate)?;
        let key = match &self.key {
            None => private_key(&text, &self.certificate)?,
            Some(path) => private_key(&read(path)?, path)?,
        };
        let builder = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_protocol_versions(self.versions())
            .map_err(TlsError::Rejected)?;
        let mut config = builder
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(TlsError::Rejected)?;
        config.ticketer = aws_lc_rs::Ticketer::new().map_err(TlsError::Rejected)?;
        config.send_tls13_tickets = 2;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(Arc::new(config))
    }

    /// The versions from the lowest to the highest, the higher one first.
    fn versions(&self) -> &'static [&'static SupportedProtocolVersion] {
        match (self.min, self.max) {
            (Version::V1_3, _) => &BOTH[..1],
            (Version::V1_2, Version::V1_2) => &BOTH[1..],
            (Version::V1_2, Version::V1_3) => &BOTH,
        }
    }
}

fn read(path: &Path) -> Result<Vec<u8>, TlsError> {
    let unread = |error| TlsError::Unread(path.to_owned(), error);
    let input: Box<dyn Read> = match path.as_os_str() == STDIN {
        true => Box::new(io::stdin()),
        false => Box::new(File::open(path).map_err(unread)?),
    };
    let mut text = Vec::new();
    input
        .take(MAX_PEM + 1)
        .read_to_end(&mut text)
        .map_err(unread)?;
    match text.len() as u64 > MAX_PEM {
        true => Err(TlsError::TooLarge(path.to_owned())),
        false => Ok(text),
    }
}

fn certificates(text: &[u8], path: &Path) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(text)
        .collect::<Result<_, _>>()
        .map_err(|error| TlsError::NotPem(path.to_owned(), error.to_string()))?;
    match chain.is_empty() {
        true => Err(TlsError::NoCertificate(path.to_owned())),
        false => Ok(chain),
    }
}

fn private_key(text: &[u8], path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    PrivateKeyDer::from_pem_slice(text).map_err(|error| match error {
        pem::Error::NoItemsFound => {
            const ENCRYPTED: &[u8] = b"BEGIN ENCRYPTED PRIVATE KEY";
            let is_encrypted = text.windows(ENCRYPTED.len()).any(|part| part == ENCRYPTED);
            TlsError::NoKey(path.to_owned(), is_encrypted)
        }
        error => TlsError::NotPem(path.to_owned(), error.to_string()),
    })
}

#[cfg(test)]
#[path = "tls_tests.rs"]
mod tests;
