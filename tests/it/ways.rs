//! Where connections come from, and other ways to the server: `--bind`, `--connect-to`, `--resolve`.

use std::net::{SocketAddr, TcpListener};
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

use profilerclient::sys::socket;
use tempfile::tempdir;

use crate::support::*;

/// What a server saw of each connection: its number, the peer's address, the request.
type Seen = Arc<Mutex<Vec<(usize, String, String)>>>;

/// A shop that records its clients, one request on each connection.
fn noting_shop(address: &str) -> (Scripted, Seen) {
    let seen = Seen::default();
    let notes = Arc::clone(&seen);
    let server = Scripted::start_at(address, move |mut stream, number| {
        let peer = stream.peer_addr().expect("a peer").ip().to_string();
        let request = read_request(&mut stream);
        let answer = match request.split_whitespace().next() {
            // Nobody asked for anything: a trial connection.
            None => return,
            Some("GET") => page(
                200,
                "text/html",
                "<a href='/rdbms/7/details/'>seven</a> welcome",
            ),
            Some(_) => report(),
        };
        let mut notes = notes.lock().expect("no test panics with it");
        notes.push((number, peer, request));
        drop(notes);
        respond(&mut stream, &answer);
    });
    (server, seen)
}

/// The peers in the order in which they connected.
fn peers(seen: &Seen) -> Vec<String> {
    let mut seen = seen.lock().expect("no test panics with it").clone();
    seen.sort();
    seen.into_iter().map(|(_, peer, _)| peer).collect()
}

fn hosts(seen: &Seen) -> Vec<String> {
    let host = |request: &str| -> String {
        let line = request.lines().find(|line| line.starts_with("Host: "));
        line.expect("a Host field")["Host: ".len()..].to_owned()
    };
    let seen = seen.lock().expect("no test panics with it");
    seen.iter().map(|(_, _, request)| host(request)).collect()
}

fn run(url: &str, shoppers: usize, more: &[&str]) -> Finished {
    let mut command = command(flags(url, shoppers, Path::new("-")));
    command.args(more);
    finish(command)
}

#[track_caller]
fn assert_all_bought(finished: &Finished, shoppers: usize) {
    let rows = rows_of(&finished.stdout);
    assert_eq!(rows.len(), shoppers);
    let bought = count_by(&rows, "client_buy_result");
    assert_eq!(bought.get("True"), Some(&shoppers), "{finished:#?}");
}

#[test]
fn source_addresses_take_turns_connection_by_connection() {
    for more in [&[][..], &["--preconnect"], &["--phases"]] {
        let (server, seen) = noting_shop("127.0.0.1:0");
        let bind = ["--bind", "127.0.0.2,127.0.1.0/30"];
        let args = [&bind, more].concat();
        let finished = run(&server.url(), 6, &args).ok();
        let turns = ["127.0.0.2", "127.0.1.1", "127.0.1.2"];
        let expected: Vec<&str> = turns.into_iter().cycle().take(12).collect();
        assert_eq!(peers(&seen), expected, "{more:?}");
        if more != ["--phases"] {
            assert_all_bought(&finished, 6);
        }
    }
}

#[test]
fn preparatory_requests_come_from_the_first_source() {
    let (server, seen) = noting_shop("127.0.0.1:0");
    let port = server.address.port();
    // Two addresses make a trial connection, too.
    let entry = format!("shop.test:{port}:127.0.0.9,127.0.0.1");
    let args = [
        "--bind=127.0.0.3,127.0.0.2",
        "--products=auto",
        "--resolve",
        &entry,
    ];
    let finished = run(&format!("http://shop.test:{port}"), 1, &args).ok();
    assert_all_bought(&finished, 1);
    assert_eq!(peers(&seen), ["127.0.0.3", "127.0.0.3", "127.0.0.2"]);
    let checked = command(["check", "-t", &server.url(), "-d", "rdbms", "--buy"])
        .args(["--bind", "127.0.0.4,127.0.0.5"])
        .output()
        .expect("the program starts");
    let text = String::from_utf8_lossy(&checked.stdout);
    assert!(
        text.contains("ok   bind: connections come from 127.0.0.4, 127.0.0.5\n"),
        "{text}"
    );
    let later = peers(&seen).split_off(3);
    assert!(later.len() >= 3, "{later:?}");
    assert!(later.iter().all(|peer| peer == "127.0.0.4"), "{later:?}");
}

