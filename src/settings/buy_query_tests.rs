//! Tests of buy_query.

use super::*;

fn path(template: &str, id: &str) -> String {
    BuyQuery::parse(template).expect(template).for_product(id)
}

#[test]
fn every_placeholder_that_pythons_format_takes() {
    for place in [
        "{!s}",
        "{}",
        "{0}",
        "{0!s}",
        "{product_id}",
        "{!r}",
        "{0!r}",
    ] {
        assert_eq!(path(&format!("/{place}/p/"), "3"), "/3/p/", "{place}");
        assert_eq!(path(place, "12"), "12", "{place}");
    }
    assert_eq!(path("/{}/{0}?id={product_id}", "4"), "/4/4?id=4");
}

#[test]
fn repr_is_that_of_python() {
    for (id, expected) in [
        ("2", "2"),
        ("0", "0"),
        ("007", "'007'"),
        ("c382310f-bbf9", "'c382310f-bbf9'"),
        ("it's", "\"it's\""),
        ("it's \"x\"", "'it\\'s \"x\"'"),
        ("a\\b", "'a\\\\b'"),
    ] {
        assert_eq!(path("{!r}", id), expected);
        assert_eq!(path("{0!r}", id), expected);
    }
}

#[test]
fn doubled_braces_are_single_braces() {
    assert_eq!(path("/{{{}}}/", "2"), "/{2}/");
    assert_eq!(path("/{{}}/{!s}/}}{{", "2"), "/{}/2/}{");
    assert_eq!(path("/{{0}}/{0}", "2"), "/{0}/2");
}

#[test]
fn other_braces_are_refused() {
    use BuyQueryError::{Brace, Field};
    for (template, error) in [
        ("/{!a}/", Field("{!a}".into())),
        ("/{1}/", Field("{1}".into())),
        ("/{0:>5}/", Field("{0:>5}".into())),
        ("/{id}/{}", Field("{id}".into())),
        ("/{0.x}/", Field("{0.x}".into())),
        ("/{ }/", Field("{ }".into())),
        ("/{!s/{}", Field("{!s/{}".into())),
        ("/{}/{", Brace('{')),
        ("/{}/}", Brace('}')),
        ("}", Brace('}')),
        ("{", Brace('{')),
        ("{{}", Brace('}')),
        ("{}}", Brace('}')),
    ] {
        assert_eq!(BuyQuery::parse(template), Err(error), "{template}");
    }
}

#[test]
fn a_template_without_a_place_is_refused() {
    for template in [
        "",
        "/",
        "/2/purchase/1/",
        "/{{}}/purchase/",
        "/%73/",
        "/100%/",
    ] {
        assert_eq!(
            BuyQuery::parse(template),
            Err(BuyQueryError::NoPlace),
            "{template}"
        );
    }
}

#[test]
fn printf_conversions_are_refused() {
    for (template, found) in [
        ("/%s/purchase/1/", "%s"),
        ("/%d/", "%d"),
        ("/{!s}/purchase/%d/", "%d"),
        ("/%(product_id)s/", "%(product_id)s"),
        ("/%1$s/", "%1$s"),
        ("/%5i/", "%5i"),
        ("/%r", "%r"),
    ] {
        let error = BuyQueryError::Printf(found.to_owned());
        assert_eq!(BuyQuery::parse(template), Err(error), "{template}");
    }
    // Octets that happen to begin with a conversion's letter, and text that is none.
    for template in [
        "/{}/%d1",
        "/{}/%DE",
        "/{}/?share=5%",
        "/{}/%20",
        "/{}/100%/x",
    ] {
        assert!(BuyQuery::parse(template).is_ok(), "{template}");
    }
}
