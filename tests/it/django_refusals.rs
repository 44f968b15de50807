//! Purchases that the Django shop, its second server or the proxy before it refuses: the row says
//! so on the side where it happened, the summary says what to do, and nothing is sold.

use crate::django_burst::*;
use crate::django_rows::*;
use crate::django_support::*;

fn burst<'a>(app: &'a str, shoppers: usize, more: &'a [&'a str]) -> Burst<'a> {
    Burst {
        app,
        shoppers,
        seed: 7,
        more,
    }
}

fn assert_nothing_sold(shop: &DjangoShop) {
    for app in APPS {
        assert_eq!(orders(&shop.sold(app)), [], "{app}");
    }
}

#[test]
fn csrf_protection_requires_its_token() {
    let Some(shop) = DjangoShop::start(&["--csrf"]) else {
        return;
    };
    for app in APPS {
        let run = burst(app, 20, &[]).run(&shop.url);
        for row in &run.rows {
            assert_eq!(row["client_home_result"], "True", "{row:?}");
            check_lost(row, "403", &["CSRF verification failed"]);
        }
        assert!(
            run.summary.contains("CsrfViewMiddleware"),
            "{}",
            run.summary
        );
    }
    assert_nothing_sold(&shop);

    for app in APPS {
        let with_token = burst(app, 50, &["--csrf", "--keep-alive"]);
        for row in &with_token.run(&shop.url).rows {
            check_bought(row, false);
        }
        assert_eq!(orders(&shop.sold(app)), with_token.plan());
    }
}

#[test]
fn unknown_products_are_not_found() {
    let Some(shop) = DjangoShop::start(&[]) else {
        return;
    };
    for (app, product) in [
        ("rdbms", "999"),
        ("cassandra", "00000000-0000-4000-8000-000000000000"),
    ] {
        let run = burst(app, 20, &["--products", product]).run(&shop.url);
        for row in &run.rows {
            assert_eq!(row["client_home_result"], "True", "{row:?}");
            check_lost(row, "404", &["HTTP 404 Not Found"]);
        }
        assert!(run.summary.contains("--products"), "{}", run.summary);
    }
    assert_nothing_sold(&shop);
}

#[test]
fn an_inventory_that_empties_within_the_burst() {
    let Some(shop) = DjangoShop::start(&["--stock", "500", "--rest"]) else {
        return;
    };
    for app in APPS {
        let burst = burst(app, 100, &[]);
        let run = burst.run(&shop.url);
        let bought = run.bought();
        let refused = run.with("server_buy_result", "False");
        assert_eq!(bought.len() + refused.len(), 100);
        assert!(!bought.is_empty() && !refused.is_empty());
        for row in bought {
            check_sold(row, true);
        }
        for row in refused {
            // Either server may be the first to find that there are too few.
            match row["server_rest_result"].as_str() {
                "False" => check_refused(row, "web services: Out of stock"),
                _ => check_refused(row, "Sold out"),
            }
        }
        // That what was sold and what is left make what was there is part of reading the orders.
        let sold = check_sales(&run, orders(&shop.sold(app)), &burst.plan());
        assert_eq!(sold, run.bought().len());
    }
}

#[test]
fn nothing_is_sold_without_the_second_server() {
    let slow = ["--rest", "--rest-delay", "1", "--rest-timeout", "0.2"];
    let Some(shop) = DjangoShop::start(&slow) else {
        return;
    };
    let run = burst("rdbms", 20, &[]).run(&shop.url);
    for row in &run.rows {
        check_refused(row, "web services: timed out");
        check_no_report(row, "server_rest");
        let elapsed: f64 = row["server_buy_elapsed_seconds"].parse().expect("a number");
        assert!(elapsed >= 0.2, "{row:?}");
    }
    shop.kill("rest");
    let run = burst("cassandra", 20, &["--keep-alive"]).run(&shop.url);
    for row in &run.rows {
        check_refused(row, "web services: ");
        check_refused(row, "refused");
        check_no_report(row, "server_rest");
    }
    assert_nothing_sold(&shop);
}

#[test]
fn a_proxy_without_its_shop() {
    let Some(shop) = DjangoShop::start(&["--server", "nginx-dead"]) else {
        return;
    };
    for more in [&[][..], &["--keep-alive"]] {
        let run = burst("rdbms", 50, more).run(&shop.url);
        for row in &run.rows {
            assert_eq!(row["client_home_http_code"], "502", "{row:?}");
            check_lost(row, "502", &["HTTP 502 Bad Gateway"]);
        }
        assert!(run.summary.contains("upstream is down"), "{}", run.summary);
    }
}

#[test]
fn a_proxy_with_a_connection_limit() {
    // Whoever is in stays for a while, so the others do find the shop full.
    let slow = ["--rest", "--rest-delay", "0.2"];
    let few = ["--server", "uwsgi-nginx", "--limit-conn", "3"];
    let Some(shop) = DjangoShop::start(&[&few[..], &slow].concat()) else {
        return;
    };
    let burst = burst("rdbms", 50, &[]);
    let run = burst.run(&shop.url);
    let (bought, full) = (run.bought(), run.with("client_buy_http_code", "503"));
    assert_eq!(bought.len() + full.len(), 50);
    assert!(!bought.is_empty() && !full.is_empty());
    for row in bought {
        check_sold(row, true);
    }
    for row in full {
        check_lost(row, "503", &["HTTP 503 Service Unavailable"]);
    }
    let sold = check_sales(&run, orders(&shop.sold("rdbms")), &burst.plan());
    assert_eq!(sold, run.bought().len());
}
