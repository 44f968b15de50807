//! This machine's network interfaces.

use std::ffi::CString;

/// The index of an interface by its name (if_nametoindex(3)); `None` if it does not exist.
pub fn interface_index(name: &str) -> Option<u32> {
    let name = CString::new(name).ok()?;
    // SAFETY: the name ends with a NUL and lives across the call.
    match unsafe { libc::if_nametoindex(name.as_ptr()) } {
        0 => None,
        index => Some(index),
    }
}

/// The name of an interface by its index (if_indextoname(3)); `None` if it does not exist.
pub fn interface_name(index: u32) -> Option<String> {
    let mut name = [0u8; libc::IF_NAMESIZE];
    // SAFETY: the buffer has the size that the function asks for and lives across the call.
    let found = unsafe { libc::if_indextoname(index, name.as_mut_ptr().cast()) };
    if found.is_null() {
        return None;
    }
    let length = name.iter().position(|&byte| byte == 0)?;
    Some(String::from_utf8_lossy(&name[..length]).into_owned())
}

#[cfg(test)]
#[path = "network_tests.rs"]
mod tests;
