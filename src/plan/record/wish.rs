//! What a record wants when one goes back to it.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::compose::model::{Content, DependsOnCondition};
use crate::plan::ResolvedImage;
use crate::swarm::{
    Desired, DesiredConfig, DesiredNetwork, DesiredSecret, DesiredService, ExternalObject, Kind, Origins, Recorded,
    RecordedService, Sensitive, is_predefined,
};

/// The record as something to plan for. Configs and secrets are meant by their very version.
pub fn wish(recorded: &Recorded) -> Desired {
    let service = |s: &RecordedService| DesiredService {
        key: s.key.clone(),
        name: s.name.clone(),
        spec: without_ids(&s.spec),
        origins: Origins::default(),
        depends_on: s
            .depends_on
            .iter()
            .map(|(key, word)| (key.clone(), DependsOnCondition::of(word).unwrap_or(DependsOnCondition::Started)))
            .collect(),
        wave: s.wave,
    };
    let configs = recorded.configs.iter().map(|c| DesiredConfig {
        key: c.key.clone(),
        name: c.name.clone(),
        spec: c.spec.clone(),
        content: c.content.clone().unwrap_or_else(|| Content(Vec::new().into())),
        exact: true,
        origins: Origins::default(),
    });
    let secrets = recorded.secrets.iter().map(|s| DesiredSecret {
        key: s.key.clone(),
        name: s.name.clone(),
        spec: s.spec.clone(),
        content: None,
        exact: true,
        origins: Origins::default(),
    });
    let networks = recorded.networks.iter().map(|n| DesiredNetwork {
        key: n.key.clone(),
        name: n.name.clone(),
        body: n.body.clone(),
        origins: Origins::default(),
    });
    let kept_from_record = recorded.configs.iter().filter(|c| c.content.is_none()).map(|c| c.key.clone());
    let external = recorded.external.iter().filter(|e| !(e.kind == Kind::Network && is_predefined(&e.name)));
    Desired {
        stack: recorded.stack.clone(),
        networks: networks.collect(),
        configs: configs.collect(),
        secrets: secrets.collect(),
        services: recorded.services.iter().map(service).collect(),
        external: external
            .map(|e| ExternalObject { kind: e.kind, key: e.name.clone(), name: e.name.clone(), span: None })
            .collect(),
        sensitive: Sensitive::default(),
        sensitive_names: recorded.sensitive_names.iter().cloned().chain(kept_from_record).collect(),
        ignore: recorded.ignore.clone(),
        volatile_tags: BTreeSet::new(),
    }
}

/// Ids are filled in when it is written: an object may have been made anew.
fn without_ids(spec: &Value) -> Value {
    let mut spec = spec.clone();
    for (list, key) in [("Configs", "ConfigID"), ("Secrets", "SecretID")] {
        let pointer = format!("/TaskTemplate/ContainerSpec/{list}");
        for item in spec.pointer_mut(&pointer).and_then(Value::as_array_mut).into_iter().flatten() {
            if let Some(id) = item.get_mut(key) {
                *id = Value::from("");
            }
        }
    }
    spec
}

/// What registries said when the record was made: its images are pinned already, and no registry is asked again.
pub fn pinned_images(recorded: &Recorded) -> BTreeMap<String, ResolvedImage> {
    let mut all = BTreeMap::new();
    for service in &recorded.services {
        let image = service.spec.pointer("/TaskTemplate/ContainerSpec/Image").and_then(Value::as_str);
        let Some(image) = image else { continue };
        let listed = service.spec.pointer("/TaskTemplate/Placement/Platforms").and_then(Value::as_array);
        let word = |p: &Value, key: &str| p.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
        let platforms = listed.into_iter().flatten().map(|p| (word(p, "Architecture"), word(p, "OS"))).collect();
        let digest = image.split_once('@').map(|(_, digest)| digest.to_owned()).unwrap_or_default();
        all.insert(image.to_owned(), ResolvedImage { digest, platforms });
    }
    all
}

/// Versions of configs and secrets without which one could not go back to the record.
pub fn needed(recorded: &Recorded) -> BTreeSet<(Kind, String)> {
    let configs = recorded.configs.iter().map(|c| (Kind::Config, c.name.clone()));
    configs.chain(recorded.secrets.iter().map(|s| (Kind::Secret, s.name.clone()))).collect()
}
