//! Single connections, made before a run or instead of one: from the first source address, to the
//! address that a run uses or to one that it might.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::time::Duration;

use crate::cli::ways::Ways;
use crate::sources::with_any_port;
use crate::sys::socket;

/// Both ends of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    to: SocketAddr,
    /// `None` leaves it to the kernel.
    from: Option<IpAddr>,
}

impl Route {
    /// To one of the addresses that the ways lead to.
    pub fn to(address: SocketAddr, ways: &Ways) -> Route {
        Route {
            to: address,
            from: ways.first_source(),
        }
    }

    /// Begins to connect; the handshake goes on in the background, and the stream does not block.
    pub fn begin(&self) -> io::Result<TcpStream> {
        let socket = self.socket()?;
        socket::connect(&socket, &self.to.into())?;
        Ok(socket.into())
    }

    /// Connects and closes. `patience` is more than zero; where it runs out, the error is of the kind
    /// [`io::ErrorKind::TimedOut`].
    pub fn attempt(&self, patience: Duration) -> io::Result<()> {
        let stream = TcpStream::from(self.socket()?);
        stream.set_nonblocking(false)?;
        // It bounds connect(), too; what is unfinished then is in progress, which is no error.
        stream.set_write_timeout(Some(patience))?;
        socket::connect(&stream, &self.to.into())?;
        match socket::is_connected(&stream) {
            true => Ok(()),
            false => Err(io::ErrorKind::TimedOut.into()),
        }
    }

    fn socket(&self) -> io::Result<OwnedFd> {
        let socket = socket::stream_for(&self.to.into())?;
        if let Some(source) = self.from {
            socket::bind_source(&socket, &with_any_port(source))?;
        }
        Ok(socket)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    fn listener() -> (TcpListener, SocketAddr) {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("its address");
        (listener, address)
    }

    #[test]
    fn the_source_is_what_the_server_sees() {
        let (listener, to) = listener();
        for source in ["127.0.0.2", "127.0.0.1"] {
            let from = Some(source.parse().expect("an address"));
            let route = Route { to, from };
            route.attempt(Duration::from_secs(5)).expect("it listens");
            let (_, peer) = listener.accept().expect("a connection");
            assert_eq!(Some(peer.ip()), from);
            let _begun = route.begin().expect("it listens");
            let (_, peer) = listener.accept().expect("a connection");
            assert_eq!(Some(peer.ip()), from);
        }
    }

    #[test]
    fn attempts_fail_with_a_reason_and_in_time() {
        let (full, to) = listener();
        drop(full);
        let refused = Route { to, from: None }.attempt(Duration::from_secs(5));
        let kind = refused.expect_err("nobody listens").kind();
        assert_eq!(kind, io::ErrorKind::ConnectionRefused);

        // A full backlog lets handshakes wait.
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let full = TcpListener::from(socket::listener(address, 0).expect("a listener"));
        let to = full.local_addr().expect("its address");
        let waiting: Vec<TcpStream> = (0..3)
            .map(|_| Route { to, from: None }.begin().expect("begun"))
            .collect();
        let late = Route { to, from: None }.attempt(Duration::from_millis(50));
        let kind = late.expect_err("nobody accepts").kind();
        assert_eq!(kind, io::ErrorKind::TimedOut);
        drop(waiting);
    }
}
