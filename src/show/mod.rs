//! One finished summary in, one form out: text for people, JSON for programs.

mod clocks;
pub mod instrument;
pub mod json;
mod json_instrument;
pub mod json_levels;
pub mod levels;
pub mod text;
pub mod thresholds;
pub mod where_time;
