use super::*;
use crate::stats::Sample;
use crate::summary::evidence::evidence;
use crate::summary::{Figures, Usage};

const MS: i64 = 1_000_000;

/// 100 values alike.
fn all(nanos: i64) -> Option<Distribution> {
    Sample::from_iter([nanos; 100]).summary()
}

/// A run of 100 shoppers without fault, with responses of 100 ms.
fn sound() -> Evidence {
    let requests = Requests {
        elapsed: all(100 * MS),
        until_sent: Some(2 * MS),
        read_delay: all(MS),
        hop_delay: None,
    };
    Evidence {
        handshakes: Handshakes::default(),
        cpu: Duration::from_millis(600),
        wall: Duration::from_secs(1),
        launch_delay: all(3 * MS),
        served: all(103 * MS),
        kind: Kind::Burst,
        start_spread: Some(3 * MS),
        longest_iteration: 2 * MS,
        paused: 0,
        in_flight: 100,
        home: requests.clone(),
        buy: requests,
        responses: 200,
        kernel_stamped: 200,
        without_descriptor: 0,
        without_port: 0,
        dropped_late: 0,
        due: 100,
    }
}

#[track_caller]
fn judged(change: impl Fn(&mut Evidence)) -> Vec<Reason> {
    let mut evidence = sound();
    change(&mut evidence);
    let verdict = Verdict::of(&evidence);
    assert_eq!(verdict.is_trusted(), verdict.reasons().is_empty());
    verdict.reasons().to_vec()
}

#[test]
fn a_sound_run_is_trusted_and_one_without_rows_too() {
    assert_eq!(judged(|_| ()), []);
    assert_eq!(Verdict::of(&Evidence::default()), Verdict::Trusted);
    assert_eq!(Verdict::Trusted.to_string(), "trusted");
}

/// Even where nothing answered, and so nothing else can be judged.
#[test]
fn arrivals_that_were_given_up_limit_the_run() {
    let reasons = judged(|evidence| {
        evidence.home = Requests::default();
        evidence.buy = Requests::default();
        evidence.dropped_late = 40;
    });
    assert_eq!(reasons, [Reason::Behind { late: 40, of: 100 }]);
    assert_eq!(
        reasons[0].to_string(),
        "40 of 100 arrivals were not launched: this client could not keep up with the rate: use a lower \
         --rate, or more than one client"
    );
}

#[test]
fn missing_descriptors_and_ports_are_a_reason() {
    let reasons = judged(|evidence| {
        evidence.without_descriptor = 1;
        evidence.without_port = 2;
    });
    assert_eq!(reasons, [Reason::Descriptors(1), Reason::Ports(2)]);
}

#[test]
fn a_busy_loop_is_a_reason_in_a_run_that_is_long_enough() {
    let busy = |cpu, wall| {
        judged(|evidence| {
            evidence.cpu = Duration::from_millis(cpu);
            evidence.wall = Duration::from_millis(wall);
        })
    };
    assert_eq!(busy(899, 1000), []);
    assert_eq!(busy(900, 1000), [Reason::Busy(90)]);
    assert_eq!(busy(499, 499), []);
    assert_eq!(busy(500, 500), [Reason::Busy(100)]);
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
        let evidence = evidence(&Figures::default(), usage, None, Kind::Open);
        Verdict::of(&evidence).reasons().to_vec()
    };
    assert_eq!(busy(&usage(0)), [Reason::Busy(95)]);
    assert_eq!(busy(&usage(1500)), []);
    assert_eq!(busy(&usage(5000)), [], "never less than nothing");
}

