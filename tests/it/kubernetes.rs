//! The manifest that `deploy kubernetes` prints: checked against the schemas of Kubernetes, and carried out as an
//! Indexed Job would be, by processes.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;

use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

use crate::support::*;

/// The validator and what it needs, each pinned.
const REQUIREMENTS: [&str; 3] = [
    "kubernetes-validate==1.35.0",
    "PyYAML==6.0.4",
    "jsonschema==4.26.0",
];

/// The oldest version whose schema does not ask for `onPodConditions` in every rule, and the newest one that the
/// validator knows.
const VERSIONS: [&str; 2] = ["1.29", "1.35"];

/// Python with the validator, in an environment below `target/`; none where it cannot be made.
fn python() -> Option<&'static Path> {
    static PYTHON: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    match PYTHON.get_or_init(environment) {
        Ok(python) => Some(python),
        Err(reason) => {
            assert!(
                std::env::var_os("PROFILERCLIENT_NO_SKIP").is_none(),
                "PROFILERCLIENT_NO_SKIP is set, but manifests cannot be validated here: {reason}"
            );
            writeln!(io::stderr(), "SKIPPED: validation of manifests ({reason})").expect("stderr");
            None
        }
    }
}

fn environment() -> Result<PathBuf, String> {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/kubernetes-python");
    let python = dir.join("bin/python3");
    let ready = dir.join("ready");
    let pinned = REQUIREMENTS.join("\n");
    if fs::read_to_string(&ready).is_ok_and(|found| found == pinned) {
        return Ok(python);
    }
    let run = |command: &mut Command| {
        let done = command
            .stdin(Stdio::null())
            .output()
            .map_err(|error| error.to_string())?;
        match done.status.success() {
            true => Ok(()),
            false => Err(String::from_utf8_lossy(&done.stderr).trim().to_owned()),
        }
    };
    run(Command::new("python3").args(["-m", "venv"]).arg(&dir))?;
    let pip = ["-m", "pip", "install", "-q", "--disable-pip-version-check"];
    run(Command::new(&python).args(pip).args(REQUIREMENTS))?;
    fs::write(&ready, pinned).map_err(|error| error.to_string())?;
    Ok(python)
}

fn validated(python: &Path, manifest: &str, version: &str) -> Result<(), String> {
    let dir = tempdir().expect("a directory");
    let file = dir.path().join("job.yaml");
    fs::write(&file, manifest).expect("written");
    let mut validate = Command::new(python.with_file_name("kubernetes-validate"));
    validate.args(["--strict", "-k", version]).arg(&file);
    let found = finish_command(&mut validate);
    match found.code() {
        Some(0) => Ok(()),
        _ => Err(found.stdout + &found.stderr),
    }
}

/// The manifest as YAML has it.
fn read(python: &Path, manifest: &str) -> Value {
    let script =
        "import json, sys, yaml; json.dump(list(yaml.safe_load_all(sys.stdin)), sys.stdout)";
    let mut child = Command::new(python)
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("python");
    let mut input = child.stdin.take().expect("piped");
    input.write_all(manifest.as_bytes()).expect("python reads");
    drop(input);
    let found = wait(child).ok();
    let mut all: Vec<Value> = serde_json::from_str(&found.stdout).expect("JSON");
    assert_eq!(all.len(), 1, "one document: {manifest}");
    all.remove(0)
}

/// What the shell of whoever types this passes on.
const TITLE: &str = "it's \"so\": $(SHARDS) $$ \\ #x\nline {two} é";

fn manifest(url: &str, options: &[&str], flags: &[&str]) -> String {
    let common = [
        "deploy",
        "kubernetes",
        "--shards",
        "3",
        "--image",
        "registry.example.org/p:1",
    ];
    let run = ["--", "-t", url, "-d", "rdbms", "--seed", "7", "-a", TITLE];
    client([&common[..], options, &run, flags].concat())
        .ok()
        .stdout
}

#[test]
fn the_manifest_is_valid_and_wrong_ones_are_rejected() {
    let Some(python) = python() else { return };
    let text = manifest("http://shop.example.org", &[], &["-c", "900"]);
    for version in VERSIONS {
        validated(python, &text, version).unwrap_or_else(|error| panic!("{version}: {error}"));
        for (right, wrong) in [
            ("  backoffLimit: 0\n", "  backofLimit: 0\n"),
            ("  completions: 3\n", "  completions: three\n"),
            (
                "      restartPolicy: Never\n",
                "      restartPolicy: [Never]\n",
            ),
            ("          image: ", "          images: "),
            ("      - action: FailJob\n", "      - actions: FailJob\n"),
            ("  template:\n", "  templates:\n"),
        ] {
            assert!(text.contains(right), "{right}: {text}");
            let wrong_text = text.replacen(right, wrong, 1);
            assert!(
                validated(python, &wrong_text, version).is_err(),
                "{version}: {wrong}"
            );
        }
    }
}

