//! The CPU of the event loop: the one of `--cpu`, or the one that `--precise` would take. What disturbs it
//! makes launches late.

use std::io::{self, Write};

use super::output::Report;
use super::{Check, Status};
use crate::precise::interrupts::Interrupts;
use crate::precise::{Asked, Choice};
use crate::sys::cpu_facts::{CardInterrupts, Roots, Stolen};
use crate::sys::{cpus, scheduling};
use crate::text::counted;

/// The finding where a file is absent, as in many containers and virtual machines.
const NOT_TOLD: &str = "not told by this machine";

/// The share of stolen time, and of the interrupts of network cards, above which a CPU is disturbed.
const STOLEN_SHARE: f64 = 0.001;
const CARD_SHARE: f64 = 0.1;

/// Checks the CPU. `is_here`: whether the shop runs on this machine.
pub(super) fn examine<W: Write>(
    asked: Asked,
    is_here: Option<bool>,
    report: &mut Report<W>,
) -> io::Result<()> {
    let would_be = Asked {
        is_precise: true,
        cpu: asked.cpu,
    };
    let judge = Judge {
        // What disturbs a launch by microseconds matters to those who ask for that precision.
        is_strict: asked != Asked::default(),
        is_precise: asked.is_precise,
        roots: Roots::default(),
    };
    let choice = match would_be.choose() {
        Ok(Some(choice)) => choice,
        Ok(None) => return report.add(judge.untold("cpu", "leave --cpu out")),
        Err(error) => return report.add(Check::error("cpu", &error)),
    };
    for check in judge.all(&choice, is_here) {
        report.add(check)?;
    }
    Ok(())
}

struct Judge {
    is_strict: bool,
    is_precise: bool,
    roots: Roots,
}

impl Judge {
    fn all(&self, choice: &Choice, is_here: Option<bool>) -> Vec<Check> {
        let (roots, cpu) = (&self.roots, choice.cpu);
        let interrupts = Interrupts::read(&roots.proc);
        vec![
            self.cpu(choice, is_here),
            self.governor(roots.governor(cpu)),
            self.turbo(roots.turbo()),
            self.siblings(cpu, roots.siblings(cpu)),
            self.steal(roots.stolen(cpu)),
            self.virtualization(roots.virtualization()),
            self.timer_slack(scheduling::timer_slack().ok()),
            self.interrupts(cpu, interrupts.as_ref(), roots.card_interrupts(), is_here),
        ]
    }

    /// What disturbs the loop: a warning where precision was asked for.
    fn disturbs(&self, name: &'static str, finding: String, hint: &str) -> Check {
        let warning = Check::warn(name, finding, hint);
        match self.is_strict {
            true => warning,
            false => Check {
                status: Status::Ok,
                ..warning
            },
        }
    }

    fn untold(&self, name: &'static str, hint: &str) -> Check {
        Check {
            hint: Some(hint.to_owned()),
            ..Check::skip(name, NOT_TOLD)
        }
    }

    fn cpu(&self, choice: &Choice, is_here: Option<bool>) -> Check {
        let allowed = cpus::list(&choice.allowed);
        let why = match (choice.is_given, choice.interrupts) {
            (true, _) => "as --cpu asks".to_owned(),
            (false, Some(count)) => {
                let count = counted(count, "interrupt", "interrupts");
                format!("as --precise would take it: {count} so far, the least")
            }
            (false, None) => "as --precise would take it".to_owned(),
        };
        let finding = format!("CPU {} of {allowed}, {why}", choice.cpu);
        match choice.warning(is_here == Some(true)) {
            Some(warning) => self.disturbs("cpu", finding, &warning),
            None => Check::ok("cpu", finding),
        }
    }

    fn governor(&self, governor: Option<String>) -> Check {
        let name = "governor";
        match governor.as_deref() {
            None => self.untold(
                name,
                "on a virtual machine or in a container, look at the host's scaling_governor",
            ),
            Some("performance") => Check::ok(name, "performance"),
            Some(other) => self.disturbs(
                name,
                format!("{other}: the frequency follows the load"),
                "set it to performance (cpupower frequency-set -g performance)",
            ),
        }
    }

