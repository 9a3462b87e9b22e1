//! Names to ids, just before a write: objects of the same plan have no id earlier.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::swarm::{Kind, Snapshot, is_predefined};

/// Ids of what services refer to, by name.
#[derive(Clone, Debug, Default)]
pub(super) struct Ids {
    networks: BTreeMap<String, String>,
    configs: BTreeMap<String, String>,
    secrets: BTreeMap<String, String>,
}

/// Something that a spec refers to and that is not there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Missing {
    pub kind: Kind,
    pub name: String,
}

impl Ids {
    pub fn of(snapshot: &Snapshot) -> Self {
        let mut ids = Self::default();
        // Where names are taken twice the swarm's network is meant.
        for network in snapshot.networks.iter().filter(|n| n.scope != "swarm") {
            ids.networks.insert(network.name.clone(), network.id.clone());
        }
        for network in snapshot.networks.iter().filter(|n| n.scope == "swarm") {
            ids.networks.insert(network.name.clone(), network.id.clone());
        }
        ids.configs = snapshot.configs.iter().map(|c| (c.name.clone(), c.id.clone())).collect();
        ids.secrets = snapshot.secrets.iter().map(|s| (s.name.clone(), s.id.clone())).collect();
        ids
    }

    pub fn insert(&mut self, kind: Kind, name: &str, id: &str) {
        let map = match kind {
            Kind::Network => &mut self.networks,
            Kind::Config => &mut self.configs,
            Kind::Secret => &mut self.secrets,
            Kind::Service => return,
        };
        map.insert(name.to_owned(), id.to_owned());
    }

    /// The spec with ids in the places of names.
    pub fn fill(&self, spec: &Value) -> Result<Value, Missing> {
        let mut spec = spec.clone();
        for list in ["/TaskTemplate/Networks", "/Networks"] {
            for network in items(&mut spec, list) {
                self.network(network)?;
            }
        }
        for config in items(&mut spec, "/TaskTemplate/ContainerSpec/Configs") {
            reference(config, "ConfigName", "ConfigID", &self.configs, Kind::Config)?;
        }
        for secret in items(&mut spec, "/TaskTemplate/ContainerSpec/Secrets") {
            reference(secret, "SecretName", "SecretID", &self.secrets, Kind::Secret)?;
        }
        let credential = "/TaskTemplate/ContainerSpec/Privileges/CredentialSpec/Config";
        if let Some(Value::String(config)) = spec.pointer_mut(credential)
            && let Some(id) = self.configs.get(config.as_str())
        {
            *config = id.clone();
        }
        Ok(spec)
    }

    fn network(&self, network: &mut Value) -> Result<(), Missing> {
        let Some(Value::String(target)) = network.get_mut("Target") else { return Ok(()) };
        if let Some(id) = self.networks.get(target.as_str()) {
            if !is_predefined(target) {
                *target = id.clone();
            }
            return Ok(());
        }
        let known = is_predefined(target) || self.networks.values().any(|id| id == target);
        if known { Ok(()) } else { Err(Missing { kind: Kind::Network, name: target.clone() }) }
    }
}

fn items<'a>(spec: &'a mut Value, path: &str) -> impl Iterator<Item = &'a mut Value> {
    spec.pointer_mut(path).and_then(Value::as_array_mut).into_iter().flatten()
}

fn reference(
    entry: &mut Value,
    name_key: &str,
    id_key: &str,
    ids: &BTreeMap<String, String>,
    kind: Kind,
) -> Result<(), Missing> {
    let Some(entry) = entry.as_object_mut() else { return Ok(()) };
    let Some(name) = entry.get(name_key).and_then(Value::as_str).filter(|n| !n.is_empty()) else { return Ok(()) };
    let id = ids.get(name).ok_or_else(|| Missing { kind, name: name.to_owned() })?;
    entry.insert(id_key.to_owned(), Value::String(id.clone()));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn fills_in_what_names_mean() {
        let mut ids = Ids::default();
        ids.insert(Kind::Network, "s_webnet", "n1");
        ids.insert(Kind::Network, "host", "h1");
        ids.insert(Kind::Config, "s_conf", "c1");
        ids.insert(Kind::Secret, "s_key", "k1");
        let spec = json!({"TaskTemplate": {
            "Networks": [{"Target": "s_webnet", "Aliases": ["web"]}, {"Target": "n1"}, {"Target": "host"}],
            "ContainerSpec": {"Configs": [{"ConfigName": "s_conf", "ConfigID": ""}], "Secrets": [{"SecretName": "s_key"}],
                "Privileges": {"CredentialSpec": {"Config": "s_conf"}}}}});
        let filled = ids.fill(&spec).unwrap();
        let container = &filled["TaskTemplate"]["ContainerSpec"];
        let targets: Vec<_> =
            filled["TaskTemplate"]["Networks"].as_array().unwrap().iter().map(|n| &n["Target"]).collect();
        assert_eq!(targets, ["n1", "n1", "host"]);
        assert_eq!(container["Configs"][0]["ConfigID"], "c1");
        assert_eq!(container["Secrets"][0]["SecretID"], "k1");
        assert_eq!(container["Privileges"]["CredentialSpec"]["Config"], "c1");
        let missing = ids.fill(&json!({"TaskTemplate": {"Networks": [{"Target": "gone"}]}})).unwrap_err();
        assert_eq!(missing, Missing { kind: Kind::Network, name: "gone".into() });
    }
}
