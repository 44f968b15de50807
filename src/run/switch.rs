//! Switches to the variant of a part: runs its command, and waits until its target answers.

use std::fmt;
use std::thread;
use std::time::Duration;

use crate::exit::Hinted;
use crate::prepare::{self, PrepareError, fetch};
use crate::row::failure::{Failure, FailureKind};
use crate::settings::{Hook, Products, Variant, Variants};
use crate::shopper::scenario::Scenario;
use crate::signals::Signals;
use crate::sys::clock::Instant;
use crate::text::shortened;

use super::hooks::{HookError, Hooks, Occasion, Server, shown_output};
use super::place::Place;

/// Between two attempts to reach a target.
const RETRY_SPAN: Duration = Duration::from_millis(20);

/// The limit of a single attempt before a load without commands.
const ATTEMPT: Duration = Duration::from_secs(10);

/// Characters of a name in a message.
const MOST_OF_NAME: usize = 100;

/// Why the variant of a part is not there.
#[derive(Debug)]
pub(super) enum SwitchError {
    /// Its command failed.
    Hook(Box<HookError>),
    /// Its target does not answer.
    NotReady(Box<NotReady>),
    /// What the load needs of it cannot be read.
    Unprepared(String, PrepareError),
}

/// A target that does not answer.
#[derive(Debug)]
pub(super) struct NotReady {
    /// The name of the variant.
    variant: String,
    /// Scheme, host and port.
    target: String,
    /// For how long it was waited for; absent for a single attempt.
    waited: Option<Duration>,
    /// What the last attempt met.
    failure: Failure,
    /// The end of the output of its server.
    output: Vec<String>,
}

impl SwitchError {
    /// Lines for the terminal that go before the error.
    pub fn output(&self) -> Vec<String> {
        match self {
            SwitchError::Hook(error) => error.output(),
            SwitchError::NotReady(of) => shown_output("--serve", &of.output),
            SwitchError::Unprepared(..) => Vec::new(),
        }
    }
}

impl Hinted for SwitchError {
    fn finding(&self) -> String {
        match self {
            SwitchError::Hook(error) => error.finding(),
            SwitchError::NotReady(of) => {
                let NotReady {
                    variant,
                    target,
                    waited,
                    failure,
                    ..
                } = of.as_ref();
                let name = shortened(variant, MOST_OF_NAME);
                let within = waited.map_or(String::new(), |waited| {
                    format!(" within {} s", waited.as_secs_f64())
                });
                format!("variant {name:?} at {target} did not answer{within} ({failure})")
            }
            SwitchError::Unprepared(variant, error) => {
                let name = shortened(variant, MOST_OF_NAME);
                format!("variant {name:?}: {}", error.finding())
            }
        }
    }

    fn hint(&self) -> String {
        match self {
            SwitchError::Hook(error) => error.hint(),
            SwitchError::NotReady(of) if of.waited.is_some() => {
                "look at the server's log, check its address, or give more --ready-timeout"
                    .to_owned()
            }
            SwitchError::NotReady(_) => {
                "start its server first, or have it started by --serve or --prepare".to_owned()
            }
            SwitchError::Unprepared(_, error) => error.hint(),
        }
    }
}

impl fmt::Display for SwitchError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line())
    }
}

/// Switches between the variants of a run.
pub(super) struct Switch<'a> {
    pub variants: &'a Variants,
    pub hooks: &'a Hooks,
}

