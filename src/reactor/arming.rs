//! Before the launch: slots, sockets, and connections made ahead.

use std::io;
use std::ops::ControlFlow;

use mio::Events;

use crate::row::TlsFailure;
use crate::row::failure::{Failure, FailureKind};
use crate::shopper::Shopper;
use crate::sys::socket;

use super::recorder::Recorder;
use super::slot::{Link, Slot};
use super::socket::open;
use super::state::Reactor;

impl<R: Recorder> Reactor<'_, R> {
    /// Prepares what the first iterations of the virtual users need.
    pub(super) fn arm_slots(&mut self) {
        let level = self.plan.level().unwrap_or(0);
        for index in 0..self.plan.virtual_users() {
            let number = self.plan.first_of_slot(index);
            let mut shopper = Shopper::new(self.plan.orders.order(number), level);
            shopper.visit_page(self.scenario);
            if self.scenario.site.is_some() {
                shopper.identify(self.plan.orders.identity(number));
            }
            let mut slot = Slot::new(number, shopper);
            match open(&self.poll, self.settings, index, self.connections) {
                Ok(socket) => {
                    slot.socket = Some(socket);
                    self.connections += 1;
                }
                Err(error) => slot.setup_error = Some(Box::new(error.into())),
            }
            self.slots.push(slot);
            if self.tls.is_some()
                && let Err(error) = self.prepare_transport(index)
            {
                self.slots[index].fail_setup(error.into());
            }
        }
        self.requests.grow(self.slots.len());
        self.connects.grow(self.slots.len());
    }

    /// Connects all, and waits until each connection is established or has failed.
    pub(super) fn settle(&mut self, events: &mut Events) -> io::Result<()> {
        for index in 0..self.slots.len() {
            if self.signals.received().is_some() {
                return Ok(());
            }
            let slot = &mut self.slots[index];
            let Some(socket) = &slot.socket else { continue };
            match socket::connect(socket, &self.settings.address) {
                Ok(()) => {
                    slot.link = Link::Settling;
                    self.expect_connection(index, self.clock.now());
                    self.settling += 1;
                }
                Err(error) => slot.fail_setup(error.into()),
            }
        }
        while self.settling > 0 && self.signals.received().is_none() {
            self.waited_from = self.clock.now();
            let wait = self.wait_at_most(self.waited_from)?;
            self.poll_once(events, wait)?;
            let now = self.clock.now();
            while let Some(index) = self.connects.pop_due(now) {
                let slot = &self.slots[index];
                let stands = slot.socket.as_ref().is_some_and(socket::is_connected);
                let result = match (stands, slot.transport.is_ready()) {
                    (true, true) => Ok(()),
                    (true, false) => Err(FailureKind::Tls(TlsFailure::HandshakeTimeout)),
                    (false, _) => Err(FailureKind::ConnectTimeout),
                };
                self.finish_settling(index, result.map_err(Failure::from));
            }
            if let ControlFlow::Break(()) = self.recorder.end_iteration(&self.counts, now, false) {
                break;
            }
        }
        Ok(())
    }

    /// A connection that was made ahead is established or has failed.
    pub(super) fn finish_settling(&mut self, index: usize, result: Result<(), Failure>) {
        let slot = &mut self.slots[index];
        if slot.link != Link::Settling {
            return;
        }
        self.settling -= 1;
        self.connects.clear(index);
        match result {
            Ok(()) => {
                slot.link = Link::Settled;
                if self.settings.with_ports {
                    let socket = slot.socket.as_ref().expect("settling has one");
                    slot.local_port = socket::local_port(socket).ok();
                }
            }
            Err(failure) => slot.fail_setup(failure),
        }
    }
}
