//! The event loop: the only user of mio, and the only one that opens, registers, closes and times
//! out connections. One thread; each iteration is one wait, a batch of events, a short slice of due
//! launches, and the deadlines that passed.
//!
//! ```text
//!   event_loop ─► arming ─► launch ─► request ─► answer ─► finish ─► a row
//!       │                     ▲                                │
//!       │                     └──── next iteration ◄───────────┘
//!       └─► connection: events and deadlines
//! ```
//!
//! [`Reactor`] is declared in `state`; each of the other files adds the methods of one concern to it.

mod answer;
mod arming;
mod connection;
mod deadlines;
mod due;
mod event_loop;
mod finish;
mod held;
mod launch;
mod outcome;
mod pulse;
mod read;
mod recorder;
mod request;
mod secure;
mod settings;
mod short_wait;
mod slot;
mod socket;
mod start;
mod state;
mod tls;
mod transport;
mod wake_delay;

pub use outcome::{Begun, Counts, LoadOutcome};
pub use recorder::{Dropped, Recorder};
pub use settings::{DEFAULT_RETRY_DELAY, ReactorSettings, Start};
pub use state::Reactor;
