//! Tests of network.

use super::*;

#[test]
fn interfaces_have_names_and_numbers() {
    let index = interface_index("lo").expect("loopback");
    assert_eq!(interface_name(index).as_deref(), Some("lo"));
    for name in [
        "",
        "no-such-one",
        "l\0o",
        "a name that is longer than any interface's",
    ] {
        assert_eq!(interface_index(name), None, "{name:?}");
    }
    assert_eq!(interface_name(u32::MAX), None);
}
