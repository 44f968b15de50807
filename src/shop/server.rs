//! The event loop: the only part of the shop that opens, closes, registers and waits.

use std::collections::VecDeque;
use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener as StdTcpListener};
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::time::Duration;

use mio::event::{Event, Source};
use mio::net::TcpListener;
use mio::unix::SourceFd;
use mio::{Events, Interest, Poll, Token};
use rustls::ServerConfig;

use super::connection::{Connection, Connections, Id, Phase};
use super::desk::Desk;
use super::faults::FaultKind;
use super::layer::Layer;
use super::purchase::Order;
use super::queue::Queue;
use super::settings::Settings;
use crate::sys::socket;
use crate::sys::timer::Timer;
use crate::time::clock::{Clock, Stamp};

const LISTENER: Token = Token(usize::MAX);
const TIMER: Token = Token(usize::MAX - 1);
const WAKE: Token = Token(usize::MAX - 2);

/// Connections that may wait to be accepted; the kernel lowers it to `net.core.somaxconn`.
const BACKLOG: i32 = 65_535;
/// The most connections accepted at once, so that a flood of them does not delay purchases.
const ACCEPT_BATCH: usize = 256;
/// How long accepting pauses if no file descriptor is left, unless a connection closes before.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);
/// Received at once at most, bytes.
const RECEIVE: usize = 64 * 1024;
/// Answers to pipelined requests are collected up to this number of bytes.
pub(super) const COLLECT: usize = 64 * 1024;
/// How long a client may take to close after an answer that closes.
pub(super) const LINGER: Duration = Duration::from_secs(2);
/// Lingering ones are given up at multiples of this number of nanoseconds.
const LINGER_GRID: u64 = 100_000_000;
/// Between two bytes of a dripping answer.
pub(super) const DRIP: Duration = Duration::from_millis(2);

/// The server.
#[derive(Debug)]
pub struct Server {
    poll: Poll,
    listener: TcpListener,
    /// What the connections' TLS layers share; absent if they have none.
    tls: Option<Arc<ServerConfig>>,
    timer: Timer,
    /// What the timer is set to.
    timer_due: Option<Stamp>,
    pub(super) clock: Clock,
    pub(super) desk: Desk,
    pub(super) queue: Queue<(Id, Order)>,
    connections: Connections,
    /// When to give up on lingering ones. Each takes equally long, so these are in order.
    pub(super) lingering: VecDeque<(Stamp, Id)>,
    /// When to send the next byte of dripping ones; in order as well.
    pub(super) dripping: VecDeque<(Stamp, Id)>,
    accepting: Accepting,
    /// Buffers that all connections share.
    pub(super) received: Vec<u8>,
    pub(super) answers: Vec<u8>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Accepting {
    /// There may be connections to accept.
    Ready,
    /// Waits for the next event of the listener.
    Waiting,
    /// No file descriptors are left; retried when a connection closes or at this instant.
    PausedUntil(Stamp),
}

/// What follows for a connection that was served.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Keep,
    Drop,
}

impl Server {
    /// Listens, but does not serve yet. `tls` is what [`Settings::tls`] names.
    pub fn open(settings: &Settings, tls: Option<Arc<ServerConfig>>) -> io::Result<Server> {
        let socket = socket::listener(settings.listen, BACKLOG)?;
        // Connections inherit it, which saves a system call for each.
        socket::no_delay(&socket)?;
        let mut listener = TcpListener::from_std(StdTcpListener::from(socket));
        let timer = Timer::new()?;
        let poll = Poll::new()?;
        let registry = poll.registry();
        registry.register(&mut listener, LISTENER, Interest::READABLE)?;
        let timer_fd = timer.as_raw_fd();
        registry.register(&mut SourceFd(&timer_fd), TIMER, Interest::READABLE)?;
        let clock = Clock::start();
        Ok(Server {
            poll,
            listener,
            tls,
            timer,
            timer_due: None,
            clock,
            desk: Desk::new(settings, clock)?,
            queue: Queue::new(settings.service_time, settings.workers, settings.rest),
            connections: Connections::default(),
            lingering: VecDeque::new(),
            dripping: VecDeque::new(),
            accepting: Accepting::Ready,
            received: vec![0; RECEIVE],
            answers: Vec::new(),
        })
    }

    /// The address on which it listens.
    pub fn address(&self) -> io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Lets `wake` interrupt the waiting when it becomes readable.
    pub fn watch(&self, wake: &mut impl Source) -> io::Result<()> {
        self.poll
            .registry()
            .register(wake, WAKE, Interest::READABLE)
    }

    /// Serves until `stopped` says so; it is called after every event.
    pub fn serve(&mut self, stopped: impl Fn() -> bool) -> io::Result<()> {
        let mut events = Events::with_capacity(1024);
        loop {
            self.set_timer()?;
            let at_once = (self.accepting == Accepting::Ready).then_some(Duration::ZERO);
            match self.poll.poll(&mut events, at_once) {
                Err(error) if error.kind() != ErrorKind::Interrupted => return Err(error),
                _ => {}
            }
            if stopped() {
                return Ok(());
            }
            self.look_at_the_clock();
            for event in &events {
                match event.token() {
                    LISTENER if self.accepting == Accepting::Waiting => {
                        self.accepting = Accepting::Ready;
                    }
                    LISTENER | WAKE => {}
                    TIMER => {
                        self.timer.acknowledge()?;
                        self.timer_due = None;
                    }
                    token => self.on_event(token.into(), event),
                }
            }
            if self.accepting == Accepting::Ready {
                self.accept();
            }
            // After the answers are out: a reading of /proc delays no answer.
            self.desk.meter_if_busy(self.clock.now());
        }
    }

