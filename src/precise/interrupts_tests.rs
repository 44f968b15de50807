//! Tests of interrupts.

use super::*;

const FILE: &str = "           CPU0       CPU2       \n\
  24:          1          0  IO-APIC   5-edge      ACPI:Ged\n\
  38:          0      10860 PCI-MSIX-0000:00:03.0   1-edge      virtio2-input.0\n\
  39:       8644          7 PCI-MSIX-0000:00:03.0   2-edge      virtio2-output.0\n\
 LOC:        100        200   Local timer interrupts\n\
 ERR:          5\n\
 MIS:          0\n";

#[test]
fn all_lines_with_a_count_for_each_cpu_are_added() {
    let interrupts = Interrupts::parse(FILE).expect("a file");
    assert_eq!(interrupts.of(0), Some(1 + 8644 + 100));
    assert_eq!(interrupts.of(2), Some(10860 + 7 + 200));
    assert_eq!(interrupts.of(1), None, "it is offline");
}

#[test]
fn those_of_a_device() {
    let interrupts = Interrupts::parse(FILE).expect("a file");
    let is_input = |name: &str, text: &str| name == "38" || text.ends_with("virtio2-output.0");
    assert_eq!(interrupts.of_device(0, is_input), Some(8644));
    assert_eq!(interrupts.of_device(2, is_input), Some(10867));
    assert_eq!(interrupts.of_device_everywhere(is_input), 8644 + 10867);
    assert_eq!(interrupts.of_device(9, is_input), None);
}

#[test]
fn sums_that_exceed_a_number_stay_at_the_largest() {
    let most = u64::MAX;
    let text = format!("CPU0\n 1: {most} a\n 2: 1 b\n");
    let interrupts = Interrupts::parse(&text).expect("a file");
    assert_eq!(interrupts.of(0), Some(most));
}

#[test]
fn hostile_files_are_refused_or_read_in_part() {
    for text in [
        "",
        "\n",
        "CPU\n",
        "CPU0 x\n",
        "CPU-1\n",
        "CPU0-3\n",
        "CPU99999999999\n",
        "CPU8192\n",
        "1: 2 3\n",
    ] {
        assert_eq!(Interrupts::parse(text), None, "{text:?}");
    }
    let cut = Interrupts::parse(&FILE[..FILE.len() - 60]).expect("a file");
    assert!(cut.of(0) >= Some(8645), "{cut:?}");
    let odd = "CPU0 CPU1\n 1: 1\n 2: 1 -1 x\n 3: 99999999999999999999 1\n no colon\n 4: 2 3\n";
    let odd = Interrupts::parse(odd).expect("a file");
    assert_eq!((odd.of(0), odd.of(1)), (Some(2), Some(3)));
}

#[test]
fn this_system_tells_them_or_not_at_all() {
    if let Some(interrupts) = Interrupts::read(Path::new("/proc")) {
        assert!(!interrupts.cpus.is_empty());
    }
    assert_eq!(Interrupts::read(Path::new("/nowhere")), None);
}
