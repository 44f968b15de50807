//! Tests of help.

use std::collections::BTreeSet;
use std::process::{Command as Process, Stdio};

use super::wrap::length;
use super::*;
use crate::cli::table::Commands;
use crate::net::tls::TlsFigures;
use crate::precise::{Measure, Precise};
use crate::rows::load::LoadStage;
use crate::rows::shards::{Shard, Shards};
use crate::summary::Tls;
use crate::summary::samples::{facts, part, sample};
use crate::summary::sweeps::{level, sweep};
use crate::summary::{
    Compared, PartFacts, ReasonGiven, RunFacts, RunThreshold, ServerTimings, Summary, VariantFacts,
    Whole,
};
use crate::sys::machine::Machine;

#[test]
fn short_pages_fit_one_screen() {
    for command in commands::ALL {
        let page = short(command);
        assert!(page.lines().count() <= 24, "{}:\n{page}", command.call());
        for line in page.lines() {
            assert!(length(line) <= 80, "{line}");
        }
    }
}

#[test]
fn all_pages_and_topics_fit_eighty_columns() {
    let pages = commands::ALL.iter().map(|command| full(command));
    let topics = topics::ALL.iter().map(|topic| topic.text.to_owned());
    let options = table::all().map(page::option);
    let pages = pages.chain(topics).chain(options);
    for page in pages.chain([overview()]) {
        for line in page.lines() {
            assert!(length(line) <= 80, "{line}");
            assert_eq!(line.trim_end(), line, "no blanks at the end");
        }
        assert!(page.ends_with('\n') && !page.ends_with("\n\n"), "{page}");
    }
}

#[test]
fn every_option_of_a_command_is_on_its_page_once() {
    for command in commands::ALL {
        let page = full(command);
        for opt in table::of(command.id) {
            let begins = |line: &&str| {
                let names = line.trim_start().trim_start_matches(opt.short);
                let names = names.trim_start_matches(", ");
                names == opt.long || names.starts_with(&format!("{} ", opt.long))
            };
            let listed = page
                .lines()
                .filter(|line| line.starts_with("  -") || line.starts_with("      --"))
                .filter(begins);
            match opt.ignored_by.overlaps(command.id) {
                false => assert_eq!(listed.count(), 1, "{} of {}", opt.long, command.call()),
                true => assert!(
                    page.contains(opt.long),
                    "{} of {}",
                    opt.long,
                    command.call()
                ),
            }
        }
        for (code, _) in command.exit_codes {
            assert!(
                page.contains(&format!("\n  {code} ")),
                "{code} of {}",
                command.call()
            );
        }
    }
}

#[test]
fn everything_that_help_lists_has_a_help_page() {
    let overview = overview();
    for topic in topics::ALL {
        assert!(
            overview.contains(&format!("  {} ", topic.name)),
            "{}",
            topic.name
        );
        assert_eq!(about(topic.name).as_deref(), Some(topic.text));
        if let Some(command) = command(topic.name) {
            let page = format!("{} --help", command.call());
            assert!(
                topic.text.contains(&page),
                "{} does not name the page of the command",
                topic.name
            );
        }
    }
    for command in commands::ALL
        .iter()
        .filter(|command| !command.name.is_empty())
    {
        assert!(
            overview.contains(&format!("\n  {}", command.name)),
            "{}",
            command.name
        );
        if topics::ALL.iter().all(|topic| topic.name != command.name) {
            assert_eq!(about(command.name), Some(full(command)));
        }
    }
    for opt in table::all() {
        let text = about(opt.long).expect(opt.long);
        assert!(text.contains("Taken by "), "{text}");
    }
    assert!(
        about("--csrf")
            .expect("two options")
            .contains("profilerclient shop")
    );
    assert_eq!(about("quux"), None);
}

#[test]
fn topics_name_only_options_that_exist() {
    let is_name = |c: char| c.is_ascii_lowercase() || c == '-';
    // Options of other programs, and beginnings of ours.
    let foreign = [
        "--release",
        "--bench",
        "--callgrind",
        "--server",
        "--quiet",
        "--path",
        "--tar",
        "--conc",
    ];
    for topic in topics::ALL {
        let words = topic.text.split(|c: char| !is_name(c));
        for word in words.filter(|word| word.starts_with("--") && word.len() > 2) {
            let exists = table::all().any(|opt| opt.long == word || opt.aliases.contains(&word));
            assert!(
                exists || foreign.contains(&word),
                "{word} in {}",
                topic.name
            );
        }
    }
}

