//! What is measured against: nginx with one worker, or else the embedded shop.

use std::net::{IpAddr, SocketAddr};
use std::path::Path;

use profilerclient::shop::process::ShopProcess;

use super::support::nginx::{Certificate, Nginx};

/// A server that ends with this.
pub enum Server {
    Nginx(Nginx, IpAddr),
    Shop,
}

/// The address of one measurement; the shop behind it ends with this.
pub struct Door {
    pub address: SocketAddr,
    _shop: Option<ShopProcess>,
}

/// Of this the long page is made, repeated [`REPEATED`] times: more than a segment of loopback.
const LINE: usize = 4000;
const REPEATED: usize = 50;

impl Server {
    /// nginx with that many ports at that address, if it is installed.
    /// With a certificate it serves TLS 1.3, without tickets.
    pub fn start(
        directory: &Path,
        address: IpAddr,
        ports: usize,
        certificate: Option<&Certificate>,
    ) -> Result<Server, String> {
        let nginx = Nginx::start(directory, address, ports, &serving(), certificate, |_| {})?;
        if let Some(nginx) = nginx {
            return Ok(Server::Nginx(nginx, address));
        }
        if !address.is_loopback() || certificate.is_some() {
            return Err("nginx is not installed".to_owned());
        }
        eprintln!("SKIPPED: nginx is not installed; the embedded shop stands in");
        Ok(Server::Shop)
    }

    /// Whether it has the long page.
    pub fn has_long_page(&self) -> bool {
        matches!(self, Server::Nginx(..))
    }

    /// An unused port: none of its connections are left over from before.
    pub fn door(&mut self) -> Result<Door, String> {
        match self {
            Server::Nginx(nginx, address) => Ok(Door {
                address: SocketAddr::new(*address, nginx.unused_port()?),
                _shop: None,
            }),
            Server::Shop => {
                let binary = env!("CARGO_BIN_EXE_profilerclient");
                let shop = ShopProcess::start_program(binary.as_ref(), &[], false)
                    .map_err(|error| error.to_string())?;
                let address = shop.url.strip_prefix("http://");
                let address = address.and_then(|address| address.parse().ok());
                Ok(Door {
                    address: address.ok_or("the shop says no address")?,
                    _shop: Some(shop),
                })
            }
        }
    }
}

fn serving() -> String {
    let line = "x".repeat(LINE);
    let page = "<p>a page of the shop</p>".repeat(100);
    let long = "$line".repeat(REPEATED);
    format!(
        "    set $line \"{line}\";\n\
         location = /rdbms {{ return 301 /rdbms/; }}\n\
         location / {{ return 200 \"{page}\"; }}\n\
         location = /rdbms/long {{ return 200 \"{long}\"; }}\n\
         location ~ /purchase/ {{ return 200 '{{\"result\": true}}'; }}\n"
    )
}