    fn turbo(&self, turbo: Option<bool>) -> Check {
        let name = "turbo";
        match turbo {
            None => self.untold(name, "look at the host, or at its firmware settings"),
            Some(false) => Check::ok(name, "off"),
            Some(true) => self.disturbs(
                name,
                "on: the frequency depends on temperature and on the other cores".to_owned(),
                "for figures that repeat, switch it off (intel_pstate/no_turbo or cpufreq/boost in \
                 /sys/devices/system/cpu)",
            ),
        }
    }

    fn siblings(&self, cpu: u32, siblings: Option<Vec<u32>>) -> Check {
        let name = "smt sibling";
        match siblings.as_deref() {
            None => self.untold(name, "look at lscpu -e on the host"),
            Some([]) => Check::ok(name, format!("CPU {cpu} has its core to itself")),
            Some(others) => self.disturbs(
                name,
                format!("CPU {cpu} shares its core with CPU {}", cpus::list(others)),
                "keep other work off the sibling, or switch SMT off (/sys/devices/system/cpu/smt/control)",
            ),
        }
    }

    fn steal(&self, stolen: Option<Stolen>) -> Check {
        let name = "steal";
        let Some(Stolen { stolen, all }) = stolen else {
            return self.untold(name, "look at the column st of vmstat on another machine");
        };
        let share = stolen as f64 / all.max(1) as f64;
        let finding = format!("{:.2} % of the time since the start", share * 100.0);
        match share > STOLEN_SHARE {
            false => Check::ok(name, finding),
            true => self.disturbs(
                name,
                format!("{finding} went to other virtual machines"),
                "use a machine with CPUs of its own (dedicated, not shared or burstable)",
            ),
        }
    }

    fn virtualization(&self, on: Option<Option<String>>) -> Check {
        let name = "virtualization";
        match on {
            None => self.untold(name, "systemd-detect-virt may know"),
            Some(None) => Check::ok(name, "none: bare metal"),
            Some(Some(on)) => self.disturbs(
                name,
                format!("a virtual machine ({on}): a CPU that sleeps takes longer to wake"),
                "use bare metal, or a host whose CPUs are not shared; --precise does not sleep before a launch",
            ),
        }
    }

    fn timer_slack(&self, nanos: Option<u64>) -> Check {
        let name = "timer slack";
        match nanos {
            None => self.untold(
                name,
                "containers may not query it: launches do not depend on it",
            ),
            Some(nanos @ 0..=1_000) => Check::ok(name, format!("{nanos} ns")),
            Some(nanos) if self.is_precise => Check::ok(
                name,
                format!(
                    "{:.0} µs, and 1 ns during a load with --precise",
                    nanos as f64 / 1e3
                ),
            ),
            Some(nanos) => self.disturbs(
                name,
                format!(
                    "{:.0} µs: time-outs may end that late (launches have a timer without slack)",
                    nanos as f64 / 1e3
                ),
                "use --precise, which sets it to 1 ns for the load",
            ),
        }
    }

    fn interrupts(
        &self,
        cpu: u32,
        interrupts: Option<&Interrupts>,
        cards: Option<CardInterrupts>,
        is_here: Option<bool>,
    ) -> Check {
        let name = "nic interrupts";
        let (Some(interrupts), Some(cards)) = (interrupts, cards) else {
            return self.untold(name, "look at /proc/interrupts on the host");
        };
        if cards.is_empty() {
            return Check::ok(name, "this machine shows no network card");
        }
        let has = |name: &str, text: &str| cards.has(name, text);
        let all = interrupts.of_device_everywhere(has);
        let own = interrupts.of_device(cpu, has).unwrap_or(0);
        let share = own as f64 / all.max(1) as f64;
        let finding = format!(
            "{:.0} % of {} of network cards came on CPU {cpu}",
            share * 100.0,
            counted(all, "interrupt", "interrupts")
        );
        match (share > CARD_SHARE, is_here) {
            (false, _) => Check::ok(name, finding),
            (true, Some(true)) => Check::ok(
                name,
                format!("{finding}, which do not come from a shop on this machine"),
            ),
            (true, _) => self.disturbs(
                name,
                finding,
                "move them to other CPUs (/proc/irq/N/smp_affinity_list; stop irqbalance), or give \
                 another --cpu",
            ),
        }
    }
}

#[cfg(test)]
#[path = "cpu_tests.rs"]
mod tests;
