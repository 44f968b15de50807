//! Where a redirect leads.

use crate::row::failure::Failure;

use super::scenario::Scenario;

/// The request that a redirect asks for.
#[derive(Debug)]
pub(super) struct Hop {
    pub path: String,
    /// 307 and 308 keep the method and the body, the others make it a GET (RFC 9110 section 15.4).
    pub is_post: bool,
}

impl Hop {
    /// Follows a Location field, seen from `path`.
    pub fn to(
        scenario: &Scenario,
        path: &str,
        location: Option<&[u8]>,
        is_post: bool,
    ) -> Result<Hop, Failure> {
        Ok(Hop {
            path: scenario.redirect(path, location)?,
            is_post,
        })
    }
}
