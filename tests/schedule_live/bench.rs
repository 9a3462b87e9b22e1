//! The lab, and what is done on it.

use std::collections::BTreeMap;
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::compare::{Found, Told};
use super::generate::{Case, NodeSetting};
use crate::lab::Lab;
use crate::support::engine::get;
use crate::support::run::{docker, stackup};

const STACK: &str = "sched";
const NEIGHBOUR: &str = "neighbour";
/// Nothing moves for this long: swarm has done what it can.
const QUIET: Duration = Duration::from_millis(3500);
const PATIENCE: Duration = Duration::from_secs(180);

pub struct Bench {
    lab: Lab,
    image: String,
    dir: tempfile::TempDir,
}

impl Bench {
    pub fn set() -> Option<Self> {
        let lab = Lab::named("schedule", 3)?;
        let image = lab.image(&["sched:v1"]);
        Some(Self { lab, image, dir: tempfile::tempdir().unwrap() })
    }

    fn host(&self) -> &str {
        self.lab.host()
    }

    /// Other services away, nodes as wanted, neighbours up.
    pub fn arrange(&self, nodes: &[NodeSetting; 3], neighbours: &[(usize, usize, &'static str)]) {
        self.clear();
        self.nodes(nodes);
        for (number, (node, replicas, cpus)) in neighbours.iter().enumerate() {
            let (name, replicas) = (format!("{NEIGHBOUR}{number}"), replicas.to_string());
            let constraint = format!("node.hostname==n{}", node + 1);
            let mut args = vec!["service", "create", "--detach", "--name", &name, "--replicas", &replicas];
            args.extend(["--network", "host", "--constraint", &constraint, "--no-resolve-image"]);
            if *cpus != "0" {
                args.extend(["--reserve-cpu", cpus]);
            }
            args.extend([self.image.as_str(), "sh", "-c", "trap 'exit 0' TERM; sleep 1000000 & wait"]);
            docker(self.host(), &args);
        }
        self.wait(|tasks| tasks.iter().any(|task| task.is_moving()));
    }

    pub fn nodes(&self, nodes: &[NodeSetting; 3]) {
        for (number, node) in nodes.iter().enumerate() {
            let name = format!("n{}", number + 1);
            let mut args = vec!["node", "update", "--availability", node.availability];
            let old = docker(self.host(), &["node", "inspect", &name, "--format", "{{json .Spec}}"]);
            let old: Value = serde_json::from_str(&old).unwrap();
            let had = |key: &str| old["Labels"].get(key).is_some();
            let labels: Vec<String> = node.labels.iter().map(|(key, value)| format!("{key}={value}")).collect();
            for key in ["zone", "disk"].into_iter().filter(|key| had(key) && !node.labels.contains_key(key)) {
                args.extend(["--label-rm", key]);
            }
            labels.iter().for_each(|label| args.extend(["--label-add", label]));
            docker(self.host(), &[args.as_slice(), &[&name]].concat());
        }
        self.wait(|tasks| tasks.iter().any(|task| task.is_moving()));
    }

    pub fn clear(&self) {
        self.end_jobs();
        let services = docker(self.host(), &["service", "ls", "-q"]);
        let services: Vec<&str> = services.split_whitespace().collect();
        if !services.is_empty() {
            docker(self.host(), &[&["service", "rm"], services.as_slice()].concat());
        }
        let until = Instant::now() + PATIENCE;
        while let Some(task) = self.tasks().into_iter().find(Task::holds_room) {
            assert!(Instant::now() < until, "it stays behind: {task:?}");
            sleep(Duration::from_millis(300));
        }
        let networks = docker(self.host(), &["network", "ls", "-q", "--filter", "label=com.docker.stack.namespace"]);
        for network in networks.split_whitespace() {
            docker(self.host(), &["network", "rm", network]);
        }
    }

    /// Engines before 23 forget the tasks of a job that is removed: they would run, or wait and then run, and hold their
    /// room for ever. So each job ends before it goes: one run of `echo`, which needs no room.
    fn end_jobs(&self) {
        let jobs = docker(self.host(), &["service", "ls", "-q", "--filter", "mode=replicated-job"]);
        if jobs.trim().is_empty() {
            return;
        }
        let over =
            ["--args", "echo over", "--reserve-cpu", "0", "--reserve-memory", "0", "--replicas-max-per-node", "0"];
        for job in jobs.split_whitespace() {
            docker(self.host(), &[&["service", "update", "--detach"], over.as_slice(), &[job]].concat());
        }
        let names = docker(self.host(), &["service", "ls", "--filter", "mode=replicated-job", "--format", "{{.Name}}"]);
        // The tasks of the new run are not there at once: only quiet tells.
        let tasks = self.wait(|tasks| tasks.iter().any(Task::is_moving));
        let left = tasks.iter().filter(|task| task.holds_room()).find(|task| names.lines().any(|n| n == task.service));
        assert!(left.is_none(), "jobs do not end: {left:?}");
    }

    pub fn compose(&self, case: &Case) -> String {
        case.compose(&self.image)
    }

    fn write(&self, case: &Case) {
        std::fs::write(self.dir.path().join("compose.yml"), case.compose(&self.image)).unwrap();
    }

    /// What the plan says of each service that it writes. `None`: this engine's scheduler would hang.
    pub fn plan(&self, case: &Case) -> Option<BTreeMap<String, Told>> {
        self.write(case);
        let args = ["plan", "-c", "compose.yml", "--resolve-image", "never", "--format", "json", STACK];
        let run = stackup(self.host(), self.dir.path(), &args);
        assert!(run.code == 0 || run.code == 9, "{}\n{}\n{}", run.code, run.stderr, case.compose(&self.image));
        let plan: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|e| panic!("{e}: {}", run.stdout));
        let hangs = plan["preflight"].as_array().unwrap().iter().any(|d| d["code"] == "SU0513");
        (!hangs).then(|| plan["placement"].as_array().unwrap().iter().map(Told::read).collect())
    }

    pub fn deploy(&self, case: &Case) {
        self.write(case);
        let args = ["deploy", "-c", "compose.yml", "--resolve-image", "never", STACK];
        stackup(self.host(), self.dir.path(), &args).exits(0);
    }

    /// What swarm made of it, when nothing moves any more.
    pub fn settled(&self, case: &Case) -> BTreeMap<String, Found> {
        let tasks = self.wait(|tasks| tasks.iter().any(|task| task.is_moving()));
        let names = case.services.keys();
        let found = names.map(|name| {
            let service = format!("{STACK}_{name}");
            let state = docker(
                self.host(),
                &["service", "inspect", &service, "--format", "{{with .UpdateStatus}}{{.State}}{{end}}"],
            );
            let own = tasks.iter().filter(|task| task.service == service);
            ((*name).to_owned(), Found::new(own, state.trim()))
        });
        found.collect()
    }

    fn wait(&self, moving: impl Fn(&[Task]) -> bool) -> Vec<Task> {
        let until = Instant::now() + PATIENCE;
        let (mut last, mut since) = (Vec::new(), Instant::now());
        loop {
            let tasks = self.tasks();
            if tasks != last || moving(&tasks) {
                (last, since) = (tasks, Instant::now());
            } else if since.elapsed() > QUIET {
                return last;
            }
            if Instant::now() > until {
                return last;
            }
            sleep(Duration::from_millis(400));
        }
    }

    fn tasks(&self) -> Vec<Task> {
        let answer = get(self.host(), "/v1.41/tasks");
        let names = get(self.host(), "/v1.41/services");
        let nodes = get(self.host(), "/v1.41/nodes");
        let name = |list: &Value, id: &Value, path: &str| {
            let found = list.as_array().unwrap().iter().find(|one| one["ID"] == *id);
            found.and_then(|one| one.pointer(path)?.as_str()).unwrap_or_default().to_owned()
        };
        let text = |task: &Value, path: &str| task.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
        let mut tasks: Vec<Task> = answer
            .as_array()
            .unwrap()
            .iter()
            .map(|task| Task {
                id: text(task, "/ID"),
                service: name(&names, &task["ServiceID"], "/Spec/Name"),
                node: name(&nodes, &task["NodeID"], "/Description/Hostname"),
                desired: text(task, "/DesiredState"),
                state: text(task, "/Status/State"),
                error: text(task, "/Status/Err"),
            })
            .collect();
        tasks.sort_by(|a, b| a.id.cmp(&b.id));
        tasks
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    pub id: String,
    /// Empty when the service is removed.
    pub service: String,
    pub node: String,
    pub desired: String,
    pub state: String,
    pub error: String,
}

impl Task {
    pub fn is_wanted(&self) -> bool {
        matches!(self.desired.as_str(), "ready" | "running" | "complete")
    }

    fn has_ended(&self) -> bool {
        matches!(self.state.as_str(), "complete" | "shutdown" | "failed" | "rejected" | "orphaned")
    }

    fn holds_room(&self) -> bool {
        !self.node.is_empty() && !self.has_ended()
    }

    /// It will be in another state soon.
    fn is_moving(&self) -> bool {
        match self.state.as_str() {
            _ if self.has_ended() => false,
            "running" => !self.is_wanted(),
            "pending" => self.error.is_empty() && self.is_wanted(),
            _ => true,
        }
    }
}
