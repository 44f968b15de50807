//! Clocks: a run's own, the kernel's, the wall's (read and written), and how far a server's is off.

pub mod clock;
pub mod offset;
pub mod reading;
pub mod span;
pub mod writing;
pub mod zone;
