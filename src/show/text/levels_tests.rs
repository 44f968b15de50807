//! Tests of the table over levels.

use super::*;
use crate::summary::sweeps::{level, limited, sweep};

fn written(summary: &Summary) -> String {
    let mut out = Vec::new();
    let levels = summary.levels.as_ref().expect("levels");
    write(summary, levels, &mut out).expect("written");
    anstream::adapter::strip_str(&String::from_utf8(out).expect("text")).to_string()
}

#[test]
fn a_sweep_with_a_knee() {
    let mut levels = vec![
        level(1, &[9.9, 10.1]),
        level(10, &[84.0, 84.0]),
        level(100, &[252.0, 252.0]),
        level(1000, &[82.6, 82.6]),
    ];
    assert!(!written(&sweep(levels.clone())).contains('*'));
    levels[2].verdict.pace = limited().home;
    levels[3].verdict = limited();
    levels[3].figures.shoppers += 17;
    assert_eq!(
        written(&sweep(levels)),
        "
Users   rounds  purch./s  buy p50     p95  p99, ms  home p50  p95, ms  failed
1            2     9.999   50.000  95.000   99.000    25.000   47.500       0
10           2      84.0   50.000  95.000   99.000    25.000   47.500       0
100 ~        2     252.0   50.000  95.000   99.000    25.000   47.500       0
1000 *       2      82.6   50.000  95.000   99.000    25.000   47.500      17
* NOT TRUSTED: at least one round was client-limited, and so may be a knee
~ PACE: this client set the pace in at least one round, and so may set a knee
Universal Scalability Law: X(N) = λN / (1 + σ(N−1) + κN(N−1))
  λ = 9.99 purchases/s, σ = 0.0200, κ = 0.000100, fit error 0.5 %
  knee at about N = 99 (252 purchases/s by the fit)
"
    );
}

#[test]
fn a_sweep_without_a_statement_on_a_knee() {
    let mut levels = vec![
        level(1, &[10.0]),
        level(10, &[100.0]),
        level(100, &[100.0]),
        level(1000, &[0.0]),
    ];
    levels[0].figures.buy.elapsed_ok = [81_200_000, 90_000_000].into_iter().collect();
    levels[0].figures.home.elapsed_ok = Default::default();
    let text = written(&sweep(levels.clone()));
    let first = "
Users  purch./s  buy p50     p95  p99, ms  home p50  p95, ms  failed
1          10.0   81.200       -        -         -        -       0
";
    assert!(text.starts_with(first), "{text}");
    let last = "  no statement on knee or ceiling: a knee or a ceiling needs 4 levels of 2
  rounds each, there are 0
  rounds without a purchase are not in the fit: of 1000
";
    assert!(text.ends_with(last), "{text}");
    let fewer = "fewer than three levels with purchases: no fit\n";
    assert!(written(&sweep(levels[2..].to_vec())).ends_with(fewer));
}

#[test]
fn findings_in_words() {
    let of = |finding, knee, peak, ceiling, up_to| Scalability {
        lambda: Some(1.0),
        sigma: Some(0.0),
        kappa: Some(0.0),
        error: Some(0.0),
        finding,
        knee,
        peak,
        ceiling,
        up_to,
        unsupported: None,
        levels_without_purchases: Vec::new(),
    };
    let none = |ceiling| of(ScalabilityFinding::NoKnee, None, None, ceiling, Some(1_000));
    assert_eq!(finding(&none(None)), "no knee seen up to 1000");
    assert_eq!(
        finding(&none(Some(12_345.6))),
        "no knee seen up to 1000 (ceiling 12346 purchases/s by the fit)"
    );
    let knee = of(
        ScalabilityFinding::Knee,
        Some(86.6),
        Some(1_234.4),
        None,
        None,
    );
    assert_eq!(
        finding(&knee),
        "knee at about N = 87 (1234 purchases/s by the fit)"
    );
    let falls = |from| {
        of(
            ScalabilityFinding::Falls,
            Some(from),
            Some(0.25),
            None,
            None,
        )
    };
    assert_eq!(
        finding(&falls(1.0)),
        "knee at N = 1, throughput falls from there on (0.250 purchases/s by the fit)"
    );
    assert!(finding(&falls(100.0)).starts_with("knee at N = 100 or below, "));
}
