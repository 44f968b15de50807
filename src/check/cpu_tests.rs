//! Tests of cpu.

use super::*;

fn judge(is_strict: bool) -> Judge {
    Judge {
        is_strict,
        is_precise: false,
        roots: Roots {
            proc: "/nowhere".into(),
            sys: "/nowhere".into(),
        },
    }
}

fn choice(is_given: bool) -> Choice {
    Choice {
        cpu: 0,
        allowed: vec![0, 1],
        interrupts: Some(7),
        is_given,
    }
}

#[track_caller]
fn assert_check(check: &Check, status: Status, parts: &[&str]) {
    assert_eq!(check.status, status, "{check:?}");
    let line = format!("{}: {}", check.finding, check.hint.as_deref().unwrap_or(""));
    for part in parts {
        assert!(line.contains(part), "{part:?} is not in {line:?}");
    }
}

#[test]
fn a_machine_that_tells_nothing_says_so_with_hints() {
    let checks = judge(true).all(&choice(true), Some(false));
    let names: Vec<&str> = checks.iter().map(|check| check.name).collect();
    assert_eq!(
        names,
        [
            "cpu",
            "governor",
            "turbo",
            "smt sibling",
            "steal",
            "virtualization",
            "timer slack",
            "nic interrupts"
        ]
    );
    for check in &checks {
        // These two do not come from files.
        if !["cpu", "timer slack"].contains(&check.name) {
            assert_check(check, Status::Skip, &["not told by this machine"]);
            assert!(check.hint.is_some(), "{check:?}");
        }
    }
}

#[test]
fn what_disturbs_is_a_warning_where_precision_is_asked_for() {
    let hints = [
        (Some("powersave"), "cpupower"),
        (Some("schedutil"), "performance"),
    ];
    for (governor, part) in hints {
        let governor = governor.map(str::to_owned);
        let found = judge(true).governor(governor.clone());
        assert_check(&found, Status::Warn, &[part]);
        let found = judge(false).governor(governor);
        assert_check(&found, Status::Ok, &[part]);
    }
    let good = judge(true).governor(Some("performance".to_owned()));
    assert_check(&good, Status::Ok, &["performance"]);
    assert_eq!(good.hint, None);
}

#[test]
fn turbo_and_siblings() {
    let judge = judge(true);
    assert_check(&judge.turbo(Some(true)), Status::Warn, &["on:", "no_turbo"]);
    assert_check(&judge.turbo(Some(false)), Status::Ok, &["off"]);
    let shared = judge.siblings(2, Some(vec![6, 7]));
    assert_check(&shared, Status::Warn, &["CPU 2", "6-7", "smt/control"]);
    let alone = judge.siblings(2, Some(vec![]));
    assert_check(&alone, Status::Ok, &["to itself"]);
}

#[test]
fn stolen_time() {
    let judge = judge(true);
    let of = |stolen, all| judge.steal(Some(Stolen { stolen, all }));
    assert_check(&of(0, 0), Status::Ok, &["0.00 %"]);
    assert_check(&of(1, 1000), Status::Ok, &["0.10 %"]);
    assert_check(&of(30, 1000), Status::Warn, &["3.00 %", "dedicated"]);
}

#[test]
fn virtualization() {
    let judge = judge(true);
    let on = judge.virtualization(Some(Some("KVM".to_owned())));
    assert_check(&on, Status::Warn, &["KVM", "bare metal"]);
    let none = judge.virtualization(Some(None));
    assert_check(&none, Status::Ok, &["none"]);
}

#[test]
fn timer_slack() {
    let judge = judge(true);
    assert_check(&judge.timer_slack(Some(1)), Status::Ok, &["1 ns"]);
    let usual = judge.timer_slack(Some(50_000));
    assert_check(&usual, Status::Warn, &["50 µs", "--precise"]);
    let precise = Judge {
        is_precise: true,
        ..judge
    };
    let usual = precise.timer_slack(Some(50_000));
    assert_check(&usual, Status::Ok, &["1 ns during"]);
}

#[test]
fn interrupts_of_cards_on_the_cpu() {
    let directory = tempfile::tempdir().expect("a directory");
    let sys = directory.path().join("sys");
    for path in ["class/net/eth0", "devices/eth/msi_irqs/40"] {
        std::fs::create_dir_all(sys.join(path)).expect("a directory");
    }
    let link = sys.join("class/net/eth0/device");
    std::os::unix::fs::symlink(sys.join("devices/eth"), link).expect("a link");
    let roots = Roots {
        proc: "/nowhere".into(),
        sys,
    };
    let interrupts = Interrupts::parse("CPU0 CPU1\n 40: 900 100 eth0\n 41: 5 5 disk\n");
    let judge = judge(true);
    let of = |cpu, is_here| {
        let cards = roots.card_interrupts();
        judge.interrupts(cpu, interrupts.as_ref(), cards, is_here)
    };
    let parts = &["90 % of 1000 interrupts", "CPU 0", "smp_affinity_list"];
    assert_check(&of(0, Some(false)), Status::Warn, parts);
    assert_check(&of(0, None), Status::Warn, parts);
    assert_check(&of(0, Some(true)), Status::Ok, &["on this machine"]);
    assert_check(&of(1, Some(false)), Status::Ok, &["10 %"]);
    let none = judge.interrupts(
        0,
        interrupts.as_ref(),
        Some(CardInterrupts::default()),
        None,
    );
    assert_check(&none, Status::Ok, &["no network card"]);
}

#[test]
fn the_choice_says_why() {
    let judge = judge(false);
    let given = judge.cpu(&choice(true), Some(false));
    assert_check(&given, Status::Ok, &["CPU 0 of 0-1", "--cpu"]);
    let least = judge.cpu(&choice(false), Some(false));
    assert_check(&least, Status::Ok, &["7 interrupts", "the least"]);
}
