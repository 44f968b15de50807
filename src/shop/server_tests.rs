//! The whole shop over real sockets. Every wait is for an event: a byte, an end, a count.

use std::io::{ErrorKind, Write};
use std::net::Shutdown;
use std::num::NonZeroUsize;
use std::thread;
use std::time::{Duration, Instant};

use super::super::{HomeSize, Settings};
use super::testing::*;

#[test]
fn a_shopper_finds_home_and_buys_on_one_connection() {
    let shop = Running::start(Settings::default());
    let mut stream = shop.connect();
    let (head, _) = ask(&mut stream, b"GET /rdbms HTTP/1.1\r\nHost: x\r\n\r\n");
    assert!(head.contains("Location: /rdbms/\r\n") && head.contains("\r\nDate: "));
    let (_, home) = ask(&mut stream, b"GET /rdbms/ HTTP/1.1\r\nHost: x\r\n\r\n");
    assert!(String::from_utf8_lossy(&home).contains("/rdbms/2/details/"));
    let (_, body) = ask(&mut stream, &purchase("a@b.org"));
    let report = report(&body);
    assert_eq!(report["result"], true);
    assert!(
        report["memory_usage"]
            .as_u64()
            .is_some_and(|mebibytes| mebibytes > 0)
    );
    drop(stream);
    let stats = shop.stats_when(|stats| stats["connections_open"] == 1);
    assert_eq!(stats["requests"], 3);
    assert_eq!(stats["purchases"], 1);
}

#[test]
fn a_request_cut_anywhere_is_answered_the_same() {
    let shop = Running::start(Settings::default());
    let request = purchase("a@b.org");
    let mut stream = shop.connect();
    stream.set_nodelay(true).expect("no delay");
    for cut in 0..request.len() {
        stream.write_all(&request[..cut]).expect("sent");
        let (head, _) = ask(&mut stream, &request[cut..]);
        assert!(head.starts_with("HTTP/1.1 200 OK\r\n"), "cut at {cut}");
    }
    assert_eq!(shop.stats()["purchases"], request.len());
}

#[test]
fn pipelined_requests_are_answered_in_order() {
    let service_time = Duration::from_millis(1);
    let shop = Running::start(Settings {
        service_time,
        ..Settings::default()
    });
    let mut stream = shop.connect();
    let home = b"GET /rdbms/ HTTP/1.1\r\nHost: x\r\n\r\n";
    let last = b"GET /nothing HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    let all = [
        home,
        &purchase("a@b.org")[..],
        home,
        &purchase("c@d.org"),
        last,
    ]
    .concat();
    stream.write_all(&all).expect("sent");
    let kinds = [(); 4].map(|()| read_answer(&mut stream).0.contains("json"));
    assert_eq!(kinds, [false, true, false, true]);
    let (rest, error) = read_to_end(&mut stream);
    assert!(rest.starts_with(b"HTTP/1.1 404 Not Found\r\n"));
    assert!(String::from_utf8_lossy(&rest).contains("Connection: close\r\n"));
    assert_eq!(error, None);
}

#[test]
fn shoppers_together_are_counted_exactly() {
    const SHOPPERS: usize = 200;
    let service_time = Duration::from_millis(50);
    let shop = Running::start(Settings {
        service_time,
        ..Settings::default()
    });
    let mut streams: Vec<_> = (0..SHOPPERS).map(|_| shop.connect()).collect();
    for (n, stream) in streams.iter_mut().enumerate() {
        stream
            .write_all(&purchase(&format!("{n}@b.org")))
            .expect("sent");
    }
    for stream in &mut streams {
        let (_, body) = read_answer(stream);
        let elapsed = report(&body)["elapsed_seconds"].as_f64().expect("a number");
        assert!(elapsed >= 0.05, "{elapsed}");
    }
    let stats = shop.stats();
    assert_eq!(stats["purchases"], SHOPPERS);
    assert_eq!(stats["quantity_sold"], 2 * SHOPPERS);
    assert_eq!(stats["distinct_emails"], SHOPPERS);
    assert_eq!(stats["duplicate_emails"], 0);
    assert_eq!(stats["connections_accepted"], SHOPPERS + 1);
    assert_eq!(stats["most_connections"], SHOPPERS + 1);
    assert!(stats["most_in_flight"].as_u64() > Some(1));
}

