//! What the user may have meant: the nearest name there is, or the name that a thing has here and not
//! in another tool.

use super::commands::{self, Command};
use super::error::{Invalid, Kind};
use super::foreign;
use super::table::{self, Commands, Opt};

/// An option that a command does not have. `word` is as given, with dashes and perhaps a value.
pub fn option(command: &Command, word: &str) -> Invalid {
    let end = match word.starts_with("--") {
        true => word.find('=').unwrap_or(word.len()),
        false => word.chars().take(2).map(char::len_utf8).sum(),
    };
    let name = word[..end].replace('_', "-");
    let elsewhere = table::all()
        .find(|opt| opt.long == name || opt.short == name || opt.aliases.contains(&name.as_str()));
    // Names of several characters after one dash, as Go's tools have them, are looked up whole.
    let whole = word.split('=').next().unwrap_or(word).replace('_', "-");
    let of_another_tool =
        foreign::option(command.id, &whole).or_else(|| foreign::option(command.id, &name));
    let hint = match (elsewhere, of_another_tool) {
        (Some(opt), _) if command.id == Commands::DEMO && commands::RUN.takes(opt) => {
            return Invalid::Conflict {
                option: opt.long,
                with: "demo, which starts its own shop".into(),
                hint: "leave it out".into(),
            };
        }
        (_, Some(hint)) => hint.to_owned(),
        (Some(opt), None) => option_elsewhere(opt),
        (None, None) => nearest_option(command, &name).unwrap_or_default(),
    };
    unknown(command, Kind::Option, word, hint)
}

fn option_elsewhere(opt: &Opt) -> String {
    let owner = commands::that_take(opt).next();
    match owner {
        Some(owner) if owner.id == Commands::RUN => {
            format!(
                "{} is an option of a load (profilerclient -t URL -d APP)",
                opt.long
            )
        }
        Some(owner) => format!("{} is an option of {}", opt.long, owner.call()),
        None => String::new(),
    }
}

/// A long name behind a single dash, as Go's tools have them.
pub fn single_dash(command: &Command, word: &str, long: &str) -> Invalid {
    let hint = format!("long names begin with two dashes: write {long}");
    unknown(command, Kind::Option, word, hint)
}

/// Several letters behind a dash, the first of which is a flag.
pub fn cluster(command: &Command, word: &str, flag: &Opt) -> Invalid {
    let (short, long) = (flag.short, flag.long);
    let letter = &short[1..];
    let hint = match word[1..].chars().all(|c| letter.contains(c)) {
        true => format!("{short} ({long}) has one level: give it once"),
        false => format!("{short} ({long}) is a flag: write each option on its own"),
    };
    unknown(command, Kind::Option, word, hint)
}

/// A word that belongs to no option.
pub fn argument(command: &Command, word: String) -> Invalid {
    let hint = argument_hint(command, &word).unwrap_or_default();
    unknown(command, Kind::Argument, &word, hint)
}

const TYPOGRAPHIC_DASH: &str = "it begins with a typographic dash: write - or -- by hand";

fn has_typographic_dash(word: &str) -> bool {
    word.starts_with(['–', '—', '−'])
}

fn argument_hint(command: &Command, word: &str) -> Option<String> {
    if has_typographic_dash(word) {
        return Some(TYPOGRAPHIC_DASH.to_owned());
    }
    let is_port = word.parse::<u16>().is_ok();
    if command.id == Commands::SHOP && (is_port || as_url(word).is_some()) {
        let address = word
            .split("://")
            .last()
            .unwrap_or(word)
            .trim_end_matches('/');
        let host = if is_port { "127.0.0.1:" } else { "" };
        return Some(format!(
            "the address is --listen, such as --listen {host}{address}"
        ));
    }
    if let Some(url) = as_url(word) {
        return Some(match command.takes(&table::TARGET) {
            true => format!("give the target as -t {url}"),
            false if command.id == Commands::DEMO => {
                "demo starts its own shop: leave the address out".to_owned()
            }
            false => format!("{} takes no address", command.call()),
        });
    }
    if word == "help" {
        return Some(format!("write {} --help", command.call()));
    }
    if word.ends_with(".json") && command.takes(&table::JSON_FILE) {
        return Some(format!(
            "for the JSON summary in a file write --json-file {word}"
        ));
    }
    if word.contains('{') && command.takes(&table::BUY_QUERY) {
        return Some("the path of a purchase is -b (--buy-query)".to_owned());
    }
    if commands::by_name(word).is_some() {
        return Some(format!(
            "the command comes first: profilerclient {word} …, then the options"
        ));
    }
    let name = word.split('=').next().unwrap_or(word).replace('_', "-");
    let long = format!("--{name}");
    table::by_long(command.id, &long)
        .map(|opt| format!("options begin with two dashes: {}", opt.long))
}

/// The URL that a word is, or would be with a scheme.
fn as_url(word: &str) -> Option<String> {
    if word.contains("://") {
        return Some(word.to_owned());
    }
    let end = word.find('/').unwrap_or(word.len());
    let (host, port) = match word[..end].rsplit_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (&word[..end], None),
    };
    let is_port = port.is_some_and(|port| port.parse::<u16>().is_ok());
    let is_host = host == "localhost" || host.parse::<std::net::IpAddr>().is_ok();
    let is_name = host.contains('.') && !host.starts_with('.') && !host.ends_with('.');
    (is_port || is_host || (is_name && end < word.len())).then(|| format!("http://{word}"))
}

