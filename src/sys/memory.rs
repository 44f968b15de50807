//! The memory available to this process.

use std::fs;
use std::mem::MaybeUninit;

use super::syscall;

/// The least, in bytes, that is assumed even if a system reports none.
const LEAST: u64 = 16 << 20;

/// The default, in bytes, where a system reports nothing.
const UNKNOWN: u64 = 1 << 30;

/// A quarter of the memory that this process can have: what the machine has available
/// (`MemAvailable`, proc_meminfo(5)), what is left of its control group's limit (`memory.max`, cgroup
/// v2), and its limit of address space (RLIMIT_AS, getrlimit(2)), whichever is least. Bytes.
pub fn share() -> usize {
    let read = |path: &str| fs::read_to_string(path).ok();
    let available = read("/proc/meminfo").as_deref().and_then(available);
    let group = || -> Option<u64> {
        let group = read("/proc/self/cgroup")?;
        let directory = format!("/sys/fs/cgroup{}", group_path(&group)?);
        let number = |name| read(&format!("{directory}/{name}"))?.trim().parse().ok();
        let (most, used): (u64, u64) = (number("memory.max")?, number("memory.current")?);
        Some(most.saturating_sub(used))
    };
    let limits = [available, group(), address_space()];
    let least = limits.into_iter().flatten().min().unwrap_or(UNKNOWN);
    usize::try_from((least / 4).max(LEAST)).unwrap_or(usize::MAX)
}

/// MemAvailable in a `/proc/meminfo`, bytes.
fn available(meminfo: &str) -> Option<u64> {
    let value = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: u64 = value.trim().strip_suffix(" kB")?.parse().ok()?;
    kibibytes.checked_mul(1024)
}

/// The path of the control group in a `/proc/PID/cgroup`: `0::/user.slice` (cgroups(7)).
fn group_path(cgroup: &str) -> Option<&str> {
    cgroup.lines().find_map(|line| line.strip_prefix("0::"))
}

fn address_space() -> Option<u64> {
    let mut limit = MaybeUninit::<libc::rlimit>::uninit();
    syscall!(getrlimit(libc::RLIMIT_AS, limit.as_mut_ptr())).ok()?;
    // SAFETY: getrlimit succeeded and filled the struct.
    let limit = unsafe { limit.assume_init() };
    (limit.rlim_cur != libc::RLIM_INFINITY).then_some(limit.rlim_cur)
}

/// Bytes of a cache line on the machines that this matters on.
const CACHE_LINE: usize = 64;

/// Asks the CPU to fetch a value into its caches, without waiting for it. Does nothing where the compiler
/// has no such instruction.
#[inline]
pub fn prefetch<T>(value: &T) {
    #[cfg(target_arch = "x86_64")]
    {
        use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
        let start: *const i8 = std::ptr::from_ref(value).cast();
        for offset in (0..size_of::<T>()).step_by(CACHE_LINE) {
            // SAFETY: a prefetch reads nothing that a program could see, and never faults.
            unsafe { _mm_prefetch::<_MM_HINT_T0>(start.wrapping_add(offset)) };
        }
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = (value, CACHE_LINE);
}

#[cfg(test)]
#[path = "memory_tests.rs"]
mod tests;
