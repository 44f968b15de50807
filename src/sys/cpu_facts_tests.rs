//! Tests of what is told of a CPU, with files as systems have them.

use std::os::unix::fs::symlink;

use tempfile::TempDir;

use super::*;

/// A system of these files.
fn system(files: &[(&str, &str)]) -> (TempDir, Roots) {
    let directory = tempfile::tempdir().expect("a directory");
    let roots = Roots {
        proc: directory.path().join("proc"),
        sys: directory.path().join("sys"),
    };
    for (path, text) in files {
        let path = directory.path().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a directory");
        fs::write(path, text).expect("a file");
    }
    (directory, roots)
}

const CPU: &str = "sys/devices/system/cpu";

#[test]
fn frequency_and_siblings() {
    let (_kept, roots) = system(&[
        (
            &format!("{CPU}/cpu2/cpufreq/scaling_governor"),
            "powersave\n",
        ),
        (
            &format!("{CPU}/cpu2/topology/thread_siblings_list"),
            "2,6\n",
        ),
        (&format!("{CPU}/cpu3/topology/thread_siblings_list"), "3\n"),
        (
            &format!("{CPU}/cpu4/topology/thread_siblings_list"),
            "many\n",
        ),
        (&format!("{CPU}/intel_pstate/no_turbo"), "0\n"),
    ]);
    assert_eq!(roots.governor(2).as_deref(), Some("powersave"));
    assert_eq!(roots.governor(0), None);
    assert_eq!(roots.siblings(2), Some(vec![6]));
    assert_eq!(roots.siblings(3), Some(vec![]));
    assert_eq!(roots.siblings(4), None);
    assert_eq!(roots.turbo(), Some(true));
}

#[test]
fn turbo_of_other_drivers() {
    for (file, text, turbo) in [
        ("cpufreq/boost", "1", Some(true)),
        ("cpufreq/boost", "0", Some(false)),
        ("intel_pstate/no_turbo", "1", Some(false)),
        ("intel_pstate/no_turbo", "x", None),
    ] {
        let (_kept, roots) = system(&[(&format!("{CPU}/{file}"), text)]);
        assert_eq!(roots.turbo(), turbo, "{file} {text}");
    }
}

#[test]
fn stolen_time_of_the_cpu_asked_for() {
    let stat = "cpu  9 9 9 9 9 9 9 9 9 9\ncpu1 1 2 3 4 5 6 7 8 0 0\ncpu10 1 1 1 1 1 1 1 100 0 0\n\
                cpu2 1 2 3 4 5 6 7\ncpu3 a b c d e f g h\nintr 5\n";
    let (_kept, roots) = system(&[("proc/stat", stat)]);
    let of = |stolen, all| Some(Stolen { stolen, all });
    assert_eq!(roots.stolen(1), of(8, 36));
    assert_eq!(roots.stolen(10), of(100, 107));
    assert_eq!((roots.stolen(2), roots.stolen(3)), (None, None));
    let most = "cpu0 18446744073709551615 1 0 0 0 0 0 0\n";
    let (_kept, roots) = system(&[("proc/stat", most)]);
    assert_eq!(roots.stolen(0), of(0, u64::MAX));
}

#[test]
fn virtual_machines() {
    let guest = (
        "proc/cpuinfo",
        "processor: 0\nflags\t: fpu hypervisor sse\n",
    );
    let vendor = ("sys/class/dmi/id/sys_vendor", "Maker\n");
    let product = ("sys/class/dmi/id/product_name", "Standard PC\n");
    for (files, found) in [
        (&[guest][..], Some(Some("a hypervisor"))),
        (&[guest, vendor, product], Some(Some("Maker Standard PC"))),
        (&[("sys/hypervisor/type", "xen\n")], Some(Some("xen"))),
        (&[("proc/cpuinfo", "flags\t: fpu\n"), vendor], Some(None)),
        (&[("proc/cpuinfo", "Features: fp\n")], None),
        (&[], None),
    ] {
        let (_kept, roots) = system(files);
        let virtualization = roots.virtualization();
        let seen = virtualization.as_ref().map(|of| of.as_deref());
        assert_eq!(seen, found, "{files:?}");
    }
}

#[test]
fn interrupts_of_network_cards() {
    let pci = "sys/devices/pci0";
    let (kept, roots) = system(&[
        (&format!("{pci}/00:01/msi_irqs/40"), "msix"),
        (&format!("{pci}/00:01/msi_irqs/41"), "msix"),
        (&format!("{pci}/00:02/msi_irqs/50"), "msix"),
        (&format!("{pci}/00:02/virtio2/status"), "1"),
        (&format!("{pci}/00:03/vendor"), "1"),
        ("sys/class/net/lo/type", "772"),
        ("sys/class/net/eth0/type", "1"),
        ("sys/class/net/eth1/type", "1"),
        ("sys/class/net/eth2/type", "1"),
    ]);
    for (interface, device) in [
        ("eth0", "00:01"),
        ("eth1", "00:02/virtio2"),
        ("eth2", "00:03"),
    ] {
        let link = kept
            .path()
            .join(format!("sys/class/net/{interface}/device"));
        symlink(kept.path().join(pci).join(device), link).expect("a link");
    }
    let cards = roots.card_interrupts().expect("listed");
    for (name, text, is_card) in [
        ("40", "PCI-MSI 1-edge eth0-rx-0", true),
        ("50", "PCI-MSI 1-edge virtio2-input.0", true),
        ("7", "IO-APIC 7-edge eth2", true),
        ("8", "IO-APIC 8-edge eth2-tx", true),
        ("9", "IO-APIC 9-edge eth20", false),
        ("36", "PCI-MSI 1-edge virtio1-req.0", false),
        ("LOC", "Local timer interrupts", false),
    ] {
        assert_eq!(cards.has(name, text), is_card, "{name} {text}");
    }
    assert!(!cards.is_empty());
}

#[test]
fn a_system_that_tells_nothing() {
    let (_kept, roots) = system(&[]);
    assert_eq!(roots.governor(0), None);
    assert_eq!(roots.turbo(), None);
    assert_eq!(roots.siblings(0), None);
    assert_eq!(roots.stolen(0), None);
    assert_eq!(roots.virtualization(), None);
    assert_eq!(roots.card_interrupts(), None);
}
