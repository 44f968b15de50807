use std::time::Duration;

use super::*;
use crate::plan::Kind;
use crate::stats::{Distribution, Sample};
use crate::summary::evidence::evidence;
use crate::summary::{Figures, PartFacts, Usage};
use crate::sys::contention::Contention;

const US: i64 = 1_000;
const MS: i64 = 1_000_000;

/// 100 values alike.
fn all(nanos: i64) -> Option<Distribution> {
    some(100, nanos)
}

fn some(count: usize, nanos: i64) -> Option<Distribution> {
    Sample::from_iter(vec![nanos; count]).summary()
}

/// 100 values: `count` of one kind, the others of another.
fn mixed(count: usize, nanos: i64, others: i64) -> Option<Distribution> {
    let values = (0..100).map(|place| if place < count { nanos } else { others });
    values.collect::<Sample>().summary()
}

/// Responses of 100 ms, of which 1 ms is the client's.
fn requests() -> Requests {
    Requests {
        elapsed: all(100 * MS),
        net: all(99 * MS),
        send_delay: all(MS),
        read_delay: all(MS),
        ..Requests::default()
    }
}

/// A burst of 100 shoppers without fault.
fn sound() -> Evidence {
    Evidence {
        handshakes: super::super::handshakes::Handshakes::default(),
        cpu: Duration::from_millis(600),
        wall: Duration::from_secs(1),
        contention: Contention {
            run_queue_nanos: Some(1_000),
            timeslices: Some(100),
            steal_nanos: Some(0),
            involuntary_switches: Some(3),
        },
        launch_delay: all(3 * MS),
        served: all(103 * MS),
        purchase_delay: Some(MS),
        kind: Kind::Burst,
        paused: 0,
        in_flight: 100,
        home: requests(),
        buy: requests(),
        dropped_late: 0,
        due: 100,
    }
}

#[track_caller]
fn judged(change: impl Fn(&mut Evidence)) -> Verdict {
    let mut evidence = sound();
    change(&mut evidence);
    let verdict = judge(&evidence);
    for of in [&verdict.home, &verdict.purchase, &verdict.pace] {
        assert_eq!(
            of.state == Trust::NotTrusted,
            !of.reasons.is_empty(),
            "{of:?}"
        );
        assert!(
            of.reasons
                .iter()
                .all(|reason| of.hints.contains(&reason.hint))
        );
    }
    verdict
}

fn kinds(of: &FigureVerdict) -> Vec<&str> {
    of.reasons
        .iter()
        .map(|reason| reason.kind.as_str())
        .collect()
}

/// The kinds of reasons against home, purchase and pace.
#[track_caller]
fn reasons(change: impl Fn(&mut Evidence)) -> [Vec<String>; 3] {
    let verdict = judged(change);
    [&verdict.home, &verdict.purchase, &verdict.pace]
        .map(|of| kinds(of).into_iter().map(str::to_owned).collect())
}

fn none() -> Vec<String> {
    Vec::new()
}

fn one(kind: &str) -> Vec<String> {
    vec![kind.to_owned()]
}

#[test]
fn a_sound_run_is_trusted() {
    let verdict = judged(|_| ());
    for of in [&verdict.home, &verdict.purchase, &verdict.pace] {
        assert_eq!(of.state, Trust::Trusted);
        assert!(of.hints.is_empty());
    }
    let share = OwnShare {
        p50: Some(0.01),
        p99: Some(0.01),
    };
    assert_eq!(verdict.home.own_share, share);
    assert_eq!(verdict.pace.own_share, OwnShare::default());
}

#[test]
fn what_did_not_succeed_is_not_judged() {
    assert_eq!(judge(&Evidence::default()), Verdict::default());
    let verdict = judged(|evidence| evidence.home = Requests::default());
    assert_eq!(verdict.home.state, Trust::NotJudged);
    assert_eq!(verdict.purchase.state, Trust::Trusted);
    assert_eq!(verdict.pace.state, Trust::Trusted);
}

/// Home pages of 5 ms, of which a half is the client's, say nothing of purchases of 50 ms.
#[test]
fn each_latency_is_judged_by_its_own_figures() {
    let home_is_bad = |evidence: &mut Evidence| {
        evidence.home.elapsed = all(5 * MS);
        evidence.home.net = all(5 * MS / 2);
        evidence.home.send_delay = all(5 * MS / 2);
    };
    assert_eq!(reasons(home_is_bad), [one("send_delay"), none(), none()]);
    assert_eq!(judged(home_is_bad).home.own_share.p50, Some(0.5));
    let purchase_is_bad = |evidence: &mut Evidence| {
        evidence.buy.net = all(94 * MS);
        evidence.buy.send_delay = all(6 * MS);
    };
    assert_eq!(
        reasons(purchase_is_bad),
        [none(), one("send_delay"), none()]
    );
}

