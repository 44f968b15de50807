//! A slot: one shopper at a time and its present connection.

use std::io;
use std::os::fd::OwnedFd;

use super::transport::{Closing, Transport};
use crate::row::failure::Failure;
use crate::shopper::Shopper;
use crate::time::clock::Stamp;

/// The state of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// None, or a socket that is not connecting yet.
    Down,
    /// `connect()` was called; the request goes out when the handshake is over.
    Connecting,
    /// Connected; the request goes out when the TLS handshake is over.
    Securing,
    /// `connect()` was called ahead of the launch (`--preconnect`).
    Settling,
    /// Connected without an outstanding request: made ahead of the launch, or kept from the shopper
    /// before.
    Settled,
    /// The request is partly sent.
    Sending,
    /// The request is sent.
    Receiving,
}

/// One shopper's slot in the event loop; its index is the token of its sockets.
#[derive(Debug)]
pub struct Slot {
    /// The present shopper, or the last one.
    pub shopper: Shopper,
    /// The shopper's number in the plan.
    pub number: u64,
    /// Whether the shopper is launched and has no row yet.
    pub is_busy: bool,
    /// The connection.
    pub socket: Option<OwnedFd>,
    /// Plain, or TLS with its state.
    pub transport: Transport,
    /// The state of the connection.
    pub link: Link,
    /// The part of the request that the kernel has not accepted yet.
    pub unsent: Vec<u8>,
    /// Whether the connection was there before the present request: then the server may have closed
    /// it without having seen the request.
    pub reused: bool,
    /// When the present request (after a redirect, the present hop) started: no answer to it can
    /// have come before.
    pub asked: Stamp,
    /// Whether the next bytes on a reused connection are the first since the request started: they
    /// may have come before it.
    pub may_be_unasked: bool,
    /// Bytes sent on this connection; the kernel numbers its transmit stamps by them, and wraps too.
    pub sent_bytes: u32,
    /// The client's port of the connection, if it was queried.
    pub local_port: Option<u16>,
    /// Whether the server has closed its side: then a short read does not mean that everything is read.
    pub end_seen: bool,
    /// Whether bytes arrived on an idle connection before any request.
    pub is_early: bool,
    /// Whether this slot is in the list of slots with more to read.
    pub unfinished: bool,
    /// Bytes of the present response that count towards `--max-memory`.
    pub held_bytes: usize,
    /// Iterations without a response since the last one with a response.
    pub unanswered: u32,
    /// Why sending failed, while there may still be an answer to read.
    pub send_error: Option<io::Error>,
    /// Why an armed or settled connection is missing.
    pub setup_error: Option<Box<Failure>>,
}

impl Slot {
    /// A slot for a shopper, without a connection.
    pub fn new(number: u64, shopper: Shopper) -> Slot {
        Slot {
            shopper,
            number,
            is_busy: false,
            socket: None,
            transport: Transport::Plain,
            link: Link::Down,
            unsent: Vec::new(),
            reused: false,
            asked: Stamp::default(),
            may_be_unasked: false,
            sent_bytes: 0,
            local_port: None,
            end_seen: false,
            is_early: false,
            unfinished: false,
            held_bytes: 0,
            unanswered: 0,
            send_error: None,
            setup_error: None,
        }
    }

    /// Gives up the armed or settled connection.
    pub fn fail_setup(&mut self, failure: Failure) {
        self.hang_up();
        self.setup_error = Some(Box::new(failure));
    }

    /// Uses the idle connection for the request started at `now`.
    pub fn reuse(&mut self) {
        self.reused = true;
        self.may_be_unasked = true;
        self.link = Link::Settled;
    }

    /// Whether the connection, on which a response has just ended, can carry another request:
    /// nothing is left to send and the server has not closed its side.
    pub fn is_whole(&self) -> bool {
        self.link == Link::Receiving && !self.end_seen
    }

    /// Closes the connection, if there is one.
    pub fn hang_up(&mut self) {
        drop(self.detach());
    }

    /// Gives up the connection, if there is one; the caller closes it by dropping it.
    pub fn detach(&mut self) -> Option<Closing> {
        let transport = std::mem::take(&mut self.transport);
        let is_whole = !self.end_seen && self.unsent.is_empty();
        let socket = self.socket.take();
        let closing = socket.map(|socket| Closing::new(socket, transport, is_whole));
        self.link = Link::Down;
        self.unsent.clear();
        self.reused = false;
        self.may_be_unasked = false;
        self.sent_bytes = 0;
        self.local_port = None;
        self.end_seen = false;
        self.is_early = false;
        self.send_error = None;
        closing
    }
}
