//! What the throughput benchmark reads from the reports of load generators: a benchmark has no tests
//! of its own.

#[path = "../bench/throughput/reports.rs"]
mod reports;

use reports::*;

fn report(requests: u64, per_second: f64, errors: &[&str]) -> Option<Report> {
    Some(Report {
        requests,
        per_second,
        errors: errors.iter().map(|&error| error.to_owned()).collect(),
    })
}

#[test]
fn this_program_and_the_bare_loop() {
    let well = r#"{"launched": 100, "bought": 100, "failed_purchases": 0, "wall_seconds": 0.5,
                   "errors": []}"#;
    assert_eq!(own(well), report(200, 400.0, &[]));
    let ill = r#"{"launched": 4, "bought": 1, "failed_purchases": 3, "wall_seconds": 2.0,
                  "errors": [{"step": "buy", "message": "timed out", "count": 3}]}"#;
    let errors = ["3 failed purchases", "buy timed out: 3 times"];
    assert_eq!(own(ill), report(8, 4.0, &errors));
    assert_eq!(own(""), None);
    let loops = r#"{"requests": 30, "seconds": 0.5, "errors": 2}"#;
    assert_eq!(bare(loops), report(30, 60.0, &["2 broken connections"]));
}

#[test]
fn wrk_reports_errors_in_separate_lines() {
    let well = "\
Running 1s test @ http://127.0.0.1:8000/rdbms/
  1 threads and 64 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency     5.23ms    3.37ms  21.60ms   75.60%
    Req/Sec     7.69k     2.56k   12.39k    70.00%
  7876 requests in 1.03s, 1.26MB read
Requests/sec:   7632.83
Transfer/sec:      1.22MB
";
    assert_eq!(wrk(well), report(7876, 7632.83, &[]));
    let errors = [
        "Socket errors: connect 0, read 3, write 0, timeout 1",
        "Non-2xx or 3xx responses: 12",
    ];
    let ill = well.replace(
        "Requests/sec",
        &format!("  {}\n  {}\nRequests/sec", errors[0], errors[1]),
    );
    assert_eq!(wrk(&ill), report(7876, 7632.83, &errors));
    assert_eq!(wrk("unable to connect to 127.0.0.1:1"), None);
}

#[test]
fn requests_aborted_at_the_end_are_not_errors_of_oha() {
    let output = r#"{"summary": {"total": 2.0, "requestsPerSec": 9.0},
        "statusCodeDistribution": {"200": 90, "502": 10},
        "errorDistribution": {"aborted due to deadline": 64, "connection reset": 2}}"#;
    let errors = ["502: 10 times", "connection reset: 2 times"];
    assert_eq!(oha(output), report(100, 50.0, &errors));
    assert_eq!(oha(r#"{"summary": {"total": 2.0}}"#), None);
}

#[test]
fn hey_counts_by_status() {
    let well = "
Summary:
  Total:\t1.0220 secs
  Requests/sec:\t7582.0054

Status code distribution:
  [200]\t7749 responses


";
    assert_eq!(hey(well), report(7749, 7582.0054, &[]));
    let ill = well.replace(
        "responses\n",
        "responses\n  [502]\t3 responses\n\nError distribution:\n  [4]\tGet \"http://h/\": EOF\n",
    );
    let errors = ["[502]\t3 responses", "[4]\tGet \"http://h/\": EOF"];
    assert_eq!(hey(&ill), report(7752, 7582.0054, &errors));
    assert_eq!(hey("Usage: hey"), None);
}

#[test]
fn h2load_has_failures_among_its_counts() {
    let well = "\
finished in 1.00s, 41725.00 req/s, 6.88MB/s
requests: 41725 total, 41789 started, 41725 done, 41725 succeeded, 0 failed, 0 errored, 0 timeout
status codes: 41725 2xx, 0 3xx, 0 4xx, 0 5xx
traffic: 6.88MB (7218425) total, 4.30MB (4513212) headers (space savings 0.00%)
req/s           :     623.19      697.33      651.30       19.95    67.19%
";
    assert_eq!(h2load(well), report(41725, 41725.0, &[]));
    let ill = well
        .replace("0 errored", "7 errored")
        .replace("0 5xx", "2 5xx");
    let said = h2load(&ill).expect("a report");
    assert_eq!(said.errors.len(), 2, "{said:?}");
    assert_eq!(h2load("Usage: h2load"), None);
}

#[test]
fn ab_reports_zero_failures() {
    let well = "\
Time taken for tests:   1.001 seconds
Complete requests:      8852
Failed requests:        0
Requests per second:    8845.74 [#/sec] (mean)
";
    assert_eq!(ab(well), report(8852, 8845.74, &[]));
    let ill = well.replace("requests:        0", "requests:        10");
    let errors = ["Failed requests:        10"];
    assert_eq!(ab(&ill), report(8852, 8845.74, &errors));
    assert_eq!(ab("Benchmarking 127.0.0.1 (be patient)"), None);
}
