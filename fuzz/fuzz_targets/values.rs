//! Values of options: spans, sizes, rates, stages and thresholds are within their limits or refused, and
//! what is accepted is accepted again as it is given back.
#![no_main]

use std::time::Duration;

use libfuzzer_sys::fuzz_target;
use profilerclient::cli::fail_if;
use profilerclient::cli::values::{parse_rate, parse_size, parse_span};
use profilerclient::cli::{self, Command};
use profilerclient::plan::Curve;
use profilerclient::settings::{Limit, Model};

const LONGEST: Duration = Duration::from_secs(86_400_000);

fn check_span(text: &str) {
    let Some(span) = parse_span(text) else { return };
    assert!(span <= LONGEST, "{text:?} {span:?}");
    let has_digit = |c: char| ('1'..='9').contains(&c);
    assert_eq!(
        span.is_zero(),
        !text.contains(has_digit),
        "{text:?} {span:?}"
    );
    // The same in the smallest unit that is a whole number of nanoseconds.
    if span.as_nanos() % 1_000 == 0 {
        let again = parse_span(&format!("{}us", span.as_micros())).expect("a span");
        // Of 1000 days the numbers between are 16 ns apart.
        assert!(again.abs_diff(span) <= Duration::from_nanos(32), "{text:?}");
    }
}

fn check_threshold(text: &str) {
    let Ok(threshold) = fail_if::threshold(text) else {
        return;
    };
    assert!(threshold.never_met().is_none());
    assert!(!threshold.text.contains(['\r', '\n', '\t']));
    let longest = LONGEST.as_nanos() as i64;
    match threshold.limit {
        Limit::Elapsed { nanos, .. } | Limit::Tls { nanos, .. } | Limit::FormPage { nanos, .. } => {
            assert!((0..=longest).contains(&nanos), "{text:?}");
        }
        Limit::Timing {
            ref key,
            billionths,
            ..
        } => {
            // A span, or a count of at most a billion.
            let most = match key.is_time() {
                true => longest,
                false => 1_000_000_000 * 1_000_000_000,
            };
            assert!((0..=most).contains(&billionths), "{text:?}");
        }
        Limit::Rate { per_second } => {
            assert!(per_second >= 0.0 && per_second.is_finite(), "{text:?}");
        }
        Limit::Errors { share, .. } | Limit::FormErrors { share } => {
            assert!(share.billionths() <= 1_000_000_000, "{text:?}");
        }
    }
    let again = fail_if::threshold(&threshold.text).expect("it was accepted");
    assert_eq!(again, threshold);
}

fn check_stages(text: &str) {
    let argv = [
        "-t",
        "http://h",
        "-d",
        "rdbms",
        "--stages",
        text,
        "--max-in-flight",
        "9",
    ];
    let invocation = match cli::parse(argv.into_iter().map(Into::into).collect()) {
        Ok(invocation) => invocation,
        Err(error) => {
            let line = error.to_string();
            assert!(
                !line.is_empty() && !line.contains(char::is_control),
                "{line:?}"
            );
            return;
        }
    };
    let Command::Run(settings) = invocation.command else {
        return;
    };
    let Model::Open { curve, .. } = settings.load.model else {
        panic!("stages are an open workload");
    };
    let Curve::Stages(stages) = curve else {
        panic!("not a constant rate");
    };
    for stage in &stages {
        assert!(
            stage.length <= LONGEST && (0.0..=1e7).contains(&stage.rate),
            "{text:?}"
        );
    }
    assert!(stages.iter().any(|stage| stage.rate > 0.0), "{text:?}");
}

fuzz_target!(|text: &str| {
    check_span(text);
    check_threshold(text);
    check_stages(text);
    if let Some(rate) = parse_rate(text) {
        assert!(
            rate == 0.0 || (1.0 / 86_400_000.0..=1e7).contains(&rate),
            "{text:?} {rate}"
        );
    }
    for most in [1, 1 << 30, u64::MAX] {
        if let Some(size) = parse_size(text, most) {
            assert!((1..=most).contains(&(size as u64)), "{text:?} {size}");
        }
    }
});
