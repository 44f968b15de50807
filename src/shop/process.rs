//! The embedded shop as a child process, for `demo` and `calibrate`.

use std::fmt;
use std::io::{self, BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use rustls::pki_types::{CertificateDer, ServerName};

use super::certificate::OwnCertificate;
use crate::exit::{self, Hinted};
use crate::net::tls::TlsSettings;
use crate::sys::{cpus, process};

/// Why the embedded shop did not start.
#[derive(Debug)]
pub enum StartError {
    /// This program's executable cannot be found.
    NoProgram(io::Error),
    /// It cannot be started.
    NotStarted(io::Error),
    /// It ended before it listened.
    Ended,
    /// Its address cannot be read.
    NotHeard(io::Error),
    /// Its output is not an address.
    NoAddress(String),
    /// Its certificate cannot be made.
    NoCertificate(rcgen::Error),
}

impl Hinted for StartError {
    fn finding(&self) -> String {
        match self {
            StartError::NoProgram(error) => {
                format!("this program's executable cannot be found ({error})")
            }
            StartError::NotStarted(error) => {
                format!("the built-in shop cannot be started ({error})")
            }
            StartError::Ended => "the built-in shop ended before it listened".to_owned(),
            StartError::NotHeard(error) => {
                format!("the address of the built-in shop cannot be read ({error})")
            }
            StartError::NoAddress(said) => {
                format!("the built-in shop is at {said:?}, which is not an address")
            }
            StartError::NoCertificate(error) => {
                format!("a certificate for the built-in shop cannot be made ({error})")
            }
        }
    }

    fn hint(&self) -> String {
        "run profilerclient shop separately to see why".to_owned()
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line())
    }
}

impl From<StartError> for exit::Error {
    fn from(error: StartError) -> exit::Error {
        exit::Error::failed(error)
    }
}

/// The embedded shop as a child process on a free loopback port. It is stopped when this is dropped,
/// and ends with this process in any case.
#[derive(Debug)]
pub struct ShopProcess {
    child: Child,
    /// Where it listens.
    pub url: String,
    /// The certificate of the CA that its clients are to trust; `None` without TLS.
    pub ca: Option<CertificateDer<'static>>,
}

impl ShopProcess {
    /// Starts it and waits until it listens; with `tls` it serves HTTPS, with a certificate made for it.
    pub fn start(args: &[&str], tls: bool) -> Result<ShopProcess, StartError> {
        let binary = std::env::current_exe().map_err(StartError::NoProgram)?;
        ShopProcess::start_program(&binary, args, tls)
    }

    /// The same with the program in that file: tests and benchmarks are separate programs.
    pub fn start_program(
        binary: &Path,
        args: &[&str],
        tls: bool,
    ) -> Result<ShopProcess, StartError> {
        let own =
            (tls.then(OwnCertificate::make).transpose()).map_err(StartError::NoCertificate)?;
        let mut command = Command::new(binary);
        command
            .args(["shop", "--listen", "127.0.0.1:0"])
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            // A Ctrl-C at the terminal is for the client; it stops the shop when the rows are safe.
            .process_group(0);
        process::die_with_parent(&mut command);
        if own.is_some() {
            // The key is never in a file.
            command.args(["--tls-cert", "-"]).stdin(Stdio::piped());
        }
        let mut child = command.spawn().map_err(StartError::NotStarted)?;
        let stdout = child.stdout.take().expect("asked for a pipe");
        if let (Some(own), Some(mut stdin)) = (&own, child.stdin.take()) {
            // A shop that ended before it read this is noticed below.
            let _ = stdin.write_all(own.chain_and_key.as_bytes());
        }
        let mut shop = ShopProcess {
            child,
            url: String::new(),
            ca: own.map(|own| own.ca_der),
        };
        match BufReader::new(stdout).read_line(&mut shop.url) {
            Ok(count) if count > 0 => {}
            Ok(_) => return Err(StartError::Ended),
            Err(error) => return Err(StartError::NotHeard(error)),
        }
        shop.url.truncate(shop.url.trim_end().len());
        Ok(shop)
    }

    /// Has it run on these CPUs only.
    pub fn keep_to(&self, cpus: &[u32]) -> io::Result<()> {
        cpus::allow_process(self.child.id(), cpus)
    }

    /// What its clients need to know of its TLS; `None` without.
    pub fn tls(&self) -> Result<Option<TlsSettings>, StartError> {
        let Some(ca) = self.ca.clone() else {
            return Ok(None);
        };
        let name = ServerName::from(self.address()?.ip());
        Ok(Some(TlsSettings::towards_own_shop(name, ca)))
    }

    /// Its address.
    pub fn address(&self) -> Result<SocketAddr, StartError> {
        let address = self.url.split_once("://").map(|(_, address)| address);
        address
            .unwrap_or(&self.url)
            .parse()
            .map_err(|_| StartError::NoAddress(self.url.clone()))
    }
}

impl Drop for ShopProcess {
    fn drop(&mut self) {
        // It may have ended already; nothing can be done about an error here.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
