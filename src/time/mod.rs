//! Clocks: the run clock, the kernel clock, wall-clock time (reading and writing), and the offset of a
//! server's clock.

pub mod clock;
pub mod offset;
pub mod reading;
pub mod span;
pub mod writing;
pub mod zone;
