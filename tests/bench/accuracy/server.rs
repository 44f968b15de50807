//! What is measured against: nginx with one worker, or else the embedded shop.

use std::fmt::Write;
use std::fs;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use profilerclient::demo::ShopProcess;
use profilerclient::sys::process;

/// A server that ends with this.
pub enum Server {
    Nginx(Child, Vec<u16>),
    Shop,
}

/// The port of one measurement; the shop behind it ends with this.
pub struct Door {
    pub port: u16,
    _shop: Option<ShopProcess>,
}

/// Of this the long page is made, as often as [`REPEATED`] says: more than a segment of loopback.
const LINE: usize = 4000;
const REPEATED: usize = 50;

impl Server {
    /// nginx with so many ports, where it is installed.
    pub fn start(directory: &Path, ports: usize) -> Result<Server, String> {
        let ports = free_ports(ports).map_err(|error| format!("no free ports: {error}"))?;
        let configuration = directory.join("nginx.conf");
        fs::write(&configuration, text(directory, &ports)).map_err(|error| error.to_string())?;
        let mut command = Command::new("nginx");
        command
            .arg("-p")
            .arg(directory)
            .arg("-c")
            .arg(&configuration)
            .arg("-e")
            .arg(directory.join("error.log"))
            .stdin(Stdio::null())
            .stderr(Stdio::null());
        process::die_with_parent(&mut command);
        let Ok(child) = command.spawn() else {
            eprintln!("SKIPPED: nginx is not installed; the embedded shop stands in");
            return Ok(Server::Shop);
        };
        let server = Server::Nginx(child, ports);
        server.wait()?;
        Ok(server)
    }

    /// Whether it has the long page.
    pub fn has_long_page(&self) -> bool {
        matches!(self, Server::Nginx(..))
    }

    /// A port that nobody has used: none of its connections are left over from before.
    pub fn door(&mut self) -> Result<Door, String> {
        match self {
            Server::Nginx(_, ports) => Ok(Door {
                port: ports.pop().ok_or("more measurements than ports")?,
                _shop: None,
            }),
            Server::Shop => {
                let binary = env!("CARGO_BIN_EXE_profilerclient");
                let shop = ShopProcess::start_program(binary.as_ref(), &[])?;
                let port = shop
                    .url
                    .rsplit(':')
                    .next()
                    .and_then(|port| port.parse().ok());
                Ok(Door {
                    port: port.ok_or("the shop says no port")?,
                    _shop: Some(shop),
                })
            }
        }
    }

    fn wait(&self) -> Result<(), String> {
        let Server::Nginx(_, ports) = self else {
            return Ok(());
        };
        for _ in 0..200 {
            let any = SocketAddr::from(([127, 0, 0, 1], ports[0]));
            if TcpStream::connect(any).is_ok() {
                return Ok(());
            }
            thread::sleep(Duration::from_millis(20));
        }
        Err("nginx does not listen".to_owned())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Server::Nginx(child, _) = self {
            // Its worker ends with it only when it is asked to end; if it has, all is well.
            let _ = process::kill(child.id(), libc::SIGTERM);
            let _ = child.wait();
        }
    }
}

fn free_ports(count: usize) -> std::io::Result<Vec<u16>> {
    // Held together so that each is another.
    let held: Vec<TcpListener> = (0..count)
        .map(|_| TcpListener::bind("127.0.0.1:0"))
        .collect::<Result<_, _>>()?;
    held.iter()
        .map(|listener| Ok(listener.local_addr()?.port()))
        .collect()
}

fn text(directory: &Path, ports: &[u16]) -> String {
    let directory = directory.display();
    let mut listen = String::new();
    for port in ports {
        writeln!(listen, "    listen 127.0.0.1:{port} backlog=16384;").expect("memory takes all");
    }
    let line = "x".repeat(LINE);
    let page = "<p>a page of the shop</p>".repeat(100);
    let long = "$line".repeat(REPEATED);
    format!(
        "daemon off;\npid {directory}/pid;\nworker_processes 1;\nworker_rlimit_nofile 20000;\n\
         events {{ worker_connections 16384; multi_accept on; }}\n\
         http {{\n  access_log off;\n  keepalive_requests 1000000000;\n\
         client_body_temp_path {directory}/body;\n  proxy_temp_path {directory}/proxy;\n\
         fastcgi_temp_path {directory}/fastcgi;\n  uwsgi_temp_path {directory}/uwsgi;\n\
         scgi_temp_path {directory}/scgi;\n  default_type text/html;\n\
         server {{\n{listen}    set $line \"{line}\";\n\
         location / {{ return 200 \"{page}\"; }}\n\
         location = /rdbms/long {{ return 200 \"{long}\"; }}\n\
         location ~ /purchase/ {{ return 200 '{{\"result\": true}}'; }}\n  }}\n}}\n"
    )
}
