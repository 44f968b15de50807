//! Serves one connection: what the event loop does when a connection is ready.

use std::io;
use std::mem;

use super::connection::{Connection, Ending, Id, Input, Phase};
use super::faults::FaultKind;
use super::http::{Parser, Persistence, Progress};
use super::layer::Spoilt;
use super::purchase::{Order, Outcome, Times};
use super::queue::Finished;
use super::refusal::Refusal;
use super::response::CONTINUE;
use super::server::{COLLECT, DRIP, Fate, LINGER, Server};
use crate::time::clock::Stamp;

impl Server {
    /// Writes, reads and answers as far as possible.
    pub(super) fn look_after(&mut self, connection: &mut Connection, id: Id) -> Fate {
        match self.try_to_look_after(connection, id) {
            Ok(fate) => fate,
            Err(_) => {
                // Answers that could not be sent must not be sent on the next connection.
                self.answers.clear();
                Fate::Drop
            }
        }
    }

    fn try_to_look_after(&mut self, connection: &mut Connection, id: Id) -> io::Result<Fate> {
        if connection.phase != Phase::Dripping {
            connection.send_pending()?;
        }
        if connection.takes_requests()
            && let Some(mut input) = connection.input.take()
        {
            let Input { bytes, parser } = &mut *input;
            let consumed = self.answer_all(connection, id, bytes, parser)?;
            keep_rest(connection, input, consumed);
        }
        while connection.readable && connection.reads() {
            let mut buffer = mem::take(&mut self.received);
            let result = self.read_once(connection, id, &mut buffer);
            self.received = buffer;
            result?;
        }
        self.settle(connection, id)
    }

    fn read_once(
        &mut self,
        connection: &mut Connection,
        id: Id,
        buffer: &mut [u8],
    ) -> io::Result<()> {
        let received = connection.receive(buffer)?;
        if let Some(tls) = &mut connection.tls
            && let Some(kind) = tls.take_handshake()
        {
            self.desk.stats.count_handshake(kind);
        }
        let Some(received) = received.filter(|_| connection.takes_requests()) else {
            return Ok(());
        };
        if received > 0
            && let Some(kind) = connection.on_hello.take()
        {
            return self.answer_hello(connection, kind);
        }
        let bytes = &buffer[..received];
        match connection.input.take() {
            Some(mut input) => {
                input.bytes.extend_from_slice(bytes);
                let Input { bytes, parser } = &mut *input;
                let consumed = self.answer_all(connection, id, bytes, parser)?;
                keep_rest(connection, input, consumed);
            }
            None => {
                let mut parser = Parser::default();
                let consumed = self.answer_all(connection, id, bytes, &mut parser)?;
                if consumed < received {
                    let bytes = bytes[consumed..].to_vec();
                    connection.input = Some(Box::new(Input { bytes, parser }));
                }
            }
        }
        Ok(())
    }

    /// Answers the first bytes of a client, whatever they are, by a fault.
    fn answer_hello(&mut self, connection: &mut Connection, kind: FaultKind) -> io::Result<()> {
        connection.ending = Some(Ending::Close);
        match kind {
            FaultKind::TlsAlert => self.answers.extend_from_slice(HANDSHAKE_FAILURE),
            FaultKind::TlsPlain => self.desk.answer_plainly(&mut self.answers),
            _ => connection.ending = Some(Ending::Reset),
        }
        connection.send(&mut self.answers)
    }

    /// Answers the requests in `bytes` until one is incomplete or has to wait; returns the bytes
    /// that are done with.
    fn answer_all(
        &mut self,
        connection: &mut Connection,
        id: Id,
        bytes: &[u8],
        parser: &mut Parser,
    ) -> io::Result<usize> {
        let mut consumed = 0;
        while connection.takes_requests() && consumed < bytes.len() {
            let rest = &bytes[consumed..];
            match parser.advance(rest) {
                Progress::Partial { send_continue } => {
                    if send_continue {
                        self.answers.extend_from_slice(CONTINUE);
                    }
                    break;
                }
                Progress::Complete { consumed: length } => {
                    let now = self.clock.now();
                    match parser.request(rest) {
                        Some(request) => {
                            let outcome = self.desk.receive(&request, now, &mut self.answers);
                            let closes = request.persistence == Persistence::Close;
                            self.carry_out(connection, id, outcome, closes, now);
                        }
                        None => self.refuse(connection, Refusal::Malformed("no such target")),
                    }
                    consumed += length;
                    *parser = Parser::default();
                }
                Progress::Refused(refusal) => {
                    self.refuse(connection, refusal);
                    consumed = bytes.len();
                }
            }
            if self.answers.len() >= COLLECT {
                connection.send(&mut self.answers)?;
            }
        }
        connection.send(&mut self.answers)?;
        Ok(consumed)
    }

