//! Terminals and pipes that take nothing: neither the load nor the way out waits for them.

use std::fs::{self, File};
use std::io::{PipeReader, PipeWriter, Read, Write, pipe};
use std::os::fd::{AsRawFd, OwnedFd};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::tempdir;

use crate::load_support::*;
use crate::support::*;

/// A signal is answered within this time, the second of grace included.
const SOON: Duration = Duration::from_secs(15);

/// A pipe without any room, and what is in it.
fn full_pipe() -> (PipeReader, PipeWriter, usize) {
    let (reader, writer) = pipe().expect("a pipe");
    // A description of its own, since that of the writer is the program's.
    let path = format!("/proc/self/fd/{}", writer.as_raw_fd());
    let stream = profilerclient::sys::stream::Stream::open(Path::new(&path)).expect("the pipe");
    let mut filled = 0;
    while let Ok(written) = stream.write(&[b'x'; 4096]) {
        filled += written;
    }
    (reader, writer, filled)
}

fn is_blocking(writer: &PipeWriter) -> bool {
    let flags = fs::read_to_string(format!("/proc/self/fdinfo/{}", writer.as_raw_fd()));
    let flags = flags.expect("a descriptor of this process");
    let flags = flags.lines().find_map(|line| line.strip_prefix("flags:"));
    let flags = i32::from_str_radix(flags.expect("flags").trim(), 8).expect("octal");
    flags & libc::O_NONBLOCK == 0
}

/// Waits for the end of a program; how long that took.
fn end_of(mut child: Child) -> (std::process::ExitStatus, Duration) {
    let began = Instant::now();
    let mut status = None;
    wait_until("the end", || {
        status = child.try_wait().expect("a child");
        status.is_some()
    });
    (status.expect("it has ended"), began.elapsed())
}

fn dup(writer: &PipeWriter) -> Stdio {
    OwnedFd::from(writer.try_clone().expect("a duplicate")).into()
}

#[test]
fn a_log_of_progress_that_nobody_reads_does_not_stop_the_load() {
    let shop = Shop::start(&[]);
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let path = file.to_str().expect("UTF-8");
    let (_reader, writer, _) = full_pipe();
    let load = "--rate 50/s --duration 6s --progress log";
    let child = command(words(&shop.url, path, load))
        .stdout(Stdio::null())
        .stderr(dup(&writer))
        .spawn()
        .expect("the program starts");
    let (status, _) = end_of(child);
    assert_eq!(status.code(), Some(0));
    assert_eq!(rows(&file).len(), 300);
    assert!(is_blocking(&writer), "what others share stays as it is");
}

#[test]
fn events_that_nobody_reads_are_kept_for_later() {
    let shop = Shop::start(&[]);
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let path = file.to_str().expect("UTF-8");
    let (mut reader, writer, filled) = full_pipe();
    let child = command(words(&shop.url, path, "--rate 50/s --duration 3s"))
        .stdout(Stdio::null())
        .stderr(dup(&writer))
        .spawn()
        .expect("the program starts");
    drop(writer);
    wait_until("rows", || fs::metadata(&file).is_ok_and(|of| of.len() > 0));
    let moved = dir.path().join("report.1.csv");
    fs::rename(&file, &moved).expect("as logrotate does");
    wait_until("rows", || fs::metadata(&file).is_ok_and(|of| of.len() > 0));
    reader
        .read_exact(&mut vec![0; filled])
        .expect("what the pipe was filled with");
    let mut said = String::new();
    reader.read_to_string(&mut said).expect("text");
    assert_eq!(end_of(child).0.code(), Some(0), "{said}");
    assert!(said.contains("report.1.csv"), "{said}");
    assert_eq!(rows(&file).len() + rows(&moved).len(), 150);
}

#[test]
fn a_summary_that_nobody_reads_is_waited_for_until_a_signal_comes() {
    let shop = Shop::start(&[]);
    for number in [libc::SIGINT, libc::SIGTERM] {
        let dir = tempdir().expect("a directory");
        let (file, json) = (dir.path().join("r.csv"), dir.path().join("r.json"));
        let (_out, stdout, _) = full_pipe();
        let (_err, stderr, _) = full_pipe();
        let mut child = command(flags(&shop.url, 5, &file))
            .args([Path::new("--json-file"), &json])
            .stdout(dup(&stdout))
            .stderr(dup(&stderr))
            .spawn()
            .expect("the program starts");
        wait_until("the JSON file", || {
            fs::read_to_string(&json).is_ok_and(|text| text.trim_end().ends_with('}'))
        });
        assert!(child.try_wait().expect("a child").is_none(), "it waits");
        signal(child.id(), number);
        let (status, waited) = end_of(child);
        assert_eq!(status.signal(), Some(number));
        assert!(waited < SOON, "{waited:?}");
        assert_eq!(rows(&file).len(), 5);
    }
}

#[test]
fn a_summary_that_is_read_late_is_read_whole() {
    let shop = Shop::start(&[]);
    let dir = tempdir().expect("a directory");
    let (file, json) = (dir.path().join("r.csv"), dir.path().join("r.json"));
    let (mut reader, writer, filled) = full_pipe();
    let child = command(flags(&shop.url, 5, &file))
        .args([Path::new("--json-file"), &json])
        .stdout(dup(&writer))
        .spawn()
        .expect("the program starts");
    drop(writer);
    wait_until("the JSON file", || json.exists());
    reader
        .read_exact(&mut vec![0; filled])
        .expect("what the pipe was filled with");
    let mut summary = String::new();
    reader.read_to_string(&mut summary).expect("text");
    assert!(summary.starts_with("5 of 5 purchases"), "{summary}");
    assert!(summary.contains("(+5)"), "{summary}");
    assert_eq!(end_of(child).0.code(), Some(0));
}

