//! Tests of plan.

use super::*;

const ORDERS: Orders = Orders {
    seed: 1,
    products: 1,
    first: 0,
};

fn closed(total: Option<u64>, duration: Option<Duration>) -> Plan {
    Plan {
        shard: Default::default(),
        orders: ORDERS,
        load: Load::Closed(Closed {
            shoppers: 2,
            total,
            duration,
            ..Closed::default()
        }),
    }
}

#[test]
fn a_closed_workload_is_as_long_as_its_duration_unless_its_iterations_end_first() {
    let second = Some(Duration::from_secs(1));
    assert_eq!(closed(None, second).planned_span(), second);
    assert_eq!(closed(None, second).span_once_launched(9), second);
    let both = closed(Some(4), second);
    assert_eq!(both.planned_span(), None);
    assert_eq!(both.span_once_launched(3), second);
    assert_eq!(both.span_once_launched(4), None);
    assert_eq!(closed(Some(4), None).span_once_launched(3), None);
    assert_eq!(Plan::burst(ORDERS, 3).planned_span(), None);
}

#[test]
fn the_total_is_known_if_only_the_plan_determines_it() {
    let second = Some(Duration::from_secs(1));
    assert_eq!(Plan::burst(ORDERS, 3).known_total(), Some(3));
    assert_eq!(closed(Some(4), None).known_total(), Some(4));
    assert_eq!(closed(Some(4), second).known_total(), None);
    let open = |pattern, count, duration| Plan {
        shard: Default::default(),
        orders: ORDERS,
        load: Load::Open(Open {
            curve: Curve::Constant(30.0),
            pattern,
            count,
            duration,
            max_in_flight: 1,
        }),
    };
    let total = |pattern, count, duration| open(pattern, count, duration).known_total();
    assert_eq!(total(Pattern::Constant, None, second), Some(30));
    assert_eq!(total(Pattern::Constant, Some(50), second), Some(30));
    assert_eq!(total(Pattern::Poisson, Some(50), None), Some(50));
    assert_eq!(total(Pattern::Poisson, Some(50), second), None);
    assert_eq!(total(Pattern::Poisson, None, second), None);
    let mut in_stages = open(Pattern::Poisson, Some(50), None);
    let Load::Open(of_stages) = &mut in_stages.load else {
        panic!("an open workload");
    };
    of_stages.curve = Curve::Stages(vec![Stage {
        length: Duration::from_secs(1),
        rate: 30.0,
    }]);
    assert_eq!(in_stages.known_total(), None, "the stages may end first");
}
