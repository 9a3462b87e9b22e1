//! Tasks.

use std::collections::HashMap;
use std::sync::Arc;

use serde_json::Value;

use super::field::{Why, time_of};
use super::lean::Lean;
use super::list::Decoded;
use super::pick::Pick;
use super::stream::stream;
use crate::swarm::{Damaged, Task, TaskState};

/// What is read of a task. Of a task's own spec that is what it runs and what it reserves.
pub(in crate::engine) const TASK: Pick = Pick::Members(&[
    ("ID", Pick::Whole),
    ("ServiceID", Pick::Whole),
    ("Slot", Pick::Whole),
    ("NodeID", Pick::Whole),
    ("DesiredState", Pick::Whole),
    ("CreatedAt", Pick::Whole),
    ("JobIteration", Pick::Whole),
    (
        "Spec",
        Pick::Members(&[
            ("ContainerSpec", Pick::Members(&[("Image", Pick::Whole)])),
            ("Resources", Pick::Members(&[("Reservations", Pick::Whole)])),
            ("Runtime", Pick::Whole),
        ]),
    ),
    (
        "Status",
        Pick::Members(&[
            ("State", Pick::Whole),
            ("Timestamp", Pick::Whole),
            ("Message", Pick::Whole),
            ("Err", Pick::Whole),
            ("ContainerStatus", Pick::Members(&[("ContainerID", Pick::Whole), ("ExitCode", Pick::Whole)])),
            ("PortStatus", Pick::Whole),
        ]),
    ),
]);

/// Tasks that come one after the other. Specs that are the same are kept once.
#[derive(Debug, Default)]
pub(in crate::engine) struct Tasks {
    known: HashMap<String, Arc<Value>>,
    decoded: Decoded<Task>,
}

impl Tasks {
    /// Reads a list of tasks; `null` is an empty one.
    pub fn read(json: &[u8]) -> serde_json::Result<Decoded<Task>> {
        let mut tasks = Self::default();
        stream(json, TASK, |item| tasks.add(&item))?;
        Ok(tasks.done())
    }

    /// One that was read as [`TASK`] says.
    pub fn add(&mut self, item: &Lean) {
        match self.task(item) {
            Ok(good) => self.decoded.good.push(good),
            Err(why) => {
                let id = name_of(item).unwrap_or("?").to_owned();
                self.decoded.damaged.push(Damaged { kind: None, id, why });
            }
        }
    }

    pub fn done(self) -> Decoded<Task> {
        self.decoded
    }

    fn task(&mut self, item: &Lean) -> Result<Task, Why> {
        if !matches!(item, Lean::Object(_)) {
            return Err("the task is no object".to_owned());
        }
        let desired = TaskState::parse(&text(item, "DesiredState")?);
        let status = item.get("Status").filter(|status| matches!(status, Lean::Object(_)));
        let status = status.ok_or("`Status` is missing")?;
        let state = TaskState::parse(&text(status, "State")?);
        let ports = match status.get("PortStatus").and_then(|ports| ports.get("Ports")) {
            Some(Lean::List(ports)) => ports.iter().map(Lean::to_value).collect(),
            _ => Vec::new(),
        };
        let container = status.get("ContainerStatus");
        let id = text(item, "ID")?;
        // Tasks that attach a plain container to a network have none.
        let service = text_or_empty(item, "ServiceID");
        Ok(Task {
            id,
            spec: self.spec(&service, item.get("Spec").unwrap_or(&Lean::Null)),
            service,
            slot: item.get("Slot").and_then(Lean::as_u64).filter(|slot| *slot > 0),
            node: stated(item, "NodeID"),
            desired,
            state,
            since: status.get("Timestamp").and_then(Lean::as_str).and_then(time_of),
            created: item.get("CreatedAt").and_then(Lean::as_str).and_then(time_of),
            message: text_or_empty(status, "Message"),
            error: text_or_empty(status, "Err"),
            exit_code: container.and_then(|c| c.get("ExitCode")).and_then(Lean::as_i64),
            container: container.and_then(|c| stated(c, "ContainerID")),
            ports,
            job_iteration: item.get("JobIteration").and_then(|j| j.get("Index")).and_then(Lean::as_u64),
        })
    }

