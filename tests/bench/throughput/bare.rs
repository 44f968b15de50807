//! The least that any program with one thread can do: an epoll loop that sends fixed bytes and counts
//! those that come back.
//!
//! Home page and purchase in turn, as this program sends them; one `recv` for each readiness, one
//! `send` for each request, and nothing else: no times, no parsing, no rows. Where each
//! request has a connection of its own: socket, connect, send, epoll_ctl, recv, close.
//!
//! It is a process of its own, so that it can be measured like the others: the benchmark runs itself
//! with `--bare PORT CONNECTIONS SECONDS kept|new recv|recvmsg`.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use profilerclient::http::request::RequestWriter;
use profilerclient::plan::Orders;
use profilerclient::sys::limits;
use profilerclient::sys::socket::{self, KernelAddress};
use profilerclient::sys::stamps;

use super::kernel::Epoll;

/// The argument that makes the benchmark this loop.
pub const ARGUMENT: &str = "--bare";

/// Larger than any response here, so that one `recv` empties the socket.
const BUFFER: usize = 16 * 1024;

/// Runs with the arguments after [`ARGUMENT`] and prints a JSON object.
pub fn main(arguments: &[String]) -> Result<(), String> {
    let [port, connections, seconds, kept, receive] = arguments else {
        return Err("PORT CONNECTIONS SECONDS kept|new recv|recvmsg".to_owned());
    };
    let number = |text: &String| text.parse::<u64>().map_err(|error| error.to_string());
    let port = number(port)? as u16;
    limits::raise_open_files().map_err(|error| error.to_string())?;
    let run = || -> io::Result<String> {
        let with_stamps = receive == "recvmsg";
        let _stamping = with_stamps.then(stamps::switch_on).transpose()?;
        let mut bare = Bare::new(port, kept == "kept", with_stamps)?;
        let started = Instant::now();
        bare.run(
            number(connections).map_err(io::Error::other)? as usize,
            started + Duration::from_secs(number(seconds).map_err(io::Error::other)?),
        )?;
        Ok(format!(
            "{{\"requests\": {}, \"seconds\": {}, \"errors\": {}}}",
            bare.requests,
            started.elapsed().as_secs_f64(),
            bare.errors
        ))
    };
    println!("{}", run().map_err(|error| error.to_string())?);
    Ok(())
}

/// A request, and how many bytes the server answers it with.
struct Exchange {
    request: Vec<u8>,
    response_bytes: usize,
}

struct Connection {
    socket: OwnedFd,
    /// Which of the two exchanges is next, or under way.
    turn: usize,
    /// Bytes of the response still to come; 0 where the request has not been sent.
    missing: usize,
}

struct Bare {
    epoll: Epoll,
    address: KernelAddress,
    exchanges: [Exchange; 2],
    kept: bool,
    with_stamps: bool,
    requests: u64,
    errors: u64,
}

