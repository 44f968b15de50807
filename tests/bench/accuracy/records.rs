//! From the segments of connections with TLS 1.3 to those that their requests and responses would have
//! without: by the headers of the records, which are not encrypted (RFC 8446 section 5).
//!
//! After the hellos every record says that it is application data. The client's first one is the end of
//! its handshake; those of the server before the client's second one are the handshake's, too (tickets
//! are disabled on the server, a client has no certificate). An alert (`close_notify`) is told by its
//! length.

use std::collections::HashMap;

use super::pcap::Segment;

const APPLICATION_DATA: u8 = 23;
/// Type, version, length.
const HEADER: usize = 5;
/// Level and description, content type, tag.
const ALERT: usize = 2 + 1 + 16;

/// One direction of a connection.
#[derive(Default)]
struct Direction {
    /// The sequence number after what was seen; `None` before the SYN.
    next: Option<u32>,
    /// Whether a part is missing, so that records are not found any more.
    is_lost: bool,
    header: Vec<u8>,
    /// Bytes of the present record that are still to come.
    left: usize,
    /// When its first byte was seen.
    began: i64,
    /// How many bytes its application data is so far: a sequence number of its own.
    delivered: u32,
}

/// A record that is complete.
struct Record {
    is_application_data: bool,
    length: usize,
    /// When its first and its last byte were seen.
    began: i64,
    ended: i64,
}

impl Direction {
    /// Takes in a segment; its records that it completes.
    fn take(&mut self, segment: &Segment<'_>) -> Vec<Record> {
        let mut records = Vec::new();
        let next = *self.next.get_or_insert(segment.sequence);
        let ahead = next.wrapping_sub(segment.sequence) as i32;
        // What was captured is cut, or something before it is missing.
        if ahead < 0 || segment.bytes.len() < segment.data as usize {
            self.is_lost = true;
        }
        let known = (ahead.max(0) as usize).min(segment.bytes.len());
        let mut bytes = &segment.bytes[known..];
        self.next = Some(next.wrapping_add(bytes.len() as u32));
        while !bytes.is_empty() && !self.is_lost {
            if self.header.is_empty() {
                self.began = segment.at;
            }
            if self.header.len() < HEADER {
                let (some, rest) = bytes.split_at((HEADER - self.header.len()).min(bytes.len()));
                self.header.extend_from_slice(some);
                bytes = rest;
                if self.header.len() == HEADER {
                    self.left = self.length();
                }
            }
            let (some, rest) = bytes.split_at(self.left.min(bytes.len()));
            self.left -= some.len();
            bytes = rest;
            if self.header.len() == HEADER && self.left == 0 {
                records.push(Record {
                    is_application_data: self.header[0] == APPLICATION_DATA,
                    length: self.length(),
                    began: self.began,
                    ended: segment.at,
                });
                self.header.clear();
            }
        }
        records
    }

    fn length(&self) -> usize {
        usize::from(u16::from_be_bytes([self.header[3], self.header[4]]))
    }

    /// The segment that the data of a record would have had.
    fn deliver<'a>(&mut self, segment: &Segment<'a>, at: i64, length: usize) -> Segment<'a> {
        let sequence = self.delivered;
        self.delivered = self.delivered.wrapping_add(length as u32);
        Segment {
            at,
            sequence,
            is_syn: false,
            is_fin: false,
            data: length as u32,
            bytes: &[],
            ..*segment
        }
    }
}

#[derive(Default)]
struct Connection {
    client: Direction,
    server: Direction,
    /// Records of the client with application data, as they say.
    of_client: usize,
}

/// The same connections without TLS, in the order of their times: a request at its first byte, a response
/// at the last byte of each of its records.
pub fn without_tls<'a>(segments: &[Segment<'a>], server: u16) -> Vec<Segment<'a>> {
    let mut connections: HashMap<u16, Connection> = HashMap::new();
    let mut plain = Vec::new();
    for segment in segments {
        let is_request = segment.destination == server;
        let client = if is_request {
            segment.source
        } else {
            segment.destination
        };
        if segment.is_syn && is_request {
            connections.insert(client, Connection::default());
        }
        let connection = connections.entry(client).or_default();
        if segment.is_syn {
            let direction = match is_request {
                true => &mut connection.client,
                false => &mut connection.server,
            };
            direction.next = Some(segment.sequence.wrapping_add(1));
        }
        if segment.is_syn || segment.is_fin {
            plain.push(Segment {
                data: 0,
                bytes: &[],
                ..*segment
            });
        }
        if segment.data == 0 {
            continue;
        }
        if is_request {
            for record in connection.client.take(segment) {
                if !record.is_application_data || record.length == ALERT {
                    continue;
                }
                connection.of_client += 1;
                if connection.of_client > 1 {
                    let direction = &mut connection.client;
                    plain.push(direction.deliver(segment, record.began, record.length));
                }
            }
        } else {
            for record in connection.server.take(segment) {
                let is_response = connection.of_client > 1;
                if is_response && record.is_application_data && record.length != ALERT {
                    let direction = &mut connection.server;
                    plain.push(direction.deliver(segment, record.ended, record.length));
                }
            }
        }
    }
    plain.sort_by_key(|segment| segment.at);
    plain
}
