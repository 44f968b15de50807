//! Figures about this program itself, from the rows and from the machine.

use std::time::Duration;

use crate::row::failure::FailureKind;
use crate::row::{ClockSource, Exchange, Row};
use crate::stats::Sample;
use crate::sys::contention::Contention;

/// Figures about this program from the rows.
#[derive(Clone, Debug, Default)]
pub struct InstrumentFigures {
    /// Launch delay: from due to started, nanoseconds.
    pub launch_delay: Sample,
    /// From due to the end of the home page, of successful requests, nanoseconds: what
    /// a customer arriving on time would have experienced.
    pub served: Sample,
    /// From the ends of successful home pages to the starts of the purchases: how many, and the sum,
    /// nanoseconds.
    pub purchase_delays: (u64, i128),
    /// Complete responses.
    pub responses: u64,
    /// Of these, responses with kernel timestamps.
    pub kernel_stamped: u64,
    /// Requests that failed because no file descriptor was left.
    pub without_descriptor: u64,
    /// Requests that failed because no source port was left.
    pub without_port: u64,
}

impl InstrumentFigures {
    /// Adds one row that is not bare.
    pub fn add(&mut self, row: &Row) {
        if let (Some(due), Some(started)) = (row.due, row.home.started) {
            self.launch_delay.push(started.since(due));
            if let Some(stopped) = row.home.stopped.filter(|_| row.home.satisfied()) {
                self.served.push(stopped.since(due));
            }
        }
        // Between the two there may be the page of the form.
        let form_page = row.site.as_ref().and_then(|site| site.form_page.stopped);
        if let (Some(ended), Some(started)) = (form_page.or(row.home.stopped), row.buy.started)
            && row.home.satisfied()
        {
            self.purchase_delays.0 += 1;
            self.purchase_delays.1 += i128::from(started.since(ended));
        }
        for exchange in [&row.home, &row.buy] {
            self.add_exchange(exchange);
        }
    }

    /// The mean time from the end of a home page to the start of the purchase, nanoseconds.
    pub fn mean_purchase_delay(&self) -> Option<i64> {
        let (count, sum) = self.purchase_delays;
        i64::try_from(sum.checked_div(count.into())?).ok()
    }

    fn add_exchange(&mut self, exchange: &Exchange) {
        if exchange.has_whole_response() {
            self.responses += 1;
            self.kernel_stamped += u64::from(exchange.clock == ClockSource::Kernel);
        }
        match exchange.failure.as_ref().map(|failure| failure.kind) {
            Some(FailureKind::NoDescriptors) => self.without_descriptor += 1,
            Some(FailureKind::NoPorts) => self.without_port += 1,
            _ => {}
        }
    }

    /// Adds those of another part of the run.
    pub fn merge(&mut self, other: &InstrumentFigures) {
        self.launch_delay.merge(&other.launch_delay);
        self.served.merge(&other.served);
        self.responses += other.responses;
        self.kernel_stamped += other.kernel_stamped;
        self.without_descriptor += other.without_descriptor;
        self.without_port += other.without_port;
    }
}

/// The resources that this program used in a part of a run, and their limits.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// CPU time between the arming and the last row.
    pub cpu: Duration,
    /// The part of it that was spent in spinning before launches.
    pub spun: Duration,
    /// The length of that span.
    pub wall: Duration,
    /// The longest iteration of the event loop, nanoseconds.
    pub longest_iteration_nanos: i64,
    /// Descriptors open at most.
    pub descriptors_used: u64,
    /// The limit of descriptors.
    pub descriptors_limit: u64,
    /// Source ports used: connections begun, since one that was closed keeps its port for a minute.
    pub ports_used: u64,
    /// Source ports available, over all source addresses; absent if not known.
    pub ports_available: Option<u64>,
    /// What other processes and machines took of the CPU.
    pub contention: Contention,
}

impl Usage {
    /// Adds the resources of another part.
    pub fn merge(&mut self, other: &Usage) {
        self.cpu = self.cpu.saturating_add(other.cpu);
        self.spun = self.spun.saturating_add(other.spun);
        self.wall = self.wall.saturating_add(other.wall);
        self.longest_iteration_nanos =
            (self.longest_iteration_nanos).max(other.longest_iteration_nanos);
        self.descriptors_used = self.descriptors_used.max(other.descriptors_used);
        self.descriptors_limit = self.descriptors_limit.max(other.descriptors_limit);
        self.ports_used = self.ports_used.saturating_add(other.ports_used);
        self.ports_available = self.ports_available.or(other.ports_available);
        self.contention = self.contention.plus(&other.contention);
    }

    /// The share of a core that was used; absent if the span is 0.
    pub fn cpu_share(&self) -> Option<f64> {
        let wall = self.wall.as_secs_f64();
        (wall > 0.0).then(|| self.cpu.as_secs_f64() / wall)
    }
}
