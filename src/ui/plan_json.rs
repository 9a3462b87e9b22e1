//! The plan document, for programs: stable names, separate from the model. `schemas/plan.json` is made from these types.
//!
//! Readers must ignore keys that they do not know; a minor version only adds.

use jiff::Timestamp;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::diagnostic::{Diagnostics, Sources};
use crate::plan::{Action, Change, FieldChange, Op, Plan};
use crate::ui::Scrub;
use crate::ui::diagnostic::{DiagnosticJson, SpanJson};

/// Everything that apply would do.
#[derive(Clone, Debug, Serialize, JsonSchema)]
#[schemars(title = "stackup plan")]
pub struct PlanJson {
    /// `major.minor`.
    pub format_version: String,
    pub stackup_version: String,
    /// `p-` and 32 hex digits. Two plans with the same id do the same thing.
    pub plan_id: String,
    pub created: String,
    /// Nothing in it is a guess.
    pub exact: bool,
    /// Apply would carry it out.
    pub applyable: bool,
    /// `--target` or `--exclude` left something out.
    pub targeted: bool,
    pub cluster: ClusterJson,
    pub stack: String,
    pub source: SourceJson,
    pub base: BaseJson,
    pub summary: SummaryJson,
    /// In the order of execution.
    pub changes: Vec<ChangeJson>,
    /// What carries the stack's label, but no file names it. It is kept.
    pub orphans: Vec<OrphanJson>,
    /// Fields that were changed on the swarm since they were last applied.
    pub drift: Vec<DriftJson>,
    /// Checks against the live swarm.
    pub preflight: Vec<DiagnosticJson>,
    pub diagnostics: Vec<DiagnosticJson>,
}

/// The swarm that the plan is for.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ClusterJson {
    pub id: String,
    pub endpoint: String,
    /// Version of the engine that answered.
    pub engine: String,
}

/// The files that the plan was made from.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SourceJson {
    pub files: Vec<SourceFileJson>,
    /// Short id, where the files are in git.
    pub commit: Option<String>,
    pub dirty: bool,
}

#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SourceFileJson {
    pub path: String,
    /// Hex.
    pub sha256: String,
}

/// What was live before, as far as recorded.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct BaseJson {
    pub release: Option<u64>,
    pub applied_by: Option<String>,
}

/// Objects by action, and tasks.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct SummaryJson {
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
}

/// One object that will be written.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ChangeJson {
    /// `service/web`.
    pub address: String,
    /// `network`, `config`, `secret` or `service`.
    pub kind: String,
    /// Its name on the swarm.
    pub name: String,
    /// `null` before it exists.
    pub id: Option<String>,
    pub action: ActionJson,
    /// 0 is what comes before all services.
    pub wave: u32,
    /// Compose sections that differ.
    pub reasons: Vec<String>,
    pub impact: ImpactJson,
    pub health_before: Option<HealthJson>,
    pub fields: Vec<FieldJson>,
    /// Lines of a config that differ: unified, without header.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub content_diff: Option<String>,
    pub preconditions: PreconditionsJson,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub span: Option<SpanJson>,
}

/// What will be done to an object.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ActionJson {
    Create,
    Update,
    Scale,
    Restart,
    Recreate,
    Remove,
}

/// What a change does to tasks.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct ImpactJson {
    pub tasks_restarted: u64,
    pub tasks_stopped: u64,
    pub tasks_started: u64,
    pub downtime: bool,
    /// The rollout takes at least this long.
    pub min_seconds: u64,
}

/// How a service fares before anything is done.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct HealthJson {
    pub running: u64,
    pub desired: u64,
    /// `UpdateStatus.State` of the engine.
    pub update_state: Option<String>,
}

/// One field that differs.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct FieldJson {
    /// `/image`, `/environment/LOG_LEVEL`.
    pub path: String,
    pub op: OpJson,
    /// `null` where there is none, and where it is sensitive.
    pub before: Value,
    pub after: Value,
    /// `none`, `scale`, `replacement`, `forces_restart` or `forces_recreate`.
    pub effect: String,
    /// Who made the difference: `yours`, as long as nothing is recorded of what was applied before.
    pub origin: String,
    pub sensitive: bool,
    /// The value will only be known later.
    pub unknown: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub span: Option<SpanJson>,
}

