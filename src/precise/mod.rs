//! `--precise` and `--cpu`: what is asked of the machine for the time of a load, and what it permits.
//!
//! ```text
//!   Asked ─► choice: which CPU ─► guard: asks for each measure ─► the load ─► measures: what was got
//!               ▲ interrupts           │ and reverts all of them
//!               └ /proc/interrupts     └─► sys
//! ```
//! A CPU that cannot be used is an error before the load. Everything else that is not permitted is left
//! out, and named.

mod choice;
mod guard;
pub mod interrupts;
mod measures;

pub use choice::{Choice, CpuError};
pub use guard::{Circumstances, Guard};
pub use measures::{Measure, Precise};

/// What the command line asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// All measures (`--precise`).
    pub is_precise: bool,
    /// The CPU for the event loop (`--cpu`).
    pub cpu: Option<u32>,
}
