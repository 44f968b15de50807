//! The variants of a run: `--variant` and the commands that switch between them.

use super::commands::Command;
use super::error::{Invalid, Wrong};
use super::given::{Given, invalid};
use super::quoting::{self, Unquotable};
use super::table::{self, Opt};
use super::{compare, values};
use crate::net::target::Target;
use crate::settings::{Hook, NetSettings, ShopSettings, Variant, Variants};

/// The most variants: each has as many parts as there are levels and rounds.
const MOST: usize = 100;

/// Variants that are listed in an error at most.
const MOST_LISTED: usize = 8;

/// The longest name, characters.
const LONGEST: usize = 200;

/// The options that mean nothing without variants.
static OF_VARIANTS: [&Opt; 5] = [
    &table::PREPARE,
    &table::SERVE,
    &table::CLEANUP,
    &table::PREPARE_TIMEOUT,
    &table::READY_TIMEOUT,
];

/// The options of the comparison that ends a run with variants.
pub static OF_COMPARISON: [&Opt; 8] = [
    &table::METRIC,
    &table::MARGIN,
    &table::CONFIDENCE,
    &table::BASELINE,
    &table::FAIL_IF_SLOWER,
    &table::FAIL_IF_DIFFERENT,
    &table::ALLOW_UNKNOWN,
    &table::FLOOR,
];

/// A variant as it is given.
#[derive(Clone, Debug, PartialEq)]
pub struct Named {
    /// Its name.
    pub name: String,
    /// Its own target; `None` for that of `-t`.
    pub target: Option<Target>,
}

/// The variants given, none or at least two; all of them have a target, or none.
pub fn named(command: &Command, given: &mut Given) -> Result<Vec<Named>, Invalid> {
    if !command.takes(&table::VARIANT) {
        return Ok(Vec::new());
    }
    let texts = given.texts(&table::VARIANT)?;
    if texts.is_empty() {
        let lacking = |option: &Opt, hint: &'static str| {
            Err(Invalid::Requires {
                option: option.long,
                requires: "--variant".into(),
                hint: hint.into(),
            })
        };
        if let Some(opt) = OF_VARIANTS.iter().find(|opt| given.is_given(opt)) {
            return lacking(opt, "name two or more variants");
        }
        return match OF_COMPARISON.iter().find(|opt| given.is_given(opt)) {
            Some(opt) => lacking(
                opt,
                "name two or more variants, or compare the rows afterwards (profilerclient compare)",
            ),
            None => Ok(Vec::new()),
        };
    }
    let refused = |text: &str, wrong: Wrong| Err(invalid(&table::VARIANT, text.to_owned(), wrong));
    let mut found: Vec<Named> = Vec::new();
    for text in &texts {
        let (name, url) = split(text);
        if let Some(wrong) = wrong_name(name) {
            return refused(text, wrong);
        }
        if found.iter().any(|of| of.name == name) {
            let hint = "give each variant another name";
            return refused(text, Wrong::new("the name is listed twice", hint));
        }
        let target = url.map(|url| Target::parse_of(table::VARIANT.long, url));
        found.push(Named {
            name: name.to_owned(),
            target: target.transpose().map_err(Invalid::said)?,
        });
    }
    if texts.len() < 2 {
        return refused(
            &texts[0],
            Wrong::new("it is the only variant", "give two or more"),
        );
    }
    if texts.len() > MOST {
        return refused(
            &texts[MOST],
            Wrong::hint(format!("give at most {MOST} variants")),
        );
    }
    let with_target = found.iter().filter(|of| of.target.is_some()).count();
    if with_target > 0 && with_target < found.len() {
        let place = found.iter().position(|of| of.target.is_none());
        let text = &texts[place.unwrap_or(0)];
        let wrong = Wrong::new(
            "other variants have a URL",
            "write NAME=URL for all of them, or -t URL and NAME for all",
        );
        return refused(text, wrong);
    }
    if with_target > 0 && given.is_given(&table::TARGET) {
        return Err(Invalid::Conflict {
            option: table::TARGET.long,
            with: "--variant NAME=URL".into(),
            hint:
                "leave -t out, or name the variants without URL and switch by --prepare or --serve"
                    .into(),
        });
    }
    Ok(found)
}

/// The name and the URL of a variant: the URL begins after the first `=` that is followed by a scheme and
/// `://`. Without such a place all of it is the name, which may contain `=`.
fn split(text: &str) -> (&str, Option<&str>) {
    let places = text.match_indices('=').map(|(at, _)| at);
    for at in places {
        let rest = &text[at + 1..];
        let scheme = rest.split_once("://").map(|(scheme, _)| scheme);
        let is_scheme = |scheme: &str| {
            scheme.starts_with(|c: char| c.is_ascii_alphabetic())
                && scheme
                    .chars()
                    .all(|c| c.is_ascii_alphanumeric() || "+.-".contains(c))
        };
        if scheme.is_some_and(is_scheme) {
            return (&text[..at], Some(rest));
        }
    }
    (text, None)
}

