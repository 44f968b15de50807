//! Tests of meter.

use super::*;

#[test]
fn the_kernels_files_are_read() {
    let stat = "cpu  100 1 50 800 20 3 4 5 60 0\ncpu0 1 2 3 4\n";
    assert_eq!(
        cpu_ticks(stat),
        Some(CpuTicks {
            all: 983,
            idle: 820
        })
    );
    assert_eq!(cpu_ticks("intr 5"), None);
    assert_eq!(cpu_ticks(""), None);
    let meminfo = "MemTotal:  8192 kB\nMemFree:  1 kB\nMemAvailable:  2048 kB\n";
    assert_eq!(memory_in_use(meminfo), Some(6));
    assert_eq!(memory_in_use("MemTotal: 8192 kB\n"), None);
}

#[test]
fn figures_are_differences() {
    let reading = |all, idle| Reading {
        cpu: Some(CpuTicks { all, idle }),
    };
    let interval = Duration::from_millis(200);
    let figures = figures_between(reading(100, 50), reading(140, 80), interval);
    let expected = Figures {
        cpu_usage: 25.0,
        interval_seconds: 0.2,
    };
    assert_eq!(figures, Some(expected));
    assert_eq!(
        figures_between(reading(100, 50), reading(100, 50), interval),
        None
    );
    assert_eq!(
        figures_between(Reading::default(), reading(1, 0), interval),
        None
    );
}

#[test]
fn nothing_is_reported_before_it_was_measured() {
    let mut meter = Meter::start(Stamp::at(0)).expect("/proc");
    assert!(meter.memory().is_some_and(|mebibytes| mebibytes > 0));
    assert_eq!(meter.figures(Stamp::at(99_999_999)), None);
    let before = meter.base;
    meter.refresh(Stamp::at(50_000_000));
    assert_eq!(meter.base, before, "too early for another reading");
    assert_eq!(meter.base_at, Stamp::at(0));
    meter.refresh(Stamp::at(100_000_000));
    assert_eq!(meter.base_at, Stamp::at(100_000_000));
}
