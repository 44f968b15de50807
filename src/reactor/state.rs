//! The state of one run's event loop.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};
use std::io;
use std::os::fd::AsRawFd;
use std::time::Duration;

use mio::unix::SourceFd;
use mio::{Interest, Poll, Token};

use crate::net::tls::PENDING_ROOM;
use crate::plan::{Arrivals, Due, Kind, Plan};
use crate::shopper::Memory;
use crate::shopper::scenario::Scenario;
use crate::signals::Signals;
use crate::sys::busy_poll::{self, BusyPoll};
use crate::sys::clock;
use crate::sys::timer::Timer;
use crate::time::clock::{Clock, KernelClock, Stamp};

use super::deadlines::Deadlines;
use super::outcome::{Begun, Counts};
use super::pulse::Pulse;
use super::recorder::Recorder;
use super::settings::{ReactorSettings, Start};
use super::short_wait::ShortWaits;
use super::slot::Slot;
use super::tls::TlsLoad;
use super::transport::Closing;
use super::wake_delay::WakeDelay;

/// The token of the signals.
pub(super) const SIGNAL: Token = Token(usize::MAX);

/// The token of the timer.
pub(super) const TIMER: Token = Token(usize::MAX - 1);

/// The token of the timer that ends waits.
pub(super) const PULSE: Token = Token(usize::MAX - 2);

/// The longest wait: even in an idle run the clocks are compared, and the length of a stop is known to
/// that precision.
pub(super) const LONGEST_WAIT: Duration = Duration::from_millis(100);

/// Bytes taken from a socket at once.
const READ_BUFFER: usize = 64 * 1024;

/// The next iteration of a virtual user: when, the number in the plan, the index of the slot.
pub(super) type Return = Reverse<(Stamp, u64, usize)>;

/// The event loop of one run.
pub struct Reactor<'a, R> {
    pub(super) plan: &'a Plan,
    pub(super) scenario: &'a Scenario,
    pub(super) settings: &'a ReactorSettings,
    pub(super) clock: &'a Clock,
    pub(super) signals: &'a mut Signals,
    pub(super) recorder: &'a mut R,
    /// The kernel's wall clock against the run's own.
    pub(super) kernel_clock: KernelClock,
    /// Whether receive timestamps distinguish bytes from before a request from its answer: not where the
    /// kernel omits timestamps, as it did for the last of them.
    pub(super) stamps_tell: bool,
    pub(super) poll: Poll,
    /// Wakes the loop for a launch: epoll's own time-outs are whole milliseconds.
    pub(super) timer: Timer,
    /// Ends waits that have no time limit.
    pub(super) pulse: Pulse,
    /// What the timer is set for.
    pub(super) timer_due: Option<Stamp>,
    /// The launch for which it has expired last.
    pub(super) woken_for: Option<Stamp>,
    /// When it expires: some time before that launch is due.
    pub(super) timer_wakes: Stamp,
    /// When the present wait began.
    pub(super) waited_from: Stamp,
    /// Whether sleeps are too short to be worth it.
    pub(super) short_waits: ShortWaits,
    /// How late the waits that it ended were over.
    pub(super) wake_delay: WakeDelay,
    /// A free slot for the next arrival, whose socket is made.
    pub(super) prepared: Option<usize>,
    /// The time spent in spinning.
    pub(super) spun: Duration,
    /// The launch instant, from which the plan counts.
    pub(super) origin: Stamp,
    /// The instant of the wall clock that it is to be.
    pub(super) start: Option<Start>,
    pub(super) begun: Begun,
    pub(super) arrivals: Arrivals,
    /// The next arrival, and when it is due.
    pub(super) next_arrival: Option<(Due, Stamp)>,
    /// When arrivals that are still due are dropped: some time after the planned end.
    pub(super) last_call: Option<Stamp>,
    /// Whether the load is a burst, in which no purchase begins before all shoppers are launched.
    pub(super) is_burst: bool,
    /// Whether it is a closed workload.
    pub(super) is_closed: bool,
    /// Indices of slots whose purchase begins when all shoppers of the burst are launched, in the order
    /// in which the home requests ended.
    pub(super) held: VecDeque<usize>,
    /// Connections that have served, and are closed when there is time; with a slot where they are still
    /// registered for its events, and closed before its purchase begins.
    pub(super) spent: VecDeque<(Option<usize>, Closing)>,
    /// When a connection that had served was last closed during a launch.
    pub(super) closed_spent: Stamp,
    /// Whether launches are due that the present iteration leaves to the next ones.
    pub(super) is_launching: bool,
    /// Redirects (and new tries of requests) so far.
    pub(super) redirects_followed: u64,
    /// When shoppers were last launched.
    pub(super) last_slice: Stamp,
    /// Whether handshakes end within `connect()`, as over loopback, or at least none is known to take longer.
    pub(super) connects_at_once: bool,
    /// When the events that are handled now were fetched.
    pub(super) fetched: Stamp,
    /// The slot whose response has just ended, if everything that had come by `fetched` was read.
    pub(super) read_out: Option<usize>,
    /// No event that has not been handled had happened by this instant: all that is seen now came later.
    pub(super) looked: Stamp,
    /// Next iterations of virtual users.
    pub(super) returns: BinaryHeap<Return>,
    pub(super) slots: Vec<Slot>,
    /// Indices of slots of an open workload that are free.
    pub(super) free: Vec<usize>,
    /// From the start of a request (redirects included).
    pub(super) requests: Deadlines,
    /// From the `connect()` of a connection.
    pub(super) connects: Deadlines,
    /// Indices of slots whose sockets had more to read than one iteration's share.
    pub(super) unfinished: VecDeque<usize>,
    /// Connections made ahead that are neither established nor failed yet.
    pub(super) settling: usize,
    pub(super) read_buffer: Box<[u8]>,
    /// What earlier answers make quicker to read in later ones.
    pub(super) memory: Memory,
    pub(super) write_buffer: Vec<u8>,
    /// What TLS connections have in common; `None` for plain ones.
    pub(super) tls: Option<Box<TlsLoad>>,
    /// Bytes of unfinished responses that are kept.
    pub(super) held_bytes: usize,
    pub(super) counts: Counts,
    pub(super) first_start: Option<Stamp>,
    pub(super) last_start: Option<Stamp>,
    /// When the last shopper was done, the last think time included.
    pub(super) last_end: Stamp,
    pub(super) longest_iteration: i64,
    pub(super) paused_nanos: i64,
    pub(super) connections: u64,
    /// The instant of the arming, and the CPU time that this thread had used by then.
    armed: (Stamp, u64),
}

