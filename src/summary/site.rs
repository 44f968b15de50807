//! Figures of an ordinary site: metrics of the server, sessions, pages of forms.

use crate::row::server_timing::metrics;
use crate::row::timing_key::TimingKey;
use crate::row::{Row, SiteRow};
use crate::rows::runs::{SiteRecord, TimingRecord};
use crate::stats::{Quantile, Sample};

use super::schema::{CountAndHint, ServerTimings};

/// The most distinct metrics; a server that names each one anew must not fill the memory.
pub const MOST_METRICS: usize = 64;

/// The unit of times.
const SECONDS: &str = TimingKey::SECONDS;

/// The hint where Secure cookies come over plain HTTP.
pub const SECURE_COOKIES_HINT: &str = "use an https target, or set SESSION_COOKIE_SECURE and \
     CSRF_COOKIE_SECURE of Django to False for the test";

/// One metric of the server.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Key {
    /// `home` or `buy`.
    step: &'static str,
    name: Box<str>,
    /// `seconds`, or that of a count.
    unit: Box<str>,
}

/// Figures of an ordinary site.
#[derive(Clone, Debug, Default)]
pub struct SiteFigures {
    /// In the order of their first appearance; billionths of the unit.
    metrics: Vec<(Key, Sample)>,
    /// Values of further metrics.
    pub metrics_left_out: u64,
    /// Server-Timing fields that were cut.
    pub timings_cut: u64,
    /// Cookies that were not kept.
    pub cookies_dropped: u64,
    /// Secure cookies that were not sent, since connections were plain HTTP.
    pub cookies_withheld: u64,
    /// Successful purchases without the service time that was asked for.
    pub times_missing: u64,
    /// The pages of forms, from start to stop, nanoseconds.
    pub form_page: Sample,
    /// Those of them that failed.
    pub form_pages_failed: u64,
}

impl SiteFigures {
    /// Adds one row.
    pub fn add(&mut self, row: &Row) {
        let Some(site) = row.site.as_deref() else {
            return;
        };
        self.timings_cut += u64::from(site.timings_cut);
        self.cookies_dropped += u64::from(site.cookies_dropped);
        self.cookies_withheld += u64::from(site.cookies_withheld);
        self.times_missing += u64::from(site.is_time_missing);
        if let Some(nanos) = site.form_page.elapsed() {
            self.form_page.push(nanos);
        }
        let has_form_page = site.form_page.started.is_some() || site.form_page.failure.is_some();
        self.form_pages_failed += u64::from(has_form_page && !site.form_page.satisfied());
        self.add_timings(site);
    }

    fn add_timings(&mut self, site: &SiteRow) {
        for (step, timing, times) in [
            ("home", &site.home_timing, &site.home_times),
            ("buy", &site.buy_timing, &site.buy_times),
        ] {
            for metric in metrics(timing.as_deref().unwrap_or_default()) {
                if let Some(seconds) = metric.seconds {
                    self.push(step, metric.name, SECONDS, seconds);
                }
                if let Some((count, unit)) = metric.count {
                    self.push(step, metric.name, unit, count);
                }
            }
            for (name, seconds) in times {
                self.push(step, name, SECONDS, *seconds);
            }
        }
    }

    fn push(&mut self, step: &'static str, name: &str, unit: &str, value: f64) {
        match self.sample(step, name, unit) {
            // The cast saturates.
            Some(sample) => sample.push((value * 1e9).round() as i64),
            None => self.metrics_left_out += 1,
        }
    }

    /// The sample of a metric, unless there are too many.
    fn sample(&mut self, step: &'static str, name: &str, unit: &str) -> Option<&mut Sample> {
        let is_it =
            |(key, _): &(Key, Sample)| key.step == step && *key.name == *name && *key.unit == *unit;
        let place = match self.metrics.iter().position(is_it) {
            Some(place) => place,
            None if self.metrics.len() == MOST_METRICS => return None,
            None => {
                let (name, unit) = (name.into(), unit.into());
                self.metrics
                    .push((Key { step, name, unit }, Sample::default()));
                self.metrics.len() - 1
            }
        };
        self.metrics.get_mut(place).map(|(_, sample)| sample)
    }

