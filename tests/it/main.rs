//! The real binary, run against the embedded shop, against a Django shop behind the servers that
//! people have, and against servers that misbehave on purpose.

mod accuracy;
mod answers;
mod calibrate;
mod check;
mod closed_loads;
mod command_line;
mod django_breakdowns;
mod django_burst;
mod django_refusals;
mod django_rows;
mod django_servers;
mod django_support;
mod django_turn;
mod embedded_shop;
mod hostile_clock;
mod hostile_servers;
mod instrument;
mod keep_alive;
mod language;
mod launches;
mod layers;
mod load_support;
mod open_loads;
mod overload;
mod refused_stamps;
mod report_file;
mod signals;
mod stalled;
mod streaming;
mod support;
mod sweeps;
mod thresholds;
mod throughput;
mod ways;
mod what_people_see;
