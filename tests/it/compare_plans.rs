//! Which runs `compare` takes for the same load: by what is recorded of their plans.

use std::fs;
use std::path::PathBuf;

use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

use crate::shards_support::{change, lines_of};
use crate::support::*;

/// Files with the rows of runs at one shop, one after the other.
struct Runs {
    dir: TempDir,
    shop: Shop,
}

impl Runs {
    fn new(shop: &[&str]) -> Runs {
        Runs {
            dir: tempdir().expect("a directory"),
            shop: Shop::start(shop),
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// A run whose rows are in that file; the words are separated by `|`.
    fn run(&self, name: &str, words: &str) {
        let mut all = flags(&self.shop.url, 2, &self.path(name));
        if words.split('|').any(|word| word == "-c") {
            all.retain(|word| word != "-c" && word != "2");
        }
        all.push("-q".to_owned());
        let words = words.split('|').filter(|word| !word.is_empty());
        all.extend(words.map(str::to_owned));
        client(all).ok();
    }

    fn compare(&self, names: [&str; 2], more: &[&str]) -> Finished {
        let mut words = vec!["compare".to_owned()];
        words.extend(names.map(|name| self.path(name).display().to_string()));
        words.extend(more.iter().map(|word| (*word).to_owned()));
        client(words)
    }

    fn warnings(&self, names: [&str; 2]) -> Vec<String> {
        let found: Value =
            serde_json::from_str(&self.compare(names, &["--json"]).ok().stdout).expect("JSON");
        let warnings = found["warnings"].as_array().expect("a list");
        warnings
            .iter()
            .map(|of| of.as_str().expect("text").to_owned())
            .collect()
    }
}

/// What only a hash tells of: it must not be overlooked where rounds differ, too.
#[test]
fn what_shoppers_do_is_the_same_or_the_runs_are_refused() {
    let runs = Runs::new(&[]);
    let form = runs.path("form.csv");
    let visits = [
        "",
        "-H|X-Token: secret-1",
        "-H|X-Token: secret-2",
        "--products|2,3",
        "--products|2,4",
        "--user-agent|other",
        "--expect|200,201",
        "--cookies",
        "--keep-alive",
        "--timeout|7s",
        "-p|?x=1",
    ];
    for (number, visit) in visits.iter().enumerate() {
        runs.run(&format!("{number}.csv"), visit);
        runs.run(
            &format!("{number}-more.csv"),
            &format!("{visit}|--rounds|2|--pause|1ms"),
        );
    }
    // The values that a file has, not its name.
    for (number, value) in ["one", "two", "one"].iter().enumerate() {
        fs::write(&form, format!("email\n{value}@example.com\n")).expect("written");
        let words = format!(
            "--form|email={{email}}|--form|repeat_email={{email}}|--form|quantity=1|--form-file|{}",
            form.display()
        );
        let (first, more) = (
            format!("form-{number}.csv"),
            format!("form-{number}-more.csv"),
        );
        runs.run(&first, &words);
        runs.run(&more, &format!("{words}|--rounds|2|--pause|1ms"));
    }
    for (a, visit_a) in visits.iter().enumerate() {
        for b in 0..visits.len() {
            let [first, more] = [format!("{a}.csv"), format!("{b}-more.csv")];
            let finished = runs.compare([&first, &more], &["-q"]);
            match a == b {
                true => drop(finished.ok()),
                false => drop(finished.refused(1, &["not run with the same load"])),
            }
            if a == b {
                let warnings = runs.warnings([&first, &more]);
                let told = "their rounds or pauses are not the same";
                assert!(
                    warnings.iter().any(|of| of.contains(told)),
                    "{visit_a}: {warnings:?}"
                );
            }
        }
    }
    let of = |a: &str, b: &str| runs.compare([a, b], &["-q"]);
    of("form-0.csv", "form-2-more.csv").ok();
    of("form-0.csv", "form-1-more.csv").refused(1, &["what is posted", "--form-file"]);
    of("1.csv", "2-more.csv").refused(1, &["values of header fields"]);
    of("3.csv", "4-more.csv").refused(1, &["product ids"]);
    of("0.csv", "1-more.csv").refused(1, &["header fields (--header): none and X-Token"]);
    of("0.csv", "6-more.csv").refused(1, &["--expect \"200\" and \"200,201\""]);
    of("0.csv", "7-more.csv").refused(1, &["only one has --cookies"]);
    // Nothing of the secrets is kept.
    let line = fs::read_to_string(runs.path("1.csv.runs.jsonl")).expect("the lines");
    assert!(
        line.contains("visit_hash") && !line.contains("secret-1"),
        "{line}"
    );
}

#[test]
fn the_hash_of_the_visit_does_not_depend_on_load_target_seed_or_title() {
    let runs = Runs::new(&[]);
    let other = Shop::start(&[]);
    runs.run("a.csv", "--seed|1");
    runs.run(
        "b.csv",
        "--seed|2|-a|title|--note|note|-c|7|--repeat|3|--rounds|2|--think-time|1ms",
    );
    runs.run("c.csv", "--duration|50ms|--warm-up|3");
    let mut words = flags(&other.url, 1, &runs.path("d.csv"));
    words.retain(|word| word != "-c" && word != "1");
    words.extend(["--rate", "20/s", "--duration", "100ms", "-q"].map(str::to_owned));
    client(words).ok();
    let line = |name: &str| lines_of(&runs.path(name)).swap_remove(0);
    let hashes: Vec<[Value; 2]> = ["a.csv", "b.csv", "c.csv", "d.csv"]
        .map(|name| ["visit_hash", "plan_hash"].map(|key| line(name)[key].clone()))
        .to_vec();
    assert_eq!(hashes[0][0].as_str().expect("text").len(), 32);
    for other in &hashes[1..] {
        assert_eq!(other[0], hashes[0][0], "visits");
        assert_ne!(other[1], hashes[0][1], "plans");
    }
}

/// Lines of earlier versions: what is not known is not claimed.
#[test]
fn lines_without_the_hash_of_the_visit_are_compared_by_what_they_have() {
    let runs = Runs::new(&[]);
    runs.run("a.csv", "-H|X-Token: 1");
    runs.run("b.csv", "-H|X-Token: 2|--rounds|2");
    runs.run("c.csv", "-H|X-Token: 2");
    for name in ["a.csv", "b.csv", "c.csv"] {
        change(&runs.path(name), "run", |run| {
            run.as_object_mut().expect("an object").remove("visit_hash");
        });
    }
    let warnings = runs.warnings(["a.csv", "b.csv"]);
    assert!(
        warnings.iter().any(|of| of.contains("rounds or pauses")),
        "{warnings:?}"
    );
    runs.compare(["a.csv", "c.csv"], &[])
        .refused(1, &["values of header fields"]);
}

#[test]
fn another_load_is_refused_and_named() {
    let runs = Runs::new(&[]);
    runs.run("a.csv", "--duration|100ms");
    for (number, (words, told)) in [
        ("--duration|200ms", "duration 0.1 s and 0.2 s"),
        ("--duration|100ms|--think-time|1ms", "think time"),
        ("--duration|100ms|--warm-up|2", "warm-up"),
        ("--duration|100ms|-c|3", "-c 2 and -c 3"),
        ("", "a closed workload and a burst"),
        ("--repeat|3", "duration 0.1 s and none"),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("{number}.csv");
        runs.run(&name, words);
        runs.compare(["a.csv", &name], &[])
            .refused(1, &["not run with the same load", told]);
    }
    // A level in common is enough.
    runs.run("levels.csv", "--duration|100ms|-c|2,3");
    let warnings = runs.warnings(["a.csv", "levels.csv"]);
    assert!(
        warnings
            .iter()
            .any(|of| of.contains("levels are not the same")),
        "{warnings:?}"
    );
}

#[test]
fn one_file_under_two_names_is_refused() {
    let runs = Runs::new(&[]);
    runs.run("a.csv", "--rounds|6");
    std::os::unix::fs::symlink(runs.path("a.csv"), runs.path("link.csv")).expect("a link");
    for (names, told) in [
        (["a.csv", "a.csv"], "is given twice"),
        (["a.csv", "link.csv"], "link.csv\" are the same file"),
    ] {
        runs.compare(names, &[]).refused(2, &[told, "once"]);
    }
}

#[test]
fn runs_that_were_merged_are_compared_like_others() {
    let runs = Runs::new(&[]);
    for name in ["a.csv", "b.csv"] {
        let output = runs.path(name).display().to_string();
        let load = [
            "-t",
            &runs.shop.url,
            "-d",
            "rdbms",
            "-c",
            "2",
            "--repeat",
            "40",
            "--seed",
            "5",
        ];
        let shards = ["shards", "2", "--"];
        let rounds = ["--rounds", "6", "--slot", "700ms", "-o", &output, "-q"];
        client([&shards[..], &load, &rounds].concat()).ok();
    }
    let lines = |name: &str| lines_of(&runs.path(name)).swap_remove(0);
    let [a, b] = ["a.csv", "b.csv"].map(lines);
    assert_eq!(a["visit_hash"], b["visit_hash"]);
    assert!(
        a["visit_hash"].is_string() && a["merged"].is_object(),
        "{a:#}"
    );
    let found = runs.compare(["a.csv", "b.csv"], &["--json"]).ok();
    let found: Value = serde_json::from_str(&found.stdout).expect("JSON");
    let pair = &found["groups"][0]["pairs"][0];
    assert_eq!(pair["design"], "separate");
    assert_eq!(
        (&pair["baseline_rounds"], &pair["other_rounds"]),
        (&json!(6), &json!(6))
    );
    assert_eq!(pair["metrics"][0]["verdict"], "CANNOT TELL");
    let accepted = runs
        .compare(["a.csv", "b.csv"], &["--accept-separate", "--json"])
        .ok();
    let accepted: Value = serde_json::from_str(&accepted.stdout).expect("JSON");
    let primary = &accepted["groups"][0]["pairs"][0]["metrics"][0];
    assert!(primary["ratio_interval"].is_array(), "{primary}");
}

/// The hint for shards of different plans says of which flags.
#[test]
fn shards_of_other_requests_or_another_load_are_told_so() {
    let runs = Runs::new(&[]);
    for (name, words) in [
        ("first.csv", "--shard|1/2|--seed|5"),
        ("requests.csv", "--shard|2/2|--seed|5|-H|X-A: 1"),
        ("load.csv", "--shard|2/2|--seed|5|--repeat|2"),
        ("old.csv", "--shard|2/2|--seed|5|--repeat|2"),
    ] {
        runs.run(name, words);
    }
    change(&runs.path("old.csv"), "run", |run| {
        run.as_object_mut().expect("an object").remove("visit_hash");
    });
    for (name, told) in [
        ("requests.csv", "the same flags of the requests"),
        ("load.csv", "the same flags of the load"),
        ("old.csv", "the same flags, but for --shard and -o"),
    ] {
        let [first, other] = ["first.csv", name].map(|name| runs.path(name).display().to_string());
        let output = runs.path("never.csv").display().to_string();
        client(["merge", &first, &other, "-o", &output]).refused(1, &["plan hashes", told]);
    }
}
