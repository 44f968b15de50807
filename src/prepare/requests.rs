//! The requests of a load, from the settings.

use crate::http::request::{Field, RequestWriter};
use crate::settings::{ShopSettings, SiteSettings};

use super::posting::body_type;

/// The writer of requests; `for_posts` are the fields of purchases only.
pub fn requests(shop: &ShopSettings, for_posts: &[Field], keep_alive: bool) -> RequestWriter {
    let (authority, agent) = (shop.target.authority(), &shop.user_agent);
    if *shop.site == SiteSettings::default() {
        return RequestWriter::new(&authority, agent, &shop.headers, for_posts, keep_alive);
    }
    // With sessions, each request has a Cookie field of its own.
    let is_fixed = |field: &&Field| !(shop.site.cookies && field.is("Cookie"));
    let headers: Vec<Field> = shop.headers.iter().filter(is_fixed).cloned().collect();
    let mut for_posts = for_posts.to_vec();
    for_posts.retain(|field| is_fixed(&field));
    if shop.site.posts.body.is_some() {
        for_posts.push(Field {
            name: "Content-Type".to_owned(),
            value: body_type(shop),
        });
    }
    RequestWriter::new(&authority, agent, &headers, &for_posts, keep_alive)
}
