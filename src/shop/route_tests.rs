//! Tests of route.

use super::*;

#[test]
fn every_path() {
    let product = Product::find(0, "2").expect("a product");
    for (path, route) in [
        ("/rdbms/", Route::Home(0)),
        ("/cassandra/", Route::Home(1)),
        ("/rdbms/2/details/", Route::Details(product)),
        (
            "/rdbms/2/purchase/1/",
            Route::Purchase {
                product,
                profiled: true,
            },
        ),
        (
            "/rdbms/2/purchase/",
            Route::Purchase {
                product,
                profiled: false,
            },
        ),
        ("/stats", Route::Stats),
        ("/rdbms", Route::MissingSlash),
        ("/rdbms/2/details", Route::MissingSlash),
        ("/rdbms/2/purchase/1", Route::MissingSlash),
        ("/", Route::Unknown),
        ("", Route::Unknown),
        ("*", Route::Unknown),
        ("//", Route::Unknown),
        ("/rdbms//", Route::Unknown),
        ("/rdbms/99/details/", Route::Unknown),
        ("/rdbms/2/", Route::Unknown),
        ("/rdbms/2/purchase/2/", Route::Unknown),
        ("/rdbms/2/purchase/1/x/", Route::Unknown),
        ("/cassandra/2/details/", Route::Unknown),
    ] {
        assert_eq!(Route::of(path), route, "{path:?}");
    }
}

#[test]
fn targets_of_both_forms() {
    for (target, expected) in [
        ("/rdbms/", ("/rdbms/", "")),
        ("/rdbms?a=b?c", ("/rdbms", "?a=b?c")),
        ("http://shop:80/rdbms/?a", ("/rdbms/", "?a")),
        ("http://shop", ("/", "")),
        ("http://shop?x", ("", "?x")),
        ("/x?u=http://y/", ("/x", "?u=http://y/")),
        ("*", ("*", "")),
    ] {
        assert_eq!(path_and_query(target), expected, "{target:?}");
    }
}
