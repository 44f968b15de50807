//! Tests of the sentence about the resource that is short.

use super::*;

fn facts(queue: f64, service: f64, cpu: f64, on_cpu: f64) -> ResourceFacts {
    ResourceFacts {
        queue_share: Some(queue),
        service_share: Some(service),
        queueing: Some(queue * 0.1),
        service: Some(service * 0.1),
        server_cpu: Some(cpu),
        on_cpu: Some(on_cpu),
        ..ResourceFacts::default()
    }
}

fn alone(facts: ResourceFacts) -> Resource {
    resource(&[LevelFacts { level: 10, facts }], None)
}

#[test]
fn a_single_level_is_told_by_its_shares() {
    for (name, of, expected) in [
        (
            "idle CPU, long queue",
            facts(0.9, 0.1, 0.3, 0.8),
            Short::Workers,
        ),
        (
            "busy CPU, long queue",
            facts(0.9, 0.1, 0.97, 0.9),
            Short::Cpu,
        ),
        (
            "busy CPU, long service",
            facts(0.1, 0.9, 0.95, 0.9),
            Short::Cpu,
        ),
        (
            "service off the CPU",
            facts(0.1, 0.9, 0.2, 0.1),
            Short::SecondServerOrDatabase,
        ),
        (
            "service on one of several CPUs",
            facts(0.1, 0.9, 0.7, 0.9),
            Short::NotTold,
        ),
        ("neither", facts(0.4, 0.4, 0.7, 0.9), Short::NotTold),
    ] {
        assert_eq!(alone(of).short, expected, "{name}: {}", alone(of).sentence);
    }
}

#[test]
fn a_sweep_is_told_by_what_grows() {
    let sweep = |first, last| {
        let levels = [(1, first), (100, last)].map(|(level, facts)| LevelFacts { level, facts });
        resource(&levels, None).short
    };
    let light = facts(0.1, 0.8, 0.1, 0.9);
    let queue = ResourceFacts {
        queueing: Some(0.5),
        ..facts(0.9, 0.1, 0.3, 0.9)
    };
    assert_eq!(sweep(light, queue), Short::Workers);
    let slower = ResourceFacts {
        service: Some(0.5),
        ..facts(0.2, 0.75, 0.96, 0.9)
    };
    assert_eq!(sweep(light, slower), Short::Cpu);
    let waiting = ResourceFacts {
        service: Some(0.5),
        ..facts(0.2, 0.75, 0.3, 0.1)
    };
    assert_eq!(sweep(light, waiting), Short::SecondServerOrDatabase);
    // A queue that does not grow with the level is the network.
    assert_eq!(sweep(queue, queue), Short::NotTold);
}

#[test]
fn the_client_comes_first() {
    let limited = ResourceFacts {
        is_client_limited: true,
        ..facts(0.9, 0.1, 0.3, 0.9)
    };
    assert_eq!(alone(limited).short, Short::Client);
}

#[test]
fn unknown_figures_tell_nothing() {
    let unknown = alone(ResourceFacts::default());
    assert_eq!(unknown.short, Short::NotTold);
    assert_eq!(
        unknown.sentence,
        "not told by these figures: the server reports no CPU usage"
    );
    assert_eq!(resource(&[], None).short, Short::NotTold);
}

#[test]
fn failures_and_the_law_are_named() {
    let failing = ResourceFacts {
        failures: 0.25,
        ..facts(0.9, 0.1, 0.3, 0.9)
    };
    let levels = [LevelFacts {
        level: 10,
        facts: failing,
    }];
    let law = LawFacts {
        knee: Some(42.4),
        ceiling: None,
    };
    assert_eq!(
        resource(&levels, Some(&law)).sentence,
        "workers: 90 % of a purchase is queueing and network before the server's code, and its CPU is \
         30 % busy; 25 % of the shoppers failed; throughput falls above 42 virtual users"
    );
    let law = LawFacts {
        knee: None,
        ceiling: Some(120.0),
    };
    let sentence = resource(&levels, Some(&law)).sentence;
    assert!(sentence.ends_with("throughput levels off at 120 purchases per second"));
}

#[test]
fn means_are_of_what_is_known() {
    let parts = [
        facts(0.2, 0.6, 0.4, 0.5),
        ResourceFacts {
            failures: 0.5,
            queue_share: Some(0.4),
            ..ResourceFacts::default()
        },
    ];
    let mean = mean(&parts);
    assert!((mean.queue_share.expect("two") - 0.3).abs() < 1e-12);
    assert_eq!((mean.server_cpu, mean.failures), (Some(0.4), 0.25));
    assert!(!mean.is_client_limited);
}
