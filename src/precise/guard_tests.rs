//! Tests of guard. Memory is not locked here: that would lock the memory of all tests.

use std::thread;

use super::*;

fn choice(cpu: u32) -> Choice {
    Choice {
        cpu,
        allowed: cpus::allowed().expect("the CPUs"),
        interrupts: None,
        is_given: true,
    }
}

fn apart<T: Send + 'static>(act: impl FnOnce() -> T + Send + 'static) -> T {
    thread::spawn(act).join().expect("the thread ends")
}

#[test]
fn a_cpu_alone_is_pinned_and_given_back() {
    let (cpu, during, taken, before, after) = apart(|| {
        let before = cpus::allowed().expect("the CPUs");
        let choice = choice(before[0]);
        let asked = Asked {
            is_precise: false,
            cpu: Some(choice.cpu),
        };
        let guard = Guard::begin(asked, Some(&choice), Circumstances::default());
        let during = cpus::allowed().expect("the CPU");
        assert_eq!(guard.spin_before_due(), Duration::ZERO);
        assert_eq!(guard.busy_poll(), BusyPoll::Off);
        let taken = guard.end();
        (
            choice.cpu,
            during,
            taken,
            before,
            cpus::allowed().expect("the CPUs"),
        )
    });
    assert_eq!(during, [cpu]);
    assert_eq!(after, before);
    assert_eq!(taken.cpus_allowed, Some(cpu.to_string()));
    let [measure] = &taken.measures[..] else {
        panic!("one measure: {taken:?}");
    };
    assert_eq!((measure.name.as_str(), &measure.why_not), ("cpu", &None));
    assert!(
        measure
            .got
            .as_ref()
            .is_some_and(|got| got.starts_with(&format!("{cpu} of")))
    );
}

#[test]
fn a_cpu_that_is_gone_is_left_out() {
    let taken = apart(|| {
        let asked = Asked {
            is_precise: false,
            cpu: Some(cpus::MOST - 1),
        };
        let choice = choice(cpus::MOST - 1);
        Guard::begin(asked, Some(&choice), Circumstances::default()).end()
    });
    let measure = &taken.measures[0];
    assert_eq!(measure.got, None);
    assert!(measure.why_not.is_some());
}

#[test]
fn a_server_on_this_machine_is_warned_of_where_it_has_few_cpus() {
    let online = cpus::online().expect("Linux");
    let choice = choice(online[0]);
    assert_eq!(choice.warning(false), None);
    let warning = choice.warning(true);
    match online.len() {
        1 => assert!(warning.is_some_and(|text| text.contains("the only one"))),
        2 => assert!(warning.is_some_and(|text| text.contains(&format!("CPU {} only", online[1])))),
        _ => assert_eq!(warning, None),
    }
}

#[test]
fn busy_polling_is_for_servers_elsewhere() {
    let guard_of = |is_local| {
        let mut guard = Guard::begin(Asked::default(), None, Circumstances::default());
        guard.taken = Precise::default();
        guard.poll_busily(is_local);
        let way = guard.busy_poll();
        (way, guard.end().measures.remove(0))
    };
    let (way, measure) = guard_of(true);
    assert_eq!((way, measure.got), (BusyPoll::Off, None));
    assert!(measure.why_not.is_some_and(|why| why.contains("loopback")));
    let (way, measure) = guard_of(false);
    assert_eq!(measure.name, "busy_poll");
    assert_eq!(way == BusyPoll::Off, measure.got.is_none(), "{measure:?}");
    assert_eq!(measure.got.is_none(), measure.why_not.is_some());
}

#[test]
fn nothing_to_spin_for_and_no_cpu_to_spin_on() {
    for (is_shared, has_due_launches, spins) in [
        (false, true, true),
        (false, false, false),
        (true, true, false),
        (true, false, false),
    ] {
        let mut guard = Guard::begin(Asked::default(), None, Circumstances::default());
        guard.taken = Precise::default();
        guard.spin(is_shared, has_due_launches);
        assert_eq!(guard.spin_before_due() == SPIN, spins);
        let measure = guard.end().measures.remove(0);
        assert_eq!(
            (measure.got.is_some(), measure.why_not.is_none()),
            (spins, spins)
        );
    }
}
