//! The requests of a load, as the settings have them.

use crate::http::request::{Field, RequestWriter};
use crate::settings::ShopSettings;

/// Their writer; `for_posts` are the fields that go with purchases alone.
pub fn requests(shop: &ShopSettings, for_posts: &[Field], keep_alive: bool) -> RequestWriter {
    RequestWriter::new(
        &shop.target.authority(),
        &shop.user_agent,
        &shop.headers,
        for_posts,
        keep_alive,
    )
}
