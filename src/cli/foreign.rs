//! What other tools call a thing, and what it is called here: wrk, hey, ab, k6, curl, oha, vegeta,
//! siege and Locust. Options that exist here under the same name with another meaning are not listed.

use super::table::Commands;

/// Names of other tools' options, the commands for which the hint holds, and the hint.
struct Foreign {
    names: &'static [&'static str],
    of: Commands,
    hint: &'static str,
}

const LOADS: Commands = Commands::LOADS.and(Commands::CHECK);

const fn loads(names: &'static [&'static str], hint: &'static str) -> Foreign {
    Foreign {
        names,
        of: LOADS,
        hint,
    }
}

static OPTIONS: &[Foreign] = &[
    loads(
        &[
            "--connections",
            "--clients",
            "--users",
            "--vus",
            "--virtual-users",
            "-u",
            "--user",
            "--parallel",
        ],
        "the number of virtual users is -c (--concurrent)",
    ),
    loads(
        &[
            "--requests",
            "-n",
            "--iterations",
            "-i",
            "--num",
            "--number",
            "--total",
            "--reps",
        ],
        "-c N shoppers buy once each; --repeat N is the number of iterations per virtual user, and with \
         --rate, --count is the number of arrivals",
    ),
    loads(
        &["-r", "--repetitions", "--loops", "--loop", "--times"],
        "the number of iterations per virtual user is --repeat",
    ),
    loads(
        &[
            "-z",
            "--time",
            "--run-time",
            "--length",
            "-D",
            "--seconds",
            "-l",
            "--timelimit",
        ],
        "the length of a load is --duration, such as --duration 30s",
    ),
    loads(
        &[
            "-R",
            "--rps",
            "--qps",
            "--rate-limit",
            "--throughput",
            "--arrival-rate",
        ],
        "the arrival rate of an open workload is --rate, such as --rate 500/s",
    ),
    loads(
        &["--stage", "--ramp"],
        "stages are --stages, such as --stages 10s@100/s,30s@500/s",
    ),
    loads(
        &[
            "--spawn-rate",
            "--rampup",
            "--ramp-up-time",
            "--burst-delay",
        ],
        "--ramp-up SPAN spreads the start of the virtual users",
    ),
    loads(
        &[
            "--thread",
            "--threads",
            "-T",
            "--cpus",
            "-cpus",
            "--workers",
            "-w",
            "--processes",
        ],
        "one thread sends the whole load; the number of virtual users is -c (--concurrent)",
    ),
    loads(
        &[
            "-k",
            "--keepalive",
            "--keep-alives",
            "--persistent",
            "--no-connection-reuse",
        ],
        "kept connections are --keep-alive; without it each request has its own connection",
    ),
    loads(
        &[
            "--disable-keepalive",
            "-disable-keepalive",
            "--no-keepalive",
            "--no-keep-alive",
        ],
        "each request has its own connection unless --keep-alive is given: leave it out",
    ),
    loads(
        &[
            "-s",
            "--max-time",
            "-m",
            "--socket-timeout",
            "--request-timeout",
            "--response-timeout",
        ],
        "the limit for each request is --timeout, such as --timeout 5s",
    ),
    loads(
        &["-A", "--agent", "--useragent"],
        "the User-Agent is --user-agent; other fields are -H 'Name: value'",
    ),
    loads(
        &["--headers", "-C", "--cookie", "-e", "--referer"],
        "header fields are -H 'Name: value', such as -H 'Cookie: a=b'",
    ),
    loads(
        &[
            "--host",
            "--url",
            "--uri",
            "--base-url",
            "--address",
            "--server",
            "--addr",
            "--port",
        ],
        "the shop's scheme, host and port are -t (--target), such as -t http://127.0.0.1:8000",
    ),
    loads(
        &["--app", "--application"],
        "the app's path segment is -d (--app-dirname)",
    ),
    loads(
        &["-X", "--request", "--data", "--data-raw", "-F"],
        "what a purchase posts is --form NAME=VALUE or --body FILE, its method --method (see help django)",
    ),
    loads(
        &["--script", "--lua"],
        "scripts are not supported; -p and -b change the paths",
    ),
    loads(
        &[
            "-L",
            "--location",
            "--max-redirects",
            "--follow",
            "--disable-redirects",
        ],
        "redirects within the target's origin are always followed, at most 10",
    ),
    loads(
        &["-x", "--proxy"],
        "proxies are not supported; --connect-to HOST:PORT connects to another address",
    ),
    loads(
        &["-B", "--interface", "--source", "--source-address"],
        "source addresses are --bind",
    ),
    loads(
        &[
            "-K",
            "--insecure-skip-tls-verify",
            "--skip-verify",
            "--no-check-certificate",
        ],
        "to accept any certificate, give --insecure",
    ),
    loads(
        &["--cacert", "--root-certs", "--ca-file", "--cafile"],
        "trusted certificates are --ca FILE",
    ),
    loads(
        &["--servername", "--server-name", "--tls-server-name"],
        "the server's name is --sni NAME",
    ),
    loads(
        &["--tlsv1.2", "--tlsv1.3", "--tls1_2", "--tls1_3"],
        "versions of TLS are --tls-min and --tls-max",
    ),
    loads(
        &["--latency", "--percentiles", "-U", "--stats", "--summary"],
        "percentiles are always printed; -v prints all figures",
    ),
    loads(
        &["--silent", "--no-tui", "--headless"],
        "-q (--quiet) prints errors only",
    ),
    loads(
        &["--debug", "-vv", "-vvv"],
        "-v (--verbose) has one level: give it once",
    ),
    loads(
        &["--out", "-g", "--csv", "--output-file", "--export"],
        "the CSV file is -o (--output), the JSON summary is --json-file",
    ),
    loads(
        &["--summary-export", "--json-output"],
        "the JSON summary in a file is --json-file",
    ),
    loads(
        &["--output-format", "--format"],
        "the summary as JSON is --json",
    ),
    loads(
        &["--name", "--label", "--tag"],
        "the title of the rows is -a (--benchmark-title)",
    ),
    loads(
        &["--threshold", "--thresholds", "--max-errors", "--assert"],
        "thresholds are --fail-if, such as --fail-if 'buy.p99>300ms'",
    ),
    loads(&["--no-color", "--no-colour"], "write --color never"),
    loads(&["--no-progress"], "write --progress never"),
    loads(
        &["--warmup", "--warm-up-time"],
        "the warm-up is --warm-up, such as --warm-up 5s",
    ),
    loads(
        &["--delay", "--sleep", "--wait"],
        "the pause between iterations is --think-time",
    ),
    loads(
        &["--http2", "-h2", "--http3", "--http1.1", "-0", "--http1.0"],
        "requests are HTTP/1.1: leave it out",
    ),
    Foreign {
        names: &[
            "--port",
            "-p",
            "--host",
            "--bind",
            "--address",
            "--addr",
            "-l",
            "-b",
        ],
        of: Commands::SHOP,
        hint: "the address is --listen, such as --listen 127.0.0.1:8000",
    },
    Foreign {
        names: &["--delay", "--latency", "--sleep"],
        of: Commands::SHOP,
        hint: "the service time of a purchase is --service-time, such as --service-time 5ms",
    },
    Foreign {
        names: &["--threads", "--concurrency", "-w", "--processes"],
        of: Commands::SHOP,
        hint: "the number of purchases served at the same time is --workers",
    },
    Foreign {
        names: &["--stock"],
        of: Commands::SHOP,
        hint: "the stock is --inventory",
    },
    Foreign {
        names: &["--errors", "--error-rate", "--fail", "--faults"],
        of: Commands::SHOP,
        hint: "faults are --fault, such as --fault 500:2%",
    },
    Foreign {
        names: &["-?", "--usage", "/?"],
        of: Commands::ALL,
        hint: "help is -h, or --help for all options",
    },
];

/// The hint for an option of another tool.
pub fn option(command: Commands, name: &str) -> Option<&'static str> {
    let holds = |foreign: &&Foreign| foreign.of.overlaps(command) && foreign.names.contains(&name);
    OPTIONS.iter().find(holds).map(|foreign| foreign.hint)
}

/// The hint for a command word of another tool.
pub fn command(word: &str) -> Option<&'static str> {
    match word {
        "run" | "load" | "attack" | "bench" | "benchmark" | "test" | "start" | "go" => {
            Some("a load has no command word: profilerclient -t URL -d APP, or profilerclient demo")
        }
        "serve" | "server" | "runserver" | "store" => {
            Some("the built-in shop is profilerclient shop")
        }
        "doctor" | "preflight" | "ping" | "verify" => {
            Some("the pre-flight check is profilerclient check")
        }
        "try" | "example" | "quickstart" => Some("the first run is profilerclient demo"),
        "completion" => Some("did you mean completions?"),
        _ => None,
    }
}

#[cfg(test)]
#[path = "foreign_tests.rs"]
mod tests;
