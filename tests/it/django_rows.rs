//! What must hold of a row from the Django shop: all columns, on both sides.

use jiff::civil::DateTime;

use crate::support::*;

/// A row in which everything went well, on both sides; `rest`: whether there is a second server.
#[track_caller]
pub fn check_bought(row: &Row, rest: bool) {
    check_answered(row, "client_home");
    check_sold(row, rest);
}

/// A row whose purchase went well, on both sides, whatever became of the home page.
#[track_caller]
pub fn check_sold(row: &Row, rest: bool) {
    check_answered(row, "client_buy");
    check_report(row, "server_buy", true);
    if rest {
        check_report(row, "server_rest", true);
    } else {
        check_no_report(row, "server_rest");
    }
}

/// A row whose purchase the server refused with this message, without a client-side error.
#[track_caller]
pub fn check_refused(row: &Row, part: &str) {
    check_answered(row, "client_buy");
    check_report(row, "server_buy", false);
    assert!(row["server_buy_error_msg"].contains(part), "{row:?}");
}

/// A row whose purchase got no report from the server: the client-side error says why.
#[track_caller]
pub fn check_lost(row: &Row, code: &str, parts: &[&str]) {
    assert_eq!(row["client_buy_http_code"], code, "{row:?}");
    assert_eq!(row["client_buy_result"], "False", "{row:?}");
    let message = &row["client_buy_error_msg"];
    assert!(parts.iter().any(|part| message.contains(part)), "{row:?}");
    check_no_report(row, "server_buy");
    check_no_report(row, "server_rest");
}

/// A row whose purchase failed because the server ended: mostly before any answer, but a server can end
/// within its answer too, and then the row has the answer's status.
#[track_caller]
pub fn check_cut_off(row: &Row, parts: &[&str]) {
    let within = row["client_buy_error_msg"].contains("within the response");
    match row["client_buy_http_code"].as_str() {
        "200" if within => check_lost(row, "200", parts),
        _ => check_lost(row, "-100", parts),
    }
}

/// The client's side of a step that satisfied.
#[track_caller]
fn check_answered(row: &Row, step: &str) {
    assert_eq!(row[&format!("{step}_http_code")], "200", "{row:?}");
    assert_eq!(row[&format!("{step}_result")], "True", "{row:?}");
    assert_eq!(row[&format!("{step}_error_msg")], "", "{row:?}");
}

/// The seven columns of a server that reported.
#[track_caller]
pub fn check_report(row: &Row, server: &str, result: bool) {
    let text = |name: &str| row[&format!("{server}_{name}")].as_str();
    assert_eq!(text("result"), if result { "True" } else { "False" });
    assert_eq!(text("error_msg").is_empty(), result, "{row:?}");
    assert!(
        (1.0..1e7).contains(&seconds(text("memory_usage"))),
        "{row:?}"
    );
    // A process that has just started has no CPU time to report yet.
    if !text("cpu_usage").is_empty() {
        assert!(
            (0.0..=100.0).contains(&seconds(text("cpu_usage"))),
            "{row:?}"
        );
    }
    assert!(!text("started_time").is_empty() && !text("stopped_time").is_empty());
}

/// The seven columns of a server that did not.
#[track_caller]
pub fn check_no_report(row: &Row, server: &str) {
    let columns = COLUMNS.iter().filter(|name| name.starts_with(server));
    let filled: Vec<_> = columns.filter(|&&name| !row[name].is_empty()).collect();
    assert!(filled.is_empty(), "{filled:?} in {row:?}");
}

/// One machine has one clock: what is within something else was so on paper too. Every stamp is cut to
/// microseconds, so its order is kept; and a span is as long as its stamps say, but for what was cut.
#[track_caller]
pub fn check_times(row: &Row) {
    let spans = ["client_buy", "server_buy", "server_rest"];
    for span in spans.into_iter().chain(["client_home"]) {
        let text = |name: &str| row[&format!("{span}_{name}")].as_str();
        if text("elapsed_seconds").is_empty() {
            assert_eq!((text("started_time"), text("stopped_time")), ("", ""));
            continue;
        }
        let (started, stopped) = (time(text("started_time")), time(text("stopped_time")));
        let by_stamps = stopped.duration_since(started).as_secs_f64();
        let elapsed = seconds(text("elapsed_seconds"));
        // A server reads its clock twice at each end, and may be interrupted in between: then its
        // stamps are further apart.
        let longest = if span.starts_with("client") {
            2e-6
        } else {
            10.0
        };
        let difference = by_stamps - elapsed;
        assert!((-2e-6..=longest).contains(&difference), "{span}: {row:?}");
        assert!(elapsed > 0.0, "{span}: {row:?}");
    }
    for [outer, inner] in [["client_buy", "server_buy"], ["server_buy", "server_rest"]] {
        if row[&format!("{inner}_started_time")].is_empty() {
            continue;
        }
        let at = |name: &str| time(&row[name]);
        let [o1, i1] = [outer, inner].map(|name| at(&format!("{name}_started_time")));
        let [o2, i2] = [outer, inner].map(|name| at(&format!("{name}_stopped_time")));
        assert!(
            o1 <= i1 && i1 <= i2 && i2 <= o2,
            "{inner} in {outer}: {row:?}"
        );
    }
}

#[track_caller]
fn time(text: &str) -> DateTime {
    assert_time(text);
    text.parse().expect("a time")
}

#[track_caller]
fn seconds(text: &str) -> f64 {
    text.parse()
        .unwrap_or_else(|_| panic!("{text:?} is no number"))
}
