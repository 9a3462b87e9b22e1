//! Objects as they are in the swarm now. Specs stay raw: a field that nobody here knows is never lost.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use super::Members;

/// A service in the swarm.
#[derive(Clone, Debug)]
pub struct LiveService {
    pub id: String,
    pub name: String,
    /// `Version.Index`: moves with every write, the orchestrator's too.
    pub version: u64,
    /// The Spec exactly as the engine gave it. Plans hold it too, to go back to.
    pub spec: Arc<Value>,
    pub update: Option<UpdateStatus>,
    pub created: Option<Timestamp>,
    pub updated: Option<Timestamp>,
    /// `ServiceStatus`: tasks that run, are wanted, have completed.
    pub running: Option<u64>,
    pub wanted: Option<u64>,
    pub completed: Option<u64>,
    /// `Endpoint.Ports`: what is really published.
    pub ports: Vec<Value>,
    /// `JobStatus.JobIteration.Index`.
    pub job_iteration: Option<u64>,
}

/// The four kinds of services.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceMode {
    Replicated { replicas: u64 },
    Global,
    ReplicatedJob { concurrent: u64, completions: u64 },
    GlobalJob,
}

/// `UpdateStatus` of a service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UpdateStatus {
    pub state: UpdateState,
    pub started: Option<Timestamp>,
    pub completed: Option<Timestamp>,
    pub message: String,
}

/// `UpdateStatus.State`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UpdateState {
    Updating,
    Paused,
    Completed,
    RollbackStarted,
    RollbackPaused,
    RollbackCompleted,
    /// A state of a newer engine.
    Other(String),
}

/// A network that swarm services can use.
#[derive(Clone, Debug)]
pub struct LiveNetwork {
    pub id: String,
    pub name: String,
    pub driver: String,
    /// `swarm`, `local`, `global`.
    pub scope: String,
    pub ingress: bool,
    pub labels: BTreeMap<String, String>,
    /// As the engine gave it.
    pub raw: Value,
}

/// A config, with its bytes where they were asked for.
#[derive(Clone)]
pub struct LiveConfig {
    pub id: String,
    pub name: String,
    pub version: u64,
    /// ConfigSpec without `Data`.
    pub spec: Value,
    pub data: Option<Arc<[u8]>>,
    pub created: Option<Timestamp>,
    pub updated: Option<Timestamp>,
}

impl std::fmt::Debug for LiveConfig {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LiveConfig").field("id", &self.id).field("name", &self.name).finish_non_exhaustive()
    }
}

/// A secret. Its bytes never come back.
#[derive(Clone, Debug)]
pub struct LiveSecret {
    pub id: String,
    pub name: String,
    pub version: u64,
    pub spec: Value,
    pub created: Option<Timestamp>,
    pub updated: Option<Timestamp>,
}

fn label<'a>(spec: &'a Value, key: &str) -> Option<&'a str> {
    spec.get("Labels")?.get(key)?.as_str()
}

impl LiveService {
    /// Its own from then on, if somebody else holds it too.
    pub fn spec_mut(&mut self) -> &mut Value {
        Arc::make_mut(&mut self.spec)
    }

    /// A service label.
    pub fn label(&self, key: &str) -> Option<&str> {
        label(&self.spec, key)
    }

    pub fn mode(&self) -> ServiceMode {
        ServiceMode::of(&self.spec)
    }

    /// The image as stored, digest and all.
    pub fn image(&self) -> &str {
        self.spec.member("/TaskTemplate/ContainerSpec/Image").and_then(Value::as_str).unwrap_or_default()
    }
}

impl LiveConfig {
    pub fn label(&self, key: &str) -> Option<&str> {
        label(&self.spec, key)
    }
}

impl LiveSecret {
    pub fn label(&self, key: &str) -> Option<&str> {
        label(&self.spec, key)
    }
}

impl ServiceMode {
    /// The mode that a ServiceSpec states; nothing stated is one replica.
    pub fn of(spec: &Value) -> Self {
        let mode = &spec["Mode"];
        if mode.get("Global").is_some_and(Value::is_object) {
            return Self::Global;
        }
        if mode.get("GlobalJob").is_some_and(Value::is_object) {
            return Self::GlobalJob;
        }
        if let Some(job) = mode.get("ReplicatedJob").filter(|j| j.is_object()) {
            let concurrent = job["MaxConcurrent"].as_u64().unwrap_or(1);
            let completions = job["TotalCompletions"].as_u64().unwrap_or(concurrent);
            return Self::ReplicatedJob { concurrent, completions };
        }
        Self::Replicated { replicas: mode.member("/Replicated/Replicas").and_then(Value::as_u64).unwrap_or(1) }
    }

    /// docker's word for it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Replicated { .. } => "replicated",
            Self::Global => "global",
            Self::ReplicatedJob { .. } => "replicated-job",
            Self::GlobalJob => "global-job",
        }
    }
}

impl UpdateState {
    pub fn parse(state: &str) -> Self {
        match state {
            "updating" => Self::Updating,
            "paused" => Self::Paused,
            "completed" => Self::Completed,
            "rollback_started" => Self::RollbackStarted,
            "rollback_paused" => Self::RollbackPaused,
            "rollback_completed" => Self::RollbackCompleted,
            other => Self::Other(other.to_owned()),
        }
    }

    pub fn as_str(&self) -> &str {
        match self {
            Self::Updating => "updating",
            Self::Paused => "paused",
            Self::Completed => "completed",
            Self::RollbackStarted => "rollback_started",
            Self::RollbackPaused => "rollback_paused",
            Self::RollbackCompleted => "rollback_completed",
            Self::Other(state) => state,
        }
    }
}
