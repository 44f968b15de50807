//! The client's figures of the home requests or the purchases.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::phases::PhaseSamples;
use crate::row::failure::FailureKind;
use crate::row::{ClockSource, Exchange};
use crate::stats::Sample;

/// The figures of all home requests, or of all purchases.
#[derive(Clone, Debug, Default)]
pub struct StepFigures {
    /// From start to stop, of successful requests; nanoseconds.
    pub elapsed_ok: Sample,
    /// The same of failed requests that have both.
    pub elapsed_failed: Sample,
    /// The parts of the elapsed times.
    pub phases: PhaseSamples,
    /// Hop delay: from the arrivals of redirects to the starts of the requests that they asked for, of
    /// successful requests that were redirected; nanoseconds.
    pub hop_delay: Sample,
    /// Send delay, of successful requests; nanoseconds.
    pub send_delay: Sample,
    /// How late arrivals without a kernel timestamp may have been stamped, of successful requests that
    /// have such; nanoseconds.
    pub stamp_delay: Sample,
    /// Read delay, of successful requests with kernel timestamps that were read before the end of the
    /// connection came, if it came; nanoseconds. Of rows that were not collected here, the read delay of all.
    pub before_end: Sample,
    /// The same of those that were read after the end of the connection: they have its timestamp.
    pub after_end: Sample,
    /// The elapsed times of successful requests without the client's part; nanoseconds.
    pub net: Sample,
    /// Requests that failed because no file descriptor was left.
    pub without_descriptor: u64,
    /// Requests that failed because no source port was left.
    pub without_port: u64,
    /// Counts by status; `None` stands for no response. Dropped arrivals are not counted: they were
    /// never sent.
    pub statuses: BTreeMap<Option<u16>, u64>,
    /// Requests that failed on the client's side, whether they started or not.
    pub failed: u64,
}

impl StepFigures {
    /// Adds one request; the parts of a bare one are not known.
    pub fn add(&mut self, exchange: &Exchange, is_bare: bool) {
        let kind = exchange.failure.as_ref().map(|failure| failure.kind);
        if kind != Some(FailureKind::NotLaunched) {
            *self.statuses.entry(exchange.status).or_default() += 1;
        }
        self.failed += u64::from(!exchange.satisfied());
        self.without_descriptor += u64::from(kind == Some(FailureKind::NoDescriptors));
        self.without_port += u64::from(kind == Some(FailureKind::NoPorts));
        let Some(nanos) = exchange.elapsed() else {
            return;
        };
        match exchange.satisfied() {
            true => self.elapsed_ok.push(nanos),
            false => self.elapsed_failed.push(nanos),
        }
        if is_bare {
            return;
        }
        self.phases.add(exchange);
        if exchange.satisfied() {
            self.add_own(exchange, nanos);
        }
    }

    /// Adds the client's part of a successful request that took `nanos`.
    fn add_own(&mut self, exchange: &Exchange, nanos: i64) {
        self.send_delay.push(exchange.send_delay);
        self.net.push(nanos.saturating_sub(exchange.own_delay()));
        // 0 stands for one that is not known, of a row read from a report without its column.
        if exchange.redirects > 0 && exchange.hop_delay != 0 {
            self.hop_delay.push(exchange.hop_delay);
        }
        let read_delay = exchange.read_delay();
        match (exchange.clock, exchange.stamp_delay) {
            (ClockSource::User, late) => self.stamp_delay.push(late),
            (ClockSource::Kernel, 0) => read_delay
                .into_iter()
                .for_each(|of| self.before_end.push(of)),
            (ClockSource::Kernel, _) => read_delay
                .into_iter()
                .for_each(|of| self.after_end.push(of)),
        }
    }

    /// Read delay, of successful requests with kernel timestamps; nanoseconds.
    pub fn read_delay(&self) -> Cow<'_, Sample> {
        let mut all = Cow::Borrowed(&self.before_end);
        if !self.after_end.is_empty() {
            all.to_mut().merge(&self.after_end);
        }
        all
    }

    /// From start to stop, of all requests that have both; nanoseconds.
    pub fn elapsed(&self) -> Cow<'_, Sample> {
        let mut all = Cow::Borrowed(&self.elapsed_ok);
        if !self.elapsed_failed.is_empty() {
            all.to_mut().merge(&self.elapsed_failed);
        }
        all
    }

    /// Adds those of another part of the run, except what only the verdict on a part needs.
    pub fn merge(&mut self, other: &StepFigures) {
        self.elapsed_failed.merge(&other.elapsed_failed);
        self.elapsed_ok.merge(&other.elapsed_ok);
        self.phases.merge(&other.phases);
        self.before_end.merge(&other.before_end);
        self.after_end.merge(&other.after_end);
        self.hop_delay.merge(&other.hop_delay);
        self.send_delay.merge(&other.send_delay);
        for (status, count) in &other.statuses {
            *self.statuses.entry(*status).or_default() += count;
        }
        self.failed += other.failed;
    }
}
