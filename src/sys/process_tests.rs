//! Tests of process.

use super::*;

#[test]
fn the_peak_is_read_from_the_status() {
    let status = "Name:\tVmHWM\nVmPeak:\t    2276 kB\nVmHWM:\t     928 kB\nVmRSS:\t     900 kB\n";
    assert_eq!(high_water_mark(status), Some(928));
    assert_eq!(high_water_mark("Name:\tkthreadd\n"), None);
    assert!(peak_resident().expect("of this process") > 0);
}
