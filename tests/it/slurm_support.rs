//! A private Slurm cluster on this machine: munged, slurmctld and a slurmd for each node, on free ports of
//! 127.0.0.1, with all of their files in a directory of their own. No systemd, no control groups.

use std::fs;
use std::io::{self, Write};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use crate::support::*;

/// How long the daemons have to get ready.
const START_PATIENCE: Duration = Duration::from_secs(40);

/// One cluster at a time: jobs of several would take the CPUs from one another.
static ONE: Mutex<()> = Mutex::new(());

/// A cluster. Dropped, all of its processes are ended.
pub struct Cluster {
    dir: TempDir,
    /// By name, in the order of their starts.
    daemons: Vec<(String, Child)>,
    _one: MutexGuard<'static, ()>,
}

/// A program of Slurm or munge, which may be where only administrators look.
fn program(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let dirs = std::env::split_paths(&path).chain(["/usr/sbin".into(), "/sbin".into()]);
    dirs.map(|dir: PathBuf| dir.join(name))
        .find(|file| file.is_file())
}

/// Reports that a test was skipped; if skipping is not allowed, that is a failure.
fn skip(reason: &str) -> Option<Cluster> {
    assert!(
        std::env::var_os("PROFILERCLIENT_NO_SKIP").is_none(),
        "PROFILERCLIENT_NO_SKIP is set, but Slurm cannot be tested here: {reason}"
    );
    writeln!(io::stderr(), "SKIPPED: sharded runs on Slurm ({reason})").expect("stderr");
    None
}

impl Cluster {
    /// Starts one; none if Slurm is not installed.
    pub fn start(nodes: usize) -> Option<Cluster> {
        let needed = [
            "munged",
            "slurmctld",
            "slurmd",
            "sbatch",
            "srun",
            "scancel",
            "sinfo",
        ];
        if let Some(lacking) = needed.iter().find(|name| program(name).is_none()) {
            return skip(&format!("{lacking} is not installed"));
        }
        let one = ONE.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let dir = tempfile::Builder::new()
            .prefix("slurm")
            .tempdir()
            .expect("a directory");
        let mut cluster = Cluster {
            dir,
            daemons: Vec::new(),
            _one: one,
        };
        let dir = cluster.dir().to_owned();
        // munged refuses a directory that others may write to.
        set_mode(&dir, 0o755);
        fs::create_dir(dir.join("state")).expect("a directory");
        fs::write(dir.join("slurm.conf"), cluster.configuration(nodes)).expect("written");
        cluster.munge();
        cluster.daemon("slurmctld", &["-D".to_owned()]);
        for node in 1..=nodes {
            fs::create_dir(dir.join(format!("spool-n{node}"))).expect("a directory");
            cluster.slurmd(node);
        }
        let deadline = Instant::now() + START_PATIENCE;
        while cluster.idle_nodes() < nodes {
            assert!(
                Instant::now() < deadline,
                "not all nodes are idle:\n{}",
                cluster.logs()
            );
            std::thread::sleep(Duration::from_millis(50));
        }
        Some(cluster)
    }

    /// Where all files are.
    pub fn dir(&self) -> &Path {
        self.dir.path()
    }

    fn munge(&mut self) {
        let dir = self.dir().to_owned();
        let mut key = Vec::new();
        while key.len() < 1024 {
            key.extend(uuid_like().to_be_bytes());
        }
        fs::write(dir.join("munge.key"), key).expect("written");
        set_mode(&dir.join("munge.key"), 0o600);
        let name = |what: &str| format!("--{what}-file={}/munge.{what}", dir.display());
        let socket = dir.join("munge.socket");
        let arguments = [
            "--foreground".to_owned(),
            "--num-threads=2".to_owned(),
            name("key"),
            name("pid"),
            name("log"),
            name("seed"),
            format!("--socket={}", socket.display()),
        ];
        self.daemon("munged", &arguments);
        wait_until("the socket of munged", || socket.exists());
    }

    /// Starts the daemon of a node, counted from 1.
    pub fn slurmd(&mut self, node: usize) {
        self.daemon(
            "slurmd",
            &["-D".to_owned(), "-N".to_owned(), format!("n{node}")],
        );
        self.daemons.last_mut().expect("just started").0 = format!("slurmd-n{node}");
    }

