//! Tests of choice.

use super::*;

fn chosen(asked: Option<u32>, allowed: &[u32], file: Option<&str>) -> Option<Choice> {
    let interrupts = file.map(|file| Interrupts::parse(file).expect("a file"));
    choose(asked, allowed.to_vec(), interrupts.as_ref()).expect("allowed")
}

#[test]
fn the_least_interrupted_of_those_allowed() {
    let file = "CPU0 CPU1 CPU2 CPU3\n 1: 10 2 7 1 eth0\n LOC: 5 5 5 9\n";
    for (allowed, cpu, count) in [
        (&[0, 1, 2, 3][..], 1, 7),
        (&[0, 2, 3], 3, 10),
        (&[0, 2], 2, 12),
        (&[0], 0, 15),
    ] {
        let choice = chosen(None, allowed, Some(file)).expect("one");
        assert_eq!((choice.cpu, choice.interrupts), (cpu, Some(count)));
        assert_eq!((choice.allowed, choice.is_given), (allowed.to_vec(), false));
    }
}

#[test]
fn of_equal_ones_the_last() {
    let file = "CPU0 CPU1 CPU2\n 1: 3 3 4 eth0\n";
    assert_eq!(chosen(None, &[0, 1, 2], Some(file)).expect("one").cpu, 1);
    let unknown = chosen(None, &[0, 1, 2], None).expect("one");
    assert_eq!((unknown.cpu, unknown.interrupts), (2, None));
    let listed = chosen(None, &[0, 7], Some(file)).expect("one");
    assert_eq!(listed.cpu, 0, "7 has no counts");
    assert_eq!(chosen(None, &[], None), None);
}

#[test]
fn the_one_asked_for() {
    let file = "CPU0 CPU1\n 1: 1 100 eth0\n";
    let choice = chosen(Some(1), &[0, 1], Some(file)).expect("one");
    assert_eq!((choice.cpu, choice.interrupts), (1, Some(100)));
    assert!(choice.is_given);
}

#[test]
fn one_that_is_not_allowed_is_an_error_that_names_the_others() {
    for cpu in [1, 9, u32::MAX] {
        let error = choose(Some(cpu), vec![0, 2, 3], None).expect_err("not allowed");
        let line = error.line();
        for part in [&format!("--cpu {cpu}"), "0,2-3"] {
            assert!(line.contains(part), "{line}");
        }
    }
}

#[test]
fn nothing_is_chosen_where_nothing_is_asked_for() {
    assert_eq!(Asked::default().choose().expect("no error"), None);
}

#[test]
fn this_system_has_one() {
    let asked = Asked {
        is_precise: true,
        cpu: None,
    };
    let choice = asked.choose().expect("no error").expect("one");
    assert!(choice.allowed.contains(&choice.cpu));
}
