//! Network namespaces joined by a bridge, each as a machine of its own: one for the shop, one for each shard.

use std::io::{self, BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, SystemTime};

use crate::shards_support::files;
use crate::support::*;

/// The namespaces. Dropped, they are removed.
pub struct Networks {
    prefix: String,
    count: u64,
}

/// The shop in its namespace.
pub struct FarShop {
    child: Child,
    url: String,
}

const SHOP: &str = "192.0.2.100";

fn ip(args: &[&str]) -> io::Result<bool> {
    let program = ["/usr/sbin/ip", "/sbin/ip"]
        .into_iter()
        .find(|name| Path::new(name).exists());
    let done = Command::new(program.unwrap_or("ip"))
        .args(args)
        .stderr(Stdio::null())
        .status()?;
    Ok(done.success())
}

impl Networks {
    /// Makes them; none where this is not allowed, which only root is.
    pub fn make(count: u64) -> Option<Networks> {
        let prefix = format!("pc{}", std::process::id());
        let networks = Networks { prefix, count };
        let hub = networks.name("hub");
        if !ip(&["netns", "add", &hub]).unwrap_or(false) {
            // Not a matter of what is installed: containers mostly may not.
            writeln!(
                io::stderr(),
                "SKIPPED: shards in networks of their own (not allowed here)"
            )
            .expect("stderr");
            std::mem::forget(networks);
            return None;
        }
        let all = |args: &[&str]| assert!(ip(args).expect("ip"), "ip {args:?}");
        all(&["-n", &hub, "link", "add", "br0", "type", "bridge"]);
        all(&["-n", &hub, "link", "set", "br0", "up"]);
        let mut machines = vec![("shop".to_owned(), SHOP.to_owned())];
        machines.extend((1..=count).map(|k| (format!("s{k}"), format!("192.0.2.{}", 10 + k))));
        for (machine, address) in machines {
            let (own, to) = (networks.name(&machine), format!("to-{machine}"));
            all(&["netns", "add", &own]);
            all(&["-n", &own, "link", "set", "lo", "up"]);
            all(&[
                "-n", &hub, "link", "add", &to, "type", "veth", "peer", "name", "eth0", "netns",
                &own,
            ]);
            all(&["-n", &hub, "link", "set", &to, "master", "br0", "up"]);
            all(&[
                "-n",
                &own,
                "addr",
                "add",
                &format!("{address}/24"),
                "dev",
                "eth0",
            ]);
            all(&["-n", &own, "link", "set", "eth0", "up"]);
        }
        Some(networks)
    }

    fn name(&self, machine: &str) -> String {
        format!("{}-{machine}", self.prefix)
    }

    /// A command of the program on one of the machines.
    fn on(&self, machine: &str, args: &[&str]) -> Command {
        let mut command = Command::new("nsenter");
        command.arg(format!("--net=/run/netns/{}", self.name(machine)));
        command
            .arg(BINARY)
            .args(args)
            .env("TZ", TIME_ZONE)
            .stdin(Stdio::null());
        command
    }

    /// The built-in shop on a machine of its own.
    pub fn shop(&self) -> FarShop {
        let listen = format!("{SHOP}:0");
        let mut child = self
            .on("shop", &["shop", "--listen", &listen])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the shop starts");
        let mut url = String::new();
        BufReader::new(child.stdout.take().expect("piped"))
            .read_line(&mut url)
            .expect("the shop says where it is");
        let url = url.trim().to_owned();
        FarShop { child, url }
    }

    /// Runs the shards of a run, each on its own machine.
    pub fn shards(&self, shop: &FarShop, dir: &Path, flags: &[&str]) -> Vec<PathBuf> {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        let start = since.expect("after 1970") + Duration::from_secs(1);
        let start = format!("{:.3}", start.as_secs_f64());
        let output = dir.join("rows-%s.csv").display().to_string();
        let running: Vec<Child> = (1..=self.count)
            .map(|k| {
                let shard = format!("{k}/{}", self.count);
                let common = [
                    "-t", &shop.url, "-d", "rdbms", "--seed", "5", "-o", &output, "-q",
                ];
                let own = ["--shard", &shard, "--start-at", &start];
                self.on(&format!("s{k}"), &[&common[..], &own, flags].concat())
                    .stdout(Stdio::piped())
                    .stderr(Stdio::piped())
                    .spawn()
                    .expect("the program starts")
            })
            .collect();
        for child in running {
            wait(child).ok();
        }
        files(dir, self.count)
    }

    /// How many machines the shop's one knows by their Ethernet addresses.
    pub fn peers(&self, _shop: &FarShop) -> usize {
        let mut neighbours = Command::new("nsenter");
        neighbours.arg(format!("--net=/run/netns/{}", self.name("shop")));
        let found = neighbours
            .args(["cat", "/proc/net/arp"])
            .output()
            .expect("nsenter")
            .stdout;
        let text = String::from_utf8_lossy(&found).into_owned();
        text.lines()
            .filter(|line| line.starts_with("192.0.2."))
            .count()
    }
}

impl Drop for Networks {
    fn drop(&mut self) {
        let shards = (1..=self.count).map(|k| format!("s{k}"));
        for machine in ["hub".to_owned(), "shop".to_owned()]
            .into_iter()
            .chain(shards)
        {
            let _ = ip(&["netns", "del", &self.name(&machine)]);
        }
    }
}

impl Drop for FarShop {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
