//! The Django shop behind nginx with TLS, set up as for a shop over HTTPS only: CSRF protection that
//! demands a Referer, cookies that are Secure, a plain address that redirects.

use crate::django_burst::*;
use crate::django_rows::*;
use crate::django_support::*;
use crate::support::*;
use crate::tls_support::*;

#[test]
fn every_shopper_buys_over_https_with_csrf_protection() {
    let authority = Authority::new("root");
    let below = authority.intermediate("between");
    let issued = below.usual();
    let (chain, key) = (issued.chain_text(), issued.key_text());
    let Some(shop) = DjangoShop::start(&[
        "--server",
        "uwsgi-nginx",
        "--csrf",
        "--tls-cert",
        chain,
        "--tls-key",
        key,
    ]) else {
        return;
    };
    let url = shop.https.as_ref().expect("an address for TLS");
    let ca = authority.file_text();
    let cells = [
        ("rdbms", 1, &["--csrf"][..]),
        ("rdbms", 50, &["--csrf", "--keep-alive"]),
        ("cassandra", 50, &["--csrf", "--tls-max", "1.2"]),
        ("cassandra", 200, &["--csrf", "--tls-resume", "visit"]),
        ("rdbms", 200, &["--csrf", "--keep-alive", "--preconnect"]),
        ("rdbms", 20, &["--csrf", "--products", "auto"]),
    ];
    for (cell, (app, shoppers, more)) in cells.into_iter().enumerate() {
        let before = orders(&shop.sold(app)).len();
        let more: Vec<&str> = [&["--ca", ca.as_str(), "--ca-only"], more].concat();
        let burst = Burst {
            app,
            shoppers,
            seed: 4000 + cell as u64,
            more: &more,
        };
        for row in &burst.run(url).rows {
            check_bought(row, false);
        }
        let after = orders(&shop.sold(app));
        assert_eq!(after.len(), before + shoppers, "{burst:?}");
        assert_eq!(planned(after, &burst.plan()), burst.plan(), "{burst:?}");
    }
    without_a_token_nothing_is_sold(&shop, url, &ca);
    the_plain_address_names_the_other(&shop, url, &ca);
}

/// Django demands the token and the Referer of the same origin.
fn without_a_token_nothing_is_sold(shop: &DjangoShop, url: &str, ca: &str) {
    let before = orders(&shop.sold("rdbms"));
    let more = ["--ca", ca];
    let burst = Burst {
        app: "rdbms",
        shoppers: 5,
        seed: 1,
        more: &more,
    };
    for row in &burst.run(url).rows {
        check_lost(row, "403", &["CSRF verification failed"]);
    }
    assert_eq!(orders(&shop.sold("rdbms")), before);
}

/// SECURE_SSL_REDIRECT: a run is not led elsewhere, a check says where to go.
fn the_plain_address_names_the_other(shop: &DjangoShop, url: &str, ca: &str) {
    let before = orders(&shop.sold("rdbms"));
    let burst = Burst {
        app: "rdbms",
        shoppers: 5,
        seed: 2,
        more: &[],
    };
    for row in &burst.run(&shop.url).rows {
        let message = &row["client_home_error_msg"];
        assert!(message.contains("redirect to another origin"), "{row:?}");
        assert!(message.contains(url), "{row:?}");
    }
    assert_eq!(orders(&shop.sold("rdbms")), before);

    let plain = client(["check", "-t", &shop.url, "-d", "rdbms"]);
    assert_eq!(plain.code(), Some(1), "{plain:#?}");
    let hint = format!("give -t {url}");
    assert!(plain.stdout.contains("SECURE_SSL_REDIRECT"), "{plain:#?}");
    assert!(plain.stdout.contains(&hint), "{plain:#?}");

    let secure = client([
        "check", "-t", url, "-d", "rdbms", "--ca", ca, "--csrf", "--buy",
    ]);
    assert_eq!(secure.code(), Some(0), "{secure:#?}");
    let bought = orders(&shop.sold("rdbms"));
    assert_eq!(bought.len(), before.len() + 1, "check --buy bought one");
}