#[test]
fn sources_of_the_other_family() {
    let (server, seen) = noting_shop("[::1]:0");
    let port = server.address.port();
    // Of several addresses the one of the sources' family is used.
    let entry = format!("shop.test:{port}:127.0.0.1,::1");
    let args = ["--bind", "::1", "--resolve", &entry, "-v"];
    let finished = run(&format!("http://shop.test:{port}"), 2, &args).ok();
    assert_all_bought(&finished, 2);
    assert_eq!(peers(&seen), ["::1"; 4]);
    for part in [
        "connections from: ::1\n".to_owned(),
        format!("using [::1]:{port}"),
    ] {
        assert!(finished.stderr.contains(&part), "{finished:#?}");
    }
}

#[test]
fn connections_elsewhere_keep_the_host_field_of_the_target() {
    let (server, seen) = noting_shop("127.0.0.1:0");
    let elsewhere = server.address.to_string();
    // RFC 6761: never looked up successfully.
    let args = ["--connect-to", &elsewhere];
    let finished = run("http://shop.invalid:8123", 2, &args).ok();
    assert_all_bought(&finished, 2);
    assert_eq!(hosts(&seen), ["shop.invalid:8123"; 4]);
    assert!(
        finished.stderr.contains("http://shop.invalid:8123/rdbms"),
        "{finished:#?}"
    );

    let mut checked = command(["check", "-t", "http://shop.invalid", "-d", "rdbms"]);
    finish_command(checked.args(["--products", "7", "--connect_to", &elsewhere])).ok();
    assert!(hosts(&seen)[4..].iter().all(|host| host == "shop.invalid"));
}

#[test]
fn redirects_stay_within_the_targets_origin() {
    for (target_is_followed, location) in [(true, "http://shop.test:8123/rdbms/"), (false, "")] {
        let server = Scripted::start(move |mut stream, _| {
            let request = read_request(&mut stream);
            if request.starts_with("POST") {
                return respond(&mut stream, &report());
            }
            if request.starts_with("GET /rdbms/ ") {
                return respond(&mut stream, &page(200, "text/html", "welcome"));
            }
            let own = stream.local_addr().expect("an address");
            let location = match location {
                "" => format!("http://{own}/rdbms/"),
                given => given.to_owned(),
            };
            let head =
                format!("HTTP/1.1 302 x\r\nLocation: {location}\r\nContent-Length: 0\r\n\r\n");
            respond(&mut stream, head.as_bytes());
        });
        let elsewhere = server.address.to_string();
        let args = ["--connect-to", &elsewhere];
        let finished = run("http://shop.test:8123", 1, &args).ok();
        let rows = rows_of(&finished.stdout);
        let (result, error) = (
            &rows[0]["client_home_result"],
            &rows[0]["client_home_error_msg"],
        );
        let followed = result.as_str() == "True";
        assert_eq!(followed, target_is_followed, "{error}");
        assert_eq!(error.contains("redirect"), !target_is_followed, "{error}");
    }
}

#[test]
fn names_resolve_by_the_resolve_option() {
    let (server, seen) = noting_shop("127.0.0.1:0");
    let port = server.address.port();
    let target = format!("http://shop.test:{port}");
    let entry = format!("SHOP.test:{port}:127.0.0.1");
    let finished = run(&target, 1, &["--resolve", &entry, "-v"]).ok();
    assert_all_bought(&finished, 1);
    let inner = format!("inner.test:{port}");
    let entry = format!("{inner}:[::1],127.0.0.1");
    let args = ["--connect-to", &inner, "--resolve", &entry];
    let finished = run(&target, 1, &args).ok();
    assert_all_bought(&finished, 1);
    assert_eq!(hosts(&seen), vec![format!("shop.test:{port}"); 4]);
}

