//! Where connections go and where they come from. Independent of HTTP.

pub mod bind_list;
pub mod ip;
pub mod sources;
pub mod target;
pub mod tls;
pub mod ways;