    fn refuse(&mut self, connection: &mut Connection, refusal: Refusal) {
        let now = self.clock.now();
        self.desk.refuse(refusal, now, &mut self.answers);
        connection.ending = Some(Ending::Close);
    }

    fn carry_out(
        &mut self,
        connection: &mut Connection,
        id: Id,
        outcome: Outcome,
        closes: bool,
        now: Stamp,
    ) {
        match outcome {
            Outcome::Answered if closes => connection.ending = Some(Ending::Close),
            Outcome::Answered => {}
            Outcome::Struck(FaultKind::Stall) => connection.phase = Phase::Stalled,
            Outcome::Struck(FaultKind::Reset) => connection.ending = Some(Ending::Reset),
            Outcome::Struck(_) => connection.ending = Some(Ending::Close),
            Outcome::Purchase(order) if self.queue.is_instant() => {
                self.complete(connection, id, &order, now, now);
            }
            Outcome::Purchase(order) => {
                connection.phase = Phase::Working;
                self.queue.arrive(now, (id, order));
            }
        }
    }

    /// A purchase's service time has ended. It is booked even if the client has disconnected.
    pub(super) fn finish(&mut self, finished: &Finished<(Id, Order)>) {
        let (id, order) = finished.job;
        let found = self.with_connection(id, |server, connection| {
            connection.phase = Phase::Open;
            let (taken_up, second_stage) = (finished.taken_up, finished.second_stage);
            server.complete(connection, id, &order, taken_up, second_stage);
            match connection.send(&mut server.answers) {
                Ok(()) => server.look_after(connection, id),
                Err(_) => {
                    server.answers.clear();
                    Fate::Drop
                }
            }
        });
        if !found {
            self.desk.book(&order);
        }
    }

    /// Books a purchase and appends its answer, corrupted if a fault applies.
    fn complete(
        &mut self,
        connection: &mut Connection,
        id: Id,
        order: &Order,
        taken_up: Stamp,
        second_stage: Stamp,
    ) {
        let sale = self.desk.book(order);
        let times = Times {
            taken_up,
            second_stage,
            stopped: self.clock.now(),
        };
        let start = self.answers.len();
        let head = self.desk.answer(order, &sale, times, &mut self.answers);
        let body = self.answers.len() - start - head;
        if order.persistence == Persistence::Close {
            connection.ending = Some(Ending::Close);
        }
        match order.fault {
            Some(FaultKind::Cut) => self.answers.truncate(start + head + body / 2),
            Some(FaultKind::ResetWithin) => {
                self.answers.truncate(start + head + body / 2);
                connection.ending = Some(Ending::Reset);
            }
            Some(FaultKind::TlsCorrupt) => connection.spoil(Spoilt::Corrupt),
            Some(FaultKind::TlsTruncate) => {
                // A body that ends with the stream is whole only after close_notify.
                self.answers.truncate(start + head + body / 2);
                connection.spoil(Spoilt::Truncated);
            }
            Some(FaultKind::SlowDrip) => {
                // Answers to earlier pipelined requests are dripped, too.
                connection.drip(&mut self.answers);
                self.dripping.push_back((times.stopped.after(DRIP), id));
            }
            _ => {}
        }
    }

    /// Closes the connection if it is due.
    fn settle(&mut self, connection: &mut Connection, id: Id) -> io::Result<Fate> {
        if connection.phase == Phase::Open && connection.has_sent_all() {
            match connection.ending {
                Some(Ending::Reset) => {
                    connection.reset_on_close();
                    return Ok(Fate::Drop);
                }
                Some(Ending::Close) => {
                    connection.say_goodbye()?;
                    if !connection.has_sent_all() {
                        return Ok(Fate::Keep);
                    }
                    if connection.ended {
                        return Ok(Fate::Drop);
                    }
                    connection.linger()?;
                    let end = self.clock.now().after(LINGER);
                    self.lingering.push_back((end, id));
                    // Input that was not read because the connection was to be closed is discarded now.
                    return self.try_to_look_after(connection, id);
                }
                None => {}
            }
        }
        let waits = connection.phase == Phase::Working || !connection.has_sent_all();
        Ok(match connection.ended && !waits {
            true => Fate::Drop,
            false => Fate::Keep,
        })
    }
}

/// A fatal alert in a record (RFC 8446 section 6): `handshake_failure`.
const HANDSHAKE_FAILURE: &[u8] = &[21, 3, 3, 0, 2, 2, 40];

/// Keeps what a stored input still holds.
fn keep_rest(connection: &mut Connection, mut input: Box<Input>, consumed: usize) {
    if consumed < input.bytes.len() {
        input.bytes.drain(..consumed);
        connection.input = Some(input);
    }
}
