//! The command line of the main job: the flags people have in their scripts, and the newer ones.

use std::path::PathBuf;
use std::time::Duration;

use pico_args::Arguments;

use super::fail_if;
use super::load;
use super::options::{Name, UsageError, duration, finish, flag, parsed, text, texts};
use super::ways;
use crate::http::request::Field;
use crate::net::target::{Target, path_part};
use crate::settings::{
    ClockChoice, ClockSettings, ColorChoice, JudgeSettings, NetSettings, Products, ProgressMode,
    RowSettings, RunSettings, ShopSettings, ShowSettings, Verbosity,
};

const TARGET: Name = Name("-t", "--target", "--target");
const APP: Name = Name("-d", "--app-dirname", "--app_dirname");
const TITLE: Name = Name("-a", "--benchmark-title", "--benchmark_title");
const PAGE_QUERY: Name = Name("-p", "--page-query", "--page_query");
const BUY_QUERY: Name = Name("-b", "--buy-query", "--buy_query");
const OUTPUT: Name = Name("-o", "--output", "--output");
const PRODUCTS: Name = Name("", "--products", "--products");
const SEED: Name = Name("", "--seed", "--seed");
const HEADER: Name = Name("-H", "--header", "--header");
const USER_AGENT: Name = Name("", "--user-agent", "--user_agent");
const KEEP_ALIVE: Name = Name("", "--keep-alive", "--keep_alive");
const CSRF: Name = Name("", "--csrf", "--csrf");
const PRECONNECT: Name = Name("", "--preconnect", "--preconnect");
const TIMEOUT: Name = Name("", "--timeout", "--timeout");
const CONNECT_TIMEOUT: Name = Name("", "--connect-timeout", "--connect_timeout");
const MAX_BODY: Name = Name("", "--max-body", "--max_body");
const CLOCK: Name = Name("", "--clock", "--clock");
const TX_STAMPS: Name = Name("", "--tx-stamps", "--tx_stamps");
const PHASES: Name = Name("", "--phases", "--phases");
const FAIL_IF: Name = Name("", "--fail-if", "--fail_if");
const STRICT: Name = Name("", "--strict", "--strict");
const UTC: Name = Name("", "--utc", "--utc");
const JSON: Name = Name("", "--json", "--json");
const QUIET: Name = Name("-q", "--quiet", "--quiet");
const VERBOSE: Name = Name("-v", "--verbose", "--verbose");

/// The options whose values may look like options.
pub const FREE_TEXT: [Name; 6] = [TITLE, HEADER, USER_AGENT, PAGE_QUERY, BUY_QUERY, FAIL_IF];

/// The ids of the app `rdbms`.
const RDBMS_PRODUCTS: &str = "2,3,4,5";
/// The ids of the app `cassandra`.
const CASSANDRA_PRODUCTS: &str = "c382310f-bbf9-445b-bec8-cfb9d723cda7,\
    734951a1-b6b4-4412-af22-791366fe8698,f259a3b5-e8bd-4494-b6ac-d1bd269c88a2,\
    466a83c1-f2c2-4e35-8d10-8533f496a8e2,04a96d73-3aa3-4ee7-b52e-b44351805b95";

const DEFAULT_BUY_QUERY: &str = "/{!s}/purchase/1/";
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(300);
const DEFAULT_MAX_BODY: usize = 1 << 20;

/// Reads the flags of a run; `--target` may come from elsewhere (`demo` brings its own shop).
pub fn parse(args: Arguments, own_target: Option<&str>) -> Result<RunSettings, UsageError> {
    parse_with(args, own_target, |_| ()).map(|(settings, ())| settings)
}

