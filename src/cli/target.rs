//! The shop's address and the app: `--target` and `--app-dirname`.

use super::error::{Invalid, Wrong};
use super::given::{Given, invalid};
use super::table;
use crate::net::target::{Target, path_part};

/// The target and the app. A command with its own shop has no `--target`, and a default app.
pub fn target_and_app(
    given: &mut Given,
    own_target: Option<&str>,
) -> Result<(Target, String), Invalid> {
    let app = app(given, own_target.is_some())?;
    let target = match own_target {
        Some(url) => Target::parse(url).map_err(Invalid::said)?,
        None => target(given, app.as_deref())?,
    };
    let app = app.ok_or_else(|| missing_app(&target))?;
    Ok((target, app))
}

/// The app below each of these targets.
pub fn app_below(given: &mut Given, targets: &[Target]) -> Result<String, Invalid> {
    let app = app(given, false)?.ok_or_else(|| missing_app(&targets[0]))?;
    for target in targets {
        if let Some(wrong) = repeated_app(target, &app) {
            let url = target.base.as_str().trim_end_matches('/').to_owned() + &target.prefix;
            return Err(invalid(&table::VARIANT, url, wrong));
        }
    }
    Ok(app)
}

fn target(given: &mut Given, app: Option<&str>) -> Result<Target, Invalid> {
    let Some(text) = given.text(&table::TARGET)? else {
        let hint = match app {
            Some(_) => "give the shop's address, such as -t http://127.0.0.1:8000",
            None => {
                "give the shop's address, such as -t http://127.0.0.1:8000, or try profilerclient demo \
                 (-h explains)"
            }
        };
        return Err(Invalid::Missing {
            option: table::TARGET.long,
            hint: hint.into(),
        });
    };
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        let wrong = Wrong::new(
            "-t is the target, not a number of threads or seconds",
            "give -t http://HOST:PORT",
        );
        return Err(invalid(&table::TARGET, text, wrong));
    }
    let target = Target::parse(&text).map_err(Invalid::said)?;
    match app.and_then(|app| repeated_app(&target, app)) {
        Some(wrong) => Err(invalid(&table::TARGET, text, wrong)),
        None => Ok(target),
    }
}

/// The app's path segment, if it is given; the default is for the built-in shop only.
fn app(given: &mut Given, is_own: bool) -> Result<Option<String>, Invalid> {
    let text = match given.text(&table::APP)? {
        Some(text) => text,
        None if is_own => table::APP.default.to_owned(),
        None => return Ok(None),
    };
    if text.is_empty() || text.contains(['/', '?']) {
        let wrong = Wrong::hint("give one path segment without slashes, such as rdbms");
        return Err(invalid(&table::APP, text, wrong));
    }
    path_part(table::APP.long, &text)
        .map(Some)
        .map_err(Invalid::said)
}

fn missing_app(target: &Target) -> Invalid {
    let hint = match target.prefix.rsplit_once('/') {
        Some((_, last)) if !last.is_empty() => format!(
            "give the app's path segment, such as -d {last} with -t {}",
            target.base.as_str().trim_end_matches('/')
        ),
        _ => "give the app's path segment, such as -d rdbms".to_owned(),
    };
    Invalid::Missing {
        option: table::APP.long,
        hint: hint.into(),
    }
}

/// A target that ends with the app: its pages would be asked for below `/app/app`.
fn repeated_app(target: &Target, app: &str) -> Option<Wrong> {
    let before = target.prefix.strip_suffix(app)?.strip_suffix('/')?;
    let base = target.base.as_str().trim_end_matches('/');
    let path = target.path(app, "");
    Some(Wrong::new(
        format!("it ends with the app, so that requests would go to {path}"),
        format!("write -t {base}{before} -d {app}"),
    ))
}
