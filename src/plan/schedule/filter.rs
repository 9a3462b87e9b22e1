//! Swarm's filters: which nodes can take a task at all, in its order, and why the others cannot.

use serde_json::Value;

use super::demand::Demand;
use super::room::Room;
use crate::plan::constraint::Constraint;
use crate::swarm::{Availability, Members, Node, NodeState};

/// Why a node does not take a task. The order is that in which swarm looks, and blames.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reason {
    Drained,
    Paused,
    /// Its state: `down`, `disconnected`, `unknown`.
    NotReady(&'static str),
    /// 10⁻⁹ of a CPU.
    Cpu {
        wanted: i64,
        free: i64,
    },
    /// Bytes.
    Memory {
        wanted: i64,
        free: i64,
    },
    /// `free` is `None` where the node has no such thing.
    Generic {
        kind: String,
        wanted: i64,
        free: Option<i64>,
    },
    /// `volume`, `network` or `log`, and its name.
    Plugin {
        kind: &'static str,
        name: String,
    },
    /// As written.
    Constraint(String),
    /// What the node is: `linux/x86_64`.
    Platform(String),
    /// `8080/tcp`.
    HostPort(String),
    /// The limit.
    MaxReplicas(u64),
}

/// The filter that a reason belongs to, by place in swarm's order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Filter {
    Ready,
    Resource,
    Plugin,
    Constraint,
    Platform,
    HostPort,
    MaxReplicas,
}

impl Reason {
    pub(super) fn filter(&self) -> Filter {
        match self {
            Self::Drained | Self::Paused | Self::NotReady(_) => Filter::Ready,
            Self::Cpu { .. } | Self::Memory { .. } | Self::Generic { .. } => Filter::Resource,
            Self::Plugin { .. } => Filter::Plugin,
            Self::Constraint(_) => Filter::Constraint,
            Self::Platform(_) => Filter::Platform,
            Self::HostPort(_) => Filter::HostPort,
            Self::MaxReplicas(_) => Filter::MaxReplicas,
        }
    }

    /// A word for programs.
    pub fn word(&self) -> &'static str {
        match self {
            Self::Drained => "drained",
            Self::Paused => "paused",
            Self::NotReady(_) => "not_ready",
            Self::Cpu { .. } => "cpu",
            Self::Memory { .. } => "memory",
            Self::Generic { .. } => "generic_resource",
            Self::Plugin { .. } => "plugin",
            Self::Constraint(_) => "constraint",
            Self::Platform(_) => "platform",
            Self::HostPort(_) => "host_port",
            Self::MaxReplicas(_) => "max_replicas",
        }
    }
}

/// How a node stands to a service, whatever runs on it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Site {
    pub ready: bool,
    /// Takes no new tasks, and keeps those it has.
    pub paused: bool,
    pub constraints_met: bool,
    /// The first of plugin, constraint and platform that it fails.
    pub fixed: Option<Filter>,
    /// The branch at each level of the spread preferences.
    pub branch: Vec<u32>,
}

/// The first filter that refuses one more task. `active` are the tasks of the service on the node, `most` its limit (0: none).
pub(super) fn refuses(site: &Site, room: &Room, demand: &Demand, active: u32, most: u64) -> Option<Filter> {
    if !site.ready {
        return Some(Filter::Ready);
    }
    if demand.reserves() && !enough(room, demand) {
        return Some(Filter::Resource);
    }
    if site.fixed.is_some() {
        return site.fixed;
    }
    if demand.ports.iter().any(|port| room.ports.binary_search(port).is_ok()) {
        return Some(Filter::HostPort);
    }
    (most > 0 && u64::from(active) >= most).then_some(Filter::MaxReplicas)
}

fn enough(room: &Room, demand: &Demand) -> bool {
    let generic = |(kind, count): &(usize, i64)| room.generic(*kind).is_some_and(|free| *count <= free);
    demand.cpu <= room.cpu && demand.memory <= room.memory && demand.generic.iter().all(generic)
}

/// What the plugin filter needs to know of a spec.
#[derive(Clone, Debug, Default)]
pub(super) struct Needs {
    pub constraints: Vec<(String, Constraint)>,
    /// Kind as nodes list it, kind in words, name.
    pub plugins: Vec<(&'static str, &'static str, String)>,
    pub platforms: Vec<(String, String)>,
}

