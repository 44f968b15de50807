//! Options: TLS, for `https://` targets.

use super::spec::{Commands, Group, Opt, options};

const WITH_TARGET: Commands = Commands::RUN.and(Commands::CHECK);

options! { TLS_OPTIONS:
    /// Further trusted certificates.
    CA = Opt::new("--ca", Group::Tls).file("FILE").repeatable().on(WITH_TARGET)
        .unset("the system's")
        .help("also trust the certificates of this PEM file; repeatable");

    /// No others.
    CA_ONLY = Opt::new("--ca-only", Group::Tls).on(WITH_TARGET)
        .help("trust the certificates of --ca alone, not the system's");

    /// No check.
    INSECURE = Opt::new("--insecure", Group::Tls).on(WITH_TARGET)
        .help("accept any certificate; the summary says so");

    /// The client's certificate.
    CERT = Opt::new("--cert", Group::Tls).file("FILE").on(WITH_TARGET)
        .help("client certificate, with its chain, PEM");

    /// The client's key.
    KEY = Opt::new("--key", Group::Tls).file("FILE").on(WITH_TARGET)
        .unset("the file of --cert")
        .help("private key of the client certificate, PEM");

    /// The server's name.
    SNI = Opt::new("--sni", Group::Tls).value("NAME").on(WITH_TARGET)
        .unset("the target's host")
        .help("server name to send (SNI) and to expect in the certificate");

    /// The oldest version.
    TLS_MIN = Opt::new("--tls-min", Group::Tls).one_of(&["1.2", "1.3"], "1.2|1.3").default("1.2")
        .on(WITH_TARGET)
        .help("oldest TLS version offered");

    /// The newest version.
    TLS_MAX = Opt::new("--tls-max", Group::Tls).one_of(&["1.2", "1.3"], "1.2|1.3").default("1.3")
        .on(WITH_TARGET)
        .help("newest TLS version offered");

    /// Key exchange groups.
    TLS_GROUPS = Opt::new("--tls-groups", Group::Tls).value("NAME,NAME,…").on(WITH_TARGET)
        .unset("x25519,secp256r1,secp384r1")
        .help("key exchange groups offered, the first with a key share; x25519mlkem768 is the \
            post-quantum hybrid of browsers");

    /// Sessions.
    TLS_RESUME = Opt::new("--tls-resume", Group::Tls).value("never|visit|place|N%").default("never")
        .on(WITH_TARGET).ignored_by(Commands::CHECK)
        .help("resume sessions: visit: a shopper its own for its purchase, as a browser does; place: \
            also the next shopper of a virtual user; N%: that share of the visits as with visit. \
            Never: each new connection is a full handshake");

    /// Secrets for a capture.
    KEYLOG = Opt::new("--keylog", Group::Tls).file("FILE").on(WITH_TARGET)
        .unset("$SSLKEYLOGFILE")
        .help("append the secrets of all sessions, for tools that decrypt a capture");

    /// Revoked certificates.
    CRL = Opt::new("--crl", Group::Tls).file("FILE").repeatable().on(WITH_TARGET)
        .help("certificate revocation list of the server's issuer, PEM; repeatable");
}
