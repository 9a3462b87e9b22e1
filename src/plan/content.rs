//! Configs and secrets: what must be created, relabelled, or had anew because their content changed.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde_json::{Value, json};
use similar::TextDiff;

use super::diff::FieldInfo;
use super::digest::{keyed, sha256};
use super::draft::Draft;
use super::exact::{exact_config, exact_secret};
use super::version::{used_by_other, versioned};
use super::{Action, Change, Effect, FieldChange, Impact, Op, Preconditions, SecretKey, Write};
use crate::compose::model::Content;
use crate::diagnostic::Diagnostic;
use crate::diagnostic::code::{CONTENT_UNKNOWN, NOT_OURS, SHARED_OBJECT};
use crate::swarm::{DesiredConfig, DesiredSecret, Kind, LiveConfig, LiveSecret, NAMESPACE_LABEL, Origins, join};

/// What is compared of configs and secrets. Another content, template or driver is another object: the services that refer to
/// it restart, and say so themselves.
pub(super) const FIELDS: &[FieldInfo] = &[
    field(Kind::Config, "/Data", "/content"),
    field(Kind::Config, "/Templating", "/template_driver"),
    field(Kind::Config, "/Labels", "/labels"),
    field(Kind::Secret, "/Data", "/content"),
    field(Kind::Secret, "/Templating", "/template_driver"),
    field(Kind::Secret, "/Driver", "/driver"),
    field(Kind::Secret, "/Labels", "/labels"),
];

const fn field(kind: Kind, spec: &'static str, compose: &'static str) -> FieldInfo {
    FieldInfo { kind, spec, compose, effect: Effect::None }
}

/// The label of a secret that holds the HMAC of its content under the swarm's key.
pub const DIGEST_LABEL: &str = "stackup.digest";

pub(super) fn plan_config(desired: &DesiredConfig, draft: &mut Draft) {
    let snapshot = draft.snapshot;
    let versions: Vec<&LiveConfig> = draft.configs.versions(&desired.name);
    remember(draft, Kind::Config, &desired.key, versions.iter().map(|c| c.name.as_str()));
    if not_ours(draft, Kind::Config, &desired.key, &desired.name, &desired.origins) {
        return;
    }
    if desired.exact {
        return exact_config(desired, draft);
    }
    let content = &desired.content;
    let template = |spec: &Value| spec.get("Templating").cloned().filter(|t| !t.is_null());
    let same = |live: &LiveConfig| {
        live.data.as_deref() == Some(&*content.0) && template(&live.spec) == template(&desired.spec)
    };
    let used = Rc::clone(&draft.in_use);
    let best = versions
        .iter()
        .filter(|c| same(c))
        .min_by_key(|c| (c.name != desired.name, !used.contains(&(Kind::Config, c.name.clone())), c.name.len()));
    if let Some(live) = best {
        draft.versions.choose(Kind::Config, &desired.name, &live.name);
        draft.changes.extend(relabel_config(live, desired, Some(content.clone())));
        return;
    }
    let digest = sha256(&content.0);
    let old = versions.iter().max_by_key(|c| (used.contains(&(Kind::Config, c.name.clone())), c.name == desired.name));
    let name = match old {
        Some(_) if snapshot.config(&desired.name).is_some() => {
            if refuse_shared(draft, Kind::Config, &desired.key, &desired.name, &desired.origins) {
                return;
            }
            versioned(&desired.name, &digest, |n| snapshot.config(n).is_some())
        }
        _ => desired.name.clone(),
    };
    let mut fields = Vec::new();
    let sensitive = draft.desired.sensitive_names.contains(&desired.key);
    let short = |digest: &str| Value::from(digest.get(..8).unwrap_or(digest));
    if let Some(old) = old {
        let before = old.data.as_deref().map(|bytes| short(&sha256(bytes)));
        fields.push(match sensitive {
            true => content_field(None, None, true, &desired.origins),
            false => content_field(before, Some(short(&digest)), false, &desired.origins),
        });
    }
    let spec = with_name(&desired.spec, &name);
    let write = Write::CreateConfig { spec, content: content.clone() };
    let mut change = change(Kind::Config, &desired.key, &name, fields, write, &desired.origins);
    change.content_diff = old.filter(|_| !sensitive).and_then(|old| text_diff(old.data.as_deref()?, &content.0));
    draft.names.version(Kind::Config, &name, &desired.key);
    draft.versions.choose(Kind::Config, &desired.name, &name);
    draft.changes.push(change);
}