/// Runs a checker of syntax over a text; loudly skips it where it is not installed.
fn check(program: &str, args: &[&str], text: &str) {
    let file = tempfile::NamedTempFile::new().expect("a file");
    std::fs::write(file.path(), text).expect("the text is written");
    let run = Process::new(program)
        .args(args)
        .arg(file.path())
        .stdin(Stdio::null())
        .output();
    match run {
        Ok(done) => {
            let errors = String::from_utf8_lossy(&done.stderr);
            assert!(
                done.status.success() && errors.is_empty(),
                "{program}: {errors}"
            );
        }
        Err(error) => {
            let is_wanted = std::env::var_os("PROFILERCLIENT_NO_SKIP").is_some();
            assert!(!is_wanted, "{program}: {error}");
            eprintln!("SKIPPED: {program} is not installed ({error})");
        }
    }
}

#[test]
fn completions_are_valid_in_their_shell() {
    let shells = [("bash", "-n"), ("zsh", "-n"), ("fish", "--no-execute")];
    for (shell, flag) in shells {
        check(shell, &[flag], &completions(shell).expect(shell));
    }
    assert_eq!(completions("tcsh"), None);
}

#[test]
fn completions_have_every_option() {
    for shell in ["bash", "zsh", "fish"] {
        let text = completions(shell).expect(shell);
        for opt in table::all() {
            let name = match shell {
                "fish" => format!("-l {}", &opt.long[2..]),
                _ => opt.long.to_owned(),
            };
            assert!(text.contains(&name), "{shell}: {name}");
        }
        for command in commands::ALL {
            assert!(text.contains(command.name), "{shell}: {}", command.name);
        }
    }
}

#[test]
fn bash_completes_options_values_and_commands() {
    let script = format!(
        "{}\ntry() {{ COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _profilerclient; \
         echo \"${{COMPREPLY[*]}}\"; }}\n\
         try profilerclient che\ntry profilerclient --conn\ntry profilerclient check --bu\n\
         try profilerclient -c 5 --color a\ntry profilerclient completions z\ntry profilerclient -c ''\n\
         try profilerclient --color = n\ntry profilerclient --color =\n\
         cd /proc/self && try profilerclient -o statu\n\
         try profilerclient summary statu\ntry profilerclient summary --len\n",
        completions("bash").expect("bash")
    );
    let done = match Process::new("bash").args(["-c", &script]).output() {
        Ok(done) => done,
        Err(error) => return eprintln!("SKIPPED: bash is not installed ({error})"),
    };
    let out = String::from_utf8_lossy(&done.stdout);
    let lines: Vec<&str> = out.lines().collect();
    let expected = [
        "check",
        "--connect-to --connect-timeout",
        "--buy-query --buy",
        "auto always",
        "zsh",
        "",
        "never",
        "auto always never",
        "status",
        "status",
        "--lenient",
    ];
    assert_eq!(lines, expected, "{}", String::from_utf8_lossy(&done.stderr));
}

#[test]
fn the_man_page_is_rendered_without_warnings() {
    let page = man();
    assert!(page.is_ascii(), "other characters are escaped");
    check("groff", &["-man", "-Tutf8", "-ww", "-z"], &page);
    for opt in table::all() {
        let name = opt.long.replace('-', "\\-");
        assert!(page.contains(&format!("\\fB{name}\\fR")), "{name}");
    }
    for command in commands::ALL {
        assert!(page.contains(&command.call()), "{}", command.call());
    }
    assert!(table::of(Commands::RUN).count() > 40);
}

/// README's text between two marks.
fn readme_part(name: &str) -> String {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let text = std::fs::read_to_string(path).expect("README.md");
    let (begin, end) = (
        format!("<!-- {name} -->\n"),
        format!("<!-- end of {name} -->"),
    );
    let (before, rest) = text.split_once(&begin).expect("a mark");
    let (part, after) = rest.split_once(&end).expect("an end mark");
    if std::env::var_os("UPDATE_README").is_some() {
        let text = format!("{before}{begin}{}{end}{after}", readme::options());
        std::fs::write(path, text).expect("README.md is written");
        return readme::options();
    }
    part.to_owned()
}

