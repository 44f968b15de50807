//! Control messages (cmsg(3)) of stamps, read from the bytes that a `recvmsg` left: without `unsafe`, and
//! without trust in what stands there.
//!
//! The layout is the kernel's: a header of length (a `size_t`, the header included), level and type,
//! then the data, padded to the size of a `long`.

/// A header: length, level, type.
const HEADER_BYTES: usize = size_of::<usize>() + 2 * size_of::<i32>();

/// Where `ee_origin` is in a `sock_extended_err`, which begins with a 32-bit `ee_errno`.
const ORIGIN_AT: usize = 4;

/// Where `ee_data` is: behind four bytes and a 32-bit `ee_info`.
const DATA_AT: usize = 12;

/// When bytes of a connection left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TransmitStamp {
    /// The number of the last byte, counted from 0 since the stamps were asked for; it wraps.
    pub byte: u32,
    /// CLOCK_REALTIME, nanoseconds.
    pub unix_nanos: i64,
}

/// The software time among control messages: CLOCK_REALTIME, nanoseconds.
pub fn software_stamp(control: &[u8]) -> Option<i64> {
    let is_stamp = |level, kind| (level, kind) == (libc::SOL_SOCKET, libc::SCM_TIMESTAMPING);
    let [seconds, nanos] = find(control, 2 * size_of::<isize>(), is_stamp)
        .map(|data| [0, size_of::<isize>()].map(|at| long(data, at)))?;
    // The kernel writes zero where it has no time to give.
    let stamp = i64::try_from(seconds?)
        .ok()?
        .checked_mul(1_000_000_000)?
        .checked_add(i64::try_from(nanos?).ok()?)?;
    (stamp != 0).then_some(stamp)
}

/// What an entry of the error queue says about a transmission; `None` of one that is about something else.
pub fn transmit_stamp(control: &[u8]) -> Option<TransmitStamp> {
    let is_error = |level, kind| {
        (level, kind) == (libc::SOL_IP, libc::IP_RECVERR)
            || (level, kind) == (libc::SOL_IPV6, libc::IPV6_RECVERR)
    };
    let error = find(control, size_of::<libc::sock_extended_err>(), is_error)?;
    let is_of_stamp = error.get(ORIGIN_AT) == Some(&libc::SO_EE_ORIGIN_TIMESTAMPING);
    let byte = array(error, DATA_AT).map(u32::from_ne_bytes)?;
    let unix_nanos = software_stamp(control)?;
    is_of_stamp.then_some(TransmitStamp { byte, unix_nanos })
}

/// The data of the first control message of a kind that has `least` bytes of it. A truncated message
/// claims more than there is: what is missing is not its data.
fn find(mut control: &[u8], least: usize, is_it: impl Fn(i32, i32) -> bool) -> Option<&[u8]> {
    loop {
        let length = array(control, 0).map(usize::from_ne_bytes)?;
        let level = array(control, size_of::<usize>()).map(i32::from_ne_bytes)?;
        let kind = array(control, size_of::<usize>() + 4).map(i32::from_ne_bytes)?;
        let data = control.get(HEADER_BYTES..length.min(control.len()))?;
        if data.len() >= least && is_it(level, kind) {
            return Some(data);
        }
        let next = length.checked_next_multiple_of(size_of::<isize>())?;
        control = control.get(next..)?;
    }
}

fn long(data: &[u8], at: usize) -> Option<isize> {
    array(data, at).map(isize::from_ne_bytes)
}

fn array<const BYTES: usize>(bytes: &[u8], at: usize) -> Option<[u8; BYTES]> {
    bytes.get(at..)?.first_chunk().copied()
}

#[cfg(test)]
#[path = "control_tests.rs"]
mod tests;
