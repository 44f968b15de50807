//! A description of this machine from `/proc`, `/sys` and `uname(2)`, recorded with the figures.

use std::fs;

use serde::{Deserialize, Serialize};

use super::cpu_facts::Roots;

/// The most characters of each text.
const MOST: usize = 200;

/// The machine, before a run. What the system does not report is absent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Machine {
    /// Its name in the network.
    pub host_name: Option<String>,
    /// System, release and architecture: `Linux 6.1.0 x86_64`.
    pub kernel: Option<String>,
    /// The distribution (`/etc/os-release`).
    pub distribution: Option<String>,
    /// The processor's model.
    pub cpu_model: Option<String>,
    /// Processors that this process may run on.
    pub cpus: Option<u64>,
    /// Main memory, bytes.
    pub memory_bytes: Option<u64>,
    /// The frequency governor: `performance`, `powersave`, …
    pub governor: Option<String>,
    /// Whether frequency boost (turbo) is enabled.
    pub turbo: Option<bool>,
    /// The hypervisor, or its product name; absent on bare metal.
    pub virtualization: Option<String>,
    /// The control group of this process, if it is not the root: usually a container.
    pub control_group: Option<String>,
    /// The limit of open files: soft and hard.
    pub open_files: Option<[u64; 2]>,
    /// The range of source ports.
    pub source_ports: Option<[u64; 2]>,
    /// The longest accept queue (`net.core.somaxconn`).
    pub somaxconn: Option<u64>,
    /// The load averages over 1, 5 and 15 minutes.
    pub load_average: Option<[f64; 3]>,
}

impl Machine {
    /// Reads everything: about twenty small files.
    pub fn read() -> Machine {
        let roots = Roots::default();
        let cpu_info = read("/proc/cpuinfo").unwrap_or_default();
        Machine {
            host_name: read("/proc/sys/kernel/hostname"),
            kernel: kernel(),
            distribution: distribution(),
            cpu_model: field(&cpu_info, "model name").or(field(&cpu_info, "Model")),
            cpus: std::thread::available_parallelism()
                .ok()
                .map(|count| count.get() as u64),
            memory_bytes: memory(),
            governor: roots.governor(0),
            turbo: roots.turbo(),
            virtualization: roots.virtualization().flatten(),
            control_group: control_group(),
            open_files: super::limits::open_files()
                .ok()
                .map(|limit| [limit.soft, limit.hard]),
            source_ports: pair(&read("/proc/sys/net/ipv4/ip_local_port_range").unwrap_or_default()),
            somaxconn: number("/proc/sys/net/core/somaxconn"),
            load_average: load_average(),
        }
    }
}

/// The load averages over 1, 5 and 15 minutes.
pub fn load_average() -> Option<[f64; 3]> {
    let text = read("/proc/loadavg")?;
    let mut figures = text.split_whitespace().map(|word| word.parse().ok());
    Some([figures.next()??, figures.next()??, figures.next()??])
}

/// A short text of a file, without the white space around it; absent where it is empty.
fn read(path: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn short(text: &str) -> String {
    text.chars().take(MOST).collect()
}

fn number(path: &str) -> Option<u64> {
    read(path)?.parse().ok()
}

fn pair(text: &str) -> Option<[u64; 2]> {
    let (first, second) = text.split_once(char::is_whitespace)?;
    Some([first.trim().parse().ok()?, second.trim().parse().ok()?])
}

/// The first value of a key in lines such as `model name : …`.
fn field(text: &str, key: &str) -> Option<String> {
    let of_key = |line: &str| {
        let (name, value) = line.split_once(':')?;
        (name.trim() == key).then(|| short(value.trim()))
    };
    text.lines().find_map(of_key)
}

fn kernel() -> Option<String> {
    let of = |name: &str| read(&format!("/proc/sys/kernel/{name}"));
    let (system, release) = (of("ostype")?, of("osrelease")?);
    Some(short(&format!(
        "{system} {release} {}",
        std::env::consts::ARCH
    )))
}

fn distribution() -> Option<String> {
    let text = read("/etc/os-release")?;
    let name = text
        .lines()
        .find_map(|line| line.strip_prefix("PRETTY_NAME="))?;
    Some(short(name.trim_matches('"')))
}

fn memory() -> Option<u64> {
    let text = read("/proc/meminfo")?;
    let kib = field(&text, "MemTotal")?;
    kib.strip_suffix("kB")?
        .trim()
        .parse::<u64>()
        .ok()?
        .checked_mul(1024)
}

/// The path of the unified hierarchy, unless it is the root: `0::/…`.
fn control_group() -> Option<String> {
    let text = read("/proc/self/cgroup")?;
    let path = text.lines().find_map(|line| line.strip_prefix("0::"))?;
    (path != "/").then(|| short(path))
}

#[cfg(test)]
#[path = "machine_tests.rs"]
mod tests;
