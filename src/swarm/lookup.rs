//! A snapshot in which everything is found at once, however much there is.

use std::collections::HashMap;
use std::ops::Deref;

use super::{LiveConfig, LiveNetwork, LiveSecret, LiveService, NAMESPACE_LABEL, Node, Snapshot, Task};

/// Looks up what [`Snapshot`] would have to search for. Of several objects with one name the first is found, as there.
#[derive(Debug)]
pub struct Lookup<'a> {
    snapshot: &'a Snapshot,
    services: HashMap<&'a str, &'a LiveService>,
    networks: HashMap<&'a str, &'a LiveNetwork>,
    networks_by_id: HashMap<&'a str, &'a LiveNetwork>,
    configs: HashMap<&'a str, &'a LiveConfig>,
    secrets: HashMap<&'a str, &'a LiveSecret>,
    nodes: HashMap<&'a str, &'a Node>,
    /// By the id of their service, in the snapshot's order.
    tasks: HashMap<&'a str, Vec<&'a Task>>,
    /// With the stack's label.
    own: Own<'a>,
}

#[derive(Debug)]
struct Own<'a> {
    services: Vec<&'a LiveService>,
    networks: Vec<&'a LiveNetwork>,
    secrets: Vec<&'a LiveSecret>,
}

impl<'a> Lookup<'a> {
    pub fn new(snapshot: &'a Snapshot) -> Self {
        let mut tasks: HashMap<&str, Vec<&Task>> = HashMap::with_capacity(snapshot.services.len());
        for task in &snapshot.tasks {
            tasks.entry(task.service.as_str()).or_default().push(task);
        }
        Self {
            snapshot,
            services: by(&snapshot.services, |service| &service.name),
            networks: by(&snapshot.networks, |network| &network.name),
            networks_by_id: by(&snapshot.networks, |network| &network.id),
            configs: by(&snapshot.configs, |config| &config.name),
            secrets: by(&snapshot.secrets, |secret| &secret.name),
            nodes: by(&snapshot.nodes, |node| &node.id),
            tasks,
            own: Own {
                services: snapshot.own_services().collect(),
                networks: snapshot.own_networks().collect(),
                secrets: snapshot.own_secrets().collect(),
            },
        }
    }

    pub fn own_services(&self) -> impl Iterator<Item = &'a LiveService> {
        self.own.services.iter().copied()
    }

    pub fn own_networks(&self) -> impl Iterator<Item = &'a LiveNetwork> {
        self.own.networks.iter().copied()
    }

    pub fn own_secrets(&self) -> impl Iterator<Item = &'a LiveSecret> {
        self.own.secrets.iter().copied()
    }

    pub fn service(&self, name: &str) -> Option<&'a LiveService> {
        self.services.get(name).copied()
    }

    pub fn network(&self, name: &str) -> Option<&'a LiveNetwork> {
        self.networks.get(name).copied()
    }

    pub fn network_by_id(&self, id: &str) -> Option<&'a LiveNetwork> {
        self.networks_by_id.get(id).copied()
    }

    pub fn config(&self, name: &str) -> Option<&'a LiveConfig> {
        self.configs.get(name).copied()
    }

    pub fn secret(&self, name: &str) -> Option<&'a LiveSecret> {
        self.secrets.get(name).copied()
    }

    /// With this stack's label.
    pub fn own_service(&self, name: &str) -> Option<&'a LiveService> {
        self.service(name).filter(|service| self.is_own(service.label(NAMESPACE_LABEL)))
    }

    /// With this stack's label.
    pub fn own_config(&self, name: &str) -> Option<&'a LiveConfig> {
        self.config(name).filter(|config| self.is_own(config.label(NAMESPACE_LABEL)))
    }

    /// With this stack's label.
    pub fn own_secret(&self, name: &str) -> Option<&'a LiveSecret> {
        self.secret(name).filter(|secret| self.is_own(secret.label(NAMESPACE_LABEL)))
    }

    fn is_own(&self, label: Option<&str>) -> bool {
        label == Some(self.snapshot.stack.as_str())
    }

    pub fn node(&self, id: &str) -> Option<&'a Node> {
        self.nodes.get(id).copied()
    }

    pub fn tasks_of(&self, service_id: &str) -> impl Iterator<Item = &'a Task> {
        self.tasks.get(service_id).into_iter().flatten().copied()
    }
}

impl<'a> Deref for Lookup<'a> {
    type Target = &'a Snapshot;

    fn deref(&self) -> &Self::Target {
        &self.snapshot
    }
}

fn by<T>(all: &[T], key: impl Fn(&T) -> &String) -> HashMap<&str, &T> {
    let mut map = HashMap::with_capacity(all.len());
    for one in all {
        map.entry(key(one).as_str()).or_insert(one);
    }
    map
}
