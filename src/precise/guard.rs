//! Takes the measures for the time of a load, and reverts them after it.

use std::io;
use std::time::Duration;

use super::measures::{Measure, Precise};
use super::{Asked, Choice};
use crate::sys::busy_poll::{self, BusyPoll};
use crate::sys::locking::{self, LockError};
use crate::sys::scheduling::{self, RunTimeLimit};
use crate::sys::{cpus, signal};

/// How long before a launch is due the loop begins to spin. A processor that sleeps takes up to that long
/// to run a thread again, on virtual machines above all.
const SPIN: Duration = Duration::from_micros(100);

/// How long the loop runs under SCHED_FIFO without sleep before it is a normal thread again: less than the
/// 950 ms of a second after which the kernel would stop it.
const FIFO_WITHOUT_SLEEP: Duration = Duration::from_millis(200);

/// The nice value asked for where SCHED_FIFO is not permitted.
const MOST_FAVOURED: i32 = -20;

/// What the measures depend on, beside what is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Circumstances {
    /// Whether the server is on this machine.
    pub is_local: bool,
    /// Whether the load has scheduled launches: arrivals, think times, a ramp-up.
    pub has_due_launches: bool,
}

/// Measures that are in force. They are reverted when this is dropped, as far as they concern other work
/// of this process.
#[derive(Debug)]
pub struct Guard {
    taken: Precise,
    spin: Duration,
    busy_poll: BusyPoll,
    before: Before,
}

/// What was in force before, where it was changed.
#[derive(Debug, Default)]
struct Before {
    cpus: Option<Vec<u32>>,
    nice: Option<i32>,
    limit: Option<RunTimeLimit>,
    slack: Option<u64>,
    is_locked: bool,
}

impl Guard {
    /// Takes the measures that are permitted. `choice`: of what is asked for.
    pub fn begin(asked: Asked, choice: Option<&Choice>, of: Circumstances) -> Guard {
        let mut guard = Guard {
            taken: Precise::default(),
            spin: Duration::ZERO,
            busy_poll: BusyPoll::Off,
            before: Before::default(),
        };
        let others = choice.map(others);
        let is_shared = of.is_local && others.is_some_and(|others| others.is_empty());
        guard.pin(choice);
        if asked.is_precise {
            guard.raise(is_shared);
            guard.lock();
            guard.sharpen_timers();
            guard.spin(is_shared, of.has_due_launches);
            guard.poll_busily(of.is_local);
        }
        guard
    }

    /// How long to spin before each scheduled launch; zero for not at all.
    pub fn spin_before_due(&self) -> Duration {
        self.spin
    }

    /// How busy polling is to be asked for.
    pub fn busy_poll(&self) -> BusyPoll {
        self.busy_poll
    }

    /// Reverts the measures, and returns what was in force until now.
    pub fn end(mut self) -> Precise {
        let mut taken = std::mem::take(&mut self.taken);
        let allowed = cpus::allowed().ok();
        taken.cpus_allowed = allowed.map(|cpus| cpus::list(&cpus));
        if scheduling::was_limited() && self.before.limit.is_some() {
            let nice = scheduling::nice().unwrap_or_default();
            let is_scheduler = |measure: &&mut Measure| measure.name == SCHEDULER;
            if let Some(measure) = taken.measures.iter_mut().find(is_scheduler) {
                measure.why_not = Some(format!(
                    "the loop ran for {} ms without sleep; so that other work is not kept from its CPU, it \
                     was a normal thread from then on (nice {nice})",
                    FIFO_WITHOUT_SLEEP.as_millis()
                ));
            }
        }
        taken
    }

    fn note(&mut self, measure: Measure) {
        self.taken.measures.push(measure);
    }

    fn pin(&mut self, choice: Option<&Choice>) {
        let Some(choice) = choice else {
            let why = "the system does not tell which CPUs this process may run on";
            return self.note(Measure::left_out(CPU, "pin the event loop to a CPU", why));
        };
        let cpu = choice.cpu;
        let asked = match choice.is_given {
            true => format!("CPU {cpu}"),
            false => "the CPU with the least interrupts".to_owned(),
        };
        let measure = match cpus::allow(&[cpu]) {
            Ok(()) => {
                self.before.cpus = Some(choice.allowed.clone());
                let of = cpus::list(&choice.allowed);
                Measure::got(CPU, asked, format!("{cpu} of {of}"))
            }
            Err(error) => Measure::left_out(CPU, asked, why(&error)),
        };
        self.note(measure);
    }

    /// SCHED_FIFO, or else a raised nice value.
    fn raise(&mut self, is_shared: bool) {
        let asked = format!("SCHED_FIFO {}", scheduling::FIFO_PRIORITY);
        if is_shared {
            return self.note(Measure::left_out(SCHEDULER, asked, ONLY_CPU));
        }
        // Its handler ends SCHED_FIFO where the loop does not sleep.
        let begun = match signal::is_ignored(libc::SIGXCPU) {
            true => Err(
                "SIGXCPU is ignored, which ends SCHED_FIFO where the loop does not sleep".into(),
            ),
            false => scheduling::begin_fifo(FIFO_WITHOUT_SLEEP)
                .map_err(|error| format!("{} (CAP_SYS_NICE, or ulimit -r)", why(&error))),
        };
        // Also for what is left of the load where SCHED_FIFO is ended.
        let favoured = self.favour();
        let measure = match (begun, favoured) {
            (Ok(limit), _) => {
                self.before.limit = Some(limit);
                let got = asked.clone();
                Measure::got(SCHEDULER, asked, got)
            }
            (Err(why_not), Ok(nice)) => {
                Measure::got(SCHEDULER, asked, format!("nice {nice}")).but(why_not)
            }
            (Err(why_not), Err(error)) => {
                let why_not = format!("{why_not}; nor a raised nice value: {}", why(&error));
                Measure::left_out(SCHEDULER, asked, format!("{why_not} (ulimit -e)"))
            }
        };
        self.note(measure);
    }

