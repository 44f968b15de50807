//! Tests of process.

use super::*;

#[test]
fn the_peak_is_read_from_the_status() {
    let status = "Name:\tVmHWM\nVmPeak:\t    2276 kB\nVmHWM:\t     928 kB\nVmRSS:\t     900 kB\n";
    assert_eq!(high_water_mark(status), Some(928));
    assert_eq!(high_water_mark("Name:\tkthreadd\n"), None);
    assert!(peak_resident().expect("of this process") > 0);
}

#[test]
fn a_process_of_a_group_is_known_by_its_stat() {
    let stat = "42 (a) b) (c) S 1 37 37 0 -1 4194560";
    assert!(is_of_group(stat, 37));
    assert!(!is_of_group(stat, 1));
    assert!(!is_of_group("42 (sh) Z 1 37 37 0 -1", 37), "a zombie");
    assert!(!is_of_group("", 37));
}

#[test]
fn a_group_is_alive_until_it_is_killed() {
    let mut child = Command::new("sleep")
        .arg("60")
        .process_group(0)
        .spawn()
        .expect("sleep");
    let group = child.id();
    assert!(is_group_alive(group));
    kill_group(group, libc::SIGKILL).expect("it is there");
    child.wait().expect("it has ended");
    assert!(!is_group_alive(group));
}
