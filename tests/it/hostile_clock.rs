//! Clocks that cannot be read: clock_gettime(2) of a library that is loaded before the C library's.

use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::tempdir;

use crate::load_support::*;
use crate::support::*;

/// Fails from so many milliseconds after the first call on; only CLOCK_REALTIME if `REALTIME` is set.
const SHIM: &str = r#"
#include <errno.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static long first;

int clock_gettime(clockid_t clock, struct timespec *time) {
    struct timespec now;
    syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
    long millis = now.tv_sec * 1000 + now.tv_nsec / 1000000;
    if (!first) first = millis;
    if (millis - first >= atol(getenv("FAILS_AFTER"))
        && (clock == CLOCK_REALTIME || !getenv("REALTIME"))) {
        errno = EPERM;
        return -1;
    }
    return syscall(SYS_clock_gettime, clock, time);
}
"#;

fn build(directory: &Path) -> PathBuf {
    let (source, library) = (directory.join("shim.c"), directory.join("shim.so"));
    std::fs::write(&source, SHIM).expect("a file");
    let built = Command::new("cc")
        .args(["-shared", "-fPIC", "-o"])
        .args([&library, &source])
        .status();
    assert!(built.expect("the C compiler that links Rust").success());
    library
}

#[test]
fn a_clock_that_fails_ends_the_run_with_its_rows_written() {
    let shop = Shop::start(&[]);
    let dir = tempdir().expect("a directory");
    let shim = build(dir.path());
    for only_realtime in [false, true] {
        let file = dir.path().join(format!("report{only_realtime}.csv"));
        let path = file.to_str().expect("UTF-8");
        let mut run = command(words(&shop.url, path, "--rate 100/s --duration 30s"));
        run.env("LD_PRELOAD", &shim).env("FAILS_AFTER", "700");
        if only_realtime {
            run.env("REALTIME", "1");
        }
        finish(run).refused(1, &["profilerclient: the clock cannot be read: "]);
        let rows = rows(&file).len();
        assert!((10..=100).contains(&rows), "{rows}");
    }
}

#[test]
fn a_clock_that_fails_from_the_start_is_an_error_before_the_load() {
    let shop = Shop::start(&[]);
    let dir = tempdir().expect("a directory");
    let shim = build(dir.path());
    let file = dir.path().join("report.csv");
    let mut run = command(flags(&shop.url, 2, &file));
    run.env("LD_PRELOAD", &shim).env("FAILS_AFTER", "0");
    finish(run).refused(1, &["the clock cannot be read: "]);
    assert_eq!(shop.stat("purchases"), 0);
    assert!(!file.exists());
}
