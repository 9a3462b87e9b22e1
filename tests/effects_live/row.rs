//! One row: a service as it is, what becomes of its file, and which fields of a spec that changes.

use serde_json::{Value, json};

/// Runs until it is asked to go, and then goes at once.
const STAYS: &str = "trap 'exit 0' TERM; sleep 1000000 & wait";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    Replicated,
    Global,
    ReplicatedJob,
    GlobalJob,
}

impl Mode {
    pub fn word(self) -> &'static str {
        match self {
            Self::Replicated => "replicated",
            Self::Global => "global",
            Self::ReplicatedJob => "replicated job",
            Self::GlobalJob => "global job",
        }
    }

    pub fn is_job(self) -> bool {
        matches!(self, Self::ReplicatedJob | Self::GlobalJob)
    }
}

/// What a row must come to, where plan and swarm agreeing is not enough.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Must {
    /// Every task is kept.
    Keep,
    /// No task is kept.
    Replace,
    /// Nothing is even written.
    NotWrite,
}

/// Strings of the file may hold KEY (the service), PORT (a number that no other row has), IMAGE, OTHER (another image) and
/// AGAIN (another name of IMAGE).
#[derive(Clone, Debug)]
pub struct Row {
    /// As a Compose file calls what changes.
    pub field: String,
    pub change: String,
    pub mode: Mode,
    /// Fields of a service's spec (`/TaskTemplate/...`), or of another object (`network:/Driver`), as in [`super::cover`].
    pub covers: Vec<&'static str>,
    pub must: Option<Must>,
    /// What somebody does to the live spec by hand, in between.
    pub by_hand: Option<fn(&mut Value)>,
    /// `--replace`
    pub replace: bool,
    /// Runs every day, on one node.
    pub core: bool,
    from: Value,
    to: Value,
    around: Value,
    around_then: Value,
}

/// A replicated service of one task.
pub fn row(field: &str, change: &str, covers: &[&'static str]) -> Row {
    Row {
        field: field.to_owned(),
        change: change.to_owned(),
        mode: Mode::Replicated,
        covers: covers.to_vec(),
        must: None,
        by_hand: None,
        replace: false,
        core: false,
        from: json!({}),
        to: json!({}),
        around: json!({}),
        around_then: json!({}),
    }
}

impl Row {
    /// What the service says beside the base, from the start on.
    pub fn from(mut self, service: Value) -> Self {
        merge(&mut self.from, &service);
        self
    }

    /// What it says then; null takes away.
    pub fn to(mut self, service: Value) -> Self {
        merge(&mut self.to, &service);
        self
    }

    /// What stands beside the service in the file.
    pub fn around(mut self, file: Value) -> Self {
        merge(&mut self.around, &file);
        self
    }

    pub fn around_then(mut self, file: Value) -> Self {
        merge(&mut self.around_then, &file);
        self
    }

    pub fn mode(mut self, mode: Mode) -> Self {
        self.mode = mode;
        self
    }

    pub fn must(mut self, must: Must) -> Self {
        self.must = Some(must);
        self
    }

    pub fn by_hand(mut self, edit: fn(&mut Value)) -> Self {
        self.by_hand = Some(edit);
        self
    }

    pub fn replaced(mut self) -> Self {
        self.replace = true;
        self
    }

    /// The same without `--replace`.
    pub fn unreplaced(mut self) -> Self {
        self.replace = false;
        self
    }

    pub fn core(mut self) -> Self {
        self.core = true;
        self
    }

    /// Its tasks would not start after the change, and are not to be tried again and again.
    pub fn tried_once(self) -> Self {
        self.from(json!({"deploy": {"restart_policy": {"condition": "none"}}}))
    }

    /// Its tasks have an address of their own, which stopping them takes two seconds for.
    pub fn on_overlay(self) -> Self {
        self.from(json!({"networks": null}))
    }

    pub fn name(&self) -> String {
        format!("{} | {} | {}", self.field, self.mode.word(), self.change)
    }

    /// The file around the service, and the service.
    pub fn before(&self) -> (Value, Value) {
        let mut service = base(self.mode);
        merge(&mut service, &self.from);
        (self.around.clone(), service)
    }

    pub fn after(&self) -> (Value, Value) {
        let (mut file, mut service) = self.before();
        merge(&mut service, &self.to);
        merge(&mut file, &self.around_then);
        (file, service)
    }
}

/// On the node's own network, which costs nothing; replaced all at once.
fn base(mode: Mode) -> Value {
    let deploy = match mode {
        Mode::Replicated => json!({"replicas": 1, "update_config": {"parallelism": 0, "monitor": "1s"}}),
        Mode::Global => json!({"mode": "global", "update_config": {"parallelism": 0, "monitor": "1s"}}),
        Mode::ReplicatedJob => {
            json!({"mode": "replicated-job", "replicas": 1, "restart_policy": {"condition": "none"}})
        }
        Mode::GlobalJob => json!({"mode": "global-job", "restart_policy": {"condition": "none"}}),
    };
    let command = if mode.is_job() { "exit 0" } else { STAYS };
    json!({"image": "IMAGE", "networks": {"host": {}}, "command": ["/bin/sh", "-c", command], "deploy": deploy})
}

/// Objects are merged, null takes away, everything else replaces.
pub fn merge(into: &mut Value, from: &Value) {
    match (into, from) {
        (Value::Object(into), Value::Object(from)) => {
            for (key, value) in from {
                match into.get_mut(key) {
                    Some(there) if !value.is_null() => merge(there, value),
                    _ => drop(into.insert(key.clone(), value.clone())),
                }
            }
        }
        (into, from) => *into = from.clone(),
    }
}

/// Takes away what is null, all the way down.
pub fn without_nulls(value: &mut Value) {
    if let Value::Object(object) = value {
        object.retain(|_, value| !value.is_null());
        object.values_mut().for_each(without_nulls);
    }
}
