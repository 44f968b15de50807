//! A timer that ends waits every now and then, so that most of them need no time limit of their own: with one,
//! the kernel sets up a timer for each sleep and takes it down after it, which a lone connection feels.

use std::io;
use std::os::fd::AsRawFd;
use std::time::Duration;

use mio::unix::SourceFd;
use mio::{Interest, Poll, Token};

use crate::sys::timer::Timer;
use crate::time::clock::{Clock, Stamp};

/// A timer that expires again and again.
#[derive(Debug)]
pub struct Pulse {
    timer: Timer,
    period: Duration,
    /// When it expires next; in the past where it is not set.
    next: Stamp,
}

impl Pulse {
    /// One that ends the waits of `poll` with an event of `token`, once every `period` in which there are waits.
    pub fn new(poll: &Poll, token: Token, period: Duration) -> io::Result<Pulse> {
        let timer = Timer::new()?;
        (poll.registry()).register(&mut SourceFd(&timer.as_raw_fd()), token, Interest::READABLE)?;
        Ok(Pulse {
            timer,
            period,
            next: Stamp::default(),
        })
    }

    /// Its event was there.
    pub fn note_expired(&mut self) {
        self.next = Stamp::default();
    }

    /// The time limit of a wait that begins at `from` and may take `wait`: none where the timer ends it before.
    /// Where the timer has to be set first, `from` is the instant after that.
    pub fn limit(
        &mut self,
        from: &mut Stamp,
        wait: Duration,
        clock: &Clock,
    ) -> io::Result<Option<Duration>> {
        if wait.is_zero() {
            return Ok(Some(wait));
        }
        if self.next <= *from {
            self.next = from.after(self.period);
            self.timer.set_at(clock.monotonic_nanos(self.next))?;
            let wanted = from.after(wait);
            *from = clock.now();
            let left = wanted.since(*from).max(0) as u64;
            return Ok((self.next > wanted).then(|| Duration::from_nanos(left)));
        }
        Ok((self.next > from.after(wait)).then_some(wait))
    }
}

#[cfg(test)]
#[path = "pulse_tests.rs"]
mod tests;
