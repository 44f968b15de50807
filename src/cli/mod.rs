//! argv → one command value, or an error. Nothing here exits or touches the network.

pub mod options;
