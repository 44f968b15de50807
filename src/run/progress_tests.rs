//! Tests of progress.

use super::*;
use crate::plan::{Curve, Load, Open, Orders, Pattern};

const COUNTS: Counts = Counts {
    launched: 1000,
    home_done: 800,
    bought: 500,
    failed: 2,
    in_flight: 498,
    most_in_flight: 1000,
    dropped: 0,
    dropped_late: 0,
    dropped_without_row: 0,
    backoffs: 0,
};

/// Progress that began a second after the clock's origin.
fn progress(style: Style) -> Progress<Vec<u8>> {
    let mut progress = Progress::new(Vec::new(), style, true, &Clock::start());
    progress.started = Stamp::at(1_000_000_000);
    progress
}

fn line(width: usize) -> Progress<Vec<u8>> {
    let mut progress = progress(Style::Line { width });
    let plan = Plan {
        shard: Default::default(),
        orders: Orders {
            seed: 0,
            products: 1,
            first: 0,
        },
        load: Load::Open(Open {
            curve: Curve::Constant(200.0),
            pattern: Pattern::Constant,
            count: Some(2000),
            duration: None,
            max_in_flight: 1,
        }),
    };
    progress.begin(&plan, Stamp::at(1_000_000_000));
    progress
}

fn shown<W>(progress: &Progress<W>) -> &str
where
    W: AsRef<[u8]>,
{
    std::str::from_utf8(progress.out.as_ref()).expect("text")
}

#[test]
fn the_line_is_drawn_in_place_and_cleared() {
    let mut progress = line(200);
    progress.clear();
    assert_eq!(shown(&progress), "");
    progress.draw(&COUNTS, Stamp::at(3_510_000_000));
    let line = "\r2.5 s, 502/2000, 200/s, 7 s left, 2 failed, 498 in flight, 500 bought, \
                1000 launched\x1b[K";
    assert_eq!(shown(&progress), line);
    progress.clear();
    progress.clear();
    assert_eq!(shown(&progress), format!("{line}\r\x1b[K"));
}

#[test]
fn time_left_and_total_are_shown_only_if_known() {
    let mut progress = progress(Style::Line { width: 60 });
    progress.draw(&COUNTS, Stamp::at(3_510_000_000));
    let line = "\r2.5 s, 502 done, 143/s, 2 failed, 498 in flight, 500 bought\x1b[K";
    assert_eq!(shown(&progress), line);

    // By the rate so far.
    progress.part.total = Some(1004);
    progress.part.origin = Stamp::at(1_000_000_000);
    let left = progress.left(502, 2.5, Stamp::at(3_500_000_000));
    assert_eq!(left, Some(2.5));
    assert_eq!(progress.left(0, 2.5, Stamp::at(3_500_000_000)), None);
}

#[test]
fn one_line_at_any_width_with_the_most_important_parts() {
    let big = Counts {
        launched: 123_456_789,
        bought: 123_456_000,
        failed: 700,
        dropped: 12,
        ..COUNTS
    };
    for width in 1..200 {
        let mut progress = line(width);
        progress.draw(&big, Stamp::at(4_000_000_000_000));
        let drawn = shown(&progress).trim_start_matches('\r');
        let drawn = drawn.strip_suffix("\x1b[K").expect("the rest is wiped");
        assert!(drawn.len() <= width && !drawn.contains('\n'), "{drawn:?}");
        if width >= 19 {
            assert!(drawn.contains("123456700/2000"), "{drawn:?}");
        }
    }
    let mut narrow = line(19);
    narrow.draw(&COUNTS, Stamp::at(3_500_000_000));
    assert_eq!(shown(&narrow), "\r502/2000, 201/s\x1b[K");
}

#[test]
fn at_most_five_a_second_unless_the_terminal_is_resized() {
    let mut progress = line(79);
    let mut drawings = 0;
    for ms in 1000..2000 {
        let now = Stamp::at(ms * 1_000_000);
        drawings += u32::from(progress.due(now));
        assert_eq!(progress.due(now), progress.next_due() <= Some(now));
        progress.draw(&COUNTS, now);
    }
    assert_eq!(drawings, 5);
    assert_eq!(shown(&progress).matches('\r').count(), 5);
    let now = Stamp::at(1_999_000_000);
    progress.resized.store(true, Ordering::Relaxed);
    assert!(progress.due(now));
    progress.draw(&COUNTS, now);
    assert!(!progress.due(now));
}

#[test]
fn a_log_has_a_line_with_a_time_stamp_every_five_seconds() {
    let mut progress = progress(Style::Log);
    let mut first = None;
    for tenth in 10..=270 {
        let now = Stamp::at(tenth * 100_000_000);
        if progress.due(now) {
            first.get_or_insert(now);
        }
        progress.draw(&COUNTS, now);
        progress.clear();
    }
    assert_eq!(first, Some(Stamp::at(6_000_000_000)));
    let lines: Vec<&str> = shown(&progress).lines().collect();
    assert_eq!(lines.len(), 5, "{lines:?}");
    for (number, line) in lines.iter().enumerate() {
        let (time, rest) = line.split_once(' ').expect("two parts");
        assert!(time.len() == 27 && time.ends_with('Z'), "{time}");
        let seconds = 5 * (number + 1);
        assert!(
            rest.starts_with(&format!("{seconds}.0 s, 502 done, ")),
            "{rest}"
        );
    }
}

#[test]
fn a_hidden_one_writes_nothing() {
    let mut progress = progress(Style::Hidden);
    assert!(!progress.due(Stamp::at(u64::MAX / 4)));
    assert_eq!(progress.next_due(), None);
    progress.draw(&COUNTS, Stamp::at(2_000_000_000));
    progress.clear();
    assert_eq!(shown(&progress), "");
}

#[test]
fn the_columns_variable_is_used_without_a_terminal_width() {
    assert_eq!(width_of(Some("120")), 119);
    for unknown in [None, Some(""), Some("0"), Some("wide")] {
        assert_eq!(width_of(unknown), 79);
    }
}

#[test]
fn a_broken_output_is_left_alone() {
    let mut full = [0; 3];
    let style = Style::Line { width: 79 };
    let mut progress = Progress::new(&mut full[..], style, true, &Clock::start());
    let now = progress.started.after(Duration::from_secs(1));
    progress.draw(&COUNTS, now);
    assert!(!progress.due(Stamp::at(u64::MAX / 4)));
}

#[test]
fn a_run_with_variants_shows_the_part_and_the_time_left_of_all_parts() {
    let mut progress = line(200);
    progress.expect(20, Some(Duration::from_secs(40)));
    progress.announce(0, "gunicorn \u{1b} with a long name");
    progress.draw(&COUNTS, Stamp::at(3_500_000_000));
    let shown = shown(&progress).to_owned();
    assert!(shown.starts_with("\r2.5 s, part 1/20 gunicorn?"), "{shown}");
    assert!(shown.contains(", 38 s left"), "{shown}");
    // From the second part on by those before it: 5 s each, what is beside the load included.
    if let Some(run) = &mut progress.run {
        run.number = 4;
        run.began = Stamp::at(21_000_000_000);
    }
    progress.draw(&COUNTS, Stamp::at(22_000_000_000));
    let text = String::from_utf8(progress.out).expect("text");
    assert!(text.contains("part 5/20"), "{text}");
    assert!(text.contains(", 79 s left"), "{text}");
}
