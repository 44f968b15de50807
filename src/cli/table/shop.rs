//! Options of the built-in shop.

use super::spec::{Commands, Group, Opt, options};

const SHOP: Commands = Commands::SHOP;

const TLS_VERSIONS: &[&str] = &["1.2", "1.3"];

options! { SHOP_OPTIONS:
    /// HTTPS of the shop that a command starts for itself.
    OWN_TLS = Opt::new("--tls", Group::Tls).on(Commands::DEMO.and(Commands::CALIBRATE))
        .help("over HTTPS: the built-in shop gets a certificate made for this run, which the client \
            trusts")
        .day_one("over HTTPS, with a certificate made for the run");

    /// Where to listen.
    SHOP_LISTEN = Opt::new("--listen", Group::Listen).value("ADDRESS:PORT").default("127.0.0.1:8000")
        .on(SHOP)
        .help("address to listen on; port 0 takes a free one")
        .day_one("address to listen on; port 0 takes a free one");

    /// Its certificate.
    SHOP_TLS_CERT = Opt::new("--tls-cert", Group::Listen).file("FILE").unset("plain HTTP").on(SHOP)
        .help("serve HTTPS with this certificate (PEM, with the CAs between it and a root); - reads it \
            from standard input")
        .day_one("serve HTTPS with this certificate (PEM)");

    /// Its key.
    SHOP_TLS_KEY = Opt::new("--tls-key", Group::Listen).file("FILE")
        .unset("in the file of --tls-cert").on(SHOP)
        .help("private key of the certificate (PEM)");

    /// The lowest version.
    SHOP_TLS_MIN = Opt::new("--tls-min", Group::Listen).one_of(TLS_VERSIONS, "1.2|1.3").default("1.2")
        .on(SHOP)
        .help("accept no lower version of TLS");

    /// The highest version.
    SHOP_TLS_MAX = Opt::new("--tls-max", Group::Listen).one_of(TLS_VERSIONS, "1.2|1.3").default("1.3")
        .on(SHOP)
        .help("accept no higher version of TLS");

    /// How long a purchase takes.
    SHOP_SERVICE_TIME = Opt::new("--service-time", Group::Service).value("SPAN").default("0").on(SHOP)
        .help("service time of a purchase, such as 5ms or 1.5s: a wait that takes no CPU")
        .day_one("service time of a purchase, such as 5ms");

    /// How many at once.
    SHOP_WORKERS = Opt::new("--workers", Group::Service).value("N").unset("no limit").on(SHOP)
        .help("serve at most N purchases at the same time; others wait in order of arrival")
        .day_one("serve at most N purchases at the same time");

    /// The stock.
    SHOP_INVENTORY = Opt::new("--inventory", Group::Service).value("N").default("1000000000").on(SHOP)
        .help("pieces of each product in stock at the start");

    /// The second server.
    SHOP_REST = Opt::new("--rest", Group::Service).on(SHOP)
        .help("add a second server: the second half of the service time is spent there, and its report \
            comes under \"rest\"")
        .day_one("add a second server with a report of its own");

    /// CSRF protection.
    SHOP_CSRF = Opt::new("--csrf", Group::Service).on(SHOP)
        .help("require the CSRF cookie and form field of a details page with each purchase");

    /// The size of the home page.
    SHOP_HOME_SIZE = Opt::new("--home-size", Group::Service).value("BYTES").unset("no padding").on(SHOP)
        .help("pad the home page to this size, at most 16M")
        .day_one("pad the home page to this size");

    /// Faults.
    SHOP_FAULT = Opt::new("--fault", Group::Faults).value("KIND:SHARE,…").repeatable().on(SHOP)
        .help("make purchases fail, counted and evenly spread; SHARE is 0.3 or 30%, all shares together \
            are at most 1; repeatable. Kinds:")
        .details(&[
            "refuse        reset when accepted (a share of connections)",
            "reset         reset before any byte of the answer",
            "reset-within  reset in the middle of the answer",
            "stall         no answer; held until the client closes",
            "slow-drip     the answer comes a byte every 2 ms",
            "500, 502      that status with an HTML page",
            "html          200 with HTML in place of the report",
            "cut           the body stops half-way, then the connection is closed",
            "wrong-length  Content-Length is 64 larger than the body, then a close",
            "close         closed without an answer",
            "csrf          403 as from CSRF protection",
            "With --tls-cert also (the first four are shares of connections):",
            "tls-stall     no byte of the handshake is answered",
            "tls-reset     the ClientHello is answered by a reset",
            "tls-alert     the ClientHello is answered by an alert",
            "tls-plain     the ClientHello is answered by plain HTTP",
            "tls-corrupt   the last record of the answer is corrupted",
            "tls-truncate  the body ends half-way, without close_notify",
        ])
        .day_one("make purchases fail, such as reset:1%,500:2%");
}
