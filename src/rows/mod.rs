//! The report file both ways: rows are appended to it, and read back from it.

mod appender;
mod cells;
pub mod columns;
pub mod csv_file;
pub mod encode;
mod existing;
pub mod load;
mod place;
pub mod read;
mod records;
mod rescue;
pub mod runs;
