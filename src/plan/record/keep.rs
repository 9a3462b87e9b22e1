//! A live stack as a record keeps it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::compose::model::Content;
use crate::plan::diff::unscoped;
use crate::plan::settled;
use crate::plan::version::{is_version_of, references};
use crate::swarm::{
    Desired, DesiredService, Kind, LiveNetwork, LiveService, Recorded, RecordedConfig, RecordedExternal,
    RecordedNetwork, RecordedSecret, RecordedService, Snapshot,
};

/// What a record is made from.
#[derive(Clone, Copy)]
pub struct Keep<'a> {
    /// The stack as it is live now.
    pub live: &'a Snapshot,
    /// What the files want; without it everything that carries the stack's label is kept.
    pub desired: Option<&'a Desired>,
    /// The record before.
    pub previous: Option<&'a Recorded>,
    /// Swarm names of services that this apply had no say in: their record stays what it was, so that what somebody
    /// changed of them stays visible.
    pub untouched: &'a BTreeSet<String>,
}

/// The record of a live stack.
pub fn keep(from: Keep) -> Recorded {
    assemble(from, services(from))
}

/// Services with everything that they refer to.
pub(super) fn assemble(from: Keep, services: Vec<RecordedService>) -> Recorded {
    let marks = match (from.desired, from.previous) {
        (Some(desired), _) => (desired.sensitive_names.clone(), desired.ignore.clone()),
        (None, Some(previous)) => (previous.sensitive_names.clone(), previous.ignore.clone()),
        (None, None) => Default::default(),
    };
    let mut recorded = Recorded { stack: from.live.stack.clone(), services, ..Recorded::default() };
    (recorded.sensitive_names, recorded.ignore) = marks;
    recorded.networks = networks(from, &recorded.services);
    let mut external = BTreeSet::new();
    let referred: BTreeSet<(Kind, String)> = recorded.services.iter().flat_map(|s| reference_names(&s.spec)).collect();
    for (kind, name) in referred {
        match kind {
            Kind::Config => match config(from, &name) {
                Some(config) => recorded.configs.push(config),
                None => drop(external.insert(RecordedExternal { kind, name })),
            },
            _ => match secret(from, &name) {
                Some(secret) => recorded.secrets.push(secret),
                None => drop(external.insert(RecordedExternal { kind, name })),
            },
        }
    }
    for name in recorded.services.iter().flat_map(|s| settled::networks(&s.spec).map(str::to_owned)) {
        if !recorded.networks.iter().any(|n| n.name == name) {
            external.insert(RecordedExternal { kind: Kind::Network, name });
        }
    }
    recorded.external = external.into_iter().collect();
    recorded
}

fn services(from: Keep) -> Vec<RecordedService> {
    let Some(desired) = from.desired else {
        let mut all: Vec<_> = from.live.own_services().map(|live| service(from, live, None)).collect();
        all.sort_by(|a, b| a.name.cmp(&b.name));
        return all;
    };
    let one = |wanted: &DesiredService| {
        let before = from.previous.and_then(|p| p.service(&wanted.name));
        let live = from.live.own_services().find(|s| s.name == wanted.name);
        if from.untouched.contains(&wanted.name)
            && let Some(before) = before
        {
            // Put back as it was: only the index is another.
            return match live.filter(|now| by_name(&now.spec, from.live) == before.spec) {
                Some(now) => Some(service(from, now, Some(wanted))),
                None => Some(before.clone()),
            };
        }
        let live = live?;
        Some(service(from, live, Some(wanted)))
    };
    desired.services.iter().filter_map(one).collect()
}

pub(super) fn service(from: Keep, live: &LiveService, wanted: Option<&DesiredService>) -> RecordedService {
    let depends_on = wanted.map(|w| w.depends_on.iter().map(|(k, c)| (k.clone(), c.as_str().to_owned())).collect());
    RecordedService {
        key: unscoped(&from.live.stack, &live.name).to_owned(),
        name: live.name.clone(),
        id: live.id.clone(),
        index: live.version,
        update_started: live.update.as_ref().and_then(|u| u.started),
        spec: by_name(&live.spec, from.live),
        depends_on: depends_on.unwrap_or_default(),
        wave: wanted.and_then(|w| w.wave),
    }
}

