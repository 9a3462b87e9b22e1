//! The graph of a stack. Nodes and edges are in a fixed order, so the same files give the same picture.

use std::collections::{BTreeMap, BTreeSet};

use crate::compose::model::{DependsOnCondition, FileReference, MountType, Network, Port, Service, Stack};
use crate::diagnostic::Spanned;
use crate::plan::{Place, levels};

/// What a node stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NodeKind {
    Port,
    Service,
    Network,
    Volume,
    Config,
    Secret,
}

impl NodeKind {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Port => "port",
            Self::Service => "service",
            Self::Network => "network",
            Self::Volume => "volume",
            Self::Config => "config",
            Self::Secret => "secret",
        }
    }
}

/// Something of the stack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Node {
    pub kind: NodeKind,
    /// As the files call it. Foreign text.
    pub name: String,
    /// Somebody else's.
    pub external: bool,
    /// From 1; services only.
    pub wave: Option<u32>,
}

/// How two of them belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Link {
    /// A port leads to a service.
    Publishes,
    /// A service starts after another.
    After(DependsOnCondition),
    /// A service is on a network, or is given a volume, config or secret.
    Uses,
}

impl Link {
    /// What a line says; nothing where the two ends say it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Publishes | Self::Uses => "",
            Self::After(DependsOnCondition::Started) => "started",
            Self::After(DependsOnCondition::Healthy) => "healthy",
            Self::After(DependsOnCondition::CompletedSuccessfully) => "completed",
        }
    }
}

/// From the earlier to the later, from the service to what it uses; by index.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Edge {
    pub from: usize,
    pub to: usize,
    pub link: Link,
}

/// A stack as nodes and edges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Graph {
    /// What the stack is called, where it is known.
    pub title: Option<String>,
    pub nodes: Vec<Node>,
    pub edges: Vec<Edge>,
}

impl Graph {
    pub fn of(stack: &Stack, title: Option<String>) -> Self {
        let mut draft = Draft { graph: Self { title, ..Self::default() }, index: BTreeMap::new() };
        let waves = waves(stack);
        for key in stack.services.keys() {
            draft.add(Node { wave: waves.get(key).copied(), ..node(NodeKind::Service, key) });
        }
        for service in stack.services.values() {
            draft.service(service, stack);
        }
        draft.graph
    }

    /// The services of each wave, by index.
    pub fn waves(&self) -> BTreeMap<u32, Vec<usize>> {
        let mut waves: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (index, node) in self.nodes.iter().enumerate().filter(|(_, node)| node.kind == NodeKind::Service) {
            waves.entry(node.wave.unwrap_or(1)).or_default().push(index);
        }
        waves
    }
}

/// Waves from 1, as apply goes through them. Without an order (a circle is an error of the files) all are in the first.
fn waves(stack: &Stack) -> BTreeMap<String, u32> {
    let group = |service: &Service| {
        let wave = service.extensions.get("x-stackup").and_then(|extension| extension.value.get("wave")?.as_u64());
        wave.and_then(|wave| u32::try_from(wave).ok()).unwrap_or(0)
    };
    let place = |service: &Service| Place {
        group: group(service),
        after: service.depends_on.keys().filter(|key| stack.services.contains_key(*key)).cloned().collect(),
    };
    let places = stack.services.iter().map(|(key, service)| (key.clone(), place(service))).collect();
    let levels = levels(&places).unwrap_or_default();
    let distinct: BTreeSet<u32> = levels.values().copied().collect();
    let number: BTreeMap<u32, u32> = distinct.into_iter().zip(1..).collect();
    levels.into_iter().filter_map(|(key, level)| Some((key, *number.get(&level)?))).collect()
}

fn node(kind: NodeKind, name: &str) -> Node {
    Node { kind, name: name.to_owned(), external: false, wave: None }
}

struct Draft {
    graph: Graph,
    index: BTreeMap<(NodeKind, String), usize>,
}

impl Draft {
    /// The node of this kind and name, made if it is new.
    fn add(&mut self, node: Node) -> usize {
        let key = (node.kind, node.name.clone());
        if let Some(index) = self.index.get(&key) {
            return *index;
        }
        self.graph.nodes.push(node);
        self.index.insert(key, self.graph.nodes.len() - 1);
        self.graph.nodes.len() - 1
    }

    fn service(&mut self, service: &Service, stack: &Stack) {
        let own = self.add(node(NodeKind::Service, &service.name.value));
        let uses = |to| Edge { from: own, to, link: Link::Uses };
        for port in &service.ports {
            let from = self.add(node(NodeKind::Port, &published(port)));
            self.graph.edges.push(Edge { from, to: own, link: Link::Publishes });
        }
        for (key, depends) in &service.depends_on {
            if stack.services.contains_key(key) {
                let from = self.add(node(NodeKind::Service, key));
                self.graph.edges.push(Edge { from, to: own, link: Link::After(depends.condition) });
            }
        }
        for key in networks(service) {
            let external = stack.networks.get(&key).is_some_and(|network: &Network| network.external.is_some());
            let to = self.add(Node { external, ..node(NodeKind::Network, &key) });
            self.graph.edges.push(uses(to));
        }
        for key in volumes(service) {
            let external = stack.volumes.get(&key).is_some_and(|volume| volume.external.is_some());
            let to = self.add(Node { external, ..node(NodeKind::Volume, &key) });
            self.graph.edges.push(uses(to));
        }
        let files = [
            (NodeKind::Config, &service.configs, &stack.configs),
            (NodeKind::Secret, &service.secrets, &stack.secrets),
        ];
        for (kind, references, objects) in files {
            for key in sources(references) {
                let external = objects.get(&key).is_some_and(|object| object.external.is_some());
                let to = self.add(Node { external, ..node(kind, &key) });
                self.graph.edges.push(uses(to));
            }
        }
    }
}

/// `443 -> 8443/tcp`, `80/tcp (host)`.
fn published(port: &Port) -> String {
    let protocol = if port.protocol.is_empty() { "tcp" } else { &port.protocol };
    let host = if port.mode == "host" { " (host)" } else { "" };
    match port.published {
        0 => format!("any -> {}/{protocol}{host}", port.target),
        published if published == port.target => format!("{published}/{protocol}{host}"),
        published => format!("{published} -> {}/{protocol}{host}", port.target),
    }
}

/// A service that says nothing is on the default network.
fn networks(service: &Service) -> Vec<String> {
    match &service.networks {
        Some(networks) => networks.keys().cloned().collect(),
        None => vec!["default".to_owned()],
    }
}

/// Those with a name: paths of the host and tmpfs belong to nobody.
fn volumes(service: &Service) -> BTreeSet<String> {
    let named = service.mounts.iter().filter(|mount| matches!(mount.kind, MountType::Volume | MountType::Cluster));
    named.filter_map(|mount| Some(mount.source.as_ref()?.value.clone())).collect()
}

fn sources(references: &[Spanned<FileReference>]) -> BTreeSet<String> {
    references.iter().map(|reference| reference.source.value.clone()).collect()
}
