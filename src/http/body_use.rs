//! How the body of a response is handled.

/// How a body's bytes are handled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyUse {
    /// They are counted; of an error page (4xx, 5xx) the first bytes are kept.
    Count,
    /// They are kept; a body longer than the limit is a failure.
    Keep {
        /// The limit in bytes.
        limit: usize,
    },
    /// They are kept, and so are cookies and date.
    KeepPage {
        /// The limit in bytes.
        limit: usize,
    },
}

impl BodyUse {
    /// The limit of a body that is kept, in bytes.
    pub(super) fn limit(self) -> Option<usize> {
        match self {
            BodyUse::Count => None,
            BodyUse::Keep { limit } | BodyUse::KeepPage { limit } => Some(limit),
        }
    }
}
