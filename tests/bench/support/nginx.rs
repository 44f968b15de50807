//! nginx as one process, with a configuration of its own and many ports; with a certificate over TLS.

use std::fmt::Write;
use std::fs;
use std::net::{IpAddr, SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use profilerclient::shop::certificate::OwnCertificate;
use profilerclient::sys::process;

/// A certificate for an nginx on loopback, as files.
pub struct Certificate {
    chain_and_key: PathBuf,
}

/// The file with the CA's certificate, which clients are to trust, in the directory of the certificate.
pub const CA: &str = "ca.pem";

impl Certificate {
    /// Makes one in that directory.
    pub fn make(directory: &Path) -> Result<Certificate, String> {
        let made = OwnCertificate::make().map_err(|error| error.to_string())?;
        let certificate = Certificate {
            chain_and_key: directory.join("nginx.pem"),
        };
        let write = |path: &Path, text: &str| fs::write(path, text).map_err(|e| e.to_string());
        write(&directory.join(CA), &made.ca)?;
        write(&certificate.chain_and_key, &made.chain_and_key)?;
        Ok(certificate)
    }

    /// TLS 1.3, and a full handshake for each connection: nothing is resumed.
    fn directives(&self) -> String {
        let file = self.chain_and_key.display();
        format!(
            "    ssl_certificate {file};\n    ssl_certificate_key {file};\n\
             ssl_protocols TLSv1.3;\n    ssl_session_tickets off;\n    ssl_session_cache off;\n"
        )
    }
}

/// An nginx that ends with this.
pub struct Nginx {
    pub child: Child,
    address: IpAddr,
    ports: Vec<u16>,
}

impl Nginx {
    /// Starts it; `None` where it is not installed. It takes over the limit of open files.
    ///
    /// All its ports, at that address, serve the same, `serving`: directives of a server block; over TLS
    /// with a certificate. `prepare` may add to the command.
    pub fn start(
        directory: &Path,
        address: IpAddr,
        ports: usize,
        serving: &str,
        certificate: Option<&Certificate>,
        prepare: impl FnOnce(&mut Command),
    ) -> Result<Option<Nginx>, String> {
        let ports =
            free_ports(address, ports).map_err(|error| format!("no free ports: {error}"))?;
        // Two may run beside each other.
        let directory = match certificate {
            None => directory.to_owned(),
            Some(_) => directory.join("tls"),
        };
        let configuration = directory.join("nginx.conf");
        let text = text(&directory, address, &ports, serving, certificate);
        fs::create_dir_all(&directory)
            .and_then(|()| fs::write(&configuration, text))
            .map_err(|error| error.to_string())?;
        let mut command = Command::new("nginx");
        command
            .arg("-p")
            .arg(&directory)
            .arg("-c")
            .arg(&configuration)
            .arg("-e")
            .arg(directory.join("error.log"))
            .stdin(Stdio::null())
            .stderr(Stdio::null());
        process::die_with_parent(&mut command);
        prepare(&mut command);
        let Ok(child) = command.spawn() else {
            return Ok(None);
        };
        let nginx = Nginx {
            child,
            address,
            ports,
        };
        nginx.wait()?;
        Ok(Some(nginx))
    }

    /// An unused port: none of its connections are left over from before.
    pub fn unused_port(&mut self) -> Result<u16, String> {
        self.ports
            .pop()
            .ok_or("more measurements than ports".to_owned())
    }

    fn wait(&self) -> Result<(), String> {
        for _ in 0..200 {
            let any = SocketAddr::new(self.address, self.ports[0]);
            if TcpStream::connect(any).is_ok() {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(20));
        }
        Err("nginx does not listen".to_owned())
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // If it has ended already, all is well.
        let _ = process::kill(self.child.id(), libc::SIGTERM);
        let _ = self.child.wait();
    }
}

fn free_ports(address: IpAddr, count: usize) -> std::io::Result<Vec<u16>> {
    // Held together so that each is another.
    let held: Vec<TcpListener> = (0..count)
        .map(|_| TcpListener::bind((address, 0)))
        .collect::<Result<_, _>>()?;
    held.iter()
        .map(|listener| Ok(listener.local_addr()?.port()))
        .collect()
}

/// The process that is started is itself the worker: none is left behind, whatever becomes of the
/// benchmark, and its CPU time is the server's.
fn text(
    directory: &Path,
    address: IpAddr,
    ports: &[u16],
    serving: &str,
    certificate: Option<&Certificate>,
) -> String {
    let (ssl, tls) = match certificate {
        None => ("", String::new()),
        Some(certificate) => (" ssl", certificate.directives()),
    };
    let directory = directory.display();
    let mut listen = String::new();
    for port in ports {
        writeln!(listen, "    listen {address}:{port}{ssl} backlog=16384;")
            .expect("memory takes all");
    }
    format!(
        "daemon off;\nmaster_process off;\npid {directory}/pid;\nworker_processes 1;\n\
         events {{ worker_connections 16384; multi_accept on; }}\n\
         http {{\n  access_log off;\n  reset_timedout_connection on;\n\
         keepalive_requests 1000000000;\n  keepalive_timeout 3600s;\n  keepalive_time 24h;\n\
         client_body_temp_path {directory}/body;\n  proxy_temp_path {directory}/proxy;\n\
         fastcgi_temp_path {directory}/fastcgi;\n  uwsgi_temp_path {directory}/uwsgi;\n\
         scgi_temp_path {directory}/scgi;\n  default_type text/html;\n\
         server {{\n{listen}{tls}{serving}  }}\n}}\n"
    )
}
