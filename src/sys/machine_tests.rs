//! Tests of what is read of the machine.

use super::*;

#[test]
fn this_machine_reports_what_every_linux_has() {
    let machine = Machine::read();
    assert!(
        machine
            .kernel
            .as_ref()
            .is_some_and(|kernel| kernel.starts_with("Linux ")),
        "{machine:?}"
    );
    assert!(machine.cpus >= Some(1), "{machine:?}");
    assert!(machine.memory_bytes > Some(1 << 20), "{machine:?}");
    let [soft, hard] = machine.open_files.expect("a limit");
    assert!(0 < soft && soft <= hard);
    assert!(machine.load_average.is_some());
    let text = serde_json::to_string(&machine).expect("JSON");
    assert_eq!(
        serde_json::from_str::<Machine>(&text).expect("read back"),
        machine
    );
}

#[test]
fn fields_are_found_by_their_names() {
    let text = "processor\t: 0\nmodel name\t: A: B\nflags\t\t: fpu hypervisor sse\n";
    assert_eq!(field(text, "model name").as_deref(), Some("A: B"));
    assert_eq!(field(text, "model"), None);
    assert_eq!(pair("32768\t60999"), Some([32_768, 60_999]));
    assert_eq!((pair("1"), pair("a b")), (None, None));
}
