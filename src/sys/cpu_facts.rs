//! What `/proc` and `/sys` report about a CPU: what makes it faster, slower, or interrupts it.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::Read;
use std::path::{Path, PathBuf};

use super::cpus;

/// The longest file that is read, bytes.
const MOST_BYTES: u64 = 16 << 20;

/// The most characters of a text.
const MOST_CHARS: usize = 200;

/// The most entries of a directory that are looked at.
const MOST_ENTRIES: usize = 4096;

/// Where the kernel's files are: `/proc` and `/sys`, but for tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roots {
    /// procfs, proc(5).
    pub proc: PathBuf,
    /// sysfs, sysfs(5).
    pub sys: PathBuf,
}

impl Default for Roots {
    fn default() -> Roots {
        Roots {
            proc: PathBuf::from("/proc"),
            sys: PathBuf::from("/sys"),
        }
    }
}

/// Time of a CPU since the system started, in ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stolen {
    /// While it had work, and the hypervisor ran another machine.
    pub stolen: u64,
    /// All of it.
    pub all: u64,
}

/// The interrupts of the network cards, as `/proc/interrupts` names them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CardInterrupts {
    /// Their numbers.
    numbers: BTreeSet<String>,
    /// Names of cards whose numbers are not told: parts of the text of their lines.
    names: Vec<String>,
}

impl CardInterrupts {
    /// Whether a line with that name and text is one of a network card.
    pub fn has(&self, name: &str, text: &str) -> bool {
        let is_card = |card: &String| {
            text.split(|c: char| c.is_whitespace() || ",-".contains(c))
                .any(|word| word == card)
        };
        self.numbers.contains(name) || self.names.iter().any(is_card)
    }

    /// Whether they are those of no card at all.
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty() && self.names.is_empty()
    }
}

impl Roots {
    /// The frequency governor of a CPU: `performance`, `powersave`, …
    pub fn governor(&self, cpu: u32) -> Option<String> {
        read(&self.cpu(cpu).join("cpufreq/scaling_governor"))
    }

    /// Whether frequency boost (turbo) is enabled.
    pub fn turbo(&self) -> Option<bool> {
        let number = |path: &str| read(&self.sys.join("devices/system/cpu").join(path));
        match number("intel_pstate/no_turbo").as_deref() {
            Some("0") => Some(true),
            Some("1") => Some(false),
            _ => match number("cpufreq/boost").as_deref() {
                Some("0") => Some(false),
                Some("1") => Some(true),
                _ => None,
            },
        }
    }

    /// The other CPUs that are threads of the same core (SMT), in ascending order.
    pub fn siblings(&self, cpu: u32) -> Option<Vec<u32>> {
        let text = read(&self.cpu(cpu).join("topology/thread_siblings_list"))?;
        let mut siblings = cpus::parse_list(&text)?;
        siblings.retain(|other| *other != cpu);
        Some(siblings)
    }

    /// The time that the hypervisor took from a CPU: proc_stat(5).
    pub fn stolen(&self, cpu: u32) -> Option<Stolen> {
        let stat = read(&self.proc.join("stat"))?;
        let name = format!("cpu{cpu}");
        let words = stat.lines().map(str::split_ascii_whitespace);
        let mut of_cpu = words
            .map(|mut words| (words.next(), words))
            .find(|(first, _)| *first == Some(&name))?
            .1;
        // user nice system idle iowait irq softirq steal; those of guests are in the first two.
        let mut times = [0u64; 8];
        for time in &mut times {
            *time = of_cpu.next()?.parse().ok()?;
        }
        Some(Stolen {
            stolen: times[7],
            all: times.into_iter().fold(0, u64::saturating_add),
        })
    }

    /// The hypervisor or its product name; `Some(None)` on bare metal, `None` where that is not told.
    pub fn virtualization(&self) -> Option<Option<String>> {
        if let Some(name) = read(&self.sys.join("hypervisor/type")) {
            return Some(Some(short(&name)));
        }
        let info = read(&self.proc.join("cpuinfo"))?;
        let flags = info.lines().find_map(|line| {
            let (key, value) = line.split_once(':')?;
            (key.trim() == "flags").then_some(value)
        })?;
        if !flags
            .split_ascii_whitespace()
            .any(|flag| flag == "hypervisor")
        {
            return Some(None);
        }
        let of = |name: &str| read(&self.sys.join("class/dmi/id").join(name));
        let words: Vec<String> = [of("sys_vendor"), of("product_name")]
            .into_iter()
            .flatten()
            .collect();
        Some(Some(match words.is_empty() {
            true => "a hypervisor".to_owned(),
            false => short(&words.join(" ")),
        }))
    }

    /// The interrupts of all network cards; absent where the system does not list them.
    pub fn card_interrupts(&self) -> Option<CardInterrupts> {
        let mut cards = CardInterrupts::default();
        for interface in entries(&self.sys.join("class/net"))? {
            let device = interface.join("device");
            let Ok(place) = fs::canonicalize(&device) else {
                // Loopback, bridges, tunnels: no card.
                continue;
            };
            // The interrupts of a virtio card are those of the PCI device that it is in.
            let parents = [Some(place.as_path()), place.parent()];
            let lists = parents.into_iter().flatten();
            let numbers: Vec<String> = lists
                .filter_map(|place| entries(&place.join("msi_irqs")))
                .flatten()
                .filter_map(|path| name(&path))
                .chain(read(&device.join("irq")).filter(|irq| irq != "0"))
                .collect();
            if numbers.is_empty() {
                cards
                    .names
                    .extend([name(&interface), name(&place)].into_iter().flatten());
            }
            cards.numbers.extend(numbers);
        }
        Some(cards)
    }

    fn cpu(&self, cpu: u32) -> PathBuf {
        self.sys.join(format!("devices/system/cpu/cpu{cpu}"))
    }
}

/// The paths of a directory.
fn entries(directory: &Path) -> Option<Vec<PathBuf>> {
    let entries = fs::read_dir(directory).ok()?.take(MOST_ENTRIES);
    Some(
        entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .collect(),
    )
}

fn name(path: &Path) -> Option<String> {
    Some(path.file_name()?.to_str()?.to_owned())
}

/// The text of a file, without the white space around it; absent where it is empty.
fn read(path: &Path) -> Option<String> {
    let mut text = String::new();
    let file = File::open(path).ok()?;
    file.take(MOST_BYTES).read_to_string(&mut text).ok()?;
    Some(text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn short(text: &str) -> String {
    text.chars().take(MOST_CHARS).collect()
}

#[cfg(test)]
#[path = "cpu_facts_tests.rs"]
mod tests;
