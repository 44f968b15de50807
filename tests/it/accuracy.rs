//! The parts of the accuracy benchmark that need no network: a benchmark has no tests of its own.

#[path = "../bench/accuracy/pcap.rs"]
mod pcap;
#[path = "../bench/accuracy/records.rs"]
mod records;
#[path = "../bench/accuracy/table.rs"]
#[allow(dead_code)]
mod table;
#[path = "../bench/accuracy/tools.rs"]
#[allow(dead_code)]
mod tools;
#[path = "../bench/accuracy/truth.rs"]
mod truth;

mod pcap_tests {
    use super::pcap::*;

    fn frame(ports: [u16; 2], flags: u8, data: u16) -> Vec<u8> {
        let mut frame = vec![0; 12];
        frame.extend([0x08, 0x00, 0x45, 0]);
        // 12 bytes of TCP options.
        frame.extend((20 + 32 + data).to_be_bytes());
        frame.extend([0, 0, 0, 0, 64, 6, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1]);
        frame.extend(ports.iter().flat_map(|port| port.to_be_bytes()));
        frame.extend([0, 0, 0, 9, 0, 0, 0, 0, 0x80, flags]);
        frame.extend([0; 18]);
        frame
    }

    fn file(magic: u32, frames: &[(u32, u32, Vec<u8>)]) -> Vec<u8> {
        let mut file = Vec::new();
        for word in [magic, 0, 0, 0, 96, 1] {
            file.extend(word.to_le_bytes());
        }
        for (seconds, fraction, frame) in frames {
            let length = frame.len() as u32;
            for word in [*seconds, *fraction, length, length + 500] {
                file.extend(word.to_le_bytes());
            }
            file.extend(frame);
        }
        file
    }

    #[test]
    fn segments_in_the_order_of_their_times() {
        let arp = [vec![0; 12], vec![0x08, 0x06], vec![0; 28]].concat();
        let frames = [
            (2, 7, frame([80, 4000], 0x19, 500)),
            (2, 6, arp),
            (2, 5, frame([4000, 80], 0x02, 0)),
        ];
        let segment = Segment {
            at: 2_000_000_005,
            source: 4000,
            destination: 80,
            sequence: 9,
            is_syn: true,
            is_fin: false,
            data: 0,
            bytes: &[],
            first: None,
        };
        let answer = Segment {
            at: 2_000_000_007,
            source: 80,
            destination: 4000,
            is_syn: false,
            is_fin: true,
            data: 500,
            ..segment
        };
        assert_eq!(
            segments(&file(0xa1b2_3c4d, &frames)),
            Ok(vec![segment, answer])
        );
        let in_micros = file(0xa1b2_c3d4, &frames[..1]);
        let micros = segments(&in_micros).expect("a capture");
        assert_eq!(micros[0].at, 2_000_007_000);
    }

    #[test]
    fn packets_without_frames_are_read_too() {
        const FRAME_HEADER: usize = 14;
        let ethernet = frame([4000, 80], 0x18, 500);
        let packet = ethernet[FRAME_HEADER..].to_vec();
        let mut bare = file(0xa1b2_3c4d, &[(2, 7, packet)]);
        bare[20] = 101;
        let framed = file(0xa1b2_3c4d, &[(2, 7, ethernet)]);
        assert_eq!(segments(&bare), segments(&framed));
        assert_eq!(segments(&bare).map(|all| all.len()), Ok(1));
    }

    #[test]
    fn truncated_and_unknown_captures_are_errors() {
        let whole = file(0xa1b2_3c4d, &[(2, 7, frame([80, 4000], 0x18, 500))]);
        for cut in (0..whole.len()).filter(|&cut| cut != 24) {
            assert!(segments(&whole[..cut]).is_err(), "cut at {cut}");
        }
        assert!(segments(&file(0x4d3c_b2a1, &[])).is_err());
        let mut cooked = whole;
        cooked[20] = 113;
        assert!(segments(&cooked).is_err());
    }
}

mod truth_tests {
    use super::pcap::Segment;
    use super::truth::*;

    const SERVER: u16 = 80;

