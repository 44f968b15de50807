//! Deadlines of many slots that all have the same span: a queue in the order they were set.

use crate::clock::Stamp;

const NONE: u32 = u32::MAX;

#[derive(Clone, Copy, Debug)]
struct Node {
    previous: u32,
    next: u32,
    due: Stamp,
    queued: bool,
}

/// A doubly linked queue through an array with one node a slot: to set, clear and find the next
/// deadline are each a few stores, and memory depends on the slots alone.
#[derive(Debug)]
pub struct Deadlines {
    nodes: Vec<Node>,
    first: u32,
    last: u32,
}

impl Deadlines {
    /// A queue without slots.
    pub fn new() -> Deadlines {
        Deadlines {
            nodes: Vec::new(),
            first: NONE,
            last: NONE,
        }
    }

    /// Makes it a queue for the slots `0..slots`.
    pub fn grow(&mut self, slots: usize) {
        assert!(
            slots < NONE as usize,
            "more slots than any machine has ports"
        );
        let idle = Node {
            previous: NONE,
            next: NONE,
            due: Stamp(0),
            queued: false,
        };
        self.nodes.resize(slots, idle);
    }

    /// Sets (or moves) the deadline of a slot. It must not lie before any other in the queue: the
    /// clock does not run backwards and the span is the same for all.
    pub fn set(&mut self, slot: usize, due: Stamp) {
        self.clear(slot);
        debug_assert!(
            self.next()
                .is_none_or(|_| self.nodes[self.last as usize].due <= due)
        );
        let slot = slot as u32;
        self.nodes[slot as usize] = Node {
            previous: self.last,
            next: NONE,
            due,
            queued: true,
        };
        match self.last {
            NONE => self.first = slot,
            last => self.nodes[last as usize].next = slot,
        }
        self.last = slot;
    }

    /// Takes a slot out, if it is in.
    pub fn clear(&mut self, slot: usize) {
        let node = self.nodes[slot];
        if !node.queued {
            return;
        }
        match node.previous {
            NONE => self.first = node.next,
            previous => self.nodes[previous as usize].next = node.next,
        }
        match node.next {
            NONE => self.last = node.previous,
            next => self.nodes[next as usize].previous = node.previous,
        }
        self.nodes[slot].queued = false;
    }

    /// The earliest deadline.
    pub fn next(&self) -> Option<Stamp> {
        match self.first {
            NONE => None,
            first => Some(self.nodes[first as usize].due),
        }
    }

    /// Takes out a slot whose deadline has come.
    pub fn pop_due(&mut self, now: Stamp) -> Option<usize> {
        if self.next()? > now {
            return None;
        }
        let slot = self.first as usize;
        self.clear(slot);
        Some(slot)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn agrees_with_a_sorted_list(steps in proptest::collection::vec((0usize..8, 0u8..3), 0..60)) {
            let mut queue = Deadlines::new();
            queue.grow(8);
            let mut model: Vec<(Stamp, usize)> = Vec::new();
            for (time, (slot, action)) in steps.into_iter().enumerate() {
                let now = Stamp(time as u64);
                match action {
                    0 => {
                        queue.set(slot, now.after(std::time::Duration::from_nanos(5)));
                        model.retain(|&(_, other)| other != slot);
                        model.push((Stamp(time as u64 + 5), slot));
                    }
                    1 => {
                        queue.clear(slot);
                        model.retain(|&(_, other)| other != slot);
                    }
                    _ => {
                        let due = model.first().copied().filter(|&(due, _)| due <= now);
                        if due.is_some() {
                            model.remove(0);
                        }
                        prop_assert_eq!(queue.pop_due(now), due.map(|(_, slot)| slot));
                    }
                }
                prop_assert_eq!(queue.next(), model.first().map(|&(due, _)| due));
            }
        }
    }
}