    fn daemon(&mut self, name: &str, arguments: &[String]) {
        let log = File::create_in(self.dir(), &format!("{name}-{}.out", self.daemons.len()));
        let child = Command::new(program(name).expect("looked for"))
            .args(arguments)
            .env("SLURM_CONF", self.dir().join("slurm.conf"))
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("a descriptor"))
            .stderr(log)
            .process_group(0)
            .spawn()
            .expect("a daemon starts");
        self.daemons.push((name.to_owned(), child));
    }

    /// A command of Slurm for this cluster.
    pub fn command(&self, name: &str) -> Command {
        let mut command = Command::new(program(name).expect("looked for"));
        command
            .env("SLURM_CONF", self.dir().join("slurm.conf"))
            .env("TZ", TIME_ZONE)
            .current_dir(self.dir())
            .stdin(Stdio::null());
        command
    }

    fn idle_nodes(&self) -> usize {
        let found = self
            .command("sinfo")
            .args(["-h", "-N", "-o", "%t"])
            .output();
        let found = found.expect("sinfo").stdout;
        String::from_utf8_lossy(&found)
            .lines()
            .filter(|state| *state == "idle")
            .count()
    }

    /// Submits a script, as a pipe into `sbatch` does, and returns the job's number.
    pub fn submit(&self, script: &str, options: &[&str], environment: &[(&str, &str)]) -> u64 {
        let mut command = self.command("sbatch");
        command.arg("--parsable").args(options);
        command.envs(environment.iter().copied());
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("sbatch starts");
        let mut input = child.stdin.take().expect("piped");
        input.write_all(script.as_bytes()).expect("sbatch reads");
        drop(input);
        let found = wait(child).ok();
        found
            .stdout
            .trim()
            .parse()
            .unwrap_or_else(|_| panic!("{found:#?}"))
    }

    /// Waits for a job to end: its exit code, and what it printed.
    pub fn wait_for(&self, job: u64) -> (i32, String) {
        let mut shown = String::new();
        let deadline = Instant::now() + 3 * PATIENCE;
        loop {
            let found = self
                .command("scontrol")
                .args(["show", "job", &job.to_string()])
                .output()
                .expect("scontrol");
            let text = String::from_utf8_lossy(&found.stdout).into_owned();
            if !text.is_empty() {
                shown = text;
            }
            let field = |name: &str| {
                let words = shown.split_whitespace();
                let mut of = words.filter_map(|word| word.strip_prefix(name));
                of.next().unwrap_or_default().to_owned()
            };
            let state = field("JobState=");
            if !["PENDING", "CONFIGURING", "RUNNING", "COMPLETING", ""].contains(&&*state) {
                let code = field("ExitCode=");
                let code = code.split(':').next().and_then(|code| code.parse().ok());
                let output = self.dir().join(format!("slurm-{job}.out"));
                let output = fs::read_to_string(output).unwrap_or_default();
                return (code.unwrap_or(-1), output);
            }
            assert!(
                Instant::now() < deadline,
                "the job does not end: {shown}\n{}",
                self.logs()
            );
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    /// The directory of a job's shards.
    pub fn of_job(&self, job: u64) -> PathBuf {
        self.dir().join(format!("profilerclient-{job}"))
    }

    /// The process of a task of a job, once it has begun.
    pub fn task(&self, job: u64, task: usize) -> u32 {
        let wanted = [
            format!("SLURM_JOB_ID={job}"),
            format!("SLURM_PROCID={task}"),
        ];
        let mut found = None;
        wait_until("a task", || {
            found = processes().find(|pid| {
                let arguments = fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default();
                let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
                let has = |one: &String| {
                    environment
                        .split(|byte| *byte == 0)
                        .any(|of| of == one.as_bytes())
                };
                String::from_utf8_lossy(&arguments).contains("--shard=auto")
                    && wanted.iter().all(has)
            });
            found.is_some()
        });
        found.expect("waited for")
    }

    /// Kills the daemon of a node, and all that it started there, as if the node had lost its power.
    pub fn kill_node(&mut self, node: usize) {
        let name = format!("slurmd-n{node}");
        let steps = steps_of(self.dir(), node);
        let (_, daemon) = self
            .daemons
            .iter_mut()
            .find(|(of, _)| *of == name)
            .expect("a node");
        daemon.kill().expect("killed");
        daemon.wait().expect("ended");
        let of_steps: Vec<u32> = steps.iter().flat_map(|step| children_of(*step)).collect();
        for pid in steps.into_iter().chain(of_steps) {
            let _ = profilerclient::sys::process::kill(pid, libc::SIGKILL);
        }
    }

    fn logs(&self) -> String {
        let files = fs::read_dir(self.dir()).expect("a directory").flatten();
        let logs = files.filter(|file| {
            let name = file.file_name().to_string_lossy().into_owned();
            name.ends_with(".log") || name.ends_with(".out")
        });
        logs.map(|file| {
            let text = fs::read_to_string(file.path()).unwrap_or_default();
            let last: Vec<&str> = text.lines().rev().take(8).collect();
            format!("{}: {last:#?}\n", file.path().display())
        })
        .collect()
    }

    fn configuration(&self, nodes: usize) -> String {
        let listeners: Vec<TcpListener> = (0..=nodes)
            .map(|_| TcpListener::bind("127.0.0.1:0").expect("a free port"))
            .collect();
        let port = |at: usize| listeners[at].local_addr().expect("its address").port();
        let user = Command::new("id").arg("-un").output().expect("id").stdout;
        let nodes: String = (1..=nodes)
            .map(|node| {
                format!(
                    "NodeName=n{node} NodeHostname=localhost NodeAddr=127.0.0.1 Port={} CPUs=4 State=UNKNOWN\n",
                    port(node)
                )
            })
            .collect();
        let (dir, user) = (self.dir().display(), String::from_utf8_lossy(&user));
        let (user, controller) = (user.trim(), port(0));
        format!(
            "ClusterName=tests
SlurmctldHost=localhost(127.0.0.1)
SlurmctldPort={controller}
SlurmUser={user}
SlurmdUser={user}
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
AuthType=auth/munge
AuthInfo=socket={dir}/munge.socket
CredType=cred/munge
StateSaveLocation={dir}/state
SlurmctldPidFile={dir}/slurmctld.pid
SlurmctldLogFile={dir}/slurmctld.log
SlurmdSpoolDir={dir}/spool-%n
SlurmdPidFile={dir}/slurmd-%n.pid
SlurmdLogFile={dir}/slurmd-%n.log
SlurmdParameters=config_overrides
SwitchType=switch/none
MpiDefault=none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
ReturnToService=2
SlurmdTimeout=10
KillWait=2
MailProg=/bin/true
{nodes}PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"
        )
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        let user = Command::new("id").arg("-un").output();
        let user = user.map(|of| String::from_utf8_lossy(&of.stdout).trim().to_owned());
        let mut cancel = self.command("scancel");
        cancel.args(["--quiet", "--user", &user.unwrap_or_default()]);
        let _ = cancel.stderr(Stdio::null()).status();
        for (_, daemon) in self.daemons.iter_mut().rev() {
            // What the steps still run is a child of theirs.
            let _ = profilerclient::sys::process::kill(daemon.id(), libc::SIGTERM);
        }
        let nodes: Vec<u32> = processes()
            .filter(|pid| is_step(self.dir(), *pid, ""))
            .collect();
        let children: Vec<u32> = nodes.iter().flat_map(|step| children_of(*step)).collect();
        for pid in nodes.into_iter().chain(children) {
            let _ = profilerclient::sys::process::kill(pid, libc::SIGKILL);
        }
        for (_, daemon) in self.daemons.iter_mut().rev() {
            let deadline = Instant::now() + Duration::from_secs(2);
            while matches!(daemon.try_wait(), Ok(None)) && Instant::now() < deadline {
                std::thread::sleep(Duration::from_millis(10));
            }
            let _ = daemon.kill();
            let _ = daemon.wait();
        }
    }
}

struct File;

impl File {
    fn create_in(dir: &Path, name: &str) -> fs::File {
        fs::File::create(dir.join(name)).expect("a file")
    }
}

fn set_mode(path: &Path, mode: u32) {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("its owner");
}

fn uuid_like() -> u64 {
    use std::hash::BuildHasher;
    std::hash::RandomState::new().hash_one(0)
}

fn processes() -> impl Iterator<Item = u32> {
    let entries = fs::read_dir("/proc").expect("/proc").flatten();
    entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok())
}

/// The children of a process, and theirs.
fn children_of(pid: u32) -> Vec<u32> {
    let text = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap_or_default();
    let own: Vec<u32> = text
        .split_whitespace()
        .filter_map(|pid| pid.parse().ok())
        .collect();
    let theirs: Vec<u32> = own.iter().flat_map(|pid| children_of(*pid)).collect();
    [own, theirs].concat()
}

/// The steps of a node of the cluster in that directory: its log is among their open files.
fn steps_of(dir: &Path, node: usize) -> Vec<u32> {
    let log = format!("slurmd-n{node}.log");
    processes().filter(|pid| is_step(dir, *pid, &log)).collect()
}

fn is_step(dir: &Path, pid: u32, log: &str) -> bool {
    let name = fs::read_to_string(format!("/proc/{pid}/comm")).unwrap_or_default();
    if name.trim() != "slurmstepd" {
        return false;
    }
    let Ok(open) = fs::read_dir(format!("/proc/{pid}/fd")) else {
        return false;
    };
    let links = open
        .flatten()
        .filter_map(|entry| fs::read_link(entry.path()).ok());
    let mut within = links.filter(|link| link.starts_with(dir));
    within.any(|link| link.to_string_lossy().ends_with(log))
}
