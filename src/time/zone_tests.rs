//! Tests of zone.

use std::process::Command;

use jiff::Timestamp;

use super::*;

/// What a zone's clocks show at an instant, seconds since the Unix epoch.
fn shown(zone: &TimeZone, seconds: i64) -> String {
    let instant = Timestamp::from_second(seconds).expect("an instant");
    let civil = instant.to_zoned(zone.clone()).datetime();
    civil.strftime("%Y-%m-%dT%H:%M:%S").to_string()
}

/// 2026-01-15, 2026-03-20 (between the American change and the European one), 2026-07-15 and 2026-10-28.
/// On the very day of a change the C library is hours off where it takes default rules from a file for
/// another zone.
const INSTANTS: [i64; 4] = [1_768_435_200, 1_773_964_800, 1_784_073_600, 1_793_145_600];

#[test]
fn values_of_the_variable_are_read_as_the_c_library_reads_them() {
    for name in [
        "",
        ":",
        "UTC0",
        "CET-1CEST",
        "EST5EDT4",
        "XYZ3",
        "<+0330>-3:30",
        "CET-1CEST,M3.5.0,M10.5.0/3",
        ":CET-1CEST,M3.5.0,M10.5.0/3",
        "AEST-10AEDT,M10.1.0,M4.1.0/3",
    ] {
        let zone = of_variable(OsStr::new(name)).unwrap_or_else(|| panic!("{name:?} is a zone"));
        let program = format!(
            "import time\nfor t in {INSTANTS:?}: print(time.strftime('%Y-%m-%dT%H:%M:%S', time.localtime(t)))"
        );
        let python = Command::new("python3")
            .args(["-c", &program])
            .env("TZ", name)
            .output();
        let output = python.expect("python3 starts");
        let expected = String::from_utf8(output.stdout).expect("ASCII");
        let found = INSTANTS.map(|instant| shown(&zone, instant)).join("\n");
        assert_eq!(found, expected.trim_end(), "TZ={name:?}");
    }
}

#[test]
fn names_and_files_of_the_database_of_zones() {
    let file = "/usr/share/zoneinfo/Europe/Madrid";
    if !Path::new(file).exists() {
        assert!(
            env::var_os("PROFILERCLIENT_NO_SKIP").is_none(),
            "tzdata is missing"
        );
        eprintln!("SKIPPED: named time zones (no tzdata on this machine)");
        return;
    }
    for name in ["Europe/Madrid", ":Europe/Madrid", file, &format!(":{file}")] {
        let zone = of_variable(OsStr::new(name)).unwrap_or_else(|| panic!("{name:?} is a zone"));
        assert_eq!(shown(&zone, INSTANTS[1]), "2026-03-20T01:00:00", "{name}");
        assert_eq!(shown(&zone, INSTANTS[2]), "2026-07-15T02:00:00", "{name}");
    }
}

#[test]
fn unknown_names_are_not_a_zone() {
    for name in [
        "Nowhere/City",
        ":Nowhere",
        "/nonexistent",
        "/dev/null",
        "/",
        "../../etc/passwd",
        "CET",
        "1",
    ] {
        // Some names without an offset are in the database.
        let is_known = name == "CET" && TimeZone::get(name).is_ok();
        let zone = of_variable(OsStr::new(name));
        assert_eq!(zone.is_some(), is_known, "{name:?}");
    }
}
