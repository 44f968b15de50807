//! Tests of pages.

use super::*;

#[test]
fn the_home_page_links_every_product_and_is_padded() {
    for (app, (name, ids)) in APPS.into_iter().enumerate() {
        let bare = home(app, 0);
        for id in ids {
            assert!(bare.contains(&format!("\"/{name}/{id}/details/\"")));
        }
        for size in [bare.len() + 8, bare.len() + 9, 100_000] {
            assert_eq!(home(app, size).len(), size);
        }
        assert_eq!(home(app, bare.len() + 1).len(), bare.len() + 8);
        assert_eq!(home(app, bare.len()), bare);
    }
}

#[test]
fn the_details_page_has_the_form() {
    let product = Product::find(0, "4").expect("a product");
    let plain = details(product, 7, None);
    for part in [
        "/rdbms/4/purchase/",
        "\"email\"",
        "\"repeat_email\"",
        "\"quantity\"",
        "7 in stock",
    ] {
        assert!(plain.contains(part), "{part}");
    }
    assert!(!plain.contains("csrfmiddlewaretoken"));
    let hidden = "name=\"csrfmiddlewaretoken\" value=\"abc\"";
    assert!(details(product, 7, Some("abc")).contains(hidden));
    assert!(csrf_failure().contains("<title>403 Forbidden</title>"));
}
