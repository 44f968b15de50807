//! Reads a capture file of TCP as tcpdump writes it, over Ethernet frames (loopback has them too) or bare
//! IP packets (of TUN devices).

/// One TCP segment as it was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment<'a> {
    /// CLOCK_REALTIME, nanoseconds.
    pub at: i64,
    pub source: u16,
    pub destination: u16,
    /// Sequence number of the first byte.
    pub sequence: u32,
    pub is_syn: bool,
    /// The sender closes.
    pub is_fin: bool,
    /// Bytes of data, also those that the capture has cut off.
    pub data: u32,
    /// The data, as far as it was captured.
    pub bytes: &'a [u8],
    /// The first of them.
    pub first: Option<u8>,
}

/// A whole file's segments in the order of their times. What is no TCP over IPv4 or IPv6 is left out.
pub fn segments(file: &[u8]) -> Result<Vec<Segment<'_>>, String> {
    let word = |at: usize, of: &[u8]| -> Option<u32> {
        Some(u32::from_le_bytes(of.get(at..at + 4)?.try_into().ok()?))
    };
    let nanos_per_unit = match word(0, file) {
        Some(0xa1b2_3c4d) => 1,
        Some(0xa1b2_c3d4) => 1000,
        other => {
            return Err(format!(
                "no capture of this machine's byte order: {other:x?}"
            ));
        }
    };
    // LINKTYPE_ETHERNET and LINKTYPE_RAW of the pcap file format.
    let has_frame = match word(20, file) {
        Some(1) => true,
        Some(101) => false,
        other => return Err(format!("frames of type {other:?}, neither Ethernet nor IP")),
    };
    let mut segments = Vec::new();
    let mut rest = &file[24..];
    while !rest.is_empty() {
        let header = (word(0, rest), word(4, rest), word(8, rest), word(12, rest));
        let (Some(seconds), Some(fraction), Some(kept), Some(length)) = header else {
            return Err("cut within a frame's header".to_owned());
        };
        let end = 16 + kept as usize;
        let frame = rest.get(16..end).ok_or("cut within a frame")?;
        let at = i64::from(seconds) * 1_000_000_000 + i64::from(fraction) * nanos_per_unit;
        segments.extend(segment(at, frame, length, has_frame));
        rest = &rest[end..];
    }
    // Two CPUs write them, each in its own order.
    segments.sort_by_key(|segment| segment.at);
    Ok(segments)
}

fn segment(at: i64, frame: &[u8], length: u32, has_frame: bool) -> Option<Segment<'_>> {
    const TCP: u8 = 6;
    const FRAME_HEADER: usize = 14;
    let short = |at: usize, of: &[u8]| -> Option<u16> {
        Some(u16::from_be_bytes(of.get(at..at + 2)?.try_into().ok()?))
    };
    let skipped = if has_frame { FRAME_HEADER } else { 0 };
    let packet = frame.get(skipped..)?;
    let version = match has_frame {
        true => match short(12, frame)? {
            0x0800 => 4,
            0x86dd => 6,
            _ => return None,
        },
        false => packet.first()? >> 4,
    };
    let (protocol, header, total) = match version {
        4 => {
            let header = usize::from(packet.first()? & 0x0f) * 4;
            (*packet.get(9)?, header, short(2, packet)?)
        }
        6 => (*packet.get(6)?, 40, short(4, packet)?.checked_add(40)?),
        _ => return None,
    };
    if protocol != TCP {
        return None;
    }
    let tcp = packet.get(header..)?;
    let flags = *tcp.get(13)?;
    let options = usize::from(tcp.get(12)? >> 4) * 4;
    // Packets that are too large for the field have a zero there.
    let total = match total {
        0 => length.checked_sub(skipped as u32)?,
        total => u32::from(total),
    };
    let data = total.checked_sub((header + options) as u32)?;
    let bytes = tcp.get(options..).unwrap_or_default();
    Some(Segment {
        at,
        source: short(0, tcp)?,
        destination: short(2, tcp)?,
        sequence: u32::from_be_bytes(tcp.get(4..8)?.try_into().ok()?),
        is_syn: flags & 0x02 != 0,
        is_fin: flags & 0x01 != 0,
        data,
        // Short frames are padded.
        bytes: &bytes[..bytes.len().min(data as usize)],
        first: tcp.get(options).copied(),
    })
}
