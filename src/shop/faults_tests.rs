//! Tests of faults.

use super::*;

fn counts(faults: &str, purchases: usize) -> Vec<usize> {
    let faults = Faults::parse(faults).expect("faults");
    let mut dealer = Dealer::new(&faults);
    let dealt: Vec<_> = (0..purchases).map(|_| dealer.next_purchase()).collect();
    let of = |kind| dealt.iter().filter(|&&struck| struck == Some(kind)).count();
    faults.shares.iter().map(|&(kind, _)| of(kind)).collect()
}

#[test]
fn shares_are_kept_exactly_and_add_up() {
    assert_eq!(counts("reset:0.3", 10), [3]);
    assert_eq!(counts("reset:30%,stall:20%,500:50%", 100), [30, 20, 50]);
    assert_eq!(counts("reset:0.1,502:0.7,csrf:0.2", 1000), [100, 700, 200]);
    assert_eq!(counts("html:1,cut:0", 7), [7, 0]);
    assert_eq!(counts("close:33.3%", 1000), [333]);
}

#[test]
fn the_first_kind_applies_by_the_rule() {
    let faults = Faults::parse("reset:0.4,stall:0.1").expect("faults");
    let mut dealer = Dealer::new(&faults);
    for n in 0..1000_u64 {
        let expected = (n + 1) * 4 / 10 > n * 4 / 10;
        let struck = dealer.next_purchase() == Some(FaultKind::Reset);
        assert_eq!(struck, expected, "purchase {n}");
    }
}

#[test]
fn refusals_apply_to_connections_only() {
    let faults = Faults::parse("refuse:0.5").expect("faults");
    let mut dealer = Dealer::new(&faults);
    let refused: Vec<_> = (0..4).map(|_| dealer.next_connection().is_some()).collect();
    assert_eq!(refused, [false, true, false, true]);
    assert_eq!(dealer.next_purchase(), None);
}

#[test]
fn errors_name_the_input_and_list_the_kinds() {
    let unknown = Faults::parse("reset:0.1,explode:1")
        .unwrap_err()
        .to_string();
    assert!(unknown.contains("\"explode\""), "{unknown}");
    for kind in FaultKind::ALL {
        assert!(unknown.contains(kind.name()), "{unknown} lacks {kind}");
    }
    for text in [
        "reset",
        "reset:",
        "reset:x",
        "reset:-1",
        "reset:1.01",
        "reset:NaN",
    ] {
        let error = Faults::parse(text).unwrap_err().to_string();
        assert!(error.contains(&format!("{text:?}")), "{error}");
    }
    assert!(Faults::parse("reset:101%").is_err());
    assert!(Faults::parse("").is_err());
    assert!(
        Faults::parse("reset:0.1,reset:0.1")
            .is_err_and(|error| error == FaultError::Twice(FaultKind::Reset))
    );
    assert!(Faults::parse("reset:0.6,stall:0.6").is_err_and(|error| error == FaultError::TooMany));
}

#[test]
fn faults_of_connections_are_spread_over_connections() {
    let faults = "tls-alert:0.25,reset:0.5,tls-stall:25%";
    let faults = Faults::parse(faults).expect("faults");
    let mut dealer = Dealer::new(&faults);
    let struck: Vec<_> = (0..100).map(|_| dealer.next_connection()).collect();
    for kind in [FaultKind::TlsAlert, FaultKind::TlsStall] {
        let count = struck.iter().filter(|&&fault| fault == Some(kind)).count();
        assert_eq!(count, 25, "{kind}");
    }
    let bought = (0..100).filter_map(|_| dealer.next_purchase()).count();
    assert_eq!(bought, 50, "the share of purchases is of purchases");
}
