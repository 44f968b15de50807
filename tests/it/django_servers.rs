//! Every server that the shop is put behind: 1, 50 and 300 shoppers, both apps, with one connection
//! for each request and with one for both. Each shopper has bought once, and what was planned.

use std::process::Command;

use crate::django_burst::*;
use crate::django_rows::*;
use crate::django_support::*;
use crate::django_turn::Turn;
use crate::support::*;

const LEVELS: [usize; 3] = [1, 50, 300];
const MODES: [&[&str]; 2] = [&[], &["--keep-alive"]];

/// All bursts of one server, each with a seed of its own.
fn bursts() -> impl Iterator<Item = Burst<'static>> {
    let cells = LEVELS.into_iter().flat_map(|shoppers| {
        APPS.into_iter()
            .flat_map(move |app| MODES.into_iter().map(move |more| (shoppers, app, more)))
    });
    cells
        .enumerate()
        .map(|(cell, (shoppers, app, more))| Burst {
            app,
            shoppers,
            seed: 1000 + cell as u64,
            more,
        })
}

/// Without two of the four large ones: each app and each mode is still there.
fn fewer_bursts() -> impl Iterator<Item = Burst<'static>> {
    bursts().filter(|burst| {
        burst.shoppers < LEVELS[2] || (burst.app == APPS[0]) == burst.more.is_empty()
    })
}

/// A server that refuses no connection.
fn everybody_buys(args: &[&str], bursts: impl Iterator<Item = Burst<'static>>) {
    let Some(shop) = DjangoShop::start(args) else {
        return;
    };
    for burst in bursts {
        let before = orders(&shop.sold(burst.app));
        let run = burst.run(&shop.url);
        for row in &run.rows {
            check_bought(row, shop.rest.is_some());
        }
        let after = orders(&shop.sold(burst.app));
        assert_eq!(after.len(), before.len() + burst.shoppers, "{burst:?}");
        assert_eq!(planned(after, &burst.plan()), burst.plan(), "{burst:?}");
        assert_eq!(planned(before, &burst.plan()), [], "{burst:?}");
        if burst.shoppers > 1 {
            let silent = run.with("server_buy_cpu_usage", "").len();
            assert!(silent < burst.shoppers, "nobody reports a CPU usage");
        }
    }
    if shop.rest.is_some() {
        let sold = APPS.map(|app| orders(&shop.sold(app)).len() as u64);
        assert_eq!(shop.ordered(), sold.iter().sum::<u64>());
    }
}

#[test]
fn gunicorn_sync() {
    everybody_buys(&["--server", "gunicorn-sync"], bursts());
}

#[test]
fn gunicorn_gthread() {
    everybody_buys(&["--server", "gunicorn-gthread"], bursts());
}

#[test]
fn gunicorn_gthread_on_postgresql_with_a_second_server() {
    everybody_buys(
        &[
            "--server",
            "gunicorn-gthread",
            "--database",
            "postgres",
            "--rest",
        ],
        bursts(),
    );
}

#[test]
fn gunicorn_gevent() {
    everybody_buys(&["--server", "gunicorn-gevent"], bursts());
}

#[test]
fn uwsgi_behind_nginx() {
    everybody_buys(&["--server", "uwsgi-nginx"], bursts());
}

#[test]
fn uwsgi_behind_nginx_on_postgresql() {
    everybody_buys(
        &["--server", "uwsgi-nginx", "--database", "postgres"],
        fewer_bursts(),
    );
}

#[test]
fn uvicorn() {
    everybody_buys(&["--server", "uvicorn"], bursts());
}

#[test]
fn hypercorn_with_a_second_server() {
    everybody_buys(&["--server", "hypercorn", "--rest"], fewer_bursts());
}

#[test]
fn daphne() {
    everybody_buys(&["--server", "daphne"], fewer_bursts());
}

#[test]
fn waitress() {
    everybody_buys(&["--server", "waitress"], bursts());
}

/// Its queue of connections is 10 long. Beyond that the kernel drops what comes, and tries again after
/// 1, 3, 7 seconds; a shopper may be served late, be reset, or run into the time limit, after which the
/// server may still sell. So with more than one shopper, this is what can be said: each has a row, the
/// row is whole or names what happened, and the sales are those that the rows name, or more of the plan.
#[test]
fn runserver() {
    let Some(shop) = DjangoShop::start(&["--server", "runserver"]) else {
        return;
    };
    for burst in bursts() {
        let mut more = burst.more.to_vec();
        more.extend(["--timeout", "3s"]);
        let burst = Burst {
            more: &more,
            ..burst
        };
        let run = burst.run(&shop.url);
        for row in &run.rows {
            match row["server_buy_result"].as_str() {
                "True" => check_sold(row, false),
                _ => check_cut_off(row, &["reset", "closed", "timed out"]),
            }
        }
        let sold = check_sales(&run, shop.settled(burst.app), &burst.plan());
        if burst.shoppers == 1 {
            assert_eq!((run.bought().len(), sold), (1, 1));
        }
    }
}

#[test]
fn the_shop_passes_its_own_tests() {
    let _turn = Turn::take();
    let Some(python) = python() else {
        return;
    };
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("shop.sqlite3");
    let mut tests = Command::new(python);
    tests
        .args(["manage.py", "test", "--noinput"])
        .current_dir(sources())
        .env("DATABASE_URL", format!("sqlite:///{}", file.display()));
    let finished = finish(tests).ok();
    assert!(finished.stderr.contains("\nOK\n"), "{finished:#?}");
}