/// The same for a command with more flags than a run: `more` reads them.
pub fn parse_with<T>(
    mut args: Arguments,
    own_target: Option<&str>,
    more: impl FnOnce(&mut Arguments) -> T,
) -> Result<(RunSettings, T), UsageError> {
    let args = &mut args;
    // Free text first, flags last: see options::text.
    let title = text(args, TITLE)?.unwrap_or_default();
    let headers = texts(args, HEADER)?;
    let user_agent = text(args, USER_AGENT)?;
    let page_query = text(args, PAGE_QUERY)?.unwrap_or_default();
    let buy_query = text(args, BUY_QUERY)?.unwrap_or_else(|| DEFAULT_BUY_QUERY.to_owned());
    let conditions = texts(args, FAIL_IF)?;
    let output = text(args, OUTPUT)?.unwrap_or_else(|| "report.csv".to_owned());
    let target = text(args, TARGET)?;
    let app = text(args, APP)?;
    let products = text(args, PRODUCTS)?;
    let load = load::parse(args)?;
    let seed = parsed(args, SEED, "a whole number from 0 to 18446744073709551615")?;
    let timeout = duration(args, TIMEOUT)?.unwrap_or(DEFAULT_TIMEOUT);
    let connect_timeout = duration(args, CONNECT_TIMEOUT)?.unwrap_or(timeout);
    let max_body = text(args, MAX_BODY)?;
    let ways = ways::Given::take(args)?;
    let clock = clock_choice(text(args, CLOCK)?)?;
    let tx_stamps = flag(args, TX_STAMPS);
    let phases = flag(args, PHASES);
    let strict = flag(args, STRICT);
    let keep_alive = flag(args, KEEP_ALIVE);
    let csrf = flag(args, CSRF);
    let preconnect = flag(args, PRECONNECT);
    let utc = flag(args, UTC);
    let json = flag(args, JSON);
    let quiet = flag(args, QUIET);
    let verbose = flag(args, VERBOSE);
    let more = more(args);
    finish(std::mem::replace(args, Arguments::from_vec(Vec::new())))?;

    let target = match (target.as_deref(), own_target) {
        (Some(_), Some(_)) => {
            return Err(usage(
                "--target does not go with demo, which starts its own shop",
            ));
        }
        (Some(target), None) | (None, Some(target)) => Target::parse(target)?,
        (None, None) => {
            return Err(usage(
                "--target is missing: give the shop's address, such as -t http://127.0.0.1:8000",
            ));
        }
    };
    let app = match (app, own_target) {
        (Some(app), _) => app_segment(app)?,
        (None, Some(_)) => "rdbms".to_owned(),
        (None, None) => {
            return Err(usage(
                "--app-dirname is missing: give the app's path segment, such as -d rdbms",
            ));
        }
    };
    if output.is_empty() {
        return Err(usage(
            "--output \"\": give a file name, or - for standard output",
        ));
    }
    if tx_stamps && clock == ClockChoice::User {
        return Err(usage(
            "--tx-stamps are the kernel's: leave --clock user out",
        ));
    }
    if preconnect && !load.is_closed() {
        return Err(usage(
            "--preconnect does not go with --rate or --stages: use --keep-alive, which keeps connections",
        ));
    }
    let verbosity = match (quiet, verbose) {
        (true, true) => return Err(usage("--quiet and --verbose exclude each other: give one")),
        (true, false) => Verbosity::Quiet,
        (false, true) => Verbosity::Verbose,
        (false, false) => Verbosity::Normal,
    };
    let settings = RunSettings {
        net: NetSettings {
            ways: ways.towards(&target, own_target.is_some())?,
            keep_alive,
            preconnect,
            timeout: Some(timeout).filter(|timeout| !timeout.is_zero()),
            connect_timeout: Some(connect_timeout).filter(|timeout| !timeout.is_zero()),
        },
        shop: ShopSettings {
            target,
            products: products_of(products, &app)?,
            app,
            page_query: path_part(PAGE_QUERY.1, &page_query)?,
            buy_query: path_part(BUY_QUERY.1, &buy_query)?,
            headers: headers
                .iter()
                .map(|field| header(field))
                .collect::<Result<_, _>>()?,
            user_agent: agent(user_agent)?,
            csrf,
            max_body: max_body.map_or(Ok(DEFAULT_MAX_BODY), |size| body_size(&size))?,
        },
        load,
        seed,
        clocks: ClockSettings {
            choice: clock,
            tx_stamps,
        },
        rows: RowSettings {
            output: PathBuf::from(output),
            title,
            note: String::new(),
            phases,
            utc,
            runs_file: true,
        },
        judge: JudgeSettings {
            thresholds: (conditions.iter())
                .map(|condition| fail_if::parse(condition))
                .collect::<Result<_, _>>()?,
            strict,
        },
        show: ShowSettings {
            json,
            json_file: None,
            verbosity,
            color: ColorChoice::default(),
            progress: ProgressMode::default(),
        },
    };
    Ok((settings, more))
}

