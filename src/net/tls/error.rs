//! Why TLS cannot be set up: errors before any load.

use std::fmt;
use std::io;
use std::path::PathBuf;

use crate::exit::{Error, Hinted};

/// What a PEM file should have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// A certificate.
    Certificate,
    /// A private key.
    Key,
    /// A certificate revocation list.
    RevocationList,
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Part::Certificate => "certificate",
            Part::Key => "private key",
            Part::RevocationList => "certificate revocation list",
        }
    }

    fn label(self) -> &'static str {
        match self {
            Part::Certificate => "CERTIFICATE",
            Part::Key => "PRIVATE KEY",
            Part::RevocationList => "X509 CRL",
        }
    }
}

/// Why TLS cannot be set up.
#[derive(Debug)]
pub enum TlsError {
    /// The file of an option cannot be read.
    Unreadable(&'static str, PathBuf, io::Error),
    /// The file of an option is not PEM.
    Malformed(&'static str, PathBuf, String),
    /// The file of an option has no such part.
    Nothing(&'static str, PathBuf, Part),
    /// The private key is encrypted.
    EncryptedKey(&'static str, PathBuf),
    /// A certificate or a list in the file of an option cannot be used.
    Unusable(&'static str, PathBuf, String),
    /// The private key does not belong to the certificate.
    KeyMismatch(PathBuf, PathBuf),
    /// The system has no trusted certificates.
    NoRoots(String),
    /// The key log cannot be opened.
    KeyLog(&'static str, PathBuf, io::Error),
    /// The settings cannot be combined.
    Settings(String),
}

impl Hinted for TlsError {
    fn finding(&self) -> String {
        match self {
            TlsError::Unreadable(option, path, error) => {
                format!("{option} {path:?} cannot be read ({error})")
            }
            TlsError::Malformed(option, path, error) => {
                format!("{option} {path:?} is not a PEM file ({error})")
            }
            TlsError::Nothing(option, path, part) => {
                format!("{option} {path:?} has no {}", part.name())
            }
            TlsError::EncryptedKey(option, path) => {
                format!("{option} {path:?} is encrypted with a passphrase")
            }
            TlsError::Unusable(option, path, error) => {
                format!("{option} {path:?} cannot be used ({error})")
            }
            TlsError::KeyMismatch(cert, key) => {
                format!("--key {key:?} does not belong to the certificate of --cert {cert:?}")
            }
            TlsError::NoRoots(error) => {
                format!("the system's trusted certificates cannot be read{error}")
            }
            TlsError::KeyLog(option, path, error) => {
                format!("{option} {path:?} cannot be written ({error})")
            }
            TlsError::Settings(error) => format!("TLS cannot be set up ({error})"),
        }
    }

    fn hint(&self) -> String {
        match self {
            TlsError::Unreadable(..) | TlsError::KeyLog(..) => {
                "check the name and the permissions".to_owned()
            }
            TlsError::Malformed(_, path, _) => {
                format!("convert it: openssl x509 -inform DER -in {path:?} -out FILE.pem")
            }
            TlsError::Nothing(_, _, part) => {
                format!("give a PEM file with a section BEGIN {}", part.label())
            }
            TlsError::EncryptedKey(_, path) => {
                format!("write it without one: openssl pkey -in {path:?} -out FILE.pem")
            }
            TlsError::Unusable("--crl", ..) => "give lists of the certificate's issuer".to_owned(),
            TlsError::Unusable(..) => "give X.509 certificates and keys in PEM".to_owned(),
            TlsError::KeyMismatch(..) => {
                "give the key with which the certificate was requested".to_owned()
            }
            TlsError::NoRoots(_) => {
                "install ca-certificates, give --ca FILE, or test with --insecure".to_owned()
            }
            TlsError::Settings(_) => "check --tls-min, --tls-max and --tls-groups".to_owned(),
        }
    }
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line())
    }
}

impl From<TlsError> for Error {
    fn from(error: TlsError) -> Error {
        match error {
            TlsError::NoRoots(_) => Error::failed(error),
            _ => Error::usage(error),
        }
    }
}
