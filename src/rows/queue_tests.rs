//! Tests of queue.

use proptest::prelude::*;

use super::*;

fn push(queue: &mut Queue, row: &str) {
    queue.push(|out| out.extend_from_slice(row.as_bytes()));
}

fn text(queue: &Queue) -> String {
    let pieces: Vec<&[u8]> = queue.rows_text().collect();
    String::from_utf8(pieces.concat()).expect("text")
}

#[test]
fn a_prefix_goes_before_the_first_row_and_can_be_replaced() {
    let mut queue = Queue::default();
    queue.set_prefix(b"\r\n");
    assert_eq!(queue.front(), b"", "no row waits");
    push(&mut queue, "aaa\n");
    assert_eq!(queue.front(), b"\r\naaa\n");
    queue.set_prefix(b"head\n");
    push(&mut queue, "b\n");
    assert_eq!(queue.front(), b"head\naaa\nb\n");
    assert_eq!(text(&queue), "aaa\nb\n");
    assert_eq!((queue.bytes(), queue.rows()), (11, 2));
    assert_eq!(queue.whole_within(8), (0, 0));
    assert_eq!(queue.whole_within(10), (1, 9));
    queue.advance(9);
    assert_eq!((queue.front(), queue.rows()), (&b"b\n"[..], 1));
    queue.set_prefix(b"head\n");
    assert_eq!(queue.front(), b"head\nb\n");
    queue.advance(7);
    assert_eq!((queue.bytes(), queue.rows()), (0, 0));
}

#[test]
fn whole_rows_are_offered_and_a_long_one_alone() {
    let mut queue = Queue::default();
    assert_eq!(queue.whole_front(4), b"");
    queue.set_prefix(b"head\n");
    for row in ["aaa\n", "b\n", "cccccccccccc\n", "d\n"] {
        push(&mut queue, row);
    }
    for most in [1, 8] {
        assert_eq!(queue.whole_front(most), b"head\naaa\n", "{most}");
    }
    assert_eq!(queue.whole_front(12), b"head\naaa\nb\n");
    queue.advance(7);
    assert_eq!(queue.whole_front(1), b"a\n", "the rest of a row");
    queue.advance(4);
    assert_eq!(queue.whole_front(3), b"cccccccccccc\n");
    queue.advance(13);
    assert_eq!(queue.whole_front(100), b"d\n");
}

#[test]
fn a_long_queue_frees_its_memory() {
    let mut queue = Queue::default();
    let row = "x".repeat(999) + "\n";
    for _ in 0..1_000 {
        push(&mut queue, &row);
    }
    assert!(queue.chunks.len() > 10, "{}", queue.chunks.len());
    while queue.bytes() > 0 {
        let n = queue.front().len().min(4096);
        queue.advance(n);
    }
    assert_eq!(queue.chunks.len(), 1);
    assert!(queue.chunks[0].capacity() < 4 * CHUNK);
}

proptest! {
    /// The output equals the input for any steps.
    #[test]
    fn bytes_come_out_in_order(
        rows in proptest::collection::vec("[a-z]{0,9}\n", 1..50),
        steps in proptest::collection::vec(1usize..40, 1..50),
    ) {
        let mut queue = Queue::default();
        queue.set_prefix(b"head\n");
        let mut out = Vec::new();
        let mut steps = steps.into_iter().cycle();
        for row in &rows {
            push(&mut queue, row);
            let n = steps.next().expect("endless").min(queue.front().len());
            out.extend_from_slice(&queue.front()[..n]);
            queue.advance(n);
        }
        while !queue.front().is_empty() {
            out.extend_from_slice(queue.front());
            queue.advance(queue.front().len());
        }
        prop_assert_eq!(queue.rows(), 0);
        prop_assert_eq!(out, format!("head\n{}", rows.concat()).into_bytes());
    }
}
