//! A place for one shopper and the connection it has at present.

use std::io;
use std::os::fd::OwnedFd;

use crate::shopper::Shopper;

/// How far a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// None, or one made ready but not yet begun.
    Down,
    /// `connect()` was called; the request goes out when the handshake is over.
    Connecting,
    /// `connect()` was called ahead of the launch (`--preconnect`).
    Settling,
    /// Connected ahead of the launch.
    Settled,
    /// Part of the request is still here.
    Sending,
    /// The request is out.
    Receiving,
}

/// One shopper's place in the event loop; its index is the token of its sockets.
#[derive(Debug)]
pub struct Slot {
    /// Who is here; nobody before the launch and after the row.
    pub shopper: Option<Shopper>,
    /// The connection.
    pub socket: Option<OwnedFd>,
    /// How far the connection is.
    pub link: Link,
    /// What the kernel would not take of the request yet.
    pub unsent: Vec<u8>,
    /// Whether the connection was there before the present request: then the server may have closed
    /// it without having seen the request.
    pub reused: bool,
    /// Bytes sent on this connection; the kernel numbers its transmit stamps by them, and wraps too.
    pub sent_bytes: u32,
    /// The client's port of the connection, where it was asked for.
    pub local_port: Option<u16>,
    /// Whether the server has closed its side: then a short read does not mean that all is read.
    pub end_seen: bool,
    /// Whether bytes came on a connection made ahead before anything was asked.
    pub is_early: bool,
    /// Whether this slot waits in the list of those with more to read.
    pub unfinished: bool,
    /// Why sending broke off, while there may still be an answer to read.
    pub send_error: Option<io::Error>,
    /// Why there is no armed or settled connection.
    pub setup_error: Option<io::Error>,
}

impl Slot {
    /// A place for a shopper, without a connection.
    pub fn new(shopper: Shopper) -> Slot {
        Slot {
            shopper: Some(shopper),
            socket: None,
            link: Link::Down,
            unsent: Vec::new(),
            reused: false,
            sent_bytes: 0,
            local_port: None,
            end_seen: false,
            is_early: false,
            unfinished: false,
            send_error: None,
            setup_error: None,
        }
    }

    /// Whether the shopper here is past the home page.
    pub fn is_buying(&self) -> bool {
        self.shopper.as_ref().is_some_and(Shopper::is_buying)
    }

    /// There will be no armed or settled connection.
    pub fn fails_setup(&mut self, error: io::Error) {
        self.hang_up();
        self.setup_error = Some(error);
    }

    /// Closes the connection, if there is one.
    pub fn hang_up(&mut self) {
        self.socket = None;
        self.link = Link::Down;
        self.unsent.clear();
        self.reused = false;
        self.sent_bytes = 0;
        self.local_port = None;
        self.end_seen = false;
        self.is_early = false;
        self.send_error = None;
    }
}
