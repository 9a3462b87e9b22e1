//! What is really live, asked through the docker CLI and watched for some seconds.

use std::collections::{BTreeMap, BTreeSet};
use std::thread::sleep;
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::run::try_docker;

/// A task counts as running where it did at every look of this long. A crash loop has none.
const WATCHED: Duration = Duration::from_secs(8);

/// What is live of the service `web`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Live {
    /// The version in the spec; nothing where there is no service.
    pub spec: Option<String>,
    /// `UpdateStatus.State`, where it is neither empty nor done.
    pub update: String,
    /// Tasks that run all the time, by version.
    pub running: BTreeMap<String, usize>,
    /// Tasks of the newest version that ended with 0 and are done.
    pub done: usize,
}

impl Live {
    /// For the table.
    pub fn words(&self) -> String {
        let Some(spec) = &self.spec else { return "no service".to_owned() };
        let mut words = format!("spec {spec}");
        if !self.update.is_empty() {
            words += &format!(", {}", self.update);
        }
        let running: Vec<String> = self.running.iter().map(|(version, n)| format!("{n} × {version}")).collect();
        match (running.is_empty(), self.done) {
            (true, 0) => words + "; nothing runs",
            (true, n) => words + &format!("; {n} done"),
            (false, _) => words + &format!("; runs {}", running.join(", ")),
        }
    }

    pub fn runs(&self, version: &str, wanted: usize) -> bool {
        let others = self.running.keys().any(|v| v != version);
        self.spec.as_deref() == Some(version)
            && self.running.get(version).copied().unwrap_or_default() == wanted
            && !others
    }
}

/// Looks at the service for a while.
pub fn live(host: &str, stack: &str) -> Live {
    watched(host, stack, WATCHED)
}

/// Looks once.
pub fn glance(host: &str, stack: &str) -> Live {
    watched(host, stack, Duration::ZERO)
}

fn watched(host: &str, stack: &str, how_long: Duration) -> Live {
    let service = format!("{stack}_web");
    let end = Instant::now() + how_long;
    let mut held: Option<BTreeMap<String, String>> = None;
    loop {
        let tasks = tasks(host, stack);
        let now: BTreeMap<String, String> = tasks
            .iter()
            .filter(|t| t["Status"]["State"] == "running" && t["DesiredState"] == "running")
            .map(|t| (t["ID"].as_str().unwrap_or_default().to_owned(), version(&t["Spec"])))
            .collect();
        let still = match held {
            None => now,
            Some(before) => before.into_iter().filter(|(id, _)| now.contains_key(id)).collect(),
        };
        if Instant::now() >= end {
            return sum_up(host, &service, &still, &tasks);
        }
        held = Some(still);
        sleep(Duration::from_millis(500));
    }
}

fn sum_up(host: &str, service: &str, held: &BTreeMap<String, String>, tasks: &[Value]) -> Live {
    let Some(found) = inspect(host, &["service", "inspect", service]).into_iter().next() else {
        return Live::default();
    };
    let spec = version(&found["Spec"]["TaskTemplate"]);
    let state = found["UpdateStatus"]["State"].as_str().unwrap_or_default();
    let update = match state {
        "" | "completed" => String::new(),
        state => state.replace('_', " "),
    };
    let mut running = BTreeMap::new();
    for version in held.values() {
        *running.entry(version.clone()).or_default() += 1;
    }
    let complete = |t: &&Value| {
        t["Status"]["State"] == "complete"
            && t["Status"]["ContainerStatus"]["ExitCode"].as_i64().unwrap_or_default() == 0
            && version(&t["Spec"]) == spec
    };
    let template = &found["Spec"]["TaskTemplate"];
    let ends = found["Spec"]["Mode"].as_object().is_some_and(|mode| mode.keys().any(|k| k.contains("Job")))
        || template["RestartPolicy"]["Condition"].as_str().is_some_and(|c| c != "any");
    let place =
        |t: &Value| format!("{} {}", t["Slot"], if t["Slot"].is_null() { t["NodeID"].clone() } else { Value::Null });
    let done: BTreeSet<String> = tasks.iter().filter(|t| ends && complete(t)).map(place).collect();
    Live { spec: Some(spec), update, running, done: done.len() }
}

/// All tasks of the service `web`.
fn tasks(host: &str, stack: &str) -> Vec<Value> {
    let service = format!("{stack}_web");
    let ids = try_docker(host, &["service", "ps", "-q", "--no-trunc", &service]).unwrap_or_default();
    let ids: Vec<&str> = ids.split_whitespace().collect();
    if ids.is_empty() { Vec::new() } else { inspect(host, &[&["inspect", "--type", "task"], &ids[..]].concat()) }
}

/// What docker finds; what it does not find it leaves out.
fn inspect(host: &str, args: &[&str]) -> Vec<Value> {
    match try_docker(host, args) {
        Ok(text) | Err(text) => serde_json::from_str(&text).unwrap_or_default(),
    }
}

/// VERSION of a TaskSpec.
fn version(task: &Value) -> String {
    let env = task["ContainerSpec"]["Env"].as_array().into_iter().flatten();
    env.filter_map(|e| e.as_str()?.strip_prefix("VERSION=")).next().unwrap_or("?").to_owned()
}
