//! Tests of stream.

use std::io::{Read, pipe};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;

use super::*;

fn is_nonblocking(descriptor: &impl AsRawFd) -> bool {
    let flags = syscall!(fcntl(descriptor.as_raw_fd(), libc::F_GETFL)).expect("flags");
    flags & libc::O_NONBLOCK != 0
}

/// Writes until nothing more is taken; how many bytes were.
fn fill(stream: &Stream) -> usize {
    let bytes = [b'x'; 10_000];
    let mut filled = 0;
    loop {
        match stream.write(&bytes) {
            Ok(n) => filled += n,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::WouldBlock, "{error}");
                return filled;
            }
        }
        assert!(filled < 64 << 20, "nobody reads, so there is an end");
    }
}

/// What all ways have in common.
fn check(stream: &Stream, mut reader: impl Read, shared: &impl AsRawFd) {
    assert!(stream.wait(Duration::ZERO).expect("asked"));
    let filled = fill(stream);
    assert!(filled >= 4096, "{filled}");
    assert!(!is_nonblocking(shared), "what others share stays as it is");
    assert!(!stream.wait(Duration::from_millis(1)).expect("asked"));
    let mut taken = vec![0; filled];
    reader.read_exact(&mut taken).expect("what was written");
    assert!(stream.wait(Duration::from_secs(10)).expect("asked"));
    assert!(fill(stream) > 0);
    drop(reader);
    let error = stream.write(b"x").expect_err("nobody reads any more");
    assert_eq!(error.kind(), ErrorKind::BrokenPipe, "{error}");
}

#[test]
fn an_inherited_pipe_is_opened_a_second_time() {
    let (reader, writer) = pipe().expect("a pipe");
    let file = File::from(OwnedFd::from(writer.try_clone().expect("a duplicate")));
    let stream = Stream::inherited(file).expect("a stream");
    assert_eq!(stream.way, Way::Plain);
    check(&stream, reader, &writer);
}

#[test]
fn a_pipe_that_cannot_be_reopened_is_polled_first() {
    let (reader, writer) = pipe().expect("a pipe");
    let file = File::from(OwnedFd::from(writer.try_clone().expect("a duplicate")));
    let kind = file.metadata().expect("a pipe").file_type();
    let stream = Stream::shared(file, kind);
    assert_eq!(stream.way, Way::Poll(libc::PIPE_BUF));
    check(&stream, reader, &writer);
}

#[test]
fn a_socket_accepts_what_fits_its_buffer() {
    let (reader, writer) = UnixStream::pair().expect("a pair");
    let file = File::from(OwnedFd::from(writer.try_clone().expect("a duplicate")));
    let stream = Stream::inherited(file).expect("a stream");
    assert_eq!(stream.way, Way::Socket);
    check(&stream, reader, &writer);
}

#[test]
fn only_a_pipe_takes_bytes_as_a_whole_or_not_at_all() {
    let (_reader, writer) = pipe().expect("a pipe");
    let stream = Stream::inherited(File::from(OwnedFd::from(writer))).expect("a stream");
    let whole = stream.atomic().expect("a pipe");
    let mut filled = 0;
    let error = loop {
        match stream.write(&vec![b'x'; whole - 1]) {
            Ok(taken) => {
                assert_eq!(taken, whole - 1);
                filled += taken;
            }
            Err(error) => break error,
        }
        assert!(filled < 64 << 20, "nobody reads, so there is an end");
    };
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    let (_reader, writer) = UnixStream::pair().expect("a pair");
    let stream = Stream::inherited(File::from(OwnedFd::from(writer))).expect("a stream");
    assert_eq!(stream.atomic(), None);
}
