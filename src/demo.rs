//! `demo`: the main job against the embedded shop, which is started and stopped for it.

use std::ffi::OsString;

use crate::cli;
use crate::exit::{Ending, Error};
use crate::precise::Asked;
use crate::run;
use crate::shop::process::ShopProcess;
use crate::signals::Signals;
use crate::sys::cpus;

/// Starts a shop and runs the load of the command line's arguments at it; with `tls` over HTTPS.
pub fn run(argv: Vec<OsString>, tls: bool, signals: &mut Signals) -> Result<Ending, Error> {
    let shop = ShopProcess::start(&[], tls)?;
    let mut settings = cli::demo_settings(argv, &shop.url)?;
    settings.net.tls = shop.tls()?;
    let own = part(&shop, settings.precise);
    // A choice made again might differ.
    settings.precise.cpu = own.or(settings.precise.cpu);
    run::run(&settings, signals)
}

/// Keeps the shop off the CPU that is asked for, or else the one that this thread runs on, and returns that CPU,
/// to which the event loop is to keep; `None` without a second CPU, and where the system does not tell.
///
/// For a moment at the start of a burst the scheduler may have both on one CPU, where redirects that have come wait
/// for the shop's turn to end. In three of eight bursts of 1,000 they waited for 0.4 to 1.5 ms (p99); with a CPU for
/// each, below 0.1 ms in 39 of 41.
fn part(shop: &ShopProcess, asked: Asked) -> Option<u32> {
    let allowed = cpus::allowed().ok()?;
    let own = match asked.choose() {
        Ok(Some(choice)) => choice.cpu,
        Ok(None) => cpus::current().filter(|cpu| allowed.contains(cpu))?,
        // The run refuses it.
        Err(_) => return None,
    };
    let others: Vec<u32> = allowed.into_iter().filter(|cpu| *cpu != own).collect();
    if others.is_empty() {
        return None;
    }
    shop.keep_to(&others).is_ok().then_some(own)
}
