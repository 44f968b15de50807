//! Tests of check.

use super::*;

fn parsed(line: &str) -> Result<CheckSettings, UsageError> {
    parse(Arguments::from_vec(
        line.split(' ').map(Into::into).collect(),
    ))
}

const RUN: &str = "-t http://h -d rdbms -c 7 -b /{}/b -a title -o x.csv --csrf";

#[test]
fn the_options_of_a_run_and_buy() {
    let without = parsed(RUN).expect("settings");
    assert!(!without.buy);
    let args = Arguments::from_vec(RUN.split(' ').map(Into::into).collect());
    let of_run = run::parse(args, None).expect("settings");
    assert_eq!((without.shop, without.net), (of_run.shop, of_run.net));
    assert_eq!((without.load, without.seed), (of_run.load, of_run.seed));
    assert_eq!(without.show, of_run.show);
    assert!(parsed(&format!("{RUN} --buy")).expect("settings").buy);
    let free = parsed("-t http://h -d rdbms -a --buy").expect("a title is a text");
    assert!(!free.buy, "the value of another option");
}

#[test]
fn what_cannot_be_meant() {
    for line in [
        "-d rdbms",
        "-t h -d rdbms",
        "-t http://h -d rdbms --sell",
        "--buy",
    ] {
        assert!(parsed(line).is_err(), "{line}");
    }
    let run_with_buy = Arguments::from_vec(
        ["-t", "http://h", "-d", "rdbms", "--buy"]
            .map(Into::into)
            .to_vec(),
    );
    assert!(
        run::parse(run_with_buy, None).is_err(),
        "a run knows no --buy"
    );
}
