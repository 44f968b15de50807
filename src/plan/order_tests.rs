//! Tests of order.

use super::*;
use std::collections::HashSet;

const ORDERS: Orders = Orders {
    seed: 7,
    products: 4,
    first: 0,
};

#[test]
fn the_same_seed_makes_the_same_shoppers_and_another_makes_others() {
    let other = Orders { seed: 8, ..ORDERS };
    assert_eq!(ORDERS.order(3), ORDERS.order(3));
    assert_ne!(ORDERS.order(3), other.order(3));
    let later = Orders { first: 2, ..ORDERS };
    assert_eq!(later.order(1), ORDERS.order(3));
}

#[test]
fn all_values_occur_and_none_outside() {
    let orders: Vec<Order> = (0..10_000).map(|i| ORDERS.order(i)).collect();
    let quantities: HashSet<u8> = orders.iter().map(|o| o.quantity).collect();
    let products: HashSet<usize> = orders.iter().map(|o| o.product).collect();
    let addresses: HashSet<[u8; 10]> = orders.iter().map(|o| o.address).collect();
    assert_eq!(quantities, (1..=98).collect());
    assert_eq!(products, (0..4).collect());
    assert_eq!(addresses.len(), 10_000, "no address twice");
    let letters: HashSet<u8> = addresses.iter().flatten().copied().collect();
    assert_eq!(letters.len(), 36);
}

#[test]
fn the_form_as_the_shop_reads_it() {
    for (quantity, text) in [(7, "7"), (98, "98")] {
        let order = Order {
            address: *b"0123456abc",
            quantity,
            product: 0,
        };
        let mut form = Vec::new();
        order.write_form(&mut form);
        assert_eq!(form.len(), order.form_bytes());
        let fields: Vec<_> = url::form_urlencoded::parse(&form).into_owned().collect();
        let address = "0123456abc@example.com".to_owned();
        assert_eq!(
            fields,
            [
                ("email".to_owned(), address.clone()),
                ("repeat_email".to_owned(), address),
                ("quantity".to_owned(), text.to_owned())
            ]
        );
    }
}
