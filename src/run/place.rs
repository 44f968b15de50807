//! Where a load goes: the shop of a run, or of one of its variants, resolved and prepared.

use std::net::SocketAddr;

use crate::reactor::ReactorSettings;
use crate::shopper::scenario::Scenario;

/// A shop, its address, and the requests to it.
pub(super) struct Place {
    /// Its addresses, at least one.
    pub addresses: Vec<SocketAddr>,
    /// The one that is used.
    pub address: SocketAddr,
    /// Destination and limits.
    pub reactor: ReactorSettings,
    /// The requests.
    pub scenario: Scenario,
}

impl Place {
    /// Changes the address.
    pub fn go_to(&mut self, address: SocketAddr) {
        self.address = address;
        self.reactor.address = address.into();
    }
}
