//! Files of shards, and what can happen to them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, SystemTime};

use serde_json::{Value, json};

use crate::support::*;

/// `rows-K.csv` of all shards.
pub fn files(dir: &Path, count: u64) -> Vec<PathBuf> {
    (1..=count)
        .map(|k| dir.join(format!("rows-{k}.csv")))
        .collect()
}

/// Runs all shards of a run to their ends.
pub fn shards(url: &str, dir: &Path, count: u64, flags: &[&str]) -> Vec<PathBuf> {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    let start = since.expect("after 1970") + Duration::from_secs(1);
    let start = format!("{:.3}", start.as_secs_f64());
    let files = files(dir, count);
    let running: Vec<_> = (files.iter().zip(1..))
        .map(|(file, k)| {
            let shard = format!("{k}/{count}");
            let common = [
                "-t",
                url,
                "-d",
                "rdbms",
                "--seed",
                "5",
                "-o",
                file.to_str().expect("UTF-8"),
                "-q",
            ];
            let own = ["--shard", &shard, "--start-at", &start];
            command([&common[..], &own, flags].concat())
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .expect("the program starts")
        })
        .collect();
    for child in running {
        wait(child).ok();
    }
    files
}

/// The file of lines beside rows.
pub fn lines_path(rows: &Path) -> PathBuf {
    PathBuf::from(format!("{}.runs.jsonl", rows.display()))
}

/// The lines beside rows.
pub fn lines_of(rows: &Path) -> Vec<Value> {
    let text = fs::read_to_string(lines_path(rows)).expect("the lines");
    text.lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

fn write_lines(rows: &Path, lines: &[Value]) {
    let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
    fs::write(lines_path(rows), text).expect("written");
}

/// Changes all lines of a kind.
pub fn change(rows: &Path, kind: &str, change: impl Fn(&mut Value)) {
    let mut lines = lines_of(rows);
    lines
        .iter_mut()
        .filter(|line| line["line"] == kind)
        .for_each(change);
    write_lines(rows, &lines);
}

/// Sets a field of the run line.
pub fn set(rows: &Path, name: &str, value: Value) {
    change(rows, "run", |run| run[name] = value.clone());
}

/// Makes it another shard.
pub fn set_shard(rows: &Path, index: u64, count: u64) {
    change(rows, "run", |run| {
        run["shard"] = json!(format!("{index}/{count}"));
    });
}

/// Keeps the first lines only, as a process leaves them that was killed.
pub fn keep_lines(rows: &Path, number: usize) {
    let lines = lines_of(rows);
    write_lines(rows, &lines[..number]);
}

/// Removes rows and lines.
pub fn remove(rows: &Path) {
    fs::remove_file(lines_path(rows)).expect("removed");
    fs::remove_file(rows).expect("removed");
}

/// Cuts that many bytes off the rows, the header excepted.
pub fn cut(rows: &Path, bytes: usize) {
    let text = fs::read(rows).expect("rows");
    let header = text
        .iter()
        .position(|byte| *byte == b'\n')
        .expect("a header")
        + 1;
    fs::write(rows, &text[..text.len().saturating_sub(bytes).max(header)]).expect("written");
}

/// Makes it a shard that was ended by SIGTERM with all rows written.
pub fn end_by_signal(rows: &Path) {
    change(rows, "end", |end| {
        end["ending"] = json!("interrupted");
        end["signal"] = json!("SIGTERM");
    });
}

/// Sets the clock of a shard's machine forward, nanoseconds: rows and lines as they would have been then.
pub fn shift(rows: &Path, nanos: i64) {
    let span = jiff::SignedDuration::from_nanos(nanos);
    let moved = |text: &str| match text.parse::<jiff::Timestamp>() {
        Ok(at) => (at + span).to_string(),
        Err(_) => text.to_owned(),
    };
    let mut lines = lines_of(rows);
    for line in &mut lines {
        for name in ["started", "first_start", "last_start", "last_row"] {
            if let Some(text) = line.get(name).and_then(Value::as_str).map(&moved) {
                line[name] = json!(text);
            }
        }
        if let Some(blocks) = line.pointer_mut("/figures/server_clock/blocks") {
            for block in blocks.as_array_mut().expect("blocks") {
                for name in ["at_least", "at_most"] {
                    block[name] = json!(block[name].as_i64().map(|bound| bound - nanos));
                }
            }
        }
    }
    write_lines(rows, &lines);

    let text = fs::read_to_string(rows).expect("rows");
    let header = text.lines().next().expect("a header");
    let is_time = |column: &str| column.contains("client_") && column.contains("_time\"");
    let times: Vec<bool> = header.split(';').map(is_time).collect();
    let of_row = |row: &str| -> String {
        // No field of these rows has a delimiter in it.
        let fields = row
            .split(';')
            .zip(&times)
            .map(|(field, is_time)| match is_time {
                true => {
                    let at: jiff::civil::DateTime =
                        field.trim_matches('"').parse().expect("a time");
                    format!("\"{}\"", (at + span).strftime("%Y-%m-%dT%H:%M:%S.%6f"))
                }
                false => field.to_owned(),
            });
        fields.collect::<Vec<_>>().join(";")
    };
    let all = text.lines().enumerate().map(|(number, line)| match number {
        0 => line.to_owned() + "\r\n",
        _ => of_row(line) + "\r\n",
    });
    fs::write(rows, all.collect::<String>()).expect("written");
}
