//! One connection for both requests, and what to do when the server thinks otherwise.

use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tempfile::tempdir;

use crate::support::*;

fn run(server: &Scripted, shoppers: usize, more: &[&str]) -> Vec<Row> {
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let mut args = flags(&server.url(), shoppers, &file);
    args.extend(more.iter().map(|&arg| arg.to_owned()));
    client(args).ok();
    rows(&file)
}

/// Serves requests on a connection until the client closes it; the script returns whether to continue.
fn serve(mut stream: TcpStream, mut answer: impl FnMut(&str, &mut TcpStream) -> bool) {
    loop {
        let request = read_request(&mut stream);
        if request.is_empty() || !answer(&request, &mut stream) {
            return;
        }
    }
}

fn home_then_report(request: &str, stream: &mut TcpStream) -> bool {
    match request.starts_with("GET") {
        true => respond(stream, &page(200, "text/html", "welcome")),
        false => respond(stream, &report()),
    }
    true
}

#[test]
fn a_shopper_has_one_connection_with_it_and_two_without() {
    for (mode, per_shopper, field) in [
        (&["--keep-alive"][..], 1, "Connection: keep-alive"),
        (
            &["--keep-alive", "--preconnect"],
            1,
            "Connection: keep-alive",
        ),
        (&["--preconnect"], 2, "Connection: close"),
        (&[], 2, "Connection: close"),
    ] {
        let server = Scripted::start(move |stream, _| {
            serve(stream, |request, stream| {
                assert!(request.contains(field), "{request}");
                home_then_report(request, stream)
            });
        });
        let rows = run(&server, 20, mode);
        assert_eq!(rows.len(), 20);
        assert!(
            rows.iter().all(|row| row["client_buy_result"] == "True"),
            "{rows:?}"
        );
        assert_eq!(server.connections(), 20 * per_shopper, "{mode:?}");
    }
}

#[test]
fn a_server_that_closes_after_the_home_page_gets_a_new_connection() {
    let said = page(200, "text/html\r\nConnection: close", "welcome");
    let unsaid = page(200, "text/html", "welcome");
    let until_close = b"HTTP/1.1 200 OK\r\n\r\nwelcome".to_vec();
    for home in [said, unsaid, until_close] {
        let server = Scripted::start(move |mut stream, _| {
            match read_request(&mut stream).starts_with("GET") {
                true => {
                    respond(&mut stream, &home);
                    stream.shutdown(Shutdown::Write).expect("still connected");
                }
                false => respond(&mut stream, &report()),
            }
        });
        let rows = run(&server, 1, &["--keep-alive"]);
        // The close may cross the purchase on its way; then the purchase must not be repeated.
        let row = &rows[0];
        let crossed = row["client_buy_error_msg"].contains("not sent again");
        assert!(row["client_buy_result"] == "True" || crossed, "{row:?}");
        assert_eq!(server.connections(), if crossed { 1 } else { 2 });
    }
}

#[test]
fn a_purchase_that_may_have_arrived_is_never_sent_twice() {
    let purchases = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&purchases);
    let server = Scripted::start(move |stream, _| {
        serve(stream, |request, stream| {
            if request.starts_with("POST") {
                counter.fetch_add(1, Ordering::SeqCst);
                return false;
            }
            respond(stream, &page(200, "text/html", "welcome"));
            true
        });
    });
    let rows = run(&server, 30, &["--keep-alive"]);
    assert_eq!(
        purchases.load(Ordering::SeqCst),
        30,
        "each purchase exactly once"
    );
    for row in rows {
        assert!(
            row["client_buy_error_msg"].contains("not sent again"),
            "{row:?}"
        );
        assert_eq!(row["client_buy_http_code"], "-100");
    }
}

#[test]
fn a_connection_with_unsolicited_bytes_is_not_used_again() {
    let server = Scripted::start(|stream, _| {
        serve(stream, |request, stream| {
            if request.starts_with("GET") {
                let mut answer = page(200, "text/html", "welcome");
                answer.extend_from_slice(b"HTTP/1.1 200 OK\r\n\r\n");
                respond(stream, &answer);
                return true;
            }
            home_then_report(request, stream)
        });
    });
    let rows = run(&server, 3, &["--keep-alive"]);
    assert!(
        rows.iter().all(|row| row["client_buy_result"] == "True"),
        "{rows:?}"
    );
    assert_eq!(server.connections(), 6);
}

#[test]
fn preconnected_connections_that_the_server_closes_are_replaced() {
    let server = Scripted::start(|mut stream, number| {
        if number < 4 {
            return;
        }
        let request = read_request(&mut stream);
        home_then_report(&request, &mut stream);
    });
    let rows = run(&server, 4, &["--preconnect"]);
    for row in rows {
        assert_eq!(row["client_home_result"], "True", "{row:?}");
        assert_eq!(row["client_buy_result"], "True", "{row:?}");
    }
}
