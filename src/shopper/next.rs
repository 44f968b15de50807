//! The next action of the event loop for a shopper.

/// The next action of the event loop for a shopper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// Wait for more bytes.
    Wait,
    /// Send the next request.
    Request {
        /// Whether the present connection may carry it.
        reuse: bool,
    },
    /// The row is complete.
    Done {
        /// Whether the present connection may carry the request of the next shopper.
        reuse: bool,
    },
}
