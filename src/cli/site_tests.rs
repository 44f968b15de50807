//! Tests of the options of an ordinary site.

use super::*;
use crate::cli::run::parse;
use crate::settings::{Products, RunSettings};

fn settings(words: &str) -> Result<RunSettings, Invalid> {
    let words = format!("-t http://127.0.0.1:8000 -d plain -b /checkout/ {words}");
    let words = words.split_whitespace().map(Into::into).collect();
    parse(pico_args::Arguments::from_vec(words), None)
}

#[test]
fn a_site_needs_no_products_where_the_path_has_no_place_for_one() {
    let shop = settings("--form a=b --form c={n}=d")
        .expect("settings")
        .shop;
    assert_eq!(shop.products, Products::Listed(vec![String::new()]));
    let fields = [("a", "b"), ("c", "{n}=d")].map(|(a, b)| (a.to_owned(), b.to_owned()));
    assert_eq!(shop.site.posts.form, fields);
    assert_eq!(shop.buy_path(""), "/plain/checkout/");
}

#[test]
fn the_default_is_the_shop_that_reports() {
    let words = "-t http://h -d rdbms --expect 200 --report json --method POST";
    let words = words.split_whitespace().map(Into::into).collect();
    let shop = parse(pico_args::Arguments::from_vec(words), None)
        .expect("settings")
        .shop;
    assert_eq!(*shop.site, SiteSettings::default());
}

#[test]
fn invalid_values_say_what_to_give() {
    for (words, part) in [
        ("", "no place for the product id"),
        ("--form x", "write NAME=VALUE"),
        ("--form =x", "write NAME=VALUE"),
        ("--method get", "write GET"),
        ("--method PO(ST", "give one word"),
        ("--method HEAD", "not the method of a purchase"),
        ("--method GET --form a=b", "a GET has no body"),
        ("--form a=b --body f", "the fields or the whole body"),
        ("--content-type text/xml --form a=b", "requires --body"),
        ("--body f --content-type json", "give a media type"),
        ("--expect 2xx", "give statuses"),
        ("--expect 302-200", "the smaller status first"),
        ("--report xml", "give json, server-timing or none"),
        (
            "--report none --server-timing-total x",
            "requires --report server-timing",
        ),
        ("--report none --csrf-page /x", "requires --csrf"),
        ("--cookies --csrf --csrf-page x", "give a path"),
        ("--server-header X:Y", "the name of a response field"),
    ] {
        let error = settings(words).expect_err(words).to_string();
        assert!(error.contains(part), "{words}: {error}");
        assert_eq!(error.lines().count(), 1);
    }
}
