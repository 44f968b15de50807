//! Deadlines of many slots, nearly all of which are cleared before they are reached.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::time::clock::Stamp;

/// No deadline.
const NONE: Stamp = Stamp::at(u64::MAX);

/// A heap with at most one entry for each slot, which is checked only when its time has come: to set,
/// move or clear a deadline is one store. Deadlines may move later, never earlier.
#[derive(Debug)]
pub struct Deadlines {
    slots: Vec<Slot>,
    /// When to check which slot: at its deadline, or before.
    looks: BinaryHeap<Reverse<(Stamp, u32)>>,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    due: Stamp,
    /// Whether the heap has an entry for it.
    is_queued: bool,
}

const IDLE: Slot = Slot {
    due: NONE,
    is_queued: false,
};

impl Deadlines {
    /// Without slots.
    pub fn new() -> Deadlines {
        Deadlines {
            slots: Vec::new(),
            looks: BinaryHeap::new(),
        }
    }

    /// Resets them to the slots `0..slots`, none of which has a deadline.
    pub fn grow(&mut self, slots: usize) {
        assert!(
            u32::try_from(slots).is_ok(),
            "more slots than any machine has ports"
        );
        self.slots.resize(slots, IDLE);
        self.looks.reserve(slots - self.looks.len());
    }

    /// Sets (or moves) the deadline of a slot. It must not lie before the last one set for it: the
    /// clock does not run backwards and the span is the same for all.
    pub fn set(&mut self, slot: usize, due: Stamp) {
        let state = &mut self.slots[slot];
        state.due = due;
        if !state.is_queued {
            state.is_queued = true;
            self.looks.push(Reverse((due, slot as u32)));
        }
    }

    /// Clears the deadline of a slot, if it has one.
    pub fn clear(&mut self, slot: usize) {
        self.slots[slot].due = NONE;
    }

    /// When to check again: at the earliest deadline, or before.
    pub fn next(&self) -> Option<Stamp> {
        self.looks.peek().map(|Reverse((at, _))| *at)
    }

    /// Clears a deadline that has passed, and returns its slot.
    pub fn pop_due(&mut self, now: Stamp) -> Option<usize> {
        while let Some(&Reverse((at, slot))) = self.looks.peek()
            && at <= now
        {
            self.looks.pop();
            let state = &mut self.slots[slot as usize];
            let due = state.due;
            if due == at {
                *state = IDLE;
                return Some(slot as usize);
            }
            // Moved or cleared since the entry was made.
            state.is_queued = due != NONE;
            if state.is_queued {
                self.looks.push(Reverse((due, slot)));
            }
        }
        None
    }
}

#[cfg(test)]
#[path = "deadlines_tests.rs"]
mod tests;
