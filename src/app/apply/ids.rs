//! Names to ids, just before a write: objects of the same plan have no id earlier.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use crate::swarm::{Kind, LiveNetwork, Snapshot, is_predefined};

const NETWORKS: [&str; 2] = ["/TaskTemplate/Networks", "/Networks"];
const CONFIGS: &str = "/TaskTemplate/ContainerSpec/Configs";
const SECRETS: &str = "/TaskTemplate/ContainerSpec/Secrets";
const CREDENTIAL: &str = "/TaskTemplate/ContainerSpec/Privileges/CredentialSpec/Config";

/// What specs refer to: by name, networks by id too.
#[derive(Debug, Default)]
pub(super) struct Names<'a> {
    networks: BTreeSet<&'a str>,
    configs: BTreeSet<&'a str>,
    secrets: BTreeSet<&'a str>,
}

impl<'a> Names<'a> {
    pub fn of(specs: impl Iterator<Item = &'a Value>) -> Self {
        let mut names = Self::default();
        for spec in specs {
            let all = |path: &str, key: &'static str| {
                let list = spec.pointer(path).and_then(Value::as_array).into_iter().flatten();
                list.filter_map(move |entry| entry.get(key)?.as_str())
            };
            NETWORKS.iter().for_each(|list| names.networks.extend(all(list, "Target")));
            names.configs.extend(all(CONFIGS, "ConfigName"));
            names.configs.extend(spec.pointer(CREDENTIAL).and_then(Value::as_str));
            names.secrets.extend(all(SECRETS, "SecretName"));
        }
        names
    }

    /// Some service is on it.
    pub fn is_on(&self, network: &LiveNetwork) -> bool {
        [&network.name, &network.id].iter().any(|one| self.networks.contains(one.as_str()))
    }
}

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
    /// Of these names alone.
    pub fn of(snapshot: &Snapshot, names: &Names) -> Self {
        let mut ids = Self::default();
        // Where names are taken twice the swarm's network is meant.
        for of_swarm in [false, true] {
            for network in snapshot.networks.iter().filter(|n| names.is_on(n) && (n.scope == "swarm") == of_swarm) {
                ids.networks.insert(network.name.clone(), network.id.clone());
            }
        }
        let configs = snapshot.configs.iter().filter(|c| names.configs.contains(c.name.as_str()));
        ids.configs = configs.map(|c| (c.name.clone(), c.id.clone())).collect();
        let secrets = snapshot.secrets.iter().filter(|s| names.secrets.contains(s.name.as_str()));
        ids.secrets = secrets.map(|s| (s.name.clone(), s.id.clone())).collect();
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
        for list in NETWORKS {
            for network in items(&mut spec, list) {
                self.network(network)?;
            }
        }
        for config in items(&mut spec, CONFIGS) {
            reference(config, "ConfigName", "ConfigID", &self.configs, Kind::Config)?;
        }
        for secret in items(&mut spec, SECRETS) {
            reference(secret, "SecretName", "SecretID", &self.secrets, Kind::Secret)?;
        }
        if let Some(Value::String(config)) = spec.pointer_mut(CREDENTIAL)
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
        let names = Names::of([&spec].into_iter());
        assert_eq!(names.networks, ["host", "n1", "s_webnet"].into());
        assert_eq!((names.configs, names.secrets), (["s_conf"].into(), ["s_key"].into()));
        let missing = ids.fill(&json!({"TaskTemplate": {"Networks": [{"Target": "gone"}]}})).unwrap_err();
        assert_eq!(missing, Missing { kind: Kind::Network, name: "gone".into() });
    }
}
