//! Tests of locking. Locking this very process is left to the integration tests: it would lock all the
//! threads of the tests.

use super::*;

#[test]
fn sizes_of_a_status() {
    let status = "Name:\tx\nVmSize:\t   2048 kB\nVmLck:\t      0 kB\nVmHWM:\t1 MB\n";
    assert_eq!(size_in(status, "VmSize:"), Some(2 << 20));
    assert_eq!(size_in(status, "VmLck:"), Some(0));
    assert_eq!(size_in(status, "VmHWM:"), None, "another unit");
    assert_eq!(size_in(status, "VmPin:"), None);
    let huge = "VmSize:\t18446744073709551615 kB\n";
    assert_eq!(size_in(huge, "VmSize:"), None);
    assert!(
        size_in(
            &fs::read_to_string("/proc/self/status").expect("Linux"),
            "VmSize:"
        ) > Some(0)
    );
}
