//! Variants that take turns: the order of the blocks, the commands that switch, and how runs end.

use std::fs;
use std::os::unix::process::ExitStatusExt;
use std::process::Stdio;

use profilerclient::plan::block;
use serde_json::{Value, json};

use crate::django_support::is_gone;
use crate::django_turn::Turn;
use crate::support::*;
use crate::variants_support::*;

#[test]
fn blocks_are_complete_and_in_the_order_of_the_seed() {
    let shops = ["1ms", "6ms", "1ms"].map(|time| Shop::start(&["--service-time", time]));
    let place = Place::new();
    let [a, b, c] =
        [("a", 0), ("b c", 1), ("d=e", 2)].map(|(name, at)| variant(name, &shops[at].url));
    let words = "-c 1,2 --repeat 3 --rounds 4 --seed 11 --json -a tuesday --warm-up 1";
    let mut words: Vec<&str> = words.split(' ').collect();
    for of in [&a, &b, &c] {
        words.extend(["--variant", of]);
    }
    let finished = place.run(&words).ok();
    let names = ["a", "b c", "d=e"];
    let (run, parts, ending) = place.lines();
    assert_eq!(
        (run.variants, ending.as_str()),
        (names.map(str::to_owned).to_vec(), "done")
    );
    assert_eq!(
        run.variant_targets,
        shops.each_ref().map(|shop| shop.url.clone())
    );
    assert_eq!((run.target.as_str(), run.title.as_str()), ("", "tuesday"));

    let mut expected = Vec::new();
    for round in 0..4 {
        for number in block(11, round, 6) {
            let level = [1, 2][number % 2];
            expected.push((names[number / 2].to_owned(), Some(level), round + 1));
        }
    }
    let found: Vec<_> = (parts.iter())
        .map(|part| {
            (
                part.variant.clone().expect("a variant"),
                part.level,
                part.round,
            )
        })
        .collect();
    assert_eq!(found, expected);
    assert!(
        parts
            .iter()
            .all(|part| !part.cut && part.rows == part.level.expect("one") * 3)
    );

    // The rows are in that order too, under the title and the name.
    let rows = rows(&place.file);
    let titles: Vec<&str> = rows
        .iter()
        .map(|row| row["benchmark_title"].as_str())
        .collect();
    let parts_of_rows = (expected.iter()).flat_map(|(name, level, _)| {
        vec![format!("tuesday {name}"); level.expect("one") as usize * 3]
    });
    assert_eq!(titles, parts_of_rows.collect::<Vec<_>>());

    let id = run.run.as_str();
    let own = profilerclient::run::compare::own_rows(&place.file, id).expect("they are there");
    let [found] = own.runs() else {
        panic!("{:?}", own.runs())
    };
    let read: Vec<_> = (found.parts.iter())
        .map(|part| {
            (
                part.facts.variant.clone().expect("one"),
                part.facts.level,
                part.facts.round,
            )
        })
        .collect();
    assert_eq!(read, expected);

    let json: Value = serde_json::from_str(&finished.stdout).expect("JSON");
    assert_eq!(json["whole_blocks"], 4);
    let variants = json["variants"].as_array().expect("a list");
    let p50 = |number: usize, level: usize| {
        let at = &variants[number]["levels"][level];
        assert_eq!(at["concurrent"], level + 1);
        assert_eq!(
            (&at["rounds"], &at["bought"]),
            (&json!(4), &json!(12 * (level + 1)))
        );
        at["server_elapsed_seconds"]["p50"]
            .as_f64()
            .expect("a figure")
    };
    for level in 0..2 {
        assert!(p50(0, level) >= 0.001 && p50(1, level) >= 0.006, "{json}");
    }
    assert_eq!(variants[1]["name"], "b c");
    assert_eq!(
        (&json["levels"], &json["target"]),
        (&Value::Null, &Value::Null)
    );
    assert_eq!(json["buy_elapsed_seconds"], Value::Null);
    // 36 purchases and the warm-ups at each shop: nothing went to another.
    for shop in &shops {
        assert_eq!(shop.stat("purchases"), 36 + 8, "{:#}", shop.stats());
    }
}

