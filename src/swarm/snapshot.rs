//! One look at the live swarm, as far as one stack needs it.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;
use serde_json::Value;

use super::{Kind, List, LiveConfig, LiveNetwork, LiveSecret, LiveService, Members, NAMESPACE_LABEL, Node, Task};

/// Which swarm this is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cluster {
    pub id: String,
    /// The address spoken to, without credentials.
    pub endpoint: String,
    pub engine_version: String,
    /// Version spoken on the wire, such as `1.41`.
    pub api_version: String,
    pub managers: u64,
    pub nodes: u64,
}

/// The live state that a plan is made from.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    pub cluster: Cluster,
    /// The stack looked at.
    pub stack: String,
    /// The engine's clock when it answered.
    pub taken: Option<Timestamp>,
    /// All services of the swarm: others matter for names and ports.
    pub services: List<LiveService>,
    /// All networks that the engine lists, and those that services refer to.
    pub networks: List<LiveNetwork>,
    /// Configs of this stack, with data, and those of the names asked for.
    pub configs: Vec<LiveConfig>,
    /// All secrets of the swarm.
    pub secrets: List<LiveSecret>,
    /// Tasks of this stack's services, and those of others that have not ended: these with what they reserve and no more.
    pub tasks: Vec<Arc<Task>>,
    pub nodes: List<Node>,
    /// Objects that could not be read.
    pub damaged: Vec<Damaged>,
}

/// An object that could not be decoded: named, and nothing else suffers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damaged {
    /// `None` for tasks and nodes.
    pub kind: Option<Kind>,
    /// Id or name, as far as known.
    pub id: String,
    pub why: String,
}

impl Snapshot {
    /// Services that carry this stack's label.
    pub fn own_services(&self) -> impl Iterator<Item = &LiveService> {
        self.services.iter().filter(|s| s.label(NAMESPACE_LABEL) == Some(self.stack.as_str()))
    }

    pub fn own_networks(&self) -> impl Iterator<Item = &LiveNetwork> {
        self.networks.iter().filter(|n| n.labels.get(NAMESPACE_LABEL) == Some(&self.stack))
    }

    pub fn own_configs(&self) -> impl Iterator<Item = &LiveConfig> {
        self.configs.iter().filter(|c| c.label(NAMESPACE_LABEL) == Some(self.stack.as_str()))
    }

    pub fn own_secrets(&self) -> impl Iterator<Item = &LiveSecret> {
        self.secrets.iter().filter(|s| s.label(NAMESPACE_LABEL) == Some(self.stack.as_str()))
    }

    /// Leaves out what other stacks have, but for what is `needed`: enough for a rollout, which may take an hour.
    pub fn narrow(&mut self, needed: impl Fn(Kind, &str) -> bool) {
        let own = |label: Option<&str>| label == Some(self.stack.as_str());
        let keeps = |kind, name: &str, label: Option<&str>| own(label) || needed(kind, name);
        let services: List<LiveService> =
            self.services.iter().filter(|s| own(s.label(NAMESPACE_LABEL))).cloned().collect();
        let specs = services.iter().map(|service| &service.spec);
        let lists = specs.flat_map(|spec| ["/TaskTemplate/Networks", "/Networks"].map(|path| spec.member(path)));
        let attached: BTreeSet<&str> = lists
            .flatten()
            .filter_map(Value::as_array)
            .flatten()
            .filter_map(|one| one.get("Target")?.as_str())
            .collect();
        let networks = self.networks.iter().filter(|n| {
            let label = n.labels.get(NAMESPACE_LABEL).map(String::as_str);
            keeps(Kind::Network, &n.name, label) || [&n.id, &n.name].iter().any(|one| attached.contains(one.as_str()))
        });
        let networks = networks.cloned().collect();
        let secrets = self.secrets.iter().filter(|s| keeps(Kind::Secret, &s.name, s.label(NAMESPACE_LABEL)));
        let secrets = secrets.cloned().collect();
        let ids: BTreeSet<&str> = services.iter().map(|service| service.id.as_str()).collect();
        self.tasks.retain(|task| ids.contains(task.service.as_str()));
        (self.networks, self.secrets, self.services) = (networks, secrets, services);
    }

    pub fn service(&self, name: &str) -> Option<&LiveService> {
        self.services.iter().find(|s| s.name == name)
    }

    pub fn network(&self, name: &str) -> Option<&LiveNetwork> {
        self.networks.iter().find(|n| n.name == name)
    }

    pub fn network_by_id(&self, id: &str) -> Option<&LiveNetwork> {
        self.networks.iter().find(|n| n.id == id)
    }

    pub fn config(&self, name: &str) -> Option<&LiveConfig> {
        self.configs.iter().find(|c| c.name == name)
    }

    pub fn secret(&self, name: &str) -> Option<&LiveSecret> {
        self.secrets.iter().find(|s| s.name == name)
    }

    pub fn node(&self, id: &str) -> Option<&Node> {
        self.nodes.iter().find(|n| n.id == id)
    }

    pub fn tasks_of<'a>(&'a self, service_id: &'a str) -> impl Iterator<Item = &'a Task> {
        self.tasks.iter().map(AsRef::as_ref).filter(move |t: &&Task| t.service == service_id)
    }
}