/// The live spec with names in the place of ids that change when an object is made anew.
fn by_name(spec: &Value, live: &Snapshot) -> Value {
    let mut spec = spec.clone();
    for list in ["/TaskTemplate/Networks", "/Networks"] {
        for network in spec.pointer_mut(list).and_then(Value::as_array_mut).into_iter().flatten() {
            let Some(Value::String(target)) = network.get_mut("Target") else { continue };
            if let Some(found) = live.network_by_id(target) {
                *target = found.name.clone();
            }
        }
    }
    if let Some(Value::String(config)) = spec.pointer_mut(CREDENTIAL)
        && let Some(found) = live.configs.iter().find(|c| c.id == *config)
    {
        *config = found.name.clone();
    }
    spec
}

const CREDENTIAL: &str = "/TaskTemplate/ContainerSpec/Privileges/CredentialSpec/Config";

/// Configs and secrets that a spec refers to, the one of its credential spec too.
fn reference_names(spec: &Value) -> BTreeSet<(Kind, String)> {
    let mut all = references(spec);
    let credential = spec.pointer(CREDENTIAL).and_then(Value::as_str).filter(|name| !name.is_empty());
    all.extend(credential.map(|name| (Kind::Config, name.to_owned())));
    all
}

fn networks(from: Keep, services: &[RecordedService]) -> Vec<RecordedNetwork> {
    let used: BTreeSet<String> = services.iter().flat_map(|s| settled::networks(&s.spec).map(str::to_owned)).collect();
    let wanted: BTreeMap<&str, &Value> =
        from.desired.iter().flat_map(|d| &d.networks).map(|n| (n.name.as_str(), &n.body)).collect();
    let kept = |n: &&LiveNetwork| used.contains(&n.name) || wanted.contains_key(n.name.as_str());
    let mut all: Vec<RecordedNetwork> = from
        .live
        .own_networks()
        .filter(kept)
        .map(|n| RecordedNetwork {
            key: unscoped(&from.live.stack, &n.name).to_owned(),
            name: n.name.clone(),
            id: n.id.clone(),
            body: wanted.get(n.name.as_str()).map_or_else(|| body(n), |body| (*body).clone()),
        })
        .collect();
    all.sort_by(|a, b| a.name.cmp(&b.name));
    all
}

/// What would create such a network again. Subnets are left to the engine: nobody knows whether it picked them.
fn body(network: &LiveNetwork) -> Value {
    let mut body = Map::new();
    body.insert("Name".into(), Value::from(network.name.as_str()));
    body.insert("Driver".into(), Value::from(network.driver.as_str()));
    for key in ["Internal", "Attachable", "Labels", "Options"] {
        if let Some(value) = network.raw.get(key).filter(|v| !v.is_null()) {
            body.insert(key.into(), value.clone());
        }
    }
    if let Some(Value::Object(options)) = body.get_mut("Options") {
        options.shift_remove(crate::plan::diff::ENGINES_OWN);
    }
    Value::Object(body)
}

fn config(from: Keep, name: &str) -> Option<RecordedConfig> {
    let Some(live) = from.live.own_configs().find(|c| c.name == name) else {
        return from.previous?.configs.iter().find(|c| c.name == name).cloned();
    };
    let wanted = from.desired.and_then(|d| d.configs.iter().find(|c| is_version_of(name, &c.name)));
    let before = from.previous.and_then(|p| p.configs.iter().find(|c| c.id == live.id));
    // Without files the record before says which contents are nobody's business.
    let sensitive = wanted.map_or_else(
        || before.is_some_and(|b| b.content.is_none()),
        |w| from.desired.is_some_and(|d| d.sensitive_names.contains(&w.key)),
    );
    Some(RecordedConfig {
        key: wanted.map_or_else(|| unscoped(&from.live.stack, name), |w| w.key.as_str()).to_owned(),
        name: live.name.clone(),
        id: live.id.clone(),
        index: live.version,
        spec: live.spec.clone(),
        content: live.data.clone().filter(|_| !sensitive).map(Content),
    })
}

fn secret(from: Keep, name: &str) -> Option<RecordedSecret> {
    let Some(live) = from.live.own_secrets().find(|s| s.name == name) else {
        return from.previous?.secrets.iter().find(|s| s.name == name).cloned();
    };
    let wanted = from.desired.and_then(|d| d.secrets.iter().find(|s| is_version_of(name, &s.name)));
    Some(RecordedSecret {
        key: wanted.map_or_else(|| unscoped(&from.live.stack, name), |w| w.key.as_str()).to_owned(),
        name: live.name.clone(),
        id: live.id.clone(),
        index: live.version,
        spec: live.spec.clone(),
    })
}
