//! TLS on the client's side, without sockets: ciphertext in, plaintext and ciphertext out.
//!
//! ```text
//!   settings ─► client ─► session: one connection
//!               once      handshake, records ─► failure: what can go wrong with one
//!                 │
//!                 └─► verifier, key log, tickets
//! ```
//!
//! [`TlsSettings`] are what the command line says; [`TlsClient`] is what was read and checked because of
//! it, before any load; [`Session`] is one connection, as a state machine over buffers of its caller.

mod client;
mod error;
mod failure;
mod figures;
mod groups;
mod key_log;
mod pem;
mod session;
mod settings;
#[cfg(test)]
mod testing;
mod tickets;
mod verifier;

pub use client::TlsClient;
pub use error::TlsError;
pub use figures::TlsFigures;
pub use groups::{default_groups, group_name, group_names, group_of};
pub use session::{PENDING_ROOM, Peer, Session, Step};
pub use settings::{Resume, TlsSettings, Version};
pub use tickets::Tickets;
