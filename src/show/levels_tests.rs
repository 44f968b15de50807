use super::*;
use crate::summary::tests::sample;

/// A level with rounds of the given purchases per second, whose requests took 1 to 100 ms.
pub fn level(concurrent: u64, rates: &[f64]) -> Level {
    let wall_nanos = rates.iter().map(|rate| match rate {
        0.0 => 1_000_000_000,
        rate => (concurrent as f64 / rate * 1e9).round() as i64,
    });
    let sold = rates.iter().filter(|rate| **rate > 0.0).count() as u64;
    let launched = concurrent * rates.len() as u64;
    Level {
        rounds: rates.len() as u64,
        launched,
        bought: concurrent * sold,
        failed: launched - concurrent * sold,
        wall_nanos: wall_nanos.sum(),
        rates: rates.to_vec(),
        home: (1..=100).map(|ms| ms * 500_000).collect(),
        buy: (1..=100).map(|ms| ms * 1_000_000).collect(),
        ..Level::new(concurrent)
    }
}

fn written(levels: &[Level]) -> String {
    let mut out = Vec::new();
    write(levels, &mut out).expect("written");
    String::from_utf8(out).expect("text")
}

#[test]
fn rounds_add_up() {
    let (summary, _) = sample();
    let mut level = Level::new(100);
    assert_eq!((level.rate(), level.is_trusted()), (None, None));
    level.add_round(&summary, 2_000_000_000, true);
    assert_eq!((level.rate(), level.is_trusted()), (Some(48.0), Some(true)));
    level.add_round(&summary, 4_000_000_000, false);
    assert_eq!((level.concurrent, level.rounds), (100, 2));
    assert_eq!((level.launched, level.bought, level.failed), (200, 192, 8));
    assert_eq!(level.rates, [48.0, 24.0]);
    assert_eq!(
        (level.rate(), level.is_trusted()),
        (Some(32.0), Some(false))
    );
    assert_eq!((level.home.len(), level.buy.len()), (200, 200));
    // A clock that did not move measures no throughput.
    level.add_round(&summary, 0, true);
    assert_eq!((level.rounds, level.rates.len()), (3, 2));
    assert_eq!(level.is_trusted(), Some(false));
}

#[test]
fn a_sweep_with_a_knee() {
    let mut levels = [
        level(1, &[9.9, 10.1]),
        level(10, &[84.0, 84.0]),
        level(100, &[252.0, 252.0]),
        level(1000, &[82.6, 82.6]),
    ];
    assert!(!written(&levels).contains('*'));
    levels[3].untrusted = 1;
    levels[3].failed = 17;
    assert_eq!(
        written(&levels),
        "
Levels (elapsed in ms)
concurrent  rounds  purchases/s  buy p50  buy p99  home p50  home p99  failed
1                2        9.999   50.000   99.000    25.000    49.500       0
10               2         84.0   50.000   99.000    25.000    49.500       0
100              2        252.0   50.000   99.000    25.000    49.500       0
1000 *           2         82.6   50.000   99.000    25.000    49.500      17
* NOT TRUSTED: the figures of at least one round are this client's own; a knee may be, too
Universal Scalability Law: X(N) = λN / (1 + σ(N−1) + κN(N−1))
  λ = 9.99 purchases/s, σ = 0.0200, κ = 0.000100, fit error 0.5 %: knee at about N = 99 \
(252 purchases/s by the fit)
"
    );
}

#[test]
fn a_sweep_of_single_rounds_that_saturates() {
    let mut levels = vec![
        level(1, &[10.0]),
        level(10, &[100.0]),
        level(100, &[100.0]),
        level(1000, &[100.0]),
    ];
    levels[0].buy = [81_200_000, 90_000_000].into_iter().collect();
    levels[0].home = Sample::default();
    assert_eq!(
        written(&levels),
        "
Levels (elapsed in ms)
concurrent  purchases/s  buy p50  buy p99  home p50  home p99  failed
1                  10.0   81.200        -         -         -       0
10                100.0   50.000   99.000    25.000    49.500       0
100               100.0   50.000   99.000    25.000    49.500       0
1000              100.0   50.000   99.000    25.000    49.500       0
Universal Scalability Law: X(N) = λN / (1 + σ(N−1) + κN(N−1))
  λ = 12.6 purchases/s, σ = 0.0843, κ = 0.0000440, fit error 25.2 %: no knee seen up to 1,000 \
(ceiling 130 purchases/s by the fit)
  the law does not describe these levels well: go by the table
"
    );
    levels.push(level(2000, &[0.0]));
    let text = written(&levels);
    let last = "\n  rounds without a purchase are not in the fit: of 2,000\n";
    assert!(text.ends_with(last), "{text}");
    assert!(text.contains("no knee seen up to 1,000 "), "{text}");
}

#[test]
fn three_levels_and_fewer() {
    let levels = [
        level(100, &[1_000.0]),
        level(1_000, &[500.0]),
        level(10_000, &[100.0]),
    ];
    let text = written(&levels);
    let (_, law) = text.split_once("(N−1))\n").expect("a law");
    assert_eq!(
        law,
        "  λ = 1,000 purchases/s, σ = 0.938, κ = 0.000938, fit error 4.4 %: knee at N = 100 or below, \
throughput falls from there on (969 purchases/s by the fit)
  three parameters follow any three levels: the fit error means nothing
  levels with one round: noise can look like a knee
"
    );
    let fewer = "fewer than three levels with purchases: no fit\n";
    assert!(written(&levels[1..]).ends_with(fewer));
    let none = [1, 10, 100].map(|n| level(n, &[0.0]));
    assert!(written(&none).ends_with(fewer));
    assert!(written(&[Level::new(1)]).ends_with(fewer));
    assert_eq!(written(&[]), "");
}

#[test]
fn findings_in_words() {
    let none = |ceiling| Finding::NoKnee {
        up_to: 1_000,
        ceiling,
    };
    assert_eq!(finding(&none(None)), "no knee seen up to 1,000");
    assert_eq!(
        finding(&none(Some(12_345.6))),
        "no knee seen up to 1,000 (ceiling 12,346 purchases/s by the fit)"
    );
    let knee = Finding::Knee {
        at: 86.6,
        peak: 1_234.4,
    };
    assert_eq!(
        finding(&knee),
        "knee at about N = 87 (1,234 purchases/s by the fit)"
    );
    let falls = Finding::Falls {
        from: 1,
        peak: 0.25,
    };
    assert_eq!(
        finding(&falls),
        "knee at N = 1, throughput falls from there on (0.250 purchases/s by the fit)"
    );
}

#[test]
fn figures_have_three_digits() {
    for (value, text) in [
        (0.0, "0"),
        (1.234e-7, "1.23e-7"),
        (0.000_012_34, "0.0000123"),
        (0.1, "0.100"),
        (1.0, "1.00"),
        (12.34, "12.3"),
        (123.4, "123"),
        (999.4, "999"),
        (999.6, "1,000"),
        (1_234_567.8, "1,234,568"),
        (1.5e18, "1.50e18"),
    ] {
        assert_eq!(figure(value), text);
    }
    assert_eq!(grouped(u64::MAX), "18,446,744,073,709,551,615");
}
