//! Everything that a run needs, checked and opened before any load is sent.

use std::os::fd::OwnedFd;
use std::path::Path;

use crate::exit::{Error, Hinted};
use crate::net::bind_list::BindList;
use crate::outfile::OutFile;
use crate::precise::Choice;
use crate::prepare::{limits, posting};
use crate::rows::csv_file::{self, ReportFile};
use crate::rows::place::is_stdout_name;
use crate::rows::runs::RunsFile;
use crate::settings::{ClockChoice, NetSettings, RunSettings};
use crate::signals::Signals;
use crate::sys::limits::OpenFiles;
use crate::sys::stamps;
use crate::time::clock::{Clock, Stamp};
use crate::time::zone::unknown_zone;

use super::conclude::refuse_files_of_rows;
use super::located::{Located, unless_interrupted};
use super::place::Place;
use super::{compare, failed, lines, output, say};

/// What is ready before the load.
pub(super) struct Ready {
    /// The shop, or that of each variant in their order.
    pub places: Vec<Place>,
    pub limit: OpenFiles,
    /// The most shoppers in flight.
    pub at_once: usize,
    pub file: ReportFile,
    /// Where the lines beside the rows go; absent if they are disabled or impossible.
    pub runs: Option<RunsFile>,
    /// The file that gets the JSON summary.
    pub json_file: Option<OutFile>,
    /// The file that gets the page.
    pub html: Option<OutFile>,
    /// The CPU for the event loop, if one is asked for.
    pub cpu: Option<Choice>,
    /// Enables the kernel's receive timestamps while it is open.
    _stamping: Option<OwnedFd>,
}

impl Ready {
    /// Prepares everything; `None` if a signal arrived.
    pub fn make(settings: &RunSettings, signals: &mut Signals) -> Result<Option<Ready>, Error> {
        match &settings.variants {
            None => drop(posting::read(&settings.shop)?),
            Some(variants) => {
                for variant in &variants.list {
                    drop(posting::read(&variant.shop)?);
                }
            }
        }
        // Before anything is sent: the measures of a run that was asked for another CPU are not those.
        let cpu = (settings.precise.choose()).map_err(|error| Error::usage(error.line()))?;
        let Some(located) = locate(settings, signals)? else {
            return Ok(None);
        };
        let (limit, at_once) = room_for(settings)?;
        warn_of_unknown_zone(settings);
        let stamping = switch_stamps_on(settings.clocks.choice)?;
        let kernel_stamps = stamping.is_some();
        // Before anything is sent: a load whose summary has no place would be in vain.
        let json_file = out_file(settings.show.json_file.as_deref(), "--json-file")?;
        let html = out_file(settings.show.html.as_deref(), "--html")?;
        let rows = csv_file::Settings {
            title: settings.rows.title.clone(),
            utc: settings.rows.utc,
            phases: settings.rows.phases,
        };
        let file = match output::open(&settings.rows.output, rows, signals) {
            Ok(file) => file,
            Err(error) => return unless_interrupted(failed(error), signals),
        };
        refuse_files_of_rows([&json_file, &html], &[], &settings.rows.output)?;
        let Some(places) = prepare(settings, located, kernel_stamps, signals)? else {
            return Ok(None);
        };
        if signals.received().is_some() {
            return Ok(None);
        }
        let runs = runs_file(settings, &file);
        compare::check_possible(settings, runs.is_some())?;
        Ok(Some(Ready {
            places,
            limit,
            at_once,
            file,
            runs,
            json_file,
            html,
            cpu,
            _stamping: stamping,
        }))
    }

    /// What `-v` shows before the load.
    pub fn notes(&self, settings: &RunSettings, seed: u64, clock: &Clock) -> String {
        let from = settings.net.ways.bind.as_ref();
        let places = self.places.iter().enumerate().map(|(number, place)| {
            let name = settings.variant_name(number);
            let name = name.map_or(String::new(), |name| format!("variant {name:?} "));
            format!(
                "{name}resolved: {:?}, using {}\n",
                place.addresses, place.address
            )
        });
        let places: String = places.collect();
        format!(
            "{places}\
             connections from: {}\n\
             open files: at most {} (hard limit {})\n\
             source ports: {}\n\
             products: {}, seed {seed}\n\
             clock: CLOCK_MONOTONIC from {} ns of CLOCK_REALTIME on\n\
             arrivals: {}",
            from.map_or("chosen by the kernel".to_owned(), BindList::to_string),
            self.limit.soft,
            self.limit.hard,
            ports(settings.net.ways.sources()),
            self.places[0].scenario.buy_paths.len(),
            clock.unix_nanos(Stamp::at(0)),
            match self.places[0].reactor.kernel_stamps {
                true => "the kernel's receive timestamps (SO_TIMESTAMPING)",
                false => "this process's clock",
            }
        )
    }
}

