//! Writes the lines of `FILE.runs.jsonl`.

use std::io;
use std::time::Duration;

use jiff::Timestamp;
use serde::Serialize;
use sha2::{Digest, Sha256};

use crate::console::Console;
use crate::net::tls::{TlsSettings, group_name};
use crate::prepare;
use crate::rows::load::Load;
use crate::rows::runs::{
    Choices, ClockState, EndLine, Line, PartLine, RunLine, RunsFile, SCHEMA_VERSION, SiteChoices,
    TlsChoices,
};
use crate::settings::{NetSettings, RunSettings, ShopSettings, SiteSettings};
use crate::shopper::scenario::Scenario;
use crate::shopper::site::Posted;
use crate::summary::{RunEnding, RunFacts, VariantFacts};
use crate::sys::clock;
use crate::sys::machine::Machine;
use crate::text::Printable;
use crate::time::zone::{local_zone, local_zone_name};

/// Writes the lines of a run. A write error is reported once; the rows continue.
pub(super) struct RunLog {
    file: Option<RunsFile>,
    run: String,
    parts: u64,
}

/// Instants of a part, nanoseconds since the Unix epoch; absent where no shopper started.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct PartInstants {
    pub first_start: Option<i64>,
    pub last_start: Option<i64>,
    /// When the last row was done.
    pub last_row: Option<i64>,
}

impl RunLog {
    /// For a run with that id; without a file if it is disabled or impossible (the rows are
    /// in a stream).
    pub fn new(file: Option<RunsFile>, run: String) -> RunLog {
        RunLog {
            file,
            run,
            parts: 0,
        }
    }

    /// Before the load.
    pub fn begin(&mut self, line: RunLine) {
        self.append(&Line::Run(Box::new(RunLine {
            run: self.run.clone(),
            ..line
        })));
    }

    /// After the rows of a part are in the file.
    pub fn part(&mut self, line: PartLine, instants: PartInstants) {
        let line = PartLine {
            run: self.run.clone(),
            part: self.parts,
            first_start: instants.first_start.map(instant),
            last_start: instants.last_start.map(instant),
            last_row: instants.last_row.map(instant),
            ..line
        };
        self.parts += 1;
        self.append(&Line::Part(Box::new(line)));
    }

    /// When all is done.
    pub fn end(&mut self, facts: &RunFacts) {
        let nanos = |span: Option<std::time::Duration>| {
            span.map_or(0, |span| u64::try_from(span.as_nanos()).unwrap_or(u64::MAX))
        };
        self.append(&Line::End(Box::new(EndLine {
            run: self.run.clone(),
            ending: facts.ending.map_or("", RunEnding::name).to_owned(),
            signal: facts.interrupted.clone(),
            rows: facts.rows_written,
            cpu_user_nanos: nanos(facts.cpu_user),
            cpu_system_nanos: nanos(facts.cpu_system),
            peak_memory_bytes: facts.peak_memory_bytes.unwrap_or(0),
            precise: facts.precise.clone(),
            load_average: facts.load_average_after,
            clock_drift_nanos: facts.clock_drift_nanos.unwrap_or(0),
            clock_synchronised: facts.discipline.map(|of| of.synchronised),
            clock_estimated_error_nanos: facts.discipline.map(|of| nanos(Some(of.estimated_error))),
        })));
    }

    fn append(&mut self, line: &Line) {
        let Some(file) = &mut self.file else { return };
        if let Err(error) = file.append(line) {
            warn(&error);
            self.file = None;
        }
    }
}

/// Reports that the lines cannot be written.
pub(super) fn warn(error: &io::Error) {
    let text = format!(
        "profilerclient: the runs file cannot be written ({error}): the rows are not affected"
    );
    // It is said between two parts of a load, which are not to wait for a reader.
    let mut console = Console::stderr().with_patience(Duration::ZERO);
    console.say(&Printable(&text).to_string());
}

