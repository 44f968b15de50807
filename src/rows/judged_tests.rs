use super::*;

fn reason(kind: &str, hint: &str) -> ReasonGiven {
    ReasonGiven {
        kind: kind.to_owned(),
        level: None,
        reason: format!("found {kind}"),
        hint: hint.to_owned(),
    }
}

fn verdict(home: Vec<ReasonGiven>) -> Verdict {
    Verdict {
        home: FigureVerdict::of(home),
        purchase: FigureVerdict::of(Vec::new()),
        pace: FigureVerdict::default(),
    }
}

#[test]
fn states_taken_together() {
    use Trust::{NotJudged, NotTrusted, Trusted};
    for (one, other, both) in [
        (NotJudged, NotJudged, NotJudged),
        (Trusted, NotJudged, Trusted),
        (Trusted, Trusted, Trusted),
        (NotTrusted, Trusted, NotTrusted),
        (NotTrusted, NotJudged, NotTrusted),
    ] {
        assert_eq!((one.with(other), other.with(one)), (both, both));
    }
    let trusted = verdict(Vec::new());
    assert_eq!(trusted.latencies(), Trusted);
    assert_eq!(trusted.is_trusted(1), Some(true));
    assert_eq!(trusted.is_trusted(0), None, "nothing was bought");
    assert_eq!(trusted.with_unjudged(0), trusted);
    assert_eq!(trusted.with_unjudged(1).latencies(), NotJudged);
    let limited = verdict(vec![reason("a", "")]);
    assert_eq!(limited.with_unjudged(1).is_trusted(0), Some(false));
}

#[test]
fn hints_are_listed_once() {
    let of = FigureVerdict::of(vec![reason("a", "x"), reason("b", "x"), reason("c", "")]);
    assert_eq!(of.hints, ["x"]);
    assert_eq!(of.reasons.len(), 3);
}

#[test]
fn the_first_round_of_a_level_that_has_reasons_gives_them() {
    let mut whole = Verdict::default();
    whole.merge(&verdict(Vec::new()), Some(1));
    whole.merge(&verdict(vec![reason("a", "x")]), Some(10));
    whole.merge(&verdict(vec![reason("b", "y")]), Some(10));
    whole.merge(&verdict(vec![reason("c", "x")]), Some(100));
    let told: Vec<String> = whole.home.reasons.iter().map(ToString::to_string).collect();
    assert_eq!(told, ["at -c 10: found a: x", "at -c 100: found c: x"]);
    assert_eq!(whole.home.hints, ["x"]);
    assert_eq!(whole.home.state, Trust::NotTrusted);
    assert_eq!(whole.purchase.state, Trust::Trusted);
    let told = whole.without_levels().home.reasons[0].to_string();
    assert_eq!(told, "found a: x");
}

#[test]
fn of_several_parts_the_largest_share_counts() {
    let share = |p50: Option<f64>| {
        let mut of = Verdict::default();
        of.home.own_share.p50 = p50;
        of
    };
    let mut whole = Verdict::default();
    for p50 in [None, Some(0.1), Some(0.3), Some(0.2), None] {
        whole.merge(&share(p50), None);
    }
    assert_eq!(whole.home.own_share.p50, Some(0.3));
    assert_eq!(whole.home.own_share.p99, None);
}

#[test]
fn reasons_of_both_latencies_are_listed_once() {
    let both = Verdict {
        home: FigureVerdict::of(vec![reason("a", "x")]),
        purchase: FigureVerdict::of(vec![reason("a", "x"), reason("b", "")]),
        pace: FigureVerdict::of(vec![reason("c", "")]),
    };
    let kinds: Vec<String> = both
        .reasons_of_latencies()
        .into_iter()
        .map(|of| of.kind)
        .collect();
    assert_eq!(kinds, ["a", "b"]);
}

#[test]
fn a_verdict_is_recorded_and_read_back() {
    let mut of = verdict(vec![reason("a", "x")]);
    of.home.own_share.p99 = Some(0.25);
    let text = serde_json::to_string(&of).expect("JSON");
    assert!(text.contains("\"state\":\"not_trusted\""), "{text}");
    assert!(text.contains("\"state\":\"trusted\""), "{text}");
    assert!(text.contains("\"state\":\"not_judged\""), "{text}");
    let read: Verdict = serde_json::from_str(&text).expect("a verdict");
    assert_eq!(read, of);
}

/// Early versions had one verdict for all figures.
#[test]
fn a_single_verdict_holds_for_all_figures() {
    let trusted = Verdict::of_all(true, &[]);
    for of in [&trusted.home, &trusted.purchase, &trusted.pace] {
        assert_eq!((of.state, of.reasons.len()), (Trust::Trusted, 0));
    }
    let limited = Verdict::of_all(false, &[reason("recorded", "x")]);
    for of in [&limited.home, &limited.purchase, &limited.pace] {
        assert_eq!(of.state, Trust::NotTrusted);
        assert_eq!(of.hints, ["x"]);
    }
}

#[test]
fn what_to_do_is_told_once() {
    let of =
        |hints: &[&str]| FigureVerdict::of(hints.iter().map(|hint| reason("a", hint)).collect());
    assert_eq!(of(&[]).advice(), None);
    assert_eq!(of(&["", "x"]).advice().as_deref(), Some("x"));
    let both = of(&[
        "fewer virtual users, or a slower page",
        "fewer virtual users",
    ]);
    let advice = "fewer virtual users, or a slower page";
    assert_eq!(both.advice().as_deref(), Some(advice));
    let both = of(&["--a, --b or --c, or fewer", "--cpu", "fewer"]);
    let advice = "--a, --b or --c, or fewer, or --cpu";
    assert_eq!(both.advice().as_deref(), Some(advice));
    // Text of a file that somebody wrote.
    let many: Vec<String> = (0..100_000).map(|number| number.to_string()).collect();
    let advice = of(&[&many.join(OR)]).advice().expect("some");
    assert_eq!(advice.split(OR).count(), MOST_WAYS);
}
