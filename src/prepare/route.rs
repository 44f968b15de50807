//! Single connections, made before a run or instead of one: from the first source address, to the
//! address that a run uses or to one that it might.

use std::io;
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::os::fd::OwnedFd;
use std::time::Duration;

use crate::net::sources::with_any_port;
use crate::net::ways::Ways;
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
#[path = "route_tests.rs"]
mod tests;
