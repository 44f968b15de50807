//! What is measured at: the built-in shop, or Django behind gunicorn.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};

use profilerclient::shop::process::ShopProcess;

pub const BINARY: &str = env!("CARGO_BIN_EXE_profilerclient");

/// A server that ends with this.
pub struct Server {
    pub url: String,
    _shop: Option<ShopProcess>,
    django: Option<Child>,
}

impl Server {
    /// Starts the one or the other with those options.
    pub fn start(options: &[&str], is_django: bool) -> Result<Server, String> {
        match is_django {
            true => Server::django(options),
            false => {
                let shop = ShopProcess::start_program(BINARY.as_ref(), options, false)
                    .map_err(|error| error.to_string())?;
                Ok(Server {
                    url: shop.url.clone(),
                    _shop: Some(shop),
                    django: None,
                })
            }
        }
    }

    fn django(options: &[&str]) -> Result<Server, String> {
        let serve = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/djangoshop/serve");
        let mut child = Command::new("python3")
            .arg(serve)
            // It ends with its standard input.
            .arg("--until-eof")
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("python3: {error}"))?;
        let output = BufReader::new(child.stdout.take().expect("asked for a pipe"));
        let url = (output.lines().map_while(Result::ok)).find(|line| line.starts_with("http://"));
        let mut server = Server {
            url: String::new(),
            _shop: None,
            django: Some(child),
        };
        server.url = url.ok_or("the Django shop cannot be started here")?;
        Ok(server)
    }

    /// Its port.
    pub fn port(&self) -> Result<u16, String> {
        let port = self.url.trim_end_matches('/').rsplit(':').next();
        port.and_then(|port| port.parse().ok())
            .ok_or_else(|| format!("no port in {}", self.url))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(child) = &mut self.django {
            drop(child.stdin.take());
            let _ = child.wait();
        }
    }
}