#[test]
fn five_per_cent_may_be_the_clients_own() {
    let own = |elapsed: i64, own: i64| {
        reasons(|evidence| {
            evidence.home.elapsed = all(elapsed);
            evidence.home.net = all(elapsed - own);
            evidence.home.send_delay = all(own);
            evidence.served = all(103 * MS);
        })
    };
    assert_eq!(own(100 * MS, 5 * MS), [none(), none(), none()]);
    let [home, ..] = own(100 * MS, 5 * MS + 1);
    assert_eq!(home, one("send_delay"));
    // Not even all of a figure, where it is small.
    assert_eq!(own(100 * US, 100 * US), [none(), none(), none()]);
    let [home, ..] = own(100 * US + 1, 100 * US + 1);
    assert_eq!(home, one("send_delay"));
}

#[test]
fn the_tail_is_judged_too_and_the_largest_part_of_it_is_named() {
    let late = |late: usize| {
        judged(|evidence| {
            evidence.home.elapsed = mixed(late, 200 * MS, 100 * MS);
            evidence.home.net = all(100 * MS);
            evidence.home.send_delay = all(0);
            evidence.home.hop_delay = mixed(late, 100 * MS, 0);
        })
    };
    assert_eq!(late(1).home.state, Trust::Trusted, "1 of 100 is beyond p99");
    let verdict = late(2);
    assert_eq!(kinds(&verdict.home), ["hop_delay"]);
    assert_eq!(verdict.home.own_share.p50, Some(0.0));
    assert_eq!(verdict.home.own_share.p99, Some(0.5));
    assert_eq!(
        verdict.home.reasons[0].reason,
        "50 % of home p99 is this client's delay, 100.0 ms of 200.0 ms (hop delay: redirects waited to be \
         followed)"
    );
}

/// Five values have no p99, nor a p90: their median is judged, and the largest is not taken for more.
#[test]
fn percentiles_that_the_values_cannot_support_are_not_judged() {
    let few = |count: usize, late: i64| {
        judged(|evidence| {
            let mut values = vec![100 * MS; count];
            values[0] += late;
            evidence.home.elapsed = values.iter().copied().collect::<Sample>().summary();
            evidence.home.net = some(count, 100 * MS);
            evidence.home.send_delay = some(count, late);
        })
    };
    let verdict = few(5, 50 * MS);
    assert_eq!(verdict.home.state, Trust::Trusted);
    let (p50, p99) = (Some(0.0), None);
    assert_eq!(verdict.home.own_share, OwnShare { p50, p99 });
    // A single one is itself the figure.
    let verdict = few(1, 50 * MS);
    assert_eq!(kinds(&verdict.home), ["send_delay"]);
    assert_eq!(verdict.home.own_share, OwnShare::default());
    assert_eq!(few(1, MS).home.state, Trust::Trusted);

    let arrivals = |count: usize| {
        let mut delays = vec![0; count];
        delays[count - 1] = 500 * MS;
        reasons(|evidence| {
            evidence.kind = Kind::Open;
            evidence.launch_delay = delays.iter().copied().collect::<Sample>().summary();
        })
    };
    assert_eq!(arrivals(5), [none(), none(), none()]);
    assert_eq!(arrivals(1), [none(), none(), none()]);
}

#[test]
fn late_stamps_concern_latencies_and_late_reading_the_pace() {
    let stamped = reasons(|evidence| {
        evidence.buy.net = all(80 * MS);
        evidence.buy.stamp_delay = all(19 * MS);
    });
    assert_eq!(stamped, [none(), one("late_stamps"), none()]);
    let ended = |after_end, between| {
        judged(|evidence| {
            evidence.buy.after_end = after_end;
            evidence.buy.before_end = some(20, between);
        })
        .purchase
    };
    let verdict = ended(51, 10 * MS);
    assert_eq!(kinds(&verdict), ["end_stamps"]);
    assert!(verdict.hints[0].starts_with("--keep-alive"));
    assert_eq!(verdict.own_share.p50, Some(0.11));
    // Few are in the tail only, and the end mostly comes at once.
    assert_eq!(ended(50, 10 * MS).own_share.p50, Some(0.01));
    assert_eq!(ended(50, 10 * MS).own_share.p99, Some(0.11));
    assert_eq!(ended(1, 10 * MS).own_share.p99, Some(0.01));
    assert_eq!(kinds(&ended(100, MS / 20)), [""; 0]);
    let read = |kind, delay| {
        reasons(|evidence| {
            evidence.kind = kind;
            evidence.home.read_delay = all(delay);
            evidence.buy.read_delay = all(delay);
        })
    };
    assert_eq!(read(Kind::Closed, 10 * MS), [none(), none(), none()]);
    let limited = [none(), none(), one("read_delay")];
    assert_eq!(read(Kind::Closed, 10 * MS + 1), limited);
    // Nothing follows the purchases of others.
    assert_eq!(read(Kind::Burst, 99 * MS), [none(), none(), none()]);
}

