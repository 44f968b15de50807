//! HTTP/1.1 as a client speaks it (RFC 9112), without sockets: requests out, responses in.

pub mod chunked;
pub mod framing;
pub mod request;
pub mod response;
