//! The real binary, run against the embedded shop and against servers that misbehave on purpose.

mod check;
mod command_line;
mod embedded_shop;
mod hostile_servers;
mod keep_alive;
mod report_file;
mod signals;
mod support;
mod what_people_see;
