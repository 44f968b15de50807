//! Ending a run early: rows for all who were launched.

use std::process::Stdio;
use std::sync::mpsc;

use tempfile::tempdir;

use crate::support::*;

/// A server that holds all purchases, and says when so many of them are there.
fn holding(expected: usize) -> (Scripted, mpsc::Receiver<()>) {
    let (sender, full) = mpsc::channel();
    let arrived = std::sync::atomic::AtomicUsize::new(0);
    let server = Scripted::purchases(move |mut stream| {
        let before = arrived.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        if before + 1 == expected {
            sender.send(()).expect("the test listens");
        }
        read_request(&mut stream);
    });
    (server, full)
}

#[test]
fn the_first_signal_writes_everything_and_exits_with_its_code() {
    for (number, code) in [(libc::SIGINT, 130), (libc::SIGTERM, 143)] {
        let (server, full) = holding(30);
        let dir = tempdir().expect("a directory");
        let file = dir.path().join("report.csv");
        let child = command(flags(&server.url(), 30, &file))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        full.recv_timeout(PATIENCE).expect("all purchases arrive");
        signal(child.id(), number);
        let finished = wait(child);
        assert_eq!(finished.code(), Some(code), "{finished:#?}");
        let rows = rows(&file);
        assert_eq!(rows.len(), 30);
        for row in rows {
            assert_eq!(row["client_home_result"], "True");
            assert_eq!(row["client_buy_error_msg"], "interrupted");
            assert_eq!(row["client_buy_http_code"], "-100");
            assert!(!row["client_buy_elapsed_seconds"].is_empty());
        }
        assert!(finished.stdout.contains("interrupted"), "{finished:#?}");
    }
}

#[test]
fn a_second_signal_exits_at_once() {
    // Rows go into a pipe that nobody reads: the program cannot end by itself.
    let (server, full) = holding(500);
    let mut args = flags(&server.url(), 500, std::path::Path::new("-"));
    // Enough text to fill any pipe.
    args.extend(["-a".to_owned(), "x".repeat(1000)]);
    let mut child = command(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    full.recv_timeout(PATIENCE).expect("all purchases arrive");
    signal(child.id(), libc::SIGINT);
    // The first rows in the pipe say that the first signal was taken.
    let mut pipe = child.stdout.take().expect("piped");
    let mut byte = [0];
    std::io::Read::read_exact(&mut pipe, &mut byte).expect("rows are coming");
    signal(child.id(), libc::SIGINT);
    let finished = wait(child);
    assert_eq!(finished.code(), Some(130), "{finished:#?}");
}

#[test]
fn a_signal_ends_the_preparations_too() {
    // A backlog that is full: the handshake of the page fetched before the run never ends.
    let listening =
        profilerclient::sys::socket::listener("127.0.0.1:0".parse().expect("any port"), 0)
            .map(std::net::TcpListener::from)
            .expect("a listener");
    let address = listening.local_addr().expect("its address");
    let filler: Vec<_> = std::iter::from_fn(|| {
        std::net::TcpStream::connect_timeout(&address, std::time::Duration::from_millis(300)).ok()
    })
    .take(8)
    .collect();
    assert!(filler.len() < 8, "the backlog is full");
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let mut args = flags(&format!("http://{address}"), 1, &file);
    args.extend(["-v", "--products", "auto"].map(str::to_owned));
    let begun = std::time::Instant::now();
    let child = command(args)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    // The report is opened (and made) before the page is fetched.
    while !file.exists() {
        assert!(begun.elapsed() < PATIENCE, "the report was never opened");
        std::thread::yield_now();
    }
    signal(child.id(), libc::SIGINT);
    let finished = wait(child);
    assert_eq!(finished.code(), Some(130), "{finished:#?}");
    assert!(!file.exists(), "a run without rows leaves no file");
}
