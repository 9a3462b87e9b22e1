//! The Plan value. What derives `Serialize` stands as it is in the [document](super::document) that all forms show.

use std::collections::BTreeMap;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::drift::{Drift, Origin};
use super::ground::Ground;
use super::id::Decision;
use super::schedule::Placement;
use super::shape::Rollout;
use crate::compose::model::Content;
use crate::diagnostic::{Diagnostics, Span};
use crate::swarm::{Cluster, Kind};

/// What will be done to one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Action {
    Create,
    /// Tasks keep running.
    Update,
    /// Only the number of tasks changes.
    Scale,
    /// Tasks are replaced, some at a time.
    Restart,
    /// Removed and created again: downtime.
    Recreate,
    Remove,
}

impl Action {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Scale => "scale",
            Self::Restart => "restart",
            Self::Recreate => "recreate",
            Self::Remove => "remove",
        }
    }
}

/// What changing one field does to running tasks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Nothing restarts.
    None,
    /// Tasks are added or removed.
    Scale,
    /// Tasks stay unless their node no longer qualifies.
    Replacement,
    ForcesRestart,
    /// Swarm cannot change it: the object is removed and created again.
    ForcesRecreate,
}

impl Effect {
    /// As in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Scale => "scale",
            Self::Replacement => "replacement",
            Self::ForcesRestart => "forces_restart",
            Self::ForcesRecreate => "forces_recreate",
        }
    }
}

/// How one field differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Op {
    Add,
    Remove,
    Replace,
}

/// One field that differs.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldChange {
    /// Compose path: `/image`, `/environment/LOG_LEVEL`, `/deploy/replicas`.
    pub path: String,
    pub op: Op,
    /// Compose-shaped values (`"50M"` is shown as the file would say it); `None` where there is none or it is sensitive.
    pub before: Option<Value>,
    pub after: Option<Value>,
    pub effect: Effect,
    pub sensitive: bool,
    /// The value will only be known later (an id, a digest that no registry told).
    pub unknown: bool,
    /// Who made the difference, as far as a release tells.
    pub origin: Option<Origin>,
    pub span: Option<Span>,
}

impl FieldChange {
    /// One that hides nothing, is known by now, and of which nobody has said yet who made it.
    pub fn new(
        path: impl Into<String>,
        op: Op,
        before: Option<Value>,
        after: Option<Value>,
        effect: Effect,
        span: Option<Span>,
    ) -> Self {
        Self { path: path.into(), op, before, after, effect, sensitive: false, unknown: false, origin: None, span }
    }
}

/// What a change does to running tasks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Impact {
    pub tasks_restarted: u64,
    pub tasks_stopped: u64,
    pub tasks_started: u64,
    pub downtime: bool,
    /// Least time the rollout takes, in seconds.
    pub min_seconds: u64,
}

/// How a service fares before anything is done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Health {
    pub running: u64,
    pub desired: u64,
    /// `UpdateStatus.State` of the engine.
    pub update_state: Option<String>,
    /// How long ago the rollout or rollback began that still goes on, in seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub going_for: Option<u64>,
}

/// What must still hold when the change is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Preconditions {
    /// `false`: nothing of this name may exist.
    pub present: bool,
    pub index: Option<u64>,
    /// `sha256:…` of the normalised live spec.
    pub spec_digest: Option<String>,
    pub update_state: Option<String>,
}

/// The request behind a change. Ids of objects that the same plan creates are filled in by name when it is executed:
/// `Networks[].Target`, `Configs[].ConfigID`, `Secrets[].SecretID` (and `CredentialSpec.Config`) hold names or nothing here.
#[derive(Clone, Debug)]
pub enum Write {
    CreateNetwork {
        body: Value,
    },
    RecreateNetwork {
        id: String,
        body: Value,
    },
    CreateConfig {
        spec: Value,
        content: Content,
    },
    CreateSecret {
        spec: Value,
        content: Option<Content>,
    },
    /// Labels only; swarm changes nothing else of it.
    UpdateConfig {
        id: String,
        spec: Value,
        content: Content,
    },
    UpdateSecret {
        id: String,
        spec: Value,
        content: Option<Content>,
    },
    CreateService {
        spec: Value,
    },
    UpdateService {
        id: String,
        spec: Value,
        /// The live spec that the plan saw, for going back.
        before: Option<Arc<Value>>,
    },
    RecreateService {
        id: String,
        spec: Value,
    },
    RemoveService {
        id: String,
    },
    RemoveNetwork {
        id: String,
    },
    RemoveConfig {
        id: String,
    },
    RemoveSecret {
        id: String,
    },
}

impl Write {
    /// The ServiceSpec that it writes.
    pub fn service_spec(&self) -> Option<&Value> {
        match self {
            Self::CreateService { spec } | Self::UpdateService { spec, .. } | Self::RecreateService { spec, .. } => {
                Some(spec)
            }
            _ => None,
        }
    }
}

