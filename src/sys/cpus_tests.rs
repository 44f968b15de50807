//! Tests of cpus.

use std::thread;

use super::*;

#[test]
fn lists_as_the_kernel_writes_them() {
    for (text, cpus) in [
        ("0", &[0][..]),
        ("0-3", &[0, 1, 2, 3]),
        ("0,2-3,8\n", &[0, 2, 3, 8]),
        ("3,1", &[1, 3]),
        ("1,1,0-1", &[0, 1]),
        ("8191", &[8191]),
        ("", &[]),
    ] {
        assert_eq!(parse_list(text).as_deref(), Some(cpus), "{text:?}");
    }
}

#[test]
fn what_is_no_list_is_refused() {
    let long = "0-8191,".repeat(10_000) + "0";
    for text in [
        "-",
        "1-",
        "-1",
        "2-1",
        "a",
        "1,,2",
        "1,",
        "8192",
        "0-4294967295",
        "99999999999999999999",
        "+1",
        " 1, 2",
        "1-2-3",
        &long,
    ] {
        assert_eq!(parse_list(text), None, "{:?}", &text[..text.len().min(20)]);
    }
}

#[test]
fn a_list_is_written_as_it_is_read() {
    for text in ["", "0", "0-1", "0,2", "0-3,8,10-11"] {
        assert_eq!(list(&parse_list(text).expect("a list")), text);
    }
}

#[test]
fn a_thread_runs_where_it_is_allowed_to() {
    // A thread of its own: the others keep their CPUs.
    let thread = thread::spawn(|| {
        let all = allowed().expect("the CPUs");
        let last = *all.last().expect("at least one");
        allow(&[last]).expect("one of those allowed");
        let one = allowed().expect("the CPU");
        allow(&all).expect("those from before");
        (last, one, all, allowed().expect("the CPUs"))
    });
    let (last, one, all, after) = thread.join().expect("the thread ends");
    assert_eq!(one, [last]);
    assert_eq!(after, all);
}

#[test]
fn a_cpu_that_does_not_exist_is_refused() {
    assert!(allow(&[MOST - 1]).is_err());
    assert!(allow(&[MOST]).is_err());
    assert!(allow(&[]).is_err());
}

#[test]
fn the_present_cpu_is_one_of_those_allowed() {
    let thread = thread::spawn(|| {
        let last = *allowed().expect("the CPUs").last().expect("at least one");
        allow(&[last]).expect("one of those allowed");
        (last, current())
    });
    let (last, current) = thread.join().expect("the thread ends");
    assert_eq!(current, Some(last));
}