#[test]
fn thresholds_are_evaluated_for_each_variant() {
    let shops = ["1ms", "20ms"].map(|time| Shop::start(&["--service-time", time]));
    let place = Place::new();
    let [fast, slow] = [("fast", 0), ("slow", 1)].map(|(name, at)| variant(name, &shops[at].url));
    let common = [
        "-c",
        "2",
        "--repeat",
        "2",
        "--rounds",
        "2",
        "--variant",
        &fast,
        "--variant",
        &slow,
    ];
    let words = [&common[..], &["--fail-if", "server.min>=20ms"]].concat();
    let finished = place.run(&words);
    assert_eq!(finished.code(), Some(3), "{finished:#?}");
    assert!(
        finished.stderr.contains("is met by variant \"slow\""),
        "{finished:#?}"
    );
    assert!(
        !finished.stderr.contains("variant \"fast\""),
        "{finished:#?}"
    );
    assert!(
        finished.stdout.contains("is not met by variant \"fast\""),
        "{finished:#?}"
    );
    assert!(
        finished.stdout.contains("Variant \"slow\" at http"),
        "{finished:#?}"
    );
    let told = "4 parts: 2 rounds of 2 variants; the time is not known in advance";
    assert!(finished.stderr.contains(told), "{finished:#?}");
    let words = [
        &common[..],
        &[
            "--fail-if",
            "server.min<1us",
            "--duration",
            "10ms",
            "--quiet",
        ],
    ]
    .concat();
    let finished = place.run(&words).ok();
    assert_eq!(finished.stderr, "");
}

#[test]
fn a_variant_that_cannot_be_reached_is_an_error_before_the_load() {
    let shop = Shop::start(&[]);
    let (place, nothing) = (Place::new(), Held::new());
    let [a, b] = [variant("a", &shop.url), variant("b", &nothing.url())];
    let cleaned = place.path().join("cleaned");
    let cleanup = format!("touch '{}'", cleaned.display());
    let words = ["--variant", &a, "--variant", &b, "--cleanup", &cleanup];
    place.run(&words).refused(
        1,
        &["variant \"b\" at http://127.0.0.1:", "refused", "--serve"],
    );
    assert!(!place.file.exists());
    assert_eq!(shop.stat("purchases"), 0);
    assert!(cleaned.exists(), "cleanup always runs");
}

/// Names that a shell would expand, split or run.
const HOSTILE: [&str; 4] = [
    "it's",
    "$(touch hostile)",
    "a \"b\" `touch hostile`",
    "x=1; exit 9 #",
];

#[test]
fn hooks_get_names_quoted_and_by_environment() {
    let shop = Shop::start(&[]);
    let place = Place::new();
    let log = place.path().join("log");
    let prepare = format!(
        "printf '%s|' {{variant}} \"$VARIANT\" \"$ROUND\" \"$LEVEL\" \"$TARGET\" >> '{0}'; echo >> '{0}'",
        log.display()
    );
    let mut words = vec![
        "-t",
        &shop.url,
        "-c",
        "3,1",
        "--rounds",
        "2",
        "--seed",
        "5",
        "--prepare",
        &prepare,
    ];
    for name in &HOSTILE {
        words.extend(["--variant", name]);
    }
    let mut command = command(place.words(&words));
    command.current_dir(place.path());
    finish(command).ok();
    let mut expected = String::new();
    for round in 0..2 {
        for number in block(5, round, 8) {
            let (name, level) = (HOSTILE[number / 2], [3, 1][number % 2]);
            let (round, url) = (round + 1, &shop.url);
            expected += &format!("{name}|{name}|{round}|{level}|{url}|\n");
        }
    }
    assert_eq!(place.text("log"), expected);
    assert!(!place.path().join("hostile").exists());
    let titles = count_by(&rows(&place.file), "benchmark_title");
    assert_eq!(titles.len(), 4);
    assert!(HOSTILE.iter().all(|name| titles[*name] == 8), "{titles:?}");
}

