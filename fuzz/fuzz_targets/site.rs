//! What an ordinary site is asked and answers: templates, Server-Timing, fields with a time, cookies, forms.
//! Whatever the bytes are, results are within bounds, and errors are one line.
#![no_main]

use libfuzzer_sys::fuzz_target;
use profilerclient::html::forms::post_form;
use profilerclient::plan::{Encoding, Orders, Table, Template, Values};
use profilerclient::row::answers::Expected;
use profilerclient::row::server_timing::{
    LONGEST_KEPT, LONGEST_NAME, MOST_METRICS, header_seconds, kept, metrics, service_seconds,
};
use profilerclient::shopper::jar::{CookieHost, Jar, MOST_BYTES, MOST_COOKIES};

fn templates(text: &str) {
    let orders = Orders {
        seed: 1,
        products: 1,
        first: 0,
    };
    let (order, of) = (orders.order(3), orders.identity(3));
    for encoding in [Encoding::Form, Encoding::Json, Encoding::Plain] {
        let table = Table::read(text.as_bytes(), encoding);
        if let Err(error) = &table {
            assert!(!error.to_string().is_empty());
        }
        let columns = table
            .as_ref()
            .map_or(Vec::new(), |table| table.columns.clone());
        let values = Values::new(&[text.to_owned()], table.ok(), encoding);
        for template in [
            Template::field(text, &columns, encoding),
            Template::body(text, &columns),
        ] {
            match template {
                Ok(template) => {
                    let mut out = Vec::new();
                    template.fill(&order, of, &values, encoding, &mut out);
                    let mut again = Vec::new();
                    template.fill(&order, of, &values, encoding, &mut again);
                    assert_eq!(out, again);
                }
                Err(error) => assert!(!error.to_string().is_empty()),
            }
        }
    }
}

fn timings(text: &str) {
    let mut count = 0;
    for metric in metrics(text) {
        count += 1;
        assert!((1..=LONGEST_NAME).contains(&metric.name.len()));
        assert!(
            metric
                .seconds
                .is_none_or(|seconds| seconds >= 0.0 && seconds.is_finite())
        );
    }
    assert!(count <= MOST_METRICS);
    assert!(service_seconds(text, None).is_none_or(f64::is_finite));
    assert!(header_seconds(text).is_none_or(f64::is_finite));
    assert!(kept(text.as_bytes()).chars().count() <= LONGEST_KEPT);
}

fn cookies(bytes: &[u8]) {
    let host = CookieHost {
        host: "shop.example.com".to_owned(),
        is_secure: true,
    };
    let mut jar = Jar::default();
    for field in bytes.split(|&byte| byte == b'\n') {
        jar.take(field, &host, "/a/b", 1_800_000_000);
    }
    let mut out = Vec::new();
    jar.write("", &host, "/a/b/c", 1_800_000_000, &mut out);
    assert!(out.len() <= MOST_BYTES + MOST_COOKIES * 3 + "Cookie: \r\n".len());
    let line = out.strip_suffix(b"\r\n").unwrap_or(&out);
    assert!(!line.iter().any(u8::is_ascii_control));
}

fuzz_target!(|bytes: &[u8]| {
    cookies(bytes);
    if let Some(form) = post_form(bytes) {
        assert!(form.fields.iter().all(|field| !field.name.is_empty()));
    }
    if let Ok(text) = str::from_utf8(bytes) {
        templates(text);
        timings(text);
        if let Ok(expected) = Expected::parse(text) {
            assert_eq!(Expected::parse(&expected.to_string()), Ok(expected));
        }
    }
});