    /// Raises the nice value as far as is permitted, and returns it.
    fn favour(&mut self) -> io::Result<i32> {
        let before = scheduling::nice()?;
        scheduling::set_nice(MOST_FAVOURED).or_else(|error| {
            let permitted = scheduling::least_nice()?;
            match permitted < before {
                true => scheduling::set_nice(permitted),
                false => Err(error),
            }
        })?;
        self.before.nice = Some(before);
        scheduling::nice()
    }

    fn lock(&mut self) {
        let asked = "memory locked (mlockall)";
        let megabytes = |bytes: u64| format!("{:.1} MB", bytes as f64 / 1e6);
        let measure = match locking::lock() {
            Ok(locked) => {
                self.before.is_locked = true;
                let bytes = locked.bytes.map_or("all".to_owned(), megabytes);
                let measure = Measure::got(MEMORY, asked, format!("{bytes} locked"));
                match locked.is_for_later {
                    true => measure,
                    false => measure.but(
                        "what the load takes beyond that is not locked, within RLIMIT_MEMLOCK (ulimit -l)",
                    ),
                }
            }
            Err(LockError::Limit { limit, needed }) => Measure::left_out(
                MEMORY,
                asked,
                format!(
                    "it takes {}, and RLIMIT_MEMLOCK is {} (ulimit -l)",
                    megabytes(needed),
                    megabytes(limit)
                ),
            ),
            Err(LockError::Refused(error)) => Measure::left_out(MEMORY, asked, why(&error)),
        };
        self.note(measure);
    }

    fn sharpen_timers(&mut self) {
        let asked = "1 ns";
        let before = scheduling::timer_slack();
        let measure = match scheduling::set_timer_slack(1) {
            Ok(()) => {
                self.before.slack = before.ok();
                Measure::got(TIMER_SLACK, asked, asked)
            }
            Err(error) => Measure::left_out(TIMER_SLACK, asked, why(&error)),
        };
        self.note(measure);
    }

    fn spin(&mut self, is_shared: bool, has_due_launches: bool) {
        let micros = SPIN.as_micros();
        let asked = format!("at most {micros} µs before each scheduled launch");
        let measure = match (is_shared, has_due_launches) {
            (true, _) => Measure::left_out(SPIN_NAME, asked, ONLY_CPU),
            (false, false) => {
                let why = "this load has no scheduled launches";
                Measure::left_out(SPIN_NAME, asked, why)
            }
            (false, true) => {
                self.spin = SPIN;
                Measure::got(SPIN_NAME, asked, format!("{micros} µs"))
            }
        };
        self.note(measure);
    }

    fn poll_busily(&mut self, is_local: bool) {
        let asked = format!("{} µs", busy_poll::MICROS);
        let measure = match (is_local, busy_poll::probe()) {
            (true, _) => {
                let why = "the shop is on this machine, and loopback has no device queue to poll";
                Measure::left_out(BUSY_POLL, asked, why)
            }
            (false, Ok(way)) => {
                self.busy_poll = way;
                let by = match way {
                    BusyPoll::Sockets => "SO_BUSY_POLL",
                    BusyPoll::Epoll | BusyPoll::Off => "EPIOCSPARAMS",
                };
                let got = format!("{asked} ({by}), where the network card's driver has it");
                Measure::got(BUSY_POLL, asked, got)
            }
            (false, Err(error)) => {
                let why = format!("{} (CAP_NET_ADMIN, or Linux 6.9)", why(&error));
                Measure::left_out(BUSY_POLL, asked, why)
            }
        };
        self.note(measure);
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if self.before.limit.is_some() {
            scheduling::end_fifo();
        }
        let Before {
            cpus,
            nice,
            limit,
            slack,
            is_locked,
        } = std::mem::take(&mut self.before);
        // What cannot be reverted affects the end of this process only.
        let _ = limit.map(scheduling::restore_limit);
        let _ = nice.map(scheduling::set_nice);
        let _ = slack.map(scheduling::set_timer_slack);
        let _ = cpus.map(|cpus| cpus::allow(&cpus));
        if is_locked {
            let _ = locking::unlock();
        }
    }
}

const CPU: &str = "cpu";
const SCHEDULER: &str = "scheduler";
const MEMORY: &str = "memory";
const TIMER_SLACK: &str = "timer_slack";
const SPIN_NAME: &str = "spin";
const BUSY_POLL: &str = "busy_poll";

const ONLY_CPU: &str = "the shop on this machine would be kept from the only CPU";

/// The CPUs that are left to others, as far as this process may know.
fn others(choice: &Choice) -> Vec<u32> {
    let mut others = cpus::online().unwrap_or_else(|| choice.allowed.clone());
    others.retain(|cpu| *cpu != choice.cpu);
    others
}

impl Choice {
    /// What users of `--precise` should know about a server on this machine; absent where it has CPUs
    /// enough of its own.
    pub fn warning(&self, is_local: bool) -> Option<String> {
        let others = others(self);
        match others[..] {
            _ if !is_local => None,
            [] => Some(format!(
                "the shop has to share CPU {}, the only one, with this program: run it on another machine",
                self.cpu
            )),
            [other] => Some(format!(
                "the shop on this machine has CPU {other} only: its times may include waiting for that CPU"
            )),
            _ => None,
        }
    }
}

/// A refusal in words.
fn why(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::PermissionDenied => "not permitted".to_owned(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
#[path = "guard_tests.rs"]
mod tests;
