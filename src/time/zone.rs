//! The time zone of this process, as the C library finds it.
//!
//! The times of rows are compared with those that servers on this machine write, nearly always through
//! the C library: so `TZ` is read as glibc reads it (tzset(3)), which accepts more than the names and rules
//! of POSIX: a leading colon, and zones with daylight saving but without rules for it.

use std::env;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use jiff::tz::TimeZone;

/// The rules of zones with daylight saving but without rules, glibc's `TZDEFRULES`: those of the
/// United States since 2007.
const DEFAULT_RULES: &str = ",M3.2.0,M11.1.0";

/// The zone of local times: what the `TZ` variable names, otherwise the system's. UTC where `TZ` is
/// empty or unknown. It is looked up once: the same for all times of a run.
pub fn local_zone() -> TimeZone {
    static ZONE: LazyLock<TimeZone> = LazyLock::new(|| match env::var_os("TZ") {
        Some(name) => of_variable(&name).unwrap_or(TimeZone::UTC),
        None => TimeZone::try_system().unwrap_or(TimeZone::UTC),
    });
    ZONE.clone()
}

/// What [`named`] finds the zone of local times by, perhaps on another machine; empty where it has no
/// name.
pub fn local_zone_name() -> String {
    match env::var_os("TZ") {
        Some(name) => match of_variable(&name) {
            Some(_) => name.to_string_lossy().into_owned(),
            None => "UTC".to_owned(),
        },
        None => (local_zone().iana_name()).unwrap_or_default().to_owned(),
    }
}

/// The zone of a name, as `TZ` would have it; `None` where this machine knows none of that name.
pub fn named(name: &str) -> Option<TimeZone> {
    Some(name)
        .filter(|name| !name.is_empty())
        .and_then(|name| of_variable(OsStr::new(name)))
}

/// The `TZ` variable's text where it names no zone that this machine knows: local times are then in
/// UTC.
pub fn unknown_zone() -> Option<String> {
    let name = env::var_os("TZ")?;
    let is_unknown = of_variable(&name).is_none();
    is_unknown.then(|| name.to_string_lossy().into_owned())
}

/// The zone that a value of `TZ` names: a name or file of the database of zones, with or without a colon
/// before it, or else a POSIX rule.
fn of_variable(value: &OsStr) -> Option<TimeZone> {
    let value = value.to_str()?;
    let name = value.strip_prefix(':').unwrap_or(value);
    if name.is_empty() {
        return Some(TimeZone::UTC);
    }
    if Path::new(name).is_absolute() {
        return of_file(Path::new(name));
    }
    if let Ok(zone) = TimeZone::get(name) {
        return Some(zone);
    }
    TimeZone::posix(name)
        .or_else(|_| TimeZone::posix(&format!("{name}{DEFAULT_RULES}")))
        .ok()
}

/// The zone in a file in the format of RFC 9636, at most 1 MiB long.
fn of_file(path: &Path) -> Option<TimeZone> {
    const MOST: u64 = 1 << 20;
    let found = fs::metadata(path).ok()?;
    if !found.is_file() || found.len() > MOST {
        return None;
    }
    TimeZone::tzif("local", &fs::read(path).ok()?).ok()
}

#[cfg(test)]
#[path = "zone_tests.rs"]
mod tests;
