//! The embedded shop's readers: a request comes to the same whole and split, a chunked body likewise, and
//! any form is fields within their limits.
//!
//! The first byte says how the rest, which is what a client sends, is split.
#![no_main]

use libfuzzer_sys::fuzz_target;
use profilerclient::shop::body::{BODY_LIMIT, BodyError, ChunkedBody, RAW_LIMIT};
use profilerclient::shop::form::{Form, MAX_QUANTITY};
use profilerclient::shop::http::{Parser, Persistence, Progress};
use profilerclient::shop::refusal::Refusal;
use profilerclient::shop::route::{Route, path_and_query};

/// A request without what it borrows.
type Owned = (String, Persistence, Option<Vec<u8>>, Vec<u8>);

/// What comes of bytes that arrive in pieces: nothing yet, a refusal, or a request and its length.
fn request(wire: &[u8], piece: usize) -> Option<Result<(usize, Owned), Refusal>> {
    let mut parser = Parser::default();
    let mut continues = 0;
    let mut end = 0;
    while end < wire.len() {
        end = end.saturating_add(piece).min(wire.len());
        match parser.advance(&wire[..end]) {
            Progress::Partial { send_continue } => continues += u32::from(send_continue),
            Progress::Refused(refusal) => return Some(Err(refusal)),
            Progress::Complete { consumed } => {
                assert!((1..=end).contains(&consumed));
                let request = parser.request(&wire[..end]).expect("it is complete");
                assert!(request.body.len() <= BODY_LIMIT);
                assert!(
                    request
                        .target
                        .bytes()
                        .all(|byte| byte > b' ' && byte != 0x7f)
                );
                let (path, query) = path_and_query(request.target);
                assert!(path.len() + query.len() <= request.target.len());
                let _ = Route::of(path);
                read_form(request.body);
                let owned = (
                    request.target.to_owned(),
                    request.persistence,
                    request.cookie.map(<[u8]>::to_vec),
                    request.body.to_vec(),
                );
                return Some(Ok((consumed, owned)));
            }
        }
        assert!(continues <= 1);
    }
    None
}

fn chunked(wire: &[u8], piece: usize) -> (Result<(usize, bool), BodyError>, Vec<u8>) {
    let mut body = ChunkedBody::default();
    let mut last = Ok((0, false));
    for part in wire.chunks(piece) {
        last = body.decode(part);
        match last {
            Ok((used, false)) => assert_eq!(used, part.len()),
            _ => break,
        }
    }
    assert!(body.body().len() <= BODY_LIMIT);
    if last.is_ok() {
        assert!(body.raw() <= RAW_LIMIT.min(wire.len()));
        assert!(body.body().len() <= body.raw());
    }
    (
        last.map(|(_, done)| (body.raw(), done)),
        body.body().to_vec(),
    )
}

fn read_form(body: &[u8]) {
    let form = Form::read(body);
    if let Some(email) = &form.email {
        assert!(email.len() <= 254 && email.contains('@') && email.trim() == email);
        assert!(!email.contains(char::is_control));
    }
    if let Ok(quantity) = form.quantity {
        assert!((1..=MAX_QUANTITY).contains(&quantity));
        assert!(form.email.is_some());
    }
}

fuzz_target!(|input: &[u8]| {
    let Some((&piece, wire)) = input.split_first() else {
        return;
    };
    let piece = usize::from(piece).max(1);
    let whole = request(wire, usize::MAX);
    let split = request(wire, piece);
    // A head that is refused may be refused before it is whole, with whatever is seen first.
    match (&whole, &split) {
        (Some(Err(_)) | None, Some(Err(_)) | None) => {}
        _ => assert_eq!(whole, split),
    }
    let (whole, body) = chunked(wire, usize::MAX);
    let (split, body_split) = chunked(wire, piece);
    assert_eq!(whole, split);
    if whole.is_ok() {
        assert_eq!(body, body_split);
    }
    read_form(wire);
});