#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum OpJson {
    Add,
    Remove,
    Replace,
}

/// What must still hold when the change is written.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct PreconditionsJson {
    /// `present` or `absent`.
    pub expect: String,
    pub index: Option<u64>,
    /// Of the normalised live spec.
    pub spec_digest: Option<String>,
    pub update_state: Option<String>,
}

/// Something that no file names.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct OrphanJson {
    pub kind: String,
    pub name: String,
    pub id: String,
}

/// A field that the swarm has otherwise than it was applied.
#[derive(Clone, Debug, Serialize, JsonSchema)]
pub struct DriftJson {
    pub address: String,
    pub path: String,
    pub applied: Value,
    pub live: Value,
}

/// The document of a plan that was made at `created`.
pub fn document(plan: &Plan, sources: &Sources, created: Timestamp, scrub: Scrub) -> PlanJson {
    let diagnostics = |list: &Diagnostics| list.iter().map(|one| DiagnosticJson::new(one, sources, scrub)).collect();
    let summary = &plan.summary;
    PlanJson {
        format_version: "1.0".to_owned(),
        stackup_version: env!("CARGO_PKG_VERSION").to_owned(),
        plan_id: plan.id.clone(),
        created: created.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        exact: plan.exact,
        applyable: plan.applyable(),
        targeted: plan.targeted,
        cluster: ClusterJson {
            id: plan.cluster.id.clone(),
            endpoint: scrub(&plan.cluster.endpoint),
            engine: plan.cluster.engine_version.clone(),
        },
        stack: plan.stack.clone(),
        source: SourceJson {
            files: plan
                .source
                .files
                .iter()
                .map(|file| SourceFileJson { path: file.path.clone(), sha256: file.sha256.clone() })
                .collect(),
            commit: plan.source.commit.clone(),
            dirty: plan.source.dirty,
        },
        base: BaseJson { release: plan.base.release, applied_by: plan.base.applied_by.clone() },
        summary: SummaryJson {
            create: summary.create,
            restart: summary.restart,
            scale: summary.scale,
            update: summary.update,
            recreate: summary.recreate,
            remove: summary.remove,
            unchanged: summary.unchanged,
            orphan: summary.orphan,
            tasks_restarted: summary.tasks_restarted,
            tasks_stopped: summary.tasks_stopped,
            tasks_started: summary.tasks_started,
            tasks_running: summary.tasks_running,
        },
        changes: plan.changes.iter().map(|change| self::change(change, sources, scrub)).collect(),
        orphans: plan
            .orphans
            .iter()
            .map(|orphan| OrphanJson {
                kind: orphan.kind.as_str().to_owned(),
                name: orphan.name.clone(),
                id: orphan.id.clone(),
            })
            .collect(),
        drift: Vec::new(),
        preflight: diagnostics(&plan.preflight),
        diagnostics: diagnostics(&plan.diagnostics),
    }
}

fn change(change: &Change, sources: &Sources, scrub: Scrub) -> ChangeJson {
    let impact = &change.impact;
    let preconditions = &change.preconditions;
    ChangeJson {
        address: change.address(),
        kind: change.kind.as_str().to_owned(),
        name: change.name.clone(),
        id: change.id.clone(),
        action: match change.action {
            Action::Create => ActionJson::Create,
            Action::Update => ActionJson::Update,
            Action::Scale => ActionJson::Scale,
            Action::Restart => ActionJson::Restart,
            Action::Recreate => ActionJson::Recreate,
            Action::Remove => ActionJson::Remove,
        },
        wave: change.wave,
        reasons: change.reasons.clone(),
        impact: ImpactJson {
            tasks_restarted: impact.tasks_restarted,
            tasks_stopped: impact.tasks_stopped,
            tasks_started: impact.tasks_started,
            downtime: impact.downtime,
            min_seconds: impact.min_seconds,
        },
        health_before: change.health.as_ref().map(|health| HealthJson {
            running: health.running,
            desired: health.desired,
            update_state: health.update_state.clone(),
        }),
        fields: change.fields.iter().map(|one| field(one, sources, scrub)).collect(),
        content_diff: change.content_diff.as_deref().map(scrub),
        preconditions: PreconditionsJson {
            expect: if preconditions.present { "present" } else { "absent" }.to_owned(),
            index: preconditions.index,
            spec_digest: preconditions.spec_digest.clone(),
            update_state: preconditions.update_state.clone(),
        },
        span: change.span.and_then(|span| SpanJson::new(span, sources)),
    }
}