fn wrong_name(name: &str) -> Option<Wrong> {
    if name.trim().is_empty() {
        return Some(Wrong::new("the name is empty", "write NAME or NAME=URL"));
    }
    if name.chars().any(char::is_control) {
        return Some(Wrong::hint("remove the control characters from the name"));
    }
    (name.chars().count() > LONGEST)
        .then(|| Wrong::hint(format!("give a name of at most {LONGEST} characters")))
}

/// The variants as settings. `places`: the shop and the network of each, in their order.
pub fn settings(
    command: &Command,
    given: &mut Given,
    named: Vec<Named>,
    places: Vec<(ShopSettings, NetSettings)>,
) -> Result<Option<Variants>, Invalid> {
    if !command.takes(&table::VARIANT) {
        return Ok(None);
    }
    let prepare = command_text(given, &table::PREPARE)?;
    let serve = command_text(given, &table::SERVE)?;
    let cleanup = command_text(given, &table::CLEANUP)?;
    let limit = given.value_or_default(&table::PREPARE_TIMEOUT, values::span)?;
    let ready_timeout = given.value_or_default(&table::READY_TIMEOUT, values::span)?;
    if named.is_empty() {
        return Ok(None);
    }
    let comparing = compare::comparing(given)?;
    if let Some(baseline) = &comparing.baseline
        && !named.iter().any(|of| of.name == *baseline)
    {
        return Err(no_baseline(baseline, &named));
    }
    if prepare.is_some() && serve.is_some() {
        return Err(Invalid::Conflict {
            option: table::PREPARE.long,
            with: table::SERVE.long.into(),
            hint: "put both into one command: --serve 'COMMAND && exec SERVER'".into(),
        });
    }
    let has_targets = named.iter().all(|of| of.target.is_some());
    // To check a target, no command is run.
    let is_run = !table::PREPARE.ignored_by.overlaps(command.id);
    if is_run && !has_targets && prepare.is_none() && serve.is_none() {
        return Err(Invalid::Requires {
            option: table::VARIANT.long,
            requires: "--prepare or --serve".into(),
            hint: "without a command that switches to it, a NAME changes nothing; for targets of their own write \
                NAME=http://HOST:PORT"
                .into(),
        });
    }
    if let Some(text) = cleanup
        .as_ref()
        .filter(|text| text.contains(quoting::PLACEHOLDER))
    {
        let hint = "leave {variant} out: it runs once, after all variants";
        return Err(invalid(&table::CLEANUP, text.clone(), Wrong::hint(hint)));
    }
    let mut list = Vec::new();
    for (of, (shop, net)) in named.into_iter().zip(places) {
        let hook = match (&prepare, &serve) {
            (Some(text), _) => Some(Hook::Prepare(put_in(&table::PREPARE, text, &of.name)?)),
            (_, Some(text)) => Some(Hook::Serve(put_in(&table::SERVE, text, &of.name)?)),
            (None, None) => None,
        };
        list.push(Variant {
            name: of.name,
            shop,
            net,
            hook,
        });
    }
    Ok(Some(Variants {
        list,
        cleanup,
        prepare_timeout: Some(limit).filter(|limit| !limit.is_zero()),
        ready_timeout,
        comparing,
    }))
}

/// A baseline that is none of the variants.
fn no_baseline(baseline: &str, named: &[Named]) -> Invalid {
    let mut names: Vec<&str> = named.iter().map(|of| of.name.as_str()).collect();
    names.truncate(MOST_LISTED);
    let left_out = named.len() - names.len();
    let more = match left_out {
        0 => String::new(),
        more => format!("; {more} more"),
    };
    let hint = format!("give one of: {}{more}", names.join("; "));
    invalid(
        &table::BASELINE,
        baseline.to_owned(),
        Wrong::new("no variant has that name", hint),
    )
}

fn command_text(given: &mut Given, opt: &'static Opt) -> Result<Option<String>, Invalid> {
    given.value(opt, |text| match text.trim() {
        "" => Err(Wrong::hint("give a command")),
        _ => Ok(text.to_owned()),
    })
}

fn put_in(opt: &'static Opt, command: &str, name: &str) -> Result<String, Invalid> {
    quoting::put_in(command, name).map_err(|Unquotable::WithinQuotes| {
        let wrong = Wrong::new(
            format!("the name {name:?} needs quotes of its own, which do not work within others"),
            "write {variant} outside of quotes, backquotes and here-documents, or \"$VARIANT\"",
        );
        invalid(opt, command.to_owned(), wrong)
    })
}

#[cfg(test)]
#[path = "variants_tests.rs"]
mod tests;
