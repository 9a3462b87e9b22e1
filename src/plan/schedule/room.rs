//! What a node has left for tasks.

use std::collections::BTreeMap;

use serde_json::Value;

use super::demand::Demand;
use crate::swarm::{Members, Node};

/// A kind that the node does not have at all: not even 0 of it can be had.
const ABSENT: i64 = i64::MIN / 4;

/// Generic resources and fixed ports by number, so that rooms are small: only what the plan asks for matters.
#[derive(Debug, Default)]
pub(super) struct Catalogue {
    kinds: BTreeMap<String, usize>,
    ports: BTreeMap<(String, u64), u32>,
}

impl Catalogue {
    pub fn kind(&mut self, kind: &str) -> usize {
        let next = self.kinds.len();
        *self.kinds.entry(kind.to_owned()).or_insert(next)
    }

    pub fn known_kind(&self, kind: &str) -> Option<usize> {
        self.kinds.get(kind).copied()
    }

    pub fn kind_name(&self, number: usize) -> &str {
        self.kinds.iter().find(|(_, n)| **n == number).map_or("", |(kind, _)| kind)
    }

    pub fn port(&mut self, protocol: &str, published: u64) -> u32 {
        let next = self.ports.len() as u32;
        *self.ports.entry((protocol.to_owned(), published)).or_insert(next)
    }

    pub fn known_port(&self, protocol: &str, published: u64) -> Option<u32> {
        self.ports.get(&(protocol.to_owned(), published)).copied()
    }

    /// `8080/tcp`.
    pub fn port_name(&self, number: u32) -> String {
        let found = self.ports.iter().find(|(_, n)| **n == number);
        found.map_or(String::new(), |((protocol, published), _)| format!("{published}/{protocol}"))
    }
}

/// What is free on one node, as swarm counts it: what it has less what tasks reserve. Real use plays no part.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Room {
    /// 10⁻⁹ of a CPU. Negative where a node has shrunk.
    pub cpu: i64,
    /// Bytes.
    pub memory: i64,
    /// By number of the catalogue.
    pub generic: Vec<i64>,
    /// Fixed ports in use, sorted.
    pub ports: Vec<u32>,
    /// Tasks of all services: of two nodes with as many of the service, the one with fewer comes first.
    pub tasks: u32,
}

impl Room {
    /// The whole node, without tasks.
    pub fn of(node: &Node, catalogue: &Catalogue) -> Self {
        let mut generic = vec![ABSENT; catalogue.kinds.len()];
        let listed = node.raw.member("/Description/Resources/GenericResources").and_then(Value::as_array);
        for resource in listed.into_iter().flatten() {
            // A named resource counts as one; a discrete one says how many.
            let (part, count) = match (resource.get("DiscreteResourceSpec"), resource.get("NamedResourceSpec")) {
                (Some(part), _) => (part, part.get("Value").and_then(Value::as_i64).unwrap_or(0)),
                (None, Some(part)) => (part, 1),
                (None, None) => continue,
            };
            let kind = part.get("Kind").and_then(Value::as_str).unwrap_or_default();
            let Some(free) = catalogue.known_kind(kind).and_then(|number| generic.get_mut(number)) else { continue };
            *free = (*free).max(0).saturating_add(count);
        }
        Self { cpu: node.nano_cpus, memory: node.memory, generic, ports: Vec::new(), tasks: 0 }
    }

    /// A task is assigned to the node.
    pub fn take(&mut self, demand: &Demand) {
        self.tasks += 1;
        self.hold(demand);
    }

    /// Room for what is not counted as a task.
    pub fn hold(&mut self, demand: &Demand) {
        self.change(demand, -1);
        for port in &demand.ports {
            if let Err(at) = self.ports.binary_search(port) {
                self.ports.insert(at, *port);
            }
        }
    }

    /// Swarm wants the task to end: it no longer counts, and holds its room until it has ended.
    pub fn dismiss(&mut self) {
        self.tasks = self.tasks.saturating_sub(1);
    }

    /// The task has ended.
    pub fn free(&mut self, demand: &Demand) {
        self.change(demand, 1);
        self.ports.retain(|port| !demand.ports.contains(port));
    }

    fn change(&mut self, demand: &Demand, sign: i64) {
        self.cpu = self.cpu.saturating_add(sign.saturating_mul(demand.cpu));
        self.memory = self.memory.saturating_add(sign.saturating_mul(demand.memory));
        for (kind, count) in &demand.generic {
            if let Some(free) = self.generic.get_mut(*kind).filter(|free| **free > ABSENT) {
                *free = free.saturating_add(sign.saturating_mul(*count));
            }
        }
    }

    /// Free of a kind; `None` where the node has no such thing.
    pub fn generic(&self, kind: usize) -> Option<i64> {
        self.generic.get(kind).copied().filter(|free| *free > ABSENT)
    }
}
