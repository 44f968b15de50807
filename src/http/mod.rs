//! HTTP/1.1 without sockets (RFC 9112): requests, responses, and what client and embedded
//! shop share: header fields, heads, framing, the chunked coding.

pub mod body_use;
pub mod chunked;
pub mod fields;
pub mod framing;
pub mod head;
pub mod kept;
pub mod memo;
pub mod request;
pub mod response;