impl<'a, R: Recorder> Reactor<'a, R> {
    /// Prepares everything that a burst needs: slots, sockets, registrations, buffers.
    pub fn arm(
        plan: &'a Plan,
        scenario: &'a Scenario,
        settings: &'a ReactorSettings,
        clock: &'a Clock,
        signals: &'a mut Signals,
        recorder: &'a mut R,
    ) -> io::Result<Reactor<'a, R>> {
        let armed = (clock.now(), clock::thread_cpu_nanos());
        let poll = Poll::new()?;
        signals.register(&poll, SIGNAL)?;
        if settings.busy_poll == BusyPoll::Epoll {
            // It was permitted before the load; without it only the delay of packets is longer.
            let _ = busy_poll::enable_on_epoll(&poll);
        }
        let timer = Timer::new()?;
        let timer_fd = timer.as_raw_fd();
        let mut timer_source = SourceFd(&timer_fd);
        poll.registry()
            .register(&mut timer_source, TIMER, Interest::READABLE)?;
        let pulse = Pulse::new(&poll, PULSE, LONGEST_WAIT)?;
        let users = plan.virtual_users();
        let is_burst = plan.kind() == Kind::Burst;
        let room = if is_burst { users } else { 0 };
        let tls = TlsLoad::new(settings.tls.as_ref(), plan.orders.seed).map(Box::new);
        let mut reactor = Reactor {
            plan,
            scenario,
            settings,
            clock,
            signals,
            recorder,
            kernel_clock: KernelClock::start(clock),
            stamps_tell: settings.kernel_stamps,
            poll,
            timer,
            pulse,
            timer_due: None,
            woken_for: None,
            timer_wakes: Stamp::default(),
            waited_from: Stamp::default(),
            short_waits: ShortWaits::default(),
            wake_delay: WakeDelay::default(),
            prepared: None,
            spun: Duration::ZERO,
            origin: clock.now(),
            start: None,
            begun: Begun::default(),
            arrivals: plan.arrivals(),
            next_arrival: None,
            last_call: None,
            is_burst,
            is_closed: plan.kind() == Kind::Closed,
            held: VecDeque::with_capacity(room),
            spent: VecDeque::with_capacity(room),
            closed_spent: Stamp::default(),
            is_launching: false,
            redirects_followed: 0,
            last_slice: Stamp::default(),
            connects_at_once: true,
            fetched: Stamp::default(),
            read_out: None,
            looked: Stamp::default(),
            returns: BinaryHeap::with_capacity(users),
            slots: Vec::with_capacity(users),
            free: Vec::new(),
            requests: Deadlines::new(),
            connects: Deadlines::new(),
            unfinished: VecDeque::new(),
            settling: 0,
            read_buffer: vec![0; READ_BUFFER + tls.as_ref().map_or(0, |_| PENDING_ROOM)]
                .into_boxed_slice(),
            memory: Memory::default(),
            write_buffer: Vec::with_capacity(1024),
            tls,
            held_bytes: 0,
            counts: Counts::default(),
            first_start: None,
            last_start: None,
            last_end: Stamp::default(),
            longest_iteration: 0,
            paused_nanos: 0,
            connections: 0,
            armed,
        };
        reactor.arm_slots();
        Ok(reactor)
    }

    /// The instant of the plan at which an arrival is due.
    pub(super) fn at(&self, due: Due) -> Stamp {
        Stamp::at(self.origin.nanos().saturating_add(due.after))
    }

    /// This thread's CPU time and the time since the arming: the first is never more than the second.
    pub(super) fn spent(&self) -> (Duration, Duration) {
        let (since, cpu_before) = self.armed;
        let cpu = Duration::from_nanos(clock::thread_cpu_nanos().saturating_sub(cpu_before));
        let wall = Duration::from_nanos(self.clock.now().since(since).max(0) as u64);
        // A clock that is slewed may be slower than the CPU clock.
        (cpu.min(wall), wall)
    }
}
