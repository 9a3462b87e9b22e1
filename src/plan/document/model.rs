//! What stands in the document: `schemas/plan.json` is made from these types.
//!
//! Readers must ignore keys that they do not know; a minor version only adds.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Placement;
use crate::compose::model::DependsOnCondition;
use crate::diagnostic::{DiagnosticJson, SpanJson};
use crate::plan::drift::{Origin, What};
use crate::plan::{Action, Against, Base, Effect, Health, Impact, Op, Rollout, Source, Summary};
use crate::swarm::Kind;

/// Everything that apply would do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(title = "stackup plan")]
pub struct Document {
    /// `major.minor`.
    pub format_version: String,
    pub stackup_version: String,
    /// `p-` and 32 hex digits. Two plans with the same id do the same thing.
    pub plan_id: String,
    pub created: String,
    /// The engine's clock when it was looked at; ages are counted up to it.
    pub taken: Option<String>,
    /// Nothing in it is a guess.
    pub exact: bool,
    /// Apply would carry it out.
    pub applyable: bool,
    /// `--target` or `--exclude` left something out.
    pub targeted: bool,
    pub cluster: ClusterRef,
    /// What the files were compared with.
    #[serde(default)]
    pub against: Against,
    pub stack: String,
    /// Why the stack is called so: `argument`, `name: in docker-compose.yml`.
    pub named_by: Option<String>,
    pub source: Source,
    pub base: Base,
    pub summary: Summary,
    /// In the order of execution.
    pub changes: Vec<Change>,
    /// What carries the stack's label, but no file names it. It is kept.
    pub orphans: Vec<Orphan>,
    /// Fields that were changed on the swarm since they were last applied.
    pub drift: Vec<Drift>,
    /// Where swarm will put the tasks of the services that are written.
    #[serde(default)]
    pub placement: Vec<Placement>,
    /// Checks against the live swarm.
    pub preflight: Vec<DiagnosticJson>,
    /// What the files and the plan are warned of, advice (`SU04xx`) included.
    pub diagnostics: Vec<DiagnosticJson>,
}

/// The swarm that the plan is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ClusterRef {
    pub id: String,
    pub endpoint: String,
    /// Version of the engine that answered.
    pub engine: String,
    pub managers: u64,
    pub nodes: u64,
}

/// One object that will be written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// `service/web`.
    pub address: String,
    pub kind: Kind,
    /// Its name on the swarm.
    pub name: String,
    /// `null` before it exists.
    pub id: Option<String>,
    pub action: Action,
    /// 0 is what comes before all services.
    pub wave: u32,
    /// What it waits for, by service.
    pub after: BTreeMap<String, DependsOnCondition>,
    /// Compose sections that differ.
    pub reasons: Vec<String>,
    pub impact: Impact,
    /// How swarm replaces its tasks, where it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rollout: Option<Rollout>,
    pub health_before: Option<Health>,
    pub fields: Vec<Field>,
    /// Lines of a config that differ: unified, without header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_diff: Option<String>,
    pub preconditions: Preconditions,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub span: Option<SpanJson>,
}

/// One field that differs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Field {
    /// `/image`, `/environment/LOG_LEVEL`.
    pub path: String,
    pub op: Op,
    /// `null` where there is none, and where it is sensitive.
    pub before: Value,
    pub after: Value,
    pub effect: Effect,
    /// Who made the difference; `yours` too where no release says what was applied before.
    pub origin: Origin,
    pub sensitive: bool,
    /// The value will only be known later.
    pub unknown: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub span: Option<SpanJson>,
}

/// What must still hold when the change is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Preconditions {
    pub expect: Expect,
    pub index: Option<u64>,
    /// Of the normalised live spec.
    pub spec_digest: Option<String>,
    pub update_state: Option<String>,
}

/// Whether the object must be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Expect {
    Present,
    Absent,
}

/// Something that no file names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Orphan {
    pub kind: Kind,
    pub name: String,
    pub id: String,
    /// `null` for what is no service.
    pub health: Option<Health>,
    pub created: Option<String>,
}

/// Something that the swarm has otherwise than it was applied.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Drift {
    pub address: String,
    pub what: What,
    /// Empty where it is about the whole object.
    pub path: String,
    /// `null` where there is none, and where it is sensitive.
    pub applied: Value,
    pub live: Value,
    pub sensitive: bool,
    /// What putting it back does to running tasks.
    pub effect: Effect,
    /// `null` where the files were not asked.
    pub origin: Option<Origin>,
    /// `Version.Index` of the object now.
    pub index: Option<u64>,
    /// Its last write.
    pub at: Option<String>,
}