fn field(field: &FieldChange, sources: &Sources, scrub: Scrub) -> FieldJson {
    let value = |value: &Option<Value>| match value {
        Some(value) if !field.sensitive => swept(value, scrub),
        _ => Value::Null,
    };
    FieldJson {
        path: field.path.clone(),
        op: match field.op {
            Op::Add => OpJson::Add,
            Op::Remove => OpJson::Remove,
            Op::Replace => OpJson::Replace,
        },
        before: value(&field.before),
        after: value(&field.after),
        effect: field.effect.as_str().to_owned(),
        origin: "yours".to_owned(),
        sensitive: field.sensitive,
        unknown: field.unknown,
        span: field.span.and_then(|span| SpanJson::new(span, sources)),
    }
}

/// Every string of a value, swept by itself: escaping could hide one from the sweep.
pub fn swept(value: &Value, scrub: Scrub) -> Value {
    match value {
        Value::String(text) => Value::String(scrub(text)),
        Value::Array(items) => Value::Array(items.iter().map(|item| swept(item, scrub)).collect()),
        Value::Object(map) => map.iter().map(|(key, item)| (scrub(key), swept(item, scrub))).collect(),
        other => other.clone(),
    }
}

/// The JSON Schema of the document, as `schemas/plan.json` holds it.
pub fn schema() -> Value {
    let mut schema = schemars::schema_for!(PlanJson).to_value();
    if let Some(object) = schema.as_object_mut() {
        object.insert("$id".to_owned(), Value::String("urn:stackup:plan:1.0".to_owned()));
    }
    schema
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ui::nothing_to_hide;
    use crate::ui::plan_text::sample::{everything, nothing, sources};

    fn json(plan: &Plan) -> Value {
        let created = "2026-11-20T12:00:00.123Z".parse().unwrap();
        serde_json::to_value(document(plan, &sources(), created, &nothing_to_hide)).unwrap()
    }

    #[test]
    fn the_document_fits_its_schema() {
        let validator = jsonschema::validator_for(&schema()).unwrap();
        for plan in [everything(), nothing()] {
            let json = json(&plan);
            let errors: Vec<String> = validator.iter_errors(&json).map(|error| error.to_string()).collect();
            assert!(errors.is_empty(), "{errors:?}");
        }
        assert!(!validator.is_valid(&serde_json::json!({"plan_id": 1})));
    }

    #[test]
    fn the_schema_in_the_repository_is_up_to_date() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/schemas/plan.json");
        let fresh = format!("{}\n", serde_json::to_string_pretty(&schema()).unwrap());
        if std::env::var_os("STACKUP_UPDATE_SCHEMAS").is_some() {
            std::fs::create_dir_all(concat!(env!("CARGO_MANIFEST_DIR"), "/schemas")).unwrap();
            std::fs::write(path, &fresh).unwrap();
        }
        let stored = std::fs::read_to_string(path).unwrap_or_default();
        assert!(stored == fresh, "schemas/plan.json is stale: run the tests with STACKUP_UPDATE_SCHEMAS=1");
    }

    #[test]
    fn everything_as_json() {
        insta::assert_snapshot!(serde_json::to_string_pretty(&json(&everything())).unwrap());
    }

    #[test]
    fn a_sensitive_value_is_null() {
        let mut plan = everything();
        for field in plan.changes.iter_mut().flat_map(|change| &mut change.fields).filter(|field| field.sensitive) {
            field.before = Some("hunter1hunter1".into());
            field.after = Some("hunter2hunter2".into());
        }
        let json = json(&plan);
        assert!(!json.to_string().contains("hunter"));
        let fields = json.pointer("/changes/1/fields").and_then(Value::as_array).unwrap();
        let password = fields.iter().find(|field| field["path"] == "/environment/DB_PASSWORD").unwrap();
        assert_eq!((&password["before"], &password["sensitive"]), (&Value::Null, &Value::Bool(true)));
    }
}
