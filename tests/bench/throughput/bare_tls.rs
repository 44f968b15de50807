//! The least that a program with one thread can do over TLS with the library that this program uses: an
//! epoll loop that encrypts fixed requests, and counts decrypted bytes.
//!
//! As [`super::bare`]: no times, no parsing, no rows. One `recv` for each readiness, one `send` for each
//! request. The records are decrypted where they were read, as in this program; where each request has a
//! connection of its own, each makes a full handshake.
//!
//! It is a process of its own: the benchmark runs itself with `--bare-tls PORT CONNECTIONS SECONDS
//! kept|new CA`.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use profilerclient::net::tls::{PENDING_ROOM, Session, TlsClient, TlsSettings};
use profilerclient::row::failure::Failure;
use profilerclient::sys::limits;
use profilerclient::sys::socket::{self, KernelAddress};

use super::bare;
use super::kernel::Epoll;

/// The argument that makes the benchmark this loop.
pub const ARGUMENT: &str = "--bare-tls";

/// As much as this program reads at once.
const RECEIVE: usize = 64 * 1024;

/// Runs with the arguments after [`ARGUMENT`] and prints a JSON object.
pub fn main(arguments: &[String]) -> Result<(), String> {
    let [port, connections, seconds, kept, ca] = arguments else {
        return Err("PORT CONNECTIONS SECONDS kept|new CA".to_owned());
    };
    let number = |text: &String| text.parse::<u64>().map_err(|error| error.to_string());
    let (port, connections) = (number(port)? as u16, number(connections)? as usize);
    let seconds = Duration::from_secs(number(seconds)?);
    limits::raise_open_files().map_err(|error| error.to_string())?;
    let client = client(ca)?;
    let run = || -> io::Result<String> {
        let mut bare = BareTls::new(port, kept == "kept", client)?;
        let started = Instant::now();
        bare.run(connections, started + seconds)?;
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

/// With the settings of this program's own runs.
fn client(ca: &str) -> Result<TlsClient, String> {
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 0)).ip();
    let mut settings = TlsSettings::usual(address.into());
    settings.ca = vec![PathBuf::from(ca)];
    settings.ca_only = true;
    TlsClient::load(&settings).map_err(|error| error.to_string())
}

struct Connection {
    socket: OwnedFd,
    session: Session,
    /// Which of the two exchanges is next, or under way.
    turn: usize,
    /// Bytes of the response still to come; 0 where the request has not been sent.
    missing: usize,
    /// The first message, if the connection does not stand yet.
    unsent: Vec<u8>,
}

struct BareTls {
    epoll: Epoll,
    address: KernelAddress,
    client: TlsClient,
    requests_by_turn: [Vec<u8>; 2],
    response_bytes: [usize; 2],
    kept: bool,
    requests: u64,
    errors: u64,
    buffer: Vec<u8>,
    out: Vec<u8>,
}

impl BareTls {
    fn new(port: u16, kept: bool, client: TlsClient) -> io::Result<BareTls> {
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
        let requests_by_turn = bare::requests(port, kept);
        let mut response_bytes = [0; 2];
        for (bytes, request) in response_bytes.iter_mut().zip(&requests_by_turn) {
            *bytes = answer_bytes(&client, address, request)?;
        }
        Ok(BareTls {
            epoll: Epoll::new()?,
            address: address.into(),
            client,
            requests_by_turn,
            response_bytes,
            kept,
            requests: 0,
            errors: 0,
            buffer: vec![0; PENDING_ROOM + RECEIVE],
            out: Vec::new(),
        })
    }