#[test]
fn purchases_that_start_late_concern_the_pace() {
    let late = |delay| reasons(|evidence| evidence.purchase_delay = Some(delay));
    assert_eq!(late(10 * MS), [none(), none(), none()]);
    assert_eq!(late(10 * MS + 1), [none(), none(), one("purchase_delay")]);
}

/// A thread that was woken and waited for a CPU stamps late what woke it.
#[test]
fn without_kernel_timestamps_the_wait_for_a_cpu_is_the_clients_own() {
    let waiting = |stamp_delay| {
        judged(|evidence| {
            evidence.contention.run_queue_nanos = Some(1_000 * MS as u64);
            evidence.contention.timeslices = Some(100);
            evidence.home.stamp_delay = stamp_delay;
        })
    };
    assert_eq!(waiting(None).home.state, Trust::Trusted);
    let verdict = waiting(all(2 * MS));
    assert_eq!(kinds(&verdict.home), ["late_stamps", "contention"]);
    assert_eq!(verdict.home.own_share.p50, Some(0.11));
    // Few of them are in the tail only.
    let share = |count| waiting(some(count, 2 * MS)).home.own_share;
    let (p50, p99) = (Some(0.01), Some(0.01));
    assert_eq!(share(1), OwnShare { p50, p99 });
    let p99 = Some(0.11);
    assert_eq!(share(2), OwnShare { p50, p99 });
    assert_eq!(share(50), OwnShare { p50, p99 });
    assert_eq!(share(51).p50, Some(0.11));
}

#[test]
fn missing_descriptors_and_ports_concern_the_requests_and_the_pace() {
    let found = reasons(|evidence| {
        evidence.home.without_descriptor = 1;
        evidence.buy.without_port = 2;
    });
    let both = vec!["descriptors".to_owned(), "ports".to_owned()];
    assert_eq!(found, [one("descriptors"), one("ports"), both]);
}

/// Even where nothing answered, and so nothing else can be judged.
#[test]
fn arrivals_that_were_given_up_limit_the_pace() {
    let verdict = judged(|evidence| {
        evidence.home = Requests::default();
        evidence.buy = Requests::default();
        evidence.dropped_late = 40;
    });
    assert_eq!(verdict.latencies(), Trust::NotJudged);
    assert_eq!(
        verdict.pace.reasons[0].to_string(),
        "40 of 100 arrivals were not launched: this client could not keep up with the rate: use a lower \
         --rate, or more than one client"
    );
}

#[test]
fn a_busy_loop_limits_the_pace_of_a_run_that_is_long_enough() {
    let busy = |cpu, wall| {
        reasons(|evidence| {
            evidence.cpu = Duration::from_millis(cpu);
            evidence.wall = Duration::from_millis(wall);
        })
    };
    assert_eq!(busy(899, 1000), [none(), none(), none()]);
    assert_eq!(busy(900, 1000), [none(), none(), one("busy_loop")]);
    assert_eq!(busy(499, 499), [none(), none(), none()]);
    assert_eq!(busy(500, 500), [none(), none(), one("busy_loop")]);
}

#[test]
fn a_loop_that_spins_before_launches_is_not_busy() {
    let usage = |spun| Usage {
        cpu: Duration::from_millis(1900),
        spun: Duration::from_millis(spun),
        wall: Duration::from_secs(2),
        ..Usage::default()
    };
    let busy = |usage: &Usage| {
        let verdict = judge(&evidence(&Figures::default(), usage, &PartFacts::default()));
        verdict.pace.reasons.len()
    };
    assert_eq!(busy(&usage(0)), 1);
    assert_eq!(busy(&usage(1500)), 0);
    assert_eq!(busy(&usage(5000)), 0, "never less than nothing");
}

#[test]
fn a_stop_concerns_the_pace() {
    let stopped = |paused| reasons(|evidence| evidence.paused = paused);
    assert_eq!(stopped(MS), [none(), none(), none()]);
    assert_eq!(stopped(MS + 1), [none(), none(), one("stopped")]);
}

