//! The command-line program: parses, runs, sets the exit code. Everything else is in the library.
fn main() {}