/// One object that will be written.
#[derive(Clone, Debug)]
pub struct Change {
    pub kind: Kind,
    /// Compose key (swarm name without the stack for objects that no file names).
    pub key: String,
    /// Swarm name.
    pub name: String,
    /// `None` before it exists.
    pub id: Option<String>,
    pub action: Action,
    /// From 1; 0 for what comes before all services, one more than the last for what is pruned.
    pub wave: u32,
    /// Keys of services that must be verified (or started, or completed) before this one.
    pub after: BTreeMap<String, crate::compose::model::DependsOnCondition>,
    /// Compose sections that differ: `image`, `environment`.
    pub reasons: Vec<String>,
    pub fields: Vec<FieldChange>,
    /// Lines that differ, for configs whose content changed: unified, without header.
    pub content_diff: Option<String>,
    pub impact: Impact,
    /// How swarm rolls the service over; only for what restarts.
    pub rollout: Option<Rollout>,
    pub health: Option<Health>,
    pub preconditions: Preconditions,
    pub span: Option<Span>,
    pub write: Write,
}

impl Change {
    /// `service/web`.
    pub fn address(&self) -> String {
        format!("{}/{}", self.kind.as_str(), self.key)
    }
}

/// Something with this stack's label that the files do not name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Orphan {
    pub kind: Kind,
    pub name: String,
    pub id: String,
    pub health: Option<Health>,
    pub created: Option<jiff::Timestamp>,
}

/// The swarm that the plan is for.
pub type ClusterRef = Cluster;

/// The files that the plan was made from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Source {
    pub files: Vec<SourceDigest>,
    /// Not from files, but from the record of this release.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<u64>,
    /// Short commit id, where the files are in git.
    pub commit: Option<String>,
    pub dirty: bool,
}

/// One file and its digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SourceDigest {
    pub path: String,
    /// Hex SHA-256.
    pub sha256: String,
}

/// What was live before, as far as recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Base {
    /// What the files are compared with beside what is live.
    pub standing: Standing,
    pub release: Option<u64>,
    pub applied_by: Option<String>,
    /// When the release was made.
    pub at: Option<String>,
    pub commit: Option<String>,
}

/// Whether somebody's changes can be told from ours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    /// Nothing was ever recorded: every difference counts as ours.
    #[default]
    Unrecorded,
    /// Measured against the last release.
    Recorded,
    /// Something else deployed the stack since the last release.
    OtherTool,
    /// The last release cannot be read.
    Unreadable,
    /// Somebody is applying just now, and has recorded nothing yet.
    BeingApplied,
}

/// The counts of a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Summary {
    pub create: u64,
    pub restart: u64,
    pub scale: u64,
    pub update: u64,
    pub recreate: u64,
    pub remove: u64,
    pub unchanged: u64,
    pub orphan: u64,
    pub tasks_restarted: u64,
    pub tasks_stopped: u64,
    pub tasks_started: u64,
    /// Tasks of the stack that run now.
    pub tasks_running: u64,
    /// Tasks of the stack that should run now.
    pub tasks_desired: u64,
    /// Services of the stack whose last update still goes on.
    pub updating: u64,
    /// Services of the stack whose last update swarm stopped in the middle.
    pub paused: u64,
    /// Services that the files name.
    pub services: u64,
}

/// What the files were compared with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Against {
    #[default]
    Swarm,
    /// What was recorded of one in a file; when, in RFC 3339.
    Snapshot { file: String, taken: Option<String> },
    /// A swarm with nothing in it.
    Nothing,
}

/// Everything that apply would do.
#[derive(Clone, Debug)]
pub struct Plan {
    /// `p-` and 32 hex digits; the same decision has the same id.
    pub id: String,
    pub decision: Decision,
    /// What must still hold when it is carried out.
    pub ground: Ground,
    pub stack: String,
    pub cluster: ClusterRef,
    pub against: Against,
    pub source: Source,
    pub base: Base,
    /// Nothing in it is a guess.
    pub exact: bool,
    /// `--target` or `--exclude` left something out.
    pub targeted: bool,
    pub summary: Summary,
    /// In the order of execution.
    pub changes: Vec<Change>,
    pub orphans: Vec<Orphan>,
    /// What was changed outside stackup since the last release, as far as the files are about it.
    pub drift: Vec<Drift>,
    /// Where swarm will put the tasks of the services that it writes, and which find no node.
    pub placement: Vec<Placement>,
    /// Checks against the live swarm; errors make the plan not applyable.
    pub preflight: Diagnostics,
    /// What else is worth knowing.
    pub diagnostics: Diagnostics,
}

impl Plan {
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }

    /// Apply would carry it out: nothing stands in its way, and it was compared with a swarm that is there.
    pub fn applyable(&self) -> bool {
        !self.preflight.has_errors() && self.against == Against::Swarm
    }
}
