//! Opens and closes the report file with messages for the terminal: what takes long is shown and can be
//! interrupted.

use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

use crate::console::Lines;
use crate::rows::csv_file::{OpenError, Progress, ReportFile, Settings, Waiting, WriteError};
use crate::signals::Signals;
use crate::sys::clock::Instant;

/// Work that takes longer is shown, again at this interval.
const SAY_SPAN: Duration = Duration::from_secs(1);

/// After a signal, how long to wait for a reader that does not read.
const GRACE: Duration = Duration::from_secs(1);

/// Opens the report. Checking a long one ends when a signal arrives.
pub(super) fn open(
    path: &Path,
    settings: Settings,
    signals: &Signals,
) -> Result<ReportFile, OpenError> {
    let mut said = Instant::now();
    let mut lines = Lines::on_stderr();
    ReportFile::open_watched(path, settings, &mut |Progress { read, total }| {
        if said.elapsed() >= SAY_SPAN {
            said = Instant::now();
            let percent = (read as f64 / total.max(1) as f64 * 100.0).min(100.0);
            let (path, size) = (path.to_string_lossy(), total >> 20);
            lines.keep(&format!("checking {path:?} ({size} MiB): {percent:.0} %"));
        }
        go_on_unless(signals.received().is_some())
    })
}

/// Writes the last rows. The reader of a stream is waited for: after a signal only while it reads
/// something.
pub(super) fn close(
    mut file: ReportFile,
    signals: &Signals,
    lines: &mut Lines,
) -> Result<u64, WriteError> {
    let signal_before = signals.received().is_some();
    let mut said = false;
    let closed = file.close(&mut |Waiting { rows, stalled }| {
        if stalled >= SAY_SPAN && !said && !signal_before {
            said = true;
            lines.keep(&format!(
                "waiting for the reader of the rows to read the last {rows} (Ctrl-C discards them)"
            ));
        }
        go_on_unless(match signal_before {
            true => stalled >= GRACE,
            false => signals.received().is_some(),
        })
    });
    for event in file.take_events() {
        lines.keep(&event.to_string());
    }
    closed
}

fn go_on_unless(is_over: bool) -> ControlFlow<()> {
    match is_over {
        true => ControlFlow::Break(()),
        false => ControlFlow::Continue(()),
    }
}
