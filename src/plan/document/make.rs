//! A plan to its document. The one place where what may not be seen is taken out, and where spans become places.

use jiff::Timestamp;
use serde_json::Value;

use super::{Change, ClusterRef, Document, Drift, Expect, Field, Orphan, Placement, Preconditions};
use crate::diagnostic::{DiagnosticJson, Diagnostics, Scrub, Sources, Span, SpanJson, swept};
use crate::plan::drift::{self, Origin};
use crate::plan::{self, Against, Base, FieldChange, Health, Plan, Rollout, Source, SourceDigest};
use crate::swarm::{join, segments};

/// What a plan does not know of itself.
#[derive(Clone, Copy)]
pub struct Circumstances<'a> {
    /// The texts that the plan's spans point into.
    pub sources: &'a Sources,
    /// What the files are warned of, advice too, which people only see counted.
    pub warned: &'a [&'a Diagnostics],
    /// Why the stack is called what it is called: `argument`, `name: in docker-compose.yml`.
    pub named_by: Option<&'a str>,
    pub created: Timestamp,
    /// The engine's clock when it was looked at.
    pub taken: Option<Timestamp>,
    pub scrub: Scrub<'a>,
}

impl Document {
    pub fn new(plan: &Plan, circumstances: &Circumstances) -> Self {
        circumstances.document(plan)
    }
}

impl Circumstances<'_> {
    fn document(&self, plan: &Plan) -> Document {
        let diagnostics = |lists: &[&Diagnostics]| {
            let all = lists.iter().copied().flatten();
            all.map(|one| DiagnosticJson::new(one, self.sources, self.scrub)).collect()
        };
        let warned: Vec<&Diagnostics> = self.warned.iter().copied().chain([&plan.diagnostics]).collect();
        Document {
            format_version: "1.0".to_owned(),
            stackup_version: env!("CARGO_PKG_VERSION").to_owned(),
            plan_id: plan.id.clone(),
            created: clock(self.created),
            taken: self.taken.map(clock),
            exact: plan.exact,
            applyable: plan.applyable(),
            targeted: plan.targeted,
            cluster: ClusterRef {
                id: plan.cluster.id.clone(),
                endpoint: self.text(&plan.cluster.endpoint),
                engine: plan.cluster.engine_version.clone(),
                managers: plan.cluster.managers,
                nodes: plan.cluster.nodes,
            },
            against: match &plan.against {
                Against::Snapshot { file, taken } => Against::Snapshot { file: self.text(file), taken: taken.clone() },
                other => other.clone(),
            },
            stack: self.text(&plan.stack),
            named_by: self.named_by.map(|why| self.text(why)),
            source: self.source(&plan.source),
            base: Base {
                release: plan.base.release,
                applied_by: plan.base.applied_by.as_deref().map(|who| self.text(who)),
                commit: plan.base.commit.as_deref().map(|commit| self.text(commit)),
                ..plan.base.clone()
            },
            summary: plan.summary,
            changes: plan.changes.iter().map(|change| self.change(change)).collect(),
            orphans: plan.orphans.iter().map(|orphan| self.orphan(orphan)).collect(),
            drift: plan.drift.iter().map(|one| Drift::new(one, self.scrub)).collect(),
            placement: plan.placement.iter().map(|one| Placement::new(one, self.scrub)).collect(),
            preflight: diagnostics(&[&plan.preflight]),
            diagnostics: diagnostics(&warned),
        }
    }

    fn text(&self, text: &str) -> String {
        (self.scrub)(text)
    }

    fn place(&self, span: Option<Span>) -> Option<SpanJson> {
        SpanJson::new(span?, self.sources, self.scrub)
    }

    fn source(&self, source: &Source) -> Source {
        let file = |file: &SourceDigest| SourceDigest { path: self.text(&file.path), sha256: file.sha256.clone() };
        Source {
            files: source.files.iter().map(file).collect(),
            release: source.release,
            commit: source.commit.as_deref().map(|commit| self.text(commit)),
            dirty: source.dirty,
        }
    }

    fn change(&self, change: &plan::Change) -> Change {
        let preconditions = &change.preconditions;
        Change {
            address: self.text(&change.address()),
            kind: change.kind,
            name: self.text(&change.name),
            id: change.id.clone(),
            action: change.action,
            wave: change.wave,
            after: change.after.iter().map(|(key, condition)| (self.text(key), *condition)).collect(),
            reasons: change.reasons.iter().map(|reason| self.text(reason)).collect(),
            impact: change.impact,
            rollout: change.rollout.as_ref().map(|rollout| self.rollout(rollout)),
            health_before: change.health.as_ref().map(|health| self.health(health)),
            fields: change.fields.iter().map(|field| self.field(field)).collect(),
            content_diff: change.content_diff.as_deref().map(|diff| self.text(diff)),
            preconditions: Preconditions {
                expect: if preconditions.present { Expect::Present } else { Expect::Absent },
                index: preconditions.index,
                spec_digest: preconditions.spec_digest.clone(),
                update_state: preconditions.update_state.as_deref().map(|state| self.text(state)),
            },
            span: self.place(change.span),
        }
    }

    /// The words in it come from a spec, and so from anybody.
    fn rollout(&self, rollout: &Rollout) -> Rollout {
        Rollout {
            order: self.text(&rollout.order),
            failure_action: self.text(&rollout.failure_action),
            ..rollout.clone()
        }
    }

    fn health(&self, health: &Health) -> Health {
        Health { update_state: health.update_state.as_deref().map(|state| self.text(state)), ..health.clone() }
    }

    fn field(&self, field: &FieldChange) -> Field {
        let value = |value: &Option<Value>| match value {
            Some(value) if !field.sensitive => swept(value, self.scrub),
            _ => Value::Null,
        };
        Field {
            path: path(&field.path, self.scrub),
            op: field.op,
            before: value(&field.before),
            after: value(&field.after),
            effect: field.effect,
            origin: field.origin.unwrap_or(Origin::Yours),
            sensitive: field.sensitive,
            unknown: field.unknown,
            span: self.place(field.span),
        }
    }

    fn orphan(&self, orphan: &plan::Orphan) -> Orphan {
        Orphan {
            kind: orphan.kind,
            name: self.text(&orphan.name),
            id: orphan.id.clone(),
            health: orphan.health.as_ref().map(|health| self.health(health)),
            created: orphan.created.map(clock),
        }
    }
}

impl Drift {
    pub fn new(one: &drift::Drift, scrub: Scrub) -> Self {
        let value = |value: &Option<Value>| match value {
            Some(value) if !one.sensitive => swept(value, scrub),
            _ => Value::Null,
        };
        Self {
            address: scrub(&one.address()),
            what: one.what,
            path: path(&one.path, scrub),
            applied: value(&one.applied),
            live: value(&one.live),
            sensitive: one.sensitive,
            effect: one.effect,
            origin: one.origin,
            index: one.index,
            at: one.at.map(clock),
        }
    }
}

fn path(path: &str, scrub: Scrub) -> String {
    segments(path).fold(String::new(), |path, segment| join(&path, &scrub(&segment)))
}

/// Seconds are enough for people and for ages.
fn clock(at: Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
