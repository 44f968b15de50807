//! The report's columns.
//!
//! A column holds numbers or text, never both. Numbers are bare, text is quoted whatever its content
//! (`404`, `nan`, `12e4567`), absent values are empty quotes: readers that distinguish the two by the
//! quotes, as Python's csv with `QUOTE_NONNUMERIC` does, get the right types. The header is text.
//!
//! Text from servers and users is written unchanged except for control characters
//! ([`crate::text::cleaned`]). It may begin with `=`, `+`, `-`, `@` or a tab, which spreadsheets take for
//! a formula (OWASP, "CSV Injection"). It is not neutralized: rows are data for programs, and a quote
//! put in front would falsify the messages that are counted and compared. Import such files into a
//! spreadsheet with all columns as text, or with formulas disabled.

/// The delimiter between fields.
pub const DELIMITER: u8 = b';';

/// The `http_code` where there was no HTTP response at all.
pub const NO_RESPONSE: i32 = -100;

/// The 28 columns, in their order.
pub const COLUMNS: [&str; 28] = [
    "concurrent_requests",
    "benchmark_title",
    "client_home_elapsed_seconds",
    "client_home_error_msg",
    "client_home_http_code",
    "client_home_result",
    "client_home_started_time",
    "client_home_stopped_time",
    "server_buy_cpu_usage",
    "server_buy_elapsed_seconds",
    "server_buy_error_msg",
    "server_buy_memory_usage",
    "server_buy_result",
    "server_buy_started_time",
    "server_buy_stopped_time",
    "server_rest_cpu_usage",
    "server_rest_elapsed_seconds",
    "server_rest_error_msg",
    "server_rest_memory_usage",
    "server_rest_result",
    "server_rest_started_time",
    "server_rest_stopped_time",
    "client_buy_elapsed_seconds",
    "client_buy_error_msg",
    "client_buy_http_code",
    "client_buy_result",
    "client_buy_started_time",
    "client_buy_stopped_time",
];

/// The columns that `--phases` appends, in their order.
///
/// The parts of a request (of which TLS, appended later, is one) add up to its elapsed time. `raw`: between a reading of this
/// machine's clock and one of the server's, uncorrected. Rows are written during the run, and the
/// difference of the two clocks is known only at its end, from all rows together: rows that were
/// each corrected by what was known so far would differ by the correction. The summary has the
/// journey corrected, and its JSON the correction. `timing`: the Server-Timing field as received.
pub const PHASE_COLUMNS: [&str; 30] = [
    "client_home_connect_seconds",
    "client_home_send_seconds",
    "client_home_wait_seconds",
    "client_home_receive_seconds",
    "client_home_seen_delay_seconds",
    "client_home_clock",
    "client_home_local_port",
    "client_home_redirects",
    "client_buy_connect_seconds",
    "client_buy_send_seconds",
    "client_buy_wait_seconds",
    "client_buy_receive_seconds",
    "client_buy_seen_delay_seconds",
    "client_buy_clock",
    "client_buy_local_port",
    "client_buy_redirects",
    "buy_before_server_raw_seconds",
    "buy_in_server_seconds",
    "buy_after_server_raw_seconds",
    "run_part",
    "client_home_due_time",
    "client_home_launch_delay_seconds",
    "client_home_hop_delay_seconds",
    "client_buy_hop_delay_seconds",
    "client_home_tls_seconds",
    "client_buy_tls_seconds",
    "client_home_tls_handshake",
    "client_buy_tls_handshake",
    "server_home_timing",
    "server_buy_timing",
];

/// The number of columns that `--phases` added at first: a report with these is one with phases.
pub const FIRST_PHASE_COLUMNS: usize = 19;

/// The columns of a report with or without those of the phases.
pub fn columns(phases: bool) -> impl Iterator<Item = &'static str> + Clone {
    let appended: &[&str] = if phases { &PHASE_COLUMNS } else { &[] };
    COLUMNS.iter().chain(appended).copied()
}

/// The header line, as in a file.
pub fn header_line(phases: bool) -> Vec<u8> {
    let names: Vec<String> = columns(phases).map(|name| format!("\"{name}\"")).collect();
    (names.join(";") + "\r\n").into_bytes()
}