#[test]
fn a_failing_hook_ends_the_run_with_the_rows_so_far() {
    let shop = Shop::start(&[]);
    let place = Place::new();
    let prepare =
        "test \"$ROUND\" = 1 && exit 0; echo first; printf '\\033[2Jsecond\\n' >&2; exit 9";
    let cleanup = format!("echo done > '{}/cleaned'", place.path().display());
    let words = [
        "-t",
        &shop.url,
        "-c",
        "4",
        "--variant",
        "a",
        "--variant",
        "b",
        "--prepare",
        prepare,
        "--cleanup",
        &cleanup,
    ];
    let finished = place.run(&words);
    assert_eq!(finished.code(), Some(1), "{finished:#?}");
    for part in [
        "--prepare 'test",
        "exit status 9",
        "round 2",
        "| first\n",
        "| \\u{1b}[2Jsecond\n",
    ] {
        assert!(finished.stderr.contains(part), "{part:?}: {finished:#?}");
    }
    assert!(!finished.stderr.contains('\u{1b}'));
    assert!(
        finished.stdout.starts_with("FAILED - 8 of 8 purchases"),
        "{finished:#?}"
    );
    assert_eq!(rows(&place.file).len(), 8);
    let (_, parts, ending) = place.lines();
    assert_eq!((parts.len(), ending.as_str()), (2, "failed"));
    assert_eq!(place.text("cleaned"), "done\n");
}

#[test]
fn a_failing_cleanup_fails_a_run_that_was_done() {
    let shop = Shop::start(&[]);
    let place = Place::new();
    let [a, b] = [variant("a", &shop.url), variant("b", &shop.url)];
    let words = [
        "--variant",
        &a,
        "--variant",
        &b,
        "--rounds",
        "1",
        "--cleanup",
        "echo no; exit 3",
    ];
    let finished = place.run(&words);
    assert_eq!(finished.code(), Some(1), "{finished:#?}");
    assert!(
        finished
            .stderr
            .contains("--cleanup 'echo no; exit 3' failed (exit status 3)")
    );
    assert_eq!(rows(&place.file).len(), 2);
}

#[test]
fn prepare_is_not_waited_for_beyond_its_own_end() {
    let shop = Shop::start(&[]);
    let place = Place::new();
    // The grandchild keeps standard output and standard error open.
    let prepare = format!("sleep 600 & echo $! >> '{}/pids'", place.path().display());
    let words = [
        "-t",
        &shop.url,
        "--variant",
        "a",
        "--variant",
        "b",
        "--rounds",
        "1",
        "--prepare",
        &prepare,
    ];
    place.run(&words).ok();
    let left = pids(place.path());
    assert_eq!(left.len(), 2);
    for pid in left {
        assert!(!is_gone(pid), "a server that was started stays");
        signal(pid, libc::SIGKILL);
    }
}

#[test]
fn a_prepare_that_does_not_return_is_ended() {
    let shop = Shop::start(&[]);
    let place = Place::new();
    let prepare = format!(
        "echo $$ >> '{}/pids'; sleep 600 & wait",
        place.path().display()
    );
    let words = [
        "-t",
        &shop.url,
        "--variant",
        "a",
        "--variant",
        "b",
        "--prepare",
        &prepare,
        "--prepare-timeout",
        "300ms",
    ];
    let finished = place.run(&words);
    assert_eq!(finished.code(), Some(1), "{finished:#?}");
    assert!(
        finished.stderr.contains("did not end within 0.3 s"),
        "{finished:#?}"
    );
    assert!(pids(place.path()).into_iter().all(is_gone));
    assert_eq!(shop.stat("purchases"), 0);
}

#[test]
fn a_target_that_does_not_answer_in_time_ends_the_run() {
    let (place, nothing) = (Place::new(), Held::new());
    let common = [
        "-t",
        &nothing.url(),
        "--variant",
        "a",
        "--variant",
        "b",
        "--ready-timeout",
        "200ms",
    ];
    let finished = place.run(&[&common[..], &["--prepare", "true"]].concat());
    assert_eq!(finished.code(), Some(1), "{finished:#?}");
    for part in [
        "variant \"",
        "did not answer within 0.2 s (connection refused",
        "--ready-timeout",
    ] {
        assert!(finished.stderr.contains(part), "{part:?}: {finished:#?}");
    }
    let serve = "echo this one only waits; exec sleep 600";
    let finished = place.run(&[&common[..], &["--serve", serve]].concat());
    assert_eq!(finished.code(), Some(1), "{finished:#?}");
    assert!(
        finished.stderr.contains("| this one only waits\n"),
        "{finished:#?}"
    );
}

