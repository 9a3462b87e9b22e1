//! One look at the live swarm, as far as one stack needs it.

use jiff::Timestamp;

use super::{Kind, LiveConfig, LiveNetwork, LiveSecret, LiveService, NAMESPACE_LABEL, Node, Task};

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
    pub services: Vec<LiveService>,
    /// All networks that the engine lists, and those that services refer to.
    pub networks: Vec<LiveNetwork>,
    /// Configs of this stack, with data, and those of the names asked for.
    pub configs: Vec<LiveConfig>,
    /// All secrets of the swarm.
    pub secrets: Vec<LiveSecret>,
    /// Tasks of this stack's services, and those of others that have not ended: these with what they reserve and no more.
    pub tasks: Vec<Task>,
    pub nodes: Vec<Node>,
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
        self.tasks.iter().filter(move |t| t.service == service_id)
    }
}
