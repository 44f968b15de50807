//! The true times of requests, from the segments of their connections.

use std::collections::HashMap;

use super::pcap::Segment;

/// One request and its response as the wire had them. Nanoseconds, CLOCK_REALTIME.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Request {
    /// The first SYN, where the request is the first of its connection.
    pub connect: Option<i64>,
    /// The SYN-ACK, where the request is the first of its connection.
    pub accepted: Option<i64>,
    /// The first segment with data of the request.
    pub sent: i64,
    /// Whether it is a POST.
    pub is_post: bool,
    /// The last segment with data of the response.
    pub stopped: i64,
    /// The server's end of the stream after it, where it was seen.
    pub closed: Option<i64>,
}

impl Request {
    /// When it began: for whom the handshake counts, with the SYN.
    pub fn started(&self, with_connect: bool) -> i64 {
        self.connect.filter(|_| with_connect).unwrap_or(self.sent)
    }
}

/// All answered requests of a capture, by the client's port.
#[derive(Debug, Default)]
pub struct Truth {
    by_port: HashMap<u16, Vec<Request>>,
    /// SYNs sent again: the server's queue was full.
    pub repeated_syns: usize,
}

#[derive(Default)]
struct Connection {
    syn: Option<(i64, u32)>,
    connect: Option<i64>,
    accepted: Option<i64>,
    sent: Option<i64>,
    is_post: bool,
    stopped: Option<i64>,
    closed: Option<i64>,
    /// Ends of what was sent in either direction: a segment beneath them is sent again.
    ends: [Option<u32>; 2],
}

impl Connection {
    /// Whether a segment has anything new.
    fn is_new(&mut self, direction: usize, segment: &Segment<'_>) -> bool {
        let end = segment.sequence.wrapping_add(segment.data);
        let is_new =
            self.ends[direction].is_none_or(|before| (end.wrapping_sub(before) as i32) > 0);
        if is_new {
            self.ends[direction] = Some(end);
        }
        is_new
    }

    /// The request that has been answered so far, if there is one.
    fn take(&mut self) -> Option<Request> {
        let stopped = self.stopped.take()?;
        Some(Request {
            connect: self.connect.take(),
            accepted: self.accepted.take(),
            sent: self.sent.take()?,
            is_post: std::mem::take(&mut self.is_post),
            stopped,
            closed: self.closed.take(),
        })
    }
}

impl Truth {
    /// Reads the requests to that port out of segments in the order of their times.
    pub fn of(segments: &[Segment<'_>], server: u16) -> Truth {
        let mut truth = Truth::default();
        let mut connections: HashMap<u16, Connection> = HashMap::new();
        for segment in segments {
            let (client, is_request) = match (segment.source, segment.destination) {
                (client, port) if port == server => (client, true),
                (port, client) if port == server => (client, false),
                _ => continue,
            };
            let connection = connections.entry(client).or_default();
            if segment.is_syn && is_request {
                if connection
                    .syn
                    .is_some_and(|(_, sequence)| sequence == segment.sequence)
                {
                    truth.repeated_syns += 1;
                    continue;
                }
                let ended = std::mem::take(connection).take();
                truth.by_port.entry(client).or_default().extend(ended);
                connection.syn = Some((segment.at, segment.sequence));
                connection.connect = Some(segment.at);
                continue;
            }
            if segment.is_syn {
                connection.accepted.get_or_insert(segment.at);
            }
            if segment.is_fin && !is_request {
                connection.closed.get_or_insert(segment.at);
            }
            if segment.data == 0 || !connection.is_new(usize::from(is_request), segment) {
                continue;
            }
            if !is_request {
                connection.stopped = Some(segment.at);
                continue;
            }
            // Data after an answer is the next request.
            let ended = connection.take();
            truth.by_port.entry(client).or_default().extend(ended);
            if connection.sent.is_none() {
                connection.sent = Some(segment.at);
                connection.is_post = segment.first == Some(b'P');
            }
        }
        for (client, mut connection) in connections {
            let ended = connection.take();
            truth.by_port.entry(client).or_default().extend(ended);
        }
        truth
    }

    /// Every request.
    pub fn requests(&self) -> impl Iterator<Item = &Request> {
        self.by_port.values().flatten()
    }

    /// The request from that port that began nearest to an instant.
    pub fn nearest(&self, port: u16, started: i64, with_connect: bool) -> Option<&Request> {
        self.by_port
            .get(&port)?
            .iter()
            .min_by_key(|request| (request.started(with_connect) - started).abs())
    }
}
