//! One row tried with docker and with stackup, each on a stack of its own.

use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::live::{Live, glance, live};
use crate::row::{Place, Row, Wanted, Web};
use crate::support::run::{Run, command, docker, stackup_command, try_docker};

/// docker waits for ever for some; it is stopped then. The others get all the time that a busy machine wants.
const ENDLESS: &str = "40";
const DOCKER_WAITS: &str = "300";
/// stackup never waits for ever.
const STACKUP_WAITS: &str = "240";

/// What one of the two said, and what was live then.
#[derive(Debug)]
pub struct Said {
    /// Nothing where it was still waiting.
    pub exit: Option<i32>,
    pub words: String,
    pub live: Live,
    pub seconds: u64,
    /// All of it, for whoever looks into a failure.
    pub all: String,
}

/// What stackup said to programs.
#[derive(Debug, Default)]
pub struct Told {
    pub ledger: Vec<(String, String)>,
    pub reason: String,
    pub changed: Value,
    pub evidence: Vec<String>,
}

pub struct Tried {
    pub docker: Option<Said>,
    pub stackup: Said,
    pub told: Told,
}

/// Where rows are tried.
pub struct Bench<'a> {
    pub host: &'a str,
    pub image: &'a str,
    /// Nodes that take tasks just now.
    pub nodes: usize,
}

