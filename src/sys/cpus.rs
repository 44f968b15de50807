//! The CPUs that a thread may run on: `sched_setaffinity(2)`, and lists of CPUs as the kernel writes them.

use std::fs;
use std::io;

use super::syscall;

/// CPU numbers are below this: the kernel is built for at most 8192.
pub const MOST: u32 = 8192;

const BITS: usize = u64::BITS as usize;

/// A set of CPUs as the kernel takes it: a bit for each.
type Mask = [u64; MOST as usize / BITS];

/// The CPUs that this thread may run on, in ascending order: those of its control group (cpuset(7)) and
/// of its affinity.
pub fn allowed() -> io::Result<Vec<u32>> {
    let mut mask: Mask = [0; MOST as usize / BITS];
    syscall!(sched_getaffinity(
        0,
        size_of::<Mask>(),
        mask.as_mut_ptr().cast()
    ))?;
    let is_in = |cpu: &u32| mask[*cpu as usize / BITS] >> (*cpu as usize % BITS) & 1 == 1;
    Ok((0..MOST).filter(is_in).collect())
}

/// Has this thread run on these CPUs only. Threads and processes that it starts inherit that.
pub fn allow(cpus: &[u32]) -> io::Result<()> {
    // Zero is the calling thread.
    allow_process(0, cpus)
}

/// The same for the first thread of another process, by its number.
pub fn allow_process(process: u32, cpus: &[u32]) -> io::Result<()> {
    let mut mask: Mask = [0; MOST as usize / BITS];
    for cpu in cpus {
        let word = mask.get_mut(*cpu as usize / BITS);
        *word.ok_or(io::ErrorKind::InvalidInput)? |= 1 << (*cpu as usize % BITS);
    }
    syscall!(sched_setaffinity(
        process as libc::pid_t,
        size_of::<Mask>(),
        mask.as_ptr().cast()
    ))
    .map(drop)
}

/// The CPU that this thread runs on at present, where the system tells it: `sched_getcpu(3)`.
pub fn current() -> Option<u32> {
    let cpu = syscall!(sched_getcpu()).ok()?;
    u32::try_from(cpu).ok()
}

/// The CPUs of this machine that are in use, where the system tells it.
pub fn online() -> Option<Vec<u32>> {
    let text = fs::read_to_string("/sys/devices/system/cpu/online").ok()?;
    parse_list(&text).filter(|cpus| !cpus.is_empty())
}

/// The CPUs of a list such as `0-3,8`, in ascending order; absent for any other text. An empty list is one.
pub fn parse_list(text: &str) -> Option<Vec<u32>> {
    let text = text.trim();
    let mut cpus = Vec::new();
    if text.is_empty() {
        return Some(cpus);
    }
    for part in text.split(',') {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let (first, last) = (number(first)?, number(last)?);
        if first > last || cpus.len() > MOST as usize {
            return None;
        }
        cpus.extend(first..=last);
    }
    cpus.sort_unstable();
    cpus.dedup();
    Some(cpus)
}

/// A CPU number in digits only.
fn number(text: &str) -> Option<u32> {
    let is_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|_| is_digits)?;
    (number < MOST).then_some(number)
}

/// The list of these CPUs, which are in ascending order: `0-3,8`.
pub fn list(cpus: &[u32]) -> String {
    let mut parts: Vec<(u32, u32)> = Vec::new();
    for &cpu in cpus {
        match parts.last_mut() {
            Some((_, last)) if *last + 1 == cpu => *last = cpu,
            _ => parts.push((cpu, cpu)),
        }
    }
    let text = parts.iter().map(|(first, last)| match first == last {
        true => first.to_string(),
        false => format!("{first}-{last}"),
    });
    text.collect::<Vec<_>>().join(",")
}

#[cfg(test)]
#[path = "cpus_tests.rs"]
mod tests;
