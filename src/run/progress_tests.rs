//! Tests of progress.

use super::*;

const COUNTS: Counts = Counts {
    launched: 1000,
    home_done: 800,
    bought: 500,
    failed: 2,
    in_flight: 498,
    most_in_flight: 1000,
    turned_away: 0,
};

fn progress(enabled: bool, width: usize) -> Progress<Vec<u8>> {
    Progress::new(Vec::new(), enabled, width, Stamp(1_000_000_000))
}

fn shown(progress: &Progress<Vec<u8>>) -> &str {
    std::str::from_utf8(&progress.out).expect("text")
}

#[test]
fn the_line_is_drawn_in_place_and_taken_away() {
    let mut progress = progress(true, 200);
    progress.clear();
    assert_eq!(shown(&progress), "");
    progress.draw(&COUNTS, Stamp(3_540_000_000));
    let line = "\r2.5 s: 1000 launched, 800 home done, 500 bought, 2 failed, 498 in flight\x1b[K";
    assert_eq!(shown(&progress), line);
    progress.clear();
    progress.clear();
    assert_eq!(shown(&progress), format!("{line}\r\x1b[K"));
}

#[test]
fn at_most_five_a_second() {
    let mut progress = progress(true, 79);
    let mut drawings = 0;
    for ms in 1000..2000 {
        let now = Stamp(ms * 1_000_000);
        drawings += u32::from(progress.due(now));
        assert_eq!(progress.due(now), progress.next_due() <= Some(now));
        progress.draw(&COUNTS, now);
    }
    assert_eq!(drawings, 5);
    assert_eq!(shown(&progress).matches('\r').count(), 5);
}

#[test]
fn no_terminal_no_line() {
    let mut progress = progress(false, 79);
    assert!(!progress.due(Stamp(u64::MAX / 4)));
    assert_eq!(progress.next_due(), None);
    progress.draw(&COUNTS, Stamp(2_000_000_000));
    progress.clear();
    assert_eq!(shown(&progress), "");
}

#[test]
fn the_line_never_wraps() {
    let mut progress = progress(true, 10);
    progress.draw(&COUNTS, Stamp(1_000_000_000));
    assert_eq!(shown(&progress), "\r0.0 s: 100\x1b[K");
    assert_eq!(width_of(Some("120")), 119);
    for unknown in [None, Some(""), Some("0"), Some("wide")] {
        assert_eq!(width_of(unknown), 79);
    }
}

#[test]
fn a_broken_output_is_left_alone() {
    let mut full = [0; 3];
    let mut progress = Progress::new(&mut full[..], true, 79, Stamp(0));
    progress.draw(&COUNTS, Stamp(0));
    assert!(!progress.due(Stamp(u64::MAX / 4)));
}
