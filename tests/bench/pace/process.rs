//! The program as a process: what it says of its own pace.

use std::process::Command;

use profilerclient::precise::Precise;
use profilerclient::shop::process::ShopProcess;
use serde_json::Value;

/// What a run reported.
pub struct Said {
    /// p50, p99 and max, microseconds; NaN where absent.
    pub launch_delay: [f64; 3],
    /// CPU time of the process, and the part of it that was spent in spinning, seconds.
    pub cpu: f64,
    pub spin: f64,
    /// The length of the load, seconds.
    pub wall: f64,
    pub precise: Option<Precise>,
}

/// Runs it at a shop of its own.
pub fn run(rate: u32, is_precise: bool, seconds: u32) -> Result<Said, String> {
    let program = std::env::var("PROGRAM").unwrap_or_else(|_| super::BINARY.to_owned());
    let shop = ShopProcess::start_program(super::BINARY.as_ref(), &[], false)
        .map_err(|e| e.to_string())?;
    let directory = tempfile::tempdir().map_err(|error| error.to_string())?;
    let mut command = Command::new(program);
    command
        .args(["-t", &shop.url, "-d", "rdbms", "-p", "/", "--json"])
        .args([
            "--rate",
            &format!("{rate}/s"),
            "--duration",
            &format!("{seconds}s"),
        ])
        .current_dir(directory.path());
    if is_precise {
        command.arg("--precise");
    }
    let output = command.output().map_err(|error| error.to_string())?;
    let report: Value = serde_json::from_slice(&output.stdout)
        .map_err(|error| format!("{error}: {}", String::from_utf8_lossy(&output.stderr)))?;
    let figure = |path: &str| {
        report
            .pointer(path)
            .and_then(Value::as_f64)
            .unwrap_or(f64::NAN)
    };
    let delay = |name: &str| figure(&format!("/instrument/launch_delay_seconds/{name}")) * 1e6;
    Ok(Said {
        launch_delay: ["p50", "p99", "max"].map(delay),
        cpu: figure("/client/cpu_user_seconds") + figure("/client/cpu_system_seconds"),
        spin: report
            .pointer("/instrument/spin_seconds")
            .and_then(Value::as_f64)
            .unwrap_or(0.0),
        wall: figure("/wall_seconds"),
        precise: serde_json::from_value(report["precise"].clone()).ok(),
    })
}
