//! One service: unchanged, or a change.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value, json};

use super::content::foreign;
use super::diff::{ServiceDiff, describe, diff_service};
use super::digest::spec_digest;
use super::draft::Draft;
use super::impact::{Moved, displaced, health, impact, waiting, wanted_tasks};
use super::settled::networks;
use super::{Action, Change, Effect, FieldChange, Op, Preconditions, Write, preflight};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::code::{IMAGE_UNRESOLVED, NO_SUCH_IMAGE, NOT_RENEWED, STRANDED};
use crate::swarm::{DesiredService, Kind, LiveService, Members, NAMESPACE_LABEL, ServiceMode, segments};

/// What becomes of the services that the files name.
pub(super) struct Outcome {
    /// The spec that will be live, change or not.
    pub spec: Arc<Value>,
    pub change: Option<Change>,
}

/// `recreated` are the names of networks that are removed and created again.
pub(super) fn plan_service(desired: &DesiredService, draft: &mut Draft, recreated: &[String]) -> Outcome {
    let mut want = desired.spec.clone();
    draft.versions.rewire(&mut want);
    preflight::drop_newer_fields(desired, &mut want, draft);
    let Some(live) = draft.snapshot.service(&desired.name) else {
        return create(desired, want, draft);
    };
    let owner = live.label(NAMESPACE_LABEL);
    if owner != Some(draft.snapshot.stack.as_str()) {
        draft.refuse(foreign(Kind::Service, &desired.key, &desired.name, owner), desired.origins.nearest(""));
        return Outcome { spec: live.spec.clone(), change: None };
    }
    update(desired, want, live, draft, recreated)
}

fn create(desired: &DesiredService, want: Value, draft: &mut Draft) -> Outcome {
    let options = draft.options;
    let described = describe(desired, want, &draft.names, options.resolve, &options.resolved);
    unresolved(&described, desired, draft);
    nowhere(desired, draft);
    let spec = described.spec;
    let change = Change {
        kind: Kind::Service,
        key: desired.key.clone(),
        name: desired.name.clone(),
        id: None,
        action: Action::Create,
        wave: 0,
        after: BTreeMap::new(),
        reasons: Vec::new(),
        fields: described.fields,
        content_diff: None,
        impact: impact(Action::Create, &spec, None, draft.snapshot, Moved::default()).0,
        rollout: None,
        health: None,
        preconditions: Preconditions { present: false, index: None, spec_digest: None, update_state: None },
        span: desired.origins.nearest(""),
        write: Write::CreateService { spec: Value::clone(&spec) },
    };
    Outcome { spec, change: Some(change) }
}

fn update(
    desired: &DesiredService,
    want: Value,
    live: &LiveService,
    draft: &mut Draft,
    recreated: &[String],
) -> Outcome {
    let options = draft.options;
    let key = desired.key.as_str();
    let ignored = |path: &str| options.ignores(key, path);
    let mut diff = diff_service(desired, &want, live, &draft.names, options.resolve, &options.resolved, &ignored);
    unresolved(&diff, desired, draft);
    for network in recreated.iter().filter(|name| attached(&diff.spec, name)) {
        let key = draft.names.key(Kind::Network, network).to_owned();
        let path = crate::swarm::join("/networks", &key);
        diff.fields.push(field(desired, &path, Op::Replace, None, None, Effect::ForcesRecreate));
    }
    let forced = force_reason(&diff, live, draft);
    if forced.is_some() || options.replaces(key) {
        let (before, after) = diff.force();
        diff.fields.push(field(
            desired,
            "/force_update",
            Op::Replace,
            Some(json!(before)),
            Some(json!(after)),
            Effect::ForcesRestart,
        ));
        if let Some(why) = forced {
            let note = Diagnostic::note(STRANDED, format!("all tasks of `{key}` are replaced: {why}"));
            draft.note(note.about(format!("service/{key}")), desired.origins.nearest(""));
        }
    }
    if diff.fields.is_empty() && renews(desired, live, draft) {
        diff.fields.push(FieldChange {
            sensitive: true,
            ..field(desired, "/registry_auth", Op::Replace, None, None, Effect::None)
        });
    }
    if diff.fields.is_empty() {
        return Outcome { spec: diff.spec, change: None };
    }
    if diff.fields.iter().any(|field| field.path == "/image") {
        nowhere(desired, draft);
    }
    if is_job(live) {
        for field in diff.fields.iter_mut().filter(|f| f.effect != Effect::ForcesRecreate) {
            field.effect = Effect::ForcesRestart;
        }
    }
    let moved = Moved { tasks: displaced(live, &diff.spec, draft.snapshot), alone: !diff.task && !diff.endpoint };
    let action = action(&diff, live, moved.tasks, draft);
    let (id, spec) = (live.id.clone(), diff.spec);
    let write = match action {
        Action::Recreate => Write::RecreateService { id, spec: Value::clone(&spec) },
        _ => Write::UpdateService { id, spec: Value::clone(&spec), before: Some(live.spec.clone()) },
    };
    let (impact, rollout) = impact(action, &spec, Some(live), draft.snapshot, moved);
    let change = Change {
        kind: Kind::Service,
        key: key.to_owned(),
        name: desired.name.clone(),
        id: Some(live.id.clone()),
        action,
        wave: 0,
        after: BTreeMap::new(),
        reasons: sections(&diff.fields),
        fields: diff.fields,
        content_diff: None,
        impact,
        rollout,
        health: Some(health(live, draft.snapshot)),
        preconditions: preconditions(live),
        span: desired.origins.nearest(""),
        write,
    };
    Outcome { spec, change: Some(change) }
}

