//! Tests of fetch.

use super::*;

#[test]
fn ids_are_read_from_links_once_each() {
    let page = br#"<a href="/rdbms/2/details/">x</a> <a href='/rdbms/3/details/'>y</a>
            <a href="/rdbms/2/details/">x again</a> <a href="/rdbms/about/">no</a>
            <a href="/other/9/details/">no</a> <a href="http://h/rdbms/a-b/details/?x">z</a>
            /rdbms//details/ /rdbms/a b/details/ /rdbms/<b>/details/"#;
    assert_eq!(product_ids(page, "/rdbms/"), ["2", "3", "a-b"]);
    assert!(product_ids(b"\xff\xfe no links", "/rdbms/").is_empty());
}