    /// Sets the timer to the next thing that is due; epoll's own time-out knows only milliseconds.
    fn set_timer(&mut self) -> io::Result<()> {
        let paused = match self.accepting {
            Accepting::PausedUntil(end) => Some(end),
            Accepting::Ready | Accepting::Waiting => None,
        };
        let first = |queue: &VecDeque<(Stamp, Id)>| queue.front().map(|&(due, _)| due);
        // Giving up may be late, so that one wake-up serves many connections.
        let coarse = |due: Stamp| Stamp::at(due.nanos().next_multiple_of(LINGER_GRID));
        let due = [
            self.queue.next_due(),
            first(&self.dripping),
            first(&self.lingering).map(coarse),
            paused,
        ];
        let next = due.into_iter().flatten().min();
        if next == self.timer_due {
            return Ok(());
        }
        self.timer_due = next;
        match next {
            Some(due) => {
                let delay = due.since(self.clock.now()).max(0) as u64;
                self.timer.set(Duration::from_nanos(delay))
            }
            None => self.timer.stop(),
        }
    }

    fn look_at_the_clock(&mut self) {
        let now = self.clock.now();
        while let Some(finished) = self.queue.advance(now) {
            self.finish(&finished);
        }
        while let Some(id) = pop_due(&mut self.dripping, now) {
            let mut dripping = false;
            self.with_connection(id, |server, connection| {
                match connection.send_drop() {
                    Ok(more) => dripping = more,
                    Err(_) => return Fate::Drop,
                }
                server.look_after(connection, id)
            });
            if dripping {
                self.dripping.push_back((now.after(DRIP), id));
            }
        }
        while let Some(id) = pop_due(&mut self.lingering, now) {
            self.with_connection(id, |_, _| Fate::Drop);
        }
        if let Accepting::PausedUntil(end) = self.accepting
            && end <= now
        {
            self.accepting = Accepting::Ready;
        }
    }

    fn accept(&mut self) {
        for _ in 0..ACCEPT_BATCH {
            match self.listener.accept() {
                Ok((stream, _)) => self.open_connection(stream),
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    self.accepting = Accepting::Waiting;
                    return;
                }
                // That connection failed before it was accepted; the next one may not.
                Err(error) if error.kind() == ErrorKind::ConnectionAborted => {}
                // Usually EMFILE: retrying at once would be a busy loop.
                Err(_) => {
                    self.desk.stats.accept_pauses += 1;
                    let end = self.clock.now().after(ACCEPT_PAUSE);
                    self.accepting = Accepting::PausedUntil(end);
                    return;
                }
            }
        }
    }

    fn open_connection(&mut self, mut stream: mio::net::TcpStream) {
        let fault = self.desk.next_connection();
        if fault == Some(FaultKind::Refuse) {
            Connection::new(stream).reset_on_close();
            return;
        }
        let id = self.connections.reserve();
        let interest = Interest::READABLE | Interest::WRITABLE;
        match self
            .poll
            .registry()
            .register(&mut stream, id.into(), interest)
        {
            Ok(()) => {
                let Some(connection) = self.connection(stream, fault) else {
                    return self.connections.free(id);
                };
                self.desk.stats.count_open();
                self.connections.put(id, connection);
            }
            Err(_) => self.connections.free(id),
        }
    }

    /// A connection with its layer, or with the fault in place of it.
    fn connection(
        &self,
        stream: mio::net::TcpStream,
        fault: Option<FaultKind>,
    ) -> Option<Connection> {
        let mut connection = Connection::new(stream);
        match (fault, &self.tls) {
            (Some(FaultKind::TlsStall), _) => connection.phase = Phase::Stalled,
            (Some(kind), _) => connection.on_hello = Some(kind),
            (None, Some(config)) => connection.tls = Some(Box::new(Layer::new(config).ok()?)),
            (None, None) => {}
        }
        Some(connection)
    }

    fn on_event(&mut self, id: Id, event: &Event) {
        self.with_connection(id, |server, connection| {
            // Reset, or closed on both sides: an answer would reach no client.
            if event.is_error() || event.is_write_closed() {
                return Fate::Drop;
            }
            if event.is_readable() || event.is_read_closed() {
                connection.note_readable(event.is_read_closed());
            }
            server.look_after(connection, id)
        });
    }

    /// Takes a connection out of its place, so that server and connection can both be changed;
    /// whether it was still there.
    pub(super) fn with_connection(
        &mut self,
        id: Id,
        act: impl FnOnce(&mut Self, &mut Connection) -> Fate,
    ) -> bool {
        let Some(mut connection) = self.connections.take(id) else {
            return false;
        };
        match act(self, &mut connection) {
            Fate::Keep => self.connections.put(id, connection),
            Fate::Drop => {
                if (connection.tls.as_ref()).is_some_and(|tls| tls.is_handshaking()) {
                    self.desk.stats.handshakes_failed += 1;
                }
                // Closing the descriptor takes it out of the poll as well.
                drop(connection);
                self.connections.free(id);
                self.desk.stats.connections_open -= 1;
                if let Accepting::PausedUntil(_) = self.accepting {
                    self.accepting = Accepting::Ready;
                }
            }
        }
        true
    }
}

fn pop_due(queue: &mut VecDeque<(Stamp, Id)>, now: Stamp) -> Option<Id> {
    match queue.front() {
        Some(&(due, _)) if due <= now => queue.pop_front().map(|(_, id)| id),
        _ => None,
    }
}

#[cfg(test)]
#[path = "server_testing.rs"]
mod testing;

#[cfg(test)]
#[path = "server_tests.rs"]
mod tests;
