//! How many Django shops run at the same time.

use std::sync::{Condvar, Mutex};

/// Two shops at a time: more bursts on few cores starve each other, and prove nothing more.
static FREE: Mutex<usize> = Mutex::new(2);
static FREED: Condvar = Condvar::new();

/// Leave to have a shop running; given back when it is dropped.
pub struct Turn;

impl Turn {
    /// Waits for it.
    pub fn take() -> Turn {
        let mut free = FREE.lock().expect("nobody fails with it");
        while *free == 0 {
            free = FREED.wait(free).expect("nobody fails with it");
        }
        *free -= 1;
        Turn
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        *FREE.lock().expect("nobody fails with it") += 1;
        FREED.notify_one();
    }
}
