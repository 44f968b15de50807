//! TLS as it shows in a row: how the handshake of a request went, and what can go wrong with one.

use std::fmt;

/// How the TLS handshake within a request went.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Handshake {
    /// None: plain HTTP, or the connection was open already.
    #[default]
    None,
    /// It did not complete.
    Unfinished,
    /// With the server's certificate.
    Full,
    /// With the keys of an earlier session.
    Resumed,
    /// A full one with a further round trip: the server did not accept the key share of the first message
    /// (HelloRetryRequest, RFC 8446 section 4.1.4).
    Retried,
}

impl Handshake {
    /// Those that complete.
    pub const COMPLETE: [Handshake; 3] = [Handshake::Full, Handshake::Resumed, Handshake::Retried];

    /// The name in the outputs; empty if there was none, or none that completed.
    pub fn name(self) -> &'static str {
        match self {
            Handshake::None | Handshake::Unfinished => "",
            Handshake::Full => "full",
            Handshake::Resumed => "resumed",
            Handshake::Retried => "retried",
        }
    }

    /// The one with that name.
    pub fn named(name: &str) -> Option<Handshake> {
        Handshake::COMPLETE
            .into_iter()
            .find(|kind| kind.name() == name)
    }
}

/// What can go wrong with TLS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum TlsFailure {
    /// The certificate's chain does not lead to a trusted root, or to one with another key.
    UnknownIssuer,
    /// The certificate's validity has ended.
    Expired,
    /// The certificate's validity has not begun.
    NotYetValid,
    /// The certificate is for other names.
    WrongName,
    /// A certificate revocation list names the certificate.
    Revoked,
    /// No certificate revocation list covers the certificate.
    UnknownRevocation,
    /// The certificate has a signature, a purpose or an extension that is not supported.
    UnsupportedCertificate,
    /// The certificate is malformed.
    BadCertificate,
    /// The server demands a client certificate.
    ClientCertificateRequired,
    /// The server does not accept the client certificate.
    ClientCertificateRefused,
    /// No protocol version in common.
    ProtocolMismatch,
    /// No cipher suite, key exchange group or signature scheme in common.
    CipherMismatch,
    /// The server speaks no HTTP/1.1 over TLS (ALPN).
    NoHttp1,
    /// The server does not know the name (SNI).
    UnknownName,
    /// Any other fatal alert of the server.
    Alert,
    /// The server's answer to the first handshake message is not TLS.
    NotTls,
    /// The answer to a plain request is TLS, or a page that says that the port speaks it.
    PlainToTls,
    /// `--connect-timeout` ran out within the handshake.
    HandshakeTimeout,
    /// ECONNRESET within the handshake.
    ResetInHandshake,
    /// The server closed the connection within the handshake.
    ClosedInHandshake,
    /// A record that cannot be decrypted.
    BadRecord,
    /// A message that breaks the protocol.
    BadMessage,
    /// The end of the connection without close_notify after a body without a length.
    Truncated,
    /// Records without data, tickets or key updates without an end.
    Flood,
    /// The server asks for a renegotiation again and again.
    Renegotiation,
}

impl TlsFailure {
    /// All of them.
    pub const ALL: [TlsFailure; 25] = [
        TlsFailure::UnknownIssuer,
        TlsFailure::Expired,
        TlsFailure::NotYetValid,
        TlsFailure::WrongName,
        TlsFailure::Revoked,
        TlsFailure::UnknownRevocation,
        TlsFailure::UnsupportedCertificate,
        TlsFailure::BadCertificate,
        TlsFailure::ClientCertificateRequired,
        TlsFailure::ClientCertificateRefused,
        TlsFailure::ProtocolMismatch,
        TlsFailure::CipherMismatch,
        TlsFailure::NoHttp1,
        TlsFailure::UnknownName,
        TlsFailure::Alert,
        TlsFailure::NotTls,
        TlsFailure::PlainToTls,
        TlsFailure::HandshakeTimeout,
        TlsFailure::ResetInHandshake,
        TlsFailure::ClosedInHandshake,
        TlsFailure::BadRecord,
        TlsFailure::BadMessage,
        TlsFailure::Truncated,
        TlsFailure::Flood,
        TlsFailure::Renegotiation,
    ];

