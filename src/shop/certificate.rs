//! A certificate made on the spot, for the built-in shop's own runs: a CA of one day's life that exists
//! only in memory, and a certificate of it for this machine's loopback addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa,
    KeyPair, KeyUsagePurpose, SanType,
};
use rustls::pki_types::CertificateDer;
use std::time::{Duration, SystemTime};

/// How long it is valid, before and after now: clocks of containers may differ a little.
const HALF_LIFE: Duration = Duration::from_secs(24 * 3600);

/// A CA and one certificate of it, in PEM form.
#[derive(Clone, Debug)]
pub struct OwnCertificate {
    /// The CA's certificate, to be trusted.
    pub ca: String,
    /// The same in DER form.
    pub ca_der: CertificateDer<'static>,
    /// The certificate for `localhost`, 127.0.0.1 and ::1, followed by its key.
    pub chain_and_key: String,
}

impl OwnCertificate {
    /// Makes one: P-256 keys, which every client accepts.
    pub fn make() -> Result<OwnCertificate, rcgen::Error> {
        let mut ca = CertificateParams::default();
        name(&mut ca, "profilerclient demo CA");
        ca.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        ca.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
        let ca = CertifiedIssuer::self_signed(ca, KeyPair::generate()?)?;
        let mut leaf = CertificateParams::new(vec!["localhost".to_owned()])?;
        name(&mut leaf, "localhost");
        for ip in [
            IpAddr::from(Ipv4Addr::LOCALHOST),
            Ipv6Addr::LOCALHOST.into(),
        ] {
            leaf.subject_alt_names.push(SanType::IpAddress(ip));
        }
        leaf.key_usages = vec![KeyUsagePurpose::DigitalSignature];
        leaf.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
        leaf.use_authority_key_identifier_extension = true;
        let key = KeyPair::generate()?;
        let leaf = leaf.signed_by(&key, &ca)?;
        Ok(OwnCertificate {
            ca: ca.pem(),
            ca_der: ca.der().clone(),
            chain_and_key: leaf.pem() + &key.serialize_pem(),
        })
    }
}

fn name(params: &mut CertificateParams, common_name: &str) {
    params
        .distinguished_name
        .push(DnType::CommonName, common_name);
    let now = SystemTime::now();
    params.not_before = (now - HALF_LIFE).into();
    params.not_after = (now + HALF_LIFE).into();
}