#[test]
fn readme_has_the_table_of_options() {
    let wanted = readme::options();
    assert_eq!(
        readme_part("options"),
        wanted,
        "README's table differs from src/cli/table; UPDATE_README=1 cargo test --lib readme writes it:\n\
         {wanted}"
    );
}

#[test]
fn readme_names_every_command_and_topic_and_is_short() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/README.md"));
    let text = text.expect("README.md");
    // 40 of them are the middleware to paste.
    assert!(
        text.lines().count() <= 360,
        "{} lines",
        text.lines().count()
    );
    for topic in topics::ALL {
        assert!(
            text.contains(&format!("`{}`", topic.name)),
            "{}",
            topic.name
        );
    }
    for command in commands::ALL
        .iter()
        .filter(|command| !command.name.is_empty())
    {
        assert!(
            text.contains(&format!("`{}", command.name)),
            "{}",
            command.name
        );
    }
}

/// What the page calls the object at a key, from what contains it.
fn object_of<'a>(container: &'a str, key: &'a str) -> &'a str {
    match (container, key) {
        ("run", "odd_reports") => "errors",
        ("run" | "variants", "home_phases" | "buy_phases") => "phases",
        ("run" | "variants", "server_clock" | "rest_clock") => "clock",
        ("phases", _) | ("journey", "before_server" | "in_server" | "after_server") => "part",
        ("verdict", _) => "figures",
        ("wait_split", _) => "part",
        ("clock", "offset_seconds" | "drift_seconds") => "bounds",
        (_, key) => key,
    }
}

/// The keys of an object and of those within it, each behind the page's name of its object.
fn keys_of(container: &str, value: &serde_json::Value, keys: &mut BTreeSet<(String, String)>) {
    use serde_json::Value;
    match value {
        Value::Object(object) => {
            let is_distribution = object.contains_key("p99_9");
            let container = match is_distribution {
                true => "distribution",
                false => container,
            };
            for (key, value) in object {
                keys.insert((container.to_owned(), key.clone()));
                // Statuses are no keys of the schema.
                if !key.ends_with("_http_codes") {
                    keys_of(object_of(container, key), value, keys);
                }
            }
        }
        Value::Array(values) => (values.iter()).for_each(|value| keys_of(container, value, keys)),
        _ => {}
    }
}

/// The keys that the page lists, likewise.
fn keys_on_page() -> BTreeSet<(String, String)> {
    let page = topics::ALL.iter().find(|topic| topic.name == "json");
    let mut keys = BTreeSet::new();
    let mut object = "";
    for line in page.expect("a topic").text.lines() {
        if line.ends_with(':') && !line.starts_with(' ') {
            object = match &line[..line.len() - 1] {
                name if name.starts_with("each of the phases") => "part",
                name if name.starts_with("each of home") => "figures",
                "of the run" | "counts" | "servers" | "judgement" | "levels has them)" => "run",
                name => name,
            };
        }
        let Some(entry) = line
            .strip_prefix("  ")
            .filter(|rest| !rest.starts_with(' '))
        else {
            continue;
        };
        let names = entry.split("  ").next().expect("a part");
        for name in names.split(", ") {
            keys.insert((object.to_owned(), name.to_owned()));
        }
    }
    keys
}

