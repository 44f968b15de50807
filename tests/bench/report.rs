//! Reading rows back: time and peak memory of `summary` (and `report`, where the program has that command) for
//! a file of 1,000,000 rows, with 28 columns and with those of `--phases`, beside pandas' `read_csv` and
//! quantiles of the same file. All are measured in turn.
//!
//! `cargo bench --bench report [-- ROWS [ROUNDS]]`; the figures are printed, nothing is judged.
//! `PROGRAM=path` measures another build of this program.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use profilerclient::rows::columns::{columns, header_line};

const BINARY: &str = env!("CARGO_BIN_EXE_profilerclient");

/// How often the memory of a child process is looked at.
const LOOK: Duration = Duration::from_millis(2);

const PANDAS: &str = "import sys, pandas
d = pandas.read_csv(sys.argv[1], sep=';')
for c in ('client_home_elapsed_seconds', 'client_buy_elapsed_seconds', 'server_buy_elapsed_seconds'):
    print(d[c].quantile([.5, .9, .95, .99, .999]).tolist(), d[c].max())
";

/// One command, and what its runs took.
struct Side {
    name: &'static str,
    command: Vec<OsString>,
    took: Vec<Duration>,
    peak_kib: u64,
}

fn main() {
    let mut numbers = std::env::args()
        .skip(1)
        .filter_map(|arg| arg.parse::<usize>().ok());
    let rows = numbers.next().unwrap_or(1_000_000);
    let rounds = numbers.next().unwrap_or(3);
    let directory = tempfile::tempdir().expect("a directory");
    for phases in [false, true] {
        let path = directory.path().join("rows.csv");
        write_rows(&path, rows, phases).expect("rows are written");
        let bytes = fs::metadata(&path).expect("a file").len();
        let width = columns(phases).count();
        println!(
            "{rows} rows of {width} columns, {} MB, {rounds} rounds in turn",
            bytes / 1_000_000
        );
        measure(&path, &directory.path().join("page.html"), rounds);
        fs::remove_file(&path).expect("removed");
    }
}

fn measure(path: &Path, page: &Path, rounds: usize) {
    let program = std::env::var_os("PROGRAM").unwrap_or_else(|| BINARY.into());
    let side = |name, words: &[&str], paths: &[&Path]| {
        let words = words.iter().map(OsString::from);
        let paths = paths.iter().map(|path| path.as_os_str().to_owned());
        Side {
            name,
            command: words.chain(paths).collect(),
            took: Vec::new(),
            peak_kib: 0,
        }
    };
    let program = program.to_str().expect("UTF-8").to_owned();
    let page = page.to_str().expect("UTF-8").to_owned();
    let mut sides = vec![side(
        "summary --json",
        &[&program, "summary", "--json"],
        &[path],
    )];
    match succeeds(&[&program, "help", "report"]) {
        true => sides.push(side("report", &[&program, "report", "-o", &page], &[path])),
        false => println!("SKIPPED: report (the program has no such command)"),
    }
    match succeeds(&["python3", "-c", "import pandas"]) {
        true => sides.push(side("pandas", &["python3", "-c", PANDAS], &[path])),
        false => println!("SKIPPED: pandas (python3 cannot import it)"),
    }
    // The file is read once before, so that all find it in the page cache.
    io::copy(&mut File::open(path).expect("a file"), &mut io::sink()).expect("read");
    for _ in 0..rounds {
        for side in &mut sides {
            let (took, peak_kib) = run(&side.command);
            side.took.push(took);
            side.peak_kib = side.peak_kib.max(peak_kib);
        }
    }
    for side in &mut sides {
        side.took.sort_unstable();
        let seconds = |place: usize| side.took[place].as_secs_f64();
        println!(
            "{:<16} min {:6.3} s  median {:6.3} s  peak {:7.1} MB",
            side.name,
            seconds(0),
            seconds(side.took.len() / 2),
            side.peak_kib as f64 / 1024.0
        );
    }
}

