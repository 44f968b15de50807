//! Tests of templates.

use super::super::Orders;
use super::*;
use proptest::prelude::*;

const ORDER: Order = Order {
    address: *b"abcdefghij",
    quantity: 42,
    product: 1,
};

fn identity(number: u64) -> Identity {
    let orders = Orders {
        seed: 7,
        products: 2,
        first: 0,
    };
    orders.identity(number)
}

fn values(encoding: Encoding) -> Values {
    let table = Table::read(&b"user,name\nann,A \"n\nbob,B&b\n"[..], encoding);
    let products = ["2".to_owned(), "x/y".to_owned()];
    Values::new(&products, table.ok(), encoding)
}

fn filled(template: &Template, number: u64, encoding: Encoding) -> String {
    let mut out = Vec::new();
    let of = identity(number);
    template.fill(&ORDER, of, &values(encoding), encoding, &mut out);
    String::from_utf8(out).expect("text")
}

fn field(text: &str) -> String {
    let columns = ["user".to_owned(), "name".to_owned()];
    let template = Template::field(text, &columns, Encoding::Form).expect(text);
    filled(&template, 5, Encoding::Form)
}

#[test]
fn placeholders_are_filled_in_and_encoded() {
    assert_eq!(field("{email}"), "abcdefghij%40example.com");
    assert_eq!(field("{quantity}x{n}"), "42x5");
    assert_eq!(field("{product_id}"), "x%2Fy");
    assert_eq!(field("{user} {name}"), "bob+B%26b");
    assert_eq!(field("{{{n}}} a&b=c é"), "%7B5%7D+a%26b%3Dc+%C3%A9");
    assert_eq!(field(""), "");
    let random = field("{random:8}{random:8}");
    assert_eq!(random.len(), 16);
    assert!(
        random
            .bytes()
            .all(|byte| byte.is_ascii_digit() || byte.is_ascii_lowercase())
    );
    assert_ne!(random[..8], random[8..]);
    assert_eq!(random, field("{random:8}{random:8}"));
}

#[test]
fn a_shopper_posts_the_same_whatever_the_order() {
    let template = Template::field("{n}-{random:12}-{email}", &[], Encoding::Form).expect("valid");
    let orders = |first| Orders {
        seed: 3,
        products: 1,
        first,
    };
    let text = |first, index| {
        let mut out = Vec::new();
        let (orders, values) = (orders(first), Values::default());
        let (order, of) = (orders.order(index), orders.identity(index));
        template.fill(&order, of, &values, Encoding::Form, &mut out);
        out
    };
    let in_order: Vec<_> = (0..20).map(|index| text(0, index)).collect();
    let backward: Vec<_> = (0..20).rev().map(|index| text(0, index)).collect();
    assert!(in_order.iter().eq(backward.iter().rev()));
    assert_eq!(text(10, 9), in_order[19]);
    let all: std::collections::HashSet<_> = in_order.into_iter().collect();
    assert_eq!(all.len(), 20);
}

#[test]
fn invalid_placeholders_are_named() {
    for (text, part) in [
        ("{nope}", "unknown placeholder {nope}"),
        ("{}", "unknown placeholder {}"),
        ("{Email}", "unknown placeholder {Email}"),
        ("{randomly}", "unknown placeholder {randomly}"),
        ("{random}", "{random} has no length"),
        ("{random:0}", "{random:0} has no length"),
        ("{random:1025}", "has no length"),
        ("{random:x}", "has no length"),
        ("{random:-1}", "has no length"),
        ("a}", "a single }"),
        ("{a", "a single {"),
    ] {
        let error = Template::field(text, &[], Encoding::Form).expect_err(text);
        assert!(error.to_string().contains(part), "{text}: {error}");
    }
}

#[test]
fn braces_of_json_are_themselves_in_a_body() {
    let text =
        r#"{"email": "{email}", "in": {"q": {quantity}, "u": "{name}"}, "t": "{{n}}", "e": {}}"#;
    let columns = ["user".to_owned(), "name".to_owned()];
    let template = Template::body(text, &columns).expect("valid");
    assert_eq!(
        filled(&template, 0, Encoding::Json),
        r#"{"email": "abcdefghij@example.com", "in": {"q": 42, "u": "A \"n"}, "t": "{n}", "e": {}}"#
    );
    assert!(Template::body("{\"a\": {nope}}", &columns).is_err());
    assert!(Template::body("{random}", &columns).is_err());
    let plain = Template::body("<a>{name}</a>", &columns).expect("valid");
    assert_eq!(filled(&plain, 1, Encoding::Plain), "<a>B&b</a>");
}

proptest! {
    #[test]
    fn any_text_is_a_template_or_an_error_on_one_line(text in "\\PC{0,80}|[{}a-z:0-9]{0,80}") {
        for parsed in [
            Template::field(&text, &[], Encoding::Form),
            Template::body(&text, &[]),
        ] {
            match parsed {
                Ok(template) => {
                    filled(&template, 1, Encoding::Form);
                }
                Err(error) => prop_assert_eq!(error.to_string().lines().count(), 1),
            }
        }
        let escaped = text.replace('{', "{{").replace('}', "}}");
        let template = Template::field(&escaped, &[], Encoding::Plain).expect("escaped");
        prop_assert_eq!(filled(&template, 1, Encoding::Plain), text);
    }
}
