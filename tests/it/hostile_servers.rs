//! Hostile and faulty servers: each shopper has a row, which says what happened.

use std::io::Write;
use std::net::{Shutdown, TcpStream};
use std::time::{Duration, Instant};

use tempfile::tempdir;

use crate::support::*;

const SHOPPERS: usize = 5;

/// Runs a few shoppers against a server and returns their rows.
#[track_caller]
fn rows_at(server: &Scripted, more: &[&str]) -> Vec<Row> {
    rows_at_url(&server.url(), more)
}

#[track_caller]
fn rows_at_url(url: &str, more: &[&str]) -> Vec<Row> {
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let mut args = flags(url, SHOPPERS, &file);
    args.extend(more.iter().map(|&arg| arg.to_owned()));
    client(args).ok();
    let rows = rows(&file);
    assert_eq!(rows.len(), SHOPPERS);
    rows
}

#[track_caller]
fn assert_buy_error(rows: &[Row], code: &str, part: &str) {
    for row in rows {
        assert_eq!(row["client_home_result"], "True", "{row:?}");
        assert_eq!(row["client_buy_result"], "False", "{row:?}");
        assert_eq!(row["client_buy_http_code"], code, "{row:?}");
        assert!(
            row["client_buy_error_msg"].contains(part),
            "{part:?} is not in {row:?}"
        );
        assert_eq!(row["server_buy_result"], "", "no report came: {row:?}");
    }
}

#[test]
fn invalid_answers() {
    let endless_header = |stream: &mut TcpStream| {
        let field = format!("X-Long: {}\r\n", "x".repeat(1000));
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n");
        while stream.write_all(field.as_bytes()).is_ok() {}
    };
    let endless_body = |stream: &mut TcpStream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        while stream.write_all(&[b'x'; 4096]).is_ok() {}
    };
    let endless_continue = |stream: &mut TcpStream| {
        while stream.write_all(b"HTTP/1.1 100 Continue\r\n\r\n").is_ok() {}
    };
    type Script = Box<dyn Fn(&mut TcpStream) + Send + Sync>;
    let send = |bytes: &'static str| -> Script {
        Box::new(move |stream| respond(stream, bytes.as_bytes()))
    };
    let cases: Vec<(Script, &str, &str)> = vec![
        (send(""), "-100", "closed without an answer"),
        (
            send("\0\x1b[2Jgarbage\r\n"),
            "-100",
            "not an HTTP/1.x response",
        ),
        (
            send("garbage\r\nHTTP/1.1 200 OK\r\n\r\n{}"),
            "-100",
            "not an HTTP/1.x response",
        ),
        (
            send("HTTP/1.1 200 OK\r\nContent-"),
            "-100",
            "closed within the response head",
        ),
        (
            send("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{}"),
            "200",
            "closed within the response body",
        ),
        (
            send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"),
            "200",
            "closed within the response body",
        ),
        (
            send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n"),
            "200",
            "malformed chunked body",
        ),
        (
            send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Length: 2\r\n\r\n{}"),
            "200",
            "Transfer-Encoding together with Content-Length",
        ),
        (
            send("HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\n{}"),
            "200",
            "conflicting Content-Length",
        ),
        (
            send("HTTP/1.1 101 Switching Protocols\r\n\r\n"),
            "-100",
            "101",
        ),
        (send("HTTP/1.1 200 OK\r\n\r\n"), "200", "the body is empty"),
        (
            send("HTTP/1.1 200 OK\r\n\r\n<html><title>Hi</title>"),
            "200",
            "HTML, titled \"Hi\"",
        ),
        (
            send("HTTP/1.1 200 OK\r\n\r\n{\"result\": tr"),
            "200",
            "line 1 column",
        ),
        (
            send("HTTP/1.1 503 x\r\nContent-Length: 0\r\n\r\n"),
            "503",
            "HTTP 503 Service Unavailable",
        ),
        (Box::new(endless_header), "-100", "head over 64 KiB"),
        (
            Box::new(endless_body),
            "200",
            "body over the limit: 1048576 bytes",
        ),
        (Box::new(endless_continue), "-100", "head over 64 KiB"),
    ];
    for (script, code, part) in cases {
        let server = Scripted::purchases(move |mut stream| script(&mut stream));
        assert_buy_error(&rows_at(&server, &[]), code, part);
    }
}

