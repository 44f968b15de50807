//! Tests of fail if.

use super::*;

fn elapsed(of: Source, statistic: Statistic, nanos: i64) -> Limit {
    Limit::Elapsed {
        of,
        statistic,
        nanos,
    }
}

#[test]
fn every_figure_and_every_comparison() {
    use Comparison::{Above, AtLeast, AtMost, Below};
    let percentile =
        |percent: &str| Statistic::Percentile(Quantile::percent(percent).expect("a percentile"));
    let timing = |key: &str, statistic, billionths| Limit::Timing {
        key: TimingKey::parse(key).expect(key),
        statistic,
        billionths,
    };
    let share = |text: &str| Share::parse(text).expect("a share");
    let errors = |of, text| Limit::Errors {
        of,
        share: share(text),
    };
    for (text, comparison, limit) in [
        (
            "buy.p99>300ms",
            Above,
            elapsed(Source::Buy, percentile("99"), 300_000_000),
        ),
        (
            "home.mean>=1.5s",
            AtLeast,
            elapsed(Source::Home, Statistic::Mean, 1_500_000_000),
        ),
        (
            "server.max > 2s",
            Above,
            elapsed(Source::Server, Statistic::Max, 2_000_000_000),
        ),
        (
            "rest.p50 <100us",
            Below,
            elapsed(Source::Rest, percentile("50"), 100_000),
        ),
        (
            "buy.p99.9<= 1 s",
            AtMost,
            elapsed(Source::Buy, percentile("99.9"), 1_000_000_000),
        ),
        (
            "buy.min>3",
            Above,
            elapsed(Source::Buy, Statistic::Min, 3_000_000_000),
        ),
        (
            "\tbuy.min\n>\n3s ",
            Above,
            elapsed(Source::Buy, Statistic::Min, 3_000_000_000),
        ),
        (
            "buy.timing.db.p99>50ms",
            Above,
            timing("buy.timing.db", percentile("99"), 50_000_000),
        ),
        (
            "home.timing.X-Runtime.p99.9 >= 1s",
            AtLeast,
            timing("home.timing.X-Runtime", percentile("99.9"), 1_000_000_000),
        ),
        (
            "buy.timing.pool.wait.mean>1",
            Above,
            timing("buy.timing.pool.wait", Statistic::Mean, 1_000_000_000),
        ),
        (
            "buy.timing.db:queries.max>20",
            Above,
            timing("buy.timing.db:queries", Statistic::Max, 20_000_000_000),
        ),
        (
            "form.p99>1s",
            Above,
            Limit::FormPage {
                statistic: percentile("99"),
                nanos: 1_000_000_000,
            },
        ),
        (
            "form.errors>1%",
            Above,
            Limit::FormErrors {
                share: share("0.01"),
            },
        ),
        ("errors>1%", Above, errors(None, "0.01")),
        ("errors >= 0.01", AtLeast, errors(None, "1%")),
        ("errors>=100%", AtLeast, errors(None, "1")),
        ("errors>0", Above, errors(None, "0")),
        (
            "home.errors>0.5%",
            Above,
            errors(Some(Source::Home), "0.005"),
        ),
        ("buy.errors>1%", Above, errors(Some(Source::Buy), "0.01")),
        (
            "server.errors>1 %",
            Above,
            errors(Some(Source::Server), "0.01"),
        ),
        ("rest.errors<1%", Below, errors(Some(Source::Rest), "0.01")),
        (
            "purchases_per_second<100",
            Below,
            Limit::Rate { per_second: 100.0 },
        ),
        ("rate<2.5/s", Below, Limit::Rate { per_second: 2.5 }),
        ("rate < 100 /s", Below, Limit::Rate { per_second: 100.0 }),
    ] {
        let condition = parse(text).expect(text);
        assert_eq!(
            (condition.comparison, condition.limit),
            (comparison, limit),
            "{text}"
        );
        let words: Vec<&str> = text.split_whitespace().collect();
        assert_eq!(condition.text, words.join(" "));
    }
}

#[test]
fn errors_name_the_input_and_the_hint() {
    let known = "home, buy, server, rest or form with .min, .mean, .max, .errors";
    for (text, hint) in [
        ("", "has no comparison"),
        ("buy.p99", "in quotes"),
        ("buy.p99=3s", "> >= < or <="),
        (">3s", known),
        ("p99>3s", known),
        ("cart.p99>3s", known),
        ("buy.median>3s", known),
        ("buy.p>3s", known),
        ("buy.>3s", known),
        ("buy>3s", "purchases_per_second"),
        ("Buy.p99>3s", known),
        ("buy.p99!>3s", "p0.001 to p99.999"),
        ("buy.p100>3s", "p0.001 to p99.999"),
        ("buy.p0>3s", "or max"),
        ("buy.p99.9999>3s", "three decimals"),
        ("buy.p99>", "\"\" is not a limit for a time: give a span"),
        ("buy.p99>>3s", "300ms"),
        ("buy.p99>=>3s", "300ms"),
        ("buy.p99>1%", "\"1%\" is not a limit for a time"),
        ("buy.p99>-1s", "300ms"),
        ("buy.p99>soon", "300ms"),
        (
            "errors>300ms",
            "\"300ms\" is not a limit for a share: give a percentage such as 1%",
        ),
        ("buy.timing.db>1s", "such as buy.timing.db.p99"),
        ("buy.timing.p99>1s", "such as buy.timing.db.p99"),
        ("buy.timing.db.median>1s", "buy.timing.db:queries.max"),
        ("buy.timing.db.p100>1s", "such as buy.timing.db.p99"),
        ("buy.timing.d b.p99>1s", "such as buy.timing.db.p99"),
        ("server.timing.db.p99>1s", "buy.timing.db.p99"),
        ("buy.timing.db.p99>7%", "is not a limit for a time"),
        (
            "buy.timing.db:queries.p99>7ms",
            "\"7ms\" is not a limit for a count: give a number",
        ),
        ("buy.timing.db:queries.p99>inf", "a number such as 20"),
        ("buy.timing.db:queries.p99>1e3", "a number such as 20"),
        (
            "buy.timing.db:queries.p99>99999999999",
            "a number such as 20",
        ),
        (
            "buy.timing.db:queries.p99<0",
            "never be met, as a count is never below 0",
        ),
        ("form.median>1s", known),
        ("form>1s", known),
        ("form.p100>1s", "or max"),
        ("form.errors<0", "never be met"),
        ("form.errors>300ms", "is not a limit for a share"),
        ("errors>5", "0.01"),
        ("errors>101%", "0.01"),
        ("errors>", "0.01"),
        ("errors>1", "never be met, as a share is at most 1"),
        ("buy.errors<0%", "never be met"),
        ("rate<0", "never be met"),
        ("rate<many", "\"many\" is not a limit for a rate"),
        ("rate<1e3", "2.5/s"),
        ("rate<inf", "2.5/s"),
        ("rate<-1", "2.5/s"),
        ("rate</s", "2.5/s"),
        ("buy.p99\x1b>3s", "p0.001"),
    ] {
        let error = parse(text).expect_err(text).to_string();
        assert!(error.starts_with("--fail-if \""), "{error}");
        assert!(error.contains(hint), "{text:?}: {error:?} lacks {hint:?}");
        assert!(!error.contains(char::is_control), "{error:?}");
    }
}
