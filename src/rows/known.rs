//! The known columns of a report, by name while compiling, and where they are in one report.

use super::columns::{COLUMNS, FIRST_PHASE_COLUMNS, PHASE_COLUMNS};

/// Columns that the oldest reports do not have; all others are required.
const OPTIONAL_PREFIXES: [&str; 3] = ["concurrent_requests", "benchmark_title", "server_rest_"];

/// A known column: those of the phases are numbered after the 28.
pub type Column = usize;

const KNOWN: usize = COLUMNS.len() + PHASE_COLUMNS.len();

/// The column of that name, while compiling.
pub const fn column(name: &str) -> Column {
    let mut column = 0;
    while column < KNOWN {
        let of = match column < COLUMNS.len() {
            true => COLUMNS[column],
            false => PHASE_COLUMNS[column - COLUMNS.len()],
        };
        if is_same(of.as_bytes(), name.as_bytes()) {
            return column;
        }
        column += 1;
    }
    panic!("not a column")
}

const fn is_same(a: &[u8], b: &[u8]) -> bool {
    let mut place = 0;
    if a.len() != b.len() {
        return false;
    }
    while place < a.len() {
        if a[place] != b[place] {
            return false;
        }
        place += 1;
    }
    true
}

/// Its name.
pub fn name(column: Column) -> &'static str {
    match column.checked_sub(COLUMNS.len()) {
        None => COLUMNS[column],
        Some(phase) => PHASE_COLUMNS[phase],
    }
}

/// The positions of the known columns in the records of one report.
#[derive(Debug)]
pub struct Columns {
    pub places: [Option<usize>; KNOWN],
    /// A report has all columns that the phases had at first, or is taken to have none.
    pub has_phases: bool,
}

impl Columns {
    /// Finds them in a header, in any order; unknown ones are ignored. The error is one line.
    pub fn find(names: &[String]) -> Result<Columns, String> {
        let mut places = [None; KNOWN];
        for (column, place) in places.iter_mut().enumerate() {
            *place = find(name(column), names)?;
        }
        let (of_all, of_phases) = places.split_at(COLUMNS.len());
        let is_optional = |name: &str| OPTIONAL_PREFIXES.iter().any(|of| name.starts_with(of));
        let mut needed = COLUMNS.iter().zip(of_all);
        let missing = needed.find(|(name, place)| place.is_none() && !is_optional(name));
        if let Some((name, _)) = missing {
            return Err(format!(
                "not a report of profilerclient: its header has no column {name}"
            ));
        }
        Ok(Columns {
            has_phases: of_phases[..FIRST_PHASE_COLUMNS].iter().all(Option::is_some),
            places,
        })
    }
}

fn find(name: &str, names: &[String]) -> Result<Option<usize>, String> {
    let mut found = names.iter().enumerate().filter(|(_, of)| *of == name);
    let place = found.next().map(|(place, _)| place);
    match found.next() {
        None => Ok(place),
        Some(_) => Err(format!("the header lists {name} twice")),
    }
}

/// The columns of one kind of request.
pub struct ExchangeColumns {
    pub elapsed: Column,
    pub error_msg: Column,
    pub http_code: Column,
    pub result: Column,
    pub started: Column,
    pub stopped: Column,
    pub phases: [Column; 5],
    pub handshake: Column,
    pub read_delay: Column,
    pub clock: Column,
    pub local_port: Column,
    pub redirects: Column,
    pub hop_delay: Column,
}

/// The columns of one server.
pub struct ServerColumns {
    pub cpu_usage: Column,
    pub elapsed: Column,
    pub error_msg: Column,
    pub memory_usage: Column,
    pub result: Column,
    pub started: Column,
    pub stopped: Column,
}

/// Those of the main server.
pub const SERVER: ServerColumns = ServerColumns {
    cpu_usage: column("server_buy_cpu_usage"),
    elapsed: column("server_buy_elapsed_seconds"),
    error_msg: column("server_buy_error_msg"),
    memory_usage: column("server_buy_memory_usage"),
    result: column("server_buy_result"),
    started: column("server_buy_started_time"),
    stopped: column("server_buy_stopped_time"),
};

/// Those of the second server.
pub const REST: ServerColumns = ServerColumns {
    cpu_usage: column("server_rest_cpu_usage"),
    elapsed: column("server_rest_elapsed_seconds"),
    error_msg: column("server_rest_error_msg"),
    memory_usage: column("server_rest_memory_usage"),
    result: column("server_rest_result"),
    started: column("server_rest_started_time"),
    stopped: column("server_rest_stopped_time"),
};

/// Those of the home request.
pub const HOME: ExchangeColumns = ExchangeColumns {
    elapsed: column("client_home_elapsed_seconds"),
    error_msg: column("client_home_error_msg"),
    http_code: column("client_home_http_code"),
    result: column("client_home_result"),
    started: column("client_home_started_time"),
    stopped: column("client_home_stopped_time"),
    phases: [
        column("client_home_connect_seconds"),
        column("client_home_tls_seconds"),
        column("client_home_send_seconds"),
        column("client_home_wait_seconds"),
        column("client_home_receive_seconds"),
    ],
    handshake: column("client_home_tls_handshake"),
    read_delay: column("client_home_seen_delay_seconds"),
    clock: column("client_home_clock"),
    local_port: column("client_home_local_port"),
    redirects: column("client_home_redirects"),
    hop_delay: column("client_home_hop_delay_seconds"),
};

/// Those of the purchase.
pub const BUY: ExchangeColumns = ExchangeColumns {
    elapsed: column("client_buy_elapsed_seconds"),
    error_msg: column("client_buy_error_msg"),
    http_code: column("client_buy_http_code"),
    result: column("client_buy_result"),
    started: column("client_buy_started_time"),
    stopped: column("client_buy_stopped_time"),
    phases: [
        column("client_buy_connect_seconds"),
        column("client_buy_tls_seconds"),
        column("client_buy_send_seconds"),
        column("client_buy_wait_seconds"),
        column("client_buy_receive_seconds"),
    ],
    handshake: column("client_buy_tls_handshake"),
    read_delay: column("client_buy_seen_delay_seconds"),
    clock: column("client_buy_clock"),
    local_port: column("client_buy_local_port"),
    redirects: column("client_buy_redirects"),
    hop_delay: column("client_buy_hop_delay_seconds"),
};

#[cfg(test)]
#[path = "known_tests.rs"]
mod tests;
