//! The settings of a load, for all commands that send one or check one.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::commands::Command;
use super::error::{Invalid, Wrong};
use super::given::{Given, invalid, number};
use super::table::{self, Commands, Opt};
use super::variants::{self, Named};
use super::words::Words;
use super::{fail_if, load, requests, shard, site, target, tls, ways};
use crate::net::target::Target;
use crate::precise::Asked;
use crate::settings::{
    ClockChoice, ClockSettings, ColorChoice, JudgeSettings, NetSettings, ProgressMode, RowSettings,
    RunSettings, ShardSettings, ShopSettings, ShowSettings, SiteSettings, Verbosity,
};

/// The settings that a whole command line asks for.
pub fn from_words(
    command: &Command,
    words: Words,
    own_target: Option<&str>,
) -> Result<RunSettings, Invalid> {
    from_given(command, words.into_given(command)?, own_target)
}

/// The same from its options.
pub fn from_given(
    command: &Command,
    mut given: Given,
    own_target: Option<&str>,
) -> Result<RunSettings, Invalid> {
    // Whoever starts the shop knows it already.
    given.flag(&table::OWN_TLS);
    let settings = settings(command, &mut given, own_target)?;
    given.finish();
    Ok(settings)
}

/// The settings of a load. The target of `demo` is not an option: it comes from its own shop.
pub fn settings(
    command: &Command,
    given: &mut Given,
    own_target: Option<&str>,
) -> Result<RunSettings, Invalid> {
    let title = given.text(&table::TITLE)?.unwrap_or_default();
    let load = load::settings(given)?;
    let named = variants::named(command, given)?;
    let (targets, app) = targets_and_app(given, &named, own_target)?;
    let mut places = places(command, given, &targets, &app, load.is_closed())?;
    let (shop, net) = places[0].clone();
    // Variants of one target.
    places.resize(named.len().max(1), places[0].clone());
    let of_comparison = (variants::OF_COMPARISON.iter()).find(|opt| given.is_given(opt));
    let variants = variants::settings(command, given, named, places)?;
    let seed = given.value(&table::SEED, seed)?;
    let shard = shard::settings(given, &load, seed.is_some())?;
    if variants.is_some() && (shard.is_sharded || shard.start.is_some()) {
        // Each process would switch the configuration.
        let option = match shard.is_sharded {
            true => &table::SHARD,
            false => &table::START_AT,
        };
        return Err(Invalid::Conflict {
            option: option.long,
            with: table::VARIANT.long.into(),
            hint: "variants are interleaved by one process: leave it out".into(),
        });
    }
    let rows = rows(given, title, &shard)?;
    if let Some(opt) = of_comparison {
        readable_back(opt, &rows)?;
    }
    Ok(RunSettings {
        shard,
        net,
        shop,
        variants,
        seed,
        clocks: clocks(given)?,
        precise: precise(given)?,
        judge: judge(given)?,
        show: show(given, &rows.output)?,
        rows,
        load,
    })
}

/// The targets of the variants, or the only one, and the app.
fn targets_and_app(
    given: &mut Given,
    named: &[Named],
    own_target: Option<&str>,
) -> Result<(Vec<Target>, String), Invalid> {
    let targets: Vec<Target> = named.iter().filter_map(|of| of.target.clone()).collect();
    if targets.is_empty() {
        let (target, app) = target::target_and_app(given, own_target)?;
        return Ok((vec![target], app));
    }
    let app = target::app_below(given, &targets)?;
    Ok((targets, app))
}

/// The shop and the network of each target: the options are read anew for each.
fn places(
    command: &Command,
    given: &mut Given,
    targets: &[Target],
    app: &str,
    is_closed: bool,
) -> Result<Vec<(ShopSettings, NetSettings)>, Invalid> {
    let before = given.clone();
    let mut places = Vec::new();
    for target in targets {
        *given = before.clone();
        let settings = net(command, given, target, targets, is_closed)?;
        let shop = shop(command, given, target.clone(), app.to_owned())?;
        places.push((shop, settings));
    }
    Ok(places)
}