#[test]
fn invalid_addresses_are_refused_and_nothing_is_sent() {
    let server = Scripted::start(|_, _| {});
    let url = server.url();
    let port = server.address.port();
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let other = format!("shop.test:{port}:127.0.0.1");
    let own = server.address.to_string();
    let elsewhere = format!("{own}:127.0.0.1");
    // RFC 5737: nobody's addresses.
    for (args, parts) in [
        (
            &["--bind", "eth0"][..],
            &["--bind \"eth0\"", "127.0.0.2"][..],
        ),
        (&["--bind="], &["--bind", "neither"]),
        (&["--bind", "127.0.0.2,127.0.0.2"], &["twice"]),
        (&["--bind", "127.0.0.0/8"], &["65536"]),
        (&["--bind", "127.0.0.2", "--bind", "127.0.0.3"], &["twice"]),
        (&["--bind", "::1"], &["--bind ::1", "IPv6", &own, "IPv4"]),
        (
            &["--bind", "127.0.0.2,198.51.100.7"],
            &["--bind 198.51.100.7", "not an address of this machine"],
        ),
        (
            &["--bind", "127.0.0.2", "--connect-to", "198.51.100.7:80"],
            &["--bind 127.0.0.2", "198.51.100.7:80"],
        ),
        (&["--connect-to", "127.0.0.1"], &["--connect-to", "port"]),
        (
            &["--connect-to", "no-such-host.invalid:80"],
            &["--connect-to host \"no-such-host.invalid\"", "resolve"],
        ),
        (
            &["--resolve", &other],
            &["--resolve", "shop.test", &own, ":ADDRESS"],
        ),
        (
            &["--connect-to", "127.0.0.1:1", "--resolve", &elsewhere],
            &["--resolve", "127.0.0.1:1:ADDRESS"],
        ),
        (&["--resolve", "shop.test:80:localhost"], &["localhost"]),
    ] {
        let refused = command(flags(&url, 1, &file)).args(args).output();
        let refused = refused.expect("the program starts");
        let stderr = String::from_utf8_lossy(&refused.stderr);
        assert_eq!(refused.status.code(), Some(2), "{args:?}: {stderr}");
        assert_eq!(stderr.trim_end().lines().count(), 1, "{stderr}");
        for part in parts {
            assert!(stderr.contains(part), "{part:?} is not in {stderr:?}");
        }
    }
    client(["demo", "--connect-to", &own]).refused(2, &["--connect-to", "demo"]);
    assert_eq!(server.connections(), 0);
    assert!(!file.exists());
    // A check says the same as one of its findings.
    let mut check = command(["check", "-t", &url, "-d", "rdbms"]);
    let found = finish_command(check.args(["--bind", "198.51.100.7"]));
    assert_eq!(found.status.code(), Some(1), "{found:#?}");
    for line in [
        "fail bind: --bind 198.51.100.7 is not an address",
        "skip connect: a source address is missing",
    ] {
        assert!(found.stdout.contains(line), "{found:#?}");
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn more_shoppers_than_ports_is_refused_before_the_launch() {
    let server = Scripted::start(|_, _| {});
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("report.csv");
    let parts = [
        "--concurrent 70000",
        "net.ipv4.ip_local_port_range",
        "--bind A,B",
    ];
    client(flags(&server.url(), 70_000, &file)).refused(1, &parts);
    assert_eq!(server.connections(), 0);
    assert!(!file.exists());
}

/// Runs a script in a network of its own, in which ten source ports are given out.
pub fn with_ten_ports(script: &str) -> Finished {
    let mut command = Command::new("unshare");
    let range = "/proc/sys/net/ipv4/ip_local_port_range";
    let script = format!("ip link set lo up && echo 40000 40009 > {range} || exit 99; {script}");
    command.args(["-rn", "sh", "-c", &script]);
    finish(command)
}

/// Whether a network of one's own can be had; says so where it cannot.
pub fn has_own_network() -> bool {
    let possible = |program: &[&str]| {
        let output = Command::new("unshare").arg("-rn").args(program).output();
        output.is_ok_and(|output| output.status.success())
    };
    if possible(&["ip", "link"]) {
        return true;
    }
    assert!(
        !possible(&["true"]) || std::env::var_os("PROFILERCLIENT_NO_SKIP").is_none(),
        "ip (iproute2) is missing"
    );
    // Not a matter of what is installed: containers mostly may not.
    eprintln!("SKIPPED: ten source ports (no network of one's own on this machine)");
    false
}

#[test]
fn each_source_address_has_all_ports_to_itself() {
    if !has_own_network() {
        return;
    }
    let url = "http://127.0.0.1:8000";
    for (shoppers, more, need) in [
        (11, "", "for the one source address"),
        (11, "--bind 127.0.0.2", "for the one source address"),
        (21, "--bind 127.0.0.2,127.0.0.3", "20 in all"),
    ] {
        let script = format!("exec {BINARY} -t {url} -d rdbms -c {shoppers} -o - {more}");
        with_ten_ports(&script).refused(1, &["40000 40009", need, "--bind A,B"]);
    }
    let dir = tempdir().expect("a directory");
    let script = format!(
        "cd {dir} || exit 99
         {BINARY} shop --listen 127.0.0.1:8000 > shop & shop=$!
         until [ -s shop ]; do sleep 0.05; done
         {BINARY} -t {url} -d rdbms -c 20 -o - --keep-alive --preconnect --bind 127.0.0.2,127.0.0.3 -v
         code=$?
         kill $shop
         exit $code",
        dir = dir.path().display()
    );
    let finished = with_ten_ports(&script).ok();
    assert_all_bought(&finished, 20);
    assert!(
        finished.stderr.contains("source ports 20 of 20"),
        "{finished:#?}"
    );
}

/// A listener whose backlog is full, so that handshakes with it wait; and what fills it.
fn deaf(host: u8) -> (SocketAddr, Vec<std::os::fd::OwnedFd>) {
    let address = SocketAddr::from(([127, 0, 78, host], 0));
    let listener = TcpListener::from(socket::listener(address, 0).expect("a listener"));
    let address = listener.local_addr().expect("its address");
    let mut held = vec![listener.into()];
    for _ in 0..4 {
        let waits = socket::stream_for(&address.into()).expect("a socket");
        socket::connect(&waits, &address.into()).expect("begun");
        held.push(waits);
    }
    (address, held)
}

/// Connections of this machine that wait for an answer to their SYN, to one of these addresses.
fn handshakes(to: &[SocketAddr]) -> usize {
    const SYN_SENT: &str = "02";
    let table = std::fs::read_to_string("/proc/net/tcp").expect("/proc");
    let of = |address: &SocketAddr| {
        let SocketAddr::V4(v4) = address else {
            return String::new();
        };
        let ip = u32::from_ne_bytes(v4.ip().octets());
        format!("{ip:08X}:{:04X}", v4.port())
    };
    let to: Vec<String> = to.iter().map(of).collect();
    let is_one = |line: &&str| {
        let mut words = line.split_whitespace().skip(2);
        let (remote, state) = (words.next(), words.next());
        state == Some(SYN_SENT) && to.iter().any(|address| remote == Some(address))
    };
    table.lines().filter(is_one).count()
}

#[test]
fn a_signal_ends_trial_connections() {
    for start in [&[][..], &["check"]] {
        // All with the port of the first: one name with several addresses.
        let (first, held) = deaf(1);
        let entry = format!("shop.test:{}:{},127.0.78.2", first.port(), first.ip());
        let url = format!("http://shop.test:{}", first.port());
        let waiting = handshakes(&[first]);
        let mut command = command(start.iter().copied());
        command.args(["-t", &url, "-d", "rdbms", "--resolve", &entry]);
        if start.is_empty() {
            command.args(["-o", "/dev/null"]);
        }
        let child = command
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .expect("the program starts");
        wait_until("a trial begins", || handshakes(&[first]) > waiting);
        let sent = std::time::Instant::now();
        signal(child.id(), libc::SIGINT);
        let finished = wait(child);
        assert_eq!(finished.code(), Some(130), "{finished:#?}");
        assert!(sent.elapsed().as_millis() < 1000, "{:?}", sent.elapsed());
        drop(held);
    }
}

#[test]
fn an_interface_is_for_the_socket_and_not_for_the_host_field() {
    let (server, seen) = noting_shop("[::1]:0");
    let port = server.address.port();
    for zone in ["%lo", "%25lo"] {
        let url = format!("http://[::1{zone}]:{port}");
        assert_all_bought(&run(&url, 1, &["-p", "/"]).ok(), 1);
    }
    let to = format!("[::1%lo]:{port}");
    let args = ["-p", "/", "--connect-to", &to, "--bind", "::1%lo"];
    assert_all_bought(&run("http://shop.test", 1, &args).ok(), 1);
    let own = format!("[::1]:{port}");
    let expected = [own.as_str(); 4].into_iter().chain(["shop.test"; 2]);
    assert_eq!(hosts(&seen), expected.collect::<Vec<_>>());
    run("http://[fe80::1]:80", 1, &[]).refused(2, &["link-local", "[fe80::1%eth0]"]);
    run("http://[::1%no-such-one]", 1, &[]).refused(2, &["\"no-such-one\"", "ip link"]);
}