#[test]
fn requests_that_waited_to_be_sent() {
    let late = |until_sent, spread, turn| {
        judged(|evidence| {
            evidence.home.until_sent = Some(until_sent);
            evidence.start_spread = Some(spread);
            evidence.longest_iteration = turn;
        })
    };
    assert_eq!(late(10 * MS, 20 * MS, 20 * MS), []);
    let (waited, of, step) = (10 * MS + 1, 100 * MS, "home");
    let reason = Reason::SendDelay { step, waited, of };
    assert_eq!(
        late(10 * MS + 1, 20 * MS, 20 * MS),
        std::slice::from_ref(&reason)
    );
    // A slow network is not the client's fault: no more than it can have caused.
    assert_eq!(late(50 * MS, 8 * MS, 2 * MS), []);
    assert_eq!(late(50 * MS, 8 * MS, 2 * MS + 1), [reason]);
    // The launch is no excuse for the purchases, nor their fault.
    let buy = |turn| {
        judged(|evidence| {
            evidence.buy.until_sent = Some(50 * MS);
            evidence.start_spread = Some(90 * MS);
            evidence.longest_iteration = turn;
        })
    };
    assert_eq!(buy(10 * MS), []);
    let (waited, step) = (11 * MS, "buy");
    assert_eq!(buy(11 * MS), [Reason::SendDelay { step, waited, of }]);
}

#[test]
fn delays_below_a_millisecond_are_ignored() {
    let fast = |until_sent| {
        judged(|evidence| {
            let requests = Requests {
                elapsed: all(MS / 2),
                until_sent: Some(until_sent),
                read_delay: all(MS),
                hop_delay: None,
            };
            evidence.home = requests.clone();
            evidence.buy = requests;
            evidence.launch_delay = all(MS);
            evidence.served = all(MS / 2);
            evidence.longest_iteration = MS;
        })
    };
    assert_eq!(fast(MS), []);
    assert_eq!(fast(MS + 1).len(), 1);
}

#[test]
fn shoppers_that_were_not_concurrent() {
    let late = |lag| judged(|evidence| evidence.launch_delay = all(lag));
    assert_eq!(late(103 * MS), []);
    let (lag, served) = (103 * MS + 1, 103 * MS);
    assert_eq!(late(lag), [Reason::LateStart { delay: lag, served }]);
}

#[test]
fn responses_that_waited_to_be_read() {
    let late = |delay| {
        judged(|evidence| {
            evidence.home.read_delay = all(delay);
            evidence.buy.read_delay = all(delay);
        })
    };
    assert_eq!(late(10 * MS), []);
    let (delay, of) = (10 * MS + 10, 100 * MS);
    assert_eq!(late(delay), [Reason::ReadDelay { delay, of }]);
}

/// A delay that the loop itself, with little to do, cannot have caused.
#[test]
fn a_delay_of_a_loop_that_is_not_busy_has_the_hint_of_an_idle_machine() {
    let hint = |cpu, in_flight| {
        let reasons = judged(|evidence| {
            evidence.cpu = Duration::from_millis(cpu);
            evidence.in_flight = in_flight;
            evidence.kind = Kind::Open;
            evidence.launch_delay = all(11 * MS);
        });
        let [reason] = reasons.as_slice() else {
            panic!("one reason: {reasons:?}");
        };
        assert_eq!(
            reason.finding(),
            "launch delay p99 11.0 ms, where a typical response took 100.0 ms"
        );
        reason.hint().to_owned()
    };
    let idle = "other processes took the CPU: run it on an idle machine";
    assert_eq!(hint(20, 100), idle);
    assert_eq!(hint(499, 100), idle);
    assert_eq!(hint(500, 100), "a lower --rate");
    assert_eq!(hint(500, 5), "a lower --rate");
    assert_eq!(hint(500, 4), idle, "few in flight keep no loop busy");
    assert_eq!(hint(500, 0), "a lower --rate", "not known");
    let busy = judged(|evidence| {
        evidence.in_flight = 1;
        evidence.cpu = Duration::from_millis(950);
    });
    assert_eq!(busy, [Reason::Busy(95)]);
}

#[test]
fn a_read_delay_is_said_once_and_without_parentheses_in_a_row() {
    let reason = Reason::ReadDelay {
        delay: 58_700_000,
        of: 39 * MS,
    };
    assert_eq!(
        reason.to_string(),
        "mean read delay 58.7 ms (not part of the latencies): fewer virtual users"
    );
}

