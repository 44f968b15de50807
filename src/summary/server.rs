//! The figures that a server reported.

use crate::row::figure::Figure;
use crate::row::server_report::ServerFigures;
use crate::stats::Sample;

/// The figures of all reports of one server.
#[derive(Clone, Debug, Default)]
pub struct ServerSamples {
    /// From the receipt of the request to the saved records, nanoseconds.
    pub elapsed: Sample,
    /// The CPU time of the purchase, nanoseconds.
    pub cpu_time: Sample,
    /// The highest CPU usage, percent.
    pub max_cpu: Option<f64>,
    /// The highest memory usage, megabytes.
    pub max_memory: Option<f64>,
    /// The last two of them as reported: a repeated one needs no second parse.
    last: [Option<Figure>; 2],
    /// Reports with a result.
    pub results: u64,
    /// Reports whose result is false.
    pub refused: u64,
}

impl ServerSamples {
    /// Adds one report.
    pub fn add(&mut self, figures: &ServerFigures) {
        let number = |number: &Option<Figure>| number.as_ref().and_then(Figure::as_f64);
        for (sample, seconds) in [
            (&mut self.elapsed, &figures.elapsed_seconds),
            (&mut self.cpu_time, &figures.cpu_seconds),
        ] {
            if let Some(seconds) = number(seconds) {
                // The cast saturates: figures beyond 292 years are not meaningful.
                sample.push((seconds * 1e9).round() as i64);
            }
        }
        self.results += u64::from(figures.result.is_some());
        self.refused += u64::from(figures.result == Some(false));
        let [last_cpu, last_memory] = &mut self.last;
        for (last, max, figure) in [
            (last_cpu, &mut self.max_cpu, &figures.cpu_usage),
            (last_memory, &mut self.max_memory, &figures.memory_usage),
        ] {
            if last != figure {
                *max = larger(*max, number(figure));
                last.clone_from(figure);
            }
        }
    }

    /// Adds those of another part of the run.
    pub fn merge(&mut self, other: &ServerSamples) {
        self.elapsed.merge(&other.elapsed);
        self.cpu_time.merge(&other.cpu_time);
        self.max_cpu = larger(self.max_cpu, other.max_cpu);
        self.max_memory = larger(self.max_memory, other.max_memory);
        self.results += other.results;
        self.refused += other.refused;
    }
}

fn larger(a: Option<f64>, b: Option<f64>) -> Option<f64> {
    a.into_iter().chain(b).reduce(f64::max)
}
