//! Ids as names, and names as Compose keys.

use std::collections::{BTreeMap, BTreeSet};

use crate::swarm::{Desired, Kind, Snapshot, unscoped};

/// What ids of the live swarm are called, and what the files call those names.
#[derive(Clone, Debug, Default)]
pub(in crate::plan) struct Names {
    networks: BTreeMap<String, String>,
    configs: BTreeMap<String, String>,
    /// Ids of configs and secrets that exist.
    alive: BTreeSet<String>,
    keys: BTreeMap<(Kind, String), String>,
    stack: String,
}

impl Names {
    pub fn new(desired: &Desired, snapshot: &Snapshot) -> Self {
        let mut keys = BTreeMap::new();
        let mut add = |kind, name: &String, key: &String| keys.insert((kind, name.clone()), key.clone());
        desired.networks.iter().for_each(|n| {
            add(Kind::Network, &n.name, &n.key);
        });
        desired.configs.iter().for_each(|c| {
            add(Kind::Config, &c.name, &c.key);
        });
        desired.secrets.iter().for_each(|s| {
            add(Kind::Secret, &s.name, &s.key);
        });
        desired.external.iter().for_each(|e| {
            add(e.kind, &e.name, &e.key);
        });
        Self {
            networks: snapshot.networks.iter().map(|n| (n.id.clone(), n.name.clone())).collect(),
            configs: snapshot.configs.iter().map(|c| (c.id.clone(), c.name.clone())).collect(),
            alive: snapshot
                .configs
                .iter()
                .map(|c| c.id.clone())
                .chain(snapshot.secrets.iter().map(|s| s.id.clone()))
                .collect(),
            keys,
            stack: desired.stack.clone(),
        }
    }

    /// `name` is a version of the object that the files call `key`.
    pub fn version(&mut self, kind: Kind, name: &str, key: &str) {
        self.keys.insert((kind, name.to_owned()), key.to_owned());
    }

    /// The name of a network given by id or by name.
    pub fn network<'a>(&'a self, id: &'a str) -> &'a str {
        self.networks.get(id).map_or(id, String::as_str)
    }

    pub fn knows_network(&self, id: &str) -> bool {
        self.networks.contains_key(id)
    }

    /// The name of a config given by id or by name.
    pub fn config<'a>(&'a self, id: &'a str) -> &'a str {
        self.configs.get(id).map_or(id, String::as_str)
    }

    /// The object behind a reference is still there; an empty id is one that will be filled in.
    pub fn alive(&self, id: &str) -> bool {
        id.is_empty() || self.alive.contains(id)
    }

    /// What the files call it: a Compose key, else the name without the stack.
    pub fn key<'a>(&'a self, kind: Kind, name: &'a str) -> &'a str {
        self.keys.get(&(kind, name.to_owned())).map(String::as_str).unwrap_or_else(|| unscoped(&self.stack, name))
    }
}