fn clock_choice(text: Option<String>) -> Result<ClockChoice, UsageError> {
    match text.as_deref() {
        None | Some("auto") => Ok(ClockChoice::Auto),
        Some("kernel") => Ok(ClockChoice::Kernel),
        Some("user") => Ok(ClockChoice::User),
        Some(other) => Err(UsageError(format!(
            "--clock {other:?}: give kernel, user or auto"
        ))),
    }
}

fn usage(message: &str) -> UsageError {
    UsageError(message.to_owned())
}

fn app_segment(app: String) -> Result<String, UsageError> {
    if app.is_empty() || app.contains(['/', '?']) {
        return Err(UsageError(format!(
            "--app-dirname {app:?}: give one path segment without slashes, such as rdbms"
        )));
    }
    path_part(APP.1, &app)
}

fn products_of(products: Option<String>, app: &str) -> Result<Products, UsageError> {
    let list = match (products.as_deref(), app) {
        (Some("auto"), _) => return Ok(Products::Auto),
        (Some(list), _) => list,
        (None, "rdbms") => RDBMS_PRODUCTS,
        (None, "cassandra") => CASSANDRA_PRODUCTS,
        (None, _) => {
            return Err(UsageError(format!(
                "--app-dirname {app:?}: its product ids are not known: give --products ID,ID,… or \
                 --products auto"
            )));
        }
    };
    let ids = list
        .split(',')
        .map(str::trim)
        .map(|id| match id {
            "" => Err(UsageError(format!(
                "--products {list:?}: an id is empty: separate ids by single commas"
            ))),
            id => path_part(PRODUCTS.1, id),
        })
        .collect::<Result<_, _>>()?;
    Ok(Products::Listed(ids))
}

/// Fields that the program decides by itself.
const RESERVED: [(&str, &str); 4] = [
    (
        "Content-Length",
        "the program counts the form itself: leave it out",
    ),
    (
        "Transfer-Encoding",
        "forms are sent with a Content-Length: leave it out",
    ),
    (
        "Connection",
        "use --keep-alive, or leave it out for a connection per request",
    ),
    ("Expect", "purchases are sent at once: leave it out"),
];

fn header(text: &str) -> Result<Field, UsageError> {
    let bad = |mend: &str| UsageError(format!("--header {text:?}: {mend}"));
    let field = Field::parse(text).map_err(bad)?;
    let reserved = RESERVED
        .iter()
        .find(|(name, _)| field.name.eq_ignore_ascii_case(name));
    match reserved {
        Some((_, mend)) => Err(bad(mend)),
        None => Ok(field),
    }
}

fn agent(user_agent: Option<String>) -> Result<String, UsageError> {
    let Some(agent) = user_agent else {
        return Ok(concat!("profilerclient/", env!("CARGO_PKG_VERSION")).to_owned());
    };
    match Field::parse(&format!("User-Agent: {agent}")) {
        Ok(field) => Ok(field.value),
        Err(mend) => Err(UsageError(format!("--user-agent {agent:?}: {mend}"))),
    }
}

fn body_size(text: &str) -> Result<usize, UsageError> {
    let (digits, unit) = match text.trim().strip_suffix(['k', 'K']) {
        Some(digits) => (digits, 1 << 10),
        None => match text.trim().strip_suffix(['m', 'M']) {
            Some(digits) => (digits, 1 << 20),
            None => (text.trim(), 1usize),
        },
    };
    digits
        .parse::<usize>()
        .ok()
        .filter(|&size| size > 0)
        .and_then(|size| size.checked_mul(unit))
        .filter(|&size| size <= 1 << 30)
        .ok_or_else(|| {
            UsageError(format!(
                "--max-body {text:?}: give bytes, such as 65536, 512K or 4M, up to 1024M"
            ))
        })
}

#[cfg(test)]
#[path = "run_tests.rs"]
mod tests;