/// Without the swarm's key, or without its label, a secret that is there counts as unchanged.
pub(super) fn plan_secret(desired: &DesiredSecret, draft: &mut Draft, key: Option<&SecretKey>) {
    let snapshot = draft.snapshot;
    let versions: Vec<&LiveSecret> = draft.secrets.versions(&desired.name);
    remember(draft, Kind::Secret, &desired.key, versions.iter().map(|s| s.name.as_str()));
    if not_ours(draft, Kind::Secret, &desired.key, &desired.name, &desired.origins) {
        return;
    }
    if desired.exact {
        return exact_secret(desired, draft);
    }
    let part = |spec: &Value, key: &str| spec.get(key).cloned().filter(|v| !v.is_null());
    let same_kind = |live: &LiveSecret| {
        ["Driver", "Templating"].iter().all(|key| part(&live.spec, key) == part(&desired.spec, key))
    };
    let digest = match (&desired.content, key) {
        (Some(content), Some(key)) => Some(keyed(key, &content.0)),
        _ => None,
    };
    let known = |live: &LiveSecret| digest.as_deref().zip(live.label(DIGEST_LABEL)).map(|(a, b)| a == b);
    let used = Rc::clone(&draft.in_use);
    let of_kind: Vec<&&LiveSecret> = versions.iter().filter(|s| same_kind(s)).collect();
    let rank = |s: &&&&LiveSecret| (!used.contains(&(Kind::Secret, s.name.clone())), s.name != desired.name);
    let chosen = match desired.content {
        None => of_kind.iter().min_by_key(rank),
        Some(_) => of_kind
            .iter()
            .filter(|s| known(s) == Some(true))
            .min_by_key(rank)
            .or_else(|| of_kind.iter().filter(|s| known(s).is_none()).min_by_key(rank)),
    };
    if let Some(live) = chosen {
        if desired.content.is_some() && known(live).is_none() {
            draft.note(
                Diagnostic::note(CONTENT_UNKNOWN, format!("content of secret `{}` cannot be compared", live.name))
                    .help(format!(
                        "it counts as unchanged; if you changed it, make it a new one: `name: {}-2`",
                        live.name
                    ))
                    .about(format!("secret/{}", desired.key)),
                desired.origins.nearest(""),
            );
            draft.unknown_content = true;
        }
        draft.versions.choose(Kind::Secret, &desired.name, &live.name);
        draft.changes.extend(relabel_secret(live, desired));
        return;
    }
    let name = if snapshot.secret(&desired.name).is_some() {
        if refuse_shared(draft, Kind::Secret, &desired.key, &desired.name, &desired.origins) {
            return;
        }
        // Of another driver or template: the name does not depend on whether the swarm has a key.
        let by_kind = digest.clone().filter(|_| !of_kind.is_empty());
        let digest = by_kind.unwrap_or_else(|| sha256(desired.spec.to_string().as_bytes()));
        versioned(&desired.name, &digest, |n| snapshot.secret(n).is_some())
    } else {
        desired.name.clone()
    };
    let mut fields = Vec::new();
    if !versions.is_empty() {
        fields.push(content_field(None, None, true, &desired.origins));
    }
    let mut spec = with_name(&desired.spec, &name);
    if let (Some(digest), Some(Value::Object(labels))) = (digest, spec.get_mut("Labels")) {
        labels.insert(DIGEST_LABEL.to_owned(), Value::from(digest));
    }
    let write = Write::CreateSecret { spec, content: desired.content.clone() };
    let change = change(Kind::Secret, &desired.key, &name, fields, write, &desired.origins);
    draft.names.version(Kind::Secret, &name, &desired.key);
    draft.versions.choose(Kind::Secret, &desired.name, &name);
    draft.changes.push(change);
}

fn remember<'a>(draft: &mut Draft, kind: Kind, key: &str, names: impl Iterator<Item = &'a str>) {
    for name in names {
        draft.names.version(kind, name, key);
    }
}

pub(super) fn with_name(spec: &Value, name: &str) -> Value {
    let mut spec = spec.clone();
    spec["Name"] = Value::from(name);
    spec
}

fn present(version: u64, spec: &Value) -> Preconditions {
    Preconditions {
        present: true,
        index: Some(version),
        spec_digest: Some(super::digest::spec_digest(spec)),
        update_state: None,
    }
}

pub(super) fn change(
    kind: Kind,
    key: &str,
    name: &str,
    fields: Vec<FieldChange>,
    write: Write,
    origins: &Origins,
) -> Change {
    Change {
        kind,
        key: key.to_owned(),
        name: name.to_owned(),
        id: None,
        action: Action::Create,
        wave: 0,
        after: BTreeMap::new(),
        reasons: super::service::sections(&fields),
        fields,
        content_diff: None,
        impact: Impact::default(),
        rollout: None,
        health: None,
        preconditions: Preconditions { present: false, index: None, spec_digest: None, update_state: None },
        span: origins.nearest(""),
        write,
    }
}

fn content_field(before: Option<Value>, after: Option<Value>, sensitive: bool, origins: &Origins) -> FieldChange {
    let span = ["/file", "/content", "/environment"].iter().find_map(|p| origins.0.get(*p)).copied();
    let span = span.or_else(|| origins.nearest(""));
    FieldChange { sensitive, ..FieldChange::new("/content", Op::Replace, before, after, Effect::None, span) }
}

