//! The requests of a load, from the settings.

use crate::http::request::{Field, RequestWriter};
use crate::settings::ShopSettings;

/// The writer of requests; `for_posts` are the fields of purchases only.
pub fn requests(shop: &ShopSettings, for_posts: &[Field], keep_alive: bool) -> RequestWriter {
    RequestWriter::new(
        &shop.target.authority(),
        &shop.user_agent,
        &shop.headers,
        for_posts,
        keep_alive,
    )
}
