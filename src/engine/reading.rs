//! One reading of a whole swarm, for looks at many of its stacks. The snapshot of each is cut out of it.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::Arc;

use jiff::Timestamp;

use super::client::Client;
use super::common::Common;
use super::decode;
use super::snapshot::of_others;
use super::target::Target;
use super::{EngineError, Wanted};
use crate::swarm::{
    Cluster, Damaged, Kind, List, LiveConfig, LiveNetwork, LiveSecret, LiveService, NAMESPACE_LABEL, Node, Snapshot,
    Task,
};

/// Of the contents of configs so many bytes are kept; who needs more asks for it.
const MOST_BYTES: usize = 64 << 20;

/// Everything in a swarm, as it was after the reading began. Snapshots share what is in it.
#[derive(Debug)]
pub struct Reading {
    cluster: Cluster,
    taken: Option<Timestamp>,
    services: List<LiveService>,
    networks: List<LiveNetwork>,
    secrets: List<LiveSecret>,
    nodes: List<Node>,
    configs: BTreeMap<String, LiveConfig>,
    /// Where a stack's services are, by the stack.
    own_services: HashMap<String, Vec<usize>>,
    /// Names of a stack's configs, by the stack.
    own_configs: HashMap<String, Vec<String>>,
    /// By their service.
    tasks: HashMap<String, Vec<Arc<Task>>>,
    /// As others than their stack see them.
    of_others: Vec<Arc<Task>>,
    damaged: Vec<Damaged>,
}

impl Reading {
    /// Seven requests at once. Contents are kept of configs whose name `holds` something that a look needs.
    pub(super) async fn take(client: &Client, holds: fn(&str) -> bool) -> Result<Self, EngineError> {
        let target = Target::new("/configs");
        let (common, configs) = tokio::join!(Common::read(client), client.get(&target));
        let mut common = common?;
        let (mut all, mut bytes) = (Vec::new(), 0);
        configs?.each(|item| {
            let decoded = decode::each([item], Some(Kind::Config), decode::config);
            common.damaged.extend(decoded.damaged);
            for mut config in decoded.good {
                let size = config.data.as_ref().map_or(0, |data| data.len());
                if holds(&config.name) && bytes + size <= MOST_BYTES {
                    bytes += size;
                } else {
                    config.data = None;
                }
                all.push(config);
            }
        })?;
        Ok(Self::of(common, all))
    }

    fn of(common: Common, configs: Vec<LiveConfig>) -> Self {
        let Common { cluster, taken, services, networks, secrets, nodes, tasks, damaged } = common;
        let mut own_configs = HashMap::<String, Vec<String>>::new();
        for config in &configs {
            if let Some(stack) = config.label(NAMESPACE_LABEL) {
                own_configs.entry(stack.to_owned()).or_default().push(config.name.clone());
            }
        }
        let (mut by_service, mut others) = (HashMap::<String, Vec<Arc<Task>>>::new(), Vec::new());
        for task in tasks {
            others.extend(of_others(task.clone()).map(Arc::new));
            by_service.entry(task.service.clone()).or_default().push(Arc::new(task));
        }
        let mut own_services = HashMap::<String, Vec<usize>>::new();
        for (at, service) in services.iter().enumerate() {
            if let Some(stack) = service.label(NAMESPACE_LABEL) {
                own_services.entry(stack.to_owned()).or_default().push(at);
            }
        }
        Self {
            cluster,
            taken,
            services,
            networks,
            secrets,
            nodes,
            configs: configs.into_iter().map(|config| (config.name.clone(), config)).collect(),
            own_services,
            own_configs,
            tasks: by_service,
            of_others: others,
            damaged,
        }
    }

    /// One for tests: a swarm in which there is this.
    #[cfg(test)]
    pub fn made(seen: Snapshot) -> Self {
        let Snapshot { cluster, taken, services, networks, configs, secrets, nodes, damaged, .. } = seen;
        let tasks = Vec::new();
        Self::of(Common { cluster, taken, services, networks, secrets, nodes, tasks, damaged }, configs)
    }

    pub fn cluster(&self) -> &Cluster {
        &self.cluster
    }

    /// The engine's clock when it answered.
    pub fn taken(&self) -> Option<Timestamp> {
        self.taken
    }

    /// Services with the stack's label.
    pub fn services_of(&self, stack: &str) -> impl Iterator<Item = &LiveService> {
        self.own_services.get(stack).into_iter().flatten().filter_map(|at| self.services.get(*at))
    }

    pub fn networks(&self) -> &[LiveNetwork] {
        &self.networks
    }

    pub fn secrets(&self) -> &[LiveSecret] {
        &self.secrets
    }

    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// A config by its whole name.
    pub fn config(&self, name: &str) -> Option<&LiveConfig> {
        self.configs.get(name)
    }

    /// Configs whose names begin so.
    pub fn configs<'a>(&'a self, beginning: &'a str) -> impl Iterator<Item = &'a LiveConfig> {
        let from = self.configs.range(beginning.to_owned()..);
        from.map(|(_, config)| config).take_while(move |config| config.name.starts_with(beginning))
    }

    /// Configs with the stack's label.
    pub fn configs_of(&self, stack: &str) -> impl Iterator<Item = &LiveConfig> {
        self.own_configs.get(stack).into_iter().flatten().filter_map(|name| self.config(name))
    }

    /// One stack's look at it. `None` where it wants contents that were too much to keep.
    pub fn snapshot(&self, stack: &str, wanted: &Wanted) -> Option<Snapshot> {
        let mut snapshot = Snapshot {
            cluster: self.cluster.clone(),
            stack: stack.to_owned(),
            taken: self.taken,
            services: self.services.clone(),
            networks: self.networks.clone(),
            configs: Vec::new(),
            secrets: self.secrets.clone(),
            tasks: Vec::new(),
            nodes: self.nodes.clone(),
            damaged: self.damaged.clone(),
        };
        let own: Vec<&str> = self.services_of(stack).map(|service| service.id.as_str()).collect();
        let ids: HashSet<&str> = own.iter().copied().collect();
        let others = self.of_others.iter().filter(|task| !ids.contains(task.service.as_str()));
        let tasks = own.iter().filter_map(|id| self.tasks.get(*id)).flatten();
        let tasks = tasks.chain(others).cloned().collect();
        let others = wanted.configs.iter().filter_map(|name| self.config(name)).filter(|config| !is_of(config, stack));
        let configs: Vec<LiveConfig> = self.configs_of(stack).chain(others).cloned().collect();
        if configs.iter().any(|config| config.data.is_none()) {
            return None;
        }
        (snapshot.tasks, snapshot.configs) = (tasks, configs);
        Some(snapshot)
    }
}

fn is_of(config: &LiveConfig, stack: &str) -> bool {
    config.label(NAMESPACE_LABEL) == Some(stack)
}