    fn run(&mut self, connections: usize, deadline: Instant) -> io::Result<()> {
        let mut connections: Vec<Connection> = (0..connections)
            .map(|place| self.connect(place, place % 2))
            .collect::<io::Result<_>>()?;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Ok(());
            }
            for ready in 0..self.epoll.wait(left)? {
                let place = self.epoll.token(ready);
                let connection = &mut connections[place];
                match self.serve(connection) {
                    Ok(false) => continue,
                    Ok(true) => {}
                    Err(_) => self.errors += 1,
                }
                *connection = self.connect(place, connection.turn)?;
            }
        }
    }

    /// Does what can be done; whether the connection is to be replaced.
    fn serve(&mut self, connection: &mut Connection) -> io::Result<bool> {
        if !connection.unsent.is_empty() {
            begin(connection)?;
            return Ok(false);
        }
        let pending = connection.session.lead(&mut self.buffer);
        let end = pending + RECEIVE;
        let received = match socket::recv(&connection.socket, &mut self.buffer[pending..end]) {
            Ok(0) => return Err(ErrorKind::UnexpectedEof.into()),
            Ok(received) => received,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
            Err(error) => return Err(error),
        };
        self.out.clear();
        let mut data = 0;
        let incoming = &mut self.buffer[..pending + received];
        let step = (connection.session)
            .advance(incoming, &mut self.out, &mut |bytes, _| data += bytes.len())
            .map_err(failed)?;
        let was_missing = connection.missing > 0;
        connection.missing = connection.missing.saturating_sub(data);
        let is_answered = was_missing && connection.missing == 0;
        if is_answered {
            self.requests += 1;
            connection.turn ^= 1;
            if !self.kept {
                return Ok(true);
            }
        }
        if step.became_ready || is_answered {
            let request = &self.requests_by_turn[connection.turn];
            (connection.session)
                .seal(request, &mut self.out)
                .map_err(failed)?;
            connection.missing = self.response_bytes[connection.turn];
        }
        send_all(&connection.socket, &self.out)?;
        Ok(false)
    }

    fn connect(&mut self, place: usize, turn: usize) -> io::Result<Connection> {
        let mut connection = Connection {
            socket: socket::stream_for(&self.address)?,
            session: self.client.connect().map_err(failed)?,
            turn,
            missing: 0,
            unsent: Vec::new(),
        };
        (connection.session)
            .hello(&mut connection.unsent)
            .map_err(failed)?;
        socket::connect(&connection.socket, &self.address)?;
        begin(&mut connection)?;
        self.epoll.add(&connection.socket, place)?;
        Ok(connection)
    }
}

/// Sends the first message, if the connection stands: on loopback it mostly does.
fn begin(connection: &mut Connection) -> io::Result<()> {
    match send_all(&connection.socket, &connection.unsent) {
        Ok(()) => connection.unsent.clear(),
        Err(error) if error.kind() == ErrorKind::WouldBlock => {}
        Err(error) => return Err(error),
    }
    Ok(())
}

fn failed(failure: Failure) -> io::Error {
    io::Error::other(failure.to_string())
}

/// What is sent here fits into an empty socket buffer.
fn send_all(socket: &OwnedFd, bytes: &[u8]) -> io::Result<()> {
    if bytes.is_empty() {
        return Ok(());
    }
    match socket::send(socket, bytes)? {
        sent if sent == bytes.len() => Ok(()),
        _ => Err(io::Error::other("a message was sent in part")),
    }
}

/// The length of the response to a request, head and body: it is the same every time.
fn answer_bytes(client: &TlsClient, address: SocketAddr, request: &[u8]) -> io::Result<usize> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let mut session = client.connect().map_err(failed)?;
    let (mut out, mut answer) = (Vec::new(), Vec::new());
    let mut buffer = vec![0; PENDING_ROOM + RECEIVE];
    session.hello(&mut out).map_err(failed)?;
    loop {
        stream.write_all(&out)?;
        out.clear();
        let pending = session.lead(&mut buffer);
        let received = stream.read(&mut buffer[pending..pending + RECEIVE])?;
        if received == 0 {
            return Err(io::Error::other("the server ended a response in its midst"));
        }
        let incoming = &mut buffer[..pending + received];
        let mut take = |bytes: &[u8], _: usize| answer.extend_from_slice(bytes);
        let step = session
            .advance(incoming, &mut out, &mut take)
            .map_err(failed)?;
        if step.became_ready {
            session.seal(request, &mut out).map_err(failed)?;
        }
        if let Some(length) = bare::whole_response(&answer)? {
            return Ok(length);
        }
    }
}
