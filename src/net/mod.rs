//! Where connections go and where they come from. Knows no HTTP.

pub mod bind_list;
pub mod ip;
pub mod sources;
pub mod target;
pub mod ways;