/// The line of a run that begins. `started`: nanoseconds since the Unix epoch.
pub(super) fn run_line(
    settings: &RunSettings,
    scenario: &Scenario,
    seed: u64,
    started: i64,
    is_remote: bool,
    machine: &Machine,
) -> RunLine {
    let load = Load::of(&settings.load);
    let (plan_hash, visit_hash) = plan_hashes(settings, scenario, &load);
    RunLine {
        schema_version: SCHEMA_VERSION,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        started: instant(started),
        shard: settings.shard.name(),
        shard_source: settings.shard.source.map(str::to_owned),
        slot_seconds: (settings.shard.start).and_then(|start| Some(start.slot?.as_secs_f64())),
        clock: clock_state(),
        start_at: (settings.shard.start).map(|start| instant(start.unix_nanos)),
        machine: machine.clone(),
        note: settings.rows.note.clone(),
        title: settings.rows.title.clone(),
        target: target(settings).unwrap_or_default(),
        variants: variants(settings).into_iter().map(|of| of.name).collect(),
        variant_targets: (variants(settings).into_iter())
            .filter_map(|of| of.target)
            .collect(),
        app: settings.shop.app.clone(),
        seed: seed.to_string(),
        plan_hash,
        visit_hash,
        load,
        preconnect: settings.net.preconnect,
        keep_alive: settings.net.keep_alive,
        utc: settings.rows.utc,
        time_zone: local_zone_name(),
        utc_offset_seconds: local_zone().to_offset(timestamp(started)).seconds(),
        choices: choices(settings, scenario),
        phases: settings.rows.phases,
        is_remote,
        ..RunLine::default()
    }
}

fn clock_state() -> Option<ClockState> {
    let (of, maximum_error) = clock::state().ok()?;
    let nanos = |span: Duration| u64::try_from(span.as_nanos()).unwrap_or(u64::MAX);
    Some(ClockState {
        synchronised: of.synchronised,
        estimated_error_nanos: nanos(of.estimated_error),
        maximum_error_nanos: nanos(maximum_error),
    })
}

fn choices(settings: &RunSettings, scenario: &Scenario) -> Choices {
    let (shop, net) = (&settings.shop, &settings.net);
    Choices {
        page: scenario.home_path.clone(),
        buy_query: shop.buy_query.to_string(),
        purchases: scenario.buy_paths.len() as u64,
        headers: (shop.headers.iter())
            .map(|field| field.name.clone())
            .collect(),
        user_agent: shop.user_agent.clone(),
        csrf: shop.csrf,
        timeout_seconds: net.timeout.map(|span| span.as_secs_f64()),
        connect_timeout_seconds: net.connect_timeout.map(|span| span.as_secs_f64()),
        retry_delay_seconds: net.retry_delay.as_secs_f64(),
        max_body: shop.max_body as u64,
        tls: net.tls.as_ref().map(tls_choices),
        site: site_choices(settings, scenario),
    }
}

/// What is chosen of an ordinary site. It belongs to the plan.
fn site_choices(settings: &RunSettings, scenario: &Scenario) -> Option<SiteChoices> {
    let shop = &settings.shop;
    if *shop.site == SiteSettings::default() {
        return None;
    }
    let site = &*shop.site;
    let posted = scenario.site.as_ref().and_then(|site| site.posted.as_ref());
    Some(SiteChoices {
        method: site
            .posts
            .method
            .clone()
            .unwrap_or_else(|| "POST".to_owned()),
        posted: posted.map_or_else(String::new, posted_hash),
        content_type: (site.posts.body.as_ref()).map(|_| prepare::posting::body_type(shop)),
        expect: site.expect.to_string(),
        report: site.report.name().to_owned(),
        timing_total: site.timing_total.clone(),
        server_headers: site.server_headers.clone(),
        cookies: site.cookies,
        csrf_page: site.csrf_page.clone(),
    })
}

/// A hash over the template of what is posted and all its values.
fn posted_hash(posted: &Posted) -> String {
    let mut digest = Sha256::new();
    digest.update(format!("{:?}", posted.template));
    digest.update(format!("{:?}", posted.encoding));
    digest.update(format!("{:?}", posted.values.products()));
    if let Some(table) = &posted.values.table {
        let (values, ends) = table.bytes();
        digest.update(format!("{:?}", table.columns));
        digest.update(values);
        for end in ends {
            digest.update(end.to_le_bytes());
        }
    }
    hex(&digest.finalize())
}

