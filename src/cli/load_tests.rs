//! Tests of load.

use super::*;
use crate::settings::AtOnce;
use pico_args::Arguments;
use proptest::prelude::*;

fn load(line: &str) -> Result<LoadSettings, Invalid> {
    let words = line.split_whitespace().map(Into::into).collect();
    let mut args = Arguments::from_vec(words);
    parse(&mut args)
}

fn closed(line: &str) -> (Vec<usize>, Option<u64>, Option<Duration>, Think, Duration) {
    match load(line).expect(line).model {
        Model::Closed {
            levels,
            repeat,
            duration,
            think,
            ramp_up,
        } => (
            levels.into_iter().map(NonZeroUsize::get).collect(),
            repeat.map(NonZeroU64::get),
            duration,
            think,
            ramp_up,
        ),
        open => panic!("{line}: {open:?}"),
    }
}

const S: Duration = Duration::from_secs(1);

#[test]
fn the_default_load_is_a_burst() {
    let none = Think::default();
    assert_eq!(closed(""), (vec![1], Some(1), None, none, Duration::ZERO));
    assert_eq!(closed("-c 7 --ramp-up 5s").4, 5 * S);
    assert_eq!(closed("-c 1,10,100").0, [1, 10, 100]);
    let defaults = load("").expect("a burst");
    assert_eq!(
        (defaults.rounds.get(), defaults.pause, defaults.warm_up),
        (1, Duration::ZERO, None)
    );
}

#[test]
fn closed_workloads() {
    assert_eq!(closed("-c 7 --repeat 3").1, Some(3));
    let (levels, repeat, duration, think, _) = closed("-c7 --duration 30s --think_time exp:200ms");
    assert_eq!((levels, repeat, duration), (vec![7], None, Some(30 * S)));
    assert_eq!(think, Think::Exponential(S / 5));
    let (_, repeat, duration, think, _) = closed("--duration 1m --repeat 5 --think-time 1s");
    assert_eq!(
        (repeat, duration, think),
        (Some(5), Some(60 * S), Think::Fixed(S))
    );
}

#[test]
fn open_workloads() {
    let expected = |unit, count, duration, pattern, max_in_flight| Model::Open {
        curve: Curve::Constant(500.0),
        rate_unit: unit,
        pattern,
        count,
        duration,
        max_in_flight,
    };
    assert_eq!(
        load("--rate 500/s --duration 10s").expect("a rate").model,
        expected(
            RateUnit::Second,
            None,
            Some(10 * S),
            Pattern::Constant,
            None
        )
    );
    assert_eq!(
        load("--rate 30000/m --count 9 --arrivals poisson --max-in-flight 5")
            .expect("a rate")
            .model,
        expected(
            RateUnit::Minute,
            NonZeroU64::new(9),
            None,
            Pattern::Poisson,
            NonZeroUsize::new(5)
        )
    );
    let stages = load("--stages 10s@100/s,30s@500/s,10s@0/s")
        .expect("stages")
        .model;
    let Model::Open {
        curve: Curve::Stages(stages),
        ..
    } = stages
    else {
        panic!("{stages:?}");
    };
    let stages: Vec<_> = stages
        .iter()
        .map(|stage| (stage.length, stage.rate))
        .collect();
    assert_eq!(stages, [(10 * S, 100.0), (30 * S, 500.0), (10 * S, 0.0)]);
}

#[test]
fn warm_up_rounds_and_pauses() {
    let load = |line| load(line).expect(line);
    assert_eq!(load("--warm-up 5s").warm_up, Some(WarmUp::For(5 * S)));
    let hundred = NonZeroU64::new(100).map(WarmUp::Shoppers);
    assert_eq!(load("--warm_up 100").warm_up, hundred);
    let sweep = load("-c 1,2 --rounds 3 --pause 2s");
    assert_eq!((sweep.rounds.get(), sweep.pause), (3, 2 * S));
    assert_eq!(sweep.most_at_once(), Some(AtOnce::concurrent(2)));
}

#[test]
fn invalid_loads_name_a_hint() {
    for (line, hint) in [
        ("-c 0", "1 or more"),
        ("-c 1,,2", "1 or more"),
        ("-c 1,x", "such as 1,10,100"),
        ("-c 1,1", "1 is listed twice"),
        ("-c 4,10,4", "4 is listed twice"),
        ("--repeat 0", "1 or more"),
        ("--duration 0s", "such as 30s"),
        ("--duration soon", "such as 30s"),
        ("--rate 0 --count 1", "above 0"),
        ("--rate -5 --count 1", "500/s"),
        ("--rate 1e9 --count 1", "500/s"),
        ("--rate inf --count 1", "500/s"),
        ("--rate 5/week --count 1", "500/s"),
        ("--rate 5", "--rate requires an end: give --duration"),
        ("--rate 5 --count 0", "1 or more"),
        ("--rate 5 --count 1 -c 3", "--max-in-flight"),
        ("--rate 5 --count 1 --repeat 3", "--count"),
        (
            "--rate 5 --count 1 --think-time 3s",
            "cannot be combined with",
        ),
        ("--rate 5 --count 1 --ramp-up 3s", "--stages"),
        (
            "--rate 5 --stages 1s@5/s",
            "--rate cannot be combined with --stages",
        ),
        ("--stages 1s@5/s --duration 3s", "their own"),
        ("--stages 5/s", "SPAN@RATE"),
        ("--stages 1s@0/s,5s@0/s", "no arrivals"),
        ("--arrivals poisson", "requires --rate"),
        ("--rate 5 --count 1 --arrivals bursty", "poisson"),
        ("--count 5", "--repeat"),
        ("--max-in-flight 5", "-c"),
        ("--think-time 5s", "--repeat or --duration"),
        ("--think-time exp: --repeat 2", "exp:200ms"),
        ("--warm-up 0", "such as 100"),
        ("--warm-up 1.5", "with its unit"),
        ("--warm-up 0s", "such as 5s"),
        ("--rounds 0", "1 to 1000"),
        ("--rounds 1001", "1 to 1000"),
        ("--rate 0.0000001/h --count 2", "500/s"),
        ("--pause never", "span of time"),
    ] {
        let error = load(line).expect_err(line).to_string();
        assert!(error.contains(hint), "{line}: {error} lacks {hint}");
    }
}

#[test]
fn more_than_1000_levels_are_refused() {
    let levels = vec!["1"; 1001].join(",");
    let error = load(&format!("-c {levels}"))
        .expect_err("too many")
        .to_string();
    assert!(error.contains("1000 levels"), "{error}");
    assert!(error.len() < 200, "{error}");
}

/// Whether the settings of the load take it: others are left for other readers.
fn is_of_model(long: &str) -> bool {
    !["--seed", "--timeout", "--connect-timeout", "--retry-delay"].contains(&long)
}

proptest! {
    #[test]
    fn any_text_is_a_load_or_an_error(flag in 0usize..13, value in "\\PC{0,20}") {
        let options: Vec<_> = crate::cli::table::LOAD_OPTIONS.iter()
            .filter(|opt| opt.takes_value() && is_of_model(opt.long))
            .collect();
        let words = vec![options[flag % options.len()].long.into(), value.into()];
        if let Err(error) = parse(&mut Arguments::from_vec(words)) {
            let line = error.to_string();
            prop_assert!(!line.contains(char::is_control), "{line:?}");
        }
    }
}