/// A command that does not exist.
pub fn command(word: &str) -> Invalid {
    if has_typographic_dash(word) {
        return unknown(
            &commands::RUN,
            Kind::Argument,
            word,
            TYPOGRAPHIC_DASH.to_owned(),
        );
    }
    if let Some(url) = as_url(word) {
        let hint = format!("give the target as -t {url}, and the app as -d APP");
        return unknown(&commands::RUN, Kind::Argument, word, hint);
    }
    let names: Vec<&str> = (commands::ALL.iter())
        .map(|command| command.name)
        .filter(|name| !name.is_empty())
        .collect();
    let near = nearest(word, names.iter().copied());
    let hint = match (foreign::command(word), near[..].first()) {
        (Some(hint), _) => hint.to_owned(),
        (None, Some(_)) => format!("did you mean {}?", near.join(" or ")),
        (None, None) => format!(
            "the commands are {}; a load has no command word and begins with -t",
            names.join(", ")
        ),
    };
    Invalid::Unknown {
        kind: Kind::Command,
        given: word.to_owned(),
        hint: hint.into(),
        help: "profilerclient help".to_owned(),
    }
}

/// A topic of the help that does not exist.
pub fn topic(word: &str, topics: &[&str]) -> Invalid {
    if word.starts_with('-') {
        let longs: Vec<&str> = table::all().map(|opt| opt.long).collect();
        let mut near = nearest(&word.replace('_', "-"), longs.iter().copied());
        if near.is_empty() {
            near = (longs.into_iter())
                .filter(|long| long.starts_with(word))
                .collect();
            near.dedup();
            near.truncate(3);
        }
        let hint = match near.is_empty() {
            true => "profilerclient --help lists the options".to_owned(),
            false => format!("did you mean {}?", near.join(" or ")),
        };
        return Invalid::Unknown {
            kind: Kind::Option,
            given: word.to_owned(),
            hint: hint.into(),
            help: "profilerclient help".to_owned(),
        };
    }
    let names = commands::ALL.iter().map(|command| command.name);
    let known = topics
        .iter()
        .copied()
        .chain(names.filter(|name| !name.is_empty()));
    let near = nearest(word, known);
    let hint = match near.is_empty() {
        true => format!("the topics are {}", topics.join(", ")),
        false => format!("did you mean {}?", near.join(" or ")),
    };
    Invalid::Unknown {
        kind: Kind::Topic,
        given: word.to_owned(),
        hint: hint.into(),
        help: "profilerclient help".to_owned(),
    }
}

fn unknown(command: &Command, kind: Kind, given: &str, hint: String) -> Invalid {
    Invalid::Unknown {
        kind,
        given: given.to_owned(),
        hint: hint.into(),
        help: format!("{} --help", command.call()),
    }
}

fn nearest_option(command: &Command, name: &str) -> Option<String> {
    let bare = name.trim_start_matches('-');
    if bare.chars().count() < 2 {
        return None;
    }
    if commands::by_name(bare).is_some() {
        return Some(format!("{bare} is a command: profilerclient {bare}"));
    }
    let longs: Vec<&str> = table::of(command.id)
        .flat_map(|opt| std::iter::once(opt.long).chain(opt.aliases.iter().copied()))
        .map(|long| &long[2..])
        .collect();
    let mut near = nearest(bare, longs.iter().copied());
    if near.is_empty() {
        // A beginning of a name, or a name with something behind it.
        near = longs
            .iter()
            .copied()
            .filter(|long| long.starts_with(bare) || (bare.starts_with(long) && long.len() > 3))
            .collect();
        near.truncate(3);
    }
    let names: Vec<String> = near.iter().map(|long| format!("--{long}")).collect();
    (!names.is_empty()).then(|| format!("did you mean {}?", names.join(" or ")))
}

/// The known words that are nearest to a word, if any is near enough: at most a third of it differs.
fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    // No name is longer; and the time is bounded.
    const LONGEST: usize = 40;
    let length = word.chars().count();
    if length > LONGEST {
        return Vec::new();
    }
    let word = word.to_lowercase();
    let limit = (length / 3).max(1);
    let scored: Vec<(usize, &str)> = known.map(|name| (distance(&word, name), name)).collect();
    let least = scored.iter().map(|(distance, _)| *distance).min();
    let mut near: Vec<&str> = (scored.iter())
        .filter(|(distance, name)| {
            Some(*distance) == least && *distance <= limit && *distance < name.chars().count()
        })
        .map(|(_, name)| *name)
        .collect();
    near.dedup();
    near.truncate(3);
    near
}

/// The edit distance of two words: insertions, deletions, replacements, and swaps of neighbours
/// (optimal string alignment).
pub fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut rows = vec![vec![0; b.len() + 1]; a.len() + 1];
    for (i, row) in rows.iter_mut().enumerate() {
        row[0] = i;
    }
    rows[0] = (0..=b.len()).collect();
    for i in 1..=a.len() {
        for j in 1..=b.len() {
            let differs = usize::from(a[i - 1] != b[j - 1]);
            let mut least = (rows[i - 1][j] + 1)
                .min(rows[i][j - 1] + 1)
                .min(rows[i - 1][j - 1] + differs);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            rows[i][j] = least;
        }
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
#[path = "suggest_tests.rs"]
mod tests;