/// The update of a config whose labels differ. `content` is what it holds already; swarm takes no other.
pub(super) fn relabel_config(live: &LiveConfig, desired: &DesiredConfig, content: Option<Content>) -> Option<Change> {
    let (fields, spec) = relabel(&live.spec, desired.spec.get("Labels"), &desired.origins)?;
    let write = Write::UpdateConfig { id: live.id.clone(), spec, content: content? };
    let mut change = change(Kind::Config, &desired.key, &live.name, fields, write, &desired.origins);
    (change.id, change.action) = (Some(live.id.clone()), Action::Update);
    change.preconditions = present(live.version, &live.spec);
    Some(change)
}

/// The update of a secret whose labels differ.
pub(super) fn relabel_secret(live: &LiveSecret, desired: &DesiredSecret) -> Option<Change> {
    let (fields, spec) = relabel(&live.spec, desired.spec.get("Labels"), &desired.origins)?;
    let write = Write::UpdateSecret { id: live.id.clone(), spec, content: desired.content.clone() };
    let mut change = change(Kind::Secret, &desired.key, &live.name, fields, write, &desired.origins);
    (change.id, change.action) = (Some(live.id.clone()), Action::Update);
    change.preconditions = present(live.version, &live.spec);
    Some(change)
}

/// Fields and spec of an update, if labels differ. Labels are all that swarm changes of these objects.
fn relabel(live: &Value, wanted: Option<&Value>, origins: &Origins) -> Option<(Vec<FieldChange>, Value)> {
    let labels = |v: Option<&Value>| -> BTreeMap<String, Value> {
        v.and_then(Value::as_object).into_iter().flatten().map(|(k, v)| (k.clone(), v.clone())).collect()
    };
    let have = labels(live.get("Labels"));
    let mut want = labels(wanted);
    if let Some(digest) = have.get(DIGEST_LABEL) {
        want.insert(DIGEST_LABEL.to_owned(), digest.clone());
    }
    if have == want {
        return None;
    }
    let keys: BTreeSet<&String> = have.keys().chain(want.keys()).collect();
    let mut fields = Vec::new();
    for key in keys {
        let (before, after) = (have.get(key).cloned(), want.get(key).cloned());
        let op = match (&before, &after) {
            (a, b) if a == b => continue,
            (None, _) => Op::Add,
            (_, None) => Op::Remove,
            _ => Op::Replace,
        };
        let path = join("/labels", key);
        let span = origins.nearest(&path);
        fields.push(FieldChange::new(path, op, before, after, Effect::None, span));
    }
    let mut spec = live.clone();
    spec["Labels"] = json!(want);
    Some((fields, spec))
}

/// An object of that name which is somebody else's is never taken over.
fn not_ours(draft: &mut Draft, kind: Kind, key: &str, name: &str, origins: &Origins) -> bool {
    let label = match kind {
        Kind::Config => draft.snapshot.config(name).map(|c| c.label(NAMESPACE_LABEL).map(str::to_owned)),
        _ => draft.snapshot.secret(name).map(|s| s.label(NAMESPACE_LABEL).map(str::to_owned)),
    };
    let Some(owner) = label else { return false };
    if owner.as_deref() == Some(draft.snapshot.stack.as_str()) {
        return false;
    }
    draft.refuse(foreign(kind, key, name, owner.as_deref()), origins.nearest(""));
    true
}

/// The error for an object of somebody else in our place.
pub(super) fn foreign(kind: Kind, key: &str, name: &str, owner: Option<&str>) -> Diagnostic {
    let word = kind.as_str();
    let whose = match owner {
        Some(stack) => format!("belongs to the stack `{stack}`"),
        None => "was not made by a stack".to_owned(),
    };
    Diagnostic::error(NOT_OURS, format!("{word} `{name}` is there already and {whose}"))
        .help(match kind {
            Kind::Service => "rename the service, or remove the other one:  docker service rm ".to_owned() + name,
            _ => format!("to use it as it is, write `external: true`; else give yours another `name:` than `{name}`"),
        })
        .about(format!("{word}/{key}"))
}

fn refuse_shared(draft: &mut Draft, kind: Kind, key: &str, name: &str, origins: &Origins) -> bool {
    let Some(service) = used_by_other(kind, name, draft.snapshot) else { return false };
    let word = kind.as_str();
    let message = format!("content of {word} `{name}` changed, and service `{service}` of another stack uses it too");
    let problem = Diagnostic::error(SHARED_OBJECT, message)
        .help(format!("give the new content a name of its own:  name: {name}-2"))
        .about(format!("{word}/{key}"));
    draft.refuse(problem, origins.nearest(""));
    true
}

/// Unified, without header; `None` for what is no text.
fn text_diff(old: &[u8], new: &[u8]) -> Option<String> {
    let (old, new) = (std::str::from_utf8(old).ok()?, std::str::from_utf8(new).ok()?);
    Some(TextDiff::from_lines(old, new).unified_diff().context_radius(3).missing_newline_hint(false).to_string())
}
