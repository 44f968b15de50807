//! Which CPU the event loop is pinned to.

use std::cmp::Reverse;
use std::io;
use std::path::Path;

use super::Asked;
use super::interrupts::Interrupts;
use crate::exit::Hinted;
use crate::sys::cpus;

/// The CPU for the event loop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// Its number.
    pub cpu: u32,
    /// Those that this process may run on, in ascending order.
    pub allowed: Vec<u32>,
    /// How often it was interrupted since the system started, where the system tells it.
    pub interrupts: Option<u64>,
    /// Whether it was asked for by its number.
    pub is_given: bool,
}

/// Why the event loop cannot be pinned as asked.
#[derive(Debug)]
pub enum CpuError {
    /// The CPU does not exist, or is not one of those that this process may run on.
    NotAllowed {
        /// The CPU asked for.
        cpu: u32,
        /// The others, in ascending order.
        allowed: Vec<u32>,
    },
    /// The system does not tell which CPUs this process may run on.
    Unknown(io::Error),
}

impl Hinted for CpuError {
    fn finding(&self) -> String {
        match self {
            CpuError::NotAllowed { cpu, allowed } => format!(
                "--cpu {cpu}: this process may not run on that CPU, or it does not exist (allowed: {})",
                cpus::list(allowed)
            ),
            CpuError::Unknown(error) => {
                format!("the CPUs that this process may run on cannot be read ({error})")
            }
        }
    }

    fn hint(&self) -> String {
        match self {
            CpuError::NotAllowed { allowed, .. } => match allowed.first() {
                Some(first) => format!("give one of those, such as --cpu {first}"),
                None => "leave --cpu out".to_owned(),
            },
            CpuError::Unknown(_) => "leave --cpu out".to_owned(),
        }
    }
}

impl Asked {
    /// Chooses the CPU on this system; `None` where nothing is asked for, and for `--precise` where the
    /// system does not tell its CPUs.
    pub fn choose(self) -> Result<Option<Choice>, CpuError> {
        if self == Asked::default() {
            return Ok(None);
        }
        match (cpus::allowed(), self.cpu) {
            (Ok(allowed), _) => {
                let interrupts = Interrupts::read(Path::new("/proc"));
                choose(self.cpu, allowed, interrupts.as_ref())
            }
            (Err(error), Some(_)) => Err(CpuError::Unknown(error)),
            (Err(_), None) => Ok(None),
        }
    }
}

/// The CPU asked for; else, of those allowed, the one with the least interrupts, and of equal ones the
/// last: systems do their own work on the first.
pub fn choose(
    asked: Option<u32>,
    allowed: Vec<u32>,
    interrupts: Option<&Interrupts>,
) -> Result<Option<Choice>, CpuError> {
    let of = |cpu: u32| interrupts.and_then(|interrupts| interrupts.of(cpu));
    let cpu = match asked {
        Some(cpu) if allowed.contains(&cpu) => cpu,
        Some(cpu) => return Err(CpuError::NotAllowed { cpu, allowed }),
        None => {
            let count = |cpu: &&u32| (of(**cpu).unwrap_or(u64::MAX), Reverse(**cpu));
            match allowed.iter().min_by_key(count) {
                Some(cpu) => *cpu,
                None => return Ok(None),
            }
        }
    };
    Ok(Some(Choice {
        cpu,
        interrupts: of(cpu),
        is_given: asked.is_some(),
        allowed,
    }))
}

#[cfg(test)]
#[path = "choice_tests.rs"]
mod tests;
