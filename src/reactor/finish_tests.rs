//! Tests of finish.

use super::*;

#[test]
fn the_pause_doubles_up_to_a_second() {
    let pauses = |first: u64| -> Vec<u64> {
        let first = Duration::from_millis(first);
        (0..9)
            .map(|before| retry_delay(first, before).as_millis() as u64)
            .collect()
    };
    assert_eq!(pauses(10), [10, 20, 40, 80, 160, 320, 640, 1000, 1000]);
    assert_eq!(pauses(0), [0; 9]);
    assert_eq!(pauses(1500), [1500; 9], "more than a second was asked for");
    assert_eq!(
        retry_delay(Duration::from_millis(10), u32::MAX),
        LONGEST_RETRY_DELAY
    );
}
