//! Finds and prepares the shops of a run before its load.

use std::net::SocketAddr;

use crate::exit::Error;
use crate::net::sources::Sources;
use crate::net::tls::TlsClient;
use crate::prepare::{self, address};
use crate::reactor::ReactorSettings;
use crate::settings::{NetSettings, Products, RunSettings, ShopSettings, Variant};
use crate::shopper::scenario::Scenario;
use crate::signals::Signals;

use super::place::Place;
use super::switch;

/// A shop as far as it is known without a request to it.
pub(super) struct Located {
    tls: Option<TlsClient>,
    sources: Option<Sources>,
    addresses: Vec<SocketAddr>,
}

impl Located {
    /// Reads the files of TLS and resolves the names; `None` if a signal arrived.
    pub fn find(net: &NetSettings, signals: &mut Signals) -> Result<Option<Located>, Error> {
        let tls = net.tls.as_ref().map(TlsClient::load).transpose()?;
        let addresses = match address::addresses(net, signals) {
            Ok(addresses) => addresses,
            Err(error) => return unless_interrupted(error, signals),
        };
        let bind = net.ways.bind.as_ref();
        let sources = match bind.map(|list| Sources::towards(list, &addresses, signals)) {
            None => None,
            Some(Ok(sources)) => Some(sources),
            Some(Err(error)) => return unless_interrupted(error, signals),
        };
        Ok(Some(Located {
            tls,
            sources,
            addresses,
        }))
    }

    /// Prepares the only shop of a run; `None` if a signal arrived. One that does not answer is not an error
    /// here: the rows have it.
    pub fn prepare(
        self,
        settings: &RunSettings,
        kernel_stamps: bool,
        signals: &mut Signals,
    ) -> Result<Option<Place>, Error> {
        let address = address::reachable(&self.addresses, &settings.net, signals);
        let scenario = prepare::scenario(&settings.shop, &settings.net, address, signals);
        match scenario {
            Ok(mut scenario) => {
                if settings.reads_timings() {
                    prepare::keep_timing(&mut scenario, &settings.shop);
                }
                let reactor = reactor(settings, &settings.net, &settings.shop, kernel_stamps);
                Ok(Some(self.place(address, scenario, reactor)))
            }
            Err(error) => unless_interrupted(error, signals),
        }
    }

    /// Prepares a variant; `None` if a signal arrived. It has to answer, unless a command is to start it:
    /// then it is prepared after that.
    pub fn prepare_variant(
        self,
        settings: &RunSettings,
        variant: &Variant,
        kernel_stamps: bool,
        signals: &mut Signals,
    ) -> Result<Option<Place>, Error> {
        let (shop, net) = (&variant.shop, &variant.net);
        let reactor = reactor(settings, net, shop, kernel_stamps);
        let mut scenario = prepare::bare(shop, net.keep_alive);
        if let Products::Listed(ids) = &shop.products {
            scenario.buy_paths = ids.iter().map(|id| shop.buy_path(id)).collect();
            let posting = prepare::posting::read(shop)?;
            prepare::post(&mut scenario, posting, ids)?;
        }
        if settings.reads_timings() {
            prepare::keep_timing(&mut scenario, shop);
        }
        let address = self.addresses[0];
        let mut place = self.place(address, scenario, reactor);
        if variant.hook.is_some() {
            return Ok(Some(place));
        }
        let reached = switch::reach(variant, &mut place, signals);
        if reached.map_err(Error::failed)?.is_none() {
            return Ok(None);
        }
        match prepare::scenario(shop, net, place.address, signals) {
            Ok(scenario) => place.scenario = scenario.in_place_of(&place.scenario),
            Err(error) => return unless_interrupted(error, signals),
        }
        Ok(Some(place))
    }

    fn place(self, address: SocketAddr, scenario: Scenario, reactor: ReactorSettings) -> Place {
        let mut place = Place {
            addresses: self.addresses,
            address,
            reactor: ReactorSettings {
                sources: self.sources,
                tls: self.tls,
                ..reactor
            },
            scenario,
        };
        place.go_to(address);
        place
    }
}

/// What does not depend on the address.
fn reactor(
    settings: &RunSettings,
    net: &NetSettings,
    shop: &ShopSettings,
    kernel_stamps: bool,
) -> ReactorSettings {
    let nowhere = SocketAddr::from(([127, 0, 0, 1], 0));
    let usual = ReactorSettings::towards(nowhere);
    ReactorSettings {
        timeout: net.timeout,
        connect_timeout: net.connect_timeout,
        preconnect: net.preconnect,
        kernel_stamps,
        transmit_stamps: kernel_stamps && settings.clocks.tx_stamps,
        with_ports: settings.rows.phases,
        retry_delay: net.retry_delay,
        max_memory: shop.max_memory.unwrap_or(usual.max_memory),
        ..usual
    }
}

/// The result of an error before the load: not an error where a signal caused it.
pub(super) fn unless_interrupted<T>(
    error: impl Into<Error>,
    signals: &Signals,
) -> Result<Option<T>, Error> {
    match signals.received() {
        Some(_) => Ok(None),
        None => Err(error.into()),
    }
}
