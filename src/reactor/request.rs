//! Sends requests.

use std::io;
use std::os::fd::OwnedFd;

use crate::row::failure::FailureKind;
use crate::shopper::Next;
use crate::sys::{socket, stamps};
use crate::time::clock::Stamp;

use super::recorder::Recorder;
use super::slot::Link;
use super::socket::open;
use super::state::Reactor;
use super::transport::{Closing, Transport};

/// A write of a request that takes longer than this, nanoseconds, did not run all the time.
const INTERRUPTED: i64 = 100_000;

/// How long after a look at a connection another one is as good, nanoseconds: what the server does within the
/// time that a packet takes in a local network cannot be seen anyway.
const SEEN_JUST_NOW: i64 = 100_000;

/// Requests of at most this many bytes take no time worth measuring to be put together.
const SHORT: usize = 4096;

impl<R: Recorder> Reactor<'_, R> {
    /// Starts the shopper's next request, on the present connection or a new one.
    pub(super) fn request(&mut self, index: usize, reuse: bool) -> Result<(), Next> {
        let mut now = self.clock.now();
        let reuse = reuse && !self.is_spoilt(index, &mut now);
        // The time of a new request begins after the last connection is closed and the socket is made.
        // That of a redirected one runs already: its last connection is closed when it is on its way.
        let (opened, last) = match reuse {
            true => (Ok(None), None),
            false => {
                let opened = self.open_anew(index);
                now = self.clock.now();
                opened
            }
        };
        let slot = &mut self.slots[index];
        slot.asked = now;
        let shopper = &mut slot.shopper;
        let begins = shopper.started().is_none();
        shopper.start(now);
        if begins {
            self.first_start.get_or_insert(now);
            self.counts.home_done += u64::from(shopper.is_first_after_home());
            self.expect_answer(index, now);
        } else {
            self.redirects_followed += 1;
        }
        let connected = match opened {
            Ok(None) => {
                self.slots[index].reuse();
                Ok(())
            }
            Ok(Some(socket)) => self.connect(index, socket, now),
            Err(error) => Err(error),
        };
        if let Err(error) = connected {
            let now = self.clock.now();
            return Err(self.fail(index, error.into(), now));
        }
        // Over loopback the handshake completes within connect(): the request need not wait for the
        // next iteration. Elsewhere the kernel reports at once that it is too early.
        let is_reused = self.slots[index].link == Link::Settled;
        let transmitted = self.transmit_from(index, is_reused.then_some(now));
        if let Some(last) = last {
            self.close(last);
        }
        transmitted
    }

    /// Whether something arrived on a kept connection that forbids a request: its end, or bytes
    /// without a request. A GET needs no check where the kernel's timestamp will show it, since it
    /// can be sent again. `now` is the present, before and after.
    #[inline(always)]
    pub(super) fn is_spoilt(&mut self, index: usize, now: &mut Stamp) -> bool {
        let is_read_out = self.read_out.take() == Some(index);
        let slot = &self.slots[index];
        if slot.socket.is_none() || slot.is_early {
            return true;
        }
        let is_seen = is_read_out && now.since(self.fetched) < SEEN_JUST_NOW;
        let needs_no_look = is_seen || !slot.shopper.is_post();
        !(needs_no_look && self.stamps_tell) && self.is_spoilt_now(index, now)
    }

    #[inline(never)]
    fn is_spoilt_now(&mut self, index: usize, now: &mut Stamp) -> bool {
        let slot = &self.slots[index];
        let is_spoilt = slot.socket.as_ref().is_none_or(socket::has_arrivals)
            && (!slot.transport.is_tls() || self.is_spoilt_tls(index));
        *now = self.clock.now();
        is_spoilt
    }

    /// A new socket, and the last connection of a request that has begun.
    fn open_anew(&mut self, index: usize) -> (io::Result<Option<OwnedFd>>, Option<Closing>) {
        let slot = &mut self.slots[index];
        if slot.link == Link::Down
            && let Some(prepared) = slot.socket.take()
        {
            // What it is for is known only now: which sessions it may resume.
            if self.tls.is_some()
                && !slot.transport.is_tls()
                && let Err(error) = self.prepare_transport(index)
            {
                return (Err(error), None);
            }
            return (Ok(Some(prepared)), None);
        }
        let last = slot.detach();
        let last = last.filter(|_| slot.shopper.started().is_some());
        let opened = self.open(index);
        if opened.is_ok() || last.is_none() && self.spent.is_empty() {
            self.connections += u64::from(opened.is_ok());
            return (opened.map(Some), last);
        }
        // The descriptors too many may be those of connections that have served.
        drop(last);
        self.spent.clear();
        let opened = self.open(index);
        self.connections += u64::from(opened.is_ok());
        (opened.map(Some), None)
    }

    /// A new socket, and with TLS the first message of its handshake.
    fn open(&mut self, index: usize) -> io::Result<OwnedFd> {
        let socket = open(&self.poll, self.settings, index, self.connections)?;
        if self.tls.is_some() {
            self.prepare_transport(index)?;
        }
        Ok(socket)
    }

    fn connect(&mut self, index: usize, socket: OwnedFd, now: Stamp) -> io::Result<()> {
        socket::connect(&socket, &self.settings.address)?;
        let slot = &mut self.slots[index];
        slot.socket = Some(socket);
        slot.link = Link::Connecting;
        self.expect_connection(index, now);
        Ok(())
    }

    pub(super) fn expect_answer(&mut self, index: usize, now: Stamp) {
        if let Some(timeout) = self.settings.timeout {
            self.requests.set(index, now.after(timeout));
        }
    }

    pub(super) fn expect_connection(&mut self, index: usize, now: Stamp) {
        if let Some(timeout) = self.settings.connect_timeout {
            self.connects.set(index, now.after(timeout));
        }
    }

    /// Sends as much of the present request as the kernel accepts. `Err` is what follows a failure.
    pub(super) fn transmit(&mut self, index: usize) -> Result<(), Next> {
        self.transmit_from(index, None)
    }

    /// The same, right after the instant `began`, which a short plain request takes for that of its write: its bytes
    /// are put together in a tenth of a microsecond.
    fn transmit_from(&mut self, index: usize, began: Option<Stamp>) -> Result<(), Next> {
        let is_tls = self.slots[index].transport.is_tls();
        if is_tls && !self.is_secured(index)? {
            return Ok(());
        }
        let slot = &mut self.slots[index];
        let socket = slot.socket.as_ref().expect("a connection to send on");
        let is_rest = slot.link == Link::Sending;
        let bytes = if is_rest {
            &slot.unsent
        } else {
            self.write_buffer.clear();
            slot.shopper
                .write_request(self.scenario, &mut self.write_buffer);
            if is_tls
                && let (Transport::Tls(link), Some(tls)) = (&mut slot.transport, &mut self.tls)
            {
                if let Err(failure) = tls.seal(link, &mut slot.unsent, &self.write_buffer) {
                    let now = self.clock.now();
                    return Err(self.fail(index, failure, now));
                }
                &tls.out
            } else {
                &self.write_buffer
            }
        };
        if self.settings.transmit_stamps && slot.sent_bytes == 0 {
            // Where the kernel has no timestamp, the instant after the write is used.
            let _ = stamps::enable_transmit_stamps(socket).and_then(|()| socket::no_delay(socket));
        }
        let is_prompt = !is_tls && !self.settings.transmit_stamps && bytes.len() <= SHORT;
        let before = (began.filter(|_| is_prompt)).unwrap_or_else(|| self.clock.now());
        match socket::send(socket, bytes) {
            Ok(sent) => {
                // An answer can arrive within `send()`: what was read before it comes before it.
                let shopper = &mut slot.shopper;
                shopper.note_connected(before);
                slot.sent_bytes = slot.sent_bytes.wrapping_add(sent as u32);
                if slot.link == Link::Connecting {
                    self.connects.clear(index);
                    if self.settings.with_ports {
                        slot.local_port = socket::local_port(socket).ok();
                    }
                }
                shopper.note_port(slot.local_port);
                if sent == bytes.len() {
                    shopper.note_sent(before, is_rest);
                    // The event that ends the wait for a handshake or for room may have been there since
                    // the last look.
                    let possible = match slot.link {
                        Link::Settled => slot.asked,
                        _ => slot.asked.max(self.looked),
                    };
                    let mut delay = before.since(possible);
                    // A write that took long was interrupted, most likely before the request left.
                    let within = self.clock.now().since(before);
                    if within > INTERRUPTED {
                        delay += within;
                    }
                    shopper.note_send_delay(delay);
                    slot.unsent = Vec::new();
                    slot.link = Link::Receiving;
                } else if is_rest {
                    slot.unsent.drain(..sent);
                } else {
                    slot.unsent = bytes[sent..].to_vec();
                    slot.link = Link::Sending;
                }
                Ok(())
            }
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                if !is_rest && (slot.reused || is_tls) {
                    slot.unsent = bytes.clone();
                    slot.link = Link::Sending;
                }
                Ok(())
            }
            Err(error) => Err(self.fail_send(index, error, is_rest)),
        }
    }

    /// The kernel's transmit timestamp of the present request, if it is that of its last byte.
    pub(super) fn take_transmit_stamps(&mut self, index: usize) {
        let slot = &mut self.slots[index];
        let Some(socket) = &slot.socket else { return };
        let shopper = &mut slot.shopper;
        let now = self.clock.now();
        while let Ok(Some(stamp)) = stamps::take_transmit_stamp(socket) {
            let is_last =
                slot.link == Link::Receiving && stamp.byte == slot.sent_bytes.wrapping_sub(1);
            if !is_last {
                continue;
            }
            let earliest = shopper.started().unwrap_or_default();
            let clock = &mut self.kernel_clock;
            if let Some(at) = clock.instant_between(stamp.unix_nanos, earliest, now, self.clock) {
                shopper.note_left(at);
            }
        }
    }

    fn fail_send(&mut self, index: usize, error: io::Error, is_rest: bool) -> Next {
        let slot = &mut self.slots[index];
        if slot.reused && !is_rest {
            // Nothing of this request was sent: the server had closed the connection before.
            return Next::Request { reuse: false };
        }
        let kind = FailureKind::of_io(&error);
        if kind != FailureKind::ConnectionReset {
            let now = self.clock.now();
            return self.fail(index, kind.into(), now);
        }
        // The server gave up, but it may have answered before that.
        self.connects.clear(index);
        slot.link = Link::Receiving;
        slot.send_error = Some(error);
        slot.end_seen = true;
        self.receive(index)
    }
}