impl Bare {
    fn new(port: u16, kept: bool, with_stamps: bool) -> io::Result<Bare> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let exchange = |request: Vec<u8>| -> io::Result<Exchange> {
            Ok(Exchange {
                response_bytes: response_bytes(address, &request)?,
                request,
            })
        };
        let [home, buy] = requests(port, kept);
        Ok(Bare {
            epoll: Epoll::new()?,
            address: address.into(),
            exchanges: [exchange(home)?, exchange(buy)?],
            kept,
            with_stamps,
            requests: 0,
            errors: 0,
        })
    }

    fn run(&mut self, connections: usize, deadline: Instant) -> io::Result<()> {
        let mut connections: Vec<Connection> = (0..connections)
            .map(|place| self.connect(place, place % 2))
            .collect::<io::Result<_>>()?;
        let mut buffer = vec![0; BUFFER];
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            for ready in 0..self.epoll.wait(left)? {
                let place = self.epoll.token(ready);
                let connection = &mut connections[place];
                if connection.missing == 0 {
                    self.send(connection)?;
                    continue;
                }
                let received = match self.receive(connection, &mut buffer) {
                    Ok(received) => received,
                    Err(error) if error.kind() == ErrorKind::WouldBlock => continue,
                    Err(_) => 0,
                };
                if received == 0 {
                    self.errors += 1;
                    *connection = self.connect(place, connection.turn)?;
                    continue;
                }
                connection.missing = connection.missing.saturating_sub(received);
                if connection.missing > 0 {
                    continue;
                }
                self.requests += 1;
                connection.turn ^= 1;
                if self.kept {
                    self.send(connection)?;
                } else {
                    *connection = self.connect(place, connection.turn)?;
                }
            }
        }
    }

    /// On loopback the handshake is mostly over with the call, so that the request can follow at once.
    fn connect(&self, place: usize, turn: usize) -> io::Result<Connection> {
        let mut connection = Connection {
            socket: socket::stream_for(&self.address)?,
            turn,
            missing: 0,
        };
        if self.with_stamps {
            stamps::enable_receive_stamps(&connection.socket)?;
        }
        socket::connect(&connection.socket, &self.address)?;
        self.send(&mut connection)?;
        self.epoll.add(&connection.socket, place)?;
        Ok(connection)
    }

    fn send(&self, connection: &mut Connection) -> io::Result<()> {
        let exchange = &self.exchanges[connection.turn];
        match socket::send(&connection.socket, &exchange.request) {
            Ok(sent) if sent == exchange.request.len() => {
                connection.missing = exchange.response_bytes;
                Ok(())
            }
            Ok(_) => Err(io::Error::other("a request was sent in part")),
            Err(error) if error.kind() == ErrorKind::WouldBlock => Ok(()),
            Err(error) => Err(error),
        }
    }

    fn receive(&self, connection: &Connection, buffer: &mut [u8]) -> io::Result<usize> {
        if self.with_stamps {
            return stamps::recv_stamped(&connection.socket, buffer).map(|(received, _)| received);
        }
        socket::recv(&connection.socket, buffer)
    }
}

/// Home page and purchase, written by what writes them in this program.
pub fn requests(port: u16, keep_alive: bool) -> [Vec<u8>; 2] {
    let authority = format!("{}:{port}", Ipv4Addr::LOCALHOST);
    let agent = concat!("profilerclient/", env!("CARGO_PKG_VERSION"));
    let writer = RequestWriter::new(&authority, agent, &[], &[], keep_alive);
    let orders = Orders {
        seed: 0,
        products: 1,
        first: 0,
    };
    let order = orders.order(0);
    let (mut home, mut buy) = (Vec::new(), Vec::new());
    writer.get("/rdbms/", &mut home);
    writer.post("/rdbms/2/purchase/1/", order.form_bytes(), &mut buy);
    order.write_form(&mut buy);
    [home, buy]
}

/// The length of the response to a request, head and body: it is the same every time.
fn response_bytes(address: SocketAddr, request: &[u8]) -> io::Result<usize> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    stream.write_all(request)?;
    let mut bytes = Vec::new();
    let mut buffer = [0; BUFFER];
    loop {
        let received = stream.read(&mut buffer)?;
        if received == 0 {
            return Err(io::Error::other("the server ended a response in its midst"));
        }
        bytes.extend_from_slice(&buffer[..received]);
        if let Some(length) = whole_response(&bytes)? {
            return Ok(length);
        }
    }
}

/// The length of the response that begins with these bytes; `None` while its head is not complete.
pub fn whole_response(bytes: &[u8]) -> io::Result<Option<usize>> {
    let Some(head) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
        return Ok(None);
    };
    let text = String::from_utf8_lossy(&bytes[..head]);
    if !text.starts_with("HTTP/1.1 200 ") {
        let line = text.lines().next().unwrap_or_default();
        return Err(io::Error::other(format!("the server answered {line}")));
    }
    let body = text
        .lines()
        .find_map(|line| line.strip_prefix("Content-Length: ")?.parse::<usize>().ok())
        .ok_or_else(|| io::Error::other("a response without Content-Length"))?;
    Ok(Some(head + 4 + body))
}
