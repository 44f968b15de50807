//! A server in front of a shop: passes requests and answers on, and records what is ordered.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::sync::{Arc, Mutex};

use crate::support::*;

/// The server.
pub struct Recorder {
    server: Scripted,
    addresses: Arc<Mutex<Vec<String>>>,
}

impl Recorder {
    /// One in front of the shop at that URL. Each connection has one request, as the program makes them.
    pub fn before(url: &str) -> Recorder {
        let shop = url.trim_start_matches("http://").to_owned();
        let addresses = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&addresses);
        let server = Scripted::start(move |mut client, _| {
            let request = read_request(&mut client);
            if request.is_empty() {
                return;
            }
            if let Some((_, after)) = request.split_once("\r\n\r\nemail=") {
                let address = after
                    .split('&')
                    .next()
                    .unwrap_or_default()
                    .replace("%40", "@");
                noted.lock().expect("no panic").push(address);
            }
            let mut to_shop = TcpStream::connect(&shop).expect("the shop listens");
            to_shop
                .write_all(request.as_bytes())
                .expect("the shop reads");
            let mut answer = Vec::new();
            to_shop.read_to_end(&mut answer).expect("the shop answers");
            respond(&mut client, &answer);
        });
        Recorder { server, addresses }
    }

    /// Its URL.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// The addresses of all orders, sorted.
    pub fn addresses(&self) -> Vec<String> {
        let mut addresses = self.addresses.lock().expect("no panic").clone();
        addresses.sort_unstable();
        addresses
    }
}
