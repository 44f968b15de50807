//! What comes out: the report file, the summary, the progress line. One file for each form.

mod appender;
pub mod columns;
pub mod csv_file;
pub mod encode;
mod existing;
pub mod json;
mod place;
pub mod progress;
pub mod read;
mod records;
mod rescue;
pub mod summary;
pub mod text;