#[test]
fn workers_make_response_times_arithmetic() {
    let shop = Running::start(Settings {
        service_time: Duration::from_millis(5),
        workers: NonZeroUsize::new(2),
        rest: true,
        ..Settings::default()
    });
    let begun = Instant::now();
    let answered: Vec<_> = thread::scope(|scope| {
        let buy = |n| {
            let mut stream = shop.connect();
            let (_, body) = ask(&mut stream, &purchase(&format!("{n}@b.org")));
            (begun.elapsed(), report(&body))
        };
        let shoppers: Vec<_> = (0..7).map(|n| scope.spawn(move || buy(n))).collect();
        let join = |shopper: thread::ScopedJoinHandle<'_, _>| shopper.join().expect("bought");
        shoppers.into_iter().map(join).collect()
    });
    let mut times: Vec<_> = answered.iter().map(|(time, _)| *time).collect();
    times.sort_unstable();
    for (n, time) in times.into_iter().enumerate() {
        let least = Duration::from_millis(5) * (n as u32 / 2 + 1);
        assert!(time >= least, "answer {n} after {time:?}");
    }
    for (_, report) in answered {
        let rest = &report["rest"];
        // Both are as observed: at the same instant where the loop was not run in between. The tests of
        // the queue have the arithmetic.
        assert!(rest["started_time"].as_str() >= report["started_time"].as_str());
        assert!(rest["elapsed_seconds"].as_f64() <= report["elapsed_seconds"].as_f64());
        assert_eq!(rest["result"], true);
    }
}

#[test]
fn each_fault_is_visible_to_a_client() {
    let whole = |bytes: &[u8]| {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let (head, body) = text.split_once("\r\n\r\n").expect("a head");
        let (_, after) = head.split_once("Content-Length: ").expect("a length");
        let told: usize = after
            .lines()
            .next()
            .expect("a line")
            .parse()
            .expect("a number");
        (text.clone(), told, body.len())
    };
    for name in [
        "reset",
        "reset-within",
        "cut",
        "wrong-length",
        "close",
        "500",
        "502",
        "html",
        "csrf",
        "slow-drip",
    ] {
        let shop = Running::with_faults(&format!("{name}:1"));
        let mut stream = shop.connect();
        stream.write_all(&purchase("a@b.org")).expect("sent");
        // What keeps the connection open ends it when the client does.
        if matches!(name, "500" | "502" | "html" | "csrf" | "slow-drip") {
            stream.shutdown(Shutdown::Write).expect("half closed");
        }
        let (bytes, error) = read_to_end(&mut stream);
        let reset = Some(ErrorKind::ConnectionReset);
        match name {
            "reset" => assert_eq!((bytes.len(), error), (0, reset)),
            "close" => assert_eq!((bytes.len(), error), (0, None)),
            "reset-within" => {
                let (_, told, came) = whole(&bytes);
                assert!(came > 0 && came < told);
                assert_eq!(error, reset);
            }
            "cut" => {
                let (_, told, came) = whole(&bytes);
                assert!(came > 0 && came < told);
                assert_eq!(error, None);
            }
            "wrong-length" => {
                let (_, told, came) = whole(&bytes);
                assert_eq!((told, error), (came + 64, None));
            }
            "slow-drip" => {
                let (text, told, came) = whole(&bytes);
                assert!(text.contains("\"result\": true"));
                assert_eq!((told, error), (came, None));
            }
            page => {
                let (text, told, came) = whole(&bytes);
                assert_eq!((told, error), (came, None));
                assert!(text.contains("text/html"));
                let status = match page {
                    "html" => "200",
                    "csrf" => "403",
                    other => other,
                };
                assert!(text.starts_with(&format!("HTTP/1.1 {status} ")));
            }
        }
        let stats = shop.stats();
        assert_eq!(stats["faults"][name], 1);
        let carried_out = matches!(name, "reset-within" | "cut" | "wrong-length" | "slow-drip");
        assert_eq!(stats["purchases"], u64::from(carried_out), "{name}");
    }
}

#[test]
fn a_stalled_purchase_is_held_until_the_client_closes() {
    let shop = Running::with_faults("stall:0.5");
    let mut stream = shop.connect();
    let (head, _) = ask(&mut stream, &purchase("a@b.org"));
    assert!(
        head.starts_with("HTTP/1.1 200 OK\r\n"),
        "the first is spared"
    );
    stream.write_all(&purchase("c@d.org")).expect("sent");
    shop.stats_when(|stats| stats["faults"]["stall"] == 1);
    stream
        .write_all(b"GET /rdbms/ HTTP/1.1\r\nHost: x\r\n\r\n")
        .expect("sent");
    stream.shutdown(Shutdown::Write).expect("half closed");
    assert_eq!(read_to_end(&mut stream), (Vec::new(), None));
    assert_eq!(shop.stats()["home"], 0);
}

#[test]
fn refused_connections_are_reset() {
    let shop = Running::with_faults("refuse:0.5");
    let kept = shop.connect();
    let mut refused = shop.connect();
    let (bytes, error) = read_to_end(&mut refused);
    assert_eq!((bytes.len(), error), (0, Some(ErrorKind::ConnectionReset)));
    drop(kept);
    let stats = shop.stats();
    assert_eq!(stats["faults"]["refuse"], 1);
    assert_eq!(stats["connections_accepted"], 3);
}

