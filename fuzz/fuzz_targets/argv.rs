//! Any command line is settings that can go over the wire, or a one-line error.
#![no_main]

use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;

use libfuzzer_sys::fuzz_target;
use profilerclient::cli::{self, Command};

fuzz_target!(|input: &[u8]| {
    let argv = input
        .split(|&byte| byte == 0)
        .map(|word| OsString::from_vec(word.to_vec()))
        .collect();
    match cli::parse(argv).map(|invocation| invocation.command) {
        Ok(Command::Run(settings)) => {
            let path = settings
                .shop
                .target
                .path(&settings.shop.app, &settings.shop.page_query);
            assert!(path.bytes().all(|byte| byte.is_ascii_graphic()), "{path:?}");
            let authority = settings.shop.target.authority();
            assert!(
                authority.bytes().all(|byte| byte.is_ascii_graphic()),
                "{authority:?}"
            );
            assert!((1..=65_536).contains(&settings.net.ways.sources()));
            assert_ne!(settings.net.ways.to.port(), 0);
            for field in &settings.shop.headers {
                assert!(!field.value.contains(['\r', '\n', '\0']), "{field:?}");
            }
        }
        Ok(_) => {}
        Err(error) => {
            let line = error.to_string();
            assert!(
                !line.is_empty() && !line.contains(char::is_control),
                "{line:?}"
            );
        }
    }
});
