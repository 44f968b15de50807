//! Tests of bind_list.

use super::*;

fn ips(texts: &[&str]) -> Vec<IpAddr> {
    let ip = |text: &&str| text.parse().expect("an address");
    texts.iter().map(ip).collect()
}

#[track_caller]
fn assert_refused(list: Result<BindList, UsageError>, parts: &[&str]) {
    let error = list.expect_err("refused").to_string();
    for part in parts {
        assert!(error.contains(part), "{part:?} is not in {error:?}");
    }
    assert!(!error.contains(char::is_control), "{error:?}");
}

#[test]
fn lists_of_addresses_and_nets() {
    for (text, expected) in [
        ("127.0.0.2", &["127.0.0.2"][..]),
        ("127.0.0.3, 127.0.0.2", &["127.0.0.3", "127.0.0.2"]),
        ("127.0.1.8/30", &["127.0.1.9", "127.0.1.10"]),
        ("127.0.1.8/31", &["127.0.1.8", "127.0.1.9"]),
        ("127.0.1.8/32,10.0.0.1", &["127.0.1.8", "10.0.0.1"]),
        ("::1", &["::1"]),
        ("[fd00::1],fd00::4/127", &["fd00::1", "fd00::4", "fd00::5"]),
        ("fd00::/128", &["fd00::"]),
    ] {
        let list = BindList::parse(text).expect(text);
        assert_eq!(list.addresses(), ips(expected), "{text}");
    }
    let net = BindList::parse("127.0.1.0/28").expect("a net");
    assert_eq!(net.addresses().len(), 14);
    assert_eq!(
        net.to_string(),
        "127.0.1.1, 127.0.1.2, 127.0.1.3, 127.0.1.4, … (14 addresses)"
    );
}

#[test]
fn the_number_of_addresses_is_limited() {
    let count = |text: &str| BindList::parse(text).map(|list| list.addresses().len());
    assert_eq!(count("10.1.0.0/16"), Ok(65_534));
    assert_eq!(count("10.1.0.0/16,10.2.0.1,10.2.0.2"), Ok(65_536));
    assert_eq!(count("fd00::/112"), Ok(65_536));
    for text in [
        "10.1.0.0/16,10.2.0.1,10.2.0.2,10.2.0.3",
        "fd00::/112,fd01::1",
        "10.0.0.0/15",
        "0.0.0.0/0",
        "fd00::/111",
        "::/0",
    ] {
        assert_refused(BindList::parse(text), &[text, "65536"]);
    }
}

#[test]
fn invalid_lists_are_refused() {
    for (text, parts) in [
        ("", &["\"\" is neither"][..]),
        ("127.0.0.2,", &["neither", "127.0.1.0/28"]),
        ("127.0.0.2,,127.0.0.3", &["\"\" is neither"]),
        ("eth0", &["eth0", "neither"]),
        ("127.0.0.010", &["neither"]),
        ("127.0.0.2:80", &["neither"]),
        ("[127.0.0.2]", &["neither"]),
        ("127.0.0.0/33", &["from 0 to 32"]),
        ("fd00::/129", &["from 0 to 128"]),
        ("127.0.0.0/+8", &["from 0 to 32"]),
        ("127.0.0.0/255.0.0.0", &["prefix length"]),
        ("127.0.0.0/", &["prefix length"]),
        ("127.0.1.5/28", &["127.0.1.0/28", "127.0.1.5 for"]),
        ("fd00::9/126", &["fd00::8/126"]),
        ("127.0.0.2,127.0.0.2", &["127.0.0.2 is listed twice"]),
        ("127.0.1.0/28,127.0.1.14", &["127.0.1.14 is listed twice"]),
        ("127.0.0.2,::1", &["127.0.0.2 and ::1", "two families"]),
        ("0.0.0.0", &["0.0.0.0 is not the address"]),
        ("::/120", &[":: is not the address"]),
        ("224.0.0.1", &["multicast"]),
        ("fe80::1", &["link-local", "%eth0"]),
        ("fe80::1%no-such-one", &["neither"]),
        ("::ffff:127.0.0.2", &["IPv4"]),
    ] {
        assert_refused(BindList::parse(text), &[&["--bind"], parts].concat());
    }
}

#[test]
fn link_local_addresses_have_an_interface() {
    for text in ["fe80::1%lo", "[fe80::1%lo]", "[fe80::1%25lo]"] {
        let list = BindList::parse(text).expect(text);
        assert_eq!(list.to_string(), "fe80::1%lo");
    }
    assert_refused(BindList::parse("fe80::1%lo,fe80::1%lo"), &["listed twice"]);
}