/// What the schemas do not say: values of enumerations, names, versions.
#[test]
fn the_manifest_is_an_indexed_job_that_never_starts_a_shard_again() {
    let Some(python) = python() else { return };
    let before = jiff::Timestamp::now().as_millisecond();
    let text = manifest(
        "http://shop.example.org",
        &["--start-in", "90s"],
        &["-c", "900"],
    );
    let after = jiff::Timestamp::now().as_millisecond();
    let job = read(python, &text);
    assert_eq!(
        (&job["apiVersion"], &job["kind"]),
        (&json!("batch/v1"), &json!("Job"))
    );
    let name = job["metadata"]["name"].as_str().expect("a name");
    let is_label = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    assert!(
        name.len() <= 50 && name.chars().all(is_label),
        "room for the index: {name}"
    );
    assert!(
        name.starts_with("profilerclient-") && !name.ends_with('-'),
        "{name}"
    );
    let spec = &job["spec"];
    for (field, value) in [
        ("completionMode", json!("Indexed")),
        ("completions", json!(3)),
        ("parallelism", json!(3)),
        ("backoffLimit", json!(0)),
    ] {
        assert_eq!(spec[field], value, "{field}");
    }
    assert!(
        spec["activeDeadlineSeconds"]
            .as_u64()
            .is_some_and(|seconds| seconds > 3_600)
    );
    let rules = spec["podFailurePolicy"]["rules"].as_array().expect("rules");
    assert!(
        rules.iter().all(|rule| rule["action"] == "FailJob"),
        "{rules:?}"
    );
    assert_eq!(
        rules[0]["onPodConditions"],
        json!([{"type": "DisruptionTarget", "status": "True"}])
    );
    let of_exit = json!({"containerName": "shard", "operator": "NotIn", "values": [0]});
    assert_eq!(rules[1]["onExitCodes"], of_exit);
    let pod = &spec["template"]["spec"];
    assert_eq!(pod["restartPolicy"], "Never");
    let spread = &pod["topologySpreadConstraints"][0];
    assert_eq!(spread["topologyKey"], "kubernetes.io/hostname");
    assert_eq!(spread["whenUnsatisfiable"], "ScheduleAnyway");
    assert_eq!(
        spread["labelSelector"]["matchLabels"],
        spec["template"]["metadata"]["labels"]
    );
    assert!(pod["affinity"]["podAntiAffinity"].is_object());
    let containers = pod["containers"].as_array().expect("containers");
    assert_eq!(containers.len(), 1);
    assert_eq!(containers[0]["name"], "shard");
    assert_eq!(containers[0]["image"], "registry.example.org/p:1");
    assert_eq!(
        containers[0]["env"],
        json!([{"name": "SHARDS", "value": "3"}])
    );
    let args = arguments(&containers[0]["args"]);
    for expected in [
        "--target=http://shop.example.org",
        "--concurrent=900",
        &format!("--benchmark-title={TITLE}"),
        "--seed=7",
        "--shard=auto",
        "--start-strict",
        "--output=/rows/rows-%s.csv",
    ] {
        assert!(
            args.iter().any(|arg| arg == expected),
            "{expected}: {args:?}"
        );
    }
    let start = args
        .iter()
        .find_map(|arg| arg.strip_prefix("--start-at="))
        .expect("a start");
    let start = (start.parse::<f64>().expect("a number") * 1e3).round() as i64;
    assert!(
        (before + 90_000..=after + 90_000).contains(&start),
        "{before} {start} {after}"
    );
}

/// Arguments as Kubernetes passes them on: `$$` becomes `$`, and `$(NAME)` a variable.
fn arguments(of: &Value) -> Vec<String> {
    let expand = |text: &str| {
        let mut expanded = String::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('$') {
            expanded += before;
            assert!(after.starts_with('$'), "a variable is replaced in {text}");
            expanded.push('$');
            rest = &after[1..];
        }
        expanded + rest
    };
    let words = of.as_array().expect("a list").iter();
    words
        .map(|word| expand(word.as_str().expect("a text")))
        .collect()
}

/// One pod after another as a process, with the variables that Kubernetes and the manifest give it.
struct Pods {
    dir: TempDir,
    pods: Vec<Child>,
}

impl Pods {
    /// Starts them: `/rows` of each is a directory of its own, and the program is on the path.
    fn start(job: &Value) -> Pods {
        let dir = tempdir().expect("a directory");
        let container = &job["spec"]["template"]["spec"]["containers"][0];
        let command = arguments(&container["command"]);
        let args = arguments(&container["args"]);
        let bin = Path::new(BINARY).parent().expect("a directory");
        let path = format!(
            "{}:{}",
            bin.display(),
            std::env::var("PATH").expect("a path")
        );
        let pods = (0..3).map(|index| {
            let rows = dir.path().join(index.to_string());
            fs::create_dir(&rows).expect("a directory");
            let own = |word: &String| word.replace("/rows/", &format!("{}/", rows.display()));
            let words: Vec<String> = command.iter().chain(&args).map(own).collect();
            Command::new(&words[0])
                .args(&words[1..])
                .env("PATH", &path)
                .env("TZ", TIME_ZONE)
                .env("SHARDS", "3")
                .env("JOB_COMPLETION_INDEX", index.to_string())
                .stdin(Stdio::null())
                .stdout(Stdio::null())
                .stderr(fs::File::create(rows.join("log")).expect("a file"))
                .spawn()
                .expect("a shell")
        });
        let pods = pods.collect();
        Pods { dir, pods }
    }