pub(super) fn preconditions(live: &LiveService) -> Preconditions {
    Preconditions {
        present: true,
        index: Some(live.version),
        spec_digest: Some(spec_digest(&live.spec)),
        update_state: live.update.as_ref().map(|u| u.state.as_str().to_owned()),
    }
}

fn is_job(live: &LiveService) -> bool {
    matches!(live.mode(), ServiceMode::ReplicatedJob { .. } | ServiceMode::GlobalJob)
}

/// The strongest effect decides. Placement alone restarts only tasks that lose their place, and moves none of a global
/// service: there it takes and adds nodes. A job that is written runs again, whatever was changed.
fn action(diff: &ServiceDiff, live: &LiveService, moved: u64, draft: &Draft) -> Action {
    let has = |effect: Effect| diff.fields.iter().any(|f| f.effect == effect);
    let global = matches!(live.mode(), ServiceMode::Global);
    let joins = || wanted_tasks(&diff.spec, draft.snapshot) > wanted_tasks(&live.spec, draft.snapshot);
    if has(Effect::ForcesRecreate) {
        Action::Recreate
    } else if has(Effect::ForcesRestart) || (has(Effect::Replacement) && !global && moved > 0) {
        Action::Restart
    } else if has(Effect::Scale) || (has(Effect::Replacement) && global && (moved > 0 || joins())) {
        Action::Scale
    } else {
        Action::Update
    }
}

/// The service gets its registry's credentials anew: asked for, and written without harm.
fn renews(desired: &DesiredService, live: &LiveService, draft: &mut Draft) -> bool {
    let image = image(desired);
    if !draft.options.renewed.contains(image) || !draft.options.selects(&desired.key) {
        return false;
    }
    let job = matches!(live.mode(), ServiceMode::ReplicatedJob { .. } | ServiceMode::GlobalJob);
    let why = match waiting(live, draft.snapshot) {
        _ if job => "a job that is written runs again".to_owned(),
        0 => return true,
        waiting => format!("{waiting} of its tasks wait for a node, and swarm forgets those when it is written"),
    };
    let note = Diagnostic::note(NOT_RENEWED, format!("credentials of `{}` are not renewed: {why}", desired.key));
    draft.note(note.about(format!("service/{}", desired.key)), desired.origins.nearest("/image"));
    false
}

/// No task could start with an image that is nowhere.
fn nowhere(desired: &DesiredService, draft: &mut Draft) {
    let image = image(desired);
    let runs = || draft.snapshot.services.iter().any(|live| live.image().split('@').next() == Some(image));
    if !draft.options.absent.contains(image) || runs() {
        return;
    }
    let problem =
        Diagnostic::error(NO_SUCH_IMAGE, format!("there is no image `{image}`: neither in its registry nor here"))
            .help("push it, or mend the name; if other nodes have it by hand: `--skip-preflight SU0514`")
            .about(format!("service/{}", desired.key));
    draft.refuse(problem, desired.origins.nearest("/image"));
}

/// As the file says it.
fn image(desired: &DesiredService) -> &str {
    desired.spec.member("/TaskTemplate/ContainerSpec/Image").and_then(Value::as_str).unwrap_or_default()
}

/// Swarm would lose tasks unless all are replaced.
fn force_reason(diff: &ServiceDiff, live: &LiveService, draft: &Draft) -> Option<String> {
    if diff.fields.is_empty() || diff.task || wanted_tasks(&diff.spec, draft.snapshot) == 0 {
        return None;
    }
    if diff.placement && diff.endpoint {
        return Some("swarm forgets a port that changes together with placement alone".to_owned());
    }
    let replicated = matches!(live.mode(), ServiceMode::Replicated { .. });
    let waiting = waiting(live, draft.snapshot);
    (replicated && waiting > 0 && !diff.endpoint && !diff.placement)
        .then(|| format!("{waiting} wait for a node, and swarm forgets those when a service is written"))
}

fn attached(spec: &Value, network: &str) -> bool {
    networks(spec).any(|target| target == network)
}

fn field(
    desired: &DesiredService,
    path: &str,
    op: Op,
    before: Option<Value>,
    after: Option<Value>,
    effect: Effect,
) -> FieldChange {
    let span = desired.origins.nearest(path);
    FieldChange::new(path, op, before, after, effect, span)
}

fn unresolved(diff: &ServiceDiff, desired: &DesiredService, draft: &mut Draft) {
    if !diff.unresolved_image {
        return;
    }
    draft.unknown_image = true;
    let image = image(desired);
    let note = Diagnostic::warning(IMAGE_UNRESOLVED, format!("no registry gave a digest for `{image}`"))
        .help("nodes may run different images of that name; `--resolve-image never` if it is only on the nodes")
        .about(format!("service/{}", desired.key));
    draft.note(note, desired.origins.nearest("/image"));
}

/// The Compose sections of fields, once each, in order.
pub(super) fn sections(fields: &[FieldChange]) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for field in fields {
        let mut parts = segments(&field.path);
        let section = match (parts.next(), parts.next()) {
            (Some(first), Some(second)) if first == "deploy" => second,
            (Some(first), _) => first,
            _ => continue,
        };
        if !all.contains(&section) {
            all.push(section);
        }
    }
    all
}