#[test]
fn a_server_is_started_before_each_part_and_gone_after_it() {
    let (place, held) = (Place::new(), Held::new());
    let serve = held.serve(place.path(), "--service-time {variant}");
    let words = [
        "-t",
        &held.url(),
        "--variant",
        "1ms",
        "--variant",
        "5ms",
        "-c",
        "2",
        "--repeat",
        "2",
        "--rounds",
        "3",
        "--seed",
        "2",
        "--serve",
        &serve,
        "--products",
        "auto",
        "--json",
    ];
    let finished = place.run(&words).ok();
    let mut servers = pids(place.path());
    assert!(servers.iter().all(|pid| is_gone(*pid)));
    servers.sort_unstable();
    servers.dedup();
    assert_eq!(servers.len(), 6, "one for each part");
    let order = (0..3).flat_map(|round| block(2, round, 2).into_iter().map(move |at| (round, at)));
    let order: Vec<String> = order
        .map(|(round, at)| format!("{} {}", ["1ms", "5ms"][at], round + 1))
        .collect();
    let noted: Vec<String> = (place.text("pids").lines())
        .map(|line| line.split_once(' ').expect("a part").1.to_owned())
        .collect();
    assert_eq!(noted, order);
    let json: Value = serde_json::from_str(&finished.stdout).expect("JSON");
    assert_eq!(json["bought"], 24);
    let slow = &json["variants"][1]["server_elapsed_seconds"]["min"];
    assert!(slow.as_f64().expect("a figure") >= 0.005, "{json}");
}

#[test]
fn a_server_that_ends_by_itself_ends_the_run() {
    let (place, held) = (Place::new(), Held::new());
    let words = [
        "-t",
        &held.url(),
        "--variant",
        "a",
        "--variant",
        "b",
        "--serve",
        "echo bad; exit 4",
    ];
    let finished = place.run(&words);
    assert_eq!(finished.code(), Some(1), "{finished:#?}");
    for part in [
        "--serve 'echo bad; exit 4'",
        "ended by itself (exit status 4)",
        "| bad\n",
    ] {
        assert!(finished.stderr.contains(part), "{part:?}: {finished:#?}");
    }
}

#[test]
fn sigint_ends_the_run_its_server_and_cleans_up() {
    let (place, held) = (Place::new(), Held::new());
    let serve = held.serve(place.path(), "--service-time 1ms");
    let cleanup = format!("echo done > '{}/cleaned'", place.path().display());
    let url = held.url();
    let words = [
        "-t",
        &url,
        "--variant",
        "a",
        "--variant",
        "b",
        "-c",
        "2",
        "--duration",
        "1h",
        "--serve",
        &serve,
        "--cleanup",
        &cleanup,
    ];
    let child = command(place.words(&words))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    wait_until("rows", || {
        fs::metadata(&place.file).is_ok_and(|of| of.len() > 5_000)
    });
    signal(child.id(), libc::SIGINT);
    let finished = wait(child);
    assert_eq!(
        finished.status.signal(),
        Some(libc::SIGINT),
        "{finished:#?}"
    );
    let servers = pids(place.path());
    assert_eq!(servers.len(), 1);
    assert!(is_gone(servers[0]));
    assert_eq!(place.text("cleaned"), "done\n");
    let (_, parts, ending) = place.lines();
    assert_eq!((parts.len(), ending.as_str()), (1, "interrupted"));
    assert!(parts[0].cut, "the block is not whole");
    assert_eq!(parts[0].rows, rows(&place.file).len() as u64);
}

