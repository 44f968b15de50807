//! What servers report about a purchase, and the keys of the report.

use super::TimeText;
use crate::row::figure::Figure;

/// The report on one purchase. Every part may be missing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ServerReport {
    /// The main server.
    pub main: ServerFigures,
    /// The second server, where there is one: most shops have none, and a row is to be small.
    pub rest: Option<Box<ServerFigures>>,
    /// Anomalies of the report, each of which affects at most the part that is named: one line of at most
    /// 300 characters, such as `error_msg: a lone surrogate; rest: cpu_usage: NaN is not a number`.
    ///
    /// It is a remark of the client, not a failure: the purchase was made and its other figures are valid.
    pub odd: Option<Box<str>>,
}

impl ServerReport {
    /// Whether nothing was reported: no figure, no text, no result, no second server.
    pub fn is_empty(&self) -> bool {
        self.main == ServerFigures::default() && self.rest.is_none()
    }
}

/// The figures of one server; numbers are kept digit for digit, times as they came.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ServerFigures {
    /// Seconds of CPU time of the purchase. It has no column.
    pub cpu_seconds: Option<Figure>,
    /// CPU usage of the server, percent.
    pub cpu_usage: Option<Figure>,
    /// Seconds from the receipt of the request to the saved records.
    pub elapsed_seconds: Option<Figure>,
    /// Why the server refused or failed; often empty. At most 300 characters, none a control
    /// character other than tabs and line breaks.
    pub error_msg: Option<Box<str>>,
    /// Megabytes in use on the server.
    pub memory_usage: Option<Figure>,
    /// Whether the purchase succeeded, by the server's account.
    pub result: Option<bool>,
    /// ISO 8601, unchanged, bounded as [`ServerFigures::error_msg`].
    pub started_time: Option<TimeText>,
    /// ISO 8601, unchanged, bounded as [`ServerFigures::error_msg`].
    pub stopped_time: Option<TimeText>,
}

/// A key of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Key {
    CpuSeconds,
    CpuUsage,
    ElapsedSeconds,
    ErrorMsg,
    MemoryUsage,
    Result,
    StartedTime,
    StoppedTime,
    Rest,
    Unknown,
}

impl Key {
    /// The key of that name.
    pub fn of(name: &str) -> Key {
        match name {
            "cpu_seconds" => Key::CpuSeconds,
            "cpu_usage" => Key::CpuUsage,
            "elapsed_seconds" => Key::ElapsedSeconds,
            "error_msg" => Key::ErrorMsg,
            "memory_usage" => Key::MemoryUsage,
            "result" => Key::Result,
            "started_time" => Key::StartedTime,
            "stopped_time" => Key::StoppedTime,
            "rest" => Key::Rest,
            _ => Key::Unknown,
        }
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Key::CpuSeconds => "cpu_seconds",
            Key::CpuUsage => "cpu_usage",
            Key::ElapsedSeconds => "elapsed_seconds",
            Key::ErrorMsg => "error_msg",
            Key::MemoryUsage => "memory_usage",
            Key::Result => "result",
            Key::StartedTime => "started_time",
            Key::StoppedTime => "stopped_time",
            Key::Rest => "rest",
            Key::Unknown => "an unknown key",
        }
    }
}

/// The keys seen so far in one object.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Seen(u16);

impl Seen {
    /// Records a key and returns whether the object had it before. Unknown keys are not recorded.
    pub fn again(&mut self, key: Key) -> bool {
        let bit = 1 << key as u16;
        let again = self.0 & bit != 0 && key != Key::Unknown;
        self.0 |= bit;
        again
    }
}
