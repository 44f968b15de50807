//! What is measured.

use std::time::Duration;

use super::own::Bursts;
use super::tools::Load;

/// A measurement: this program's bursts or loops, and the load of the other tools that goes with it.
pub struct Cell {
    pub title: &'static str,
    pub bursts: Bursts,
    pub others: Option<Load>,
    /// The round trip of the path; nothing for loopback.
    pub round_trip: Option<Duration>,
}

/// Round trips of the paths, microseconds.
const ROUND_TRIPS: [(u64, [&str; 2]); 3] = [
    (
        200,
        [
            "burst of 1000, round trip 0.2 ms",
            "burst of 1000, round trip 0.2 ms, kept connections",
        ],
    ),
    (
        2_000,
        [
            "burst of 1000, round trip 2 ms",
            "burst of 1000, round trip 2 ms, kept connections",
        ],
    ),
    (
        20_000,
        [
            "burst of 1000, round trip 20 ms",
            "burst of 1000, round trip 20 ms, kept connections",
        ],
    ),
];

/// Title, shoppers, bursts (0 for loops), kept connections, the load of the other tools.
const TLS_CELLS: [(&str, usize, usize, bool, Option<Load>); 8] = [
    ("TLS 1.3, burst of 64", 64, 5, false, None),
    ("TLS 1.3, burst of 64, kept connections", 64, 5, true, None),
    ("TLS 1.3, burst of 1000", 1000, 1, false, None),
    (
        "TLS 1.3, burst of 1000, kept connections",
        1000,
        1,
        true,
        None,
    ),
    ("TLS 1.3, burst of 10000", 10_000, 1, false, None),
    (
        "TLS 1.3, burst of 10000, kept connections",
        10_000,
        1,
        true,
        None,
    ),
    (
        "TLS 1.3, steady, 64 at a time",
        64,
        0,
        true,
        Some(Load::Steady(64)),
    ),
    (
        "TLS 1.3, steady, 1000 at a time",
        1000,
        0,
        true,
        Some(Load::Steady(1000)),
    ),
];

/// All measurements, in the order in which they are made.
pub fn all() -> Vec<Cell> {
    let cell = |title, shoppers, rounds, kept, others| Cell {
        title,
        bursts: Bursts {
            shoppers,
            rounds,
            kept,
            page: "/",
            tls: false,
        },
        others,
        round_trip: None,
    };
    let mut cells = vec![
        cell("burst of 64", 64, 5, false, Some(Load::Burst(64))),
        cell("burst of 64, kept connections", 64, 5, true, None),
        cell("burst of 1000", 1000, 1, false, Some(Load::Burst(1000))),
        cell("burst of 1000, kept connections", 1000, 1, true, None),
        cell(
            "burst of 10000",
            10_000,
            1,
            false,
            Some(Load::Burst(10_000)),
        ),
        cell("burst of 10000, kept connections", 10_000, 1, true, None),
        cell("steady, 64 at a time", 64, 0, true, Some(Load::Steady(64))),
        cell(
            "steady, 1000 at a time",
            1000,
            0,
            true,
            Some(Load::Steady(1000)),
        ),
    ];
    cells.push(Cell {
        title: "burst of 64, pages of 200 kB in several segments",
        bursts: Bursts {
            shoppers: 64,
            rounds: 5,
            kept: true,
            page: "/long",
            tls: false,
        },
        others: None,
        round_trip: None,
    });
    let redirected = |title, kept| Cell {
        bursts: Bursts {
            page: "",
            ..cell(title, 1000, 3, kept, None).bursts
        },
        ..cell(title, 1000, 3, kept, None)
    };
    cells.push(redirected("burst of 1000, page behind a redirect", false));
    cells.push(redirected(
        "burst of 1000, page behind a redirect, kept connections",
        true,
    ));
    for (title, shoppers, rounds, kept, others) in TLS_CELLS {
        let mut cell = cell(title, shoppers, rounds, kept, others);
        cell.bursts.tls = true;
        cells.push(cell);
    }
    for (title, kept) in [
        ("TLS 1.3, burst of 1000, round trip 2 ms", false),
        (
            "TLS 1.3, burst of 1000, round trip 2 ms, kept connections",
            true,
        ),
    ] {
        let mut cell = cell(title, 1000, 1, kept, None);
        cell.bursts.tls = true;
        cell.round_trip = Some(Duration::from_millis(2));
        cells.push(cell);
    }
    for (micros, titles) in ROUND_TRIPS {
        for (title, kept) in titles.into_iter().zip([false, true]) {
            cells.push(Cell {
                round_trip: Some(Duration::from_micros(micros)),
                ..cell(title, 1000, 1, kept, None)
            });
        }
    }
    cells
}
