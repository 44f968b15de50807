//! The report's columns.

/// The delimiter between fields.
pub const DELIMITER: u8 = b';';

/// What stands in an `http_code` column where no HTTP response came at all.
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
