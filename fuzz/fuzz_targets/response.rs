//! A response, whole and split at arbitrary places, must come to the same, whatever becomes of its body.
#![no_main]

use libfuzzer_sys::fuzz_target;
use profilerclient::http::body_use::BodyUse;
use profilerclient::http::response::{Head, REFUSAL_BYTES, ResponseParser};
use profilerclient::row::failure::Failure;

type Outcome = Result<(Head, Vec<u8>, u64, usize), Failure>;

const LIMIT: usize = 4096;

fn outcome<'a>(body_use: BodyUse, parts: impl Iterator<Item = &'a [u8]>) -> Outcome {
    let mut parser = ResponseParser::new(body_use);
    let mut consumed = 0;
    for part in parts {
        let taken = parser.feed(part)?;
        assert!(taken == part.len() || parser.is_complete());
        consumed += taken;
        let most = match body_use {
            BodyUse::Count => REFUSAL_BYTES,
            BodyUse::Keep { limit } | BodyUse::KeepPage { limit } => limit,
        };
        assert!(parser.body().len() <= most);
    }
    parser.end()?;
    let head = parser.head().expect("an ended response has a head");
    // Foldings are spaces by now; what is left of a field is one line.
    let location = head.location.as_deref().unwrap_or_default();
    assert!(
        !location
            .iter()
            .any(|byte| matches!(byte, b'\r' | b'\n' | 0))
    );
    Ok((
        head.clone(),
        parser.body().to_vec(),
        parser.body_bytes(),
        consumed,
    ))
}

fuzz_target!(|input: (u8, Vec<u8>, &[u8])| {
    let (kind, sizes, wire) = input;
    let body_use = match kind % 3 {
        0 => BodyUse::Count,
        1 => BodyUse::Keep { limit: LIMIT },
        _ => BodyUse::KeepPage { limit: LIMIT },
    };
    let whole = outcome(body_use, std::iter::once(wire));
    let mut rest = wire;
    let mut sizes = sizes.iter();
    let parts = std::iter::from_fn(|| {
        let size = match sizes.next() {
            Some(&size) => usize::from(size).min(rest.len()),
            None => rest.len(),
        };
        let (part, after) = rest.split_at(size);
        let is_over = rest.is_empty();
        rest = after;
        (!is_over).then_some(part)
    });
    assert_eq!(whole, outcome(body_use, parts));
});
