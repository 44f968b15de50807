//! Tests of writing.

use super::*;

fn utc(unix_nanos: i64) -> String {
    let mut out = String::new();
    WallClockFormat::utc().push(unix_nanos, &mut out);
    out
}

#[test]
fn six_decimals_and_the_form_of_the_servers() {
    assert_eq!(
        utc(1_420_245_214_117_753_999),
        "2015-01-03T00:33:34.117753Z"
    );
    assert_eq!(utc(0), "1970-01-01T00:00:00.000000Z");
    assert_eq!(utc(-1), "1969-12-31T23:59:59.999999Z");
}

#[test]
fn the_kept_second_is_renewed() {
    let mut format = WallClockFormat::utc();
    let mut out = String::new();
    for nanos in [999_999_999, 1_000_000_000, 1_000_001_000, 999_999_000] {
        out.clear();
        format.push(nanos, &mut out);
        assert_eq!(out, utc(nanos));
    }
}

#[test]
fn local_time_has_no_offset_and_follows_daylight_saving() {
    let zone = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").expect("a POSIX zone");
    let mut format = WallClockFormat::new(zone, "");
    let mut out = String::new();
    format.push(1_774_745_999_000_000_000, &mut out); // 2026-03-29T00:59:59Z
    assert_eq!(out, "2026-03-29T01:59:59.000000");
    out.clear();
    format.push(1_774_746_000_000_000_000, &mut out);
    assert_eq!(out, "2026-03-29T03:00:00.000000");
}