    fn segment(
        at: i64,
        client: u16,
        is_request: bool,
        sequence: u32,
        data: u32,
    ) -> Segment<'static> {
        let (source, destination) = if is_request {
            (client, SERVER)
        } else {
            (SERVER, client)
        };
        Segment {
            at,
            source,
            destination,
            sequence,
            is_syn: false,
            is_fin: false,
            data,
            bytes: &[],
            first: None,
        }
    }

    fn syn(at: i64, client: u16, sequence: u32) -> Segment<'static> {
        Segment {
            is_syn: true,
            ..segment(at, client, true, sequence, 0)
        }
    }

    #[test]
    fn two_requests_on_a_kept_connection() {
        let truth = Truth::of(
            &[
                syn(1, 4000, 99),
                Segment {
                    is_syn: true,
                    ..segment(2, 4000, false, 499, 0)
                },
                segment(2, 4000, true, 100, 0),
                segment(3, 4000, true, 100, 50),
                // In two segments, as the answer.
                segment(4, 4000, true, 150, 10),
                segment(6, 4000, false, 500, 1000),
                segment(7, 4000, false, 1500, 20),
                segment(8, 4000, true, 160, 0),
                Segment {
                    first: Some(b'P'),
                    ..segment(10, 4000, true, 160, 60)
                },
                segment(15, 4000, false, 1520, 30),
                Segment {
                    is_fin: true,
                    ..segment(16, 4000, false, 1550, 0)
                },
                // Sent again: nothing new.
                segment(17, 4000, false, 1520, 30),
                segment(18, 4000, true, 160, 60),
            ],
            SERVER,
        );
        let (first, second) = (
            Request {
                connect: Some(1),
                accepted: Some(2),
                sent: 3,
                is_post: false,
                stopped: 7,
                closed: None,
            },
            Request {
                connect: None,
                accepted: None,
                sent: 10,
                is_post: true,
                stopped: 15,
                closed: Some(16),
            },
        );
        assert_eq!(truth.requests().collect::<Vec<_>>(), [&first, &second]);
        assert_eq!(truth.nearest(4000, 2, true), Some(&first));
        assert_eq!(truth.nearest(4000, 9, false), Some(&second));
        assert_eq!(truth.nearest(4001, 9, false), None);
        assert_eq!((first.started(true), first.started(false)), (1, 3));
        assert_eq!((second.started(true), truth.repeated_syns), (10, 0));
    }

    #[test]
    fn the_first_syn_counts_and_ports_may_be_reused() {
        let truth = Truth::of(
            &[
                syn(1, 4000, 99),
                syn(5, 4000, 99),
                segment(6, 4000, true, 100, 50),
                segment(7, 4000, false, u32::MAX - 5, 10),
                segment(8, 4000, false, 4, 10),
                syn(20, 4000, 77),
                segment(21, 4000, true, 78, 50),
                segment(29, 4000, false, 5, 10),
                // Never answered.
                syn(30, 4001, 11),
                segment(31, 4001, true, 12, 50),
            ],
            SERVER,
        );
        let times: Vec<_> = truth
            .requests()
            .map(|request| (request.started(true), request.stopped))
            .collect();
        assert_eq!(times, [(1, 8), (20, 29)]);
        assert_eq!(truth.repeated_syns, 1);
    }
}

mod table_tests {
    use super::table::*;

    #[test]
    fn within_is_one_percent_or_fifty_microseconds() {
        let of = |p99: i64| Three::of(vec![p99; 100]);
        for (truth, said, expected) in [
            (1_000_000, 1_050_000, true),
            (1_000_000, 949_999, false),
            (10_000_000, 10_100_000, true),
            (10_000_000, 10_100_001, false),
        ] {
            assert_eq!(
                is_within(&of(truth), &of(said)),
                Some(expected),
                "{truth} {said}"
            );
        }
        assert_eq!(
            is_within(&of(1), &Three::of(vec![1; 99])),
            None,
            "no p99 of 99"
        );
    }
}

mod tools_tests {
    use super::tools::*;

    #[test]
    fn the_output_of_wrk() {
        let output = "\
Running 1s test @ http://127.0.0.1:8000/
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     2.13ms  517.30us  15.06ms   92.71%
    Req/Sec    30.26k     2.15k   33.22k    72.73%
  Latency Distribution
     50%  950.00us
     75%    2.34ms
     90%    2.52ms
     99%    1.01s
";
        let expected = [950_000, 1_010_000_000, 15_060_000];
        assert_eq!(read_wrk(output), Some(Said::Three(expected)));
        assert_eq!(read_wrk("unable to connect"), None);
    }