impl Switch<'_> {
    /// Switches to the variant of a part, and waits until it answers; `None` if a signal ended that early.
    /// Without a command there is nothing to do. Returns the server to end after the part.
    pub fn to(
        &self,
        number: usize,
        occasion: &Occasion,
        place: &mut Place,
        signals: &mut Signals,
    ) -> Result<Option<Option<Server>>, SwitchError> {
        let variant = &self.variants.list[number];
        let mut server = match &variant.hook {
            None => return Ok(Some(None)),
            Some(Hook::Prepare(command)) => {
                let limit = self.variants.prepare_timeout;
                let done = self.hooks.prepare(command, occasion, limit, signals);
                if done.map_err(SwitchError::Hook)?.is_none() {
                    return Ok(None);
                }
                None
            }
            Some(Hook::Serve(command)) => {
                let server = self.hooks.serve(command, occasion);
                Some(server.map_err(SwitchError::Hook)?)
            }
        };
        let limit = self.variants.ready_timeout;
        if wait(variant, place, limit, server.as_mut(), signals)?.is_none() {
            return Ok(None);
        }
        // A new server may have other ids and tokens.
        if variant.shop.csrf || variant.shop.products == Products::Auto {
            let (shop, net) = (&variant.shop, &variant.net);
            let scenario = prepare::scenario(shop, net, place.address, signals);
            if signals.received().is_some() {
                return Ok(None);
            }
            let scenario =
                scenario.map_err(|error| SwitchError::Unprepared(variant.name.clone(), error))?;
            place.scenario = scenario.in_place_of(&place.scenario);
        }
        Ok(Some(server))
    }
}

/// Makes sure before the load that a variant without a command can be reached; `None` if a signal arrived.
pub(super) fn reach(
    variant: &Variant,
    place: &mut Place,
    signals: &mut Signals,
) -> Result<Option<()>, SwitchError> {
    match attempt(variant, place, ATTEMPT, signals) {
        Ok(()) => Ok(Some(())),
        Err(_) if signals.received().is_some() => Ok(None),
        Err(failure) => Err(not_ready(variant, None, failure, None)),
    }
}

/// Waits until a target answers; `None` if a signal arrived first.
fn wait(
    variant: &Variant,
    place: &mut Place,
    limit: Duration,
    mut server: Option<&mut Server>,
    signals: &mut Signals,
) -> Result<Option<()>, SwitchError> {
    let began = Instant::now();
    loop {
        let left = limit.saturating_sub(began.elapsed());
        let attempted = attempt(variant, place, left.max(RETRY_SPAN), signals);
        if signals.received().is_some() {
            return Ok(None);
        }
        // Another program at the same address must not be taken for a server that has ended.
        if let Some(server) = &mut server {
            server.check().map_err(SwitchError::Hook)?;
        }
        let failure = match attempted {
            Ok(()) => return Ok(Some(())),
            Err(failure) => failure,
        };
        if began.elapsed() >= limit {
            return Err(not_ready(variant, Some(limit), failure, server));
        }
        if signals.wait(RETRY_SPAN).is_err() {
            thread::sleep(RETRY_SPAN);
        }
    }
}

fn not_ready(
    variant: &Variant,
    waited: Option<Duration>,
    failure: Failure,
    server: Option<&mut Server>,
) -> SwitchError {
    SwitchError::NotReady(Box::new(NotReady {
        variant: variant.name.clone(),
        target: super::lines::target_of(&variant.shop),
        waited,
        failure,
        output: server.map_or(Vec::new(), Server::output),
    }))
}

/// Asks each address for the home page once; the first that answers, with any status, is that of the load.
fn attempt(
    variant: &Variant,
    place: &mut Place,
    patience: Duration,
    signals: &mut Signals,
) -> Result<(), Failure> {
    let shorter =
        |limit: Option<Duration>| Some(limit.map_or(patience, |limit| limit.min(patience)));
    let mut net = variant.net.clone();
    net.timeout = shorter(net.timeout);
    net.connect_timeout = shorter(net.connect_timeout);
    let scenario: Scenario = prepare::bare(&variant.shop, false);
    let mut first_failure = None;
    for address in place.addresses.clone() {
        let page = fetch::get(&scenario, address, &net, &scenario.home_path, signals);
        match page {
            Err(failure) if !is_answer(failure.kind) => {
                first_failure.get_or_insert(failure);
            }
            _ => {
                place.go_to(address);
                return Ok(());
            }
        }
    }
    Err(first_failure.unwrap_or_else(|| FailureKind::Other.into()))
}

/// Whether a failed request had an answer nevertheless.
fn is_answer(kind: FailureKind) -> bool {
    use FailureKind::*;
    matches!(
        kind,
        BadRedirect
            | ForeignRedirect
            | TooManyRedirects
            | BodyTooLarge
            | ClosedInBody
            | BadChunk
            | BadContentLength
            | ConflictingContentLength
            | TransferEncodingAndContentLength
            | BadTransferEncoding
    )
}