#[test]
fn a_json_file_that_is_a_pipe_waits_for_its_reader_until_a_signal_comes() {
    let shop = Shop::start(&[]);
    let dir = tempdir().expect("a directory");
    let (file, fifo) = (dir.path().join("r.csv"), dir.path().join("fifo"));
    let made = Command::new("mkfifo").arg(&fifo).status();
    assert!(made.expect("coreutils").success());
    let start = || {
        command(flags(&shop.url, 2, &file))
            .args([Path::new("--json-file"), &fifo])
            .stdout(Stdio::null())
            .spawn()
            .expect("the program starts")
    };
    let read = start();
    let json = fs::read_to_string(&fifo).expect("JSON");
    serde_json::from_str::<serde_json::Value>(&json).expect("one object");
    assert_eq!(end_of(read).0.code(), Some(0));
    let unread = start();
    wait_until("the rows", || rows(&file).len() == 4);
    signal(unread.id(), libc::SIGINT);
    let (status, waited) = end_of(unread);
    assert_eq!(status.signal(), Some(libc::SIGINT));
    assert!(waited < SOON, "{waited:?}");
}

#[test]
fn rows_that_nobody_reads_any_more_end_with_a_whole_row() {
    let shop = Shop::start(&[]);
    let mut child = command(words(&shop.url, "-", "-c 8 --duration 60s --keep-alive"))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdout = child.stdout.take().expect("piped");
    wait_until("purchases", || shop.stat("purchases") > 2_000);
    signal(child.id(), libc::SIGINT);
    let finished = wait(child);
    assert_eq!(finished.code(), Some(1), "rows are lost: {finished:#?}");
    let mut text = String::new();
    stdout.read_to_string(&mut text).expect("what a pipe holds");
    let written = rows_of(&text).len();
    let told = format!("{written} rows of this run were written, ");
    assert!(finished.stderr.contains(&told), "{finished:#?}");
}

/// Runs the program on a terminal of its own (script(1)), which is told what to do by its input.
fn on_a_terminal(line: &str) -> Child {
    Command::new("script")
        .args(["-qefc", line, "/dev/null"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("script(1) of util-linux")
}

#[test]
fn a_terminal_that_is_stopped_does_not_stop_the_load() {
    let shop = Shop::start(&[]);
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let path = file.display();
    let url = &shop.url;
    let line = format!("{BINARY} -t {url} -d rdbms -o {path} --rate 100/s --duration 4s");
    let mut child = on_a_terminal(&line);
    let mut input = child.stdin.take().expect("piped");
    wait_until("purchases", || shop.stat("purchases") > 20);
    input.write_all(b"\x13").expect("Ctrl-S");
    wait_until("all purchases", || shop.stat("purchases") == 400);
    assert!(child.try_wait().expect("a child").is_none(), "it waits");
    input.write_all(b"\x11").expect("Ctrl-Q");
    let finished = wait(child).ok();
    assert_eq!(rows(&file).len(), 400);
    let summary = "400 of 400 purchases";
    let shown = &finished.stdout;
    assert!(shown.contains(summary), "{shown:?}");
    let (progress, _) = shown.split_once(summary).expect("found before");
    let last = progress.rfind("launched").expect("a progress line");
    let wiped = "\x1b[K\r\x1b[K";
    assert!(progress[last..].contains(wiped), "{shown:?}");
}

#[test]
fn rows_on_a_terminal_stand_without_a_progress_line() {
    let server = Scripted::purchases(|mut stream| {
        std::thread::park_timeout(Duration::from_millis(500));
        respond(&mut stream, &report());
    });
    for file in ["-", "/dev/tty", "/dev/stdout"] {
        let line = format!("{BINARY} -t {} -d rdbms -c 2 -o {file}", server.url());
        let finished = wait(on_a_terminal(&line)).ok();
        assert!(finished.stdout.contains("concurrent_requests"));
        assert!(!finished.stdout.contains("in flight"), "{finished:#?}");
    }
}

#[test]
fn texts_that_cannot_be_written_are_an_error() {
    for words in ["help", "--help", "man", "version", "completions bash"] {
        let args: Vec<&str> = words.split(' ').collect();
        let full = File::options().write(true).open("/dev/full");
        let mut command = command(&args);
        let child = command
            .stdout(full.expect("the device"))
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        wait(child).refused(1, &["standard output cannot be written", "No space left"]);
        let mut closed = Command::new("sh");
        closed
            .args(["-c", "exec \"$0\" \"$@\" >&-", BINARY])
            .args(&args);
        finish(closed).refused(1, &["standard output cannot be written"]);
        // A parent may open it for reading and writing.
        let null = File::options().read(true).write(true).open("/dev/null");
        let child = command.stdout(null.expect("the device")).spawn();
        wait(child.expect("the program starts")).ok();
        let (reader, writer) = pipe().expect("a pipe");
        drop(reader);
        let child = command.stdout(writer).spawn();
        let finished = wait(child.expect("the program starts")).ok();
        assert_eq!(finished.stderr, "");
    }
}
