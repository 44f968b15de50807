//! A sandbox that refuses kernel timestamps, as containers and seccomp profiles do: the program continues
//! with its own clock and says so, or refuses with `--clock kernel`.

use std::os::unix::process::CommandExt;
use std::process::Command;

use serde_json::Value;

use crate::support::{Shop, command, finish};

/// Has the kernel answer `setsockopt(…, SO_TIMESTAMPING, …)` of a command with EPERM (seccomp(2)).
fn without_stamps(mut command: Command) -> Command {
    let load = (libc::BPF_LD | libc::BPF_W | libc::BPF_ABS) as u16;
    let jump_if_equal = (libc::BPF_JMP | libc::BPF_JEQ | libc::BPF_K) as u16;
    let answer = (libc::BPF_RET | libc::BPF_K) as u16;
    // Of seccomp_data: the call's number, and the low half of its third argument.
    let (number, option) = (
        0,
        16 + 2 * 8 + if cfg!(target_endian = "big") { 4 } else { 0 },
    );
    let step = |code, jt, jf, k| libc::sock_filter { code, jt, jf, k };
    let mut filter = [
        step(load, 0, 0, number),
        step(jump_if_equal, 0, 3, libc::SYS_setsockopt as u32),
        step(load, 0, 0, option),
        step(jump_if_equal, 0, 1, libc::SO_TIMESTAMPING as u32),
        step(answer, 0, 0, libc::SECCOMP_RET_ERRNO | libc::EPERM as u32),
        step(answer, 0, 0, libc::SECCOMP_RET_ALLOW),
    ];
    let install = move || {
        let program = libc::sock_fprog {
            len: filter.len() as u16,
            filter: filter.as_mut_ptr(),
        };
        // SAFETY: both calls are async-signal-safe and read only what lives here.
        let refused = unsafe {
            libc::prctl(libc::PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0
                || libc::prctl(
                    libc::PR_SET_SECCOMP,
                    libc::SECCOMP_MODE_FILTER,
                    &raw const program,
                ) != 0
        };
        match refused {
            true => Err(std::io::Error::last_os_error()),
            false => Ok(()),
        }
    };
    // SAFETY: the closure allocates nothing and takes no locks.
    unsafe { command.pre_exec(install) };
    command
}

#[test]
fn without_kernel_timestamps_the_process_clock_is_used_and_reported() {
    let shop = Shop::start(&[]);
    let directory = tempfile::tempdir().expect("a directory");
    let run = |more: &[&str]| {
        let report = directory.path().join("report.csv");
        let mut words = vec!["-t", &shop.url, "-d", "rdbms", "-c", "3", "--phases", "-o"];
        words.push(report.to_str().expect("UTF-8"));
        words.extend(more);
        finish(without_stamps(command(words)))
    };
    let text = run(&[]).ok().stdout;
    assert!(text.contains("(this process's clock, "), "{text}");
    let json: Value = serde_json::from_str(&run(&["--json"]).ok().stdout).expect("JSON");
    let instrument = &json["instrument"];
    assert_eq!(instrument["responses"], 6, "{instrument}");
    assert_eq!(instrument["kernel_stamped_responses"], 0);
    assert_eq!(json["bought"], 3);
    let rows = std::fs::read_to_string(directory.path().join("report.csv")).expect("a report");
    assert_eq!(rows.matches("\"user\"").count(), 2 * 6, "{rows}");
    assert_eq!(rows.matches("\"kernel\"").count(), 0);

    run(&["--tx-stamps"]).ok();
    run(&["--clock", "kernel"]).refused(
        1,
        &[
            "--clock kernel",
            "receive timestamps are not available",
            "auto",
        ],
    );
}