    fn of(&self, index: usize) -> PathBuf {
        self.dir.path().join(index.to_string())
    }

    fn rows_of(&self, index: usize) -> PathBuf {
        self.of(index).join(format!("rows-{}.csv", index + 1))
    }

    /// The process of a shard.
    fn shard(&self, index: usize) -> u32 {
        let shell = self.pods[index].id();
        let mut found = None;
        wait_until("a shard", || {
            let children = fs::read_to_string(format!("/proc/{shell}/task/{shell}/children"));
            found = children
                .unwrap_or_default()
                .split_whitespace()
                .find_map(|pid| pid.parse().ok());
            found.is_some()
        });
        found.expect("waited for")
    }

    /// Waits for the pods to be ready, and fetches what they have, as the comments of the manifest say.
    fn fetch(&mut self, to: &Path) -> Vec<PathBuf> {
        let mut files = Vec::new();
        for index in 0..3 {
            let log = self.of(index).join("log");
            let done = self.of(index).join("done");
            wait_until(&format!("{}", log.display()), || done.exists());
            let file = to.join(format!("rows-{}.csv", index + 1));
            for name in [self.rows_of(index), lines_beside(&self.rows_of(index))] {
                if let Ok(text) = fs::read(&name) {
                    fs::write(to.join(name.file_name().expect("a name")), text).expect("written");
                }
            }
            fs::write(self.of(index).join("fetched"), "").expect("written");
            files.push(file);
        }
        for pod in &mut self.pods {
            let ended = pod.wait().expect("it ends");
            assert!(
                ended.success(),
                "a pod that fails would end the job: {ended}"
            );
        }
        files
    }
}

impl Drop for Pods {
    fn drop(&mut self) {
        for pod in &mut self.pods {
            let _ = pod.kill();
            let _ = pod.wait();
        }
    }
}

fn lines_beside(rows: &Path) -> PathBuf {
    PathBuf::from(format!("{}.runs.jsonl", rows.display()))
}

fn merge(files: &[PathBuf], to: &Path) -> Finished {
    let mut args = vec!["merge".to_owned()];
    args.extend(files.iter().map(|file| file.display().to_string()));
    args.extend(["-o".to_owned(), to.join("report.csv").display().to_string()]);
    client(args)
}

#[test]
fn an_indexed_job_is_one_run() {
    let Some(python) = python() else { return };
    let shop = Shop::start(&[]);
    let text = manifest(&shop.url, &["--start-in", "2s"], &["-c", "90"]);
    let mut pods = Pods::start(&read(python, &text));
    let dir = tempdir().expect("a directory");
    let files = pods.fetch(dir.path());
    let found = merge(&files, dir.path()).ok();
    assert!(
        found.stdout.starts_with("90 of 90 purchases, 0 failed"),
        "{found:#?}"
    );
    assert_eq!(rows(&dir.path().join("report.csv")).len(), 90);
    assert_eq!(shop.stat("purchases"), 90);
    assert_eq!(shop.stat("duplicate_emails"), 0);
}

#[test]
fn a_shard_of_an_indexed_job_that_is_killed_is_missing_and_ends_no_other() {
    let Some(python) = python() else { return };
    let shop = Shop::start(&[]);
    let load = ["--rate", "60/s", "--duration", "3s"];
    let text = manifest(&shop.url, &["--start-in", "2s"], &load);
    let mut pods = Pods::start(&read(python, &text));
    let under_way = pods.rows_of(1);
    wait_until("rows", || {
        fs::metadata(&under_way).is_ok_and(|found| found.len() > 1_000)
    });
    signal(pods.shard(1), libc::SIGKILL);
    let dir = tempdir().expect("a directory");
    let files = pods.fetch(dir.path());
    let found = merge(&files, dir.path());
    assert_eq!(found.code(), Some(3), "{found:#?}");
    assert!(
        found.stdout.starts_with("PARTIAL: 2 of 3 shards"),
        "{found:#?}"
    );
    assert!(
        found.stderr.contains("shard 2: ") && found.stderr.contains("no end line"),
        "{found:#?}"
    );
    let own: usize = [0, 2].map(|index| rows(&files[index]).len()).iter().sum();
    assert_eq!(rows(&dir.path().join("report.csv")).len(), own);
    assert_eq!(own, 120, "the other rows are whole");
}
