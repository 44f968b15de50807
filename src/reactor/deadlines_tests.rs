//! Tests of deadlines.

use super::*;
use proptest::prelude::*;

proptest! {
    #[test]
    fn agrees_with_a_sorted_list(steps in proptest::collection::vec((0usize..8, 0u8..3), 0..60)) {
        let mut deadlines = Deadlines::new();
        deadlines.grow(3);
        deadlines.grow(8);
        let mut model: Vec<(Stamp, usize)> = Vec::new();
        for (time, (slot, action)) in steps.into_iter().enumerate() {
            let now = Stamp::at(time as u64);
            match action {
                0 => {
                    deadlines.set(slot, now.after(std::time::Duration::from_nanos(5)));
                    model.retain(|&(_, other)| other != slot);
                    model.push((Stamp::at(time as u64 + 5), slot));
                }
                1 => {
                    deadlines.clear(slot);
                    model.retain(|&(_, other)| other != slot);
                }
                _ => {
                    let due = model.first().copied().filter(|&(due, _)| due <= now);
                    if due.is_some() {
                        model.remove(0);
                    }
                    prop_assert_eq!(deadlines.pop_due(now), due.map(|(_, slot)| slot));
                }
            }
            if let Some(&(due, _)) = model.first() {
                let next = deadlines.next().expect("somebody has a deadline");
                prop_assert!(next <= due, "{next:?} comes after {due:?}");
            }
            prop_assert!(deadlines.looks.len() <= 8);
        }
    }
}
