//! The settings of the shop. An invalid setting cannot be represented.

use std::net::{Ipv4Addr, SocketAddr};
use std::num::NonZeroUsize;
use std::time::Duration;

use super::faults::Faults;
use super::tls::TlsSettings;

/// Largest home page, bytes: an answer that a slow client does not read is kept completely.
pub const MAX_HOME_SIZE: usize = 16 * 1024 * 1024;

/// The shop's settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Where to listen; port 0 means a free one.
    pub listen: SocketAddr,
    /// The certificate; `None` serves plain HTTP.
    pub tls: Option<TlsSettings>,
    /// The service time of a purchase: a wait that uses no CPU time.
    pub service_time: Duration,
    /// How many purchases are processed at once; the others wait in order; `None`: no limit.
    pub workers: Option<NonZeroUsize>,
    /// Injected faults.
    pub faults: Faults,
    /// Pieces of each product in stock at the start.
    pub inventory: u64,
    /// Whether a second server takes part in the purchase and reports under `rest`.
    pub rest: bool,
    /// Whether purchases need a matching CSRF cookie and field.
    pub csrf: bool,
    /// The home page is padded to this number of bytes if it is shorter; at most [`MAX_HOME_SIZE`].
    pub home_size: HomeSize,
}

/// A home page's size in bytes, within the limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HomeSize(usize);

impl HomeSize {
    /// A size of at most [`MAX_HOME_SIZE`].
    pub fn new(bytes: usize) -> Option<HomeSize> {
        (bytes <= MAX_HOME_SIZE).then_some(HomeSize(bytes))
    }

    /// The size, bytes.
    pub fn bytes(self) -> usize {
        self.0
    }
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8000)),
            tls: None,
            service_time: Duration::ZERO,
            workers: None,
            faults: Faults::default(),
            inventory: 1_000_000_000,
            rest: false,
            csrf: false,
            home_size: HomeSize::default(),
        }
    }
}