fn net(
    command: &Command,
    given: &mut Given,
    target: &Target,
    all: &[Target],
    is_closed: bool,
) -> Result<NetSettings, Invalid> {
    let preconnect = given.flag(&table::PRECONNECT);
    if preconnect && !is_closed {
        return Err(Invalid::Conflict {
            option: table::PRECONNECT.long,
            with: "--rate or --stages".into(),
            hint: "use --keep-alive, which keeps connections".into(),
        });
    }
    let retry_delay = given.value(&table::RETRY_DELAY, super::values::span)?;
    if retry_delay.is_some() && !is_closed {
        return Err(Invalid::Conflict {
            option: table::RETRY_DELAY.long,
            with: "--rate or --stages".into(),
            hint: "arrivals do not wait for answers: leave it out".into(),
        });
    }
    let default_delay = super::values::parse_span(table::RETRY_DELAY.default);
    let timeout = given.value_or_default(&table::TIMEOUT, super::values::span)?;
    let connect_timeout = given.value(&table::CONNECT_TIMEOUT, super::values::span)?;
    let limit = |timeout: Duration| Some(timeout).filter(|timeout| !timeout.is_zero());
    Ok(NetSettings {
        ways: ways::settings(command, given, target, all)?,
        tls: tls::settings(command, given, target, all)?,
        keep_alive: given.flag(&table::KEEP_ALIVE),
        preconnect,
        timeout: limit(timeout),
        connect_timeout: limit(connect_timeout.unwrap_or(timeout)),
        retry_delay: retry_delay.or(default_delay).unwrap_or_default(),
    })
}

fn shop(
    command: &Command,
    given: &mut Given,
    target: Target,
    app: String,
) -> Result<ShopSettings, Invalid> {
    let site = site::settings(given)?;
    let is_site = site != SiteSettings::default();
    // A check of an arbitrary site finds out what there is.
    let is_check = command.id == Commands::CHECK;
    let buy_query = requests::buy_query(given, is_site || is_check)?;
    let is_open = is_check || is_site && !buy_query.has_place();
    Ok(ShopSettings {
        page_query: requests::page_query(command, given, &app)?,
        buy_query,
        products: requests::products(given, &app, is_open)?,
        headers: given.values(&table::HEADER, requests::header)?,
        user_agent: given.value_or_default(&table::USER_AGENT, requests::user_agent)?,
        csrf: given.flag(&table::CSRF),
        max_body: given.value_or_default(&table::MAX_BODY, requests::max_body)?,
        max_memory: given.value(&table::MAX_MEMORY, requests::max_memory)?,
        site: Box::new(site),
        target,
        app,
    })
}

/// A number as text or as the JSON summary shows it, in quotes.
fn seed(text: &str) -> Result<u64, Wrong> {
    let text = text.trim();
    let bare = (text.strip_prefix('"')).and_then(|text| text.strip_suffix('"'));
    number(
        bare.unwrap_or(text),
        "a whole number from 0 to 18446744073709551615, as a run prints it",
    )
}

/// What is asked of the machine for the time of a load.
pub fn precise(given: &mut Given) -> Result<Asked, Invalid> {
    Ok(Asked {
        is_precise: given.flag(&table::PRECISE),
        cpu: given.value(&table::CPU, |text| {
            let is_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
            match text.parse() {
                Ok(cpu) if is_digits => Ok(cpu),
                _ => Err(Wrong::hint(
                    "give the number of one CPU, such as 1, as lscpu lists them",
                )),
            }
        })?,
    })
}

/// The conditions under which a run fails.
pub fn judge(given: &mut Given) -> Result<JudgeSettings, Invalid> {
    Ok(JudgeSettings {
        thresholds: given.values(&table::FAIL_IF, fail_if::threshold)?,
        strict: given.flag(&table::STRICT),
        strict_pace: given.flag(&table::STRICT_PACE),
    })
}

fn clocks(given: &mut Given) -> Result<ClockSettings, Invalid> {
    let choice = given.one_of(
        &table::CLOCK,
        [ClockChoice::Auto, ClockChoice::Kernel, ClockChoice::User],
    )?;
    let tx_stamps = given.flag(&table::TX_STAMPS);
    if tx_stamps && choice == ClockChoice::User {
        return Err(Invalid::Conflict {
            option: table::TX_STAMPS.long,
            with: "--clock user".into(),
            hint: "the timestamps are the kernel's: leave --clock user out".into(),
        });
    }
    Ok(ClockSettings { choice, tx_stamps })
}

/// The file of the rows; that of a shard may have its number in it.
pub fn output(given: &mut Given, shard: Option<&ShardSettings>) -> Result<PathBuf, Invalid> {
    let output = given.text_or_default(&table::OUTPUT)?;
    let output = match shard.filter(|shard| shard.is_sharded) {
        Some(shard) => numbered(output, shard)?,
        None => output,
    };
    if output.is_empty() {
        let wrong = Wrong::hint("give a file name, or - for standard output");
        return Err(invalid(&table::OUTPUT, output, wrong));
    }
    Ok(PathBuf::from(output))
}

