//! Tests of memory.

use super::*;

#[test]
fn the_files_of_the_kernel_are_read() {
    let meminfo = "MemTotal:        8000 kB\nMemAvailable:    4000 kB\nBuffers: 1 kB\n";
    assert_eq!(available(meminfo), Some(4_096_000));
    assert_eq!(available("MemTotal: 8000 kB\n"), None);
    assert_eq!(available("MemAvailable: much kB\n"), None);
    let mixed = "4:memory:/old\n0::/user.slice/run\n";
    assert_eq!(group_path(mixed), Some("/user.slice/run"));
    assert_eq!(group_path("4:memory:/old\n"), None);
}

#[test]
fn this_machine_has_a_share_of_memory() {
    assert!(share() as u64 >= LEAST);
}
