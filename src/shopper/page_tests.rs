//! Tests of page.

use url::Url;

use super::super::Next;
use super::super::scenario::PageRequest;
use super::*;
use crate::http::request::RequestWriter;
use crate::plan::Order;
use crate::row::Arrival;
use crate::shopper::Memory;
use crate::time::clock::Stamp;

fn scenario(form: Option<&[u8]>) -> Scenario {
    Scenario {
        base: Url::parse("http://shop:8000").expect("a URL"),
        alias: None,
        requests: RequestWriter::new("shop:8000", "test", &[], &[], false),
        home_path: "/home".to_owned(),
        buy_paths: Vec::new(),
        form_suffix: Vec::new(),
        keep_alive: false,
        max_body: 10,
        site: None,
        page: Some(PageRequest {
            path: "/page".to_owned(),
            form: form.map(<[u8]>::to_vec),
            limit: 1000,
        }),
    }
}

fn shopper(scenario: &Scenario) -> Shopper {
    let order = Order {
        address: *b"abcdefghij",
        quantity: 1,
        product: 0,
    };
    let mut shopper = Shopper::new(order, 1);
    shopper.visit_page(scenario);
    shopper.start(Stamp::at(1));
    shopper
}

fn request(shopper: &Shopper, scenario: &Scenario) -> String {
    let mut out = Vec::new();
    shopper.write_request(scenario, &mut out);
    String::from_utf8(out).expect("ASCII")
}

fn arrives(shopper: &mut Shopper, scenario: &Scenario, response: &str) -> Next {
    shopper.receive(
        scenario,
        &mut Memory::default(),
        response.as_bytes(),
        Arrival::seen_at(Stamp::at(2)),
        false,
    )
}

const MOVED: &str = "HTTP/1.1 302 x\r\nLocation: /there\r\nSet-Cookie: a=1\r\n\
                     Set-Cookie: b=2\r\nContent-Length: 0\r\n\r\n";
const DONE: Next = Next::Done { reuse: false };

#[test]
fn a_page_is_the_only_request_and_is_kept_with_the_cookies_of_redirects() {
    let scenario = scenario(None);
    let mut shopper = shopper(&scenario);
    assert!(request(&shopper, &scenario).starts_with("GET /page HTTP/1.1\r\n"));
    let again = Next::Request { reuse: false };
    assert_eq!(arrives(&mut shopper, &scenario, MOVED), again);
    assert_eq!(shopper.page(&scenario), None, "a redirect is not the page");
    assert!(request(&shopper, &scenario).starts_with("GET /there HTTP/1.1\r\n"));
    let refused = "HTTP/1.1 404 x\r\nSet-Cookie: c=3\r\nContent-Length: 4\r\n\r\ngone";
    assert_eq!(arrives(&mut shopper, &scenario, refused), DONE);
    let (head, body, path) = shopper.page(&scenario).expect("whatever its status");
    assert_eq!((head.status, body, path), (404, &b"gone"[..], "/there"));
    assert_eq!(
        head.page.as_ref().expect("a page").cookies,
        b"a=1\nb=2\nc=3\n"
    );
}

#[test]
fn a_form_is_posted_unchanged() {
    let scenario = scenario(Some(b"quantity=1"));
    let mut shopper = shopper(&scenario);
    let posted = request(&shopper, &scenario);
    assert!(posted.starts_with("POST /page HTTP/1.1\r\n"), "{posted}");
    assert!(
        posted.ends_with("Content-Length: 10\r\n\r\nquantity=1"),
        "{posted}"
    );
    arrives(&mut shopper, &scenario, MOVED);
    assert!(request(&shopper, &scenario).starts_with("GET /there HTTP/1.1\r\n"));
    assert_eq!(
        arrives(
            &mut shopper,
            &scenario,
            "HTTP/1.1 200 x\r\nContent-Length: 2\r\n\r\nok"
        ),
        DONE
    );
    let (_, body, _) = shopper.page(&scenario).expect("a page");
    assert_eq!(body, b"ok");
}

#[test]
fn a_failed_request_gives_no_page() {
    let scenario = scenario(None);
    for response in [
        "HTTP/1.1 200 x\r\nContent-Length: 1001\r\n\r\n",
        "SSH-2.0\r\n",
        "HTTP/1.1 302 x\r\nLocation: http://other/\r\nContent-Length: 0\r\n\r\n",
    ] {
        let mut shopper = shopper(&scenario);
        assert_eq!(
            arrives(&mut shopper, &scenario, response),
            DONE,
            "{response}"
        );
        assert_eq!(shopper.page(&scenario), None, "{response}");
        let row = shopper.take_row();
        assert!(row.home.failure.is_some(), "{response}");
    }
}