    /// Adds those of a later part.
    pub fn merge(&mut self, other: &SiteFigures) {
        for (key, values) in &other.metrics {
            match self.sample(key.step, &key.name, &key.unit) {
                Some(sample) => sample.merge(values),
                None => self.metrics_left_out += values.len() as u64,
            }
        }
        self.metrics_left_out += other.metrics_left_out;
        self.timings_cut += other.timings_cut;
        self.cookies_dropped += other.cookies_dropped;
        self.cookies_withheld += other.cookies_withheld;
        self.times_missing += other.times_missing;
        self.form_page.merge(&other.form_page);
        self.form_pages_failed += other.form_pages_failed;
    }

    /// The metrics as the summary has them.
    pub fn timings(&self) -> Vec<ServerTimings> {
        let unit = |nanos: i64| nanos as f64 / 1e9;
        let of = self.metrics.iter();
        of.map(|(key, sample)| ServerTimings {
            step: key.step,
            name: key.name.to_string(),
            unit: key.unit.to_string(),
            p50: sample.percentile(Quantile::P50).map(unit),
            p90: sample.percentile(Quantile::P90).map(unit),
            p99: sample.percentile(Quantile::P99).map(unit),
            count: sample.len() as u64,
        })
        .collect()
    }

    /// The values of a metric, billionths of its unit.
    pub fn timing(&self, key: &TimingKey) -> Option<&Sample> {
        let is_it = |(of, _): &&(Key, Sample)| {
            of.step == key.source().name() && *of.name == *key.name() && *of.unit == *key.unit()
        };
        self.metrics.iter().find(is_it).map(|(_, sample)| sample)
    }

    /// The names of all metrics, in the order of their first appearance.
    pub fn timing_keys(&self) -> impl Iterator<Item = TimingKey> {
        let keys = self.metrics.iter().map(|(key, _)| key);
        keys.filter_map(|key| TimingKey::new(key.step, &key.name, &key.unit))
    }

    /// Purchases without a service time, with the hint; absent without any.
    pub fn missing(&self) -> Option<CountAndHint> {
        (self.times_missing > 0).then_some(CountAndHint {
            count: self.times_missing,
            hint: "check the names of --server-timing-total and --server-header; help django has a middleware that \
                sends Server-Timing",
        })
    }

    /// Secure cookies that were not sent, with the hint; absent without any.
    pub fn withheld(&self) -> Option<CountAndHint> {
        (self.cookies_withheld > 0).then_some(CountAndHint {
            count: self.cookies_withheld,
            hint: SECURE_COOKIES_HINT,
        })
    }

    /// What rows without the columns of the phases cannot carry.
    pub fn record(&self) -> SiteRecord {
        let timings = self.metrics.iter();
        SiteRecord {
            timings: timings
                .map(|(key, sample)| TimingRecord {
                    step: key.step.to_owned(),
                    name: key.name.to_string(),
                    unit: key.unit.to_string(),
                    values: sample.record(),
                })
                .collect(),
            metrics_left_out: self.metrics_left_out,
            timings_cut: self.timings_cut,
            cookies_dropped: self.cookies_dropped,
            cookies_withheld: self.cookies_withheld,
            times_missing: self.times_missing,
            form_page: self.form_page.record(),
            form_pages_failed: self.form_pages_failed,
        }
    }

    /// Restores them.
    pub fn of_record(record: &SiteRecord) -> SiteFigures {
        let mut figures = SiteFigures {
            metrics_left_out: record.metrics_left_out,
            timings_cut: record.timings_cut,
            cookies_dropped: record.cookies_dropped,
            cookies_withheld: record.cookies_withheld,
            times_missing: record.times_missing,
            form_pages_failed: record.form_pages_failed,
            ..SiteFigures::default()
        };
        figures.form_page.merge_record(&record.form_page);
        for timing in &record.timings {
            let step = if timing.step == "home" { "home" } else { "buy" };
            if let Some(sample) = figures.sample(step, &timing.name, &timing.unit) {
                sample.merge_record(&timing.values);
            }
        }
        figures
    }
}

#[cfg(test)]
#[path = "site_tests.rs"]
mod tests;