/// The first half of a digest.
fn hex(digest: &[u8]) -> String {
    digest
        .iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn tls_choices(tls: &TlsSettings) -> TlsChoices {
    TlsChoices {
        name: tls.name.to_str().into_owned(),
        insecure: tls.insecure,
        client_certificate: tls.identity.is_some(),
        min: tls.min.name().to_owned(),
        max: tls.max.name().to_owned(),
        groups: tls.groups.iter().copied().map(group_name).collect(),
        resume: tls.resume.name(),
    }
}

/// Scheme, host, port and the path before the app.
pub(super) fn target_of(shop: &ShopSettings) -> String {
    let target = &shop.target;
    target.base.as_str().trim_end_matches('/').to_owned() + &target.prefix
}

/// The one target of a run; absent where variants have different ones.
pub(super) fn target(settings: &RunSettings) -> Option<String> {
    let own = target_of(&settings.shop);
    let variants = settings.variants.iter().flat_map(|of| &of.list);
    let mut others = variants.map(|variant| target_of(&variant.shop));
    others.all(|other| other == own).then_some(own)
}

/// The variants and their targets.
pub(super) fn variants(settings: &RunSettings) -> Vec<VariantFacts> {
    let list = settings.variants.iter().flat_map(|of| &of.list);
    let facts = list.map(|variant| VariantFacts {
        name: variant.name.clone(),
        target: Some(target_of(&variant.shop)),
    });
    facts.collect()
}

/// All settings that determine the load, except seed, target and title.
#[derive(Serialize)]
struct PlanKey<'a> {
    load: &'a Load,
    #[serde(flatten)]
    visit: VisitKey<'a>,
}

/// Those of them that determine what a shopper does.
#[derive(Serialize)]
struct VisitKey<'a> {
    home: &'a str,
    purchases: &'a [String],
    headers: Vec<(&'a str, &'a str)>,
    user_agent: &'a str,
    csrf: bool,
    keep_alive: bool,
    preconnect: bool,
    timeout: Option<f64>,
    connect_timeout: Option<f64>,
    retry_delay: f64,
    max_body: usize,
    /// Left out over plain HTTP: its hashes remain what they were.
    #[serde(skip_serializing_if = "Option::is_none")]
    tls: Option<TlsChoices>,
    /// Left out for a shop that reports: its hashes remain what they were.
    #[serde(skip_serializing_if = "Option::is_none")]
    site: Option<SiteChoices>,
}

/// The hashes of a plan: of all of it, and of what a shopper does.
fn plan_hashes(settings: &RunSettings, scenario: &Scenario, load: &Load) -> (String, String) {
    let NetSettings {
        keep_alive,
        preconnect,
        timeout,
        connect_timeout,
        retry_delay,
        ..
    } = settings.net;
    let visit = VisitKey {
        home: &scenario.home_path,
        purchases: &scenario.buy_paths,
        headers: (settings.shop.headers.iter())
            .map(|field| (field.name.as_str(), field.value.as_str()))
            .collect(),
        user_agent: &settings.shop.user_agent,
        csrf: settings.shop.csrf,
        keep_alive,
        preconnect,
        timeout: timeout.map(|span| span.as_secs_f64()),
        connect_timeout: connect_timeout.map(|span| span.as_secs_f64()),
        retry_delay: retry_delay.as_secs_f64(),
        max_body: settings.shop.max_body,
        tls: settings.net.tls.as_ref().map(|tls| TlsChoices {
            // The name belongs to the target.
            name: String::new(),
            ..tls_choices(tls)
        }),
        site: site_choices(settings, scenario),
    };
    let of_visit = hash(&visit);
    (hash(&PlanKey { load, visit }), of_visit)
}

fn hash(key: &impl Serialize) -> String {
    let text = serde_json::to_vec(key).expect("texts and finite numbers");
    hex(&Sha256::digest(&text))
}

/// ISO 8601 in UTC with nanoseconds.
fn instant(unix_nanos: i64) -> String {
    timestamp(unix_nanos).to_string()
}

fn timestamp(unix_nanos: i64) -> Timestamp {
    Timestamp::from_nanosecond(unix_nanos.into())
        .expect("an i64 of nanoseconds lies within jiff's range of years")
}
