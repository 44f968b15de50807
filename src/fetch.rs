//! A single page, fetched before a run and outside its timing.

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use crate::failure::{Failure, FailureKind};
use crate::http::response::{BodyUse, ResponseParser};
use crate::scenario::{MAX_REDIRECTS, Scenario};
use crate::signals::Signals;

/// The longest page read, bytes.
const PAGE_LIMIT: usize = 4 << 20;

/// How long one page with its redirects may take where the run itself has no limit.
const PATIENCE: Duration = Duration::from_secs(30);

/// How often a wait looks whether a signal came.
const GLANCE: Duration = Duration::from_millis(100);

/// A page as it came, after redirects.
#[derive(Debug)]
pub struct Page {
    /// The status.
    pub status: u16,
    /// The path it came from in the end.
    pub path: String,
    /// The values of its Set-Cookie fields, and of those of the redirects before it.
    pub cookies: Vec<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// Fetches the page at `path` with the run's own header fields, following redirects.
pub fn get(
    scenario: &Scenario,
    address: SocketAddr,
    path: &str,
    timeout: Option<Duration>,
    signals: &Signals,
) -> Result<Page, Failure> {
    let deadline = Instant::now() + timeout.unwrap_or(PATIENCE).min(PATIENCE);
    let mut path = path.to_owned();
    let mut cookies = Vec::new();
    for _ in 0..=MAX_REDIRECTS {
        let parser = exchange(scenario, address, &path, deadline, signals)?;
        let head = parser.head().expect("a complete response has a head");
        let lines = String::from_utf8_lossy(&head.cookies);
        cookies.extend(lines.lines().map(str::to_owned));
        if !matches!(head.status, 301 | 302 | 303 | 307 | 308) {
            return Ok(Page {
                status: head.status,
                path,
                cookies,
                body: parser.body().to_vec(),
            });
        }
        path = scenario.redirect(&path, head.location.as_deref())?;
    }
    Err(FailureKind::TooManyRedirects.into())
}

fn exchange(
    scenario: &Scenario,
    address: SocketAddr,
    path: &str,
    deadline: Instant,
    signals: &Signals,
) -> Result<ResponseParser, Failure> {
    let mut request = Vec::new();
    scenario.requests.get(path, &mut request);
    let mut stream =
        TcpStream::connect_timeout(&address, left_until(deadline)?).map_err(connect)?;
    stream.set_write_timeout(Some(left_until(deadline)?))?;
    stream.write_all(&request)?;
    stream.set_read_timeout(Some(GLANCE))?;

    let mut parser = ResponseParser::new(BodyUse::Keep { limit: PAGE_LIMIT });
    let mut buffer = [0; 16 * 1024];
    while !parser.is_complete() {
        left_until(deadline)?;
        if signals.received().is_some() {
            return Err(FailureKind::Interrupted.into());
        }
        match stream.read(&mut buffer) {
            Ok(0) => parser.end()?,
            Ok(count) => {
                parser.feed(&buffer[..count])?;
            }
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::WouldBlock
                        | io::ErrorKind::TimedOut
                        | io::ErrorKind::Interrupted
                ) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(parser)
}

fn left_until(deadline: Instant) -> Result<Duration, Failure> {
    let left = deadline.saturating_duration_since(Instant::now());
    match left.is_zero() {
        true => Err(FailureKind::Timeout.into()),
        false => Ok(left),
    }
}

fn connect(error: io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::TimedOut => FailureKind::ConnectTimeout.into(),
        _ => error.into(),
    }
}

/// The product ids that a home page links to as `{prefix}/{app}/{id}/details/`, each once, in the
/// order of the page. `home` is the path before the id, with its slashes.
pub fn product_ids(page: &[u8], home: &str) -> Vec<String> {
    let text = String::from_utf8_lossy(page);
    let mut ids: Vec<String> = Vec::new();
    for (start, _) in text.match_indices(home) {
        let rest = &text[start + home.len()..];
        let Some((id, _)) = rest.split_once("/details") else {
            continue;
        };
        let fits = !id.is_empty()
            && id.len() <= 200
            && id
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-._~%".contains(&byte));
        if fits && !ids.iter().any(|known| known == id) {
            ids.push(id.to_owned());
        }
    }
    ids
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_read_from_links_once_each() {
        let page = br#"<a href="/rdbms/2/details/">x</a> <a href='/rdbms/3/details/'>y</a>
            <a href="/rdbms/2/details/">x again</a> <a href="/rdbms/about/">no</a>
            <a href="/other/9/details/">no</a> <a href="http://h/rdbms/a-b/details/?x">z</a>
            /rdbms//details/ /rdbms/a b/details/ /rdbms/<b>/details/"#;
        assert_eq!(product_ids(page, "/rdbms/"), ["2", "3", "a-b"]);
        assert!(product_ids(b"\xff\xfe no links", "/rdbms/").is_empty());
    }
}