#[test]
fn interim_responses_trailers_and_single_bytes_are_accepted() {
    let wire = format!(
        "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n\
         HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n\
         {:x};ext=\"1\"\r\n{REPORT}\r\n0\r\nX-Trailer: 1\r\n\r\n",
        REPORT.len()
    );
    let server = Scripted::purchases(move |mut stream| {
        stream.set_nodelay(true).expect("TCP");
        for byte in wire.as_bytes() {
            respond(&mut stream, &[*byte]);
        }
    });
    for row in rows_at(&server, &[]) {
        assert_eq!(row["client_buy_result"], "True", "{row:?}");
        assert_eq!(row["server_buy_memory_usage"], "811");
        assert_eq!(row["server_buy_elapsed_seconds"], "0.25");
        assert_eq!(row["server_buy_started_time"], "2026-01-02T03:04:05.000006");
        assert_eq!(row["server_rest_result"], "", "there is no second server");
    }
}

#[test]
fn a_reset_is_distinguished_from_a_close() {
    let server = Scripted::purchases(|stream| {
        profilerclient::sys::socket::reset_on_close(&stream).expect("TCP");
    });
    assert_buy_error(
        &rows_at(&server, &[]),
        "-100",
        "connection reset by the server",
    );

    let server = Scripted::purchases(|mut stream| {
        respond(
            &mut stream,
            b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{",
        );
        // The reset must not overtake the bytes: the client has them once it has acknowledged them.
        let mut waiting: libc::c_int = 1;
        while waiting > 0 {
            std::thread::yield_now();
            waiting = profilerclient::sys::socket::unacknowledged(&stream).expect("TCP");
        }
        profilerclient::sys::socket::reset_on_close(&stream).expect("TCP");
    });
    assert_buy_error(
        &rows_at(&server, &[]),
        "200",
        "connection reset within the response",
    );
}

#[test]
fn a_server_that_never_answers_is_timed_out() {
    let server = Scripted::purchases(|mut stream| {
        // Holds the connection until the client gives up.
        read_request(&mut stream);
    });
    let begun = Instant::now();
    let rows = rows_at(&server, &["--timeout", "300ms"]);
    assert!(begun.elapsed() >= Duration::from_millis(300));
    assert_buy_error(&rows, "-100", "timed out: waiting for the response");
    for row in &rows {
        let elapsed: f64 = row["client_buy_elapsed_seconds"].parse().expect("a number");
        assert!((0.3..30.0).contains(&elapsed), "{row:?}");
    }
}

#[test]
fn an_endless_home_page_ends_with_the_timeout_and_the_purchase_follows() {
    let server = Scripted::start(|mut stream, _| {
        if read_request(&mut stream).starts_with("GET") {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
            while stream.write_all(&[b'x'; 65536]).is_ok() {}
        } else {
            respond(&mut stream, &report());
        }
    });
    for row in rows_at(&server, &["--timeout", "500ms"]) {
        assert!(
            row["client_home_error_msg"].contains("timed out: within the response"),
            "{row:?}"
        );
        assert_eq!(row["client_home_http_code"], "200");
        assert_eq!(row["client_home_result"], "False");
        assert_eq!(row["client_buy_result"], "True", "{row:?}");
    }
}

#[test]
fn a_dripping_answer_does_not_reset_the_timeout() {
    let server = Scripted::purchases(|mut stream| {
        let _ = stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n");
        while stream.write_all(b"x").is_ok() {
            std::thread::park_timeout(Duration::from_millis(5));
        }
    });
    let rows = rows_at(&server, &["--timeout", "400ms"]);
    assert_buy_error(&rows, "200", "timed out: within the response");
}

#[test]
fn a_closed_port_gives_rows_too() {
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    let url = format!("http://{}", free.local_addr().expect("its address"));
    drop(free);
    for mode in [&[][..], &["--preconnect"], &["--keep-alive"]] {
        for row in rows_at_url(&url, mode) {
            for step in ["home", "buy"] {
                assert_eq!(
                    row[&format!("client_{step}_error_msg")],
                    "connection refused"
                );
                assert_eq!(row[&format!("client_{step}_http_code")], "-100");
            }
        }
    }
}

#[test]
fn a_failed_home_page_does_not_stop_the_purchase() {
    let server =
        Scripted::start(
            |mut stream, _| match read_request(&mut stream).starts_with("GET") {
                true => respond(&mut stream, &page(500, "text/html", "broken")),
                false => respond(&mut stream, &report()),
            },
        );
    for row in rows_at(&server, &[]) {
        assert_eq!(row["client_home_http_code"], "500");
        assert_eq!(
            row["client_home_error_msg"],
            "HTTP 500 Internal Server Error"
        );
        assert_eq!(row["client_buy_result"], "True");
    }
}

#[test]
fn an_answer_before_the_request_was_read_is_accepted() {
    // As proxies do that turn connections away: answer, then close without reading.
    let server = Scripted::start(|mut stream, _| {
        respond(&mut stream, &page(503, "text/html", "full"));
        stream.shutdown(Shutdown::Write).expect("still connected");
        read_request(&mut stream);
    });
    for row in rows_at(&server, &[]) {
        assert_eq!(row["client_home_http_code"], "503", "{row:?}");
        assert_eq!(row["client_buy_http_code"], "503", "{row:?}");
    }
}

#[test]
fn redirects() {
    let server = Scripted::start(|mut stream, _| {
        let request = read_request(&mut stream);
        let line = request.lines().next().unwrap_or_default();
        let to = |status: u16, location: &str| {
            format!("HTTP/1.1 {status} x\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n")
                .into_bytes()
        };
        let answer = match line {
            "GET /rdbms HTTP/1.1" => to(301, "/rdbms/"),
            "GET /rdbms/ HTTP/1.1" => to(302, "welcome/?x=1#y"),
            "GET /rdbms/welcome/?x=1 HTTP/1.1" => page(200, "text/html", "welcome"),
            "GET /rdbms/loop HTTP/1.1" => to(302, "/rdbms/loop"),
            "GET /rdbms/away HTTP/1.1" => to(302, "http://192.0.2.1/"),
            _ if line.starts_with("POST /rdbms/") => to(307, "/till/"),
            "POST /till/ HTTP/1.1" if request.contains("quantity=") => report(),
            _ => page(404, "text/html", "no"),
        };
        respond(&mut stream, &answer);
    });
    for row in rows_at(&server, &[]) {
        assert_eq!(row["client_home_result"], "True", "{row:?}");
        assert_eq!(
            row["client_buy_result"], "True",
            "the POST was sent on: {row:?}"
        );
    }
    for row in rows_at(&server, &["-p", "/loop"]) {
        assert_eq!(row["client_home_error_msg"], "more than 10 redirects");
        assert_eq!(row["client_home_http_code"], "302");
    }
    for row in rows_at(&server, &["-p", "/away"]) {
        let message = &row["client_home_error_msg"];
        assert!(
            message.contains("redirect to another origin not followed"),
            "{row:?}"
        );
        assert!(message.contains("http://192.0.2.1"), "{row:?}");
    }
}

#[test]
fn more_connections_than_one_batch_of_events_are_not_timed_out_by_the_queue() {
    // The handshakes are over within the launch; only the news of it has to wait.
    let shop = Shop::start(&[]);
    for mode in [&[][..], &["--preconnect"]] {
        let dir = tempdir().expect("a directory");
        let file = dir.path().join("report.csv");
        let mut args = flags(&shop.url, 3000, &file);
        args.extend(
            ["--connect-timeout", "20ms"]
                .iter()
                .chain(mode)
                .map(|&arg| arg.to_owned()),
        );
        client(args).ok();
        let errors = count_by(&rows(&file), "client_home_error_msg");
        assert_eq!(errors.get(""), Some(&3000), "{mode:?}: {errors:?}");
    }
}

#[test]
fn a_connection_made_ahead_and_closed_still_has_its_timeout() {
    let server = Scripted::start(|mut stream, number| {
        if number >= SHOPPERS {
            // Holds the second connection until the client gives up.
            read_request(&mut stream);
            read_request(&mut stream);
        }
    });
    for row in rows_at(&server, &["--preconnect", "--timeout", "400ms"]) {
        assert!(
            row["client_home_error_msg"].contains("timed out"),
            "{row:?}"
        );
    }
}
