//! Ending a run early: a row for each shopper launched.

use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Command, Stdio};
use std::sync::mpsc;

use serde_json::Value;
use tempfile::tempdir;

use crate::load_support::*;
use crate::support::*;

/// A server that holds all purchases, and signals when a number of them has arrived.
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

/// Sends a signal to the process group that a process leads (kill(2)).
fn signal_group(leader: u32, number: i32) {
    signal(leader.wrapping_neg(), number);
}

#[test]
fn the_first_signal_writes_everything_and_ends_the_process_by_it() {
    for number in [
        libc::SIGINT,
        libc::SIGTERM,
        libc::SIGHUP,
        libc::SIGQUIT,
        libc::SIGALRM,
        libc::SIGUSR1,
        libc::SIGUSR2,
        libc::SIGXCPU,
        libc::SIGVTALRM,
        libc::SIGPROF,
        libc::SIGIO,
        libc::SIGPWR,
        libc::SIGRTMIN(),
        libc::SIGRTMAX(),
    ] {
        let (server, full) = holding(30);
        let dir = tempdir().expect("a directory");
        let file = dir.path().join("report.csv");
        let child = command(flags(&server.url(), 30, &file))
            .current_dir(dir.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        full.recv_timeout(PATIENCE).expect("all purchases arrive");
        signal(child.id(), number);
        let finished = wait(child);
        assert_eq!(finished.status.signal(), Some(number), "{finished:#?}");
        assert_eq!(finished.code(), Some(128 + number), "as a shell has it");
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
fn an_open_load_keeps_all_its_rows_when_the_terminal_hangs_up() {
    let (server, full) = holding(40);
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let path = file.to_str().expect("UTF-8");
    let load = "--rate 400/s --duration 60s --json";
    let child = command(words(&server.url(), path, load))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    full.recv_timeout(PATIENCE).expect("purchases arrive");
    signal(child.id(), libc::SIGHUP);
    let finished = wait(child);
    assert_eq!(
        finished.status.signal(),
        Some(libc::SIGHUP),
        "{finished:#?}"
    );
    let json: serde_json::Value = serde_json::from_str(&finished.stdout).expect("JSON");
    let rows = rows(&file).len();
    assert!(rows >= 40, "{rows}");
    assert_eq!(json["launched"], rows);
}

#[test]
fn a_run_under_nohup_outlives_its_terminal() {
    let (server, full) = holding(3);
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    // As nohup(1) does; the shell is replaced by the program.
    let child = Command::new("sh")
        .args(["-c", "trap '' HUP; exec \"$0\" \"$@\"", BINARY])
        .args(flags(&server.url(), 3, &file))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    full.recv_timeout(PATIENCE).expect("all purchases arrive");
    signal(child.id(), libc::SIGHUP);
    // Were it not ignored, this would be the second signal, and there would be no rows.
    signal(child.id(), libc::SIGTERM);
    let finished = wait(child);
    assert_eq!(
        finished.status.signal(),
        Some(libc::SIGTERM),
        "{finished:#?}"
    );
    assert_eq!(rows(&file).len(), 3);
}

#[test]
fn a_shell_loop_ends_with_the_run_interrupted_by_ctrl_c() {
    let (server, full) = holding(2);
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let child = Command::new("bash")
        .args([
            "-c",
            "for run in 1 2 3; do \"$0\" \"$@\"; done; echo went on",
            BINARY,
        ])
        .args(flags(&server.url(), 2, &file))
        .arg("-q")
        .process_group(0)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the shell starts");
    full.recv_timeout(PATIENCE).expect("all purchases arrive");
    // As the terminal does: to the whole group.
    signal_group(child.id(), libc::SIGINT);
    let finished = wait(child);
    assert_eq!(
        finished.status.signal(),
        Some(libc::SIGINT),
        "{finished:#?}"
    );
    assert!(!finished.stdout.contains("went on"), "{finished:#?}");
    assert_eq!(rows(&file).len(), 2);
}

#[test]
fn the_time_of_a_stop_is_measured() {
    for number in [libc::SIGTSTP, libc::SIGSTOP] {
        let (sender, begun) = mpsc::channel();
        let till = Till::serving(move |number, stream| {
            if number == 5 {
                sender.send(()).expect("the test listens");
            }
            respond(stream, &report());
            true
        });
        let dir = tempdir().expect("a directory");
        let file = dir.path().join("report.csv");
        let file = file.to_str().expect("UTF-8");
        let child = command(words(&till.url(), file, "--rate 50/s --count 60 --json"))
            // In a group that is not orphaned, or SIGTSTP would have no effect (POSIX, kill()).
            .process_group(0)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("it starts");
        begun.recv_timeout(PATIENCE).expect("the load begins");
        signal(child.id(), number);
        wait_until("the stop", || is_stopped(child.id()));
        let stopped = std::time::Instant::now();
        std::thread::sleep(std::time::Duration::from_millis(400));
        let at_least = stopped.elapsed().as_millis() as u64;
        signal(child.id(), libc::SIGCONT);
        let finished = wait(child).ok();
        let json: Value = serde_json::from_str(&finished.stdout).expect("one JSON object");
        assert_eq!(json["launched"], 60, "{json:#}");
        let paused = json["instrument"]["paused_seconds"].as_f64();
        let paused = (paused.expect("a span") * 1e3) as u64;
        assert_eq!(json["verdict"]["pace"]["state"], "not_trusted", "{json:#}");
        // Of SIGSTOP, all but the wait that went on meanwhile: 20 ms to the next arrival.
        assert!(
            (at_least - 50..2_000).contains(&paused),
            "{number}: {paused}"
        );
    }
}

#[test]
fn a_further_signal_does_not_cost_the_rows() {
    for [first, second] in [
        [libc::SIGINT, libc::SIGINT],
        [libc::SIGTERM, libc::SIGTERM],
        [libc::SIGHUP, libc::SIGHUP],
        [libc::SIGINT, libc::SIGTERM],
        [libc::SIGHUP, libc::SIGTERM],
    ] {
        let (server, full) = holding(200);
        let dir = tempdir().expect("a directory");
        let file = dir.path().join("report.csv");
        let child = command(flags(&server.url(), 200, &file))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        full.recv_timeout(PATIENCE).expect("all purchases arrive");
        signal(child.id(), first);
        signal(child.id(), second);
        let finished = wait(child);
        // Two that wait at the same time come in no particular order.
        let died_of = finished.status.signal().expect("a signal ended it");
        assert!([first, second].contains(&died_of), "{finished:#?}");
        assert_eq!(rows(&file).len(), 200, "{first} {second}");
        assert!(finished.stdout.contains("interrupted"), "{finished:#?}");
    }
}

#[test]
fn an_interrupt_that_is_ignored_from_the_start_stays_ignored() {
    for name in ["INT", "QUIT", "HUP"] {
        let (server, full) = holding(3);
        let dir = tempdir().expect("a directory");
        let file = dir.path().join("report.csv");
        let ignoring = format!("trap '' {name}; exec \"$0\" \"$@\"");
        let child = Command::new("sh")
            .args(["-c", &ignoring, BINARY])
            .args(flags(&server.url(), 3, &file))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        full.recv_timeout(PATIENCE).expect("all purchases arrive");
        let number = match name {
            "INT" => libc::SIGINT,
            "QUIT" => libc::SIGQUIT,
            _ => libc::SIGHUP,
        };
        signal(child.id(), number);
        // Were the other not ignored, it would be the one that ends the process.
        signal(child.id(), libc::SIGTERM);
        let finished = wait(child);
        let died_of = finished.status.signal();
        assert_eq!(died_of, Some(libc::SIGTERM), "{finished:#?}");
        assert_eq!(rows(&file).len(), 3);
    }
}

#[test]
fn a_later_signal_exits_at_once() {
    // The reader of the rows takes them so slowly that the program does not end by itself.
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
    let mut pipe = child.stdout.take().expect("piped");
    let mut some = [0; 8192];
    let mut taken = 0;
    // The first rows in the pipe say that the first signal was taken.
    taken += std::io::Read::read(&mut pipe, &mut some).expect("rows are coming");
    let first = std::time::Instant::now();
    while first.elapsed() < profilerclient::sys::signal::GRACE {
        std::thread::park_timeout(std::time::Duration::from_millis(100));
        taken += std::io::Read::read(&mut pipe, &mut some).expect("rows are coming");
    }
    signal(child.id(), libc::SIGTERM);
    let finished = wait(child);
    let died_of = finished.status.signal();
    assert_eq!(died_of, Some(libc::SIGTERM), "{finished:#?}");
    taken += std::io::Read::read_to_end(&mut pipe, &mut Vec::new()).expect("what is left");
    assert!(taken < 500 * 1000, "{taken}");
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
