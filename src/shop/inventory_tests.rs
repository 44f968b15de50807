//! Tests of inventory.

use super::*;

#[test]
fn products_are_found_by_app_and_id() {
    let app = app_named("cassandra").expect("an app");
    let product = Product::find(app, APPS[1].1[4]).expect("a product");
    assert_eq!((product.app(), product.id()), ("cassandra", APPS[1].1[4]));
    assert_eq!(Product::find(app, "2"), None);
    assert_eq!(Product::find(9, "2"), None);
    assert_eq!(app_named("RDBMS"), None);
    assert_eq!(Inventory::products().count(), 9);
}

#[test]
fn pieces_are_taken_completely_or_not_at_all() {
    let product = Product::find(0, "3").expect("a product");
    let mut inventory = Inventory::new(10);
    assert_eq!(inventory.take(product, 7), Ok(()));
    assert_eq!(inventory.take(product, 4), Err(3));
    assert_eq!(inventory.take(product, 3), Ok(()));
    assert_eq!(inventory.left(product), 0);
    let other = Product::find(0, "2").expect("a product");
    assert_eq!(inventory.left(other), 10);
}
