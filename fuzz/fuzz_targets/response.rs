//! A response, whole and split at arbitrary places, must come to the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use profilerclient::row::failure::Failure;
use profilerclient::http::response::{BodyUse, Head, ResponseParser};

type Outcome = Result<(Head, Vec<u8>, u64, usize), Failure>;

fn outcome<'a>(parts: impl Iterator<Item = &'a [u8]>) -> Outcome {
    let mut parser = ResponseParser::new(BodyUse::Keep { limit: 4096 });
    let mut consumed = 0;
    for part in parts {
        let taken = parser.feed(part)?;
        assert!(taken == part.len() || parser.is_complete());
        consumed += taken;
    }
    parser.end()?;
    let head = parser.head().expect("an ended response has a head");
    Ok((
        head.clone(),
        parser.body().to_vec(),
        parser.body_bytes(),
        consumed,
    ))
}

fuzz_target!(|input: (Vec<u8>, &[u8])| {
    let (sizes, wire) = input;
    let whole = outcome(std::iter::once(wire));
    let mut rest = wire;
    let mut sizes = sizes.iter();
    let split = outcome(std::iter::from_fn(|| {
        let size = match sizes.next() {
            Some(&size) => usize::from(size).min(rest.len()),
            None => rest.len(),
        };
        let (part, after) = rest.split_at(size);
        let is_over = rest.is_empty();
        rest = after;
        (!is_over).then_some(part)
    }));
    assert_eq!(whole, split);
});
