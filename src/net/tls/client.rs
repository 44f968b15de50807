//! What all connections of a run have in common: read and checked before any load.

use std::env;
use std::path::PathBuf;
use std::sync::Arc;

use rustls::client::danger::ServerCertVerifier;
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::pki_types::CertificateDer;
use rustls::pki_types::ServerName;
use rustls::version::{TLS12, TLS13};
use rustls::{ClientConfig, Error, RootCertStore, SupportedProtocolVersion};

use super::error::TlsError;
use super::groups::implementations;
use super::key_log::KeyLogFile;
use super::pem;
use super::session::Session;
use super::settings::{Resume, TlsSettings, Version};
use super::tickets::Tickets;
use super::verifier::{AcceptAll, Verifier};
use crate::row::failure::Failure;

/// The protocol offered (ALPN, RFC 7301).
const HTTP_1_1: &[u8] = b"http/1.1";

/// The environment variable that names a key log, as browsers and curl read it.
const KEY_LOG_VARIABLE: &str = "SSLKEYLOGFILE";

/// Makes the TLS connections of a run.
#[derive(Clone, Debug)]
pub struct TlsClient {
    config: Arc<ClientConfig>,
    name: ServerName<'static>,
    resume: Resume,
}

impl TlsClient {
    /// Reads the files that the settings name, and the system's trusted certificates.
    pub fn load(settings: &TlsSettings) -> Result<TlsClient, TlsError> {
        let provider = Arc::new(CryptoProvider {
            kx_groups: implementations(&settings.groups),
            ..aws_lc_rs::default_provider()
        });
        let verifier = verifier(settings, &provider)?;
        let failed = |error: Error| TlsError::Settings(error.to_string());
        let builder = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&versions(settings))
            .map_err(failed)?
            .dangerous()
            .with_custom_certificate_verifier(verifier);
        let mut config = match &settings.identity {
            None => builder.with_no_client_auth(),
            Some((certificate, key)) => {
                let chain = pem::certificates("--cert", certificate)?;
                let private = pem::key("--key", key)?;
                builder
                    .with_client_auth_cert(chain, private)
                    .map_err(|error| match error {
                        Error::InconsistentKeys(_) => {
                            TlsError::KeyMismatch(certificate.clone(), key.clone())
                        }
                        other => {
                            TlsError::Unusable("--cert", certificate.clone(), other.to_string())
                        }
                    })?
            }
        };
        config.alpn_protocols = vec![HTTP_1_1.to_vec()];
        config.resumption = Resumption::disabled();
        if let Some((option, path)) = key_log(settings) {
            let file = KeyLogFile::open(&path)
                .map_err(|error| TlsError::KeyLog(option, path.clone(), error))?;
            config.key_log = Arc::new(file);
        }
        let client = TlsClient {
            config: Arc::new(config),
            name: settings.name.clone(),
            resume: settings.resume,
        };
        // The library seeds its random numbers when they are first needed: some 25 ms that no shopper's
        // handshake is to contain.
        client
            .connect()
            .map_err(|failure| TlsError::Settings(failure.to_string()))?;
        Ok(client)
    }

    /// Which connections resume a session.
    pub fn resume(&self) -> Resume {
        self.resume
    }

    /// Whether the client has a certificate.
    pub fn has_identity(&self) -> bool {
        self.config.client_auth_cert_resolver.has_certs()
    }

    /// The same client with sessions that can be resumed, kept in `tickets`.
    pub fn with_tickets(&self, tickets: &Tickets) -> TlsClient {
        let mut config = ClientConfig::clone(&self.config);
        config.resumption = Resumption::store(Arc::new(tickets.clone()));
        TlsClient {
            config: Arc::new(config),
            ..self.clone()
        }
    }

    /// A new connection: its first message is ready to be sent.
    pub fn connect(&self) -> Result<Session, Failure> {
        let config = Arc::clone(&self.config);
        Session::new(config, self.name.clone(), self.has_identity())
    }
}

fn versions(settings: &TlsSettings) -> Vec<&'static SupportedProtocolVersion> {
    [(Version::V1_3, &TLS13), (Version::V1_2, &TLS12)]
        .into_iter()
        .filter(|(version, _)| (settings.min..=settings.max).contains(version))
        .map(|(_, implementation)| implementation)
        .collect()
}

fn key_log(settings: &TlsSettings) -> Option<(&'static str, PathBuf)> {
    let of_option = settings.key_log.clone().map(|path| ("--keylog", path));
    of_option.or_else(|| {
        let path = env::var_os(KEY_LOG_VARIABLE).filter(|path| !path.is_empty())?;
        Some((KEY_LOG_VARIABLE, PathBuf::from(path)))
    })
}

fn verifier(
    settings: &TlsSettings,
    provider: &Arc<CryptoProvider>,
) -> Result<Arc<dyn ServerCertVerifier>, TlsError> {
    let (roots, trusted) = roots(settings)?;
    let mut crls = Vec::new();
    for path in &settings.crl {
        crls.extend(pem::revocation_lists("--crl", path)?);
    }
    if settings.insecure {
        return Ok(Arc::new(AcceptAll(Arc::clone(provider))));
    }
    let mut builder =
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
    if !crls.is_empty() {
        builder = builder.with_crls(crls).only_check_end_entity_revocation();
    }
    let chains = builder
        .build()
        .map_err(|error| match settings.crl.first() {
            Some(path) => TlsError::Unusable("--crl", path.clone(), error.to_string()),
            None => TlsError::NoRoots(format!(" ({error})")),
        })?;
    Ok(Arc::new(Verifier { chains, trusted }))
}

/// The trusted certificates, and those of them that the command line names.
fn roots(
    settings: &TlsSettings,
) -> Result<(RootCertStore, Vec<CertificateDer<'static>>), TlsError> {
    let mut roots = RootCertStore::empty();
    let mut trusted = Vec::new();
    for path in &settings.ca {
        for certificate in pem::certificates("--ca", path)? {
            roots
                .add(certificate.clone())
                .map_err(|error| TlsError::Unusable("--ca", path.clone(), error.to_string()))?;
            trusted.push(certificate);
        }
    }
    for certificate in &settings.trusted {
        // One that cannot be read verifies nothing.
        roots.add_parsable_certificates([certificate.clone()]);
    }
    if !settings.ca_only && !settings.insecure {
        let of_system = rustls_native_certs::load_native_certs();
        roots.add_parsable_certificates(of_system.certs);
        if roots.is_empty() {
            let why = of_system.errors.first();
            let why = why.map_or(String::new(), |error| format!(" ({error})"));
            return Err(TlsError::NoRoots(why));
        }
    }
    Ok((roots, trusted))
}

#[cfg(test)]
#[path = "client_tests.rs"]
mod tests;
