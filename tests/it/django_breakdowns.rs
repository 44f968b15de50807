//! Parts of the Django shop break down in the middle of a burst. The second server takes a while for
//! each order and counts them at once, so the middle is when it has counted a fifth of them.

use tempfile::tempdir;

use crate::django_burst::*;
use crate::django_rows::*;
use crate::django_support::*;
use crate::support::*;

const SHOPPERS: usize = 100;

/// More than can be under way at once (2 workers of 4 threads): by then some purchases are through.
const MIDDLE: u64 = 20;

fn burst<'a>(app: &'a str, seed: u64, more: &'a [&'a str]) -> Burst<'a> {
    Burst {
        app,
        shoppers: SHOPPERS,
        seed,
        more,
    }
}

/// Lets the burst begin, does something in its middle, and waits for its end.
#[track_caller]
fn amid(shop: &DjangoShop, burst: &Burst, breaks: impl FnOnce()) -> Run {
    let before = shop.ordered();
    let running = burst.start(&shop.url);
    shop.wait_for_orders(before + MIDDLE);
    breaks();
    running.finish()
}

/// The client's view of a server that ends.
const GONE: [&str; 3] = ["refused", "reset", "closed"];

#[test]
fn the_second_server_dies() {
    let Some(shop) = DjangoShop::start(&["--rest", "--rest-delay", "0.1"]) else {
        return;
    };
    let burst = burst("rdbms", 1, &[]);
    let run = amid(&shop, &burst, || shop.kill("rest"));
    let (bought, refused) = (run.bought(), run.with("server_buy_result", "False"));
    assert_eq!(bought.len() + refused.len(), SHOPPERS);
    assert!(!bought.is_empty() && !refused.is_empty());
    for row in bought {
        check_bought(row, true);
    }
    for row in refused {
        check_refused(row, "web services: ");
        check_no_report(row, "server_rest");
    }
    let sold = check_sales(&run, orders(&shop.sold("rdbms")), &burst.plan());
    assert_eq!(sold, run.bought().len());
}

#[test]
fn the_database_dies() {
    let slow = ["--rest", "--rest-delay", "0.1"];
    let postgres = ["--database", "postgres", "--db-timeout", "0.2"];
    let Some(shop) = DjangoShop::start(&[&slow[..], &postgres].concat()) else {
        return;
    };
    let run = amid(&shop, &burst("cassandra", 2, &[]), || shop.kill("postgres"));
    let (bought, failed) = (run.bought(), run.with("client_buy_http_code", "500"));
    assert_eq!(bought.len() + failed.len(), SHOPPERS);
    assert!(!bought.is_empty() && !failed.is_empty());
    for row in bought {
        check_sold(row, true);
    }
    for row in failed {
        check_lost(row, "500", &["HTTP 500 Internal Server Error"]);
    }
    assert!(
        run.summary.contains("its log has the traceback"),
        "{}",
        run.summary
    );
}

#[test]
fn a_worker_is_killed() {
    // All who are connected are connected to the only worker. Others wait in the queue for the next.
    let one = ["--workers", "1", "--rest", "--rest-delay", "0.1"];
    let Some(shop) = DjangoShop::start(&one) else {
        return;
    };
    let burst = burst("rdbms", 3, &["--keep-alive"]);
    let workers = shop.workers();
    assert_eq!(workers.len(), 1);
    let run = amid(&shop, &burst, || signal(workers[0], libc::SIGKILL));
    let failed = run.with("client_buy_result", "False");
    assert_eq!(run.bought().len() + failed.len(), SHOPPERS);
    assert!(!run.bought().is_empty() && !failed.is_empty());
    for row in failed {
        check_cut_off(row, &GONE[1..]);
    }
    for row in run.bought() {
        check_sold(row, true);
    }
    check_sales(&run, shop.settled("rdbms"), &burst.plan());
    let after = Burst {
        shoppers: 20,
        seed: 4,
        ..burst
    };
    for row in &after.run(&shop.url).rows {
        check_bought(row, true);
    }
}

#[test]
fn the_whole_shop_is_stopped() {
    let slow = ["--rest", "--rest-delay", "0.2"];
    for (number, app) in [(libc::SIGTERM, "rdbms"), (libc::SIGKILL, "cassandra")] {
        let dir = tempdir().expect("a directory");
        let data = ["--data", dir.path().to_str().expect("UTF-8")];
        let Some(mut shop) = DjangoShop::start(&[&data[..], &slow].concat()) else {
            return;
        };
        let burst = burst(app, number as u64, &[]);
        let serve = shop.pid("serve");
        let run = amid(&shop, &burst, || signal(serve, number));
        for row in &run.rows {
            match row["server_buy_result"].as_str() {
                "True" => check_sold(row, true),
                _ => check_cut_off(row, &GONE),
            }
        }
        let bought = run.bought().len();
        assert!(bought > 0 && bought < SHOPPERS, "{bought}");
        assert_eq!(shop.wait().code(), (number == libc::SIGTERM).then_some(0));
        wait_until("the shop to stop", || is_gone(shop.pid("shop")));
        drop(shop);
        // The same database, once more.
        let Some(shop) = DjangoShop::start(&data) else {
            return;
        };
        check_sales(&run, orders(&shop.sold(app)), &burst.plan());
    }
}
