//! When what happened to a shopper's present request: its stamps and delays, in the row's exchange.

use crate::row::Handshake;
use crate::time::clock::Stamp;

use super::Shopper;

impl Shopper {
    /// Records when this shopper was due by the plan.
    pub fn set_due(&mut self, due: Stamp) {
        self.row.due = Some(due);
    }

    /// Stamps the start of the present request, once: redirects and retries are included. The time from
    /// the arrival of a redirect to the start of its request is also added to the hop delay.
    pub fn start(&mut self, now: Stamp) {
        if let Some(visit) = &mut self.visit {
            visit.now = now;
        }
        let redirected = self.redirected.take();
        let exchange = self.exchange();
        exchange.started.get_or_insert(now);
        if let Some(redirected) = redirected {
            exchange.hop_delay += now.since(redirected);
        }
    }

    /// Stamps the end of the handshake, once.
    pub fn note_connected(&mut self, now: Stamp) {
        self.exchange().connected.get_or_insert(now);
    }

    /// Records that a TLS handshake has begun, if it is the one of the first hop.
    pub fn note_handshake(&mut self) {
        let exchange = self.exchange();
        if exchange.sent.is_none() && exchange.handshake == Handshake::None {
            exchange.handshake = Handshake::Unfinished;
        }
    }

    /// Stamps the end of the TLS handshake, once.
    pub fn note_secured(&mut self, now: Stamp, handshake: Handshake) {
        let exchange = self.exchange();
        if exchange.handshake == Handshake::Unfinished {
            exchange.handshake = handshake;
            exchange.secured = Some(now);
        }
    }

    /// Stamps the end of sending, once: `before` was read just before the write that took the last byte.
    /// `is_rest`: earlier writes had taken some.
    pub fn note_sent(&mut self, before: Stamp, is_rest: bool) {
        let exchange = self.exchange();
        if exchange.sent.is_none() && exchange.first_byte.is_none() {
            exchange.sent = Some(before);
            self.is_sent_in_parts = is_rest;
        }
    }

    /// Adds to the send delay: how long the present request could have left before it did, nanoseconds.
    pub fn note_send_delay(&mut self, nanos: i64) {
        self.exchange().send_delay += nanos.max(0);
    }

    /// Takes that many nanoseconds out of the send delay.
    pub fn shorten_send_delay(&mut self, nanos: i64) {
        let delay = &mut self.exchange().send_delay;
        *delay = (*delay - nanos.max(0)).max(0);
    }

    /// Records when the bytes that are passed on next can have arrived at the earliest, as they may be stamped
    /// late.
    pub fn note_earliest(&mut self, at: Stamp) {
        self.earliest = Some(at);
    }

    /// Sets when the first hop's last byte left by the kernel, which replaces the program's own time.
    pub fn note_left(&mut self, at: Stamp) {
        if self.redirects == 0 {
            self.exchange().sent = Some(at);
        }
    }

    /// Records the client's port of the present connection.
    pub fn note_port(&mut self, port: Option<u16>) {
        self.exchange().local_port = port;
    }
}
