//! Tests of calibrate.

use super::*;

fn parsed(words: &[&str]) -> Result<CalibrateSettings, UsageError> {
    parse(Arguments::from_vec(words.iter().map(Into::into).collect()))
}

#[test]
fn its_two_flags_and_nothing_else() {
    assert_eq!(parsed(&[]), Ok(CalibrateSettings::default()));
    let both = CalibrateSettings {
        json: true,
        quiet: true,
    };
    assert_eq!(parsed(&["-q", "--json"]), Ok(both));
    for words in [&["-c", "5"][..], &["now"], &["--json", "--json"]] {
        assert!(parsed(words).is_err(), "{words:?}");
    }
}