    /// What the reader of a summary can do about it.
    pub fn hint(self) -> &'static str {
        match self {
            TlsFailure::UnknownIssuer => {
                "give the issuer's certificate with --ca FILE, have the server send its intermediate \
                 certificates, or test with --insecure"
            }
            TlsFailure::Expired => "renew the server's certificate, or test with --insecure",
            TlsFailure::NotYetValid => {
                "check the clocks of the server and of this machine, or test with --insecure"
            }
            TlsFailure::WrongName => {
                "give a target that the certificate names, the name with --sni (and the address with \
                 --connect-to), or test with --insecure"
            }
            TlsFailure::Revoked => "replace the server's certificate, or leave --crl out",
            TlsFailure::UnknownRevocation => {
                "give the revocation list of the certificate's issuer with --crl"
            }
            TlsFailure::UnsupportedCertificate => {
                "issue a certificate for servers with SHA-256 and ECDSA, Ed25519 or RSA of 2048 bits or more, or test \
                 with --insecure"
            }
            TlsFailure::BadCertificate => {
                "replace the server's certificate: openssl x509 -in FILE -text shows it"
            }
            TlsFailure::ClientCertificateRequired => "give it with --cert FILE and --key FILE",
            TlsFailure::ClientCertificateRefused => {
                "give a certificate whose issuer the server trusts with --cert and --key"
            }
            TlsFailure::ProtocolMismatch => {
                "the server must speak TLS 1.2 or 1.3: check its settings, --tls-min and --tls-max"
            }
            TlsFailure::CipherMismatch => {
                "check the server's cipher suites and groups, and --tls-groups; RSA key exchange, CBC and \
                 SHA-1 are not supported"
            }
            TlsFailure::NoHttp1 => "enable HTTP/1.1 beside HTTP/2 on the server",
            TlsFailure::UnknownName => "give the name that the server expects with --sni",
            TlsFailure::Alert => "the server's log says why it ended the TLS connection",
            TlsFailure::NotTls => {
                "give an http:// target, or the port on which the server speaks TLS"
            }
            TlsFailure::PlainToTls => "give an https:// target",
            TlsFailure::HandshakeTimeout => {
                "the server accepts connections and does not answer: is it overloaded, and does it speak \
                 TLS on this port? Or raise --connect-timeout"
            }
            TlsFailure::ResetInHandshake | TlsFailure::ClosedInHandshake => {
                "look at the server's log: is it overloaded, and does it speak TLS on this port?"
            }
            TlsFailure::BadRecord | TlsFailure::BadMessage => {
                "something between this machine and the server alters the bytes, or the server's TLS is \
                 broken"
            }
            TlsFailure::Truncated => {
                "the server must end TLS with close_notify, or send a Content-Length: without them a cut \
                 body looks whole"
            }
            TlsFailure::Flood => "the server sends TLS records without data: look at its log",
            TlsFailure::Renegotiation => {
                "disable renegotiation on the server, or let it use TLS 1.3"
            }
        }
    }
}

impl fmt::Display for TlsFailure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            TlsFailure::UnknownIssuer => "TLS certificate of an unknown issuer",
            TlsFailure::Expired => "TLS certificate expired",
            TlsFailure::NotYetValid => "TLS certificate not yet valid",
            TlsFailure::WrongName => "TLS certificate for another name",
            TlsFailure::Revoked => "TLS certificate revoked",
            TlsFailure::UnknownRevocation => "TLS certificate not covered by --crl",
            TlsFailure::UnsupportedCertificate => "TLS certificate not supported",
            TlsFailure::BadCertificate => "TLS certificate malformed",
            TlsFailure::ClientCertificateRequired => "TLS client certificate required",
            TlsFailure::ClientCertificateRefused => "TLS client certificate refused",
            TlsFailure::ProtocolMismatch => "TLS version not in common",
            TlsFailure::CipherMismatch => "TLS cipher suite or group not in common",
            TlsFailure::NoHttp1 => "server without HTTP/1.1 over TLS (ALPN)",
            TlsFailure::UnknownName => "TLS server name not known to the server",
            TlsFailure::Alert => "TLS alert received",
            TlsFailure::NotTls => "not TLS",
            TlsFailure::PlainToTls => "the port speaks TLS",
            TlsFailure::HandshakeTimeout => "timed out in the TLS handshake",
            TlsFailure::ResetInHandshake => "connection reset in the TLS handshake",
            TlsFailure::ClosedInHandshake => "connection closed in the TLS handshake",
            TlsFailure::BadRecord => "corrupted TLS record",
            TlsFailure::BadMessage => "invalid TLS message",
            TlsFailure::Truncated => "TLS connection closed without close_notify",
            TlsFailure::Flood => "too many TLS records without data",
            TlsFailure::Renegotiation => "TLS renegotiation demanded",
        })
    }
}