/// Resolves the shop, or that of each variant; `None` if a signal arrived.
fn locate(settings: &RunSettings, signals: &mut Signals) -> Result<Option<Vec<Located>>, Error> {
    let nets: Vec<&NetSettings> = match &settings.variants {
        None => vec![&settings.net],
        Some(variants) => variants.list.iter().map(|variant| &variant.net).collect(),
    };
    (nets.into_iter())
        .map(|net| Located::find(net, signals))
        .collect()
}

/// Prepares them; `None` if a signal arrived.
fn prepare(
    settings: &RunSettings,
    located: Vec<Located>,
    kernel_stamps: bool,
    signals: &mut Signals,
) -> Result<Option<Vec<Place>>, Error> {
    let numbered = located.into_iter().enumerate();
    numbered
        .map(|(number, located)| match &settings.variants {
            None => located.prepare(settings, kernel_stamps, signals),
            Some(variants) => {
                let variant = &variants.list[number];
                located.prepare_variant(settings, variant, kernel_stamps, signals)
            }
        })
        .collect()
}

/// Opens the file of an option, if it was given.
fn out_file(path: Option<&Path>, option: &'static str) -> Result<Option<OutFile>, Error> {
    (path.map(|path| OutFile::open(path, option)))
        .transpose()
        .map_err(Error::usage)
}

/// Checks that there is a port and a descriptor for each shopper; returns the most shoppers in flight.
fn room_for(settings: &RunSettings) -> Result<(OpenFiles, usize), Error> {
    let sources = settings.net.ways.sources();
    if let Some(mut most) = settings.load.most_at_once() {
        // The others are launched elsewhere.
        most.count = settings.shard.shard.share(most.count as u64) as usize;
        limits::check_ports(most, sources)?;
        let limit = limits::descriptors_for(most)?;
        return Ok((limit, most.count));
    }
    let (limit, most) = limits::usual_most(sources)?;
    Ok((limit, most.count))
}

fn warn_of_unknown_zone(settings: &RunSettings) {
    if let Some(name) = unknown_zone().filter(|_| !settings.rows.utc) {
        say(&format!(
            "TZ {name:?} is not a known time zone: local times are in UTC (is tzdata \
             installed?)"
        ));
    }
}

/// Enables the kernel's receive timestamps while the returned socket is open, unless they are disabled
/// or unavailable.
fn switch_stamps_on(choice: ClockChoice) -> Result<Option<OwnedFd>, Error> {
    if choice == ClockChoice::User {
        return Ok(None);
    }
    match (choice, stamps::switch_on()) {
        (_, Ok(socket)) => Ok(Some(socket)),
        (ClockChoice::Auto | ClockChoice::User, Err(_)) => Ok(None),
        (ClockChoice::Kernel, Err(error)) => Err(failed(format_args!(
            "--clock kernel: receive timestamps are not available here ({error}): use --clock auto"
        ))),
    }
}

/// The runs file beside the rows. Rows in a stream have none; one that cannot be opened is reported.
fn runs_file(settings: &RunSettings, file: &ReportFile) -> Option<RunsFile> {
    let path: &Path = &settings.rows.output;
    if !settings.rows.runs_file || file.position().is_none() || is_stdout_name(path) {
        return None;
    }
    RunsFile::open(path)
        .map_err(|error| lines::warn(&error))
        .ok()
}

fn ports(sources: usize) -> String {
    match (limits::source_ports(), sources) {
        (None, _) => "unknown".to_owned(),
        (Some(ports), 1) => format!("{ports} (net.ipv4.ip_local_port_range)"),
        (Some(ports), _) => format!("{ports} for each of {sources} (net.ipv4.ip_local_port_range)"),
    }
}
