//! What comes out: the report file, the summary, the progress line. One file for each form.

mod appender;
mod clocks;
pub mod columns;
pub mod csv_file;
pub mod encode;
pub mod errors;
mod existing;
pub mod instrument;
pub mod json;
mod json_instrument;
pub mod json_levels;
pub mod levels;
mod place;
pub mod progress;
pub mod read;
mod records;
mod rescue;
pub mod summary;
pub mod text;
pub mod thresholds;
pub mod where_time;