impl Needs {
    /// `drivers` are those of the networks that the spec names.
    pub fn of(spec: &Value, drivers: impl Iterator<Item = String>) -> Self {
        let task = spec.get("TaskTemplate").unwrap_or(&Value::Null);
        let list = |pointer: &str| task.member(pointer).and_then(Value::as_array).into_iter().flatten();
        let text =
            |value: &Value, pointer: &str| value.member(pointer).and_then(Value::as_str).unwrap_or_default().to_owned();
        let constraints = list("/Placement/Constraints").filter_map(|c| {
            let text = c.as_str()?;
            Some((text.to_owned(), Constraint::parse(text).ok()?))
        });
        let mounts = list("/ContainerSpec/Mounts").filter(|m| text(m, "/Type") == "volume");
        let volumes = mounts.map(|m| text(m, "/VolumeOptions/DriverConfig/Name"));
        let volumes = volumes.filter(|name| !matches!(name.as_str(), "" | "local"));
        let log = Some(text(task, "/LogDriver/Name")).filter(|name| !matches!(name.as_str(), "" | "none"));
        let plugins = volumes
            .map(|name| ("Volume", "volume", name))
            .chain(drivers.map(|name| ("Network", "network", name)))
            .chain(log.map(|name| ("Log", "log", name)));
        let platforms = list("/Placement/Platforms").map(|p| (text(p, "/OS"), text(p, "/Architecture")));
        Self { constraints: constraints.collect(), plugins: plugins.collect(), platforms: platforms.collect() }
    }

    /// Everything about the node itself that speaks against it, in swarm's order.
    pub fn unmet(&self, node: &Node) -> Vec<Reason> {
        let mut reasons = Vec::new();
        let listed = || node.raw.member("/Description/Engine/Plugins")?.as_array();
        if !self.plugins.is_empty()
            && let Some(listed) = listed()
        {
            let missing = self.plugins.iter().filter(|(kind, _, name)| !has_plugin(listed, kind, name));
            reasons.extend(missing.map(|(_, kind, name)| Reason::Plugin { kind, name: name.clone() }));
        }
        let unmet = self.constraints.iter().filter(|(_, constraint)| !constraint.allows(node));
        reasons.extend(unmet.map(|(text, _)| Reason::Constraint(text.clone())));
        let matches = |(os, architecture): &(String, String)| {
            (os.is_empty() || *os == node.os)
                && (architecture.is_empty() || normal(architecture) == normal(&node.architecture))
        };
        if !self.platforms.is_empty() && !self.platforms.iter().any(matches) {
            reasons.push(Reason::Platform(format!("{}/{}", node.os, node.architecture)));
        }
        reasons
    }
}

/// A node that lists no log plugins at all is taken to have every one.
fn has_plugin(listed: &[Value], kind: &str, name: &str) -> bool {
    let of_kind = || listed.iter().filter(|p| p.get("Type").and_then(Value::as_str) == Some(kind));
    let names = |p: &Value| {
        let have = p.get("Name").and_then(Value::as_str).unwrap_or_default();
        have == name || have.strip_suffix(":latest") == Some(name)
    };
    of_kind().any(names) || (kind == "Log" && of_kind().next().is_none())
}

fn normal(architecture: &str) -> &str {
    match architecture {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

/// Why a node takes no tasks now, if so.
pub(super) fn unready(node: &Node) -> Option<Reason> {
    match (node.state, node.availability) {
        (NodeState::Ready, Availability::Active) => None,
        (_, Availability::Drain) => Some(Reason::Drained),
        (NodeState::Ready, Availability::Pause) => Some(Reason::Paused),
        (NodeState::Disconnected, _) => Some(Reason::NotReady("disconnected")),
        (NodeState::Down, _) => Some(Reason::NotReady("down")),
        (_, _) => Some(Reason::NotReady("unknown")),
    }
}

/// What swarm will say of a task that it cannot place, from the filter that refused it on each node.
///
/// A task of a global service has its node already: swarm then says the reason alone.
pub(super) fn sentence(blamed: &[&Reason], global: bool) -> String {
    let mut counts: Vec<(usize, Filter)> = Vec::new();
    for filter in blamed.iter().map(|reason| reason.filter()) {
        match counts.iter_mut().find(|(_, known)| *known == filter) {
            Some((count, _)) => *count += 1,
            None => counts.push((1, filter)),
        }
    }
    counts.sort_by_key(|(count, filter)| (std::cmp::Reverse(*count), *filter));
    let parts: Vec<String> = counts.into_iter().map(|(count, filter)| filter.part(count)).collect();
    match (global, parts.is_empty()) {
        (true, _) => parts.join("; "),
        (false, true) => "no suitable node".to_owned(),
        (false, false) => format!("no suitable node ({})", parts.join("; ")),
    }
}

impl Filter {
    fn part(self, count: usize) -> String {
        let nodes = if count == 1 { "1 node".to_owned() } else { format!("{count} nodes") };
        match self {
            Self::Ready => format!("{nodes} not available for new tasks"),
            Self::Resource => format!("insufficient resources on {nodes}"),
            Self::Plugin => format!("missing plugin on {nodes}"),
            Self::Constraint => format!("scheduling constraints not satisfied on {nodes}"),
            Self::Platform => format!("unsupported platform on {nodes}"),
            Self::HostPort => format!("host-mode port already in use on {nodes}"),
            Self::MaxReplicas => "max replicas per node limit exceed".to_owned(),
        }
    }
}