fn succeeds(words: &[&str]) -> bool {
    let mut command = Command::new(words[0]);
    let command = command.args(&words[1..]);
    let command = command.stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

/// Runs a command to its end; gives its time and its peak resident memory, KiB.
fn run(words: &[OsString]) -> (Duration, u64) {
    let began = Instant::now();
    let mut child = Command::new(&words[0])
        .args(&words[1..])
        .stdout(Stdio::null())
        .spawn()
        .expect("it starts");
    let status = PathBuf::from(format!("/proc/{}/status", child.id()));
    let mut peak = 0;
    loop {
        if let Ok(text) = fs::read_to_string(&status) {
            let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let number = line.and_then(|line| line.split_whitespace().next()?.parse().ok());
            peak = number.unwrap_or(0).max(peak);
        }
        if let Some(ended) = child.try_wait().expect("a child") {
            assert!(ended.success(), "{words:?}: {ended}");
            return (began.elapsed(), peak);
        }
        std::thread::sleep(LOOK);
    }
}

/// Rows of a closed workload of 1000 virtual users, 2,000 iterations per second, one in 100 failed.
fn write_rows(path: &Path, rows: usize, phases: bool) -> io::Result<()> {
    let mut out = BufWriter::with_capacity(1 << 20, File::create(path)?);
    out.write_all(&header_line(phases))?;
    let mut random: u64 = 0x9e37_79b9_7f4a_7c15;
    for number in 0..rows as u64 {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let start = number * 500;
        let (home, buy) = (500 + random % 20_000, 900 + (random >> 20) % 70_000);
        let served = buy / 2;
        let bought = start + home + 100;
        let (server, failed) = (bought + buy / 4, number % 100 == 99);
        write!(
            out,
            "1000;\"steady load\";{};\"\";200;\"True\";{};{};",
            seconds(home),
            time(start),
            time(start + home)
        )?;
        match failed {
            true => write!(
                out,
                "\"\";\"\";\"\";\"\";\"\";\"\";\"\";\"\";\"\";\"\";\"\";\"\";\"\";\"\";\
                 {};\"connection reset by the server\";-100;\"False\";{};{}",
                seconds(buy),
                time(bought),
                time(bought + buy)
            )?,
            false => write!(
                out,
                "29.3;{};\"\";3093;\"True\";{};{};\"\";\"\";\"\";\"\";\"\";\"\";\"\";{};\"\";200;\"True\";{};{}",
                seconds(served),
                time(server),
                time(server + served),
                seconds(buy),
                time(bought),
                time(bought + buy)
            )?,
        }
        if phases {
            write_phases(&mut out, [home, buy], start, failed)?;
        }
        out.write_all(b"\r\n")?;
    }
    out.flush()
}

fn write_phases(
    out: &mut impl Write,
    elapsed: [u64; 2],
    start: u64,
    failed: bool,
) -> io::Result<()> {
    for of in elapsed {
        write!(
            out,
            ";0.000100000;0.000050000;{};0.000010000;0.000020000;\"kernel\";40000;0",
            seconds(of - 160)
        )?;
    }
    match failed {
        true => out.write_all(b";\"\";\"\";\"\"")?,
        false => out.write_all(b";0.000300000;0.000400000;0.000100000")?,
    }
    write!(
        out,
        ";0;{};0.000010000;0.000000000;0.000000000;\"\";\"\";\"\";\"\";\"\";\"\"",
        time(start)
    )
}

/// Microseconds as seconds with nine decimals.
fn seconds(micros: u64) -> String {
    format!("{}.{:06}000", micros / 1_000_000, micros % 1_000_000)
}

/// Microseconds after noon as a time in quotes.
fn time(micros: u64) -> String {
    let seconds = 43_200 + micros / 1_000_000;
    let (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let micros = micros % 1_000_000;
    format!("\"2026-01-03T{hour:02}:{minute:02}:{second:02}.{micros:06}\"")
}