/// A summary in which nothing is absent.
fn whole_summary() -> serde_json::Value {
    let mut summary = sweep(vec![level(1, &[10.0]), level(10, &[50.0])]);
    let threshold = crate::cli::fail_if::parse("errors>1%").expect("valid");
    let mut whole = Whole::default();
    whole.add(&part(), &sample());
    let one = Summary::of(facts(), whole, &[threshold]);
    summary.load.load.stages = Some(vec![LoadStage {
        seconds: 1.0,
        rate_per_second: 1.0,
    }]);
    summary.home_phases = one.home_phases;
    summary.errors = one.errors;
    summary.odd_reports = one.odd_reports;
    summary.thresholds = one.thresholds;
    summary.home_http_codes = one.home_http_codes;
    summary.shards = Some(Shards {
        each: vec![Shard::default()],
        ..Shards::default()
    });
    summary.machine = Some(Machine::default());
    summary.tls = Some(Tls::of(TlsFigures::default(), None, None));
    summary.wait_split = one.wait_split;
    summary.server_timings = vec![ServerTimings {
        step: "buy",
        name: String::new(),
        unit: String::new(),
        p50: None,
        p90: None,
        p99: None,
        count: 0,
    }];
    summary.precise = Some(Precise {
        cpus_allowed: None,
        measures: vec![Measure::default()],
    });
    summary.server_clock.drift_seconds = Some(summary.server_clock.offset_seconds);
    summary.instrument.reasons = vec![ReasonGiven::default()];
    let run = RunFacts {
        variants: vec![VariantFacts::default()],
        ..facts()
    };
    let mut whole = Whole::default();
    whole.add(
        &PartFacts {
            variant: Some(String::new()),
            ..part()
        },
        &sample(),
    );
    summary.variants = Summary::of(run, whole, &[]).variants;
    let compared = Compared {
        comparison: crate::comparison::samples::compared(10),
        thresholds: (summary.thresholds.iter().cloned())
            .map(|outcome| RunThreshold { run: 1, outcome })
            .collect(),
    };
    summary.comparison = Some(compared.comparison.clone());
    let mut json = serde_json::to_value(summary).expect("JSON");
    json["comparison"] = serde_json::to_value(compared).expect("JSON");
    json
}

#[test]
fn the_page_of_the_json_summary_lists_every_key_and_no_other() {
    let mut keys = BTreeSet::new();
    keys_of("run", &whole_summary(), &mut keys);
    assert!(keys.len() > 100, "{keys:?}");
    let listed = keys_on_page();
    let missing: Vec<_> = keys.difference(&listed).collect();
    let unknown: Vec<_> = listed.difference(&keys).collect();
    assert!(
        missing.is_empty() && unknown.is_empty(),
        "not on the page: {missing:?}; not in JSON: {unknown:?}"
    );
}

#[test]
fn completions_know_values_behind_an_equals_sign_and_old_names() {
    let [bash, zsh, fish] =
        ["bash", "zsh", "fish"].map(|shell| completions(shell).expect("a shell"));
    for spec in ["'--color=[", "'--app-dirname=[", "'-d+[", "'--keep-alive["] {
        assert!(zsh.contains(spec), "{spec}");
    }
    assert!(zsh.contains(":value:(rdbms cassandra)'"), "{zsh}");
    assert!(fish.contains("-s d -x -a 'rdbms cassandra'"), "{fish}");
    assert!(
        bash.contains(
            "-d|--app-dirname|--app_dirname) COMPREPLY=($(compgen -W \"rdbms cassandra\""
        )
    );
    let complete = |words: &str, last: usize| {
        let script = format!(
            "{bash}\nCOMP_WORDS=({words}); COMP_CWORD={last}; _profilerclient; echo \"${{COMPREPLY[*]}}\""
        );
        let done = Process::new("bash")
            .args(["--norc", "-c", &script])
            .output();
        let done = done.expect("bash runs");
        assert!(done.status.success(), "{done:?}");
        String::from_utf8(done.stdout)
            .expect("text")
            .trim()
            .to_owned()
    };
    assert_eq!(complete("profilerclient --app_d", 1), "--app-dirname");
    assert_eq!(complete("profilerclient demo -d r", 3), "rdbms");
    assert_eq!(complete("profilerclient help --ra", 2), "--ramp-up --rate");
    assert_eq!(complete("profilerclient demo --color = al", 4), "always");
}

#[test]
fn the_middleware_to_paste_is_the_one_that_is_tested() {
    let topic = topics::ALL.iter().find(|topic| topic.name == "django");
    let middleware = include_str!("../../../tests/djangoshop/plain/timing.py");
    let indented: String = (middleware.lines())
        .map(|line| match line {
            "" => "\n".to_owned(),
            line => format!("    {line}\n"),
        })
        .collect();
    assert!(topic.expect("a topic").text.contains(&indented));
    let readme = include_str!("../../../README.md");
    assert!(readme.contains(&format!("```python\n{middleware}```\n")));
    assert!(middleware.lines().count() <= 35);
}