#[test]
fn a_server_does_not_outlive_a_client_that_is_killed() {
    let (place, held) = (Place::new(), Held::new());
    // The group has a second process, of which this program knows nothing.
    let serve = format!(
        "sleep 600 & echo $! >> '{}/pids'; {}",
        place.path().display(),
        held.serve(place.path(), "")
    );
    let url = held.url();
    let words = [
        "-t",
        &url,
        "--variant",
        "a",
        "--variant",
        "b",
        "--duration",
        "1h",
        "--serve",
        &serve,
    ];
    let mut child = command(place.words(&words))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the program starts");
    wait_until("rows", || {
        fs::metadata(&place.file).is_ok_and(|of| of.len() > 5_000)
    });
    child.kill().expect("it is there");
    child.wait().expect("a child");
    let servers = pids(place.path());
    assert_eq!(servers.len(), 2);
    wait_until("the servers to end", || {
        servers.iter().all(|pid| is_gone(*pid))
    });
}

#[test]
fn a_server_does_not_share_the_cpu_of_the_load() {
    let allowed = profilerclient::sys::cpus::allowed().expect("the kernel tells");
    if allowed.len() < 2 {
        eprintln!("SKIPPED: the CPUs of --serve with --cpu (one CPU only)");
        return;
    }
    let (place, held) = (Place::new(), Held::new());
    let path = place.path().display();
    let noted = format!("grep Cpus_allowed_list /proc/self/status >> '{path}/cpus'");
    let serve = format!("{noted}; {}", held.serve(place.path(), ""));
    let cpu = allowed[0].to_string();
    let words = [
        "-t",
        &held.url(),
        "--variant",
        "a",
        "--variant",
        "b",
        "--rounds",
        "1",
        "--cpu",
        &cpu,
        "--serve",
        &serve,
    ];
    place.run(&words).ok();
    let list = profilerclient::sys::cpus::list(&allowed);
    let line = format!("Cpus_allowed_list:\t{list}\n");
    assert_eq!(place.text("cpus"), line.repeat(2));
}

#[test]
fn check_looks_at_each_target() {
    let shop = Shop::start(&[]);
    let nothing = Held::new();
    let [a, b] = [variant("a", &shop.url), variant("b", &nothing.url())];
    let words = [
        "check",
        "-d",
        "rdbms",
        "--variant",
        &a,
        "--variant",
        &b,
        "--json",
    ];
    let finished = client(words);
    assert_eq!(finished.code(), Some(1), "{finished:#?}");
    let json: Value = serde_json::from_str(&finished.stdout).expect("JSON");
    let checks = json["checks"].as_array().expect("a list");
    let status = |variant: &str, name: &str| {
        let found = checks
            .iter()
            .find(|of| of["variant"] == variant && of["name"] == name);
        found.map(|of| of["status"].as_str().expect("a word").to_owned())
    };
    assert_eq!(status("a", "home").as_deref(), Some("ok"), "{json:#}");
    assert_eq!(status("b", "connect").as_deref(), Some("fail"), "{json:#}");
    assert_eq!(
        status("b", "descriptors"),
        None,
        "this machine is checked once"
    );
    let words = [
        "check",
        "-d",
        "rdbms",
        "-t",
        &shop.url,
        "--variant",
        "x",
        "--variant",
        "y",
        "--serve",
        "false",
    ];
    let finished = client(words).ok();
    assert!(finished.stdout.contains("ok   home: "), "{finished:#?}");
}

#[test]
fn the_django_shop_is_served_for_each_part() {
    if crate::django_support::python().is_none() {
        return;
    }
    let _turn = Turn::take();
    let (place, held) = (Place::new(), Held::new());
    let launcher = crate::django_support::sources().join("serve");
    // The port is that of the target.
    let serve = format!(
        "exec python3 '{}' --server sync --workers {{variant}}",
        launcher.display()
    );
    let words = [
        "-t",
        &held.url(),
        "--variant",
        "1",
        "--variant",
        "2",
        "-c",
        "2",
        "--repeat",
        "3",
        "--rounds",
        "2",
        "--warm-up",
        "2",
        "--serve",
        &serve,
        "--ready-timeout",
        "60s",
        "--json",
    ];
    let finished = place.run(&words).ok();
    let json: Value = serde_json::from_str(&finished.stdout).expect("JSON");
    for variant in json["variants"].as_array().expect("a list") {
        assert_eq!(
            (&variant["parts"], &variant["bought"]),
            (&json!(2), &json!(12)),
            "{variant:#}"
        );
    }
    assert_eq!(count_by(&rows(&place.file), "benchmark_title")["2"], 12);
}
