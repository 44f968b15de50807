//! A path with a round trip, between two network namespaces: the client's and the server's.

use std::fs::File;
use std::io;
use std::net::Ipv4Addr;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use profilerclient::sys::process;

use super::namespace::{Namespace, set_up};
use super::wire::{self, Wire};

/// The device on either side.
pub const DEVICE: &str = "wire0";
/// The server's address.
pub const SERVER: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 2);
const CLIENT: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 1);

/// Packets that netem keeps: a burst is on the way at once.
const NETEM_PACKETS: &str = "100000";

/// A path; this thread is moved to its ends and back, and both are gone with this.
pub struct Path {
    home: Namespace,
    client: Namespace,
    server: Namespace,
    /// What delays the packets.
    pub by: &'static str,
    _wire: Option<(Wire, [File; 2])>,
    /// A process that keeps the server's namespace findable while a device is moved there.
    _keeper: Option<Keeper>,
}

struct Keeper(Child);

impl Drop for Keeper {
    fn drop(&mut self) {
        // It has ended already if somebody else ended it.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Path {
    /// Makes one with that round trip, and leaves this thread where it was.
    pub fn open(round_trip: Duration) -> io::Result<Path> {
        let home = Namespace::present()?;
        let made = Path::between_new_namespaces(round_trip);
        let back = home.enter();
        let (client, server, by, wire, keeper) = made?;
        back?;
        Ok(Path {
            home,
            client,
            server,
            by,
            _wire: wire,
            _keeper: keeper,
        })
    }

    #[allow(clippy::type_complexity)]
    fn between_new_namespaces(
        round_trip: Duration,
    ) -> io::Result<(
        Namespace,
        Namespace,
        &'static str,
        Option<(Wire, [File; 2])>,
        Option<Keeper>,
    )> {
        let server = Namespace::enter_new()?;
        let keeper = Keeper(keeper()?);
        let client = Namespace::enter_new()?;
        if has_netem() {
            delay_by_netem(keeper.0.id(), round_trip / 2)?;
            set_up(DEVICE, Some(CLIENT))?;
            server.enter()?;
            delay(round_trip / 2)?;
            set_up(DEVICE, Some(SERVER))?;
            return Ok((client, server, "netem", None, Some(keeper)));
        }
        let near = wire::device(DEVICE)?;
        set_up(DEVICE, Some(CLIENT))?;
        server.enter()?;
        let far = wire::device(DEVICE)?;
        set_up(DEVICE, Some(SERVER))?;
        let wire = Wire::join(&near, &far, round_trip / 2)?;
        let wire = Some((wire, [near, far]));
        Ok((client, server, "two TUN devices, no netem here", wire, None))
    }

    /// Does something on the client's side.
    pub fn at_client<T>(&self, act: impl FnOnce() -> T) -> io::Result<T> {
        self.within(&self.client, act)
    }

    /// Does something on the server's side.
    pub fn at_server<T>(&self, act: impl FnOnce() -> T) -> io::Result<T> {
        self.within(&self.server, act)
    }

    fn within<T>(&self, namespace: &Namespace, act: impl FnOnce() -> T) -> io::Result<T> {
        namespace.enter()?;
        let done = act();
        self.home.enter()?;
        Ok(done)
    }
}

fn keeper() -> io::Result<Child> {
    let mut command = Command::new("sleep");
    command.arg("3600").stdin(Stdio::null());
    process::die_with_parent(&mut command);
    command.spawn()
}

/// Whether the kernel has netem: tried on the loopback of the present namespace, which is a new one.
fn has_netem() -> bool {
    let tried = |verb: &str| {
        let words = ["qdisc", verb, "dev", "lo", "root", "netem", "delay", "1ms"];
        said_ok("tc", &words)
    };
    tried("add") && tried("del")
}

fn delay_by_netem(server: u32, one_way: Duration) -> io::Result<()> {
    let server = server.to_string();
    let peer = ["peer", "name", DEVICE, "netns", &server];
    let words = [&["link", "add", DEVICE, "type", "veth"][..], &peer].concat();
    if !said_ok("ip", &words) {
        return Err(io::Error::other(
            "ip cannot join two namespaces by veth devices",
        ));
    }
    delay(one_way)
}

fn delay(one_way: Duration) -> io::Result<()> {
    let micros = format!("{}us", one_way.as_micros());
    let qdisc = [
        "qdisc", "add", "dev", DEVICE, "root", "netem", "delay", &micros,
    ];
    match said_ok("tc", &[&qdisc[..], &["limit", NETEM_PACKETS]].concat()) {
        true => Ok(()),
        false => Err(io::Error::other("tc cannot delay packets")),
    }
}

fn said_ok(program: &str, words: &[&str]) -> bool {
    let mut command = Command::new(program);
    command.args(words).stdin(Stdio::null());
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
