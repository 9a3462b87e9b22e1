//! A stack that changes in every way from one apply to the next, and a stackup that dies at a request of one's choice.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Child, ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use rustix::process::{Pid, Signal, kill_process};

use crate::bench::Bench;
use crate::support::proxy::{Blow, Fault, Point, Proxy, Seen};
use crate::support::run::stackup_command;

const STAYS: &str = "[sh, -c, \"trap 'exit 0' TERM; while :; do sleep 0.1; done\"]";

/// A service is updated, another after it too, one is created and one pruned with its network, a config and a secret
/// rotate: each turn does all of that.
pub fn turn(bench: &Bench, turn: u32) {
    let (extra, image) = (extra(turn), &bench.image);
    bench.write("word", format!("hush-hush-{turn}"));
    bench.write(
        "compose.yaml",
        format!(
            "services:\n  web:\n    image: {image}\n    command: {STAYS}\n    environment: {{TURN: \"{turn}\"}}\n    \
             networks: [net]\n    configs: [conf]\n    secrets: [word]\n    \
             deploy: {{replicas: 1, update_config: {{monitor: 500ms}}}}\n  \
             worker:\n    image: {image}\n    depends_on: [web]\n    networks: [net]\n    environment: {{TURN: \"{turn}\"}}\n    deploy: {{replicas: 0}}\n  \
             {extra}:\n    image: {image}\n    networks: [{extra}]\n    deploy: {{replicas: 0}}\n\
             networks:\n  net:\n  {extra}:\n\
             configs:\n  conf: {{content: \"turn {turn}\"}}\n\
             secrets:\n  word: {{file: ./word}}\n"
        ),
    );
}

/// The service and network that this turn has and the next has not.
fn extra(turn: u32) -> &'static str {
    if turn.is_multiple_of(2) { "even" } else { "odd" }
}

/// A stackup whose requests all go through a proxy.
pub struct Behind {
    pub proxy: Proxy,
    pub child: Child,
}

pub fn engine(bench: &Bench) -> PathBuf {
    Path::new(bench.host().trim_start_matches("unix://")).to_owned()
}

/// Starts `stackup ARGS STACK` behind a proxy with this fault.
pub fn behind(bench: &Bench, args: &[&str], fault: Fault) -> Behind {
    let proxy = Proxy::start(&bench.path().join("proxy.sock"), &engine(bench), fault).unwrap();
    let mut command = stackup_command(&proxy.host(), bench.path());
    let child = command.args(args).arg(&bench.stack).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    Behind { proxy, child }
}

/// What a command sends that ends well.
#[track_caller]
pub fn requests(bench: &Bench, args: &[&str]) -> Vec<Seen> {
    let run = behind(bench, args, Fault::None);
    let out = run.child.wait_with_output().unwrap();
    assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stderr));
    run.proxy.seen()
}

/// Which of these it is, from 1.
#[track_caller]
pub fn number(writes: &[Seen], method: &str, path: &str) -> usize {
    let found = writes.iter().position(|w| w.method == method && w.path.contains(path));
    found.unwrap_or_else(|| panic!("no {method} {path} in {writes:#?}")) + 1
}

/// Runs it to its end, and kills it at `point` if it comes that far.
pub fn killed(bench: &Bench, args: &[&str], point: Point) -> (ExitStatus, Vec<Seen>) {
    let pid = Arc::new(AtomicU32::new(0));
    let victim = pid.clone();
    let blow = Blow::new(move || {
        while victim.load(Ordering::SeqCst) == 0 {
            std::thread::yield_now();
        }
        send(victim.load(Ordering::SeqCst), Signal::KILL);
    });
    let Behind { proxy, mut child } = behind(bench, args, Fault::At { point, what: blow });
    pid.store(child.id(), Ordering::SeqCst);
    let drain =
        child.stdout.take().map(|mut out| std::thread::spawn(move || std::io::copy(&mut out, &mut std::io::sink())));
    let status = child.wait().unwrap();
    drop(drain);
    (status, proxy.seen())
}

pub fn send(pid: u32, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    // It may have ended by itself.
    let _ = kill_process(pid, signal);
}

/// Everything is as the file of this turn says, recorded, and nothing else is there.
#[track_caller]
pub fn is_whole(bench: &Bench, turn: u32, what: &str) {
    let plan = bench.run(&["plan", "--prune", "--format", "json", "--detailed-exitcode"], 0).stdout;
    let plan: serde_json::Value = serde_json::from_str(&plan).unwrap();
    assert_eq!(plan["summary"]["orphan"], 0, "{what}: {:#}", plan["orphans"]);
    bench.run(&["lock", "status"], 0).says("is not locked");
    bench.run(&["drift", "--detailed-exitcode"], 0);
    let label = format!("label=com.docker.stack.namespace={}", bench.stack);
    let names = |kind: &str| -> BTreeSet<String> {
        let listed = bench.docker(&[kind, "ls", "--filter", &label, "--format", "{{.Name}}"]);
        listed.lines().map(str::to_owned).collect()
    };
    let wanted = |keys: &[&str]| keys.iter().map(|key| bench.name(key)).collect::<BTreeSet<_>>();
    assert_eq!(names("service"), wanted(&["web", "worker", extra(turn)]), "{what}");
    assert_eq!(names("network"), wanted(&["net", extra(turn)]), "{what}");
    for service in ["web", "worker"] {
        let env = "{{.Spec.TaskTemplate.ContainerSpec.Env}}";
        let found = bench.docker(&["service", "inspect", "--format", env, &bench.name(service)]);
        assert_eq!(found.trim(), format!("[TURN={turn}]"), "{what}: {service}");
    }
    let ps = ["service", "ps", "--filter", "desired-state=running", "--format", "{{.CurrentState}}"];
    let tasks = bench.docker(&[&ps[..], &[&bench.name("web")]].concat());
    assert!(tasks.lines().count() == 1 && tasks.starts_with("Running"), "{what}: {tasks}");
    // Each record of ours is a release that can be read.
    let releases = bench.history();
    assert_eq!(bench.records().len(), releases.len(), "{what}: {releases:?}");
    assert_eq!(releases.first().map(|(_, result)| result.as_str()), Some("applied"), "{what}");
}