#[test]
fn the_client_may_end_in_every_phase() {
    let service_time = Duration::from_millis(1);
    let shop = Running::start(Settings {
        service_time,
        ..Settings::default()
    });
    let request = purchase("a@b.org");
    let head = request.len() - 30;
    for sent in [0, 5, head, request.len() - 1] {
        let mut stream = shop.connect();
        stream.write_all(&request[..sent]).expect("sent");
        stream.shutdown(Shutdown::Write).expect("half closed");
        assert_eq!(read_to_end(&mut stream), (Vec::new(), None), "{sent}");
    }
    let mut half_closed = shop.connect();
    half_closed.write_all(&request).expect("sent");
    half_closed.shutdown(Shutdown::Write).expect("half closed");
    let (answer, error) = read_to_end(&mut half_closed);
    assert!(answer.starts_with(b"HTTP/1.1 200 OK\r\n"));
    assert_eq!(error, None);
    let mut gone = shop.connect();
    gone.write_all(&request).expect("sent");
    drop(gone);
    let stats = shop.stats_when(|stats| stats["purchases"] == 2 && stats["connections_open"] == 1);
    assert_eq!(stats["in_flight"], 0);
}

#[test]
fn invalid_requests_are_refused_and_the_answer_arrives() {
    let shop = Running::start(Settings::default());
    let long = [b"GET / HTTP/1.1\r\nX: ".to_vec(), vec![b'x'; 1 << 20]].concat();
    for (request, status) in [
        (&b"\x16\x03\x01 no TLS here\r\n\r\n"[..], "400"),
        (b"GET / HTTP/1.1\r\n\r\n", "400"),
        (
            b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 65537\r\n\r\n",
            "413",
        ),
        (b"GET / HTTP/3.0\r\n\r\n", "505"),
        (&long, "431"),
    ] {
        let mut stream = shop.connect();
        let mut sender = stream.try_clone().expect("a second handle");
        let (answer, error) = thread::scope(|scope| {
            scope.spawn(move || sender.write_all(request));
            read_to_end(&mut stream)
        });
        let text = String::from_utf8_lossy(&answer);
        assert!(text.starts_with(&format!("HTTP/1.1 {status} ")), "{text}");
        assert!(text.contains("Connection: close\r\n"));
        assert_eq!(error, None, "{status}");
    }
    assert_eq!(shop.stats()["malformed"], 5);
}

#[test]
fn expect_continue_is_answered_and_bodies_may_be_chunked() {
    let shop = Running::start(Settings::default());
    let mut stream = shop.connect();
    let head = b"POST /rdbms/3/purchase/1/ HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nTransfer-Encoding: chunked\r\n\r\n";
    stream.write_all(head).expect("sent");
    assert_eq!(read_head(&mut stream), "HTTP/1.1 100 Continue\r\n\r\n");
    let chunks =
        b"8\r\nemail=a@\r\n15\r\nb.org&repeat_email=a@\r\n10\r\nb.org&quantity=5\r\n0\r\n\r\n";
    let (_, body) = ask(&mut stream, chunks);
    assert_eq!(report(&body)["result"], true);
    assert_eq!(shop.stats()["quantity_sold"], 5);
}

#[test]
fn answers_to_a_client_that_does_not_read_are_bounded() {
    let home_size = HomeSize::new(1 << 20).expect("within the limit");
    let shop = Running::start(Settings {
        home_size,
        ..Settings::default()
    });
    let mut stream = shop.connect();
    let requests = b"GET /rdbms/ HTTP/1.1\r\nHost: x\r\n\r\n".repeat(200);
    stream.write_all(&requests).expect("sent");
    let behind = shop.stats_when(|stats| stats["home"].as_u64() > Some(0));
    assert!(behind["home"].as_u64() < Some(100), "{behind}");
    for _ in 0..200 {
        assert_eq!(read_answer(&mut stream).1.len(), 1 << 20);
    }
    assert_eq!(shop.stats()["home"], 200);
}

#[test]
fn old_clients_are_served() {
    let shop = Running::start(Settings::default());
    let mut stream = shop.connect();
    let keep = b"HEAD /rdbms/ HTTP/1.0\r\nConnection: keep-alive\r\n\r\n";
    stream.write_all(keep).expect("sent");
    assert!(read_head(&mut stream).contains("Connection: keep-alive\r\n"));
    stream
        .write_all(b"GET /rdbms/ HTTP/1.0\r\n\r\n")
        .expect("sent");
    let (answer, error) = read_to_end(&mut stream);
    assert!(answer.ends_with(b"</html>\n"));
    assert_eq!(error, None);
}
