//! The report file both ways: rows are appended to it, and read back from it.

mod appender;
mod begin;
mod cells;
pub mod columns;
pub mod csv_file;
pub mod encode;
pub mod existing;
mod fields;
pub mod judged;
mod known;
mod left;
pub mod load;
mod open_error;
pub mod place;
mod queue;
pub mod read;
mod records;
mod rescue;
mod rotation;
pub mod runs;
mod scan;
pub mod shards;
mod values;
mod write_error;
