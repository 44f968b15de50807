//! What comes out: the report file, the summary, the progress line. One file for each form.

mod appender;
pub mod columns;
pub mod csv_file;
mod encode;
mod existing;
mod place;
pub mod read;
mod rescue;