fn rows(given: &mut Given, title: String, shard: &ShardSettings) -> Result<RowSettings, Invalid> {
    Ok(RowSettings {
        output: output(given, Some(shard))?,
        title,
        phases: given.flag(&table::PHASES),
        utc: given.flag(&table::UTC),
        runs_file: !given.flag(&table::NO_RUNS_FILE),
        note: given.text(&table::NOTE)?.unwrap_or_default(),
    })
}

/// Refuses an option of a comparison where the rows cannot be read back for one.
fn readable_back(opt: &'static Opt, rows: &RowSettings) -> Result<(), Invalid> {
    let with = match rows.runs_file {
        _ if rows.output == Path::new("-") => "--output -",
        false => table::NO_RUNS_FILE.long,
        true => return Ok(()),
    };
    Err(Invalid::Conflict {
        option: opt.long,
        with: with.into(),
        hint: "the variants are compared by rows in a file, and by FILE.runs.jsonl beside it: leave it out"
            .into(),
    })
}

/// The file of a shard: `%s` is its number, `%%` a percent sign.
fn numbered(name: String, shard: &ShardSettings) -> Result<String, Invalid> {
    let number = shard.shard.number();
    let mut numbered = String::with_capacity(name.len() + 4);
    let mut rest = name.as_str();
    while let Some((before, after)) = rest.split_once('%') {
        numbered.push_str(before);
        rest = match (after.strip_prefix('s'), after.strip_prefix('%')) {
            (Some(after), _) => {
                numbered.push_str(&number.to_string());
                after
            }
            (_, Some(after)) => {
                numbered.push('%');
                after
            }
            (None, None) => {
                let wrong = Wrong::hint(
                    "with --shard %s is the number of the shard, and %% a percent sign",
                );
                return Err(invalid(&table::OUTPUT, name, wrong));
            }
        };
    }
    numbered.push_str(rest);
    Ok(numbered)
}

/// What is printed. `output`: the file of the rows.
pub fn show(given: &mut Given, output: &Path) -> Result<ShowSettings, Invalid> {
    let json_file = given.value(&table::JSON_FILE, |text| match text {
        "" => Err(Wrong::hint("give a file name")),
        "-" => Err(Wrong::hint("for standard output write --json")),
        name if Path::new(name) == output => {
            Err(Wrong::new("it is the CSV (--output)", "give another file"))
        }
        name => Ok(PathBuf::from(name)),
    })?;
    let html = given.value(&table::HTML, |text| match text {
        "" => Err(Wrong::hint("give a file name")),
        "-" => Err(Wrong::hint("give a file name: the page is made in a file")),
        name if Path::new(name) == output || Some(Path::new(name)) == json_file.as_deref() => {
            Err(Wrong::new(
                "it is the CSV or the file of --json-file",
                "give another file",
            ))
        }
        name => Ok(PathBuf::from(name)),
    })?;
    if html.is_some() && output == Path::new("-") {
        return Err(Invalid::Conflict {
            option: table::HTML.long,
            with: "--output -".into(),
            hint: "the page is made of rows in a file: give one".into(),
        });
    }
    let verbosity = match (given.flag(&table::QUIET), given.flag(&table::VERBOSE)) {
        (true, true) => {
            return Err(Invalid::Conflict {
                option: table::QUIET.long,
                with: table::VERBOSE.long.into(),
                hint: "give one of them".into(),
            });
        }
        (true, false) => Verbosity::Quiet,
        (false, true) => Verbosity::Verbose,
        (false, false) => Verbosity::Normal,
    };
    let color = [ColorChoice::Auto, ColorChoice::Always, ColorChoice::Never];
    let progress = [ProgressMode::Auto, ProgressMode::Log, ProgressMode::Never];
    Ok(ShowSettings {
        json: given.flag(&table::JSON),
        json_file,
        html,
        verbosity,
        color: given.one_of(&table::COLOR, color)?,
        progress: given.one_of(&table::PROGRESS, progress)?,
    })
}

/// Reads the options of a load that are given as words; for tests of what takes settings.
#[cfg(test)]
pub fn parse(args: pico_args::Arguments, own_target: Option<&str>) -> Result<RunSettings, Invalid> {
    let command = match own_target {
        Some(_) => &super::commands::DEMO,
        None => &super::commands::RUN,
    };
    from_words(command, Words::read(command, args.finish()), own_target)
}

#[cfg(test)]
#[path = "run_tests.rs"]
mod tests;
