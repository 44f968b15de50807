//! Any body is a report or a one-line error, and whatever was read can be written as a row.
#![no_main]

use libfuzzer_sys::fuzz_target;
use profilerclient::html;
use profilerclient::row::server_report::ServerReport;
use profilerclient::text::Printable;

fuzz_target!(|body: &[u8]| {
    match ServerReport::parse(body) {
        Ok(report) => assert!(body.contains(&b'{'), "{report:?} came from nothing"),
        Err(why) => {
            assert!(!why.is_empty());
            assert!(!Printable(&why).to_string().contains(char::is_control));
        }
    }
    if let Some(title) = html::title(body) {
        assert!(title.chars().count() <= 201);
    }
});