#[test]
fn stamps_of_this_process_and_a_long_iteration() {
    let late = |turn, kernel_stamped| {
        judged(|evidence| {
            evidence.longest_iteration = turn;
            evidence.kernel_stamped = kernel_stamped;
        })
    };
    assert_eq!(late(10 * MS, 0), []);
    let (turn, of) = (11 * MS, 100 * MS);
    assert_eq!(
        late(turn, 0),
        [Reason::LateStamp {
            iteration: turn,
            of
        }]
    );
    assert_eq!(
        late(turn, 197),
        [Reason::LateStamp {
            iteration: turn,
            of
        }]
    );
    assert_eq!(late(turn, 198), [], "1 % and no more");
    assert_eq!(late(turn, 200), []);
}

#[test]
fn failed_requests_alone_give_no_reason() {
    let reasons = judged(|evidence| {
        evidence.home = Requests::default();
        evidence.buy = Requests::default();
        evidence.launch_delay = all(500 * MS);
        evidence.served = None;
        evidence.longest_iteration = 500 * MS;
        evidence.responses = 0;
        evidence.kernel_stamped = 0;
    });
    assert_eq!(reasons, []);
}

#[test]
fn all_reasons_are_listed_in_one_line() {
    let reasons = vec![
        Reason::Descriptors(1),
        Reason::Ports(2),
        Reason::Busy(97),
        Reason::SendDelay {
            step: "home",
            waited: 15 * MS,
            of: 30 * MS,
        },
        Reason::LateStart {
            delay: 31 * MS,
            served: 30 * MS,
        },
        Reason::ReadDelay {
            delay: 5 * MS,
            of: 30 * MS,
        },
        Reason::LateStamp {
            iteration: 9 * MS,
            of: 40 * MS,
        },
    ];
    let text = Verdict::ClientLimited(reasons).to_string();
    assert!(
        text.starts_with(
            "client-limited: requests failed because no file descriptor was left: 1: raise ulimit -n; "
        ),
        "{text}"
    );
    assert!(
        text.contains("median send delay of home requests 15.0 ms of 30.0 ms"),
        "{text}"
    );
    assert!(text.contains("--preconnect"), "{text}");
    assert_eq!(text.lines().count(), 1);
}

#[test]
fn arrivals_that_were_launched_late() {
    let late = |kind, lag| {
        judged(|evidence| {
            evidence.kind = kind;
            evidence.launch_delay = all(lag);
        })
    };
    let (lag, of) = (11 * MS, 100 * MS);
    assert_eq!(
        late(Kind::Open, lag),
        [Reason::LaunchDelay { delay: lag, of }]
    );
    assert_eq!(late(Kind::Open, 10 * MS), []);
    assert_eq!(late(Kind::Burst, lag), []);
    let (lag, served) = (104 * MS, 103 * MS);
    assert_eq!(
        late(Kind::Burst, lag),
        [Reason::LateStart { delay: lag, served }]
    );
    assert_eq!(
        late(Kind::Closed, lag),
        [],
        "nobody was to be there at once"
    );
    let (lag, of) = (11 * MS, 100 * MS);
    let at = Reason::At {
        level: 100,
        reason: Box::new(Reason::LaunchDelay { delay: lag, of }),
    };
    assert!(
        at.to_string()
            .starts_with("at -c 100: launch delay p99 11.0 ms"),
        "{at}"
    );
}

#[test]
fn redirects_that_wait_limit_the_run_at_the_median_or_at_the_tail() {
    let hops = |nanos: [i64; 100]| Sample::from_iter(nanos).summary();
    let mut slow_tail = [MS / 10; 100];
    slow_tail[90..].fill(30 * MS);
    for (delays, expected) in [
        (hops([9 * MS; 100]), None),
        (hops([11 * MS; 100]), Some(11 * MS)),
        (hops(slow_tail), Some(30 * MS)),
        (None, None),
    ] {
        let reasons = judged(|evidence| evidence.home.hop_delay = delays);
        let expected = expected.map(|waited| Reason::HopDelay {
            step: "home",
            waited,
            of: 100 * MS,
        });
        assert_eq!(reasons, Vec::from_iter(expected));
    }
}
