//! Real runs at the embedded shop: equal sides, and 5.00 against 5.05 ms.

use std::process::Command;

use profilerclient::shop::process::ShopProcess;
use serde_json::Value;

const BINARY: &str = env!("CARGO_BIN_EXE_profilerclient");

/// Makes `equal` runs with equal sides and `unequal` ones of 5.00 against 5.05 ms, 10 rounds each, of parts of
/// `seconds`.
pub fn run(equal: u64, unequal: u64, seconds: u64) {
    let shop = |service: &str| {
        let args = ["--service-time", service];
        ShopProcess::start_program(BINARY.as_ref(), &args, false).expect("the shop starts")
    };
    let (a, again, slower) = (shop("5ms"), shop("5ms"), shop("5050us"));
    for (title, other, runs, limit) in [
        ("5.00 against 5.05 ms", &slower, unequal, "10 of 10"),
        ("A/A", &again, equal, "at most 6 of 40"),
    ] {
        let mut claimed = 0;
        for number in 1..=runs {
            let verdict = verdict(&a.url, &other.url, seconds, number);
            println!("{title}, run {number}: {verdict}");
            claimed += u64::from(!verdict.starts_with("SAME") && !verdict.starts_with("CANNOT"));
        }
        println!("{title}: claimed in {claimed} of {runs} real runs ({limit})\n");
    }
}

/// The verdict of one run, with the change.
fn verdict(a: &str, b: &str, seconds: u64, seed: u64) -> String {
    let directory = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a directory");
    let rows = directory.path().join("rows.csv");
    let run = Command::new(BINARY)
        .args([
            "-d",
            "rdbms",
            "-c",
            "4",
            "--duration",
            &format!("{seconds}s"),
        ])
        .args([
            "--variant",
            &format!("A={a}"),
            "--variant",
            &format!("B={b}"),
        ])
        .args([
            "--seed",
            &seed.to_string(),
            "--rounds",
            "10",
            "--quiet",
            "--progress",
            "never",
        ])
        .arg("-o")
        .arg(&rows)
        .output()
        .expect("the client runs");
    assert!(run.status.success(), "{run:?}");
    let compared = Command::new(BINARY)
        .args(["compare", "--json"])
        .arg(&rows)
        .output()
        .expect("the client runs");
    assert!(compared.status.success(), "{compared:?}");
    let found: Value = serde_json::from_slice(&compared.stdout).expect("JSON");
    let row = &found["groups"][0]["pairs"][0]["metrics"][0];
    format!(
        "{} {} {}",
        row["verdict"].as_str().unwrap_or("none"),
        row["ratio"],
        row["ratio_interval"]
    )
}
