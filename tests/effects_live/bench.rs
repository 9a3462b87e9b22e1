//! The swarm, and what is done on it: all rows before, the plan, all rows after.

use std::collections::{BTreeMap, BTreeSet};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::file::{Images, Named, file};
use crate::found::{Service, Task};
use crate::support::engine::{get, update_service};
use crate::support::run::{docker, stackup};
use crate::told::{UNPLACED, refusal};

/// Nothing moves for this long: swarm has done what it does.
const QUIET: Duration = Duration::from_millis(2500);
const PATIENCE: Duration = Duration::from_secs(300);

pub struct Bench {
    pub host: String,
    pub images: Images,
    dir: tempfile::TempDir,
}

/// Everything that the rows made, at one moment.
#[derive(Clone, Debug, Default)]
pub struct Seen {
    pub services: BTreeMap<String, Service>,
    /// Specs by kind and name: `config fx-files_r003-a`.
    pub objects: BTreeMap<String, Value>,
    /// Services whose spec somebody wanted to change by hand, and the engine kept nothing of it.
    pub unchanged_by_hand: BTreeSet<String>,
}

impl Bench {
    /// `image` has a shell and stays when it is told to.
    pub fn new(host: &str, image: &str) -> Self {
        let (name, _) = image.rsplit_once(':').unwrap();
        let (other, again) = (format!("{name}:other"), format!("{name}:again"));
        let dir = tempfile::tempdir().unwrap();
        for text in ["one", "two"] {
            std::fs::write(dir.path().join(text), text).unwrap();
        }
        let bench = Self {
            host: host.to_owned(),
            images: Images::from([("IMAGE", image.to_owned()), ("OTHER", other.clone()), ("AGAIN", again.clone())]),
            dir,
        };
        bench.docker(&["tag", image, &again]);
        std::fs::write(bench.dir.path().join("Dockerfile"), format!("FROM {image}\nENV ANOTHER=image\n")).unwrap();
        bench.docker(&["build", "-q", "-t", &other, bench.dir.path().to_str().unwrap()]);
        [&other, &again].iter().for_each(|image| drop(bench.docker(&["push", "-q", image])));
        bench
    }

    pub fn docker(&self, args: &[&str]) -> String {
        docker(&self.host, args)
    }

    pub fn engine(&self) -> String {
        self.docker(&["version", "--format", "{{.Server.Version}}"]).trim().to_owned()
    }

    /// Puts the first files there, and what is done by hand.
    pub fn set(&self, rows: &[Named]) -> Seen {
        for (stack, rows) in stacks(rows) {
            for network in rows.iter().flat_map(|row| row.networks_by_hand(&self.images)) {
                let label = format!("com.docker.stack.namespace={stack}");
                self.docker(&["network", "create", "--scope", "swarm", "-d", "bridge", "--label", &label, &network]);
            }
            self.write(stack, &rows, false);
            self.stackup(&["deploy", "-c", &path(stack), stack]);
        }
        self.settle();
        let by_hand: Vec<_> = rows.iter().filter_map(|row| Some((row.service(), row.row.by_hand?))).collect();
        if by_hand.is_empty() {
            return self.settle();
        }
        let before = self.see();
        for (service, edit) in &by_hand {
            let service = &before.services[service];
            let mut spec = service.spec.clone();
            edit(&mut spec);
            update_service(&self.host, &service.id, service.version, &spec);
        }
        let mut seen = self.settle();
        let unchanged = |name: &&String| seen.services[*name].spec == before.services[*name].spec;
        seen.unchanged_by_hand = by_hand.iter().map(|(name, _)| name).filter(unchanged).cloned().collect();
        seen
    }

