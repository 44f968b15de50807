//! Ordinary sites measured by runs of several parts: shards, variants, and `check` with a purchase.

use tempfile::tempdir;

use crate::any_site::{Site, with_fields};
use crate::support::*;

/// A site that redirects after the purchase.
fn site() -> Site {
    Site::start(
        page(200, "text/html", "welcome"),
        with_fields(302, "Location: /site/thanks/\r\n", ""),
    )
}

const FORM: [&str; 8] = [
    "--form",
    "who={n}",
    "--form",
    "mail={email}",
    "--report",
    "none",
    "--expect",
    "302",
];

/// The values of `who` that were posted, in ascending order.
fn numbers(site: &Site) -> Vec<u64> {
    let bodies = site.bodies();
    let numbers = bodies.iter().map(|body| {
        let (who, mail) = body.split_once('&').expect("two fields");
        assert!(mail.starts_with("mail="), "{body}");
        who["who=".len()..].parse().expect("a number")
    });
    let mut numbers: Vec<u64> = numbers.collect();
    numbers.sort_unstable();
    numbers
}

#[test]
fn two_shards_post_each_number_once() {
    let (site, directory) = (site(), tempdir().expect("a directory"));
    let url = site.server.url();
    for shard in ["1/2", "2/2"] {
        let file = directory.path().join("rows-%s.csv");
        let file = file.to_str().expect("UTF-8");
        let mut args = vec!["-t", &url, "-d", "site", "-b", "/buy/", "-c", "9"];
        args.extend(["--seed", "5", "--shard", shard, "-o", file]);
        args.extend(FORM);
        client(args).ok();
    }
    assert_eq!(numbers(&site), (0..9).collect::<Vec<u64>>());
}

#[test]
fn each_variant_gets_the_form() {
    let (sites, directory) = ([site(), site()], tempdir().expect("a directory"));
    let file = directory.path().join("rows.csv");
    let [a, b] =
        [("a", 0), ("b", 1)].map(|(name, at)| format!("{name}={}", sites[at].server.url()));
    let mut args = vec![
        "--variant",
        &a,
        "--variant",
        &b,
        "-d",
        "site",
        "-b",
        "/buy/",
    ];
    args.extend(["-c", "3", "--rounds", "2", "--seed", "5"]);
    args.extend(["-o", file.to_str().expect("UTF-8")]);
    args.extend(FORM);
    client(args).ok();
    for site in &sites {
        assert_eq!(numbers(site).len(), 3 * 2);
    }
    let rows = rows_of_site(&file, false, &[302.0]);
    assert_eq!(rows.len(), 2 * 3 * 2);
    for row in rows {
        assert_eq!(row["client_buy_http_code"], "302");
        assert_eq!(row["client_buy_result"], "True");
    }
}

#[test]
fn checking_with_buy_posts_a_quantity_of_1() {
    let site = site();
    let url = site.server.url();
    let mut args = vec!["check", "-t", &url, "-d", "site", "-b", "/buy/", "--buy"];
    args.extend([
        "--form",
        "q={quantity}",
        "--report",
        "none",
        "--expect",
        "302",
    ]);
    let found = client(args);
    assert_eq!(site.bodies(), ["q=1"], "{found:?}");
}
