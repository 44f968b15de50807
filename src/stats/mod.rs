//! The one definition of a percentile in the program: nearest rank on the sorted values.
//!
//! Values are whole nanoseconds and may be negative.

pub mod bootstrap;
mod distribution;
pub mod extended;
mod histogram;
mod normal;
pub mod order;
mod quantile;
pub mod rank_sum;
mod record;
pub mod rounds;
mod sample;
pub mod scalability;
pub mod share;
pub mod signed_rank;
mod totals;
pub mod trend;

pub use distribution::Distribution;
pub use quantile::{Quantile, percentile};
pub use record::SampleRecord;
pub use sample::{EXACT, Sample};