/// The pages are as quick as the launch: their latencies are right, and only the pace is not the shop's.
#[test]
fn shoppers_that_were_not_concurrent_concern_the_pace() {
    let late = |kind, delay| {
        reasons(|evidence| {
            evidence.kind = kind;
            evidence.launch_delay = all(delay);
        })
    };
    assert_eq!(late(Kind::Burst, 103 * MS), [none(), none(), none()]);
    let limited = [none(), none(), one("not_concurrent")];
    assert_eq!(late(Kind::Burst, 103 * MS + 1), limited);
    // Below a millisecond nothing is late.
    let quick = reasons(|evidence| {
        evidence.served = all(MS / 20);
        evidence.launch_delay = all(MS);
    });
    assert_eq!(quick, [none(), none(), none()]);
}

#[test]
fn launches_that_come_late_limit_open_and_closed_workloads() {
    let late = |kind, delay| {
        reasons(|evidence| {
            evidence.kind = kind;
            evidence.launch_delay = all(delay);
        })
    };
    assert_eq!(late(Kind::Open, 10 * MS), [none(), none(), none()]);
    assert_eq!(
        late(Kind::Open, 10 * MS + 1),
        [none(), none(), one("launch_delay")]
    );
    // An iteration is a home page and a purchase.
    assert_eq!(late(Kind::Closed, 20 * MS), [none(), none(), none()]);
    let limited = [none(), none(), one("wait_between_iterations")];
    assert_eq!(late(Kind::Closed, 20 * MS + 1), limited);
}

/// What was measured beside a busy loop on each of two cores: half of the time that the thread wanted.
#[test]
fn contention_is_named_beside_a_delay_and_changes_the_hint() {
    let late = |run_queue: Option<u64>, steal: Option<u64>| {
        judged(|evidence| {
            evidence.launch_delay = all(200 * MS);
            evidence.contention.run_queue_nanos = run_queue.map(|ms| ms * MS as u64);
            evidence.contention.steal_nanos = steal.map(|ms| ms * MS as u64);
        })
        .pace
    };
    let own = late(Some(199), Some(0));
    assert_eq!(kinds(&own), ["not_concurrent"]);
    assert_eq!(own.hints, ["fewer virtual users, or a slower page"]);
    let other = late(Some(200), Some(49));
    assert_eq!(kinds(&other), ["not_concurrent", "contention"]);
    assert_eq!(
        other.reasons[1].reason,
        "other processes took the CPU for 200.0 ms"
    );
    assert_eq!(other.hints.len(), 1, "{other:?}");
    assert!(other.hints[0].contains("--cpu"), "{other:?}");
    assert!(!other.hints[0].contains("fewer virtual users"), "{other:?}");
    let stolen = late(Some(0), Some(50));
    assert_eq!(
        stolen.reasons[1].reason,
        "the hypervisor took the CPU for 50.0 ms"
    );
    let both = late(Some(600), Some(50));
    assert_eq!(
        both.reasons[1].reason,
        "other processes took the CPU for 600.0 ms, the hypervisor took the CPU for 50.0 ms"
    );
    assert_eq!(kinds(&late(None, None)), ["not_concurrent"]);
}

#[test]
fn contention_alone_is_not_a_reason() {
    let contended = |evidence: &mut Evidence| {
        evidence.contention.run_queue_nanos = Some(900 * MS as u64);
        evidence.contention.steal_nanos = Some(900 * MS as u64);
    };
    assert_eq!(reasons(contended), [none(), none(), none()]);
    // Nor does it explain what is no delay.
    let found = reasons(|evidence| {
        contended(evidence);
        evidence.home.without_port = 1;
    });
    assert_eq!(found, [one("ports"), none(), one("ports")]);
}

#[test]
fn a_loop_that_was_not_busy_is_not_to_have_fewer_virtual_users() {
    let hint = |cpu: u64, in_flight: u64| {
        let verdict = judged(|evidence| {
            evidence.cpu = Duration::from_millis(cpu);
            evidence.in_flight = in_flight;
            evidence.launch_delay = all(200 * MS);
        });
        verdict.pace.hints[0].contains("another machine")
    };
    assert!(hint(499, 100));
    assert!(!hint(500, 100));
    assert!(hint(800, 4));
    assert!(!hint(800, 5));
    assert!(!hint(800, 0), "not known");
}

/// A hint that a contended machine needs, and one that helps on any.
#[test]
fn late_stamps_are_cured_by_the_kernels_clock_on_any_machine() {
    for cpu in [100, 800] {
        let verdict = judged(|evidence| {
            evidence.cpu = Duration::from_millis(cpu);
            evidence.home.net = all(50 * MS);
            evidence.home.stamp_delay = all(50 * MS);
        });
        assert!(
            verdict.home.hints[0].starts_with("--clock kernel"),
            "{verdict:?}"
        );
    }
}