    #[test]
    fn the_output_of_the_other_tools() {
        let hey = "response-time,DNS+dialup,DNS\n0.0013,0.0001,0.0000\n0.5000,0,0\n";
        let expected = Said::Each(vec![1_300_000, 500_000_000]);
        assert_eq!(read_hey(hey), Some(expected));
        assert_eq!(read_hey("Summary:\n"), None);
        let h2load = "1700000000000000\t200\t1234\n1700000000000001\t-1\t99\n";
        assert_eq!(read_h2load(h2load), Some(Said::Each(vec![1_234_000])));
        assert_eq!(read_h2load(""), None);
        let oha =
            r#"{"summary": {"slowest": 0.5}, "latencyPercentiles": {"p50": 0.001, "p99": 0.25}}"#;
        let expected = [1_000_000, 250_000_000, 500_000_000];
        assert_eq!(read_oha(oha), Some(Said::Three(expected)));
        assert_eq!(read_oha(r#"{"summary": {"slowest": null}}"#), None);
    }
}

mod records_tests {
    use super::pcap::Segment;
    use super::records::*;
    use super::truth::*;

    const SERVER: u16 = 443;
    const CLIENT: u16 = 4000;

    /// A record of that type with so many bytes behind its header.
    fn record(typ: u8, length: u16) -> Vec<u8> {
        let mut record = vec![typ, 3, 3];
        record.extend(length.to_be_bytes());
        record.resize(5 + usize::from(length), 0xaa);
        record
    }

    /// Segments with these data, alternately of the sequence numbers that they have.
    fn connection(parts: &[(i64, bool, Vec<u8>)]) -> Vec<Segment<'_>> {
        let mut next = [100, 500];
        let base = |is_request: bool| Segment {
            first: None,
            at: 0,
            source: if is_request { CLIENT } else { SERVER },
            destination: if is_request { SERVER } else { CLIENT },
            sequence: 0,
            is_syn: false,
            is_fin: false,
            data: 0,
            bytes: &[],
        };
        let syn = |at, is_request, sequence| Segment {
            at,
            sequence,
            is_syn: true,
            ..base(is_request)
        };
        let mut segments = vec![syn(1, true, 99), syn(2, false, 499)];
        for (at, is_request, bytes) in parts {
            let next = &mut next[usize::from(!is_request)];
            segments.push(Segment {
                at: *at,
                sequence: *next,
                data: bytes.len() as u32,
                bytes,
                ..base(*is_request)
            });
            *next += bytes.len() as u32;
        }
        segments
    }

    /// The hellos and the rest of the handshake.
    fn handshake() -> Vec<(i64, bool, Vec<u8>)> {
        vec![
            (3, true, record(22, 250)),
            (
                5,
                false,
                [record(22, 90), record(20, 1), record(23, 900)].concat(),
            ),
        ]
    }

    #[test]
    fn handshakes_and_alerts_are_not_requests() {
        let long = record(23, 5000);
        let mut parts = handshake();
        parts.extend([
            // The end of the handshake and the request in one segment.
            (
                7,
                true,
                [record(20, 1), record(23, 69), record(23, 180)].concat(),
            ),
            (11, false, long[..3].to_vec()),
            (12, false, long[3..2000].to_vec()),
            (13, false, [&long[2000..], &record(23, 40)].concat()),
            (20, true, record(23, 200)),
            (24, false, record(23, 300)),
            (25, false, record(23, 19)),
            (26, true, record(23, 19)),
        ]);
        let segments = connection(&parts);
        let plain = without_tls(&segments, SERVER);
        let truth = Truth::of(&plain, SERVER);
        let mut requests: Vec<Request> = truth.requests().copied().collect();
        requests.sort_by_key(|request| request.sent);
        let expected = [(Some(1), 7, 13), (None, 20, 24)];
        let told: Vec<_> = requests
            .iter()
            .map(|request| (request.connect, request.sent, request.stopped))
            .collect();
        assert_eq!(told, expected);
    }

    #[test]
    fn a_request_after_the_end_of_the_handshake_begins_with_its_own_segment() {
        let mut parts = handshake();
        parts.extend([
            (7, true, [record(20, 1), record(23, 69)].concat()),
            (90, true, record(23, 180)),
            (95, false, record(23, 300)),
        ]);
        let segments = connection(&parts);
        let truth = Truth::of(&without_tls(&segments, SERVER), SERVER);
        let request = truth.nearest(CLIENT, 90, false).expect("a request");
        assert_eq!((request.sent, request.stopped), (90, 95));
    }

    #[test]
    fn segments_sent_again_change_nothing_and_missing_ones_end_it() {
        let mut parts = handshake();
        parts.push((
            7,
            true,
            [record(20, 1), record(23, 69), record(23, 180)].concat(),
        ));
        parts.push((9, false, record(23, 300)));
        let mut segments = connection(&parts);
        let again = Segment {
            at: 30,
            ..segments[segments.len() - 1]
        };
        segments.push(again);
        let truth = Truth::of(&without_tls(&segments, SERVER), SERVER);
        assert_eq!(
            truth.requests().map(|one| one.stopped).collect::<Vec<_>>(),
            [9]
        );
        segments.remove(3);
        let truth = Truth::of(&without_tls(&segments, SERVER), SERVER);
        assert_eq!(
            truth.requests().count(),
            0,
            "no answer is told without its beginning"
        );
    }
}