impl Bench<'_> {
    /// `core`: docker only where a row of `make test` is about it.
    pub fn try_row(&self, row: &Row, number: usize, core: bool) -> Tried {
        let mut told = Told::default();
        let (docker, stackup) = std::thread::scope(|scope| {
            let docker = (!core || row.name == "back").then(|| scope.spawn(|| self.docker(row, number)));
            let stackup = self.stackup(row, number, &mut told);
            (docker.map(|docker| docker.join().expect("docker's half")), stackup)
        });
        Tried { docker, stackup, told }
    }

    fn write(&self, dir: &Path, web: &Web, port: usize) {
        let file = web.file().replace("IMAGE", self.image).replace("PORT", &port.to_string());
        fs::write(dir.join("compose.yaml"), file).expect("a temporary folder is writable");
    }

    fn docker(&self, row: &Row, number: usize) -> Said {
        let (stack, port) = (format!("vd-{}", row.name), 21_000 + number);
        let folder = tempfile::tempdir().expect("there is a temporary folder");
        let deploy = |web: &Web, detach: &str| {
            self.write(folder.path(), web, port);
            let args = ["deploy", "-c", "compose.yaml", detach];
            let args = [
                &[if row.endless { ENDLESS } else { DOCKER_WAITS }, "docker", "stack"],
                &args[..],
                &resolve(row),
                &[stack.as_str()],
            ]
            .concat();
            let mut docker = command("timeout", self.host, folder.path());
            Run::of(docker.args(args).output().expect("docker starts"))
        };
        if let Some(before) = &row.before {
            deploy(before, "--detach=true").exits(0);
            until(|| self.well_before(row, &stack));
        }
        if let Some(over) = &row.over {
            deploy(over, "--detach=true").exits(0);
            until(|| glance(self.host, &stack).update == "paused");
        }
        let began = Instant::now();
        let run = deploy(&row.after, "--detach=false");
        let seconds = began.elapsed().as_secs();
        let said = Said {
            exit: Some(run.code).filter(|code| *code != 124),
            words: docker_words(&run),
            live: live(self.host, &stack),
            seconds,
            all: run.stdout + &run.stderr,
        };
        let _ = try_docker(self.host, &["stack", "rm", "--detach=true", &stack]);
        said
    }

    /// What was deployed first runs.
    fn well_before(&self, row: &Row, stack: &str) -> bool {
        let live = glance(self.host, stack);
        let (running, done): (usize, usize) = (live.running.values().sum(), live.done);
        match row.wanted {
            Wanted::EachNode => running == self.nodes,
            Wanted::Done(n) => done == n,
            _ => running > 0 && running == replicas(row),
        }
    }

    fn stackup(&self, row: &Row, number: usize, told: &mut Told) -> Said {
        let (stack, port) = (format!("vs-{}", row.name), 22_000 + number);
        let folder = tempfile::tempdir().expect("there is a temporary folder");
        let binary = stackup_command(self.host, folder.path());
        let apply = |web: &Web, options: &[&str]| {
            self.write(folder.path(), web, port);
            let mut stackup: Command = command("timeout", self.host, folder.path());
            stackup.arg(STACKUP_WAITS).arg(binary.get_program());
            stackup.args(["apply", "-y", "--json-into", "events", "--ascii", "--no-color"]).args(options).arg(&stack);
            Run::of(stackup.output().expect("stackup starts"))
        };
        if let Some(before) = &row.before {
            apply(before, &[]).exits(0);
        }
        if let Some(over) = &row.over {
            apply(over, &[]).exits(6);
        }
        let began = Instant::now();
        let run = apply(&row.after, row.options);
        let seconds = began.elapsed().as_secs();
        let live = live(self.host, &stack);
        let events = fs::read_to_string(folder.path().join("events")).unwrap_or_default();
        let events: Vec<Value> = events.lines().filter_map(|line| serde_json::from_str(line).ok()).collect();
        *told = listen(&events);
        let said = Said {
            exit: Some(run.code).filter(|code| *code != 124),
            words: stackup_words(&events, self.image),
            live,
            seconds,
            all: run.stdout + &run.stderr,
        };
        let rm = ["rm", "-y", &stack];
        Run::of(stackup_command(self.host, folder.path()).args(rm).output().expect("stackup starts")).exits(0);
        said
    }

    /// Why what stackup said is not true, if it is not. `said` and `live` are compared, and nothing that stackup knows.
    pub fn lie(&self, row: &Row, tried: &Tried) -> Option<String> {
        let said = &tried.stackup;
        let planned = row.after.version();
        let live = &said.live;
        let there = match row.wanted {
            Wanted::Running(n) => live.runs(planned, n),
            Wanted::EachNode => live.runs(planned, self.nodes),
            Wanted::Done(n) => live.spec.as_deref() == Some(planned) && live.done == n,
            Wanted::DoneOnEachNode => live.spec.as_deref() == Some(planned) && live.done == self.nodes,
        };
        let before = match &row.before {
            None => live.spec.is_none(),
            Some(web) => match row.wanted {
                Wanted::EachNode => live.runs(web.version(), self.nodes),
                Wanted::Done(n) => live.spec.as_deref() == Some(web.version()) && live.done == n,
                _ => live.runs(web.version(), replicas(row)),
            },
        };
        let (true_, fate): (bool, &[&str]) = match said.exit {
            Some(0) => (there, &["done"]),
            Some(6) => (!there && !before, &["failed"]),
            Some(7) => (before, &["reverted"]),
            Some(8) => (!there, &["going"]),
            Some(9) => (before, &[]),
            other => return Some(format!("exit code {other:?} has no place here")),
        };
        let live = live.words();
        if !true_ {
            return Some(format!("exit {:?}, and live is: {live}", said.exit));
        }
        let web = tried.told.ledger.iter().find(|(address, _)| address == "service/web").map(|(_, fate)| fate.as_str());
        if !fate.is_empty() && web.is_none_or(|f| !fate.contains(&f)) {
            return Some(format!("the ledger says {web:?}, and live is: {live}"));
        }
        let changed = if said.exit == Some(9) { Value::Bool(false) } else { Value::Bool(true) };
        if tried.told.changed != changed {
            return Some(format!("`changed` is {}, and live is: {live}", tried.told.changed));
        }
        None
    }
}

fn replicas(row: &Row) -> usize {
    row.before.as_ref().map_or(0, |web| web.count())
}

/// The same question for both, where the registry is not to be asked.
fn resolve(row: &Row) -> Vec<&'static str> {
    if row.options.contains(&"never") { vec!["--resolve-image", "never"] } else { Vec::new() }
}

fn until(met: impl Fn() -> bool) {
    let end = Instant::now() + Duration::from_secs(120);
    while !met() {
        assert!(Instant::now() < end, "what is to be there before does not come");
        std::thread::sleep(Duration::from_millis(300));
    }
}

