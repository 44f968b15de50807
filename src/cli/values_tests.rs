//! Tests of values.

use super::*;

#[test]
fn spans_of_time() {
    for (text, expected) in [
        ("5ms", Duration::from_millis(5)),
        ("250us", Duration::from_micros(250)),
        ("250µs", Duration::from_micros(250)),
        ("1.5s", Duration::from_millis(1500)),
        ("2m", Duration::from_secs(120)),
        ("2min", Duration::from_secs(120)),
        ("0", Duration::ZERO),
        ("300", Duration::from_secs(300)),
        (" 1 s ", Duration::from_secs(1)),
        ("0.0001us", Duration::from_nanos(1)),
        ("0.0s", Duration::ZERO),
        ("24000h", Duration::from_secs(86_400_000)),
    ] {
        assert_eq!(parse_span(text), Some(expected), "{text}");
    }
}

#[test]
fn spans_of_several_units() {
    for (text, expected) in [
        ("1h30m", Duration::from_secs(5400)),
        ("1m30s", Duration::from_secs(90)),
        ("1m 30s", Duration::from_secs(90)),
        ("1 m 30 s", Duration::from_secs(90)),
        ("1h1m1s1ms1us", Duration::from_micros(3_661_001_001)),
        ("1h1s", Duration::from_secs(3601)),
        ("1m0.5s", Duration::from_millis(60_500)),
        ("0m0s", Duration::ZERO),
    ] {
        assert_eq!(parse_span(text), Some(expected), "{text}");
    }
}

#[test]
fn what_is_not_a_span() {
    for text in [
        "",
        " ",
        "ms",
        "-1",
        "5 parsecs",
        "1e3",
        "inf",
        "NaN",
        "1.2.3",
        "99999999999",
        "24000h1us",
        "1m30",
        "1 30",
        "30s1m",
        "1m1m",
        "1s 1s",
        "1h,30m",
        "1h30m-",
        "1h 30",
        "1.5.2s",
        ".",
    ] {
        assert_eq!(parse_span(text), None, "{text}");
    }
    assert!(length("0s").is_err());
    assert_eq!(length("1m 30s"), Ok(Duration::from_secs(90)));
}

#[test]
fn sizes() {
    for (text, expected) in [
        ("65536", 65_536),
        ("512K", 512 << 10),
        ("4m", 4 << 20),
        ("4 MiB", 4 << 20),
        ("2G", 2 << 30),
        ("1", 1),
    ] {
        assert_eq!(parse_size(text, u64::MAX), Some(expected), "{text}");
    }
    for text in [
        "",
        "0",
        "K",
        "-1",
        "1.5M",
        "1T",
        "99999999999999999999",
        "18446744073709551615G",
    ] {
        assert_eq!(parse_size(text, u64::MAX), None, "{text}");
    }
    assert_eq!(parse_size("1025M", 1 << 30), None);
    assert_eq!(parse_size("1024M", 1 << 30), Some(1 << 30));
}

#[test]
fn rates() {
    for (text, expected) in [
        ("500", 500.0),
        ("500/s", 500.0),
        ("30/m", 0.5),
        ("3600/h", 1.0),
        ("0.5/s", 0.5),
        ("0", 0.0),
        ("10000000/s", 1e7),
    ] {
        assert_eq!(parse_rate(text), Some(expected), "{text}");
    }
    for text in ["", "-5", "1e3", "inf", "5/week", "10000001", "0.0000001/h"] {
        assert_eq!(parse_rate(text), None, "{text}");
    }
}