    fn spec(&mut self, service: &str, spec: &Lean) -> Arc<Value> {
        match self.known.get(service) {
            Some(known) if spec.is(known) => known.clone(),
            _ => {
                let spec = Arc::new(spec.to_value());
                self.known.insert(service.to_owned(), spec.clone());
                spec
            }
        }
    }
}

fn text(item: &Lean, key: &str) -> Result<String, Why> {
    stated(item, key).ok_or_else(|| format!("`{key}` is missing"))
}

fn text_or_empty(item: &Lean, key: &str) -> String {
    item.get(key).and_then(Lean::as_str).unwrap_or_default().to_owned()
}

fn stated(item: &Lean, key: &str) -> Option<String> {
    item.get(key).and_then(Lean::as_str).filter(|text| !text.is_empty()).map(str::to_owned)
}

/// Of one that cannot be read.
fn name_of<'a>(item: &'a Lean) -> Option<&'a str> {
    item.get("ID").and_then(Lean::as_str).filter(|name| !name.is_empty())
}

#[cfg(test)]
pub(in crate::engine) fn task(value: &Value) -> Result<Task, Why> {
    let text = value.to_string();
    let mut tasks = Tasks::default();
    let item = TASK.from(text.as_bytes()).map_err(|error| error.to_string())?;
    tasks.task(&item)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn tasks_of_one_spec_share_it() {
        let one = |service: &str, image: &str| {
            json!({"ID": "t", "ServiceID": service, "DesiredState": "running", "Status": {"State": "running"},
                "Spec": {"ContainerSpec": {"Image": image}}})
        };
        let list = json!([one("a", "1"), one("a", "1"), one("a", "2"), one("b", "1"), 7, {"ID": "x"}]);
        let tasks = Tasks::read(list.to_string().as_bytes()).unwrap();
        let same = |a: usize, b: usize| Arc::ptr_eq(&tasks.good[a].spec, &tasks.good[b].spec);
        assert!(same(0, 1) && !same(1, 2) && !same(0, 3));
        let damaged: Vec<_> = tasks.damaged.iter().map(|d| (d.id.as_str(), d.why.as_str())).collect();
        assert_eq!(tasks.good.len(), 4);
        assert_eq!(damaged, [("?", "the task is no object"), ("x", "`DesiredState` is missing")]);
        assert!(Tasks::read(b"null").unwrap().good.is_empty() && Tasks::read(b"{}").is_err());
    }

    #[test]
    fn reads_a_failed_task_and_a_global_one() {
        let failed = task(&json!({
            "ID": "t1", "ServiceID": "s1", "Slot": 2, "NodeID": "n1", "DesiredState": "shutdown",
            "Spec": {"ForceUpdate": 1},
            "Status": {"State": "failed", "Timestamp": "2026-11-21T13:00:00Z", "Message": "started",
                "Err": "task: non-zero exit (137)", "ContainerStatus": {"ContainerID": "c", "ExitCode": 137}},
        }))
        .unwrap();
        assert_eq!((failed.state, failed.desired, failed.slot), (TaskState::Failed, TaskState::Shutdown, Some(2)));
        assert_eq!((failed.exit_code, failed.container.as_deref()), (Some(137), Some("c")));
        assert_eq!(*failed.spec, json!({}), "nothing that is read of it");

        let global = task(&json!({"ID": "t2", "DesiredState": "running", "Status": {"State": "dreaming"}})).unwrap();
        assert_eq!((global.slot, global.node, global.state), (None, None, TaskState::Unknown));
    }
}
