//! PEM files (RFC 7468): certificates, keys and revocation lists.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use rustls::pki_types::pem::{self, PemObject};
use rustls::pki_types::{CertificateDer, CertificateRevocationListDer, PrivateKeyDer};

use super::error::{Part, TlsError};

/// The longest file that is read, bytes: the trusted certificates of a system are about 200 kB.
const MAX_FILE: u64 = 64 << 20;

/// The certificates of a file, at least one.
pub fn certificates(
    option: &'static str,
    path: &Path,
) -> Result<Vec<CertificateDer<'static>>, TlsError> {
    sections(option, path, Part::Certificate, &read(option, path)?)
}

/// The revocation lists of a file, at least one.
pub fn revocation_lists(
    option: &'static str,
    path: &Path,
) -> Result<Vec<CertificateRevocationListDer<'static>>, TlsError> {
    sections(option, path, Part::RevocationList, &read(option, path)?)
}

/// The first private key of a file, in PKCS #8, PKCS #1 or SEC 1 form.
pub fn key(option: &'static str, path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    let text = read(option, path)?;
    match PrivateKeyDer::from_pem_slice(&text) {
        Ok(key) => Ok(key),
        Err(_) if is_encrypted(&text) => Err(TlsError::EncryptedKey(option, path.to_owned())),
        Err(pem::Error::NoItemsFound) => Err(TlsError::Nothing(option, path.to_owned(), Part::Key)),
        Err(error) => Err(TlsError::Malformed(
            option,
            path.to_owned(),
            error.to_string(),
        )),
    }
}

fn is_encrypted(text: &[u8]) -> bool {
    let has = |part: &[u8]| text.windows(part.len()).any(|window| window == part);
    has(b"ENCRYPTED PRIVATE KEY") || has(b"Proc-Type: 4,ENCRYPTED")
}

fn sections<T: PemObject>(
    option: &'static str,
    path: &Path,
    part: Part,
    text: &[u8],
) -> Result<Vec<T>, TlsError> {
    let parts: Vec<T> = T::pem_slice_iter(text)
        .collect::<Result<_, _>>()
        .map_err(|error| TlsError::Malformed(option, path.to_owned(), error.to_string()))?;
    match parts.is_empty() {
        true => Err(TlsError::Nothing(option, path.to_owned(), part)),
        false => Ok(parts),
    }
}

fn read(option: &'static str, path: &Path) -> Result<Vec<u8>, TlsError> {
    let unread = |error| TlsError::Unreadable(option, path.to_owned(), error);
    let mut text = Vec::new();
    let file = File::open(path).map_err(unread)?;
    file.take(MAX_FILE).read_to_end(&mut text).map_err(unread)?;
    Ok(text)
}