    /// The plan for the second file of each stack, and its carrying out: that plan, or nothing. What the plan refuses is tried
    /// all the same: `refused_by_engine` says how that ended.
    pub fn change(&self, rows: &[Named]) -> BTreeMap<&'static str, Value> {
        let stacks = stacks(rows);
        let mut plans = BTreeMap::new();
        for (stack, rows) in &stacks {
            self.write(stack, rows, true);
            plans.insert(*stack, self.plan(stack, rows));
        }
        for (stack, rows) in &stacks {
            let plan = plans.get_mut(stack).unwrap();
            let refusal = refusal(plan);
            let id = plan["plan_id"].as_str().unwrap();
            let skipped = UNPLACED.into_iter().chain(refusal.as_deref()).flat_map(|code| ["--skip-preflight", code]);
            let planning = self.planning(stack, rows);
            let args = ["apply", "--detach", "--approve-plan", id].into_iter().chain(skipped);
            let args: Vec<&str> = args.chain(planning.iter().map(String::as_str)).collect();
            let run = stackup(&self.host, self.dir.path(), &args);
            if refusal.is_none() {
                run.exits(0);
            } else {
                plan["refused_by_engine"] = (run.code == 1).into();
            }
        }
        plans
    }

    /// A stack's plan as it stands now.
    pub fn plan(&self, stack: &str, rows: &[&Named]) -> Value {
        let planning = self.planning(stack, rows);
        let args = ["plan", "--format", "json"].into_iter().chain(planning.iter().map(String::as_str));
        let run = stackup(&self.host, self.dir.path(), &args.collect::<Vec<_>>());
        assert!(run.code == 0 || run.code == 9, "{stack}: {}\n{}", run.code, run.stderr);
        serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{stack}: {error}: {}", run.stdout))
    }

    fn planning(&self, stack: &str, rows: &[&Named]) -> Vec<String> {
        let mut args = vec!["-c".to_owned(), path(stack), "--recreate-networks".to_owned()];
        for row in rows.iter().filter(|row| row.row.replace) {
            args.extend(["--replace".to_owned(), row.key.clone()]);
        }
        args.push(stack.to_owned());
        args
    }

    fn write(&self, stack: &str, rows: &[&Named], after: bool) {
        std::fs::write(self.dir.path().join(path(stack)), file(rows, after, &self.images)).unwrap();
    }

    fn stackup(&self, args: &[&str]) {
        stackup(&self.host, self.dir.path(), args).exits(0);
    }

    /// Waits until swarm has done all that it does. Its orchestrators take one thing after the other, so what is created
    /// last and runs shows that everything before it was taken up.
    pub fn settle(&self) -> Seen {
        for (name, mode) in [("fx-last", "replicated"), ("fx-last-global", "global")] {
            let image = &self.images["IMAGE"];
            let args = ["service", "create", "--detach", "--no-resolve-image", "--network", "host", "--mode", mode];
            self.docker(
                &[&args[..], &["--name", name, image, "/bin/sh", "-c", "trap 'exit 0' TERM; sleep 1000 & wait"]]
                    .concat(),
            );
        }
        let until = Instant::now() + PATIENCE;
        let running = || get(&self.host, "/tasks?filters=%7B%22name%22%3A%5B%22fx-last%22%5D%7D");
        let runs = |task: &Value| task["Status"]["State"] == "running";
        while running().as_array().unwrap().iter().filter(|task| runs(task)).count() < 2 && Instant::now() < until {
            sleep(Duration::from_millis(200));
        }
        self.docker(&["service", "rm", "fx-last", "fx-last-global"]);
        let (mut last, mut since) = (Vec::new(), Instant::now());
        loop {
            let seen = self.see();
            let tasks: Vec<Task> = seen.services.values().flat_map(|service| service.tasks.clone()).collect();
            let moves = |(_, service): &(&String, &Service)| {
                let updating = service.updating && !service.waits();
                updating || service.tasks.iter().any(Task::is_moving)
            };
            let moving: Vec<(&String, &Service)> = seen.services.iter().filter(moves).collect();
            if !moving.is_empty() || tasks != last {
                (last, since) = (tasks, Instant::now());
            } else if since.elapsed() > QUIET {
                return seen;
            }
            assert!(Instant::now() < until, "swarm does not come to rest: {moving:#?}");
            sleep(Duration::from_millis(300));
        }
    }

    pub fn see(&self) -> Seen {
        let list = |path: &str| get(&self.host, path).as_array().cloned().unwrap_or_default();
        let text =
            |value: &Value, path: &str| value.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
        let tasks: Vec<Task> = list("/tasks").iter().map(Task::read).collect();
        let services = list("/services");
        let ours = services.iter().filter(|service| text(service, "/Spec/Name").starts_with("fx-"));
        let services = ours.map(|service| (text(service, "/Spec/Name"), Service::read(service, &tasks))).collect();
        let mut objects = BTreeMap::new();
        for (kind, path) in [("config", "/configs"), ("secret", "/secrets")] {
            for object in list(path) {
                objects.insert(format!("{kind} {}", text(&object, "/Spec/Name")), object["Spec"].clone());
            }
        }
        for mut network in list("/networks") {
            if text(&network, "/Scope") == "swarm" {
                let name = format!("network {}", text(&network, "/Name"));
                // What differs each time a network is made.
                for key in ["Id", "Created", "Peers", "Containers", "Services"] {
                    network.as_object_mut().unwrap().remove(key);
                }
                objects.insert(name, network);
            }
        }
        Seen { services, objects, ..Seen::default() }
    }

    /// Nothing of it stays.
    pub fn clear(&self, rows: &[Named]) {
        // Engines before 23 forget the tasks of a job that is removed, and they would run on.
        let seen = self.see();
        for (name, _) in seen.services.iter().filter(|(_, service)| service.is_job() && service.running() > 0) {
            self.docker(&["service", "update", "--detach", "--args", "sh -c true", name]);
        }
        for stack in stacks(rows).into_keys() {
            self.docker(&["stack", "rm", stack]);
        }
        let until = Instant::now() + PATIENCE;
        // Those engines list for ever what a job left behind.
        let left =
            || get(&self.host, "/tasks").as_array().unwrap().iter().map(Task::read).any(|task| !task.has_ended());
        while left() && Instant::now() < until {
            sleep(Duration::from_millis(300));
        }
    }
}

fn path(stack: &str) -> String {
    format!("{stack}.yml")
}

/// The rows of each stack.
pub fn stacks(rows: &[Named]) -> BTreeMap<&'static str, Vec<&Named>> {
    let mut stacks: BTreeMap<&'static str, Vec<&Named>> = BTreeMap::new();
    rows.iter().for_each(|row| stacks.entry(row.stack).or_default().push(row));
    stacks
}
