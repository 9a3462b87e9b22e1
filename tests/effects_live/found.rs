//! What swarm made of one service: its tasks before and after.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde_json::Value;

use crate::course::{Course, Kind};
use crate::row::Mode;

/// A task as the engine lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Task {
    pub id: String,
    pub service: String,
    /// Its slot, or its node in a global service.
    pub place: String,
    pub desired: String,
    pub state: String,
    pub waits: bool,
    pub iteration: u64,
    pub created: Timestamp,
}

impl Task {
    pub fn read(task: &Value) -> Self {
        let text = |path: &str| task.pointer(path).and_then(Value::as_str).unwrap_or_default().to_owned();
        let place = match task["Slot"].as_u64() {
            Some(slot) if slot > 0 => slot.to_string(),
            _ => text("/NodeID"),
        };
        let state = text("/Status/State");
        Self {
            id: text("/ID"),
            service: text("/ServiceID"),
            place,
            desired: text("/DesiredState"),
            waits: state == "pending" && !text("/Status/Err").is_empty(),
            state,
            iteration: task.pointer("/JobIteration/Index").and_then(Value::as_u64).unwrap_or(0),
            created: text("/CreatedAt").parse().unwrap(),
        }
    }

    fn is_wanted(&self) -> bool {
        matches!(self.desired.as_str(), "ready" | "running" | "complete")
    }

    fn runs(&self) -> bool {
        self.state == "running" && matches!(self.desired.as_str(), "running" | "complete")
    }

    pub fn has_ended(&self) -> bool {
        matches!(self.state.as_str(), "complete" | "shutdown" | "failed" | "rejected" | "orphaned")
    }

    /// It will be in another state soon.
    pub fn is_moving(&self) -> bool {
        match self.state.as_str() {
            _ if self.has_ended() => false,
            "running" => !self.is_wanted(),
            "pending" => !self.waits && self.is_wanted(),
            _ => self.is_wanted() || self.state != "new",
        }
    }
}

/// A service at one moment.
#[derive(Clone, Debug)]
pub struct Service {
    pub id: String,
    pub version: u64,
    pub updated: String,
    pub spec: Value,
    /// Swarm is still at an update.
    pub updating: bool,
    pub tasks: Vec<Task>,
}

impl Service {
    pub fn read(service: &Value, tasks: &[Task]) -> Self {
        let id = service["ID"].as_str().unwrap().to_owned();
        let update = service.pointer("/UpdateStatus/State").and_then(Value::as_str).unwrap_or_default();
        Self {
            version: service["Version"]["Index"].as_u64().unwrap(),
            updated: service["UpdatedAt"].as_str().unwrap().to_owned(),
            spec: service["Spec"].clone(),
            updating: matches!(update, "updating" | "rollback_started"),
            tasks: tasks.iter().filter(|task| task.service == id).cloned().collect(),
            id,
        }
    }

    pub fn running(&self) -> u64 {
        self.tasks.iter().filter(|task| task.runs()).count() as u64
    }

    pub fn is_job(&self) -> bool {
        let mode = &self.spec["Mode"];
        mode.get("ReplicatedJob").or(mode.get("GlobalJob")).is_some()
    }

    pub fn waits(&self) -> bool {
        self.tasks.iter().any(|task| task.is_wanted() && task.waits)
    }

    /// The newest task of each place.
    fn newest(&self) -> BTreeMap<&str, &Task> {
        let mut all: BTreeMap<&str, &Task> = BTreeMap::new();
        for task in &self.tasks {
            let there = all.entry(&task.place).or_insert(task);
            if task.created > there.created {
                *there = task;
            }
        }
        all
    }
}

#[derive(Clone, Debug)]
pub struct Found {
    pub course: Course,
    /// Tasks that ran before and run on.
    pub kept: u64,
    /// What is with the new tasks, where they do not run: `new tasks wait`, `new tasks do not start`.
    pub remark: &'static str,
}

impl Found {
    pub fn between(before: &Service, after: &Service, mode: Mode) -> Self {
        let new = |task: &Task| !before.tasks.iter().any(|old| old.id == task.id);
        let ran: Vec<&Task> = before.tasks.iter().filter(|task| task.runs()).collect();
        let newest = after.newest();
        let fresh: Vec<&Task> = newest.values().copied().filter(|task| new(task)).collect();
        let remark = match () {
            () if fresh.iter().any(|task| task.waits && task.is_wanted()) => "new tasks wait",
            () if fresh.iter().any(|task| matches!(task.state.as_str(), "failed" | "rejected")) => {
                "new tasks do not start"
            }
            () => "",
        };
        let kept =
            ran.iter().filter(|old| after.tasks.iter().any(|task| task.id == old.id && task.runs())).count() as u64;
        let gone = ran.len() as u64 - kept;
        let course = if before.id != after.id {
            Course { kind: Kind::Recreated, replaced: 0, added: newest.len() as u64, removed: ran.len() as u64 }
        } else if before.updated == after.updated {
            // Nobody wrote it. If tasks moved all the same, that is seen.
            Course { kind: Kind::NotWritten, replaced: gone, added: 0, removed: 0 }
        } else if mode.is_job() {
            let last = before.tasks.iter().map(|task| task.iteration).max().unwrap_or(0);
            let added = fresh.iter().filter(|task| task.iteration > last).count() as u64;
            let kind = if added > 0 { Kind::RunsAgain } else { Kind::Written };
            Course { kind, replaced: 0, added, removed: gone }
        } else {
            let in_place = |place: &str| ran.iter().any(|old| old.place == place);
            let waited =
                |place: &str| before.tasks.iter().any(|old| old.place == place && old.is_wanted() && old.waits);
            let replaced = fresh.iter().filter(|task| in_place(&task.place)).count() as u64;
            let added = fresh.iter().filter(|task| !in_place(&task.place) && !waited(&task.place)).count() as u64;
            Course { kind: Kind::Written, replaced, added, removed: gone.saturating_sub(replaced) }
        };
        Self { course, kept, remark }
    }
}