/// docker's last words that say anything, without what differs from run to run.
fn docker_words(run: &Run) -> String {
    let all = format!("{}\n{}", run.stdout, run.stderr);
    let says = |words: &str| all.contains(words);
    let failing = "update paused due to failure or early termination of task";
    let rolled = "update rolled back due to failure or early termination of task";
    if says(rolled) {
        return rolled.to_owned();
    }
    if run.code == 0 {
        let words = ["job complete", "converged"];
        return words.into_iter().find(|w| says(w)).unwrap_or("neither converged nor failed").to_owned();
    }
    if says(failing) {
        return failing.to_owned();
    }
    if let Some(line) = all.lines().find(|line| line.contains("failed to create service")) {
        return plain(line.split("desc = ").last().unwrap_or(line));
    }
    if let Some((_, rest)) = all.rsplit_once("no suitable node (") {
        return format!("no suitable node ({}", rest.split(['(', ';', ')', '…']).next().unwrap_or_default().trim_end())
            + "…)";
    }
    let known = ["No such image", "starting container failed", "bind source path does not exist"];
    known.into_iter().find(|w| says(w)).unwrap_or("a count of tasks").to_owned()
}

/// stackup's diagnoses and what it said of the tasks.
fn stackup_words(events: &[Value], image: &str) -> String {
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let of = |kind: &'static str| events.iter().filter(move |e| e["type"] == kind);
    let mut words: Vec<String> = Vec::new();
    for event in of("diagnostic").filter(|e| e["level"] == "error") {
        words.push(format!("{} {}", text(&event["diagnostic"]["code"]), text(&event["msg"])));
    }
    // What the tasks said, where the diagnosis does not repeat it.
    for event in of("evidence").take(1) {
        let evidence = &event["evidence"];
        if let (Some(code), "") = (evidence["exit_code"].as_i64(), oci(&text(&evidence["error"])).1) {
            words.push(format!("exit {code}"));
        }
    }
    if words.is_empty() {
        let preflight = of("plan").filter_map(|e| e["plan"]["preflight"].as_array()).flatten();
        let errors = preflight.filter(|p| p["severity"] == "error");
        words.extend(errors.map(|p| format!("{} {}", text(&p["code"]), text(&p["message"]))));
    }
    if words.is_empty() {
        let ended = of("apply_complete").rfind(|e| e["address"] == "service/web");
        words.extend(ended.map(|e| text(&e["msg"]).replace(", live spec = planned spec", "")));
    }
    let host = image.split('/').next().unwrap_or_default();
    let all = plain(&words.join("; ").replace(&format!("{host}/"), ""));
    oci(&all).0
}

/// The runtime's words differ from version to version: what comes before them, and whether there are any.
fn oci(text: &str) -> (String, &'static str) {
    match text.split_once(" failed to create") {
        Some((before, _)) => (format!("{before} …"), "of the runtime"),
        None => (text.to_owned(), ""),
    }
}

fn listen(events: &[Value]) -> Told {
    let text = |v: &Value| v.as_str().unwrap_or_default().to_owned();
    let last = |kind: &str| events.iter().rfind(|e| e["type"] == kind);
    let ledger = last("ledger").and_then(|e| e["ledger"].as_array().cloned()).unwrap_or_default();
    Told {
        ledger: ledger.iter().map(|e| (text(&e["address"]), text(&e["fate"]))).collect(),
        reason: last("apply_failed").map(|e| text(&e["reason"])).unwrap_or_default(),
        changed: last("exit").map(|e| e["changed"].clone()).unwrap_or_default(),
        evidence: events.iter().filter(|e| e["type"] == "evidence").map(|e| text(&e["msg"])).collect(),
    }
}

/// Ids, addresses, durations and counts of attempts differ from run to run.
fn plain(text: &str) -> String {
    let word = |word: &str| {
        let bare = word.trim_matches(|c: char| !c.is_ascii_alphanumeric());
        let number = bare.trim_end_matches("/tcp");
        if number.len() == 5 && number.chars().all(|c| c.is_ascii_digit()) {
            word.replace(number, "PORT")
        } else if bare.len() == 25 && bare.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit()) {
            word.replace(bare, "ID")
        } else {
            word.to_owned()
        }
    };
    text.split(' ').map(word).collect::<Vec<_>>().join(" ")
}

/// Rows that can be tried as the nodes are now.
pub fn at(rows: &[Row], place: Place) -> impl Iterator<Item = (usize, &Row)> {
    rows.iter().enumerate().filter(move |(_, row)| row.place == place)
}

/// Makes the node a place for tasks, or none.
pub fn availability(host: &str, node: &str, to: &str) {
    docker(host, &["node", "update", "--availability", to, node]);
}

/// Waits until swarm has noticed.
pub fn until_down(host: &str, node: &str) {
    until(|| docker(host, &["node", "inspect", "--format", "{{.Status.State}}", node]).trim() == "down");
}
